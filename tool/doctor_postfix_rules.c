/* SPDX-License-Identifier: BSD-2-Clause */
/* doctor_postfix_rules.c - settings of Postfix that let passwords or messages slip */
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "tool/doctor_postfix.h"

/* ---- options ---- */

static void judge_tls(struct sp_doctor *doctor, const struct sp_postfix_service *service)
{
	const struct sp_postfix_settings *settings = &doctor->postfix->settings;

	if (sp_postfix_is_yes(settings, service, "smtpd_tls_auth_only") ||
	    sp_postfix_is_yes(settings, service, "smtpd_tls_wrappermode") ||
	    sp_postfix_is_yes(settings, service, "smtpd_enforce_tls") ||
	    strcmp(sp_postfix_get(settings, service, "smtpd_tls_security_level"), "encrypt") == 0)
		return;
	sp_doctor_tell(doctor, SP_FINDING_WARNING,
	    "Postfix, %s: smtpd_tls_auth_only is not yes: passwords may come in the clear",
	    service->name);
	sp_doctor_advise(
	    doctor, "-o smtpd_tls_auth_only=yes, in master.cf below %s", service->name);
}

static void judge_mechanisms(struct sp_doctor *doctor, const struct sp_postfix_service *service,
    const char *parameter, const char *when)
{
	const char *options = sp_postfix_get(&doctor->postfix->settings, service, parameter);

	if (sp_postfix_lists(options, "noplaintext")) {
		sp_doctor_tell(doctor, SP_FINDING_ERROR,
		    "Postfix, %s: %s has noplaintext: no mechanism is left %s", service->name,
		    parameter, when);
		sp_doctor_advise(doctor, "%s = noanonymous", parameter);
	} else if (!sp_postfix_lists(options, "noanonymous")) {
		sp_doctor_tell(doctor, SP_FINDING_WARNING,
		    "Postfix, %s: %s lacks noanonymous: who gives no password may be let in",
		    service->name, parameter);
		sp_doctor_advise(doctor, "%s = noanonymous", parameter);
	}
}

static void judge_options(
    struct sp_doctor *doctor, const struct sp_postfix_service *service, const struct sp_way *way)
{
	const struct sp_postfix_settings *settings = &doctor->postfix->settings;
	const char *domain = sp_postfix_get(settings, service, "smtpd_sasl_local_domain");

	(void)way;
	judge_tls(doctor, service);
	/* without TLS, noplaintext is a way to have passwords under TLS alone */
	if (!sp_postfix_lists(
		sp_postfix_get(settings, service, "smtpd_sasl_security_options"), "noplaintext"))
		judge_mechanisms(doctor, service, "smtpd_sasl_security_options", "at all");
	judge_mechanisms(doctor, service, "smtpd_sasl_tls_security_options", "under TLS");
	if (domain[0] == '\0' ||
	    strcmp(sp_postfix_get(settings, service, "smtpd_sasl_type"), "cyrus") != 0)
		return;
	sp_doctor_tell(doctor, SP_FINDING_WARNING,
	    "Postfix, %s: smtpd_sasl_local_domain makes the login alice into alice@%s",
	    service->name, domain);
	sp_doctor_advise(doctor,
	    "smtpd_sasl_local_domain empty, unless [directory] owner_filter finds such logins");
}

void sp_doctor_check_postfix_options(struct sp_doctor *doctor)
{
	sp_postfix_for_each(doctor, judge_options);
}

/* ---- the policy door ---- */

static const char *const lists[] = {"smtpd_client_restrictions", "smtpd_helo_restrictions",
    "smtpd_sender_restrictions", "smtpd_relay_restrictions", "smtpd_recipient_restrictions",
    "smtpd_data_restrictions", "smtpd_end_of_data_restrictions"};

/* Whether Postfix's name of a policy server is a door of ours; *path_r is its path as
 * the service sees it, NULL for TCP. */
static bool is_our_policy(const struct sp_doctor *doctor, const struct sp_way *way,
    const char *server, const char **path_r)
{
	char outside[SP_PATH_TEXT_MAX];

	*path_r = NULL;
	if (strncmp(server, "unix:", strlen("unix:")) != 0)
		return sp_doctor_has_door(&doctor->conf->daemon_policy, server);
	*path_r = server + strlen("unix:");
	sp_doctor_outside(&way->asker, *path_r, outside);
	return sp_doctor_has_door(&doctor->conf->daemon_policy, outside);
}

static void judge_use(struct sp_doctor *doctor, const struct sp_way *way, const char *list,
    const struct sp_postfix_policy *use, const char *path)
{
	if (use->permit[0] != '\0') {
		sp_doctor_tell(doctor, SP_FINDING_ERROR,
		    "%s: %s: %s stands before check_policy_service, which is then not asked",
		    way->asker.name, list, use->permit);
		sp_doctor_advise(doctor, "in %s, move %s behind check_policy_service %s", list,
		    use->permit, use->server);
	}
	if (path != NULL && geteuid() == 0)
		sp_doctor_try_socket(doctor, &way->asker, path, false);
}

/* How many uses of our door the list has. */
static size_t judge_list(struct sp_doctor *doctor, const struct sp_postfix_service *service,
    const struct sp_way *way, const char *list)
{
	const char *rest = sp_postfix_get(&doctor->postfix->settings, service, list), *path;
	struct sp_postfix_policy use;
	size_t uses = 0;

	while (sp_postfix_next_policy(&rest, &use)) {
		if (is_our_policy(doctor, way, use.server, &path)) {
			uses++;
			judge_use(doctor, way, list, &use, path);
		} else if (strstr(use.server, "sendpass") != NULL) {
			uses++;
			sp_doctor_tell(doctor, SP_FINDING_ERROR,
			    "%s: %s: %s is no policy door of sendpassd: mail is put off with 451",
			    way->asker.name, list, use.server);
			sp_doctor_advise(doctor,
			    "[daemon] policy = PATH 0660 %s %s with the same path, and restart "
			    "sendpassd",
			    way->asker.user, way->asker.user);
		}
	}
	return uses;
}

static void judge_policy(
    struct sp_doctor *doctor, const struct sp_postfix_service *service, const struct sp_way *way)
{
	const char *action = sp_postfix_get(
	    &doctor->postfix->settings, service, "smtpd_policy_service_default_action");
	size_t uses = 0;

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		uses += judge_list(doctor, service, way, lists[i]);
	if (uses == 0 && doctor->conf->daemon_policy.count > 0) {
		sp_doctor_tell(doctor, SP_FINDING_WARNING,
		    "%s does not ask the policy door: senders, rates and revocations within a "
		    "session are not held",
		    way->asker.name);
		sp_doctor_advise(
		    doctor, "docs/restrictions.md has the lines for main.cf and master.cf");
	}
	if (uses > 0 && (strncasecmp(action, "dunno", strlen("dunno")) == 0 ||
			    strncasecmp(action, "ok", strlen("ok")) == 0 ||
			    strncasecmp(action, "permit", strlen("permit")) == 0)) {
		sp_doctor_tell(doctor, SP_FINDING_ERROR,
		    "%s: smtpd_policy_service_default_action = %s: without sendpassd nothing is "
		    "held",
		    way->asker.name, action);
		sp_doctor_advise(doctor, "leave smtpd_policy_service_default_action unset");
	}
}

void sp_doctor_check_postfix_policy(struct sp_doctor *doctor)
{
	sp_postfix_for_each(doctor, judge_policy);
}
