/* SPDX-License-Identifier: BSD-2-Clause */
#include "pam/kept_verdict.h"

#include <stdlib.h>
#include <string.h>

/* The handle is shared with all modules of the stack. */
#define DATA_NAME "sendpass_verdict"

struct kept {
	enum sp_result result;
	char user[];
};

static void clean_up(pam_handle_t *pamh, void *data, int error_status)
{
	(void)pamh, (void)error_status;
	free(data);
}

bool sp_pam_verdict_forget(pam_handle_t *pamh)
{
	return pam_set_data(pamh, DATA_NAME, NULL, NULL) == PAM_SUCCESS;
}

bool sp_pam_verdict_keep(pam_handle_t *pamh, const char *user, enum sp_result result)
{
	size_t size = strlen(user) + 1;

	if (!sp_pam_verdict_forget(pamh))
		return false;
	struct kept *kept = malloc(sizeof(*kept) + size);
	if (kept == NULL)
		return false;
	kept->result = result;
	memcpy(kept->user, user, size);
	if (pam_set_data(pamh, DATA_NAME, kept, clean_up) == PAM_SUCCESS)
		return true;
	free(kept);
	return false;
}

bool sp_pam_verdict_find(pam_handle_t *pamh, const char *user, enum sp_result *result_r)
{
	const void *data = NULL;

	*result_r = SP_UNAVAILABLE;
	if (pam_get_data(pamh, DATA_NAME, &data) != PAM_SUCCESS || data == NULL)
		return false;
	const struct kept *kept = data;
	if (strcmp(kept->user, user) != 0)
		return false;
	*result_r = kept->result;
	return true;
}
