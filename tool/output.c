/* SPDX-License-Identifier: BSD-2-Clause */
#include "tool/output.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool/message.h"
#include "tool/wiped_memory.h"

static char buffer[BUFSIZ]; /* standard output's */

void sp_output_start(void)
{
	setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
	/* a new password passes through the library's memory */
	json_set_alloc_funcs(malloc, sp_wiping_free);
}

bool sp_output_finish(void)
{
	static bool closed, ok;

	if (closed)
		return ok;
	bool failed_before = ferror(stdout) != 0;
	closed = true;
	ok = fclose(stdout) == 0 && !failed_before;
	if (failed_before)
		sp_fail(SP_EXIT_FAILED, "standard output could not be written in full");
	else if (!ok)
		sp_fail(SP_EXIT_FAILED, "standard output cannot be written: %s", strerror(errno));
	explicit_bzero(buffer, sizeof(buffer));
	return ok;
}

bool sp_output_flush(void)
{
	return fflush(stdout) == 0 && ferror(stdout) == 0;
}

const char *sp_format_time(time_t time, char text_r[SP_TIME_TEXT_SIZE])
{
	struct tm parts;

	if (time == SP_NO_TIME || gmtime_r(&time, &parts) == NULL ||
	    strftime(text_r, SP_TIME_TEXT_SIZE, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0)
		snprintf(text_r, SP_TIME_TEXT_SIZE, "-");
	return text_r;
}

/* ---- values: NULL when there is no memory, which json_pack() passes on ---- */

static json_t *escaped_text(const char *text)
{
	char *escaped = sp_escaped(text);
	json_t *value = escaped != NULL ? json_string(escaped) : NULL;

	free(escaped);
	return value;
}

static json_t *text_value(const char *text)
{
	if (text == NULL)
		return json_null();
	json_t *value = json_string(text);
	return value != NULL ? value : escaped_text(text);
}

static json_t *time_value(time_t time)
{
	char text[SP_TIME_TEXT_SIZE];

	return time == SP_NO_TIME ? json_null() : json_string(sp_format_time(time, text));
}

static json_t *texts_value(char *const *texts)
{
	json_t *array = json_array();

	for (; texts != NULL && *texts != NULL; texts++) {
		if (json_array_append_new(array, text_value(*texts)) != 0) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

static json_t *credential_value(const struct sp_credential *credential, time_t now)
{
	/* clang-format off */
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:s, s:o, s:o, s:o, s:o, "
	    "s:o, s:o, s:b, s:o, s:o, s:o, s:o}",
	    "id", text_value(credential->id),
	    "dn", text_value(credential->dn),
	    "owner", text_value(credential->owner),
	    "label", text_value(credential->label),
	    "logins", texts_value(credential->logins),
	    "services", texts_value(credential->services),
	    "networks", texts_value(credential->networks),
	    "senders", texts_value(credential->senders),
	    "rates", texts_value(credential->rates),
	    "tls_required", credential->tls_required,
	    "state", sp_credential_state_name(sp_credential_state(credential, now)),
	    "unusable", text_value(credential->unusable),
	    "created", time_value(credential->created),
	    "not_before", time_value(credential->not_before),
	    "expires", time_value(credential->expires),
	    "revoked", time_value(credential->revoked),
	    "revoked_reason", text_value(credential->revoked_reason),
	    "imported", credential->imported,
	    "replaces", text_value(credential->replaces),
	    "last_used", time_value(credential->last_used),
	    "last_address", text_value(credential->last_address),
	    "last_service", text_value(credential->last_service));
	/* clang-format on */
}

/* Takes the value over; NULL is a document that could not be made. */
static enum sp_exit write_in_form(json_t *document, size_t form)
{
	/* ASCII: what a terminal may take for a control is escaped. */
	bool ok = document != NULL && json_dumpf(document, stdout, form | JSON_ENSURE_ASCII) == 0;

	json_decref(document);
	if (ok)
		putchar('\n');
	if (ok || ferror(stdout))
		return SP_EXIT_OK; /* sp_output_finish() tells of writing that failed */
	return sp_fail(SP_EXIT_FAILED, "out of memory");
}

enum sp_exit sp_json_write(struct json_t *document)
{
	return write_in_form(document, JSON_INDENT(2));
}

static json_t *pairs_value(const struct sp_pair *pairs, size_t count)
{
	json_t *object = json_object();
	bool ok = object != NULL;

	for (size_t i = 0; i < count && ok; i++)
		ok = json_object_set_new(object, pairs[i].key, text_value(pairs[i].value)) == 0;
	if (!ok) {
		json_decref(object);
		object = NULL;
	}
	return object;
}

enum sp_exit sp_json_pairs(const struct sp_pair *pairs, size_t count)
{
	return sp_json_write(pairs_value(pairs, count));
}

enum sp_exit sp_json_line(const struct sp_pair *pairs, size_t count)
{
	return write_in_form(pairs_value(pairs, count), JSON_COMPACT);
}

enum sp_exit sp_json_rows(const struct sp_pair *pairs, size_t columns, size_t rows)
{
	json_t *array = json_array();

	for (size_t i = 0; i < rows; i++) {
		if (json_array_append_new(array, pairs_value(pairs + i * columns, columns)) != 0) {
			json_decref(array);
			return sp_json_write(NULL);
		}
	}
	return sp_json_write(array);
}

enum sp_exit sp_json_tuning(const struct sp_tuning_shown *tuning)
{
	return sp_json_write(json_pack("{s:I, s:I, s:I, s:I, s:I, s:f, s:b, s:f}", "memory",
	    (json_int_t)tuning->memory_kib, "passes", (json_int_t)tuning->passes, "lanes",
	    (json_int_t)tuning->lanes, "argon2_slots", (json_int_t)tuning->slots, "target_ms",
	    (json_int_t)tuning->target_ms, "ms", tuning->ms, "fits", tuning->fits,
	    "logins_per_second", tuning->logins_per_second));
}

enum sp_exit sp_json_whoami(const char *identity, const char *server, size_t seen, size_t owned)
{
	return sp_json_write(json_pack("{s:o, s:o, s:I, s:I}", "identity", text_value(identity),
	    "server", text_value(server), "sees", (json_int_t)seen, "owns", (json_int_t)owned));
}

enum sp_exit sp_json_credential(const struct sp_credential *credential, time_t now)
{
	return sp_json_write(credential_value(credential, now));
}

struct json_t *sp_json_credentials_value(const struct sp_credential_list *list, time_t now)
{
	json_t *array = json_array();

	for (size_t i = 0; i < list->count; i++) {
		if (json_array_append_new(array, credential_value(list->items[i], now)) != 0) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

enum sp_exit sp_json_credentials(const struct sp_credential_list *list, time_t now)
{
	return sp_json_write(sp_json_credentials_value(list, now));
}

static json_t *issued_value(
    const struct sp_credential *credential, const char *password, const struct sp_account *account)
{
	const struct sp_conf *conf = account->conf;
	bool known = conf->handover_smtp_server[0] != '\0';

	/* clang-format off */
	return json_pack("{s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:o, "
	    "s:o, s:o, s:o, s:o}",
	    "id", text_value(credential->id),
	    "password", password,
	    "owner", text_value(credential->owner),
	    "label", text_value(credential->label),
	    "logins", texts_value(credential->logins),
	    "services", texts_value(credential->services),
	    "networks", texts_value(credential->networks),
	    "senders", texts_value(credential->senders),
	    "rates", texts_value(credential->rates),
	    "tls_required", credential->tls_required,
	    "expires", time_value(credential->expires),
	    "login", text_value(account->login),
	    "server", text_value(known ? conf->handover_smtp_server : NULL),
	    "port", known ? json_integer((json_int_t)conf->handover_smtp_port) : json_null(),
	    "security", text_value(known ? conf->handover_smtp_security : NULL));
	/* clang-format on */
}

enum sp_exit sp_json_issued(
    const struct sp_credential *credential, const char *password, const struct sp_account *account)
{
	return sp_json_write(issued_value(credential, password, account));
}

enum sp_exit sp_json_rotated(const struct sp_credential *credential, const char *password,
    const struct sp_account *account, time_t replaced_ends, const char *mail)
{
	json_t *document = issued_value(credential, password, account);
	json_t *more = json_pack("{s:o, s:o, s:o}", "replaces", text_value(credential->replaces),
	    "replaced_ends", time_value(replaced_ends), "mail", text_value(mail));

	if (document == NULL || more == NULL || json_object_update(document, more) != 0) {
		json_decref(document);
		document = NULL;
	}
	json_decref(more);
	return write_in_form(document, JSON_COMPACT);
}

/* ConnectionSecurity: AlwaysStartTls or Tls */
static int thunderbird_security(const char *word)
{
	return strcmp(word, "starttls") == 0 ? 2 : 3;
}

char *sp_json_thunderbird(const struct sp_account *account, const char *password)
{
	enum { VERSION = 1, IMAP = 0, SMTP = 0, PASSWORD_CLEARTEXT = 1 };
	const struct sp_conf *conf = account->conf;
	/* clang-format off */
	json_t *document = json_pack("[i, [i, i], [i, o, I, i, i, o], [[[i, o, I, i, i, o, s], [o, s]]]]",
	    VERSION, 1, 1,
	    IMAP, text_value(conf->handover_imap_server), (json_int_t)conf->handover_imap_port,
	    thunderbird_security(conf->handover_imap_security), PASSWORD_CLEARTEXT,
	    text_value(account->mailbox_login),
	    SMTP, text_value(conf->handover_smtp_server), (json_int_t)conf->handover_smtp_port,
	    thunderbird_security(conf->handover_smtp_security), PASSWORD_CLEARTEXT,
	    text_value(account->login), password,
	    text_value(account->address), "");
	/* clang-format on */
	char *text = document != NULL ? json_dumps(document, JSON_COMPACT) : NULL;

	json_decref(document);
	return text;
}
