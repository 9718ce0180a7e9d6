/* SPDX-License-Identifier: BSD-2-Clause */
/* fake_saslauthd.h - a saslauthd in a thread, to which one password is right: "mailbox" */
#ifndef SP_TESTS_FAKE_SASLAUTHD_H
#define SP_TESTS_FAKE_SASLAUTHD_H

#include <pthread.h>
#include <stdatomic.h>

struct fake_saslauthd {
	int listener;
	pthread_t thread;
	char directory[64];
	char path[80];
	atomic_uint asked;
};

/* Fails the test if it cannot start. */
void fake_saslauthd_start(struct fake_saslauthd *server);
void fake_saslauthd_stop(struct fake_saslauthd *server);

#endif
