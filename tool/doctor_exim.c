/* SPDX-License-Identifier: BSD-2-Clause */
/* doctor_exim.c - how Exim asks for passwords, and whether it reaches sendpassd */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tool/doctor_sasl.h"
#include "tool/run_program.h"
#include "tool/setting_lines.h"

#define AUTHENTICATOR " authenticator:"

/* What `exim -bP` says. */
struct exim {
	char *main_text, *authenticators_text, *config_text;
	struct sp_setting_lines main, authenticators;
};

/* ---- reading ---- */

/* The output; NULL if Exim fails, which has been told. The caller frees it. */
static char *ask_exim(struct sp_doctor *doctor, const char *path, const char *const names[2])
{
	const char *arguments[8] = {path}, *why;
	struct sp_program_result result;
	size_t count = 1;
	char *output = NULL;

	if (doctor->exim_file != NULL) {
		arguments[count++] = "-C";
		arguments[count++] = doctor->exim_file;
	}
	arguments[count++] = "-bP";
	arguments[count++] = names[0];
	arguments[count++] = names[1];
	if (sp_program_run(arguments, &result, &why) && result.status == 0) {
		output = result.output;
		result.output = NULL;
	} else {
		sp_doctor_tell(doctor, SP_FINDING_ERROR, "%s: %.300s", path,
		    why != NULL ? why : result.errors);
		sp_doctor_advise(doctor, "run exim -bV, and correct what it says");
	}
	sp_program_result_free(&result);
	return output;
}

static bool read_exim(struct sp_doctor *doctor, const char *path, struct exim *exim_r)
{
	exim_r->main_text =
	    ask_exim(doctor, path, (const char *const[]){"exim_user", "auth_advertise_hosts"});
	if (exim_r->main_text != NULL)
		exim_r->authenticators_text =
		    ask_exim(doctor, path, (const char *const[]){"authenticators", NULL});
	if (exim_r->authenticators_text != NULL)
		exim_r->config_text = ask_exim(doctor, path, (const char *const[]){"config", NULL});
	if (exim_r->config_text == NULL)
		return false;
	if (sp_setting_lines_cut(exim_r->main_text, &exim_r->main) &&
	    sp_setting_lines_cut(exim_r->authenticators_text, &exim_r->authenticators))
		return true;
	doctor->out_of_memory = true;
	return false;
}

static void release(struct exim *exim)
{
	sp_setting_lines_free(&exim->main);
	sp_setting_lines_free(&exim->authenticators);
	free(exim->main_text);
	free(exim->authenticators_text);
	free(exim->config_text);
}

/* ---- authenticators ---- */

/* The next authenticator's lines; *at moves on. False: no more. */
static bool next_authenticator(const struct sp_setting_lines *all, size_t *at,
    struct sp_setting_lines *lines_r, char *name_r, size_t size)
{
	for (; *at < all->count; (*at)++) {
		const struct sp_setting_line *line = &all->items[*at];
		const char *end = strstr(line->name, AUTHENTICATOR);
		if (line->value != NULL || end == NULL || end[strlen(AUTHENTICATOR)] != '\0')
			continue;
		snprintf(name_r, size, "Exim, %.*s", (int)(end - line->name), line->name);
		*lines_r = (struct sp_setting_lines){.items = &all->items[++*at]};
		while (*at < all->count && all->items[*at].value != NULL) {
			lines_r->count++;
			(*at)++;
		}
		return true;
	}
	return false;
}

static const char *get(const struct sp_setting_lines *lines, const char *name)
{
	const char *value = sp_setting_lines_find(lines, name);

	return value != NULL ? value : "";
}

static void judge_driver(
    struct sp_doctor *doctor, const struct sp_setting_lines *lines, struct sp_way *way)
{
	static const char *const paths[] = {"/etc/sasl2/exim.conf", "/etc/sasl/exim.conf", NULL};
	const char *driver = get(lines, "driver"), *socket = get(lines, "server_socket");

	if (strcmp(driver, "cyrus_sasl") == 0)
		sp_doctor_judge_sasl(doctor, paths, way);
	else if (strcmp(driver, "dovecot") == 0 &&
		 (sp_doctor_has_door(&doctor->conf->daemon_auth, socket) ||
		     strstr(socket, "sendpass") != NULL))
		sp_doctor_judge_socket(
		    doctor, way, SP_WAY_AUTH, socket, "server_socket", "Exim's configuration");
}

static void judge_offer(struct sp_doctor *doctor, const struct exim *exim,
    const struct sp_setting_lines *lines, const struct sp_way *way)
{
	if (strstr(get(lines, "server_advertise_condition"), "tls") == NULL &&
	    strstr(get(&exim->main, "auth_advertise_hosts"), "tls") == NULL) {
		sp_doctor_tell(doctor, SP_FINDING_WARNING,
		    "%s: AUTH is offered without TLS: passwords may come in the clear",
		    way->asker.name);
		sp_doctor_advise(doctor, "server_advertise_condition = ${if def:tls_in_cipher}");
	}
	if (get(lines, "server_set_id")[0] == '\0') {
		sp_doctor_tell(doctor, SP_FINDING_WARNING,
		    "%s: server_set_id is not set: neither log nor ACL know who sends",
		    way->asker.name);
		sp_doctor_advise(doctor, "server_set_id = $auth1");
	}
}

