/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/policy/attempt.h"

#include <string.h>
#include <strings.h>

#include "lib/base/password_shape.h"
#include "lib/base/text.h"
#include "lib/policy/attempt_steps.h"
#include "lib/policy/restrictions.h"

enum sp_step sp_attempt_done(struct sp_attempt *attempt, enum sp_reason reason, const char *detail)
{
	attempt->reason = reason;
	attempt->detail = detail;
	sp_secret_wipe(&attempt->request.password);
	sp_app_password_wipe(&attempt->parsed);
	return SP_STEP_DONE;
}

enum sp_step sp_attempt_parse(
    struct sp_attempt *attempt, const struct sp_attempt_rules *rules, time_t now)
{
	const struct sp_attempt_request *request = &attempt->request;
	size_t login_length = strlen(request->login);

	if (request->malformed != NULL)
		return sp_attempt_done(attempt, SP_REASON_MALFORMED, request->malformed);
	if (login_length == 0 || !sp_text_is_printable_utf8(request->login, login_length))
		return sp_attempt_done(
		    attempt, SP_REASON_MALFORMED, "the login is empty or no printable UTF-8");
	if (request->password.length == 0 || request->password.length > SP_PASSWORD_MAX)
		return sp_attempt_done(
		    attempt, SP_REASON_MALFORMED, "the password is empty or too long");
	if (sp_app_password_parse(
		request->password.bytes, request->password.length, &attempt->parsed))
		sp_secret_wipe(&attempt->request.password);
	else if (sp_is_written_as_app_password(request->password.bytes) ||
		 (rules->max_imported == 0 && !sp_legacy_may_be(rules, request->login, now)))
		return sp_attempt_done(attempt, SP_REASON_MALFORMED, SP_NO_APP_PASSWORD);
	else
		attempt->whole_password = true;
	return SP_STEP_DIRECTORY;
}

enum sp_reason sp_attempt_reason_for(enum sp_directory_status status)
{
	switch (status) {
	case SP_DIRECTORY_DOWN:
		return SP_REASON_DIRECTORY_DOWN;
	case SP_DIRECTORY_TIMEOUT:
		return SP_REASON_DIRECTORY_TIMEOUT;
	case SP_DIRECTORY_ERROR:
	case SP_DIRECTORY_OK:
		break;
	}
	return SP_REASON_INTERNAL;
}

static bool is_own_login(const struct sp_credential *credential, const char *login)
{
	for (char **own = credential->logins; own != NULL && *own != NULL; own++) {
		if (strcasecmp(*own, login) == 0)
			return true;
	}
	return false;
}

/* The login that everybody uses, as long as it is nobody's own: an app password
 * must not let its holder in under the name of somebody else. */
static bool is_everybodys_login(
    const struct sp_attempt *attempt, const struct sp_attempt_rules *rules)
{
	return rules->fixed_login != NULL && attempt->found.owner_dn == NULL &&
	       !attempt->found.owner_ambiguous &&
	       strcasecmp(rules->fixed_login, attempt->request.login) == 0;
}

/* Sets *belongs_r and attempt->owner_active. The common case, in which the login
 * named one active entry and the credential's owner is that very DN, costs
 * nothing; every other is put to the directory, whose matching rules decide
 * whether two spellings of a DN or a login are the same. */
static enum sp_directory_status judge_owner(struct sp_attempt *attempt,
    struct sp_directory *directory, const struct sp_attempt_rules *rules, bool *belongs_r)
{
	const struct sp_credential *credential = attempt->found.credential;
	const char *login = attempt->request.login;
	enum sp_directory_status status;

	*belongs_r = false;
	attempt->owner_active = false;
	if (is_own_login(credential, login) || is_everybodys_login(attempt, rules)) {
		*belongs_r = true;
		return sp_directory_ask_owner(directory, credential->owner, SP_OWNER_IS_ACTIVE,
		    login, &attempt->owner_active);
	}
	if (attempt->found.owner_ambiguous)
		return SP_DIRECTORY_OK;
	if (attempt->found.owner_dn != NULL &&
	    strcmp(attempt->found.owner_dn, credential->owner) == 0) {
		*belongs_r = attempt->owner_active = true;
		return SP_DIRECTORY_OK;
	}
	status = sp_directory_ask_owner(
	    directory, credential->owner, SP_OWNER_HAS_LOGIN_ACTIVE, login, &attempt->owner_active);
	*belongs_r = attempt->owner_active;
	if (status != SP_DIRECTORY_OK || attempt->owner_active)
		return status;
	return sp_directory_ask_owner(
	    directory, credential->owner, SP_OWNER_HAS_LOGIN, login, belongs_r);
}

static enum sp_reason judge_state(
    const struct sp_attempt *attempt, const struct sp_attempt_rules *rules, time_t now)
{
	switch (sp_credential_state(attempt->found.credential, now)) {
	case SP_STATE_REVOKED:
		return SP_REASON_REVOKED;
	case SP_STATE_SUSPENDED:
		return SP_REASON_SUSPENDED;
	case SP_STATE_EXPIRED:
		return SP_REASON_EXPIRED;
	case SP_STATE_NOT_YET_VALID:
		return SP_REASON_NOT_YET_VALID;
	case SP_STATE_ACTIVE:
		if (!attempt->owner_active)
			return SP_REASON_OWNER_INACTIVE;
		return sp_restrictions_judge(
		    attempt->found.credential, &attempt->request, rules->require_tls);
	case SP_STATE_UNUSABLE:
		break;
	}
	return SP_REASON_INTERNAL;
}

