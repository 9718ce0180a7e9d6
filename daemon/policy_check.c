/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/policy_check.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/metrics.h"
#include "daemon/policy_log.h"
#include "daemon/policy_reply.h"
#include "lib/base/clock.h"
#include "lib/base/sender.h"

/* A credential that the session may have logged in with, and what was read of it. */
struct candidate {
	struct sp_policy_check *check;
	struct sp_verification *verification; /* while it is awaited */
	struct sp_session_fit fit;
	struct sp_policy_record record;
	char *owner, *label;
	struct sp_rate rates[SP_RATES_OF_ONE_MAX];
	size_t rate_count;
};

struct sp_policy_check {
	struct sp_policy_site *site;
	struct sp_generation *generation;
	struct sp_policy_request request;
	sp_policy_answer_fn *answer;
	void *context;
	bool beginning; /* in sp_policy_check_begin(), which judges at its end */
	size_t awaited;
	size_t count;
	struct candidate candidates[SP_SESSIONS_FIT_MAX];
};

static void free_check(struct sp_policy_check *check)
{
	for (size_t i = 0; i < check->count; i++) {
		if (check->candidates[i].verification != NULL)
			sp_verification_abandon(check->candidates[i].verification);
		free(check->candidates[i].owner);
		free(check->candidates[i].label);
	}
	sp_generation_release(check->site->generations, &check->generation);
	free(check);
}

void sp_policy_check_abandon(struct sp_policy_check **check)
{
	if (*check != NULL)
		free_check(*check);
	*check = NULL;
}

/* NULL: several fit, and nobody knows which it was. */
static const char *only_id(const struct sp_policy_check *check)
{
	return check->count == 1 ? check->candidates[0].fit.id : NULL;
}

static void answer_and_free(
    struct sp_policy_check *check, enum sp_reason reason, const char *action)
{
	struct sp_policy_answer answer = {.action = action};

	sp_metrics_decision(sp_policy_decision_of(action), reason);
	if (check->request.stage == SP_POLICY_HEADER) {
		answer.reason = sp_reason_name(reason);
		answer.id = only_id(check);
	}
	check->answer(check->context, &answer);
	free_check(check);
}

/* ---- rates ---- */

static size_t add_charges(
    const struct candidate *candidate, const struct sp_due *due, struct sp_rate_charge *charges_r)
{
	for (size_t i = 0; i < candidate->rate_count; i++) {
		bool messages = candidate->rates[i].kind == SP_RATE_MESSAGES;
		charges_r[i] = (struct sp_rate_charge){
		    .id = candidate->fit.id,
		    .rate = candidate->rates[i],
		    .amount = messages ? due->messages : due->recipients,
		};
	}
	return candidate->rate_count;
}

static enum sp_reason reason_for(enum sp_rate_outcome outcome)
{
	switch (outcome) {
	case SP_RATE_WITHIN:
		return SP_REASON_OK;
	case SP_RATE_OVER:
		return SP_REASON_RATE_LIMITED;
	case SP_RATE_UNKNOWN:
		break;
	}
	return SP_REASON_OVERLOADED;
}

/* Charges all candidates or none. Nothing is counted at MAIL, but a client whose
 * limit is reached hears of it early. */
static struct sp_policy_record judge_rates(struct sp_policy_check *check)
{
	struct sp_rate_charge charges[SP_SESSIONS_FIT_MAX * SP_RATES_OF_ONE_MAX];
	bool commit = check->request.stage != SP_POLICY_MAIL;
	struct sp_due due = {1, 1};
	size_t count = 0;

	if (commit)
		due = sp_transactions_due(check->site->transactions, &check->request);
	for (size_t i = 0; i < check->count; i++) {
		struct candidate *candidate = &check->candidates[i];
		size_t own = add_charges(candidate, &due, &charges[count]);
		enum sp_reason reason = reason_for(
		    sp_rate_keeper_charge(check->site->rates, &charges[count], own, false));
		if (reason != SP_REASON_OK) {
			candidate->record.reason = reason;
			return candidate->record;
		}
		count += own;
	}
	if (commit) {
		/* each had room, and no two of them share a counter */
		enum sp_reason reason =
		    reason_for(sp_rate_keeper_charge(check->site->rates, charges, count, true));
		if (reason != SP_REASON_OK)
			return (struct sp_policy_record){.reason = reason};
		sp_transactions_charged(check->site->transactions, &check->request, &due);
	}
	return check->candidates[0].record;
}

