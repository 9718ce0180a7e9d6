/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * protocol.h - one connection of a load, and what is spoken on it
 *
 * A protocol appends to lane->out and reads what the engine got; it does no I/O.
 */
#ifndef SP_BENCH_PROTOCOL_H
#define SP_BENCH_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "bench/logins.h"
#include "lib/base/text.h"
#include "sendpass/limits.h"

#define SP_OUTSTANDING_MAX 32 /* attempts on one connection */
#define SP_LANE_OUT_SIZE   (SP_OUTSTANDING_MAX * 1024)

enum sp_answer { SP_ANSWER_TEMPORARY = 0, SP_ANSWER_OK, SP_ANSWER_FAIL, SP_ANSWERS };

struct sp_lane {
	int fd; /* -1 while not connected */
	bool connected;
	bool ready; /* may ask */
	bool watches_output;
	uint32_t number; /* differs for all lanes of all loads */
	struct sp_text out;
	size_t out_sent;
	size_t in_length;
	uint32_t asked;                     /* attempts so far, for ids */
	uint64_t begun[SP_OUTSTANDING_MAX]; /* when each attempt began; 0 if none is under way */
	const struct sp_login *login;       /* of a session, which has one */
	int step;                           /* of a session */
	char out_bytes[SP_LANE_OUT_SIZE];
	char in[SP_LINE_MAX + 1];
};

struct sp_news {
	enum { SP_NEWS_NONE = 0, SP_NEWS_READY, SP_NEWS_ANSWER } kind;
	unsigned slot; /* SP_NEWS_ANSWER: below the number of attempts on a connection */
	enum sp_answer answer;
	bool over; /* and with it the connection */
};

struct sp_protocol {
	const char *name;
	bool keeps_connection; /* if not, a connection is one attempt */
	/* Says what comes before all attempts of a connection that is kept. */
	void (*greet)(struct sp_lane *lane);
	/* Begins the attempt of that slot, of `slots` there are on a connection. */
	void (*ask)(
	    struct sp_lane *lane, unsigned slot, unsigned slots, const struct sp_login *login);
	/* Reads one message of length bytes that came; how many it is long, 0 if it is
	 * not whole, -1 if it is none of this protocol. *news_r says what it means. */
	ssize_t (*take)(struct sp_lane *lane, const char *bytes, size_t length, unsigned slots,
	    struct sp_news *news_r);
};

/* Dovecot's auth client protocol; saslauthd's; and SMTP: connect, EHLO, AUTH PLAIN, QUIT,
 * where an attempt takes until AUTH is answered. */
extern const struct sp_protocol sp_protocol_auth, sp_protocol_saslauthd, sp_protocol_smtp;

#endif
