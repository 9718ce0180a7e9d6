/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/base/loopback.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/number.h"

#define FORMS "127.0.0.1:PORT or [::1]:PORT"

/* Splits at the last colon, in front of which an IPv6 address has its brackets. */
static bool split(const char *text, char host_r[INET6_ADDRSTRLEN], bool *is_v6_r, uint64_t *port_r)
{
	const char *colon = strrchr(text, ':');

	if (colon == NULL)
		return false;
	*is_v6_r = text[0] == '[';
	if (*is_v6_r && (colon - text < 2 || colon[-1] != ']'))
		return false;
	int length = (int)(colon - text) - (*is_v6_r ? 2 : 0);
	if (length <= 0 || length >= INET6_ADDRSTRLEN)
		return false;
	snprintf(host_r, INET6_ADDRSTRLEN, "%.*s", length, text + *is_v6_r);
	return sp_parse_number(colon + 1, 1, 65535, port_r);
}

bool sp_loopback_take(const struct sockaddr *address, struct sp_loopback *loopback_r)
{
	struct sp_loopback loopback = {.length = 0};

	if (address->sa_family == AF_INET) {
		loopback.length = sizeof(loopback.v4);
		memcpy(&loopback.v4, address, sizeof(loopback.v4));
	} else if (address->sa_family == AF_INET6) {
		loopback.length = sizeof(loopback.v6);
		memcpy(&loopback.v6, address, sizeof(loopback.v6));
	}
	*loopback_r = loopback;
	if (address->sa_family == AF_INET)
		return ntohl(loopback.v4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	return address->sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&loopback.v6.sin6_addr);
}

bool sp_loopback_parse(const char *text, struct sp_loopback *loopback_r, const char **why_r)
{
	struct sp_loopback given = {.length = 0};
	char host[INET6_ADDRSTRLEN];
	bool is_v6;
	uint64_t port;

	*why_r = "must have an address and a port from 1 to 65535: " FORMS;
	if (!split(text, host, &is_v6, &port))
		return false;
	*why_r = "must have an address and no name: " FORMS;
	if (is_v6) {
		given.v6 = (struct sockaddr_in6){
		    .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
		if (inet_pton(AF_INET6, host, &given.v6.sin6_addr) != 1)
			return false;
	} else {
		given.v4 =
		    (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
		if (inet_pton(AF_INET, host, &given.v4.sin_addr) != 1)
			return false;
	}
	*why_r = "must be on loopback, as whoever can connect is answered: " FORMS;
	return sp_loopback_take(&given.any, loopback_r);
}

void sp_loopback_print(const struct sp_loopback *loopback, char text_r[SP_LOOPBACK_TEXT_MAX])
{
	char host[INET_ADDRSTRLEN] = "";

	if (loopback->any.sa_family == AF_INET6) {
		snprintf(text_r, SP_LOOPBACK_TEXT_MAX, "[::1]:%u", ntohs(loopback->v6.sin6_port));
		return;
	}
	inet_ntop(AF_INET, &loopback->v4.sin_addr, host, sizeof(host));
	snprintf(text_r, SP_LOOPBACK_TEXT_MAX, "%s:%u", host, ntohs(loopback->v4.sin_port));
}
