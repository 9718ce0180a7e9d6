/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/base/network.h"

static void an_address_is_in_its_networks_and_in_no_other(void **state)
{
	static const struct {
		const char *network, *address;
		bool inside;
	} cases[] = {
	    {"192.0.2.0/24", "192.0.2.0", true},
	    {"192.0.2.0/24", "192.0.2.255", true},
	    {"192.0.2.0/24", "192.0.3.0", false},
	    {"192.0.2.128/25", "192.0.2.127", false},
	    {"192.0.2.128/25", "192.0.2.128", true},
	    {"192.0.2.7", "192.0.2.7", true},
	    {"192.0.2.7", "192.0.2.6", false},
	    {"192.0.2.7/32", "192.0.2.7", true},
	    {"0.0.0.0/0", "203.0.113.9", true},
	    {"0.0.0.0/0", "2001:db8::1", false},
	    {"::/0", "2001:db8::1", true},
	    {"2001:db8::/32", "2001:db8:ffff::1", true},
	    {"2001:db8::/32", "2001:db9::1", false},
	    {"2001:db8::/33", "2001:db8:8000::", false},
	    {"2001:db8::1", "2001:DB8:0:0::1", true},
	    {"fe80::/10", "fe80::1%eth0", true},
	    {"192.0.2.0/24", "::ffff:192.0.2.7", true},
	    {"::ffff:192.0.2.0/120", "192.0.2.7", true},
	    {"::ffff:192.0.2.0/120", "192.0.3.7", false},
	    {"192.0.2.0/24", "", false},
	    {"192.0.2.0/24", "NULL", false},
	    {"192.0.2.0/24", "192.0.2.7x", false},
	    {"::/0", "localhost", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sp_network network;
		if (!sp_network_parse(cases[i].network, &network))
			fail_msg("%s is no network", cases[i].network);
		if (sp_network_contains(&network, cases[i].address) != cases[i].inside)
			fail_msg("%s and %s", cases[i].network, cases[i].address);
	}
}

static void what_is_no_network_is_refused(void **state)
{
	static const char *const bad[] = {"", "/", "/24", "192.0.2.0/", "192.0.2.0/33",
	    "192.0.2.0/-1", "192.0.2.0/024", "192.0.2.0/24 ", " 192.0.2.0/24", "192.0.2/24",
	    "192.0.2.1/24", "10.0.0.1/8", "2001:db8::/129", "2001:db8::1/32", "fe80::%eth0/10",
	    "192.0.2.0/24/24", "localhost", "*", "192.0.2.0-192.0.2.9",
	    "1111111111111111111111111111111111111111111111111111111111111111111"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct sp_network network = {.bits = 999};
		if (sp_network_parse(bad[i], &network) || network.bits != 999)
			fail_msg("\"%s\" was taken", bad[i]);
	}
}

static void a_client_is_known_by_its_address_or_its_64(void **state)
{
	static const struct {
		const char *address, *inside, *outside;
	} cases[] = {
	    {"192.0.2.7", "192.0.2.7", "192.0.2.6"},
	    {"::ffff:192.0.2.7", "192.0.2.7", "192.0.2.6"},
	    {"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::", "2001:db8:1:3::"},
	    {"fe80::1%eth0", "fe80::ffff", "fe80:1::1"},
	};
	struct sp_network network;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (!sp_network_of_client(cases[i].address, &network) ||
		    !sp_network_contains(&network, cases[i].inside) ||
		    sp_network_contains(&network, cases[i].outside))
			fail_msg("%s", cases[i].address);
	}
	assert_false(sp_network_of_client("", &network));
	assert_false(sp_network_of_client("localhost", &network));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_address_is_in_its_networks_and_in_no_other),
	    cmocka_unit_test(what_is_no_network_is_refused),
	    cmocka_unit_test(a_client_is_known_by_its_address_or_its_64),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
