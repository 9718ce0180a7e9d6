/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * network.h - IP networks in CIDR notation (RFC 4632, section 3.1; RFC 4291, section 2.3)
 */
#ifndef SP_BASE_NETWORK_H
#define SP_BASE_NETWORK_H

#include <stdbool.h>
#include <stdint.h>

#include "sendpass/attributes.h"

/* IPv4 is held as IPv4-mapped IPv6 (RFC 4291, section 2.5.5.2), so that a client
 * that reaches a dual-stack socket is the same client. */
struct sp_network {
	uint8_t prefix[16];
	unsigned bits;
};

/* Reads "192.0.2.0/24", "2001:db8::/32", or an address alone, which is a network
 * of one. False if text is neither, or has bits set beyond its prefix: 10.0.0.1/8
 * may be meant as either. */
SP_NODISCARD bool sp_network_parse(const char *text, struct sp_network *network_r);

/* True if address is numeric and lies in the network; a zone after % is passed over. */
SP_NODISCARD bool sp_network_contains(const struct sp_network *network, const char *address);

/* The network that a client is known by: its IPv4 address, or the /64 of its IPv6
 * address, within which it may choose freely. False if address is not numeric. */
SP_NODISCARD bool sp_network_of_client(const char *address, struct sp_network *network_r);

#endif
