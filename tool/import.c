/* SPDX-License-Identifier: BSD-2-Clause */
/* import.c - `sendpass import`: takes over the Argon2 hashes of another system */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "lib/base/text.h"
#include "lib/password/app_password.h"
#include "lib/password/phc.h"
#include "tool/arguments.h"
#include "tool/change.h"
#include "tool/import_source.h"
#include "tool/message.h"
#include "tool/output.h"
#include "tool/session.h"

#define DRAWS_MAX 8 /* of an id that may be taken: 40 bits */

struct order {
	enum sp_import_format format;
	const char *path;  /* "-": standard input */
	const char *label; /* of those that have none */
	bool dry_run;
};

/* What became of one record. */
struct outcome {
	const struct outcome *before; /* of the record before it with the same login; NULL: none */
	char line[24];
	char id[SP_ID_MAX + 1]; /* empty: it was not, or is not to be, added */
	bool labelled;          /* by the source */
	bool taken;
	char *why; /* if it was not */
};

struct import {
	const struct order *order;
	struct sp_session *session;
	struct sp_import_records records;
	struct outcome *outcomes; /* as many */
};

static void refuse(struct outcome *outcome, const char *why)
{
	free(outcome->why);
	outcome->why = strdup(why);
}

/* The caps are the verifier's: a hash over them could never be used. */
static bool is_usable(
    const struct import *import, const struct sp_import_record *record, struct outcome *outcome)
{
	const struct sp_conf *conf = import->session->conf;
	const struct sp_argon2_cost caps = {
	    .memory_kib = (uint32_t)conf->argon2_max_memory,
	    .passes = (uint32_t)conf->argon2_max_passes,
	    .lanes = (uint32_t)conf->argon2_max_lanes,
	};
	struct sp_phc phc;
	const char *why = record->fault;
	const char *label = record->label;

	if (why == NULL && sp_phc_parse(record->hash, strlen(record->hash), &caps, &phc, &why))
		sp_phc_wipe(&phc);
	if (why == NULL && label != NULL &&
	    (strlen(label) > SP_TEXT_ARGUMENT_MAX ||
		!sp_text_is_printable_utf8(label, strlen(label))))
		why = "the label is over 200 bytes or no printable text";
	if (why != NULL)
		refuse(outcome, why);
	return why == NULL;
}

/* The record's own label, or the one for those without: a login's second gets a 2
 * behind it, and so on. So a source that is read again has the same labels. */
static const char *label_of(const struct import *import, const struct sp_import_record *record,
    const struct outcome *outcome, char text_r[SP_TEXT_ARGUMENT_MAX + 24])
{
	size_t ordinal = 1;

	if (record->label != NULL)
		return record->label;
	for (const struct outcome *o = outcome->before; o != NULL; o = o->before)
		ordinal += !o->labelled;
	if (ordinal == 1)
		return import->order->label;
	snprintf(text_r, SP_TEXT_ARGUMENT_MAX + 24, "%s %zu", import->order->label, ordinal);
	return text_r;
}

/* How many hashes of the owner are taken over already, and whether this is one of
 * them, as far as its label tells: nobody but sendpassd may read hashes. Revoked ones
 * count: sendpassd tries them, too, and they must not come back. */
static enum sp_admin_status count_imported(struct import *import, const char *owner,
    const char *label, size_t *count_r, bool *there_r, char why_r[SP_CONF_WHY_MAX])
{
	struct sp_credential_list list;
	enum sp_admin_status status = sp_admin_list(import->session->admin, owner, &list, why_r);

	*count_r = 0;
	*there_r = false;
	for (size_t i = 0; i < list.count; i++) {
		const struct sp_credential *credential = list.items[i];
		if (!credential->imported)
			continue;
		++*count_r;
		if (credential->label != NULL && strcmp(credential->label, label) == 0)
			*there_r = true;
	}
	sp_credential_list_free(&list);
	return status;
}

static enum sp_admin_status add(struct import *import, const struct sp_import_record *record,
    char *owner, const char *label, struct outcome *outcome, char why_r[SP_CONF_WHY_MAX])
{
	struct sp_app_password drawn;
	struct sp_credential credential = {
	    .id = outcome->id,
	    .owner = owner,
	    .hash = record->hash,
	    .label = (char *)label,
	    .imported = true,
	    .created = SP_NO_TIME,
	    .not_before = SP_NO_TIME,
	    .expires = record->expires,
	    .revoked = SP_NO_TIME,
	};
	enum sp_admin_status status = SP_ADMIN_EXISTS;

	for (int draw = 0; draw < DRAWS_MAX && status == SP_ADMIN_EXISTS; draw++) {
		if (!sp_app_password_generate(SP_FORM_STANDARD, &drawn)) {
			snprintf(why_r, SP_CONF_WHY_MAX, "getrandom failed");
			return SP_ADMIN_ERROR;
		}
		memcpy(outcome->id, drawn.id, sizeof(outcome->id));
		sp_app_password_wipe(&drawn);
		status = sp_change_add(import->session, "credential_imported", &credential, why_r);
	}
	if (status != SP_ADMIN_OK)
		outcome->id[0] = '\0';
	return status;
}

