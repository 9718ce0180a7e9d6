/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fake_sendpassd.h - a scripted sendpassd for tests, in a process of its own
 *
 * It listens on a socket in a private directory, writes down what it is asked
 * and answers as the plan says, whatever is right.
 */
#ifndef SP_TESTS_FAKE_SENDPASSD_H
#define SP_TESTS_FAKE_SENDPASSD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "lib/wire/auth_line.h"

#define FAKE_GREETING                                                                              \
	"VERSION\t1\t2\nMECH\tPLAIN\tplaintext\nMECH\tLOGIN\tplaintext\nSPID\t1\nCUID\t1\n"        \
	"COOKIE\t0123456789abcdef0123456789abcdef\nDONE\n"

/* As a reply: "right" is granted, "later" temporary, at "drop" the connection
 * ends; every other password is denied. */
#define FAKE_BY_PASSWORD "by password"

struct fake_plan {
	const char *greeting; /* NULL: closes at once. Silence is "". */
	const char *reply;    /* to AUTH. NULL: closes. */
	bool byte_by_byte;
	bool endless;      /* says the greeting over and over until nobody listens */
	unsigned together; /* answers nobody before so many have asked */
	bool held;         /* accepts nobody before fake_sendpassd_release() */
	uid_t uid;         /* becomes this user before it listens; 0: does not */
};

/* Shared with the process; to be read when an answer has come, or after the stop. */
struct fake_log {
	atomic_uint connections;
	atomic_uint requests;
	atomic_size_t bytes;
	struct sp_auth_request request; /* the last, without its response */
	char login[SP_LOGIN_MAX + 1];
};

struct fake_sendpassd {
	char directory[64];
	char path[80];
	struct fake_log *log;
	struct fake_plan plan;
	pid_t pid;
	int control; /* our end: a byte releases, the end of it stops */
};

/* Fails the test if it cannot start. */
void fake_sendpassd_start(struct fake_sendpassd *server_r, const struct fake_plan *plan);
void fake_sendpassd_release(struct fake_sendpassd *server);
/* Waits for every conversation to end; the log stays readable until the next call. */
void fake_sendpassd_stop(struct fake_sendpassd *server);
void fake_sendpassd_forget(struct fake_sendpassd *server);

/* The open files of this process. */
unsigned count_open_files(void);

#endif
