/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/base/network.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/number.h"

#define ADDRESS_SIZE 64
#define MAPPED_BITS  96

/* What precedes the IPv4 address in an IPv4-mapped one. */
static const uint8_t mapped[MAPPED_BITS / 8] = {[10] = 0xff, [11] = 0xff};

/* Reads length bytes of text as an address; *is_ipv4_r tells how it was written. */
static bool read_address(const char *text, size_t length, uint8_t address_r[16], bool *is_ipv4_r)
{
	char copy[ADDRESS_SIZE];

	if (length >= sizeof(copy))
		return false;
	memcpy(copy, text, length);
	copy[length] = '\0';
	memcpy(address_r, mapped, sizeof(mapped));
	*is_ipv4_r = inet_pton(AF_INET, copy, address_r + sizeof(mapped)) == 1;
	return *is_ipv4_r || inet_pton(AF_INET6, copy, address_r) == 1;
}

static bool bit_of(const uint8_t address[16], unsigned bit)
{
	return (address[bit / 8] >> (7 - bit % 8) & 1) != 0;
}

bool sp_network_parse(const char *text, struct sp_network *network_r)
{
	struct sp_network network;
	size_t length = strcspn(text, "/");
	uint64_t bits;
	bool is_ipv4;

	if (!read_address(text, length, network.prefix, &is_ipv4))
		return false;
	bits = is_ipv4 ? 32 : 128;
	if (text[length] == '/' && !sp_parse_number(text + length + 1, 0, bits, &bits))
		return false;
	network.bits = (unsigned)bits + (is_ipv4 ? MAPPED_BITS : 0);
	for (unsigned bit = network.bits; bit < 128; bit++) {
		if (bit_of(network.prefix, bit))
			return false;
	}
	*network_r = network;
	return true;
}

bool sp_network_contains(const struct sp_network *network, const char *address)
{
	uint8_t bytes[16];
	bool is_ipv4;

	if (!read_address(address, strcspn(address, "%"), bytes, &is_ipv4))
		return false;
	for (unsigned bit = 0; bit < network->bits; bit++) {
		if (bit_of(network->prefix, bit) != bit_of(bytes, bit))
			return false;
	}
	return true;
}

bool sp_network_of_client(const char *address, struct sp_network *network_r)
{
	struct sp_network network = {.bits = 128};
	bool is_ipv4;

	if (!read_address(address, strcspn(address, "%"), network.prefix, &is_ipv4))
		return false;
	if (memcmp(network.prefix, mapped, sizeof(mapped)) != 0) {
		network.bits = 64;
		memset(network.prefix + 8, 0, 8);
	}
	*network_r = network;
	return true;
}
