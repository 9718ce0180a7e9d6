/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tool/mail_log.h"
#include "tool/trace_search.h"

#define NOW    ((time_t)1795523400) /* 2026-11-24T12:30:00Z */
#define OURS   "Nov 24 12:00:05 mail sendpassd[1]: event="
#define MILTER "Nov 24 12:00:05 mail sendpass-milter[1]: event=header"
#define END                                                                                        \
	OURS "policy result=granted reason=ok stage=END-OF-MESSAGE ip=192.0.2.7 port=5 queue_id="
#define LOGIN "mail sendpassd[1]: event=auth result=granted reason=ok ip="
#define SMTPD "Nov 24 12:00:04 mail postfix/submission/smtpd[2]: "
#define CLEAN "Nov 24 12:00:04 mail postfix/cleanup[3]: "
#define SMTP  "Nov 24 12:00:06 mail postfix/smtp[4]: "
#define EXIM  "2026-11-24 12:00:05 "
#define BACK  "status=sent (250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as "

static struct sp_search *search;

static int clear(void **state)
{
	(void)state;
	sp_search_free(&search);
	return setenv("TZ", "UTC", 1);
}

/* How many are found in the log, which ends with NULL. */
static size_t look(const char *what, const char *const *log)
{
	struct sp_logged logged;
	size_t count;

	sp_search_free(&search);
	search = sp_search_new(what);
	assert_non_null(search);
	do {
		for (const char *const *line = log; *line != NULL; line++) {
			if (sp_log_line_read(*line, NOW, &logged))
				assert_true(sp_search_look(search, &logged));
		}
	} while (sp_search_again(search));
	(void)sp_search_found(search, &count);
	return count;
}

static const char *value(size_t i, enum sp_trace_field field)
{
	size_t count;
	const struct sp_trace *found = sp_search_found(search, &count);

	assert_true(i < count);
	return found[i].values[field];
}

static enum sp_trace_by by(size_t i)
{
	size_t count;

	return sp_search_found(search, &count)[i].by;
}

static void a_queue_id_leads_to_its_event(void **state)
{
	static const char *const log[] = {END "AAA1 id=aaaaaaaa login=alice",
	    END "AAA2 id=bbbbbbbb login=bob sender=b@example.org recipients=3",
	    "info: event=policy result=denied reason=sender_denied queue_id=AAA3 id=cccccccc",
	    NULL};

	(void)state;
	assert_int_equal(look("AAA2", log), 1);
	assert_string_equal(value(0, SP_TRACE_ID), "bbbbbbbb");
	assert_string_equal(value(0, SP_TRACE_RECIPIENTS), "3");
	assert_int_equal(by(0), SP_TRACE_BY_MESSAGE);
	assert_int_equal(look("AAA3", log), 1);
	assert_string_equal(value(0, SP_TRACE_REASON), "sender_denied");
	assert_int_equal(look("AAA", log), 0);
	assert_false(sp_search_met_message(search));
}

static void a_message_id_leads_by_its_queue_ids(void **state)
{
	static const char *const log[] = {END "AAA1 id=aaaaaaaa", CLEAN "AAA1: message-id=<a@b>",
	    CLEAN "AAA2: message-id=<a@b>", END "AAA2 id=bbbbbbbb", CLEAN "AAA3: message-id=<a@bc>",
	    CLEAN "AAA4: message-id=<x> <a@b>", END "AAA3 id=cccccccc", END "AAA4 id=dddddddd",
	    NULL};

	(void)state;
	assert_int_equal(look("<a@b>", log), 2);
	assert_string_equal(value(0, SP_TRACE_ID), "aaaaaaaa");
	assert_string_equal(value(1, SP_TRACE_ID), "bbbbbbbb");
	assert_int_equal(look("a@b", log), 2);
	assert_int_equal(look("a@c", log), 0);
}

