/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * auth_line.h - lines of the Dovecot auth client protocol, version 1.x, both ends
 *
 * A line is TAB-separated fields and ends in LF. Values are tab-escaped: byte
 * 0x01 followed by 0, 1, t, r or n stands for NUL, 0x01, TAB, CR and LF.
 * Source: Dovecot's design document "Dovecot Authentication Protocol"; what
 * Postfix and Exim really send is noted at each field.
 *
 * Parsing is bounded and never looks past the line it is given; a bad line is
 * an error of that line alone. Bad is: over SP_LINE_MAX bytes or 32 fields, a raw
 * NUL, CR or LF, an unknown escape, a field over its limit. Nothing is cut.
 *
 * Printing appends whole lines: one that does not fit is left out, and
 * out->overflow set.
 */
#ifndef SP_WIRE_AUTH_LINE_H
#define SP_WIRE_AUTH_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/secret.h"
#include "lib/base/text.h"
#include "sendpass/attributes.h"
#include "sendpass/limits.h"

#define SP_AUTH_MAJOR 1
#define SP_AUTH_MINOR 2 /* what we announce */
/* From this client minor version on, FAIL carries `temp`; below it only a
 * closed connection means "try later". */
#define SP_AUTH_MINOR_TEMP 2

/* ---- what a client sends ---- */

enum sp_auth_request_kind {
	/* `why` says what is wrong. Where has_id is set, FAIL can answer it; where
	 * not, the client does not speak the protocol. */
	SP_AUTH_REQUEST_BAD = 0,
	SP_AUTH_REQUEST_VERSION,
	SP_AUTH_REQUEST_CPID,
	SP_AUTH_REQUEST_AUTH,
	SP_AUTH_REQUEST_CONT,
	SP_AUTH_REQUEST_CANCEL,
	SP_AUTH_REQUEST_UNKNOWN, /* to be ignored, as Dovecot does */
};

struct sp_auth_request {
	enum sp_auth_request_kind kind;
	const char *why; /* static text, with SP_AUTH_REQUEST_BAD */
	bool has_id;
	uint32_t id;    /* AUTH, CONT, CANCEL */
	uint32_t major; /* VERSION */
	uint32_t minor; /* VERSION */
	/* Both in upper case. The second is `client_mech=` of our own clients, whose
	 * requests are always PLAIN: what the mail client used. */
	char mechanism[SP_MECHANISM_MAX + 1];
	char client_mechanism[SP_MECHANISM_MAX + 1];
	char service[SP_SERVICE_MAX + 1];
	/* rip= and lip=: numeric, perhaps with a zone. What is no address, such as
	 * the word NULL that Exim sends, reads as absent. */
	char remote_address[SP_ADDRESS_MAX + 1];
	char local_address[SP_ADDRESS_MAX + 1];
	uint16_t remote_port; /* rport=, sent by our own clients */
	bool secured;
	bool has_response;         /* resp= was there, perhaps empty or "="; always so in CONT */
	struct sp_secret response; /* still base64 */
};

/* Reads one line of length bytes, LF not with it. Always fills *request_r, whose
 * response the caller wipes. */
void sp_auth_request_parse(const char *line, size_t length, struct sp_auth_request *request_r);

/* What our own clients put into AUTH. Empty strings and zero ports are left out. */
struct sp_auth_offer {
	uint32_t id;
	const char *client_mechanism;
	const char *service;
	const char *remote_address;
	const char *local_address;
	uint16_t remote_port;
	bool secured;
	const struct sp_secret *response; /* the PLAIN message, in base64 */
};

void sp_auth_print_client_hello(struct sp_text *out, uint32_t pid);
void sp_auth_print_offer(struct sp_text *out, const struct sp_auth_offer *offer);

/* ---- what a server sends ---- */

/* VERSION, MECH PLAIN, MECH LOGIN, SPID, CUID, COOKIE, DONE. */
void sp_auth_print_server_hello(
    struct sp_text *out, uint32_t pid, uint32_t connection, const char cookie[static 33]);
#define SP_AUTH_CHALLENGE_MAX 63
/* challenge is plain text and is sent in base64, "" as an empty field. */
void sp_auth_print_cont(struct sp_text *out, uint32_t id, const char *challenge);
void sp_auth_print_ok(struct sp_text *out, uint32_t id, const char *user);
/* user may be NULL. Nothing here tells one kind of refusal from another.
 * Postfix and Exim do not unescape user=: give none that needs it. */
void sp_auth_print_fail(struct sp_text *out, uint32_t id, const char *user);
/* FAIL with temp and code=temp_fail, for clients of SP_AUTH_MINOR_TEMP and later. */
void sp_auth_print_temporary(struct sp_text *out, uint32_t id, const char *user);

enum sp_auth_reply_kind {
	SP_AUTH_REPLY_BAD = 0,
	SP_AUTH_REPLY_VERSION,
	SP_AUTH_REPLY_MECH,
	SP_AUTH_REPLY_DONE,
	SP_AUTH_REPLY_OK,
	SP_AUTH_REPLY_FAIL,
	SP_AUTH_REPLY_TEMPORARY,
	SP_AUTH_REPLY_CONT,
	SP_AUTH_REPLY_OTHER, /* SPID, CUID, COOKIE and what later versions add: ignored */
};

struct sp_auth_reply {
	enum sp_auth_reply_kind kind;
	uint32_t id;                          /* OK, FAIL, TEMPORARY, CONT */
	uint32_t major;                       /* VERSION */
	char mechanism[SP_MECHANISM_MAX + 1]; /* MECH */
};

void sp_auth_reply_parse(const char *line, size_t length, struct sp_auth_reply *reply_r);

#endif
