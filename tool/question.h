/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * question.h - one password, asked of sendpassd in the way that mail servers do
 */
#ifndef SP_TOOL_QUESTION_H
#define SP_TOOL_QUESTION_H

#include "lib/base/secret.h"
#include "lib/conf/conf.h"
#include "sendpass/attributes.h"
#include "sendpass/verdict.h"

struct sp_question {
	const char *login;
	const char *socket; /* an auth door */
	const char *service;
};

/* SP_UNAVAILABLE in every case but a yes or a no of sendpassd; *why_r is then
 * static text, or NULL. */
SP_NODISCARD enum sp_result sp_question_ask(const struct sp_conf *conf,
    const struct sp_question *question, const struct sp_secret *password, const char **why_r);

#endif
