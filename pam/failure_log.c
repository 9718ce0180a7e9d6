/* SPDX-License-Identifier: BSD-2-Clause */
#include "pam/failure_log.h"

#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include <security/pam_ext.h>

#include "lib/base/password_shape.h"
#include "lib/base/text.h"

#define SHOWN_MAX 128                     /* bytes of one value */
#define WORD_SIZE (4 * SHOWN_MAX + 3 + 1) /* escaped, with dots behind it */

static const char *word_of(const char *value, char word_r[WORD_SIZE])
{
	struct sp_text out;
	size_t i;

	sp_text_init(&out, word_r, WORD_SIZE);
	for (i = 0; i < SHOWN_MAX && value[i] != '\0'; i++) {
		unsigned char c = (unsigned char)value[i];
		if (c > ' ' && c < 0x7f && c != '\\')
			sp_text_add_n(&out, value + i, 1);
		else
			sp_text_addf(&out, "\\x%02x", c);
	}
	if (value[i] != '\0')
		sp_text_add(&out, "...");
	return word_r;
}

/* Typed into the wrong field, a password must not get into the log. */
static const char *word_of_login(const char *user, char word_r[WORD_SIZE])
{
	return word_of(
	    sp_resembles_app_password(user) ? "(looks-like-an-app-password)" : user, word_r);
}

static const char *word_of_item(const pam_handle_t *pamh, int item, char word_r[WORD_SIZE])
{
	const void *value = NULL;

	if (pam_get_item(pamh, item, &value) != PAM_SUCCESS || value == NULL)
		value = "";
	return word_of(value, word_r);
}

void sp_pam_log_denied(pam_handle_t *pamh, const char *user)
{
	char tty[WORD_SIZE], ruser[WORD_SIZE], rhost[WORD_SIZE], login[WORD_SIZE];

	/* Without logname, which has to be looked up in utmp and is nobody in a server. */
	pam_syslog(pamh, LOG_NOTICE,
	    "authentication failure; logname= uid=%u euid=%u tty=%s ruser=%s rhost=%s user=%s",
	    getuid(), geteuid(), word_of_item(pamh, PAM_TTY, tty),
	    word_of_item(pamh, PAM_RUSER, ruser), word_of_item(pamh, PAM_RHOST, rhost),
	    word_of_login(user, login));
}

void sp_pam_log_unavailable(pam_handle_t *pamh, const char *user, const char *why)
{
	char rhost[WORD_SIZE], login[WORD_SIZE];

	pam_syslog(pamh, LOG_ERR, "temporary failure: %s; rhost=%s user=%s", why,
	    word_of_item(pamh, PAM_RHOST, rhost), word_of_login(user, login));
}
