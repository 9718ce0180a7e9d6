/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/wire/policy_request.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define KIND         "request=smtpd_access_policy\n"
#define OF_MILTER    "request=sendpass_header_sender\n"

static struct sp_policy_request request;
static size_t used;
static const char *why;

static enum sp_policy_status parse(const char *text, size_t length)
{
	/* a copy of its own size, so that a sanitizer sees a step too far */
	char *copy = malloc(length > 0 ? length : 1);

	assert_non_null(copy);
	memcpy(copy, text, length);
	enum sp_policy_status status = sp_policy_parse(copy, length, &request, &used, &why);
	free(copy);
	return status;
}

static const char whole[] =
    KIND "protocol_state=RCPT\nprotocol_name=ESMTP\nhelo_name=x\n"
	 "queue_id=8045F2AB23\nsender=foo@bar.tld\nrecipient=bar@foo.tld\n"
	 "recipient_count=0\nclient_address=1.2.3.4\nclient_name=a=b\n"
	 "instance=123.456.7\nsasl_method=plain\nsasl_username=you@x\n"
	 "sasl_sender=\nsize=12345\nencryption_keysize=256\nclient_port=1234\n\n";

static void a_request_of_postfix_is_read(void **state)
{
	(void)state;
	assert_int_equal(parse(whole, strlen(whole)), SP_POLICY_COMPLETE);
	assert_int_equal(used, strlen(whole));
	assert_int_equal(request.stage, SP_POLICY_RCPT);
	assert_string_equal(request.state, "RCPT");
	assert_string_equal(request.client_address, "1.2.3.4");
	assert_int_equal(request.client_port, 1234);
	assert_string_equal(request.login, "you@x");
	assert_string_equal(request.sender, "foo@bar.tld");
	assert_string_equal(request.recipient, "bar@foo.tld");
	assert_int_equal(request.recipient_count, 0);
	assert_string_equal(request.instance, "123.456.7");
	assert_string_equal(request.queue_id, "8045F2AB23");
}

static void every_part_of_it_is_partial(void **state)
{
	(void)state;
	for (size_t length = 0; length < strlen(whole); length++)
		assert_int_equal(parse(whole, length), SP_POLICY_PARTIAL);
}

static void what_follows_is_left_for_the_next(void **state)
{
	static const char two[] = KIND "sender=a\n\n" KIND "sender=b\n\n";

	(void)state;
	assert_int_equal(parse(two, strlen(two)), SP_POLICY_COMPLETE);
	assert_string_equal(request.sender, "a");
	size_t first = used;
	assert_int_equal(parse(two + first, strlen(two) - first), SP_POLICY_COMPLETE);
	assert_string_equal(request.sender, "b");
	assert_int_equal(first + used, strlen(two));
}

static void stages_have_their_names(void **state)
{
	static const struct {
		const char *name;
		enum sp_policy_stage stage;
	} cases[] = {
	    {"CONNECT", SP_POLICY_OTHER},
	    {"EHLO", SP_POLICY_OTHER},
	    {"MAIL", SP_POLICY_MAIL},
	    {"RCPT", SP_POLICY_RCPT},
	    {"DATA", SP_POLICY_DATA},
	    {"BDAT", SP_POLICY_DATA},
	    {"END-OF-MESSAGE", SP_POLICY_END_OF_MESSAGE},
	    {"VRFY", SP_POLICY_OTHER},
	    {"rcpt", SP_POLICY_OTHER},
	    {"", SP_POLICY_OTHER},
	};
	char text[100];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		int length =
		    snprintf(text, sizeof(text), KIND "protocol_state=%s\n\n", cases[i].name);
		assert_int_equal(parse(text, (size_t)length), SP_POLICY_COMPLETE);
		assert_int_equal(request.stage, cases[i].stage);
	}
}

static void a_request_of_the_milter_is_read(void **state)
{
	static const char text[] =
	    "request=sendpass_header_sender\nsendpass_header=Sender\nclient_address=::1\n"
	    "client_port=25000\nsasl_username=you@x\nsender=\"a b\"@bar.tld\n"
	    "queue_id=8045F2AB23\nprotocol_state=MAIL\n\n";

	(void)state;
	assert_int_equal(parse(text, strlen(text)), SP_POLICY_COMPLETE);
	assert_int_equal(request.stage, SP_POLICY_HEADER);
	assert_string_equal(request.state, "HEADER");
	assert_string_equal(request.header, "Sender");
	assert_string_equal(request.client_address, "::1");
	assert_int_equal(request.client_port, 25000);
	assert_string_equal(request.login, "you@x");
	assert_string_equal(request.sender, "\"a b\"@bar.tld");
	assert_string_equal(request.queue_id, "8045F2AB23");
}

