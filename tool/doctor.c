/* SPDX-License-Identifier: BSD-2-Clause */
/* doctor.c - `sendpass doctor`: runs every check and shows what was found */
#include "tool/doctor.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "tool/arguments.h"
#include "tool/message.h"
#include "tool/output.h"
#include "tool/prompt.h"
#include "tool/session.h"
#include "tool/table.h"

static const struct sp_check_list *const themes[] = {&sp_checks_of_files, &sp_checks_of_doors,
    &sp_checks_of_servers, &sp_checks_of_directory, &sp_checks_of_access, &sp_checks_of_orphans,
    &sp_checks_of_argon2, &sp_checks_of_postfix, &sp_checks_of_exim, &sp_checks_of_login};
#define LEVEL_WIDTH 9 /* columns of a level's name and a gap */
#define THEME_COUNT (sizeof(themes) / sizeof(themes[0]))

static const struct {
	const char *name;
	enum sp_colour colour;
} levels[] = {
    [SP_FINDING_OK] = {"ok", SP_GREEN},
    [SP_FINDING_SKIPPED] = {"skipped", SP_PLAIN},
    [SP_FINDING_WARNING] = {"warning", SP_YELLOW},
    [SP_FINDING_ERROR] = {"error", SP_RED},
};

/* ---- findings ---- */

void sp_doctor_tell(struct sp_doctor *doctor, enum sp_finding_level level, const char *format, ...)
{
	struct sp_finding finding = {.check = doctor->check->name, .level = level};
	struct sp_finding *findings =
	    reallocarray(doctor->findings, doctor->finding_count + 1, sizeof(*doctor->findings));
	va_list arguments;

	if (findings != NULL)
		doctor->findings = findings;
	va_start(arguments, format);
	if (findings == NULL || vasprintf(&finding.text, format, arguments) < 0)
		doctor->out_of_memory = true;
	else
		doctor->findings[doctor->finding_count++] = finding;
	va_end(arguments);
}

void sp_doctor_advise(struct sp_doctor *doctor, const char *format, ...)
{
	va_list arguments;

	if (doctor->out_of_memory || doctor->finding_count == 0)
		return;
	struct sp_finding *finding = &doctor->findings[doctor->finding_count - 1];
	va_start(arguments, format);
	if (vasprintf(&finding->remedy, format, arguments) < 0) {
		finding->remedy = NULL;
		doctor->out_of_memory = true;
	}
	va_end(arguments);
}

bool sp_doctor_has_door(const struct sp_conf_doors *doors, const char *place)
{
	for (size_t i = 0; i < doors->count; i++) {
		if (strcmp(doors->items[i].place, place) == 0)
			return true;
	}
	return false;
}

/* ---- running ---- */

/* What the check needs and is not there; NULL for nothing. */
static const char *missing(const struct sp_doctor *doctor, unsigned needs)
{
	if ((needs & SP_NEEDS_CONF) != 0 && doctor->conf == NULL)
		return "needs a configuration that can be read";
	if ((needs & SP_NEEDS_DIRECTORY) != 0 && doctor->nobody == NULL)
		return "needs a directory that answers";
	if ((needs & SP_NEEDS_VERIFIER) != 0 && doctor->verifier == NULL)
		return "needs to be bound to the directory as sendpassd is";
	if ((needs & SP_NEEDS_ADMIN) != 0 && doctor->admin == NULL)
		return "needs to be bound to the directory as [admin] says";
	if ((needs & SP_NEEDS_POSTFIX) != 0 && doctor->postfix == NULL)
		return "needs Postfix";
	if ((needs & SP_NEEDS_ROOT) != 0 && geteuid() != 0)
		return "needs root";
	return NULL;
}

static void run_check(struct sp_doctor *doctor, const struct sp_check *check)
{
	size_t before = doctor->finding_count;
	const char *lack = missing(doctor, check->needs);

	doctor->check = check;
	if (lack != NULL) {
		sp_doctor_tell(doctor, SP_FINDING_SKIPPED, "%s", lack);
		return;
	}
	check->examine(doctor);
	if (doctor->finding_count == before)
		sp_doctor_tell(doctor, SP_FINDING_OK, "%s", check->what);
}

static void run_checks(struct sp_doctor *doctor)
{
	for (size_t i = 0; i < THEME_COUNT; i++) {
		for (size_t j = 0; j < themes[i]->count; j++)
			run_check(doctor, &themes[i]->checks[j]);
	}
}

/* ---- showing ---- */

static enum sp_exit print_json(const struct sp_doctor *doctor)
{
	enum { COLUMNS = 4 };
	struct sp_pair *pairs = calloc(doctor->finding_count * COLUMNS + 1, sizeof(*pairs));

	if (pairs == NULL)
		return sp_fail(SP_EXIT_FAILED, "out of memory");
	for (size_t i = 0; i < doctor->finding_count; i++) {
		const struct sp_finding *finding = &doctor->findings[i];
		struct sp_pair *row = &pairs[i * COLUMNS];
		row[0] = (struct sp_pair){"check", finding->check};
		row[1] = (struct sp_pair){"result", levels[finding->level].name};
		row[2] = (struct sp_pair){"text", finding->text};
		row[3] = (struct sp_pair){"remedy", finding->remedy};
	}
	enum sp_exit status = sp_json_rows(pairs, COLUMNS, doctor->finding_count);
	free(pairs);
	return status;
}