/* The record's owner is known and its hash usable. */
static enum sp_admin_status take_for(struct import *import, const struct sp_import_record *record,
    char *owner, struct outcome *outcome, char why_r[SP_CONF_WHY_MAX])
{
	char made[SP_TEXT_ARGUMENT_MAX + 24];
	const char *label = label_of(import, record, outcome, made);
	size_t most = (size_t)import->session->conf->policy_max_imported;
	size_t count;
	bool there;
	enum sp_admin_status status = count_imported(import, owner, label, &count, &there, why_r);

	if (status != SP_ADMIN_OK)
		return status;
	if (import->order->dry_run) {
		for (const struct outcome *o = outcome->before; o != NULL; o = o->before)
			count += o->taken;
	}
	if (there)
		refuse(outcome, "its owner has an imported one with this label already, perhaps "
				"revoked");
	else if (most == 0)
		refuse(outcome, "[policy] max_imported is 0: sendpassd would not try it");
	else if (count >= most)
		refuse(outcome,
		    "its owner has as many as [policy] max_imported lets sendpassd try, with those "
		    "that are revoked: raise it, or purge them");
	else if (!import->order->dry_run)
		status = add(import, record, owner, label, outcome, why_r);
	outcome->taken = status == SP_ADMIN_OK && outcome->why == NULL;
	return status;
}

/* Anything but SP_ADMIN_OK ends the import. */
static enum sp_admin_status take(struct import *import, const struct sp_import_record *record,
    struct outcome *outcome, char why_r[SP_CONF_WHY_MAX])
{
	char *owner = NULL;

	snprintf(outcome->line, sizeof(outcome->line), "%lu", record->line);
	if (!is_usable(import, record, outcome))
		return SP_ADMIN_OK;
	enum sp_admin_status status =
	    sp_admin_find_owner(import->session->admin, record->login, &owner, why_r);
	if (status == SP_ADMIN_OK)
		status = take_for(import, record, owner, outcome, why_r);
	free(owner);
	if (status == SP_ADMIN_NOT_FOUND || status == SP_ADMIN_AMBIGUOUS) {
		refuse(outcome, why_r);
		status = SP_ADMIN_OK;
	}
	return status;
}

static const char *result_of(const struct import *import, const struct outcome *outcome)
{
	if (!outcome->taken)
		return "refused";
	return import->order->dry_run ? "would be imported" : "imported";
}

static enum sp_exit print_json(const struct import *import, size_t done)
{
	enum { COLUMNS = 5 };
	struct sp_pair *pairs = calloc(done + 1, COLUMNS * sizeof(*pairs));

	if (pairs == NULL)
		return sp_fail(SP_EXIT_FAILED, "out of memory");
	for (size_t i = 0; i < done; i++) {
		const struct outcome *outcome = &import->outcomes[i];
		struct sp_pair *row = &pairs[i * COLUMNS];
		row[0] = (struct sp_pair){"line", outcome->line};
		row[1] = (struct sp_pair){"login", import->records.items[i].login};
		row[2] = (struct sp_pair){"result", result_of(import, outcome)};
		row[3] = (struct sp_pair){"id", outcome->id[0] != '\0' ? outcome->id : NULL};
		row[4] = (struct sp_pair){"why", outcome->why};
	}
	enum sp_exit status = sp_json_rows(pairs, COLUMNS, done);
	free(pairs);
	return status;
}

static const char *result_text(const struct outcome *outcome)
{
	if (outcome->why != NULL)
		return outcome->why;
	return outcome->id[0] != '\0' ? outcome->id : "-";
}

static enum sp_exit print(const struct sp_run *run, const struct import *import, size_t done)
{
	size_t taken = 0;

	for (size_t i = 0; i < done; i++)
		taken += import->outcomes[i].taken;
	if (!run->json)
		sp_say("%zu of %zu %s", taken, import->records.count,
		    import->order->dry_run ? "would be imported" : "imported");
	if (run->json && print_json(import, done) != SP_EXIT_OK)
		return SP_EXIT_FAILED;
	for (size_t i = 0; i < done && !run->json; i++) {
		const struct outcome *outcome = &import->outcomes[i];
		const char *login = import->records.items[i].login;
		printf("%s\t", outcome->line);
		sp_escape(stdout, login != NULL ? login : "-");
		printf("\t%s\t", result_of(import, outcome));
		sp_escape(stdout, result_text(outcome));
		putchar('\n');
	}
	return taken == import->records.count ? SP_EXIT_OK : SP_EXIT_NO;
}

