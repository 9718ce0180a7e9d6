/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * usage.h - what a use of a credential tells, and whether it is worth a write
 *
 * A use is a granted attempt. It is worth a write if the credential was never used
 * before, if it comes from a network that was not seen before, or if the last
 * write lies an interval back. A later time than now is never written over,
 * whoever wrote it: another host, or we before our clock went back.
 *
 * A network is the /24 of an IPv4 address and the /64 of an IPv6 address.
 */
#ifndef SP_POLICY_USAGE_H
#define SP_POLICY_USAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "lib/base/network.h"
#include "lib/directory/credential.h"
#include "sendpass/attributes.h"

#define SP_USAGE_NETWORKS_MAX 8

/* What this process has seen of one credential. Begins as zero. */
struct sp_usage_seen {
	time_t written;                                    /* 0: nothing yet */
	struct sp_network networks[SP_USAGE_NETWORKS_MAX]; /* the latest first */
	size_t network_count;
};

enum sp_usage_news {
	SP_USAGE_NO_NEWS = 0,
	SP_USAGE_FIRST,       /* it was never used before */
	SP_USAGE_NEW_NETWORK, /* it was, but not from there as far as is known */
};

struct sp_usage {
	enum sp_usage_news news;
	bool write;
};

/* The credential, as it was read for the attempt, is used at `now` (after 1970)
 * from address, which may be no address at all: that has no network. Takes the
 * write for done. */
SP_NODISCARD struct sp_usage sp_usage_judge(struct sp_usage_seen *seen,
    const struct sp_credential *credential, const char *address, time_t now, time_t interval_s);

#endif
