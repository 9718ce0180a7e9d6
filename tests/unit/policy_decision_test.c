/* SPDX-License-Identifier: BSD-2-Clause */
/* policy_decision_test.c - the answers of the policy door, and what the metrics make of them */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/policy_reply.h"

static char disconnect[] = "disconnect", reject[] = "reject", dunno[] = "dunno", defer[] = "defer",
	    shut[] = "close", defer_if_permit[] = "defer_if_permit", nobody[] = "",
	    header[] = "X-Sendpass-Id";

static const struct {
	const char *name;
	enum sp_reason reason;
	enum sp_policy_stage stage;
	char *ended_session, *unavailable;
	enum sp_decision decision;
} replies[] = {
    {"a recipient", SP_REASON_OK, SP_POLICY_RCPT, reject, shut, SP_DECISION_PASS},
    {"a header", SP_REASON_OK, SP_POLICY_HEADER, reject, shut, SP_DECISION_PASS},
    {"a message that gets the id", SP_REASON_OK, SP_POLICY_DATA, reject, shut, SP_DECISION_PASS},
    {"a sender", SP_REASON_SENDER_DENIED, SP_POLICY_RCPT, disconnect, shut, SP_DECISION_REJECT},
    {"a rate", SP_REASON_RATE_LIMITED, SP_POLICY_RCPT, disconnect, shut, SP_DECISION_DEFER},
    {"the end", SP_REASON_REVOKED, SP_POLICY_RCPT, disconnect, shut, SP_DECISION_DISCONNECT},
    {"a refusal at the end", SP_REASON_REVOKED, SP_POLICY_RCPT, reject, shut, SP_DECISION_REJECT},
    {"an outage", SP_REASON_DIRECTORY_DOWN, SP_POLICY_RCPT, reject, shut, SP_DECISION_CLOSE},
    {"an outage, told", SP_REASON_DIRECTORY_DOWN, SP_POLICY_RCPT, reject, defer_if_permit,
	SP_DECISION_DEFER},
    {"an outage at the end of a message", SP_REASON_OVERLOADED, SP_POLICY_END_OF_MESSAGE, reject,
	defer_if_permit, SP_DECISION_DEFER},
};

static void each_reply_counts_as_what_it_does(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
		const struct sp_conf conf = {.policy_ended_session = replies[i].ended_session,
		    .policy_unavailable = replies[i].unavailable,
		    .policy_id_header = header};
		const struct sp_policy_request request = {.stage = replies[i].stage};
		char text[SP_POLICY_REPLY_MAX];
		print_message("%s\n", replies[i].name);
		assert_int_equal(sp_policy_decision_of(sp_policy_reply(
				     &conf, &request, replies[i].reason, "k7qf2m9x", text)),
		    replies[i].decision);
	}
}

static void the_id_is_put_into_a_message_at_data_where_it_is_wanted_and_certain(void **state)
{
	static const struct {
		enum sp_policy_stage stage;
		char *header;
		const char *id, *action;
	} rows[] = {
	    {SP_POLICY_DATA, header, "k7qf2m9x", "PREPEND X-Sendpass-Id: k7qf2m9x"},
	    {SP_POLICY_DATA, header, NULL, "DUNNO"},
	    {SP_POLICY_DATA, nobody, "k7qf2m9x", "DUNNO"},
	    {SP_POLICY_MAIL, header, "k7qf2m9x", "DUNNO"},
	    {SP_POLICY_RCPT, header, "k7qf2m9x", "DUNNO"},
	    {SP_POLICY_END_OF_MESSAGE, header, "k7qf2m9x", "DUNNO"},
	    {SP_POLICY_HEADER, header, "k7qf2m9x", "OK"},
	};
	char text[SP_POLICY_REPLY_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct sp_conf conf = {.policy_id_header = rows[i].header};
		const struct sp_policy_request request = {.stage = rows[i].stage};
		assert_string_equal(
		    sp_policy_reply(&conf, &request, SP_REASON_OK, rows[i].id, text),
		    rows[i].action);
	}
}

static void a_session_that_is_not_known_counts_as_what_is_done_with_it(void **state)
{
	const struct {
		char *setting;
		enum sp_decision decision;
	} rows[] = {
	    {dunno, SP_DECISION_PASS}, {reject, SP_DECISION_REJECT}, {defer, SP_DECISION_DEFER}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct sp_conf conf = {
		    .policy_unknown_session = rows[i].setting, .policy_fixed_login = nobody};
		assert_int_equal(sp_policy_decision_of(sp_policy_reply_unknown(&conf, "alice")),
		    rows[i].decision);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_reply_counts_as_what_it_does),
	    cmocka_unit_test(the_id_is_put_into_a_message_at_data_where_it_is_wanted_and_certain),
	    cmocka_unit_test(a_session_that_is_not_known_counts_as_what_is_done_with_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