/* ---- the verdict ---- */

/* The first that is refused; else the first that cannot be known. */
static const struct candidate *worst_of(const struct sp_policy_check *check)
{
	const struct candidate *unknown = NULL;

	for (size_t i = 0; i < check->count; i++) {
		const struct candidate *candidate = &check->candidates[i];
		switch (sp_reason_result(candidate->record.reason)) {
		case SP_DENIED:
			return candidate;
		case SP_UNAVAILABLE:
			if (unknown == NULL)
				unknown = candidate;
			break;
		case SP_GRANTED:
			break;
		}
	}
	return unknown;
}

/* A header costs nothing: the message is charged where Postfix asks about it. */
static void judge(struct sp_policy_check *check)
{
	const struct sp_conf *conf = check->generation->conf;
	const struct candidate *worst = worst_of(check);
	struct sp_policy_record record = check->candidates[0].record;
	char text[SP_POLICY_REPLY_MAX];

	if (worst != NULL)
		record = worst->record;
	else if (check->request.stage != SP_POLICY_HEADER)
		record = judge_rates(check);
	record.candidates = check->count;
	if (record.reason != SP_REASON_OK || check->request.stage == SP_POLICY_END_OF_MESSAGE)
		sp_policy_log(sp_pipeline_fold(check->site->pipeline), &check->request, &record);
	answer_and_free(check, record.reason,
	    sp_policy_reply(conf, &check->request, record.reason, only_id(check), text));
}

/* ---- one candidate ---- */

static bool may_send_as(const struct sp_attempt *attempt, bool own_addresses, const char *sender)
{
	char **pattern = attempt->found.credential->senders;
	char **address = attempt->owner.addresses;

	if (pattern == NULL && !own_addresses)
		return true;
	for (; pattern != NULL && *pattern != NULL; pattern++) {
		if (sp_sender_matches(*pattern, sender))
			return true;
	}
	for (; address != NULL && *address != NULL; address++) {
		if (sp_sender_is_address(*address, sender))
			return true;
	}
	return false;
}

static void take_rates(struct candidate *candidate, const struct sp_credential *credential)
{
	const struct sp_generation *generation = candidate->check->generation;

	if (credential->rates == NULL) {
		memcpy(candidate->rates, generation->default_rates, sizeof(candidate->rates));
		candidate->rate_count = generation->default_rate_count;
		return;
	}
	/* the directory's mapping lets no more pass, and none that cannot be read */
	for (char **text = credential->rates;
	     *text != NULL && candidate->rate_count < SP_RATES_OF_ONE_MAX; text++) {
		if (!sp_rate_parse(*text, &candidate->rates[candidate->rate_count++]))
			candidate->record.reason = SP_REASON_INTERNAL;
	}
}

static void take_credential(struct candidate *candidate, const struct sp_attempt *attempt)
{
	const struct sp_credential *credential = attempt->found.credential;
	struct sp_policy_check *check = candidate->check;

	candidate->owner = credential->owner != NULL ? strdup(credential->owner) : NULL;
	candidate->label = credential->label != NULL ? strdup(credential->label) : NULL;
	candidate->record.owner = candidate->owner;
	candidate->record.label = candidate->label;
	if (candidate->record.reason != SP_REASON_OK)
		return;
	if (!may_send_as(attempt, check->generation->rules.own_addresses, check->request.sender))
		candidate->record.reason = SP_REASON_SENDER_DENIED;
	else
		take_rates(candidate, credential);
}

/* Whether the credential's sessions are over for good, wherever they come from. */
static bool is_end(enum sp_reason reason)
{
	return sp_reason_result(reason) == SP_DENIED && reason != SP_REASON_SENDER_DENIED &&
	       reason != SP_REASON_SERVICE_DENIED && reason != SP_REASON_NETWORK_DENIED &&
	       reason != SP_REASON_TLS_REQUIRED;
}

