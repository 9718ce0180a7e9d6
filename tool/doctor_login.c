/* SPDX-License-Identifier: BSD-2-Clause */
/* doctor_login.c - one login through sendpassd, all the way */
#include "sendpass/verdict.h"
#include "tool/doctor.h"
#include "tool/question.h"

static void tell_result(struct sp_doctor *doctor, enum sp_result result, const char *why)
{
	switch (result) {
	case SP_GRANTED:
		sp_doctor_tell(doctor, SP_FINDING_OK, "%s: granted", doctor->login);
		return;
	case SP_DENIED:
		sp_doctor_tell(doctor, SP_FINDING_ERROR, "%s: denied", doctor->login);
		sp_doctor_advise(doctor, "sendpassd's log has the reason: event=auth result=denied "
					 "reason=; man sendpassd");
		return;
	case SP_UNAVAILABLE:
		break;
	}
	sp_doctor_tell(doctor, SP_FINDING_ERROR, "%s: unavailable: %s", doctor->login,
	    why != NULL ? why : "sendpassd cannot know");
	sp_doctor_advise(doctor, "correct what is an error above; sendpassd's log has the reason");
}

static void check_login(struct sp_doctor *doctor)
{
	const char *why = NULL;

	if (doctor->login == NULL) {
		sp_doctor_tell(doctor, SP_FINDING_SKIPPED, "no login was given: --login LOGIN");
		return;
	}
	enum sp_result result = sp_question_ask(doctor->conf,
	    &(struct sp_question){.login = doctor->login,
		.socket = doctor->conf->admin_verify_socket,
		.service = "smtp"},
	    &doctor->password, &why);
	tell_result(doctor, result, why);
}

static const struct sp_check checks[] = {
    {"login", "sendpassd lets the login in", SP_NEEDS_CONF, check_login},
};

const struct sp_check_list sp_checks_of_login = {checks, sizeof(checks) / sizeof(checks[0])};
