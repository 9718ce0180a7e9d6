/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * output.h - standard output: JSON, times, and whether all of it was written
 *
 * This file of the tool knows the JSON library, and report_json.c. A value from the
 * directory that is not UTF-8 is shown as sp_escape() writes it.
 */
#ifndef SP_TOOL_OUTPUT_H
#define SP_TOOL_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "lib/directory/credential.h"
#include "sendpass/attributes.h"
#include "tool/account.h"
#include "tool/verb.h"

/* Once, before anything is written: from then on what passes through is wiped. */
void sp_output_start(void);

/* Flushes and closes standard output, the first time. False, then and ever
 * after, if anything could not be written: told once. */
SP_NODISCARD bool sp_output_finish(void);

/* False if not all was written so far: sp_output_finish() tells of it. */
SP_NODISCARD bool sp_output_flush(void);

#define SP_TIME_TEXT_SIZE 32

/* "2026-11-24T06:00:00Z", or "-" for SP_NO_TIME. Returns text_r. */
const char *sp_format_time(time_t time, char text_r[SP_TIME_TEXT_SIZE]);

/* One object of text; a NULL value is null. */
struct sp_pair {
	const char *key, *value;
};

/* Each writes one JSON document. SP_EXIT_FAILED, which has been told, when there
 * is no memory. */
enum sp_exit sp_json_pairs(const struct sp_pair *pairs, size_t count);
/* The same on one line, of which there may be many. */
enum sp_exit sp_json_line(const struct sp_pair *pairs, size_t count);
/* An array of `rows` objects, each of `columns` pairs. */
enum sp_exit sp_json_rows(const struct sp_pair *pairs, size_t columns, size_t rows);
enum sp_exit sp_json_whoami(const char *identity, const char *server, size_t seen, size_t owned);
enum sp_exit sp_json_credential(const struct sp_credential *credential, time_t now);
enum sp_exit sp_json_credentials(const struct sp_credential_list *list, time_t now);
/* What `sendpass tune` proposes. */
struct sp_tuning_shown {
	uint32_t memory_kib, passes, lanes;
	uint64_t slots, target_ms;
	double ms, logins_per_second;
	bool fits; /* into target_ms */
};
enum sp_exit sp_json_tuning(const struct sp_tuning_shown *tuning);
/* A new credential, as far as it is known before the directory has it, its password,
 * and where that is to be used. */
enum sp_exit sp_json_issued(
    const struct sp_credential *credential, const char *password, const struct sp_account *account);

/* The same of one that replaces another, all on one line: when that one ends, and the
 * owner's address; either may be absent. */
enum sp_exit sp_json_rotated(const struct sp_credential *credential, const char *password,
    const struct sp_account *account, time_t replaced_ends, const char *mail);

/* Of Jansson's: an array of the credentials as the functions above write them, NULL when
 * there is no memory; and one that writes the document, which it takes over. NULL is one
 * that could not be made. */
struct json_t;
struct json_t *sp_json_credentials_value(const struct sp_credential_list *list, time_t now);
enum sp_exit sp_json_write(struct json_t *document);

/* The account and its password as Thunderbird for Android reads them from a QR code: its
 * "Export for Mobile" QR code format, version 1. The password of the mailbox is left
 * out, and the app asks for it. NULL when there is no memory; freed by sp_wiping_free(). */
char *sp_json_thunderbird(const struct sp_account *account, const char *password);

#endif
