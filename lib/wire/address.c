/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/wire/address.h"

#include <arpa/inet.h>
#include <string.h>

#include "lib/base/number.h"

static bool is_zone(const char *text)
{
	size_t allowed = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789.:_-");
	return allowed > 0 && text[allowed] == '\0';
}

static bool is_address(const char *text)
{
	char bare[SP_ADDRESS_MAX + 1];
	struct in6_addr binary;
	size_t length = strcspn(text, "%");

	if (text[length] == '\0')
		return inet_pton(AF_INET, text, &binary) == 1 ||
		       inet_pton(AF_INET6, text, &binary) == 1;
	memcpy(bare, text, length);
	bare[length] = '\0';
	return is_zone(text + length + 1) && inet_pton(AF_INET6, bare, &binary) == 1;
}

bool sp_address_copy(const char *bytes, size_t length, char address_r[SP_ADDRESS_MAX + 1])
{
	address_r[0] = '\0';
	if (length > SP_ADDRESS_MAX || memchr(bytes, '\0', length) != NULL)
		return false;
	memcpy(address_r, bytes, length);
	address_r[length] = '\0';
	if (is_address(address_r))
		return true;
	address_r[0] = '\0';
	return false;
}

void sp_endpoint_copy(
    const char *bytes, size_t length, char address_r[SP_ADDRESS_MAX + 1], uint16_t *port_r)
{
	const char *semicolon = memchr(bytes, ';', length);
	size_t address = semicolon != NULL ? (size_t)(semicolon - bytes) : length;
	uint64_t port;

	*port_r = 0;
	if (sp_address_copy(bytes, address, address_r) && semicolon != NULL &&
	    sp_parse_number_n(semicolon + 1, length - address - 1, 1, UINT16_MAX, &port))
		*port_r = (uint16_t)port;
}
