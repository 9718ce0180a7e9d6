/* SPDX-License-Identifier: BSD-2-Clause */
/* verify.c - `sendpass verify`: the way that mail servers take, through sendpassd's auth door */
#include <stdio.h>

#include "sendpass/verdict.h"
#include "tool/arguments.h"
#include "tool/message.h"
#include "tool/output.h"
#include "tool/prompt.h"
#include "tool/question.h"
#include "tool/session.h"

static enum sp_exit exit_of(enum sp_result result)
{
	switch (result) {
	case SP_GRANTED:
		return SP_EXIT_OK;
	case SP_DENIED:
		return SP_EXIT_NO;
	case SP_UNAVAILABLE:
		break;
	}
	return SP_EXIT_UNAVAILABLE;
}

static enum sp_exit print_result(
    const struct sp_run *run, const struct sp_question *question, enum sp_result result)
{
	if (run->json) {
		const struct sp_pair pairs[] = {
		    {"login", question->login},
		    {"result", sp_result_name(result)},
		};
		enum sp_exit status = sp_json_pairs(pairs, sizeof(pairs) / sizeof(pairs[0]));
		if (status != SP_EXIT_OK)
			return status;
	} else {
		puts(sp_result_name(result));
	}
	return exit_of(result);
}

static enum sp_exit ask(const struct sp_run *run, struct sp_question *question,
    const struct sp_conf *conf, const struct sp_secret *password)
{
	const char *why = NULL;

	if (question->socket == NULL)
		question->socket = conf->admin_verify_socket;
	enum sp_result result = sp_question_ask(conf, question, password, &why);
	if (result == SP_UNAVAILABLE)
		sp_fail(SP_EXIT_UNAVAILABLE, "%s: %s", question->socket,
		    why != NULL ? why : "no answer");
	return print_result(run, question, result);
}

/* What --socket names needs no configuration, so that a host has to have none. */
static enum sp_exit get_conf(
    const struct sp_run *run, const struct sp_question *question, struct sp_conf **conf_r)
{
	if (question->socket == NULL || run->conf_path != NULL)
		return sp_session_read_conf(run, conf_r);
	*conf_r = sp_conf_defaults();
	return *conf_r != NULL ? SP_EXIT_OK : sp_fail(SP_EXIT_FAILED, "out of memory");
}

static enum sp_exit verify(const struct sp_run *run, struct sp_question *question)
{
	struct sp_conf *conf = NULL;
	struct sp_secret password = {0};
	enum sp_exit status = get_conf(run, question, &conf);

	if (status == SP_EXIT_OK)
		status = sp_prompt(question->login, &password);
	if (status == SP_EXIT_OK)
		status = ask(run, question, conf, &password);
	sp_secret_wipe(&password);
	sp_conf_free(&conf);
	return status;
}

enum sp_exit sp_verb_verify(struct sp_run *run)
{
	enum { SOCKET = SP_OPTION_OWN, SERVICE };
	static const struct option options[] = {
	    {"socket", required_argument, NULL, SOCKET},
	    {"service", required_argument, NULL, SERVICE},
	    SP_OPTIONS_OF_EVERY_VERB,
	};
	struct sp_question question = {.service = "smtp"};
	enum sp_exit status = SP_EXIT_FAILED;

	for (int option; (option = sp_next_option(run, options, &status)) != SP_OPTIONS_END;) {
		switch (option) {
		case SOCKET:
			question.socket = optarg;
			break;
		case SERVICE:
			question.service = optarg;
			break;
		default:
			return status;
		}
	}
	char **operands = sp_operands(run, 1, 1);
	if (operands == NULL || !sp_text_is_fit(run, "--service", question.service, SP_SERVICE_MAX))
		return SP_EXIT_USAGE;
	question.login = operands[0];
	return verify(run, &question);
}