static int by_login(const void *a, const void *b)
{
	const struct sp_import_record *one = *(const struct sp_import_record *const *)a;
	const struct sp_import_record *other = *(const struct sp_import_record *const *)b;
	int order = strcasecmp(one->login, other->login);

	if (order == 0)
		order = one < other ? -1 : 1;
	return order;
}

/* Leads each outcome to the one before it of the same login. */
static bool link_outcomes(struct import *import)
{
	const struct sp_import_record *records = import->records.items;
	const struct sp_import_record **sorted =
	    calloc(import->records.count + 1, sizeof(const struct sp_import_record *));
	size_t count = 0;

	if (sorted == NULL)
		return false;
	for (size_t i = 0; i < import->records.count; i++) {
		import->outcomes[i].labelled = records[i].label != NULL;
		if (records[i].login != NULL)
			sorted[count++] = &records[i];
	}
	qsort(sorted, count, sizeof(const struct sp_import_record *), by_login);
	for (size_t i = 1; i < count; i++) {
		if (strcasecmp(sorted[i - 1]->login, sorted[i]->login) == 0)
			import->outcomes[sorted[i] - records].before =
			    &import->outcomes[sorted[i - 1] - records];
	}
	free(sorted);
	return true;
}

static enum sp_exit run_import(const struct sp_run *run, struct import *import)
{
	char why[SP_CONF_WHY_MAX];
	enum sp_admin_status status = SP_ADMIN_OK;
	size_t done = 0;

	import->outcomes = calloc(import->records.count + 1, sizeof(*import->outcomes));
	if (import->outcomes == NULL || !link_outcomes(import))
		return sp_fail(SP_EXIT_FAILED, "out of memory");
	while (status == SP_ADMIN_OK && done < import->records.count) {
		status = take(import, &import->records.items[done], &import->outcomes[done], why);
		done += status == SP_ADMIN_OK;
	}
	enum sp_exit printed = print(run, import, done);
	if (status == SP_ADMIN_OK)
		return printed;
	sp_fail(SP_EXIT_FAILED,
	    "stopped at line %lu; those before it are done, and are passed over "
	    "when this is run again",
	    import->records.items[done].line);
	return sp_session_judge(status, why);
}

static enum sp_exit read_source(const struct order *order, struct sp_import_records *records_r)
{
	bool standard_input = strcmp(order->path, "-") == 0;
	FILE *in = standard_input ? stdin : fopen(order->path, "re");
	char why[SP_CONF_WHY_MAX];

	if (in == NULL)
		return sp_fail(SP_EXIT_FAILED, "%s: %s", order->path, strerror(errno));
	bool ok = sp_import_read(order->format, in, records_r, why);
	if (!standard_input)
		fclose(in);
	return ok ? SP_EXIT_OK : sp_fail(SP_EXIT_FAILED, "%s: %s", order->path, why);
}

static enum sp_exit import(const struct sp_run *run, const struct order *order)
{
	struct sp_session session = {0};
	struct import work = {.order = order, .session = &session};
	enum sp_exit status = read_source(order, &work.records);

	if (status == SP_EXIT_OK)
		status = sp_session_open(run, &session);
	if (status == SP_EXIT_OK)
		status = run_import(run, &work);
	for (size_t i = 0; work.outcomes != NULL && i < work.records.count; i++)
		free(work.outcomes[i].why);
	free(work.outcomes);
	sp_import_records_clear(&work.records);
	sp_session_close(&session);
	return status;
}

enum sp_exit sp_verb_import(struct sp_run *run)
{
	enum { FROM = SP_OPTION_OWN, LABEL, DRY_RUN };
	static const struct option options[] = {
	    {"from", required_argument, NULL, FROM},
	    {"label", required_argument, NULL, LABEL},
	    {"dry-run", no_argument, NULL, DRY_RUN},
	    SP_OPTIONS_OF_EVERY_VERB,
	};
	struct order order = {.label = "imported"};
	const char *format = NULL;
	enum sp_exit status = SP_EXIT_FAILED;

	for (int option; (option = sp_next_option(run, options, &status)) != SP_OPTIONS_END;) {
		switch (option) {
		case FROM:
			format = optarg;
			break;
		case LABEL:
			order.label = optarg;
			break;
		case DRY_RUN:
			order.dry_run = true;
			break;
		default:
			return status;
		}
	}
	char **operands = sp_operands(run, 1, 1);
	if (operands == NULL || !sp_text_is_fit(run, "--label", order.label, SP_TEXT_ARGUMENT_MAX))
		return SP_EXIT_USAGE;
	if (format == NULL || !sp_import_format_parse(format, &order.format))
		return sp_fail_usage(
		    run, "--from must be dovecot-passwd, csv, ldif or mailcow: what FILE is");
	order.path = operands[0];
	if (run->bind_dn != NULL && strcmp(order.path, "-") == 0 && !isatty(STDIN_FILENO))
		return sp_fail_usage(run,
		    "standard input cannot hold both the password for --bind-dn and FILE: name a "
		    "file");
	return import(run, &order);
}
