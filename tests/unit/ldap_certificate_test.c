/* SPDX-License-Identifier: BSD-2-Clause */
/* ldap_certificate_test.c - the certificate that a real slapd shows, good or not */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/directory/inspect.h"
#include "lib/directory/live.h"
#include "tests/unit/slapd.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define DAY_S        (24 * 60 * 60)
#define NAMES        "IP:127.0.0.1,DNS:ldap.example.org,IP:::1,email:root@example.org"

static struct slapd safe, bare;
static struct sp_inspect_certificate seen;
static char why[SP_CONF_WHY_MAX];

static bool look(const char *uri, bool starttls, size_t server)
{
	struct sp_conf *conf = slapd_conf(uri, NULL);
	bool ok;

	why[0] = '\0';
	conf->ldap_starttls = starttls;
	if (!starttls)
		slapd_set(&conf->ldap_plaintext, "insecure");
	ok = sp_inspect_certificate(conf, server, &seen, why);
	sp_conf_free(&conf);
	return ok;
}

static void a_certificate_is_shown_though_nobody_vouches_for_it(void **state)
{
	static const struct {
		const char *uri, *host;
		bool starttls, has_host;
	} cases[] = {
	    {safe.tls_uri, "127.0.0.1", true, true},
	    {safe.tcp_uri, "127.0.0.1", true, true},
	    {safe.other_uri, "127.0.0.2", true, false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		if (!look(cases[i].uri, cases[i].starttls, 0))
			fail_msg("%s: %s", cases[i].uri, why);
		assert_string_equal(seen.host, cases[i].host);
		assert_int_equal(seen.has_host, cases[i].has_host);
		assert_string_equal(seen.names, "127.0.0.1, ldap.example.org, ::1");
		assert_int_equal(seen.ends - seen.begins, 2 * DAY_S);
		assert_true(seen.begins <= time(NULL));
	}
}

static void without_one_it_is_said_why(void **state)
{
	static const struct {
		const char *uri, *why;
		bool starttls;
		size_t server;
	} cases[] = {
	    {safe.tcp_uri, "no TLS", false, 0},
	    {safe.local_uri, "no TLS", true, 0},
	    {safe.tcp_uri, "no such server", true, 1},
	    {bare.tcp_uri, "Protocol error", true, 0},
	    {bare.tls_uri, "contact LDAP server", true, 0},
	    {"http://example.org", "http", true, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		if (look(cases[i].uri, cases[i].starttls, cases[i].server))
			fail_msg("case %zu has a certificate", i);
		if (strstr(why, cases[i].why) == NULL)
			fail_msg("case %zu: %s", i, why);
		assert_int_equal(seen.ends, 0);
	}
}

static void make_certificate(void)
{
	char certificate[128], key[128], authority[128];
	const char *make[] = {"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
	    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.2",
	    "-addext", "subjectAltName=" NAMES, "-out", certificate, "-keyout", key, NULL};
	const char *copy[] = {"cp", certificate, authority, NULL};

	snprintf(certificate, sizeof(certificate), "%s/certificate.pem", safe.directory);
	snprintf(key, sizeof(key), "%s/key.pem", safe.directory);
	snprintf(authority, sizeof(authority), "%s/ca.pem", safe.directory);
	assert_int_equal(slapd_run(&safe, make), 0);
	assert_int_equal(slapd_run(&safe, copy), 0);
}

static int start_servers(void **state)
{
	(void)state;
	slapd_prepare(&safe);
	make_certificate();
	slapd_fill(&safe, &(struct slapd_wish){.tcp = true, .tls = true});
	slapd_start(&safe);
	slapd_prepare(&bare);
	slapd_fill(&bare, &(struct slapd_wish){.tcp = true});
	slapd_start(&bare);
	return 0;
}

static int stop_servers(void **state)
{
	(void)state;
	slapd_remove(&safe);
	slapd_remove(&bare);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_certificate_is_shown_though_nobody_vouches_for_it),
	    cmocka_unit_test(without_one_it_is_said_why),
	};

	if (!slapd_exists()) {
		puts("skipped: there is no slapd");
		return 77;
	}
	sp_ldap_isolate();
	return cmocka_run_group_tests(tests, start_servers, stop_servers);
}
