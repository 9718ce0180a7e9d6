/* SPDX-License-Identifier: BSD-2-Clause */
/* ldap_tls_test.c - no bind and no search but to a server that has proved its name */
#include <ldap.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/directory/live.h"
#include "tests/unit/slapd.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define SLACK_MS     1500
#define AUTHORITY    "keyUsage=keyCertSign"
#define SIGNED_BY    "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"

/* `safe` has a certificate for 127.0.0.1 and, as its common name alone, 127.0.0.2;
 * `bare` knows no TLS; `old` has the same certificate and TLS 1.1 at the most; `late`
 * has one that has expired; `alone` has signed its own. */
static struct slapd safe, bare, old, late, alone;
static char last_logged[SP_LOG_LINE_MAX];

/* libldap loses the client's key and certificate of each context that has them. */
SP_EXPORT const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:gnutls_x509_privkey_init\nleak:gnutls_x509_crt_init";
}

static void remember(enum sp_log_level level, const char *line, void *context)
{
	(void)level, (void)context;
	snprintf(last_logged, sizeof(last_logged), "%s", line);
}

static void openssl(const char *const *arguments)
{
	if (slapd_run(&safe, arguments) != 0)
		fail_msg("openssl fails at %s", arguments[1]);
}

static void make_own(
    const char *certificate, const char *key, const char *subject, const char *extension)
{
	const char *make[] = {"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
	    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", subject, "-addext",
	    extension, "-out", certificate, "-keyout", key, NULL};

	openssl(make);
}

static void make_certificate(const char *certificate, const char *key, const char *subject,
    const char *alternative, const char *days)
{
	const char *request[] = {"openssl", "req", "-newkey", "ec", "-pkeyopt",
	    "ec_paramgen_curve:prime256v1", "-nodes", "-subj", subject, "-out", "request.pem",
	    "-keyout", key, NULL};
	const char *sign[] = {"openssl", "x509", "-req", "-in", "request.pem", SIGNED_BY, "-days",
	    days, "-out", certificate, "-extfile", "extensions", NULL};
	FILE *extensions = fopen("extensions", "we");

	assert_non_null(extensions);
	fprintf(extensions, "subjectAltName=%s\n", alternative);
	assert_int_equal(fclose(extensions), 0);
	openssl(request);
	openssl(sign);
}

/* OpenSSL 3.5 makes none that ended before it began. */
static void make_late_certificate(void)
{
	make_certificate("late.pem", "late.key", "/CN=127.0.0.1", "IP:127.0.0.1", "0");
	for (time_t end = time(NULL); time(NULL) <= end;)
		usleep(10000);
}

/* Everything by which a user could talk libldap out of checking certificates. */
static void lie_in_wait(const char *directory)
{
	static const char *const files[] = {"ldaprc", ".ldaprc", "ldap.conf"};

	assert_int_equal(chdir(directory), 0);
	for (size_t i = 0; i < COUNT(files); i++) {
		FILE *out = fopen(files[i], "we");
		assert_non_null(out);
		fputs("TLS_REQCERT never\nTLS_REQSAN never\nURI ldap://192.0.2.1\n", out);
		assert_int_equal(fclose(out), 0);
	}
	setenv("HOME", directory, 1);
	setenv("LDAPCONF", "ldap.conf", 1);
	setenv("LDAPRC", "ldaprc", 1);
	setenv("LDAPTLS_REQCERT", "never", 1);
	setenv("LDAPTLS_REQSAN", "never", 1);
	setenv("LDAPTLS_CACERT", "/nonexistent", 1);
}

struct settings {
	const char *uri, *ca, *certificate, *key;
	bool external, cleartext;
};

static enum sp_directory_status find(const struct settings *settings)
{
	struct sp_conf *conf = slapd_conf(settings->uri, NULL);
	struct sp_directory_answer answer;
	struct sp_directory *directory;
	struct sp_ldap_site *site;
	struct sp_secret secret;
	enum sp_directory_status status;
	char why[SP_CONF_WHY_MAX];

