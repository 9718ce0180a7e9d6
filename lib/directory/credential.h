/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * credential.h - one credential as the directory holds it
 */
#ifndef SP_DIRECTORY_CREDENTIAL_H
#define SP_DIRECTORY_CREDENTIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "sendpass/attributes.h"

/* Strings are the struct's own. A time of SP_NO_TIME is absent. */
#define SP_NO_TIME ((time_t)-1)

struct sp_credential {
	char *dn;
	char *id;             /* sendpassId */
	char *owner;          /* owner: a DN */
	char *hash;           /* sendpassHash: a PHC string; NULL where the ACL hides it */
	char *label;          /* sendpassLabel, may be NULL */
	char **logins;        /* sendpassLogin, NULL-terminated; NULL for none */
	char **services;      /* sendpassService, likewise; NULL: no restriction */
	char **networks;      /* sendpassNetwork, likewise: each one for sp_network_parse() */
	char **senders;       /* sendpassSender, likewise: each a pattern (sender.h) */
	char **rates;         /* sendpassRate, likewise: each one for sp_rate_parse() */
	time_t created;       /* createTimestamp */
	time_t not_before;    /* sendpassNotBefore */
	time_t expires;       /* sendpassExpires */
	time_t revoked;       /* sendpassRevoked */
	char *revoked_reason; /* sendpassRevokedReason, may be NULL */
	bool suspended;       /* sendpassSuspended */
	bool tls_required;    /* sendpassRequireTLS */
	bool imported;  /* sendpassImported: the hash is of a whole password, made elsewhere */
	char *replaces; /* sendpassReplaces: the id of the one it is to replace; may be NULL */
	/* Tell of it and decide nothing: absent, too, where they cannot be understood. */
	time_t last_used;     /* sendpassLastUsed */
	char *last_address;   /* sendpassLastAddress, may be NULL */
	char *last_service;   /* sendpassLastService, may be NULL */
	const char *unusable; /* an attribute cannot be understood: static text; else NULL */
};

/* Wipes the hash and frees all. Accepts NULL; *credential becomes NULL. */
void sp_credential_free(struct sp_credential **credential);

struct sp_credential_list {
	struct sp_credential **items;
	size_t count;
};

void sp_credential_list_free(struct sp_credential_list *list);

/* The oldest first; those of one second by their DN. */
void sp_credential_list_sort(struct sp_credential_list *list);

/* Moves what is in *more to the end of *list. False, with both as they were, when
 * there is no memory. */
SP_NODISCARD bool sp_credential_list_take(
    struct sp_credential_list *list, struct sp_credential_list *more);

enum sp_credential_state {
	SP_STATE_ACTIVE,
	SP_STATE_UNUSABLE,
	SP_STATE_REVOKED,
	SP_STATE_SUSPENDED,
	SP_STATE_EXPIRED,
	SP_STATE_NOT_YET_VALID, /* the last */
};

/* What the credential's own attributes say at `now`: the first of the enum that
 * holds, and active if none does. Revoked is revoked, whatever the time given.
 * The one place that judges them: verdicts and listings both come from here. */
enum sp_credential_state sp_credential_state(const struct sp_credential *credential, time_t now);

/* "active", "revoked" ..., static text. */
const char *sp_credential_state_name(enum sp_credential_state state);
/* False, with *state_r untouched, if no state has that name. */
SP_NODISCARD bool sp_credential_state_parse(const char *name, enum sp_credential_state *state_r);

#endif
