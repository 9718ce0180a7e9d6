/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/base/clock.h"
#include "lib/client/policy_client.h"

#define COUNT(array)   (sizeof(array) / sizeof((array)[0]))
#define LONG_ENOUGH_MS 20000 /* never waited for */
#define SHORT_MS       60

static const struct sp_policy_question plain = {
    .client_address = "192.0.2.7",
    .client_port = 51232,
    .queue_id = "8045F2AB23",
    .login = "alice",
    .header = "From",
    .mailbox = "alice@example.org",
};

static int far_end;
static struct sp_connection connection;
static struct sp_policy_verdict verdict;
static const char *why;

/* A connection on which everything that the door will say has arrived already. */
static void connect_to(const char *answer, size_t length, int timeout_ms)
{
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	far_end = ends[1];
	connection = (struct sp_connection){.fd = ends[0], .deadline_ms = sp_now_ms() + timeout_ms};
	assert_int_equal(write(far_end, answer, length), length);
}

static void hang_up(void)
{
	sp_connection_close(&connection);
	close(far_end);
}

static void a_question_is_a_request_of_the_milter(void **state)
{
	static const char answer[] = "action=OK\nsendpass_reason=ok\nsendpass_id=k7qf2m9x\n\n";
	struct sp_policy_request request;
	char asked[4096];
	size_t used;

	(void)state;
	connect_to(answer, strlen(answer), LONG_ENOUGH_MS);
	assert_true(sp_policy_client_ask(&connection, &plain, &verdict, &why));
	assert_null(why);
	assert_string_equal(verdict.action, "OK");
	assert_string_equal(verdict.reason, "ok");
	assert_string_equal(verdict.id, "k7qf2m9x");

	ssize_t length = read(far_end, asked, sizeof(asked));
	assert_true(length > 0);
	assert_int_equal(
	    sp_policy_parse(asked, (size_t)length, &request, &used, &why), SP_POLICY_COMPLETE);
	assert_int_equal(used, length);
	assert_int_equal(request.stage, SP_POLICY_HEADER);
	assert_string_equal(request.client_address, plain.client_address);
	assert_int_equal(request.client_port, plain.client_port);
	assert_string_equal(request.queue_id, plain.queue_id);
	assert_string_equal(request.login, plain.login);
	assert_string_equal(request.header, plain.header);
	assert_string_equal(request.sender, plain.mailbox);
	hang_up();
}

static void answers_are_told_apart(void **state)
{
	static const char answers[] =
	    "action=OK\n\naction=550 5.7.1 no\nsendpass_reason=revoked\n\n";

	(void)state;
	connect_to(answers, strlen(answers), LONG_ENOUGH_MS);
	assert_true(sp_policy_client_ask(&connection, &plain, &verdict, &why));
	assert_string_equal(verdict.action, "OK");
	assert_string_equal(verdict.id, "");
	assert_true(sp_policy_client_ask(&connection, &plain, &verdict, &why));
	assert_string_equal(verdict.action, "550 5.7.1 no");
	assert_string_equal(verdict.reason, "revoked");
	hang_up();
}

#define LINE_64 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static const struct {
	const char *name, *answer;
	bool ends; /* the door closes after it */
	const char *why;
} bad[] = {
    {"nothing", "", true, "closed"},
    {"silence", "", false, "in time"},
    {"half an answer", "action=OK\n", true, "closed"},
    {"no end", "action=OK\nsendpass_id=k7qf2m9x\n", false, "in time"},
    {"no action", "sendpass_id=k7qf2m9x\n\n", false, "none of a policy door"},
    {"an empty action", "action=\n\n", false, "none of a policy door"},
    {"an empty line", "\n", false, "none of a policy door"},
    {"two actions", "action=OK\naction=OK\n\n", false, "none of a policy door"},
    {"two ids", "action=OK\nsendpass_id=a\nsendpass_id=b\n\n", false, "none of a policy door"},
    {"a long id", "action=OK\nsendpass_id=k7qf2m9xx\n\n", false, "none of a policy door"},
    {"a long reason", "action=OK\nsendpass_reason=" LINE_64 "x\n\n", false,
	"none of a policy door"},
    {"a long action",
	"action=" LINE_64 LINE_64 LINE_64 LINE_64 LINE_64 LINE_64 LINE_64 LINE_64 "\n\n", false,
	"none of a policy door"},
    {"too many lines", "action=OK\na\na\na\na\na\na\na\na\na\na\na\na\na\na\na\na\n\n", false,
	"none of a policy door"},
    {"an HTTP server", "HTTP/1.1 400 Bad Request\n\n", false, "none of a policy door"},
};

static void only_a_whole_answer_counts(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		bool waits = strstr(bad[i].why, "in time") != NULL;
		print_message("  %s\n", bad[i].name);
		connect_to(bad[i].answer, strlen(bad[i].answer), waits ? SHORT_MS : LONG_ENOUGH_MS);
		if (bad[i].ends)
			shutdown(far_end, SHUT_WR);
		assert_false(sp_policy_client_ask(&connection, &plain, &verdict, &why));
		assert_non_null(strstr(why, bad[i].why));
		hang_up();
	}
	connect_to("action=O\0K\n\n", 12, LONG_ENOUGH_MS);
	assert_false(sp_policy_client_ask(&connection, &plain, &verdict, &why));
	hang_up();
}

static void what_is_new_in_an_answer_is_passed_over(void **state)
{
	static const char answer[] = "sendpass_new=1\naction=OK\nmore\n\n";

	(void)state;
	connect_to(answer, strlen(answer), LONG_ENOUGH_MS);
	assert_true(sp_policy_client_ask(&connection, &plain, &verdict, &why));
	assert_string_equal(verdict.action, "OK");
	hang_up();
}

static void nothing_that_breaks_a_line_is_sent(void **state)
{
	static const char *const broken[] = {"a\nb", "a\rb", "\n", "a\n"};
	static char longest[SP_POLICY_REQUEST_MAX + 1];
	char asked[16];

	(void)state;
	memset(longest, 'x', sizeof(longest) - 1);
	for (size_t i = 0; i <= COUNT(broken); i++) {
		const char *value = i < COUNT(broken) ? broken[i] : longest;
		const struct sp_policy_question questions[] = {
		    {value, 1, "q", "login", "From", "a@x.org"},
		    {"::1", 1, value, "login", "From", "a@x.org"},
		    {"::1", 1, "q", value, "From", "a@x.org"},
		    {"::1", 1, "q", "login", value, "a@x.org"},
		    {"::1", 1, "q", "login", "From", value},
		};
		for (size_t at = 0; at < COUNT(questions); at++) {
			connect_to("action=OK\n\n", 11, LONG_ENOUGH_MS);
			assert_false(
			    sp_policy_client_ask(&connection, &questions[at], &verdict, &why));
			assert_non_null(why);
			assert_true(recv(far_end, asked, sizeof(asked), MSG_DONTWAIT) < 0);
			hang_up();
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_question_is_a_request_of_the_milter),
	    cmocka_unit_test(answers_are_told_apart),
	    cmocka_unit_test(only_a_whole_answer_counts),
	    cmocka_unit_test(what_is_new_in_an_answer_is_passed_over),
	    cmocka_unit_test(nothing_that_breaks_a_line_is_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
