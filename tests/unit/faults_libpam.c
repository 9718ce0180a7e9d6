/* SPDX-License-Identifier: BSD-2-Clause */
/* The calls of the PAM module into libpam: faults.h has them with libc's. */
#include <security/pam_ext.h>
#include <security/pam_modules.h>

#include "tests/unit/faults.h"

typedef void clean_up_fn(pam_handle_t *pamh, void *data, int error_status);

/* Names and types are the linker's and libpam's. */
int __real_pam_get_user(pam_handle_t *pamh, const char **user_r, const char *prompt);
int __real_pam_get_authtok(pam_handle_t *pamh, int item, const char **token_r, const char *prompt);
int __real_pam_get_item(const pam_handle_t *pamh, int item, const void **value_r);
int __real_pam_set_data(pam_handle_t *pamh, const char *name, void *data, clean_up_fn *clean_up);
int __real_pam_get_data(const pam_handle_t *pamh, const char *name, const void **data_r);
int __wrap_pam_get_user(pam_handle_t *pamh, const char **user_r, const char *prompt);
int __wrap_pam_get_authtok(pam_handle_t *pamh, int item, const char **token_r, const char *prompt);
int __wrap_pam_get_item(const pam_handle_t *pamh, int item, const void **value_r);
int __wrap_pam_set_data(pam_handle_t *pamh, const char *name, void *data, clean_up_fn *clean_up);
int __wrap_pam_get_data(const pam_handle_t *pamh, const char *name, const void **data_r);

int __wrap_pam_get_user(pam_handle_t *pamh, const char **user_r, const char *prompt)
{
	if (fault_strikes(FAULT_PAM_GET_USER))
		return faults.error;
	return __real_pam_get_user(pamh, user_r, prompt);
}

int __wrap_pam_get_authtok(pam_handle_t *pamh, int item, const char **token_r, const char *prompt)
{
	if (fault_strikes(FAULT_PAM_GET_AUTHTOK))
		return faults.error;
	return __real_pam_get_authtok(pamh, item, token_r, prompt);
}

int __wrap_pam_get_item(const pam_handle_t *pamh, int item, const void **value_r)
{
	if (fault_strikes(FAULT_PAM_GET_ITEM))
		return faults.error;
	return __real_pam_get_item(pamh, item, value_r);
}

int __wrap_pam_set_data(pam_handle_t *pamh, const char *name, void *data, clean_up_fn *clean_up)
{
	if (fault_strikes(FAULT_PAM_SET_DATA))
		return faults.error;
	return __real_pam_set_data(pamh, name, data, clean_up);
}

int __wrap_pam_get_data(const pam_handle_t *pamh, const char *name, const void **data_r)
{
	if (fault_strikes(FAULT_PAM_GET_DATA))
		return faults.error;
	return __real_pam_get_data(pamh, name, data_r);
}
