/* SPDX-License-Identifier: BSD-2-Clause */
/* The PAM module with failing calls, inside the real libpam. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <security/pam_appl.h>

#include <cmocka.h>

#include "tests/unit/guest_faults.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void no_lack_of_memory_lets_anybody_in(void **state)
{
	static const struct fault_case cases[] = {{FAULT_MALLOC, ENOMEM, PAM_BUF_ERR}};

	(void)state;
	every_fault_fails_the_attempt(cases, COUNT(cases));
}

static void no_fault_of_libpam_lets_anybody_in(void **state)
{
	static const struct fault_case cases[] = {
	    {FAULT_PAM_GET_USER, PAM_SYSTEM_ERR, PAM_SYSTEM_ERR},
	    {FAULT_PAM_GET_USER, PAM_CONV_ERR, PAM_CONV_ERR},
	    {FAULT_PAM_GET_AUTHTOK, PAM_SYSTEM_ERR, PAM_SYSTEM_ERR},
	    {FAULT_PAM_GET_AUTHTOK, PAM_AUTHTOK_ERR, PAM_AUTHTOK_ERR},
	    {FAULT_PAM_GET_ITEM, PAM_SYSTEM_ERR, PAM_SYSTEM_ERR},
	    {FAULT_PAM_GET_ITEM, PAM_BAD_ITEM, PAM_SYSTEM_ERR},
	    {FAULT_PAM_SET_DATA, PAM_BUF_ERR, PAM_BUF_ERR},
	    {FAULT_PAM_GET_DATA, PAM_NO_MODULE_DATA, PAM_AUTHINFO_UNAVAIL},
	    {FAULT_PAM_GET_DATA, PAM_SYSTEM_ERR, PAM_AUTHINFO_UNAVAIL},
	};

	(void)state;
	every_fault_fails_the_attempt(cases, COUNT(cases));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_fault_of_libc_lets_anybody_in),
	    cmocka_unit_test(no_fault_of_a_moved_fd_lets_anybody_in),
	    cmocka_unit_test(interruptions_and_short_transfers_are_overcome),
	    cmocka_unit_test(before_the_peer_is_known_nothing_is_sent),
	    cmocka_unit_test(no_send_can_raise_a_signal),
	    cmocka_unit_test(no_lack_of_memory_lets_anybody_in),
	    cmocka_unit_test(no_fault_of_libpam_lets_anybody_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
