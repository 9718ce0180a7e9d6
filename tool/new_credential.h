/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * new_credential.h - makes an app password and hands it over, once
 */
#ifndef SP_TOOL_NEW_CREDENTIAL_H
#define SP_TOOL_NEW_CREDENTIAL_H

#include "lib/directory/credential.h"
#include "lib/password/app_password.h"
#include "sendpass/attributes.h"
#include "sendpass/limits.h"
#include "tool/hand_over.h"
#include "tool/session.h"
#include "tool/verb.h"

/* Draws a password of the form, adds what *wanted describes in one LDAP add under
 * an id that is free, and hands the password over, with the context; id_r is the id. *wanted needs
 * an owner; its id and hash are not looked at. Signals are held meanwhile: either
 * the password is handed over, or it is revoked again, or standard error says
 * what to do. Anything but SP_EXIT_OK has been told. */
SP_NODISCARD enum sp_exit sp_new_credential(struct sp_session *session,
    const struct sp_credential *wanted, enum sp_password_form form, sp_hand_over *hand_over,
    const void *context, char id_r[SP_ID_MAX + 1]);

#endif