static void both_events_of_a_message_are_one(void **state)
{
	static const char *const log[] = {MILTER
	    " result=denied reason=sender_denied queue_id=AAA1 id=aaaaaaaa",
	    END "AAA1 id=aaaaaaaa label=printer", END "AAA1 candidates=2 id=bbbbbbbb",
	    END "AAA1 id=aaaaaaaa label=later",
	    MILTER " result=granted reason=ok queue_id=AAA1 id=aaaaaaaa", NULL};

	(void)state;
	assert_int_equal(look("AAA1", log), 3);
	assert_string_equal(value(0, SP_TRACE_RESULT), "denied");
	assert_string_equal(value(0, SP_TRACE_REASON), "sender_denied");
	assert_string_equal(value(0, SP_TRACE_LABEL), "printer");
	assert_null(value(0, SP_TRACE_CANDIDATES));
	assert_string_equal(value(1, SP_TRACE_ID), "bbbbbbbb");
	assert_string_equal(value(1, SP_TRACE_CANDIDATES), "2");
	assert_string_equal(value(2, SP_TRACE_LABEL), "later");
	assert_string_equal(value(2, SP_TRACE_RESULT), "granted");
}

static void a_refusal_outweighs_the_grant_before_it(void **state)
{
	static const char *const log[] = {END "AAA1 id=aaaaaaaa",
	    MILTER " result=denied reason=sender_denied queue_id=AAA1 id=aaaaaaaa", NULL};

	(void)state;
	assert_int_equal(look("AAA1", log), 1);
	assert_string_equal(value(0, SP_TRACE_RESULT), "denied");
}

static void a_message_that_came_back_is_followed_to_where_it_came_in(void **state)
{
	static const char *const log[] = {END "AAA1 id=aaaaaaaa",
	    SMTP "AAA1: to=<x@y>, relay=127.0.0.1[127.0.0.1]:10024, " BACK "BBB1)",
	    CLEAN "BBB1: message-id=<a@b>", SMTP "BBB1: to=<x@y>, relay=mx, " BACK "CCC1)",
	    SMTPD "CCC1: client=localhost[127.0.0.1]", NULL};

	(void)state;
	assert_int_equal(look("BBB1", log), 1);
	assert_string_equal(value(0, SP_TRACE_QUEUE_ID), "AAA1");
	assert_int_equal(look("CCC1", log), 1);
	assert_string_equal(value(0, SP_TRACE_QUEUE_ID), "AAA1");
	assert_int_equal(look("<a@b>", log), 1);
}

/* What a server or a recipient's address claims must not put the blame on somebody else. */
static void a_claim_about_a_message_that_has_an_event_is_not_followed(void **state)
{
	static const char *const log[] = {END "AAA1 id=aaaaaaaa", END "EEE1 id=eeeeeeee",
	    SMTP "EEE1: to=<x@y>, relay=evil.example[192.0.2.9]:25, status=sent (250 Ok: queued as "
		 "AAA1)",
	    END "FFF1 id=ffffffff",
	    SMTP
	    "FFF1: to=<\"x status=sent (x queued as GGG1)\"@y>, relay=mx, status=sent (250 OK)",
	    NULL};

	(void)state;
	assert_int_equal(look("AAA1", log), 1);
	assert_string_equal(value(0, SP_TRACE_ID), "aaaaaaaa");
	assert_int_equal(look("GGG1", log), 0);
}

static void hops_that_go_round_come_to_an_end(void **state)
{
	static const char *const log[] = {
	    SMTP "AAA1: to=<x@y>, " BACK "BBB1)", SMTP "BBB1: to=<x@y>, " BACK "AAA1)", NULL};

	(void)state;
	assert_int_equal(look("AAA1", log), 0);
	assert_true(sp_search_met_message(search));
}

