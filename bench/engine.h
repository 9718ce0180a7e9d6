/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * engine.h - a closed loop: each of N connections has an attempt under way at all
 * times, or several, until the time is over
 */
#ifndef SP_BENCH_ENGINE_H
#define SP_BENCH_ENGINE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "bench/latency.h"
#include "bench/logins.h"
#include "bench/protocol.h"

struct sp_load {
	const struct sp_protocol *protocol;
	const char *where; /* the address as text, for messages */
	struct sockaddr_storage address;
	socklen_t address_length;
	unsigned connections;
	unsigned outstanding; /* on each; 1 where a connection is one attempt */
	uint64_t duration_ns;
	bool once; /* every login once, however long it takes */
	struct sp_logins logins;
};

struct sp_tally {
	uint64_t answers[SP_ANSWERS];
	uint64_t lost;             /* attempts whose connection ended without an answer */
	double seconds;            /* until the last answer came */
	struct sp_latency latency; /* of all that were answered */
};

/* Runs it, from when all connections that are kept are ready, and waits for the
 * answers under way at the end. SIGTERM ends it early.
 * False after saying on stderr why it could not go on: nobody listens, or what
 * came is not the protocol. */
SP_NODISCARD bool sp_load_run(const struct sp_load *load, struct sp_tally *tally_r);

#endif
