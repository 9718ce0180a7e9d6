/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/directory/ldap_filter.h"
#include "sendpass/limits.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
	const char *name;
	const char *template;
	const char *value;
	const char *filter; /* NULL: refused */
} expansions[] = {
    {"plain", "(uid=%u)", "alice", "(uid=alice)"},
    {"twice", "(|(uid=%u)(mail=%u))", "a@b", "(|(uid=a@b)(mail=a@b))"},
    {"percent sign", "(cn=100%%%u)", "x", "(cn=100%x)"},
    {"percent in the value", "(uid=%u)", "%u%%%s", "(uid=%u%%%s)"},
    {"no value in it", "(objectClass=*)", "alice", "(objectClass=*)"},
    {"empty value", "(uid=%u)", "", "(uid=)"},
    {"out of the filter", "(uid=%u)", "*)(uid=*", "(uid=\\2a\\29\\28uid=\\2a)"},
    {"any user", "(uid=%u)", "*", "(uid=\\2a)"},
    {"escape of its own", "(uid=%u)", "\\28", "(uid=\\5c28)"},
    {"trailing backslash", "(uid=%u)", "a\\", "(uid=a\\5c)"},
    {"or for everybody", "(&(uid=%u)(x=1))", "a)(|(uid=*)",
	"(&(uid=a\\29\\28|\\28uid=\\2a\\29)(x=1))"},
    {"line feed and DEL", "(uid=%u)", "a\n\x7f", "(uid=a\\0a\\7f)"},
    {"UTF-8", "(uid=%u)", "j\xc3\xbcrg", "(uid=j\\c3\\bcrg)"},
    {"other letter", "(uid=%s)", "alice", NULL},
    {"day", "(uid=%d)", "alice", NULL},
    {"file time", "(uid=%f)", "alice", NULL},
    {"capital", "(uid=%U)", "alice", NULL},
    {"at the end", "(uid=%", "alice", NULL},
};

static void templates_expand_with_the_value_escaped(void **state)
{
	char filter[SP_FILTER_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(expansions); i++) {
		const char *want = expansions[i].filter;
		bool ok = sp_filter_expand(expansions[i].template, expansions[i].value, filter);
		if (ok != (want != NULL) || strcmp(filter, want != NULL ? want : "") != 0)
			fail_msg("%s: %s", expansions[i].name, filter);
	}
}

static const struct {
	const char *template;
	time_t now;
	const char *filter; /* NULL: refused */
} moments[] = {
    {"(objectClass=*)", 0, "(objectClass=*)"},
    {"(shadowExpire=%d)", 0, "(shadowExpire=0)"},
    {"(shadowExpire=%d)", 86399, "(shadowExpire=0)"},
    {"(shadowExpire=%d)", 86400, "(shadowExpire=1)"},
    {"(|(a=%d)(b=%d)(c=1%%))", 1795515291, "(|(a=20781)(b=20781)(c=1%))"},
    {"(accountExpires>=%f)", 0, "(accountExpires>=116444736000000000)"},
    {"(accountExpires>=%f)", 1795515291, "(accountExpires>=134399888910000000)"},
    {"(uid=%u)", 0, NULL},
    {"(uid=%", 0, NULL},
};

static void templates_expand_with_the_time(void **state)
{
	char filter[SP_FILTER_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(moments); i++) {
		const char *want = moments[i].filter;
		bool ok = sp_filter_expand_at(moments[i].template, moments[i].now, filter);
		if (ok != (want != NULL) || strcmp(filter, want != NULL ? want : "") != 0)
			fail_msg("%s: %s", moments[i].template, filter);
	}
}

/* RFC 4515, section 3, from the reader's side. */
static size_t decode(const char *text, char *bytes_r)
{
	size_t length = 0;

	for (; *text != '\0'; text++) {
		assert_null(strchr("()*", *text));
		if (*text != '\\') {
			assert_true(*text >= 0x20 && *text < 0x7f);
			bytes_r[length++] = *text;
			continue;
		}
		char digits[3] = {text[1], text[2], '\0'};
		char *end;
		bytes_r[length++] = (char)strtol(digits, &end, 16);
		assert_ptr_equal(end, digits + 2);
		text += 2;
	}
	return length;
}

