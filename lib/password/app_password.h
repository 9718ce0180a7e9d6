/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * app_password.h - the app password: id, secret and check symbols
 *
 *	k7qf-2m9x-4d1h-w8s6-t0ya-b3ne-zc5r
 *	|  id: 8 ||--- secret: 18 ----||2|   check symbols
 *
 * Symbols are Crockford's base32 in lower case. The whole is a word of a
 * Reed-Solomon code over GF(32) (x^5+x^2+1) whose roots are a^1..a^check: with
 * two check symbols any two wrong symbols are caught, with one (compact form)
 * any single one and any swap of neighbours.
 */
#ifndef SP_PASSWORD_APP_PASSWORD_H
#define SP_PASSWORD_APP_PASSWORD_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/secret.h"
#include "sendpass/attributes.h"
#include "sendpass/limits.h"

enum sp_password_form {
	SP_FORM_STANDARD, /* 8 id, 18 secret (90 bits), 2 check: 28 symbols */
	SP_FORM_COMPACT,  /* 5 id, 10 secret (50 bits), 1 check: 16 symbols, for short fields */
};

struct sp_app_password {
	enum sp_password_form form;
	char id[SP_ID_MAX + 1];  /* the credential's public name */
	struct sp_secret secret; /* id and secret symbols, normalised: what is hashed */
};

/* A new one from getrandom(2). False, with *password_r wiped, if the kernel gives no bytes. */
SP_NODISCARD bool sp_app_password_generate(
    enum sp_password_form form, struct sp_app_password *password_r);

/* Reads what a person typed: dashes and spaces anywhere, any case, o for 0, i
 * and l for 1. False, with *password_r wiped, if it is no app password. */
SP_NODISCARD bool sp_app_password_parse(
    const char *text, size_t length, struct sp_app_password *password_r);

/* The password as handed over, check symbols and dashes with it, into *text_r,
 * which the caller wipes. */
void sp_app_password_print(const struct sp_app_password *password, struct sp_secret *text_r);

/* True if text is the id of a credential as sp_app_password_parse yields them. */
SP_NODISCARD bool sp_credential_id_is_valid(const char *text);

void sp_app_password_wipe(struct sp_app_password *password);

#endif