static void without_an_event_the_logins_before_it_are_found(void **state)
{
	static const char *const log[] = {"Nov 24 11:00:00 " LOGIN
					  "192.0.2.7 port=4 id=aaaaaaaa login=alice",
	    "Nov 24 11:30:00 " LOGIN "192.0.2.7 port=4 id=bbbbbbbb login=alice",
	    "Nov 24 11:40:00 " LOGIN "192.0.2.7 port=5 id=cccccccc login=alice label=phone",
	    "Nov 24 11:41:00 " LOGIN "192.0.2.8 port=4 id=dddddddd login=alice",
	    "Nov 24 11:42:00 " LOGIN "192.0.2.7 port=4 id=eeeeeeee login=bob",
	    "Nov 24 11:43:00 mail sendpassd[1]: event=auth result=denied reason=revoked "
	    "ip=192.0.2.7 port=4 "
	    "id=ffffffff login=alice",
	    "Nov 22 11:44:00 " LOGIN "192.0.2.7 port=4 id=gggggggg login=alice",
	    "Nov 24 12:20:00 " LOGIN "192.0.2.7 port=4 id=hhhhhhhh login=alice",
	    SMTPD "AAA1: client=host[192.0.2.7], sasl_method=PLAIN, sasl_username=alice",
	    SMTPD "AAA2: client=host[192.0.2.7]:4, sasl_method=PLAIN, sasl_username=alice, "
		  "sasl_sender=x@y",
	    SMTPD "AAA3: client=host[192.0.2.9]:4, sasl_method=PLAIN, sasl_username=alice", NULL};

	(void)state;
	assert_int_equal(look("AAA1", log), 3);
	assert_string_equal(value(0, SP_TRACE_ID), "aaaaaaaa");
	assert_string_equal(value(2, SP_TRACE_LABEL), "phone");
	assert_int_equal(by(0), SP_TRACE_BY_LOGIN);
	assert_int_equal(look("AAA2", log), 1);
	assert_string_equal(value(0, SP_TRACE_ID), "bbbbbbbb");
	assert_int_equal(by(0), SP_TRACE_BY_PORT);
	size_t count;
	assert_int_equal(sp_search_found(search, &count)[0].events, SP_TRACE_AUTH);
	assert_int_equal(look("AAA3", log), 0);
	assert_true(sp_search_met_message(search));
}

static void exims_message_id_leads_to_its_event(void **state)
{
	static const char *const log[] = {EXIM
	    "1tFabc-000001-2X <= a@b H=(c) [192.0.2.7] P=esmtpsa "
	    "A=plain_sendpass:alice S=390 id=a.1@client.example",
	    "info: event=policy result=granted reason=ok queue_id=1tFabc-000001-2X id=aaaaaaaa",
	    EXIM "1tFabc-000001-2X => x <x@y> R=r T=remote_smtp H=filter [127.0.0.1] C=\"250 OK "
		 "id=1tFabd-000002-2Y\"",
	    EXIM
	    "1tFabd-000002-2Y <= a@b H=localhost [127.0.0.1] P=esmtp S=400 id=a.2@client.example",
	    NULL};

	(void)state;
	assert_int_equal(look("1tFabc-000001-2X", log), 1);
	assert_int_equal(look("<a.1@client.example>", log), 1);
	assert_int_equal(look("a.1@client", log), 0);
	assert_int_equal(look("a.2@client.example", log), 1);
	assert_string_equal(value(0, SP_TRACE_QUEUE_ID), "1tFabc-000001-2X");
}

static void exims_login_is_read_where_no_event_is(void **state)
{
	static const char *const log[] = {"Nov 24 11:00:00 " LOGIN
					  "2001:db8::7 port=4 id=aaaaaaaa login=alice",
	    EXIM "1tFabc-000001-2X <= a@b H=(c) [2001:db8::7]:4 P=esmtpsa X=TLS1.3:x:256 "
		 "A=plain_sendpass:alice S=390",
	    NULL};

	(void)state;
	assert_int_equal(look("1tFabc-000001-2X", log), 1);
	assert_string_equal(value(0, SP_TRACE_ID), "aaaaaaaa");
	assert_int_equal(by(0), SP_TRACE_BY_PORT);
}

