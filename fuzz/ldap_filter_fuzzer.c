/* SPDX-License-Identifier: BSD-2-Clause */
/* Filters: whatever the login, a template that passed its check stays one filter of its own
 * shape. Input: TEMPLATE LF LOGIN. */
#include "fuzz/fuzz.h"
#include "lib/directory/ldap_filter.h"
#include "sendpass/limits.h"

static size_t count(const char *filter, char byte)
{
	size_t found = 0;

	for (; *filter != '\0'; filter++)
		found += *filter == byte;
	return found;
}

static int hexadecimal(char c)
{
	const char *digits = "0123456789abcdef", *found = c != '\0' ? strchr(digits, c) : NULL;

	return found != NULL ? (int)(found - digits) : -1;
}

/* Takes the escapes off what sp_filter_add_value() wrote. */
static void hold_value(const char *value)
{
	static char escaped[SP_FILTER_MAX];
	struct sp_text out;
	const char *at = escaped;

	sp_text_init(&out, escaped, sizeof(escaped));
	sp_filter_add_value(&out, value, strlen(value));
	if (out.overflow)
		return;
	for (; *value != '\0'; value++) {
		unsigned char byte = (unsigned char)*at++;
		FUZZ_PROMISE(byte > 0x1f && byte < 0x7f && strchr("*()", byte) == NULL);
		if (byte == '\\') {
			FUZZ_PROMISE(hexadecimal(at[0]) >= 0 && hexadecimal(at[1]) >= 0);
			byte = (unsigned char)(hexadecimal(at[0]) << 4 | hexadecimal(at[1]));
			at += 2;
		}
		FUZZ_PROMISE(byte == (unsigned char)*value);
	}
	FUZZ_PROMISE(*at == '\0');
}

static void hold_template(const char *template, const char *login)
{
	static char plain[SP_FILTER_MAX], filter[SP_FILTER_MAX], quoted[SP_FILTER_MAX];
	struct sp_text out;
	const char *why;

	FUZZ_PROMISE(sp_filter_expand(template, "alice", plain));
	FUZZ_PROMISE(sp_filter_expand(template, login, filter));
	FUZZ_PROMISE(count(filter, '(') == count(plain, '('));
	FUZZ_PROMISE(count(filter, ')') == count(plain, ')'));
	FUZZ_PROMISE(count(filter, '*') == count(plain, '*'));
	/* it is a template, too, that libldap encodes */
	sp_text_init(&out, quoted, sizeof(quoted));
	for (const char *at = filter; *at != '\0'; at++)
		sp_text_add_n(&out, *at == '%' ? "%%" : at, *at == '%' ? 2 : 1);
	FUZZ_PROMISE(out.overflow || sp_filter_template_check(quoted, &why));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char filter[SP_FILTER_MAX];
	char *template = fuzz_text(data, size);
	char *login = template + strcspn(template, "\n");
	const char *why = NULL;

	if (*login == '\n')
		*login++ = '\0';
	hold_value(login);
	/* an empty login goes no further than its door */
	bool is_login = login[0] != '\0' && strlen(login) <= SP_LOGIN_MAX;
	if (sp_filter_template_check(template, &why) && is_login)
		hold_template(template, login);
	else if (!sp_filter_expand(template, login, filter))
		FUZZ_PROMISE(filter[0] == '\0');
	if (sp_filter_check_at(template, &why))
		FUZZ_PROMISE(sp_filter_expand_at(template, 1795500000, filter));
	free(template);
	return 0;
}