static void decoding_gives_back_what_was_escaped(void **state)
{
	char bytes[256], back[sizeof(bytes)], buffer[3 * sizeof(bytes) + 1];
	struct sp_text text;
	unsigned seed = 1;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		size_t length = round == 0 ? 256 : seed % sizeof(bytes);
		for (size_t i = 0; i < length; i++) {
			seed = seed * 1103515245 + 12345;
			bytes[i] = (char)(round == 0 ? i : seed >> 16);
		}
		sp_text_init(&text, buffer, sizeof(buffer));
		sp_filter_add_value(&text, bytes, length);
		assert_false(text.overflow);
		assert_int_equal(decode(buffer, back), length);
		assert_memory_equal(back, bytes, length);
	}
}

static void what_does_not_fit_is_refused_whole(void **state)
{
	static char value[SP_FILTER_MAX], filter[SP_FILTER_MAX];

	(void)state;
	memset(value, 'a', sizeof(value) - 1);
	assert_false(sp_filter_expand("(uid=%u)", value, filter));
	assert_string_equal(filter, "");
	value[SP_FILTER_MAX - sizeof("(uid=)")] = '\0';
	assert_true(sp_filter_expand("(uid=%u)", value, filter));
	assert_false(sp_filter_and(filter, "(a=b)", value));
	assert_string_equal(value, "");
}

static void two_filters_combine(void **state)
{
	char filter[SP_FILTER_MAX];

	(void)state;
	assert_true(sp_filter_and("(uid=a)", "(objectClass=*)", filter));
	assert_string_equal(filter, "(&(uid=a)(objectClass=*))");
}

static const struct {
	const char *name;
	const char *template;
	bool ok;
} templates[] = {
    {"default for owners", "(|(uid=%u)(mail=%u))", true},
    {"default for active owners", "(objectClass=*)", true},
    {"not and and", "(&(uid=%u)(!(nsAccountLock=TRUE)))", true},
    {"extensible match", "(userAccountControl:1.2.840.113556.1.4.803:=2)", true},
    {"empty", "", false},
    {"no parentheses", "uid=%u", false},
    {"one is missing", "(|(uid=%u)(mail=%u)", false},
    {"one too many", "(uid=%u))", false},
    {"two filters", "(uid=%u)(mail=%u)", false},
    {"space behind", "(uid=%u) ", false},
    {"no operator", "(uid)", false},
    {"no attribute", "(=%u)", false},
    {"bad escape", "(uid=\\zz)", false},
    {"unknown letter", "(uid=%x)", false},
    {"other order", ")uid=%u(", false},
};

static void only_one_whole_filter_passes_as_a_template(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(templates); i++) {
		const char *why = NULL;
		if (sp_filter_template_check(templates[i].template, &why) != templates[i].ok)
			fail_msg("%s", templates[i].name);
		if (!templates[i].ok)
			assert_non_null(why);
	}
}

static void a_template_must_fit_with_the_longest_login(void **state)
{
	char template[256] = "(|";
	const char *why = NULL;
	size_t length = strlen(template);

	(void)state;
	for (int i = 0; i < 12; i++, length += strlen("(uid=%u)"))
		memcpy(template + length, "(uid=%u)", strlen("(uid=%u)"));
	template[length] = ')';
	assert_false(sp_filter_template_check(template, &why));
	assert_non_null(why);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(templates_expand_with_the_value_escaped),
	    cmocka_unit_test(templates_expand_with_the_time),
	    cmocka_unit_test(decoding_gives_back_what_was_escaped),
	    cmocka_unit_test(what_does_not_fit_is_refused_whole),
	    cmocka_unit_test(two_filters_combine),
	    cmocka_unit_test(only_one_whole_filter_passes_as_a_template),
	    cmocka_unit_test(a_template_must_fit_with_the_longest_login),
	};

	setenv("LDAPNOINIT", "1", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
