/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * postfix_settings.h - what postconf(1) says of the smtpd services
 */
#ifndef SP_TOOL_POSTFIX_SETTINGS_H
#define SP_TOOL_POSTFIX_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "sendpass/attributes.h"
#include "tool/setting_lines.h"

struct sp_postfix_service {
	char name[128]; /* "submission/inet" */
	bool chroot;
};

/* The texts are cut in place. */
struct sp_postfix_settings {
	char *parameters_text, *overrides_text;
	struct sp_setting_lines parameters;  /* of main.cf */
	struct sp_setting_lines overrides;   /* of master.cf, "submission/inet/name = value" */
	struct sp_postfix_service *services; /* of smtpd */
	size_t service_count;
};

/* Reads the output of postconf -M, postconf -x -P and postconf -x NAME...; the last
 * must have compatibility_level, which decides what '-' means for a chroot. The
 * caller calls sp_postfix_settings_free() in every case. False when there is no memory. */
SP_NODISCARD bool sp_postfix_settings_read(const char *master, const char *overrides,
    const char *parameters, struct sp_postfix_settings *settings_r);
void sp_postfix_settings_free(struct sp_postfix_settings *settings);

/* What holds in the service, or in main.cf for NULL; empty if it is not set. */
const char *sp_postfix_get(const struct sp_postfix_settings *settings,
    const struct sp_postfix_service *service, const char *name);
SP_NODISCARD bool sp_postfix_is_yes(const struct sp_postfix_settings *settings,
    const struct sp_postfix_service *service, const char *name);

/* Whether a list of words, divided by blanks or commas, has the word. */
SP_NODISCARD bool sp_postfix_lists(const char *list, const char *word);

struct sp_postfix_policy {
	char server[256]; /* "unix:private/sendpass-policy" */
	char
	    permit[64]; /* the first word before it that ends the list by permitting; empty: none */
};

/* The next check_policy_service of a list of restrictions; *rest moves on. False: no more. */
SP_NODISCARD bool sp_postfix_next_policy(const char **rest, struct sp_postfix_policy *policy_r);

#endif
