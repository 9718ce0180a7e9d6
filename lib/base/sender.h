/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sender.h - patterns of envelope senders
 *
 *	alice@example.org	this address
 *	@example.org		every address of the domain
 *	@.example.org		every address of its subdomains, at any depth
 *	*			every sender, the null sender too
 *	<>			the null sender: read receipts (RFC 8098, section 3)
 *
 * Letters of ASCII are compared without regard to case, in the local part too:
 * directories compare mail addresses so, and no mail system in use tells
 * Alice@ from alice@. Other bytes are compared as they are.
 */
#ifndef SP_BASE_SENDER_H
#define SP_BASE_SENDER_H

#include <stdbool.h>
#include <stddef.h>

#include "sendpass/attributes.h"

#define SP_SENDER_PATTERN_MAX 320 /* bytes */

/* True if text is one of the forms above, without blanks or controls. */
SP_NODISCARD bool sp_sender_pattern_is_valid(const char *text);

/* sender is the envelope's, without angle brackets; the null sender is "". What
 * is no valid pattern matches nothing. */
SP_NODISCARD bool sp_sender_matches(const char *pattern, const char *sender);

/* A local part, @ and a domain, of at most SP_SENDER_PATTERN_MAX bytes without
 * controls: what may be somebody's address. */
SP_NODISCARD bool sp_sender_is_complete(const char *sender);

/* The patterns that cover a complete sender, for a search among many: itself, *,
 * its domain, and each of the domains above. False past the last; index from 0. */
SP_NODISCARD bool sp_sender_covering(
    const char *sender, size_t index, char pattern_r[SP_SENDER_PATTERN_MAX + 1]);

/* The same address, no pattern: for values that people may set themselves. */
SP_NODISCARD bool sp_sender_is_address(const char *address, const char *sender);

#endif
