/* SPDX-License-Identifier: BSD-2-Clause */
#include "tool/new_credential.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/password/argon2_slot.h"
#include "tool/change.h"
#include "tool/held_signals.h"
#include "tool/message.h"

/* A compact id has 25 bits: with 100,000 of them in use, 8 draws in a row are
 * taken once in 10^20 times. */
#define DRAWS_MAX 8

/* The credential points into here, and to what its maker has. */
struct issued {
	struct sp_credential credential;
	struct sp_app_password password;
	char hash[SP_PHC_TEXT_MAX];
};

/* Adds the credential under an id that is free. */
static enum sp_exit add(struct sp_session *session, struct sp_argon2_slot *slot,
    enum sp_password_form form, struct issued *issued)
{
	const struct sp_argon2_cost cost = {
	    .memory_kib = (uint32_t)session->conf->argon2_memory,
	    .passes = (uint32_t)session->conf->argon2_passes,
	    .lanes = (uint32_t)session->conf->argon2_lanes,
	};
	enum sp_admin_status status = SP_ADMIN_EXISTS;
	char why[SP_CONF_WHY_MAX] = "";

	for (int draw = 0; draw < DRAWS_MAX && status == SP_ADMIN_EXISTS; draw++) {
		if (!sp_app_password_generate(form, &issued->password) ||
		    !sp_argon2_hash(slot, &cost, &issued->password.secret, issued->hash))
			return sp_fail(SP_EXIT_FAILED,
			    "no app password could be made: getrandom or Argon2 failed");
		issued->credential.id = issued->password.id;
		issued->credential.hash = issued->hash;
		status = sp_change_add(session, "credential_issued", &issued->credential, why);
	}
	if (status == SP_ADMIN_DOWN)
		sp_say("Nobody knows whether app password %s was added. If `sendpass show %s` "
		       "finds it, revoke it: its password is lost.",
		    issued->password.id, issued->password.id);
	return sp_session_judge(status, why);
}

/* An app password that nobody has seen must not stay valid. */
static enum sp_exit take_back(struct sp_session *session, const char *id)
{
	struct sp_credential *credential = NULL;
	char why[SP_CONF_WHY_MAX];
	enum sp_exit status =
	    sp_session_judge(sp_admin_get(session->admin, id, &credential, why), why);

	if (status == SP_EXIT_OK) {
		struct sp_credential revoked = *credential;
		revoked.revoked = time(NULL);
		revoked.revoked_reason = "its password could not be handed over";
		status = sp_change(session, "credential_revoked", credential, &revoked);
	}
	sp_credential_free(&credential);
	if (status == SP_EXIT_OK)
		return sp_fail(SP_EXIT_FAILED,
		    "app password %s was made, but not handed over, and is revoked again", id);
	return sp_fail(SP_EXIT_FAILED,
	    "app password %s was made, but not handed over, and is still active: run sendpass "
	    "revoke %s",
	    id, id);
}

static enum sp_exit hand_over_or_take_back(struct sp_session *session, const struct issued *issued,
    sp_hand_over *hand_over, const void *context)
{
	struct sp_secret text = {0};

	sp_app_password_print(&issued->password, &text);
	bool ok = hand_over(&issued->credential, &text, context);
	sp_secret_wipe(&text);
	return ok ? SP_EXIT_OK : take_back(session, issued->password.id);
}

enum sp_exit sp_new_credential(struct sp_session *session, const struct sp_credential *wanted,
    enum sp_password_form form, sp_hand_over *hand_over, const void *context,
    char id_r[SP_ID_MAX + 1])
{
	struct issued issued = {.credential = *wanted};
	sigset_t before;
	enum sp_exit status;
	struct sp_argon2_slot *slot = sp_argon2_slot_new((uint32_t)session->conf->argon2_memory);

	id_r[0] = '\0';
	if (slot == NULL)
		return sp_fail(SP_EXIT_FAILED,
		    "no memory for Argon2: [argon2] memory is %" PRIu64 " KiB",
		    session->conf->argon2_memory);
	sp_hold_signals(&before);
	status = add(session, slot, form, &issued);
	if (status == SP_EXIT_OK) {
		snprintf(id_r, SP_ID_MAX + 1, "%s", issued.password.id);
		status = hand_over_or_take_back(session, &issued, hand_over, context);
	}
	sp_argon2_slot_free(&slot);
	explicit_bzero(&issued, sizeof(issued));
	sp_release_signals(&before);
	return status;
}