	last_logged[0] = '\0';
	slapd_set(&conf->ldap_tls_ca_file, settings->ca);
	slapd_set(&conf->ldap_tls_certificate_file, settings->certificate);
	slapd_set(&conf->ldap_tls_key_file, settings->key);
	slapd_set(&conf->ldap_bind, settings->external ? "external" : NULL);
	slapd_set(&conf->ldap_plaintext, settings->cleartext ? "insecure" : NULL);
	conf->ldap_starttls = !settings->cleartext;
	assert_true(sp_secret_set(&secret, SLAPD_PASSWORD, strlen(SLAPD_PASSWORD)));
	if (!sp_ldap_site_new(conf, settings->external ? NULL : &secret, &site, why))
		fail_msg("%s", why);
	directory = sp_ldap_directory_new(site);
	assert_non_null(directory);
	status = sp_directory_find(directory, "00000000", "alice", &answer);
	if (status == SP_DIRECTORY_OK)
		assert_string_equal(
		    answer.owner_dn != NULL ? answer.owner_dn : "nobody", SLAPD_ALICE);
	sp_directory_answer_clear(&answer);
	sp_directory_close(&directory);
	sp_ldap_site_free(&site);
	sp_conf_free(&conf);
	return status;
}

static const struct {
	const char *name;
	const char *uri;
	const char *ca;
	enum sp_directory_status status;
} cases[] = {
    {"StartTLS", safe.tcp_uri, "ca.pem", SP_DIRECTORY_OK},
    {"ldaps", safe.tls_uri, "ca.pem", SP_DIRECTORY_OK},
    {"StartTLS, other authority", safe.tcp_uri, "other.pem", SP_DIRECTORY_DOWN},
    {"ldaps, other authority", safe.tls_uri, "other.pem", SP_DIRECTORY_DOWN},
    {"StartTLS, name in CN alone", safe.other_uri, "ca.pem", SP_DIRECTORY_DOWN},
    {"StartTLS refused by the server", bare.tcp_uri, "ca.pem", SP_DIRECTORY_DOWN},
    {"StartTLS, expired", late.tcp_uri, "ca.pem", SP_DIRECTORY_DOWN},
    {"ldaps, expired", late.tls_uri, "ca.pem", SP_DIRECTORY_DOWN},
    {"StartTLS, self-signed", alone.tcp_uri, "ca.pem", SP_DIRECTORY_DOWN},
    {"ldaps, self-signed", alone.tls_uri, "ca.pem", SP_DIRECTORY_DOWN},
    {"StartTLS with TLS 1.1", old.tcp_uri, "ca.pem", SP_DIRECTORY_DOWN},
};

static void only_a_server_with_the_right_certificate_is_asked(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct settings settings = {.uri = cases[i].uri, .ca = cases[i].ca};
		enum sp_directory_status status = find(&settings);
		if (status != cases[i].status)
			fail_msg("%s: status %d: %s", cases[i].name, status, last_logged);
		assert_true((status == SP_DIRECTORY_OK) == (last_logged[0] == '\0'));
	}
}

static void the_process_keeps_libldaps_own_defaults(void **state)
{
	int require = -1;
	char *uri = NULL;

	(void)state;
	assert_int_equal(ldap_get_option(NULL, LDAP_OPT_X_TLS_REQUIRE_CERT, &require), 0);
	assert_int_equal(require, LDAP_OPT_X_TLS_DEMAND);
	assert_int_equal(ldap_get_option(NULL, LDAP_OPT_URI, &uri), 0);
	assert_true(uri == NULL || strstr(uri, "192.0.2.1") == NULL);
	ldap_memfree(uri);
}

static void cleartext_takes_two_words_and_then_works(void **state)
{
	(void)state;
	assert_int_equal(
	    find(&(struct settings){.uri = bare.tcp_uri, .cleartext = true}), SP_DIRECTORY_OK);
	assert_non_null(strstr(last_logged, "event=directory_insecure"));
}

static void external_binds_by_peer_and_by_certificate(void **state)
{
	(void)state;
	assert_int_equal(
	    find(&(struct settings){.uri = safe.local_uri, .external = true}), SP_DIRECTORY_OK);
	assert_int_equal(find(&(struct settings){.uri = safe.tcp_uri,
			     .ca = "ca.pem",
			     .certificate = "client.pem",
			     .key = "client.key",
			     .external = true}),
	    SP_DIRECTORY_OK);
}

static void a_handshake_that_stalls_is_given_up_in_time(void **state)
{
	int port;
	int fd = slapd_listen(&port);
	char uri[64];
	int64_t start_ms = sp_now_ms();

	(void)state;
	snprintf(uri, sizeof(uri), "ldaps://127.0.0.1:%d", port);
	assert_int_not_equal(find(&(struct settings){.uri = uri, .ca = "ca.pem"}), SP_DIRECTORY_OK);
	assert_true(sp_now_ms() - start_ms <= SLAPD_CONNECT_MS + SLACK_MS);
	close(fd);
}

