/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kept_verdict.h - what authenticate found out, for acct_mgmt of the same PAM handle
 *
 * Kept is the result and the name it is about; nothing of the password. libpam
 * frees it with the handle.
 */
#ifndef SP_PAM_KEPT_VERDICT_H
#define SP_PAM_KEPT_VERDICT_H

#include <stdbool.h>

#include <security/pam_modules.h>

#include "sendpass/attributes.h"
#include "sendpass/verdict.h"

/* Both are false if there is no memory; what was kept before is gone in any case. */
SP_NODISCARD bool sp_pam_verdict_keep(pam_handle_t *pamh, const char *user, enum sp_result result);
SP_NODISCARD bool sp_pam_verdict_forget(pam_handle_t *pamh);

/* False if nothing is kept, or it is about another user. */
SP_NODISCARD bool sp_pam_verdict_find(
    pam_handle_t *pamh, const char *user, enum sp_result *result_r);

#endif
