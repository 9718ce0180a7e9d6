/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * whole_password.c - a password that is no app password, where the site lets such pass
 *
 * It names no credential, so the imported ones of the login's owner are tried, few
 * as they are; then, for the time of a migration, the directory itself is asked
 * whether it is the owner's own. The directory counts what is wrong against its
 * owner, so it comes last. Whoever may use neither is told what all others are:
 * no app password.
 */
#include <string.h>
#include <strings.h>

#include "lib/policy/attempt_steps.h"
#include "sendpass/limits.h"

bool sp_legacy_may_be(const struct sp_attempt_rules *rules, const char *login, time_t now)
{
	char *const *listed = rules->legacy_logins;

	if (now >= rules->legacy_until)
		return false;
	if (listed == NULL || *listed == NULL)
		return true;
	while (*listed != NULL && strcasecmp(*listed, login) != 0)
		listed++;
	return *listed != NULL;
}

/* A session is known by its credential's id, and another credential could have the
 * beginning of a longer one. */
static const char *fault_of(const struct sp_credential *credential)
{
	if (credential->unusable == NULL && strlen(credential->id) > SP_ID_MAX)
		return "an imported credential's id is over 8 symbols";
	return credential->unusable;
}

/* From the list to where all other credentials are. */
static void choose(struct sp_attempt *attempt, size_t index)
{
	attempt->found.credential = attempt->found.imported.items[index];
	attempt->found.imported.items[index] = NULL;
}

/* Whether the cache knows it as the first one's. Of the others it could not tell here
 * that none before them has the same password. */
static bool is_known_as_first(struct sp_attempt *attempt, const struct sp_attempt_rules *rules)
{
	const struct sp_credential *first = attempt->found.imported.items[0];

	return fault_of(first) == NULL &&
	       sp_attempt_is_known(attempt, first->hash, &attempt->request.password, rules);
}

enum sp_step sp_whole_look_up(struct sp_attempt *attempt, struct sp_directory *directory,
    const struct sp_attempt_rules *rules, time_t now)
{
	const struct sp_directory_answer *found = &attempt->found;
	const char *login = attempt->request.login;
	size_t most = rules->max_imported;
	enum sp_directory_status status =
	    sp_directory_find_imported(directory, login, most > 0 ? most + 1 : 0, &attempt->found);

	if (status != SP_DIRECTORY_OK)
		return sp_attempt_done(attempt, sp_attempt_reason_for(status), NULL);
	if (found->owner_ambiguous)
		return sp_attempt_done(
		    attempt, SP_REASON_WRONG_OWNER, "several entries have this login");
	if (found->imported.count > most)
		return sp_attempt_done(attempt, SP_REASON_INTERNAL,
		    "its owner has more imported hashes than max_imported");
	attempt->owner_active = found->owner_dn != NULL; /* or it would not have been found */
	if (found->imported.count > 0 && is_known_as_first(attempt, rules)) {
		choose(attempt, 0);
		return sp_attempt_matched(attempt, rules, now);
	}
	if (found->imported.count > 0)
		return SP_STEP_ARGON2;
	if (found->owner_dn != NULL && sp_legacy_may_be(rules, login, now))
		return SP_STEP_BIND;
	return sp_attempt_done(attempt, SP_REASON_MALFORMED, SP_NO_APP_PASSWORD);
}

enum sp_step sp_whole_verify(struct sp_attempt *attempt, struct sp_argon2_slot *slot,
    const struct sp_attempt_rules *rules, time_t now)
{
	const struct sp_credential_list *imported = &attempt->found.imported;
	const char *unknown = NULL;

	for (size_t i = 0; i < imported->count; i++) {
		const struct sp_credential *credential = imported->items[i];
		const char *why = fault_of(credential);
		enum sp_match match = SP_MATCH_ERROR;
		if (why == NULL)
			match = sp_attempt_compare(attempt, slot, credential->hash,
			    &attempt->request.password, rules, &why);
		if (match == SP_MATCH_YES) {
			choose(attempt, i);
			return sp_attempt_matched(attempt, rules, now);
		}
		if (match == SP_MATCH_ERROR)
			unknown = why;
	}
	/* one that could not be tried may be the right one */
	if (unknown != NULL)
		return sp_attempt_done(attempt, SP_REASON_INTERNAL, unknown);
	if (sp_legacy_may_be(rules, attempt->request.login, now))
		return SP_STEP_BIND;
	return sp_attempt_done(attempt, SP_REASON_BAD_SECRET, "no imported one has this password");
}

void sp_attempt_bind(struct sp_attempt *attempt, struct sp_directory *directory,
    const struct sp_attempt_rules *rules)
{
	bool right;
	enum sp_directory_status status = sp_directory_check_password(
	    directory, attempt->found.owner_dn, &attempt->request.password, &right);

	if (status != SP_DIRECTORY_OK)
		sp_attempt_done(attempt, sp_attempt_reason_for(status), NULL);
	else if (!right)
		sp_attempt_done(attempt, SP_REASON_BAD_SECRET, "nor is it the mailbox password");
	else if (rules->require_tls && attempt->request.tls == SP_TLS_NO)
		sp_attempt_done(attempt, SP_REASON_TLS_REQUIRED, NULL);
	else
		sp_attempt_done(attempt, SP_REASON_LEGACY, NULL);
}