static void on_rechecked(void *context, enum sp_reason reason, const struct sp_attempt *attempt)
{
	struct candidate *candidate = context;
	struct sp_policy_check *check = candidate->check;

	candidate->verification = NULL;
	candidate->record.reason = reason;
	if (attempt != NULL) {
		candidate->record.detail = attempt->detail;
		if (attempt->found.credential != NULL)
			take_credential(candidate, attempt);
	}
	if (is_end(candidate->record.reason))
		sp_sessions_end(check->site->sessions, check->request.client_address,
		    check->request.login, candidate->fit.id, sp_now_ms());
	if (--check->awaited == 0 && !check->beginning)
		judge(check);
}

static void recheck(struct candidate *candidate)
{
	struct sp_policy_check *check = candidate->check;
	struct sp_attempt_request request = {
	    .port = check->request.client_port, .tls = candidate->fit.tls};

	memcpy(request.login, check->request.login, sizeof(request.login));
	memcpy(request.address, check->request.client_address, sizeof(request.address));
	memcpy(request.service, candidate->fit.service, sizeof(request.service));
	candidate->record.id = candidate->fit.id;
	candidate->verification = sp_pipeline_recheck(
	    check->site->pipeline, &request, candidate->fit.id, on_rechecked, candidate);
}

/* ---- the whole ---- */

static void answer_unknown(struct sp_policy_check *check)
{
	const char *action = sp_policy_reply_unknown(check->generation->conf, check->request.login);
	const struct sp_policy_record record = {
	    .reason = SP_REASON_NO_CREDENTIAL,
	    .detail = "no login of this session is known",
	};

	if (strcmp(action, "DUNNO") != 0)
		sp_policy_log(sp_pipeline_fold(check->site->pipeline), &check->request, &record);
	answer_and_free(check, record.reason, action);
}

static void answer_ambiguous(struct sp_policy_check *check)
{
	const struct sp_policy_record record = {
	    .reason = SP_REASON_OVERLOADED,
	    .detail = "more app passwords fit this session than are looked at",
	};
	char text[SP_POLICY_REPLY_MAX];

	sp_policy_log(sp_pipeline_fold(check->site->pipeline), &check->request, &record);
	answer_and_free(check, record.reason,
	    sp_policy_reply(check->generation->conf, &check->request, record.reason, NULL, text));
}

/* True if there is something to wait for. */
static bool begin(struct sp_policy_check *check)
{
	struct sp_session_fit fits[SP_SESSIONS_FIT_MAX];
	const struct sp_policy_request *request = &check->request;

	if (!sp_sessions_find(check->site->sessions, request->client_address, request->client_port,
		request->login, sp_now_ms(),
		(int64_t)check->generation->conf->policy_session_lifetime, fits, &check->count)) {
		answer_ambiguous(check);
		return false;
	}
	if (check->count == 0) {
		answer_unknown(check);
		return false;
	}
	check->beginning = true;
	check->awaited = check->count;
	for (size_t i = 0; i < check->count; i++) {
		check->candidates[i].check = check;
		check->candidates[i].fit = fits[i];
		recheck(&check->candidates[i]);
	}
	check->beginning = false;
	if (check->awaited > 0)
		return true;
	judge(check);
	return false;
}

struct sp_policy_check *sp_policy_check_begin(struct sp_policy_site *site,
    const struct sp_policy_request *request, sp_policy_answer_fn *answer, void *context)
{
	/* nobody has logged in, or nothing is sent: no matter of ours */
	if (request->login[0] == '\0' || request->stage == SP_POLICY_OTHER) {
		answer(context, &(struct sp_policy_answer){.action = "DUNNO"});
		return NULL;
	}
	struct sp_policy_check *check = calloc(1, sizeof(*check));
	if (check == NULL) {
		answer(context, &(struct sp_policy_answer){0});
		return NULL;
	}
	check->site = site;
	check->generation = sp_generations_hold(site->generations);
	check->request = *request;
	check->answer = answer;
	check->context = context;
	return begin(check) ? check : NULL;
}
