/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * directory.h - what the verification flow asks of a directory
 *
 * The flow sees this interface only; the live LDAP backend (live.h) and the
 * tests' own fill it in. An instance belongs to one thread at a time.
 */
#ifndef SP_DIRECTORY_DIRECTORY_H
#define SP_DIRECTORY_DIRECTORY_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/secret.h"
#include "lib/directory/credential.h"
#include "sendpass/attributes.h"

/* "Found nothing" is SP_DIRECTORY_OK with nothing found; the others mean "cannot know". */
enum sp_directory_status {
	SP_DIRECTORY_ERROR = 0, /* a bug, or an answer that makes no sense */
	SP_DIRECTORY_DOWN,      /* no server can be reached, or it refuses us */
	SP_DIRECTORY_TIMEOUT,   /* a server did not answer in time */
	SP_DIRECTORY_OK,
};

/* What one attempt looks up, both parts in one round trip. */
struct sp_directory_answer {
	struct sp_credential *credential; /* by id; NULL: there is none */
	char *owner_dn; /* the one active entry that the login names; NULL: none, or several */
	bool owner_ambiguous;               /* the login names several active entries */
	struct sp_credential_list imported; /* of sp_directory_find_imported() */
};

/* Frees what the answer holds and empties it. */
void sp_directory_answer_clear(struct sp_directory_answer *answer);

/* For backends. Takes over the one credential that was found by its id; `alone` says
 * that no other has the id. What cannot be used is logged, freed, and SP_DIRECTORY_ERROR. */
SP_NODISCARD enum sp_directory_status sp_directory_answer_take(
    struct sp_directory_answer *answer, struct sp_credential *credential, bool alone);

/* A relation that an entry may or may not have. */
enum sp_owner_question {
	SP_OWNER_IS_ACTIVE,        /* the entry exists and is active; login unused */
	SP_OWNER_HAS_LOGIN,        /* the entry exists and the login names it, active or not */
	SP_OWNER_HAS_LOGIN_ACTIVE, /* both */
};

/* What an owner's entry says today. */
struct sp_owner_entry {
	bool active;      /* it exists and is active */
	char **addresses; /* of owner_mail_attribute, NULL-terminated; NULL: none, or not active */
	char **logins;    /* of owner_login_attributes, likewise, where they were asked for */
};

/* Frees what the entry holds and empties it. */
void sp_owner_entry_clear(struct sp_owner_entry *entry);

/* No more than so many owners, and so many credentials, may bear on one sender. */
#define SP_SENDER_ENTRIES_MAX 250

/* An owner's entry, under its DN as it was asked for. */
struct sp_named_owner {
	char *dn;
	struct sp_owner_entry entry;
};

/* What bears on who may send as an address. The directory's comparisons may be
 * wider than those of sender.h, so it may hold more than that, and never less. */
struct sp_sender_answer {
	/* Each active one that has the address, and each credential's, active or not. */
	struct sp_named_owner *owners;
	size_t owner_count;
	/* Those with a pattern that covers the address; and, of the owners that have
	 * it, those with logins of their own. Without hashes, in whatever state. */
	struct sp_credential_list credentials;
};

/* Frees what the answer holds and empties it. */
void sp_sender_answer_clear(struct sp_sender_answer *answer);

/* For backends. A place for one more owner; the DN is copied. NULL when there is no memory. */
struct sp_owner_entry *sp_sender_answer_add_owner(struct sp_sender_answer *answer, const char *dn);

/* Takes over one more credential. False when there is no memory. */
SP_NODISCARD bool sp_sender_answer_add_credential(
    struct sp_sender_answer *answer, struct sp_credential *credential);

/* The owner under that very spelling of the DN, or NULL. */
const struct sp_owner_entry *sp_sender_answer_owner(
    const struct sp_sender_answer *answer, const char *dn);

struct sp_directory_ops;

/* The first member of every backend's own struct. */
struct sp_directory {
	const struct sp_directory_ops *ops;
};

struct sp_directory_ops {
	/* Fills *answer_r, which the caller clears. Anything but SP_DIRECTORY_OK
	 * leaves it empty. id is a valid credential id; login is bytes from
	 * outside, free of NUL. */
	enum sp_directory_status (*find)(struct sp_directory *directory, const char *id,
	    const char *login, struct sp_directory_answer *answer_r);

	/* Finds the owner alone, and of its imported credentials (sendpassImported) the
	 * first `most`, with their hashes. Otherwise as find. */
	enum sp_directory_status (*find_imported)(struct sp_directory *directory, const char *login,
	    size_t most, struct sp_directory_answer *answer_r);

	/* Whether the entry at dn can bind with the password, which is not empty. What
	 * the directory says of an account that is locked, too, is no. */
	enum sp_directory_status (*check_password)(struct sp_directory *directory, const char *dn,
	    const struct sp_secret *password, bool *right_r);

	/* Asks the directory, by its own matching rules, about the entry at dn. */
	enum sp_directory_status (*ask_owner)(struct sp_directory *directory, const char *dn,
	    enum sp_owner_question question, const char *login, bool *yes_r);

	/* Reads the entry at dn into *entry_r, which the caller clears. Anything but
	 * SP_DIRECTORY_OK leaves it empty. */
	enum sp_directory_status (*read_owner)(
	    struct sp_directory *directory, const char *dn, struct sp_owner_entry *entry_r);

	/* Fills *answer_r, which the caller clears. Anything but SP_DIRECTORY_OK leaves
	 * it empty; more entries than may be are SP_DIRECTORY_ERROR. address is
	 * complete (sender.h). */
	enum sp_directory_status (*find_senders)(
	    struct sp_directory *directory, const char *address, struct sp_sender_answer *answer_r);

	/* Closes connections and frees the backend. */
	void (*close)(struct sp_directory *directory);
};

SP_NODISCARD enum sp_directory_status sp_directory_find(struct sp_directory *directory,
    const char *id, const char *login, struct sp_directory_answer *answer_r);
SP_NODISCARD enum sp_directory_status sp_directory_find_imported(struct sp_directory *directory,
    const char *login, size_t most, struct sp_directory_answer *answer_r);
SP_NODISCARD enum sp_directory_status sp_directory_check_password(struct sp_directory *directory,
    const char *dn, const struct sp_secret *password, bool *right_r);
SP_NODISCARD enum sp_directory_status sp_directory_ask_owner(struct sp_directory *directory,
    const char *dn, enum sp_owner_question question, const char *login, bool *yes_r);
SP_NODISCARD enum sp_directory_status sp_directory_read_owner(
    struct sp_directory *directory, const char *dn, struct sp_owner_entry *entry_r);
SP_NODISCARD enum sp_directory_status sp_directory_find_senders(
    struct sp_directory *directory, const char *address, struct sp_sender_answer *answer_r);
void sp_directory_close(struct sp_directory **directory);

#endif