/* A quoted local part may hold blanks: whoever sends must not name another as its sender. */
static void exims_login_is_not_read_out_of_the_sender(void **state)
{
	static const char *const log[] = {"Nov 24 11:00:00 " LOGIN
					  "192.0.2.7 port=4 id=aaaaaaaa login=alice",
	    "Nov 24 11:00:00 " LOGIN "192.0.2.8 port=5 id=bbbbbbbb login=bob",
	    EXIM "1tFabc-000001-2X <= \"x\\\" H=(c) [192.0.2.7]:4 P=esmtpsa A=plain:alice \"@b "
		 "H=(c) [192.0.2.8]:5 P=esmtpsa A=plain:bob S=390",
	    EXIM "1tFabd-000002-2Y <= \"x H=(c) [192.0.2.7]:4 P=esmtpsa A=plain:alice S=390", NULL};

	(void)state;
	assert_int_equal(look("1tFabc-000001-2X", log), 1);
	assert_string_equal(value(0, SP_TRACE_ID), "bbbbbbbb");
	assert_int_equal(look("1tFabd-000002-2Y", log), 0);
}

/* An sp_trace takes what it is given for a queue id into an array. */
static void what_is_no_queue_id_is_none(void **state)
{
	static const char *const bad[] = {"", "a b", "<>x", "a_b", "A\xe4", "./x"};
	char longest[SP_QUEUE_ID_MAX + 2];
	struct sp_logged logged;
	char id[SP_QUEUE_ID_MAX + 1], line[256];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_null(sp_search_new(bad[i]));
		assert_int_equal(errno, EINVAL);
	}
	memset(longest, 'A', sizeof(longest));
	longest[SP_QUEUE_ID_MAX + 1] = '\0';
	assert_false(sp_queue_id_is_fit(longest));
	snprintf(line, sizeof(line), CLEAN "%s: message-id=<a@b>", longest);
	assert_true(sp_log_line_read(line, NOW, &logged));
	assert_false(sp_mail_log_queue_id(&logged, id));
	longest[SP_QUEUE_ID_MAX] = '\0';
	snprintf(line, sizeof(line), CLEAN "%s: message-id=<a@b>", longest);
	assert_true(sp_log_line_read(line, NOW, &logged));
	assert_true(sp_mail_log_queue_id(&logged, id));
	assert_string_equal(id, longest);
}

static void too_many_messages_with_one_message_id_are_told(void **state)
{
	struct sp_logged logged;
	char line[128];

	(void)state;
	search = sp_search_new("a@b");
	for (int i = 0; i <= SP_SEARCH_MAX; i++) {
		snprintf(line, sizeof(line), CLEAN "AAA%d: message-id=<a@b>", i);
		assert_true(sp_log_line_read(line, NOW, &logged));
		assert_int_equal(sp_search_look(search, &logged), i < SP_SEARCH_MAX);
	}
	assert_int_equal(errno, E2BIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(a_queue_id_leads_to_its_event, clear),
	    cmocka_unit_test_teardown(a_message_id_leads_by_its_queue_ids, clear),
	    cmocka_unit_test_teardown(both_events_of_a_message_are_one, clear),
	    cmocka_unit_test_teardown(a_refusal_outweighs_the_grant_before_it, clear),
	    cmocka_unit_test_teardown(
		a_message_that_came_back_is_followed_to_where_it_came_in, clear),
	    cmocka_unit_test_teardown(
		a_claim_about_a_message_that_has_an_event_is_not_followed, clear),
	    cmocka_unit_test_teardown(hops_that_go_round_come_to_an_end, clear),
	    cmocka_unit_test_teardown(without_an_event_the_logins_before_it_are_found, clear),
	    cmocka_unit_test_teardown(exims_message_id_leads_to_its_event, clear),
	    cmocka_unit_test_teardown(exims_login_is_read_where_no_event_is, clear),
	    cmocka_unit_test_teardown(exims_login_is_not_read_out_of_the_sender, clear),
	    cmocka_unit_test_teardown(what_is_no_queue_id_is_none, clear),
	    cmocka_unit_test_teardown(too_many_messages_with_one_message_id_are_told, clear),
	};
	return cmocka_run_group_tests(tests, clear, NULL);
}
