/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fake_directory.h - a directory of one credential that answers as it is told
 */
#ifndef SP_TESTS_FAKE_DIRECTORY_H
#define SP_TESTS_FAKE_DIRECTORY_H

#include <stdbool.h>

#include "lib/directory/directory.h"

struct fake_directory {
	struct sp_directory base;
	/* What it holds: copied into every answer for its id. */
	const struct sp_credential *credential;
	const char *owner_dn; /* what the login names; NULL: nothing */
	bool owner_ambiguous;
	/* What it says of the entry at the credential's owner. */
	bool is_active, has_login;
	/* What find_imported() finds, beside the owner that the login names. */
	struct sp_credential *const *imported;
	size_t imported_count;
	/* What the entry at owner_dn binds with; NULL: nothing. */
	const char *password;
	/* What each call comes to: find, then the first and the second question. */
	enum sp_directory_status find_status, ask_status[2];
	/* When the owner's entry is read. */
	enum sp_directory_status read_status;
	char *const *addresses;
	/* What it answers about every sender: copied, too. */
	enum sp_directory_status senders_status;
	const struct sp_sender_answer *senders;
	enum sp_directory_status imported_status, bind_status;
	/* What was asked of it. */
	int finds, asks, owner_reads, binds, sender_finds;
	size_t most; /* of the last find_imported() */
	char asked_login[600];
};

/* One that works and says no to every question. */
void fake_directory_init(struct fake_directory *fake);

#endif
