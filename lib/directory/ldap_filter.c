/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/directory/ldap_filter.h"

#include <inttypes.h>
#include <ldap.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "sendpass/limits.h"

#define DAY_S               INT64_C(86400)
#define FROM_1601_TO_1970_S INT64_C(11644473600)
#define FILE_TIME_PER_S     INT64_C(10000000)

void sp_filter_add_value(struct sp_text *filter, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)bytes[i];

		/* strchr() finds the NUL of its string too */
		if (byte < 0x20 || byte >= 0x7f || strchr("*()\\", byte) != NULL)
			sp_text_addf(filter, "\\%02x", (unsigned)byte);
		else
			sp_text_add_n(filter, &bytes[i], 1);
	}
}

void sp_filter_add_item(struct sp_text *filter, const char *attribute, const char *value)
{
	sp_text_addf(filter, "(%s=", attribute);
	sp_filter_add_value(filter, value, strlen(value));
	sp_text_add(filter, ")");
}

/* What stands for %u, %d and %f; NULL where the template may not have it. */
struct values {
	const char *login, *day, *file_time;
};

static const char *value_of(const struct values *values, char letter)
{
	switch (letter) {
	case 'u':
		return values->login;
	case 'd':
		return values->day;
	case 'f':
		return values->file_time;
	}
	return NULL;
}

static bool expand(const char *template, const struct values *values, char filter_r[SP_FILTER_MAX])
{
	struct sp_text filter;
	bool understood = true;

	sp_text_init(&filter, filter_r, SP_FILTER_MAX);
	for (const char *at = template; understood && *at != '\0'; at++) {
		if (*at != '%') {
			sp_text_add_n(&filter, at, 1);
			continue;
		}
		at++;
		const char *value = value_of(values, *at);
		if (value != NULL)
			sp_filter_add_value(&filter, value, strlen(value));
		else if (*at == '%')
			sp_text_add(&filter, "%");
		else
			understood = false;
	}
	if (understood && !filter.overflow)
		return true;
	filter_r[0] = '\0';
	return false;
}

bool sp_filter_expand(const char *template, const char *value, char filter_r[SP_FILTER_MAX])
{
	return expand(template, &(struct values){.login = value}, filter_r);
}

bool sp_filter_expand_at(const char *template, time_t now, char filter_r[SP_FILTER_MAX])
{
	char day[24], file_time[24];

	snprintf(day, sizeof(day), "%" PRId64, (int64_t)now / DAY_S);
	snprintf(file_time, sizeof(file_time), "%" PRId64,
	    ((int64_t)now + FROM_1601_TO_1970_S) * FILE_TIME_PER_S);
	return expand(template, &(struct values){.day = day, .file_time = file_time}, filter_r);
}

bool sp_filter_and(const char *first, const char *second, char filter_r[SP_FILTER_MAX])
{
	struct sp_text filter;

	sp_text_init(&filter, filter_r, SP_FILTER_MAX);
	sp_text_add(&filter, "(&");
	sp_text_add(&filter, first);
	sp_text_add(&filter, second);
	sp_text_add(&filter, ")");
	if (!filter.overflow)
		return true;
	filter_r[0] = '\0';
	return false;
}

/* In a filter every parenthesis of a value is escaped, so those that are left count. */
static bool is_one_filter(const char *filter)
{
	size_t depth = 0;

	if (filter[0] != '(')
		return false;
	for (const char *at = filter; *at != '\0'; at++) {
		if (*at == '(')
			depth++;
		else if (*at == ')' && --depth == 0)
			return at[1] == '\0';
	}
	return false;
}

/* libldap offers no filter parser, but a search encodes its filter before it
 * connects; nothing can ever listen below /dev/null. */
static bool libldap_encodes(const char *filter)
{
	LDAP *ld = NULL;
	int code = LDAP_NO_MEMORY;
	int msgid;

	if (ldap_initialize(&ld, "ldapi://%2Fdev%2Fnull%2Fx") != LDAP_SUCCESS)
		return false;
	code = ldap_search_ext(
	    ld, "", LDAP_SCOPE_BASE, filter, NULL, 0, NULL, NULL, NULL, LDAP_NO_LIMIT, &msgid);
	ldap_unbind_ext_s(ld, NULL, NULL);
	return code == LDAP_SERVER_DOWN;
}

static bool is_filter(const char *filter, const char **why_r)
{
	if (!is_one_filter(filter)) {
		*why_r = "it is not one filter in balanced parentheses";
		return false;
	}
	/* given this, libldap reads before the start of its buffer */
	if (strstr(filter, "(=") != NULL) {
		*why_r = "it has an item without an attribute";
		return false;
	}
	if (!libldap_encodes(filter)) {
		*why_r = "libldap cannot encode it as a filter";
		return false;
	}
	return true;
}

bool sp_filter_template_check(const char *template, const char **why_r)
{
	char filter[SP_FILTER_MAX];
	char longest[SP_LOGIN_MAX + 1];

	memset(longest, '*', SP_LOGIN_MAX);
	longest[SP_LOGIN_MAX] = '\0';
	if (sp_filter_expand(template, longest, filter))
		return is_filter(filter, why_r);
	*why_r = "it is too long, or has a % that is neither %u nor %%";
	return false;
}

bool sp_filter_check_at(const char *template, const char **why_r)
{
	char filter[SP_FILTER_MAX];

	if (sp_filter_expand_at(template, 0, filter))
		return is_filter(filter, why_r);
	*why_r = "it is too long, or has a % that is neither %d, %f nor %%";
	return false;
}
