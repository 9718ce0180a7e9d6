/* SPDX-License-Identifier: BSD-2-Clause */
/* doctor_postfix.c - how Postfix asks for passwords, and whether it reaches sendpassd */
#include "tool/doctor_postfix.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool/run_program.h"

/* postconf's options, behind -c DIRECTORY. */
static const char *const of_master[] = {"-M", NULL};
static const char *const of_overrides[] = {"-x", "-P", NULL};
static const char *const of_parameters[] = {"-x", "compatibility_level", "config_directory",
    "mail_owner", "queue_directory", "smtpd_client_restrictions", "smtpd_data_restrictions",
    "smtpd_end_of_data_restrictions", "smtpd_etrn_restrictions", "smtpd_helo_restrictions",
    "smtpd_policy_service_default_action", "smtpd_recipient_restrictions",
    "smtpd_relay_restrictions", "smtpd_sasl_auth_enable", "smtpd_sasl_local_domain",
    "smtpd_sasl_path", "smtpd_sasl_security_options", "smtpd_sasl_tls_security_options",
    "smtpd_sasl_type", "smtpd_sender_restrictions", "smtpd_tls_auth_only",
    "smtpd_tls_security_level", "smtpd_tls_wrappermode", "smtpd_enforce_tls", NULL};
#define OPTIONS_MAX 32

/* ---- reading ---- */

/* The output; NULL if postconf fails, which has been told. The caller frees it. */
static char *ask_postconf(struct sp_doctor *doctor, const char *path, const char *const *options)
{
	const char *arguments[OPTIONS_MAX] = {path}, *why;
	struct sp_program_result result;
	size_t count = 1;
	char *output = NULL;

	if (doctor->postfix_directory != NULL) {
		arguments[count++] = "-c";
		arguments[count++] = doctor->postfix_directory;
	}
	for (; *options != NULL && count < OPTIONS_MAX - 1; options++)
		arguments[count++] = *options;
	if (sp_program_run(arguments, &result, &why) && result.status == 0) {
		output = result.output;
		result.output = NULL;
	} else {
		sp_doctor_tell(doctor, SP_FINDING_ERROR, "%s: %.*s", path,
		    why != NULL ? (int)strlen(why) : (int)strcspn(result.errors, "\n"),
		    why != NULL ? why : result.errors);
		sp_doctor_advise(
		    doctor, "run postconf -n and postconf -M, and correct what they say");
	}
	sp_program_result_free(&result);
	return output;
}

static bool read_settings(struct sp_doctor *doctor, const char *path)
{
	char *master = ask_postconf(doctor, path, of_master);
	char *overrides = master != NULL ? ask_postconf(doctor, path, of_overrides) : NULL;
	char *parameters = overrides != NULL ? ask_postconf(doctor, path, of_parameters) : NULL;
	bool ok = parameters != NULL && sp_postfix_settings_read(master, overrides, parameters,
					    &doctor->postfix->settings);

	if (parameters != NULL && !ok)
		doctor->out_of_memory = true;
	free(master);
	free(overrides);
	free(parameters);
	return ok;
}

static void fill_ways(struct sp_postfix_view *view)
{
	for (size_t i = 0; i < view->settings.service_count; i++) {
		const struct sp_postfix_service *service = &view->settings.services[i];
		struct sp_asker *asker = &view->ways[i].asker;
		snprintf(asker->name, sizeof(asker->name), "Postfix, %s", service->name);
		asker->user = sp_postfix_get(&view->settings, NULL, "mail_owner");
		asker->queue = sp_postfix_get(&view->settings, NULL, "queue_directory");
		asker->chroot = service->chroot;
	}
}

void sp_doctor_close_postfix(struct sp_postfix_view **view)
{
	if (*view == NULL)
		return;
	sp_postfix_settings_free(&(*view)->settings);
	free((*view)->ways);
	free(*view);
	*view = NULL;
}

static void check_postfix(struct sp_doctor *doctor)
{
	char path[SP_PROGRAM_PATH_MAX];

	if (!sp_program_find("postconf", path)) {
		sp_doctor_tell(doctor, SP_FINDING_SKIPPED, "Postfix is not installed here");
		return;
	}
	doctor->postfix = calloc(1, sizeof(*doctor->postfix));
	if (doctor->postfix == NULL) {
		doctor->out_of_memory = true;
		return;
	}
	if (!read_settings(doctor, path)) {
		sp_doctor_close_postfix(&doctor->postfix);
		return;
	}
	doctor->postfix->ways =
	    calloc(doctor->postfix->settings.service_count + 1, sizeof(*doctor->postfix->ways));
	if (doctor->postfix->ways != NULL) {
		fill_ways(doctor->postfix);
		return;
	}
	doctor->out_of_memory = true;
	sp_doctor_close_postfix(&doctor->postfix);
}

/* ---- how it asks ---- */

static void judge_cyrus(
    struct sp_doctor *doctor, const struct sp_postfix_service *service, struct sp_way *way)
{
	const struct sp_postfix_settings *settings = &doctor->postfix->settings;
	const char *name = sp_postfix_get(settings, service, "smtpd_sasl_path");
	char own[SP_PATH_TEXT_MAX], library[SP_PATH_TEXT_MAX];

