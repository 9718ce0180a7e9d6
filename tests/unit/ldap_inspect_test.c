/* SPDX-License-Identifier: BSD-2-Clause */
/* ldap_inspect_test.c - what can be said of a directory without asking it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "lib/directory/inspect.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void an_entry_is_below_its_base_however_it_is_spelled(void **state)
{
	static const struct {
		const char *dn, *base;
		bool is;
	} cases[] = {
	    {"ou=sendpass,dc=example,dc=org", "dc=example,dc=org", true},
	    {"dc=example,dc=org", "dc=example,dc=org", true},
	    {"OU=Sendpass, DC=Example, dc=org", "dc=example,DC=ORG", true},
	    {"dc=example,dc=org", "ou=sendpass,dc=example,dc=org", false},
	    {"ou=sendpass,dc=example,dc=net", "dc=example,dc=org", false},
	    {"ou=xdc=example,dc=org", "dc=example,dc=org", false},
	    {"ou=x\\,dc=example,dc=org", "dc=example,dc=org", false},
	    {"no dn", "dc=org", false},
	    {"dc=org", "no dn", false},
	    {"", "dc=org", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		if (sp_inspect_is_below(cases[i].dn, cases[i].base) != cases[i].is)
			fail_msg("%s below %s", cases[i].dn, cases[i].base);
	}
}

static void an_index_for_equality_is_found(void **state)
{
	static const struct {
		const char *line;
		bool is;
	} cases[] = {
	    {"mail eq", true},
	    {"uid,mail eq", true},
	    {"mail,uid\tsub,eq", true},
	    {"MAIL pres,EQ", true},
	    {"mail", true}, /* the database's default */
	    {"mail sub", false},
	    {"mail pres,equal", false},
	    {"mailAlternate eq", false},
	    {"xmail eq", false},
	    {"uid eq", false},
	    {"", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *const lines[] = {"objectClass eq", (char *)cases[i].line, NULL};
		if (sp_inspect_index_is_there(lines, "mail") != cases[i].is)
			fail_msg("%s", cases[i].line);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_entry_is_below_its_base_however_it_is_spelled),
	    cmocka_unit_test(an_index_for_equality_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
