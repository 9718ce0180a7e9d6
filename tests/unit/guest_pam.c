/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/guest.h"
#include "tests/unit/pam_host.h"

static struct pam_host_talk talk;
static pam_handle_t *pamh;

static void start(const char *socket_path)
{
	pam_host_write(
	    "auth required " OUR_MODULE "\naccount required " OUR_MODULE "\n", socket_path);
	pamh = pam_host_start("bob", &talk);
}

/* Both phases, as mail servers do. */
static int attempt(const char *password)
{
	talk.password = password;
	int code = pam_authenticate(pamh, 0);
	return code == PAM_SUCCESS ? pam_acct_mgmt(pamh, 0) : code;
}

static void stop(void)
{
	pam_host_end(pamh, PAM_SUCCESS);
	pam_host_remove();
}

const struct guest guest = {
    .name = "pam_sendpass.so",
    .path = SP_TEST_PAM_MODULE,
    .granted = PAM_SUCCESS,
    .denied = PAM_AUTH_ERR,
    .unavailable = PAM_AUTHINFO_UNAVAIL,
    .start = start,
    .attempt = attempt,
    .stop = stop,
};