	/* Debian's Postfix looks nowhere else, see docs/postfix.md */
	snprintf(own, sizeof(own), "%s/sasl/%s.conf",
	    sp_postfix_get(settings, NULL, "config_directory"), name);
	snprintf(library, sizeof(library), "/usr/lib/sasl/%s.conf", name);
	sp_doctor_judge_sasl(doctor, (const char *const[]){own, library, NULL}, way);
}

static void judge_dovecot(
    struct sp_doctor *doctor, const struct sp_postfix_service *service, struct sp_way *way)
{
	const char *path = sp_postfix_get(&doctor->postfix->settings, service, "smtpd_sasl_path");
	char outside[SP_PATH_TEXT_MAX];

	sp_doctor_outside(&way->asker, path, outside);
	/* Dovecot itself may well be meant */
	if (sp_doctor_has_door(&doctor->conf->daemon_auth, outside) ||
	    strstr(path, "sendpass") != NULL)
		sp_doctor_judge_socket(
		    doctor, way, SP_WAY_AUTH, path, "smtpd_sasl_path", "Postfix's configuration");
}

static void judge_service(
    struct sp_doctor *doctor, const struct sp_postfix_service *service, struct sp_way *way)
{
	const char *type = sp_postfix_get(&doctor->postfix->settings, service, "smtpd_sasl_type");
	size_t before = doctor->finding_count;

	if (strcmp(type, "cyrus") == 0)
		judge_cyrus(doctor, service, way);
	else if (strcmp(type, "dovecot") == 0)
		judge_dovecot(doctor, service, way);
	if (way->kind == SP_WAY_ELSEWHERE && doctor->finding_count == before)
		sp_doctor_tell(doctor, SP_FINDING_SKIPPED,
		    "%s asks somebody else for passwords: %s, %s", way->asker.name, type,
		    sp_postfix_get(&doctor->postfix->settings, service, "smtpd_sasl_path"));
}

static void check_sasl(struct sp_doctor *doctor)
{
	struct sp_postfix_view *view = doctor->postfix;
	size_t ours = 0, before = doctor->finding_count;

	for (size_t i = 0; i < view->settings.service_count; i++) {
		const struct sp_postfix_service *service = &view->settings.services[i];
		if (!sp_postfix_is_yes(&view->settings, service, "smtpd_sasl_auth_enable"))
			continue;
		judge_service(doctor, service, &view->ways[i]);
		ours += view->ways[i].kind != SP_WAY_ELSEWHERE;
	}
	for (size_t i = before; i < doctor->finding_count; i++) {
		if (doctor->findings[i].level == SP_FINDING_ERROR)
			return;
	}
	if (ours > 0)
		return;
	sp_doctor_tell(doctor, SP_FINDING_WARNING, "no service of Postfix asks sendpassd");
	sp_doctor_advise(
	    doctor, "docs/postfix.md has the lines for master.cf; not if Postfix is not to use it");
}

void sp_postfix_for_each(struct sp_doctor *doctor,
    void (*examine)(struct sp_doctor *doctor, const struct sp_postfix_service *service,
	const struct sp_way *way))
{
	struct sp_postfix_view *view = doctor->postfix;
	size_t ours = 0;

	for (size_t i = 0; i < view->settings.service_count; i++) {
		if (view->ways[i].kind == SP_WAY_ELSEWHERE)
			continue;
		ours++;
		examine(doctor, &view->settings.services[i], &view->ways[i]);
	}
	if (ours == 0)
		sp_doctor_tell(doctor, SP_FINDING_SKIPPED, "no service of Postfix asks sendpassd");
}

static void try_way(
    struct sp_doctor *doctor, const struct sp_postfix_service *service, const struct sp_way *way)
{
	(void)service;
	sp_doctor_try_socket(doctor, &way->asker, way->path, way->kind == SP_WAY_AUTH);
}

static void check_socket(struct sp_doctor *doctor)
{
	sp_postfix_for_each(doctor, try_way);
}

static const struct sp_check checks[] = {
    {"postfix", "Postfix's settings can be read", 0, check_postfix},
    {"postfix-sasl", "a service of Postfix asks sendpassd for passwords",
	SP_NEEDS_POSTFIX | SP_NEEDS_CONF, check_sasl},
    {"postfix-socket", "Postfix reaches sendpassd, as its user and in its chroot",
	SP_NEEDS_POSTFIX | SP_NEEDS_CONF | SP_NEEDS_ROOT, check_socket},
    {"postfix-options", "Postfix takes passwords as it should", SP_NEEDS_POSTFIX | SP_NEEDS_CONF,
	sp_doctor_check_postfix_options},
    {"postfix-policy", "what asks the policy door does so rightly",
	SP_NEEDS_POSTFIX | SP_NEEDS_CONF, sp_doctor_check_postfix_policy},
};

const struct sp_check_list sp_checks_of_postfix = {checks, sizeof(checks) / sizeof(checks[0])};