static enum sp_exit print_lines(const struct sp_doctor *doctor)
{
	static const char *const headings[] = {"RESULT", "CHECK", "TEXT", "REMEDY"};
	enum { COLUMNS = sizeof(headings) / sizeof(headings[0]) };
	struct sp_cell *cells = calloc(doctor->finding_count * COLUMNS + 1, sizeof(*cells));

	if (cells == NULL)
		return sp_fail(SP_EXIT_FAILED, "out of memory");
	for (size_t i = 0; i < doctor->finding_count; i++) {
		const struct sp_finding *finding = &doctor->findings[i];
		struct sp_cell *row = &cells[i * COLUMNS];
		row[0].text = levels[finding->level].name;
		row[1].text = finding->check;
		row[2].text = finding->text;
		row[3].text = finding->remedy != NULL ? finding->remedy : "-";
	}
	sp_table_for_programs(stdout, &(struct sp_table){.headings = headings,
					  .column_count = COLUMNS,
					  .cells = cells,
					  .row_count = doctor->finding_count});
	free(cells);
	return SP_EXIT_OK;
}

/* A remedy on a line of its own, below what it is for. */
static enum sp_exit print_for_people(const struct sp_doctor *doctor)
{
	size_t counts[SP_FINDING_ERROR + 1] = {0};

	for (size_t i = 0; i < doctor->finding_count; i++) {
		const struct sp_finding *finding = &doctor->findings[i];
		counts[finding->level]++;
		size_t columns = sp_write_coloured(
		    stdout, levels[finding->level].colour, levels[finding->level].name);
		printf("%*s%-16s  ", (int)(LEVEL_WIDTH - columns), "", finding->check);
		sp_escape(stdout, finding->text);
		if (finding->remedy != NULL) {
			printf("\n%*s-> ", LEVEL_WIDTH, "");
			sp_escape(stdout, finding->remedy);
		}
		putchar('\n');
	}
	printf("\nerrors: %zu, warnings: %zu, skipped: %zu\n", counts[SP_FINDING_ERROR],
	    counts[SP_FINDING_WARNING], counts[SP_FINDING_SKIPPED]);
	return SP_EXIT_OK;
}

static enum sp_exit show(const struct sp_run *run, const struct sp_doctor *doctor)
{
	enum sp_exit status = SP_EXIT_OK;

	if (doctor->out_of_memory)
		return sp_fail(SP_EXIT_FAILED, "out of memory");
	if (run->json)
		status = print_json(doctor);
	else if (isatty(STDOUT_FILENO))
		status = print_for_people(doctor);
	else
		status = print_lines(doctor);
	for (size_t i = 0; i < doctor->finding_count && status == SP_EXIT_OK; i++) {
		if (doctor->findings[i].level == SP_FINDING_ERROR)
			status = SP_EXIT_NO;
	}
	return status;
}

/* ---- the verb ---- */

static void release(struct sp_doctor *doctor)
{
	for (size_t i = 0; i < doctor->finding_count; i++) {
		free(doctor->findings[i].text);
		free(doctor->findings[i].remedy);
	}
	free(doctor->findings);
	sp_inspect_close(&doctor->verifier);
	sp_inspect_close(&doctor->admin);
	sp_inspect_close(&doctor->nobody);
	sp_doctor_close_postfix(&doctor->postfix);
	sp_conf_free(&doctor->conf);
	sp_conf_free(&doctor->defaults);
	sp_secret_wipe(&doctor->password);
}

static void mute(enum sp_log_level level, const char *line, void *context)
{
	(void)level, (void)line, (void)context;
}

static enum sp_exit examine(const struct sp_run *run, struct sp_doctor *doctor)
{
	enum sp_exit status = SP_EXIT_OK;

	doctor->defaults = sp_conf_defaults();
	if (doctor->defaults == NULL)
		status = sp_fail(SP_EXIT_FAILED, "out of memory");
	else if (doctor->login != NULL)
		status = sp_prompt(doctor->login, &doctor->password);
	if (status == SP_EXIT_OK) {
		/* what the libraries warn of, a check tells */
		sp_log_set_sink(mute, NULL, SP_LOG_ERROR);
		run_checks(doctor);
		status = show(run, doctor);
	}
	release(doctor);
	return status;
}

enum sp_exit sp_verb_doctor(struct sp_run *run)
{
	enum { LOGIN = SP_OPTION_OWN, POSTFIX, EXIM };
	static const struct option options[] = {
	    {"login", required_argument, NULL, LOGIN},
	    {"postfix-config", required_argument, NULL, POSTFIX},
	    {"exim-config", required_argument, NULL, EXIM},
	    SP_OPTIONS_OF_EVERY_VERB,
	};
	struct sp_doctor doctor = {.conf_path = sp_session_conf_path(run)};
	enum sp_exit status = SP_EXIT_FAILED;

	for (int option; (option = sp_next_option(run, options, &status)) != SP_OPTIONS_END;) {
		switch (option) {
		case LOGIN:
			doctor.login = optarg;
			break;
		case POSTFIX:
			doctor.postfix_directory = optarg;
			break;
		case EXIM:
			doctor.exim_file = optarg;
			break;
		default:
			return status;
		}
	}
	if (sp_operands(run, 0, 0) == NULL)
		return SP_EXIT_USAGE;
	if (run->bind_dn != NULL || run->external || run->gssapi)
		return sp_fail_usage(run,
		    "it binds as [ldap] and [admin] say, so -D, -E and -Y go with other verbs");
	return examine(run, &doctor);
}