/* A restriction that nobody would hold must not read as none. */
static bool is_unheld(const struct sp_credential *credential, const struct sp_attempt_rules *rules)
{
	return !rules->policy_door && (credential->senders != NULL || credential->rates != NULL);
}

enum sp_step sp_attempt_matched(
    struct sp_attempt *attempt, const struct sp_attempt_rules *rules, time_t now)
{
	enum sp_reason reason = judge_state(attempt, rules, now);
	const char *why = NULL;

	if (reason == SP_REASON_OK && is_unheld(attempt->found.credential, rules)) {
		reason = SP_REASON_INTERNAL;
		why = "sendpassSender or sendpassRate, and no policy door holds it";
	}
	return sp_attempt_done(attempt, reason, why);
}

static bool read_hash(const char *hash, const struct sp_attempt_rules *rules, struct sp_phc *phc_r,
    const char **why_r)
{
	*why_r = "the credential's hash cannot be read";
	return hash != NULL && sp_phc_parse(hash, strlen(hash), &rules->caps, phc_r, why_r);
}

bool sp_attempt_is_known(struct sp_attempt *attempt, const char *hash,
    const struct sp_secret *secret, const struct sp_attempt_rules *rules)
{
	struct sp_phc phc;
	const char *why;

	if (attempt->verified == NULL || !read_hash(hash, rules, &phc, &why))
		return false;
	sp_phc_wipe(&phc);
	attempt->cached = sp_verified_cache_knows(attempt->verified, hash, secret);
	return attempt->cached;
}

enum sp_match sp_attempt_compare(struct sp_attempt *attempt, struct sp_argon2_slot *slot,
    const char *hash, const struct sp_secret *secret, const struct sp_attempt_rules *rules,
    const char **why_r)
{
	enum sp_match match;
	struct sp_phc phc;

	/* many of the same may have waited for the first of them */
	if (sp_attempt_is_known(attempt, hash, secret, rules))
		return SP_MATCH_YES;
	if (!read_hash(hash, rules, &phc, why_r))
		return SP_MATCH_ERROR;
	*why_r = "Argon2 failed";
	match = sp_argon2_verify(slot, &phc, secret);
	sp_phc_wipe(&phc);
	if (match == SP_MATCH_YES && attempt->verified != NULL)
		sp_verified_cache_add(attempt->verified, hash, secret);
	return match;
}

enum sp_step sp_attempt_look_up(struct sp_attempt *attempt, struct sp_directory *directory,
    const struct sp_attempt_rules *rules, time_t now)
{
	bool belongs;

	if (attempt->whole_password)
		return sp_whole_look_up(attempt, directory, rules, now);
	enum sp_directory_status status = sp_directory_find(
	    directory, attempt->parsed.id, attempt->request.login, &attempt->found);
	if (status != SP_DIRECTORY_OK)
		return sp_attempt_done(attempt, sp_attempt_reason_for(status), NULL);
	if (attempt->found.credential == NULL)
		return sp_attempt_done(attempt, SP_REASON_NO_CREDENTIAL, NULL);
	if (attempt->found.credential->unusable != NULL) /* it may have no owner */
		return sp_attempt_done(
		    attempt, SP_REASON_INTERNAL, attempt->found.credential->unusable);
	status = judge_owner(attempt, directory, rules, &belongs);
	if (status != SP_DIRECTORY_OK)
		return sp_attempt_done(attempt, sp_attempt_reason_for(status), NULL);
	if (!belongs)
		return sp_attempt_done(attempt, SP_REASON_WRONG_OWNER,
		    attempt->found.owner_ambiguous ? "several entries have this login" : NULL);
	if (sp_attempt_is_known(
		attempt, attempt->found.credential->hash, &attempt->parsed.secret, rules))
		return sp_attempt_matched(attempt, rules, now);
	return SP_STEP_ARGON2;
}

enum sp_step sp_attempt_verify(struct sp_attempt *attempt, struct sp_argon2_slot *slot,
    const struct sp_attempt_rules *rules, time_t now)
{
	const char *why;

	if (attempt->whole_password)
		return sp_whole_verify(attempt, slot, rules, now);
	switch (sp_attempt_compare(
	    attempt, slot, attempt->found.credential->hash, &attempt->parsed.secret, rules, &why)) {
	case SP_MATCH_YES:
		return sp_attempt_matched(attempt, rules, now);
	case SP_MATCH_NO:
		return sp_attempt_done(attempt, SP_REASON_BAD_SECRET, NULL);
	case SP_MATCH_ERROR:
		break;
	}
	/* A hash that cannot be used says nothing about the password: unavailable. */
	return sp_attempt_done(attempt, SP_REASON_INTERNAL, why);
}

void sp_attempt_recheck(struct sp_attempt *attempt, struct sp_directory *directory,
    const struct sp_attempt_rules *rules, time_t now)
{
	enum sp_directory_status status = SP_DIRECTORY_OK;

	if (sp_attempt_look_up(attempt, directory, rules, now) == SP_STEP_DONE)
		return;
	const struct sp_credential *credential = attempt->found.credential;
	if (rules->own_addresses && credential->senders == NULL) {
		status = sp_directory_read_owner(directory, credential->owner, &attempt->owner);
		attempt->owner_active = attempt->owner_active && attempt->owner.active;
	}
	sp_attempt_done(attempt,
	    status == SP_DIRECTORY_OK ? judge_state(attempt, rules, now)
				      : sp_attempt_reason_for(status),
	    NULL);
}

void sp_attempt_clear(struct sp_attempt *attempt)
{
	sp_directory_answer_clear(&attempt->found);
	sp_owner_entry_clear(&attempt->owner);
	explicit_bzero(attempt, sizeof(*attempt));
}
