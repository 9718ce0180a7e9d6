/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/policy/usage.h"

#include <string.h>

#define IPV4_BITS 120 /* a /24, as IPv4-mapped IPv6 */

static bool network_of(const char *address, struct sp_network *network_r)
{
	if (address == NULL || !sp_network_of_client(address, network_r))
		return false;
	if (network_r->bits > IPV4_BITS) {
		network_r->bits = IPV4_BITS;
		network_r->prefix[IPV4_BITS / 8] = 0;
	}
	return true;
}

static bool is_same(const struct sp_network *a, const struct sp_network *b)
{
	return a->bits == b->bits && memcmp(a->prefix, b->prefix, sizeof(a->prefix)) == 0;
}

/* Puts the network first; the one seen longest ago goes if there is no room. True
 * if it was there before. */
static bool recall(struct sp_usage_seen *seen, const struct sp_network *network)
{
	size_t at = 0;

	while (at < seen->network_count && !is_same(&seen->networks[at], network))
		at++;
	bool was_there = at < seen->network_count;
	if (!was_there && seen->network_count < SP_USAGE_NETWORKS_MAX)
		seen->network_count++;
	if (at == SP_USAGE_NETWORKS_MAX)
		at--;
	memmove(&seen->networks[1], &seen->networks[0], at * sizeof(seen->networks[0]));
	seen->networks[0] = *network;
	return was_there;
}

/* True if the address has a network that neither we nor the entry know. */
static bool is_from_new_network(
    struct sp_usage_seen *seen, const struct sp_credential *credential, const char *address)
{
	struct sp_network network;

	if (network_of(credential->last_address, &network))
		(void)recall(seen, &network);
	return network_of(address, &network) && !recall(seen, &network);
}

struct sp_usage sp_usage_judge(struct sp_usage_seen *seen, const struct sp_credential *credential,
    const char *address, time_t now, time_t interval_s)
{
	bool is_new = is_from_new_network(seen, credential, address);
	time_t last = seen->written;
	struct sp_usage usage = {.news = SP_USAGE_NO_NEWS};

	if (credential->last_used != SP_NO_TIME && credential->last_used > last)
		last = credential->last_used;
	if (last == 0)
		usage = (struct sp_usage){SP_USAGE_FIRST, true};
	else if (is_new)
		usage = (struct sp_usage){SP_USAGE_NEW_NETWORK, now >= last};
	else
		usage.write = now > last && now - last >= interval_s;
	if (usage.write)
		seen->written = now;
	return usage;
}
