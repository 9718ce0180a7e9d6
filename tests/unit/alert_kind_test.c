/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/policy/alert_kind.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void what_is_no_kind_is_named(void **state)
{
	static const struct {
		const char *text, *fault;
	} cases[] = {
	    {"directory_down no_such", "no_such"},
	    {"auth", "auth"},
	    {"auth:", "auth:"},
	    {"auth:denied", "auth:denied"},
	    {"policy", "policy"},
	    {"directory_down:ok", "directory_down:ok"},
	    {"stopped", "stopped"},
	    {"alert_failed", "alert_failed"},
	    {"directory_down,directory_up", "directory_down,directory_up"},
	};
	char fault[SP_ALERT_NAME_MAX + 1], many[4096] = "";
	struct sp_alert_kinds kinds;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_false(sp_alert_kinds_parse(cases[i].text, &kinds, fault));
		assert_string_equal(fault, cases[i].fault);
	}
	memset(many, 'a', sizeof(many) - 1);
	assert_false(sp_alert_kinds_parse(many, &kinds, fault));
	assert_int_equal(strlen(fault), SP_ALERT_NAME_MAX);
	for (size_t i = 0; i < SP_ALERT_KINDS_MAX + 1; i++)
		memcpy(many + i * 8, "auth:ok ", 9);
	assert_false(sp_alert_kinds_parse(many, &kinds, fault));
	many[SP_ALERT_KINDS_MAX * 8] = '\0';
	assert_true(sp_alert_kinds_parse(many, &kinds, fault));
	assert_true(sp_alert_kinds_parse("", &kinds, fault));
	assert_int_equal(kinds.count, 0);
}

static void a_line_is_known_by_event_and_reason_and_its_subject_by_id_address_or_uri(void **state)
{
	static const struct {
		const char *line;
		int kind; /* -1: none */
		const char *subject;
	} cases[] = {
	    {"event=auth result=denied reason=revoked ip=192.0.2.7 id=k7qf2m9x login=a", 1,
		"k7qf2m9x"},
	    {"event=auth result=denied reason=malformed ip=192.0.2.7 login=a", 2, "192.0.2.7"},
	    {"event=auth result=denied reason=expired ip=192.0.2.7 login=a", -1, NULL},
	    {"event=policy result=denied reason=revoked id=k7qf2m9x", -1, NULL},
	    {"event=auth result=granted reason=ok login=\"reason=revoked\"", -1, NULL},
	    {"event=auth result=granted reason=ok login=\"x\\\" reason=revoked\"", -1, NULL},
	    {"event=directory_down uri=ldapi:/// error=\"event=auth\"", 3, "ldapi:///"},
	    {"event=usage_not_written reason=error dn=x", 0, ""},
	    {"event=many_wrong_ids ip=2001:db8::1 ids=10", -1, NULL},
	    {"event=auth result=denied reason=revoked id=k7qf2m9x repeats=3", -1, NULL},
	    {"what event=directory_down", -1, NULL},
	    {"", -1, NULL},
	};
	char fault[SP_ALERT_NAME_MAX + 1], subject[SP_LOG_LINE_MAX + 1];
	struct sp_alert_kinds kinds;

	(void)state;
	assert_true(sp_alert_kinds_parse(
	    " usage_not_written  auth:revoked auth:malformed directory_down ", &kinds, fault));
	assert_int_equal(kinds.count, 4);
	for (size_t i = 0; i < COUNT(cases); i++) {
		size_t kind = SIZE_MAX;
		bool found = sp_alert_kind_of(&kinds, cases[i].line, &kind, subject);
		assert_int_equal(found, cases[i].kind >= 0);
		if (!found)
			continue;
		assert_int_equal(kind, cases[i].kind);
		assert_string_equal(subject, cases[i].subject);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_no_kind_is_named),
	    cmocka_unit_test(
		a_line_is_known_by_event_and_reason_and_its_subject_by_id_address_or_uri),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
