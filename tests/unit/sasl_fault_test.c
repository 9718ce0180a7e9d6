/* SPDX-License-Identifier: BSD-2-Clause */
/* The plugin with failing calls, inside the real libsasl2. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/guest_faults.h"

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_fault_of_libc_lets_anybody_in),
	    cmocka_unit_test(no_fault_of_a_moved_fd_lets_anybody_in),
	    cmocka_unit_test(interruptions_and_short_transfers_are_overcome),
	    cmocka_unit_test(before_the_peer_is_known_nothing_is_sent),
	    cmocka_unit_test(no_send_can_raise_a_signal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
