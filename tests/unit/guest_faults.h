/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * guest_faults.h - a guest whose calls fail one by one: what must hold for both
 *
 * Each takes the fake server and the guest up by itself.
 */
#ifndef SP_TESTS_GUEST_FAULTS_H
#define SP_TESTS_GUEST_FAULTS_H

#include <stddef.h>

#include "tests/unit/faults.h"

struct fault_case {
	enum fault_call call;
	int error;
	int result; /* of the attempt; 0, which is success in both hosts, for unavailable */
};

/* Every call of the case, the first one to the last, fails once while the right
 * password is tried. The result is the one of the case; no file stays open; and
 * behind each fault the right password is right again. Fails the test if the
 * guest makes no such call at all. */
void every_fault_fails_the_attempt(const struct fault_case *cases, size_t count);

/* Likewise, but the right password is right in spite of it. */
void every_fault_is_overcome(const struct fault_case *cases, size_t count);

/* The tests that hold for libc's calls. */
void no_fault_of_libc_lets_anybody_in(void **state);
void no_fault_of_a_moved_fd_lets_anybody_in(void **state);
void interruptions_and_short_transfers_are_overcome(void **state);
void before_the_peer_is_known_nothing_is_sent(void **state);
void no_send_can_raise_a_signal(void **state);

#endif
