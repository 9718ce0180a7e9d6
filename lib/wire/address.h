/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * address.h - the numeric address of a mail client, as its mail server names it
 */
#ifndef SP_WIRE_ADDRESS_H
#define SP_WIRE_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sendpass/attributes.h"
#include "sendpass/limits.h"

/* Copies an IPv4 or IPv6 address, the latter perhaps with a zone (RFC 4007,
 * section 11). Anything else, such as the word NULL that Exim sends where there
 * is none, leaves address_r empty and returns false. */
bool sp_address_copy(const char *bytes, size_t length, char address_r[SP_ADDRESS_MAX + 1]);

/* Reads "address;port", as libsasl2 writes it (sasl_server_new(3)). What is no
 * address leaves address_r empty; what is no port leaves *port_r 0. */
void sp_endpoint_copy(
    const char *bytes, size_t length, char address_r[SP_ADDRESS_MAX + 1], uint16_t *port_r);

#endif