/* ---- the policy door: docs/exim.md ---- */

#define MACRO   "SENDPASS_POLICY = "
#define REQUIRE "require acl = sendpass_policy"
#define ACCEPT  "accept authenticated"

struct policy_use {
	size_t count;
	const char *socket; /* NULL: the macro is not set */
	const char *late;   /* an ACL that accepts before it asks; NULL for none */
};

static bool begins(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

/* Cuts the text, which Exim has printed a statement a line. */
static struct policy_use find_policy(char *text)
{
	struct policy_use use = {0};
	const char *acl = NULL;
	bool accepted = false;

	while (text != NULL) {
		char *line = strsep(&text, "\n");
		line += strspn(line, " \t");
		size_t length = strlen(line);
		if (begins(line, MACRO)) {
			use.socket = line + strlen(MACRO);
		} else if (begins(line, ACCEPT)) {
			accepted = true;
		} else if (begins(line, REQUIRE)) {
			use.count++;
			if (accepted && use.late == NULL)
				use.late = acl;
		} else if (length > 1 && line[length - 1] == ':' && strchr(line, ' ') == NULL) {
			line[length - 1] = '\0';
			acl = line;
			accepted = false;
		}
	}
	return use;
}

static void check_policy(struct sp_doctor *doctor, struct exim *exim)
{
	const struct policy_use use = find_policy(exim->config_text);
	const struct sp_asker asker = {.name = "Exim", .user = get(&exim->main, "exim_user")};

	if (use.count == 0 || use.socket == NULL) {
		if (doctor->conf->daemon_policy.count == 0)
			return;
		sp_doctor_tell(doctor, SP_FINDING_WARNING,
		    "Exim does not ask the policy door: senders, rates and revocations within a "
		    "session are not held");
		sp_doctor_advise(doctor, "docs/exim.md has the lines for its ACLs");
	} else if (!sp_doctor_has_door(&doctor->conf->daemon_policy, use.socket)) {
		sp_doctor_tell(doctor, SP_FINDING_ERROR,
		    "Exim: SENDPASS_POLICY = %s is no policy door: mail is put off with 451",
		    use.socket);
		sp_doctor_advise(doctor,
		    "[daemon] policy = %s 0660 root %s %s, and restart sendpassd", use.socket,
		    asker.user, asker.user);
	} else if (use.socket[0] == '/' && geteuid() == 0) {
		sp_doctor_try_socket(doctor, &asker, use.socket, false);
	}
	if (use.late == NULL)
		return;
	sp_doctor_tell(doctor, SP_FINDING_ERROR,
	    "Exim: the ACL %s accepts who has logged in before it asks the policy door", use.late);
	sp_doctor_advise(doctor, "in %s, move " REQUIRE " before " ACCEPT " = *", use.late);
}

/* ---- the check ---- */

static void check_authenticators(struct sp_doctor *doctor, struct exim *exim)
{
	struct sp_setting_lines lines;
	struct sp_way way = {.asker = {.user = get(&exim->main, "exim_user")}};
	size_t at = 0, ours = 0, before = doctor->finding_count;

	while (next_authenticator(
	    &exim->authenticators, &at, &lines, way.asker.name, sizeof(way.asker.name))) {
		way.kind = SP_WAY_ELSEWHERE;
		judge_driver(doctor, &lines, &way);
		if (way.kind == SP_WAY_ELSEWHERE)
			continue;
		ours++;
		judge_offer(doctor, exim, &lines, &way);
		if (geteuid() == 0)
			sp_doctor_try_socket(doctor, &way.asker, way.path, way.kind == SP_WAY_AUTH);
	}
	if (ours > 0)
		check_policy(doctor, exim);
	if (ours > 0 || doctor->finding_count > before)
		return;
	sp_doctor_tell(doctor, SP_FINDING_WARNING,
	    "no authenticator of Exim asks sendpassd by "
	    "cyrus_sasl or dovecot");
	sp_doctor_advise(doctor,
	    "docs/exim.md has the authenticators; not if Exim is not to use it, "
	    "or asks by saslauthd or PAM");
}

static void check_exim(struct sp_doctor *doctor)
{
	char path[SP_PROGRAM_PATH_MAX];
	struct exim exim = {0};

	if (!sp_program_find("exim4", path) && !sp_program_find("exim", path)) {
		sp_doctor_tell(doctor, SP_FINDING_SKIPPED, "Exim is not installed here");
		return;
	}
	if (read_exim(doctor, path, &exim))
		check_authenticators(doctor, &exim);
	release(&exim);
}

static const struct sp_check checks[] = {
    {"exim", "Exim asks sendpassd for passwords", SP_NEEDS_CONF, check_exim},
};

const struct sp_check_list sp_checks_of_exim = {checks, sizeof(checks) / sizeof(checks[0])};
