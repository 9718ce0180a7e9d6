/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rotation.h - a new app password in place of an old one
 */
#ifndef SP_TOOL_ROTATION_H
#define SP_TOOL_ROTATION_H

#include <stdbool.h>
#include <time.h>

#include "lib/directory/credential.h"
#include "sendpass/attributes.h"
#include "tool/account.h"
#include "tool/hand_over.h"
#include "tool/session.h"
#include "tool/verb.h"

/* What the hand-over of a rotated one gets as its context. */
struct sp_rotation {
	const struct sp_account *account;
	time_t replaced_ends; /* the old one, if all goes well */
	const char *mail;     /* the first address of the owner's entry, or NULL */
};

/* For how long the old one works beside the new one, unless --overlap says otherwise. */
#define SP_OVERLAP_S (7 * 24 * 3600)

/* When the old one is to end: the overlap from now, but never later than it would. */
time_t sp_rotation_end(const struct sp_credential *old, time_t now, time_t overlap_s);

/* When the new one is to end: the old one's life from now, but no later than times can
 * be written, or never as the old one. Of one whose making is not known: as the old one. */
time_t sp_rotation_expiry(const struct sp_credential *old, time_t now);

/* True if the credential is active, was made at least `after_s` ago, and no other of
 * the list that is not revoked replaces it. */
bool sp_rotation_is_due(const struct sp_credential *credential,
    const struct sp_credential_list *all, time_t now, time_t after_s);

/* Reads the credential, makes one like it that replaces it, hands that over, and lets the
 * old one end. Refused for one that has ended or cannot be understood. If the old
 * one cannot be let end both work, and standard error says what to do. Anything but
 * SP_EXIT_OK has been told. */
SP_NODISCARD enum sp_exit sp_rotate(struct sp_session *session, const char *id, time_t overlap_s,
    enum sp_format format, sp_hand_over *hand_over);

#endif
