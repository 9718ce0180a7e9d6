/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/base/sender.h"

#include <string.h>
#include <strings.h>

#include "lib/base/text.h"

/* Labels with a dot between each two. */
static bool is_domain(const char *text)
{
	for (const char *label = text;; label++) {
		size_t length = strcspn(label, ".");
		if (length == 0 || memchr(label, '@', length) != NULL)
			return false;
		label += length;
		if (*label == '\0')
			return true;
	}
}

static bool is_address(const char *text)
{
	const char *at = strrchr(text, '@');

	return at != NULL && at > text && is_domain(at + 1);
}

bool sp_sender_pattern_is_valid(const char *text)
{
	size_t length = strlen(text);

	if (length > SP_SENDER_PATTERN_MAX || !sp_text_is_printable_utf8(text, length) ||
	    strchr(text, ' ') != NULL)
		return false;
	if (strcmp(text, "*") == 0 || strcmp(text, "<>") == 0)
		return true;
	if (text[strcspn(text, "*<>")] != '\0')
		return false;
	if (text[0] != '@')
		return is_address(text);
	return is_domain(text[1] == '.' ? text + 2 : text + 1);
}

static bool is_below(const char *domain, const char *parent)
{
	size_t length = strlen(domain), tail = strlen(parent); /* with its dot */

	return length > tail && strcasecmp(domain + length - tail, parent) == 0;
}

bool sp_sender_is_address(const char *address, const char *sender)
{
	return is_address(sender) && strcasecmp(address, sender) == 0;
}

bool sp_sender_is_complete(const char *sender)
{
	size_t length = strlen(sender);

	return length <= SP_SENDER_PATTERN_MAX && sp_text_is_printable_utf8(sender, length) &&
	       is_address(sender);
}

bool sp_sender_covering(const char *sender, size_t index, char pattern_r[SP_SENDER_PATTERN_MAX + 1])
{
	const char *at = strrchr(sender, '@');
	struct sp_text pattern;

	sp_text_init(&pattern, pattern_r, SP_SENDER_PATTERN_MAX + 1);
	if (index < 3) {
		sp_text_add(&pattern, index == 0 ? sender : index == 1 ? "*" : at);
		return true;
	}
	for (; index > 2 && at != NULL; index--)
		at = strchr(at + 1, '.');
	if (at == NULL)
		return false;
	sp_text_addf(&pattern, "@%s", at);
	return true;
}

bool sp_sender_matches(const char *pattern, const char *sender)
{
	if (!sp_sender_pattern_is_valid(pattern))
		return false;
	if (pattern[0] == '*')
		return true;
	if (pattern[0] == '<')
		return sender[0] == '\0';
	if (!is_address(sender))
		return false;
	const char *at = strrchr(sender, '@');
	if (strncmp(pattern, "@.", 2) == 0)
		return is_below(at + 1, pattern + 1);
	return strcasecmp(pattern, pattern[0] == '@' ? at : sender) == 0;
}
