/* SPDX-License-Identifier: BSD-2-Clause */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/loopback.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void an_address_of_loopback_is_read_and_written_in_one_way(void **state)
{
	static const struct {
		const char *text, *printed;
		int family;
		uint16_t port;
	} cases[] = {
	    {"127.0.0.1:10031", "127.0.0.1:10031", AF_INET, 10031},
	    {"127.255.255.254:1", "127.255.255.254:1", AF_INET, 1},
	    {"[::1]:65535", "[::1]:65535", AF_INET6, 65535},
	    {"[0:0:0:0:0:0:0:1]:25", "[::1]:25", AF_INET6, 25},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sp_loopback loopback, taken;
		char text[SP_LOOPBACK_TEXT_MAX];
		const char *why;

		print_message("  %s\n", cases[i].text);
		assert_true(sp_loopback_parse(cases[i].text, &loopback, &why));
		assert_int_equal(loopback.any.sa_family, cases[i].family);
		assert_int_equal(
		    cases[i].family == AF_INET ? loopback.v4.sin_port : loopback.v6.sin6_port,
		    htons(cases[i].port));
		sp_loopback_print(&loopback, text);
		assert_string_equal(text, cases[i].printed);
		assert_true(sp_loopback_take(&loopback.any, &taken));
		assert_int_equal(taken.length, loopback.length);
		assert_memory_equal(&taken.any, &loopback.any, loopback.length);
	}
}

static void every_other_is_refused_with_its_reason(void **state)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
	    {"", "an address and a port"},
	    {"10031", "an address and a port"},
	    {":10031", "an address and a port"},
	    {"127.0.0.1", "an address and a port"},
	    {"127.0.0.1:", "an address and a port"},
	    {"127.0.0.1:0", "an address and a port"},
	    {"127.0.0.1:65536", "an address and a port"},
	    {"127.0.0.1:010031", "an address and a port"},
	    {"127.0.0.1:+1", "an address and a port"},
	    {"127.0.0.1:smtp", "an address and a port"},
	    {"[::1]", "an address and a port"},
	    {"[::1]10031", "an address and a port"},
	    {"[]:10031", "an address and a port"},
	    {"[:10031", "an address and a port"},
	    {"[::1:10031", "an address and a port"},
	    {"[0000:0000:0000:0000:0000:0000:0000:0000:0000:0001]:10031", "an address and a port"},
	    {"::1:10031", "no name"},
	    {"[127.0.0.1]:10031", "no name"},
	    {"[::1%lo]:10031", "no name"},
	    {"localhost:10031", "no name"},
	    {"127.1:10031", "no name"},
	    {"127.0.0.1:1:10031", "no name"},
	    {"0.0.0.0:10031", "on loopback"},
	    {"192.0.2.7:10031", "on loopback"},
	    {"126.255.255.255:10031", "on loopback"},
	    {"128.0.0.1:10031", "on loopback"},
	    {"[::]:10031", "on loopback"},
	    {"[::2]:10031", "on loopback"},
	    {"[::ffff:127.0.0.1]:10031", "on loopback"},
	    {"[2001:db8::1]:10031", "on loopback"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sp_loopback loopback;
		const char *why;

		print_message("  %s\n", cases[i].text);
		assert_false(sp_loopback_parse(cases[i].text, &loopback, &why));
		if (strstr(why, cases[i].why) == NULL)
			fail_msg("\"%s\" does not say \"%s\"", why, cases[i].why);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_address_of_loopback_is_read_and_written_in_one_way),
	    cmocka_unit_test(every_other_is_refused_with_its_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