static void start_safe(void)
{
	char global[512];

	snprintf(global, sizeof(global),
	    "authz-regexp "
	    "gidNumber=%u[+]uidNumber=%u,cn=peercred,cn=external,cn=auth " SLAPD_VERIFIER
	    "\nauthz-regexp cn=sendpassd " SLAPD_VERIFIER,
	    (unsigned)getgid(), (unsigned)getuid());
	slapd_fill(&safe, &(struct slapd_wish){.global = global, .tcp = true, .tls = true});
	slapd_start(&safe);
}

static void start_with(
    struct slapd *slapd, const char *certificate, const char *key, const char *more)
{
	char global[512];

	snprintf(global, sizeof(global),
	    "TLSCertificateFile %s/%s\nTLSCertificateKeyFile %s/%s\n%s", safe.directory,
	    certificate, safe.directory, key, more);
	slapd_prepare(slapd);
	slapd_fill(slapd, &(struct slapd_wish){.global = global, .tcp = true});
	slapd_start(slapd);
}

static int start_servers(void **state)
{
	(void)state;
	slapd_prepare(&safe);
	lie_in_wait(safe.directory);
	sp_ldap_isolate();
	make_own("ca.pem", "ca.key", "/CN=Authority", AUTHORITY);
	make_own("other.pem", "other.key", "/CN=Authority", AUTHORITY);
	make_own("alone.pem", "alone.key", "/CN=127.0.0.1", "subjectAltName=IP:127.0.0.1");
	make_certificate("certificate.pem", "key.pem", "/CN=127.0.0.2", "IP:127.0.0.1", "2");
	make_late_certificate();
	make_certificate("client.pem", "client.key", "/CN=sendpassd", "DNS:sendpassd", "2");
	start_safe();
	start_with(
	    &old, "certificate.pem", "key.pem", "TLSCipherSuite NORMAL:-VERS-ALL:+VERS-TLS1.1");
	start_with(&late, "late.pem", "late.key", "");
	start_with(&alone, "alone.pem", "alone.key", "");
	slapd_prepare(&bare);
	slapd_fill(&bare, &(struct slapd_wish){.tcp = true});
	slapd_start(&bare);
	return 0;
}

static void what_is_sent_before_tls_is_no_secret(void **state)
{
	static const char *const schemes[] = {"ldap", "ldaps"};
	char sent[4096];

	(void)state;
	for (size_t i = 0; i < COUNT(schemes); i++) {
		int port;
		int listener = slapd_listen(&port);
		char uri[64];
		ssize_t length;
		int peer;

		snprintf(uri, sizeof(uri), "%s://127.0.0.1:%d", schemes[i], port);
		assert_int_not_equal(
		    find(&(struct settings){.uri = uri, .ca = "ca.pem"}), SP_DIRECTORY_OK);
		peer = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		assert_true(peer >= 0);
		length = recv(peer, sent, sizeof(sent), 0);
		assert_true(length > 0);
		assert_null(memmem(sent, (size_t)length, SLAPD_PASSWORD, strlen(SLAPD_PASSWORD)));
		assert_null(memmem(sent, (size_t)length, SLAPD_VERIFIER, strlen(SLAPD_VERIFIER)));
		close(peer);
		close(listener);
	}
}

static int stop_servers(void **state)
{
	(void)state;
	slapd_remove(&safe);
	slapd_remove(&bare);
	slapd_remove(&old);
	slapd_remove(&late);
	slapd_remove(&alone);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(only_a_server_with_the_right_certificate_is_asked),
	    cmocka_unit_test(the_process_keeps_libldaps_own_defaults),
	    cmocka_unit_test(cleartext_takes_two_words_and_then_works),
	    cmocka_unit_test(external_binds_by_peer_and_by_certificate),
	    cmocka_unit_test(a_handshake_that_stalls_is_given_up_in_time),
	    cmocka_unit_test(what_is_sent_before_tls_is_no_secret),
	};

	if (!slapd_exists()) {
		puts("skipped: there is no slapd");
		return 77;
	}
	sp_log_set_sink(remember, NULL, SP_LOG_DEBUG);
	return cmocka_run_group_tests(tests, start_servers, stop_servers);
}