static void a_request_of_postfix_is_never_one_of_the_milter(void **state)
{
	static const char text[] =
	    KIND "protocol_state=HEADER\nsendpass_header=From\nsasl_username=a\n"
		 "sender=a@b\n\n";

	(void)state;
	assert_int_equal(parse(text, strlen(text)), SP_POLICY_COMPLETE);
	assert_int_equal(request.stage, SP_POLICY_OTHER);
}

static void what_is_not_known_reads_as_absent(void **state)
{
	static const char text[] = KIND "client_address=unknown\nclient_port=0\n\n";

	(void)state;
	assert_int_equal(parse(text, strlen(text)), SP_POLICY_COMPLETE);
	assert_string_equal(request.client_address, "");
	assert_int_equal(request.client_port, 0);
}

static const struct {
	const char *name, *text;
} bad[] = {
    {"an empty line alone", "\n"},
    {"no kind", "sender=a\n\n"},
    {"another kind", "request=junk\n\n"},
    {"the kind twice", KIND KIND "\n"},
    {"a line without =", KIND "sender\n\n"},
    {"HTTP", "GET / HTTP/1.0\r\n\r\n"},
    {"the sender twice", KIND "sender=a\nsender=a\n\n"},
    {"the port twice", KIND "client_port=1\nclient_port=1\n\n"},
    {"no count", KIND "recipient_count=many\n\n"},
    {"a negative count", KIND "recipient_count=-1\n\n"},
    {"a milter's without its header", OF_MILTER "sasl_username=a\nsender=a@b\n\n"},
    {"a milter's of another header",
	OF_MILTER "sendpass_header=from\nsasl_username=a\nsender=a@b\n\n"},
    {"a milter's without a login", OF_MILTER "sendpass_header=From\nsender=a@b\n\n"},
    {"a milter's without a mailbox",
	OF_MILTER "sendpass_header=From\nsasl_username=a\nsender=\n\n"},
    {"a long header", OF_MILTER
	"sasl_username=a\nsender=a@b\n"
	"sendpass_header=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n\n"},
    {"a long instance",
	KIND "instance=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n\n"},
};

static void what_is_no_request_is_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		if (parse(bad[i].text, strlen(bad[i].text)) != SP_POLICY_BAD || why == NULL)
			fail_msg("%s", bad[i].name);
	}
	assert_int_equal(parse(KIND "sender=a\0b\n\n", strlen(KIND) + 12), SP_POLICY_BAD);
}

static void sizes_are_bounded(void **state)
{
	static char text[SP_POLICY_REQUEST_MAX + 100];
	size_t kind = strlen(KIND), length = kind;

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text, KIND "a=", kind + 2);
	text[kind + SP_POLICY_LINE_MAX] = '\n';
	text[kind + SP_POLICY_LINE_MAX + 1] = '\n';
	assert_int_equal(parse(text, kind + SP_POLICY_LINE_MAX + 2), SP_POLICY_COMPLETE);
	text[kind + SP_POLICY_LINE_MAX] = 'x';
	assert_int_equal(parse(text, kind + SP_POLICY_LINE_MAX + 1), SP_POLICY_BAD);
	memcpy(text, KIND, kind);
	while (length < sizeof(text) - 4) {
		memcpy(text + length, "a=b\n", 4);
		length += 4;
		enum sp_policy_status status = parse(text, length);
		assert_int_equal(
		    status, length < SP_POLICY_REQUEST_MAX ? SP_POLICY_PARTIAL : SP_POLICY_BAD);
		if (status == SP_POLICY_BAD)
			return;
	}
	fail_msg("no bound");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_request_of_postfix_is_read),
	    cmocka_unit_test(every_part_of_it_is_partial),
	    cmocka_unit_test(what_follows_is_left_for_the_next),
	    cmocka_unit_test(stages_have_their_names),
	    cmocka_unit_test(a_request_of_the_milter_is_read),
	    cmocka_unit_test(a_request_of_postfix_is_never_one_of_the_milter),
	    cmocka_unit_test(what_is_not_known_reads_as_absent),
	    cmocka_unit_test(what_is_no_request_is_told),
	    cmocka_unit_test(sizes_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
