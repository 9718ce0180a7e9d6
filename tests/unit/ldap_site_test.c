/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/log.h"
#include "lib/directory/ldap_site.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define LOCAL        "ldapi:///"
#define NO_CA        "/nonexistent/ca.pem"
#define TEN          "abcdefghij"
#define LONG         TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

/* NULL leaves the default; bind_dn, secret and base default to good ones. */
struct settings {
	const char *uri, *write_uri, *bind, *bind_dn, *secret, *base, *owner_base, *container;
	const char *filter, *active, *logins, *ca, *certificate, *key;
	bool cleartext, insecure;
};

static void set(char **field, const char *value)
{
	if (value == NULL)
		return;
	free(*field);
	*field = strdup(value);
	assert_non_null(*field);
}

static bool make(
    const struct settings *s, struct sp_ldap_site **site_r, char why_r[SP_CONF_WHY_MAX])
{
	struct sp_conf *conf = sp_conf_defaults();
	const char *password = s->secret != NULL ? s->secret : "secret";
	struct sp_secret secret;
	bool ok;

	assert_non_null(conf);
	set(&conf->ldap_uri.items[0], s->uri);
	set(&conf->ldap_write_uri, s->write_uri);
	set(&conf->ldap_bind, s->bind);
	set(&conf->ldap_bind_dn, s->bind_dn != NULL ? s->bind_dn : "cn=verifier,dc=example");
	set(&conf->directory_credential_base, s->base != NULL ? s->base : "dc=example");
	set(&conf->directory_owner_base, s->owner_base);
	set(&conf->directory_credential_container, s->container);
	set(&conf->directory_owner_filter, s->filter);
	set(&conf->directory_owner_active_filter, s->active);
	set(&conf->directory_owner_login_attributes, s->logins);
	set(&conf->ldap_tls_ca_file, s->ca);
	set(&conf->ldap_tls_certificate_file, s->certificate);
	set(&conf->ldap_tls_key_file, s->key);
	set(&conf->ldap_plaintext, s->insecure ? "insecure" : NULL);
	conf->ldap_starttls = !s->cleartext;
	assert_true(sp_secret_set(&secret, password, strlen(password)));
	ok = sp_ldap_site_new(conf, &secret, site_r, why_r);
	sp_conf_free(&conf);
	return ok;
}

static const struct {
	const char *name;
	struct settings settings;
	const char *why; /* a part of it; NULL: accepted */
} cases[] = {
    {"ldapi", {.uri = LOCAL}, NULL},
    {"ldapi, external", {.uri = LOCAL, .bind = "external", .bind_dn = "", .secret = ""}, NULL},
    {"insecure and no StartTLS", {.uri = "ldap://h", .cleartext = true, .insecure = true}, NULL},
    {"no StartTLS", {.uri = "ldap://h", .cleartext = true}, "insecure"},
    {"StartTLS without a CA", {.uri = "ldap://h", .ca = ""}, "tls_ca_file"},
    {"ldaps without a CA", {.uri = "ldaps://h", .ca = ""}, "tls_ca_file"},
    {"a CA file that is not there", {.uri = "ldaps://h", .ca = NO_CA}, "tls_ca_file"},
    {"StartTLS in the word insecure", {.uri = "ldap://h", .insecure = true, .ca = ""},
	"tls_ca_file"},
    {"certificate without key", {.uri = "ldaps://h", .certificate = NO_CA}, "tls_key_file"},
    {"key without certificate", {.uri = "ldaps://h", .key = NO_CA}, "tls_certificate_file"},
    {"external without certificate",
	{.uri = "ldap://h", .bind = "external", .cleartext = true, .insecure = true}, "external"},
    {"other scheme", {.uri = "http://h"}, "ldap.uri"},
    {"UDP", {.uri = "cldap://h", .insecure = true, .cleartext = true}, "ldap.uri"},
    {"no URI", {.uri = "ldap.example.org"}, "ldap.uri"},
    {"two in one", {.uri = "ldapi:/// ldap://h"}, "ldap.uri"},
    {"URI with a base", {.uri = "ldapi:///dc=example"}, "nothing else"},
    {"a write URI", {.uri = LOCAL, .write_uri = "ldapi://%2Fx"}, NULL},
    {"two write URIs", {.uri = LOCAL, .write_uri = "ldapi:/// ldapi:///"}, "ldap.write_uri"},
    {"a write URI in the clear", {.uri = LOCAL, .write_uri = "ldap://h", .cleartext = true},
	"ldap.write_uri"},
    {"a write URI without a CA", {.uri = LOCAL, .write_uri = "ldaps://h", .ca = ""}, "tls_ca_file"},
    {"empty secret", {.uri = LOCAL, .secret = ""}, "secret"},
    {"no bind DN", {.uri = LOCAL, .bind_dn = ""}, "bind DN"},
    {"bad bind DN", {.uri = LOCAL, .bind_dn = "verifier"}, "bind DN"},
    {"no credential base", {.uri = LOCAL, .base = ""}, "credential_base"},
    {"bad credential base", {.uri = LOCAL, .base = "example.org"}, "credential_base"},
    {"bad owner base", {.uri = LOCAL, .owner_base = "people"}, "owner_base"},
    {"bad container", {.uri = LOCAL, .container = "sendpass"}, "credential_container"},
    {"unbalanced owner filter", {.uri = LOCAL, .filter = "(uid=%u"}, "owner_filter"},
    {"owner filter without login", {.uri = LOCAL, .filter = "(uid=alice)"}, "no %u"},
    {"bad active filter", {.uri = LOCAL, .active = "active"}, "owner_active_filter"},
    {"active filter with login", {.uri = LOCAL, .active = "(uid=%u)"}, "owner_active_filter"},
    {"one login attribute", {.uri = LOCAL, .logins = " uid "}, NULL},
    {"no login attribute", {.uri = LOCAL, .logins = " "}, "owner_login_attributes is empty"},
    {"a comma between login attributes", {.uri = LOCAL, .logins = "uid, mail"}, "uid, is no"},
    {"a filter for a login attribute", {.uri = LOCAL, .logins = "uid (mail=%u)"},
	"(mail=%u) is no attribute's name"},
    {"a long login attribute", {.uri = LOCAL, .logins = LONG}, "is no attribute's name"},
    {"active filter with half a time", {.uri = LOCAL, .active = "(x=%)"}, "owner_active_filter"},
    {"active filter with a time in no filter", {.uri = LOCAL, .active = "%d"},
	"owner_active_filter"},
    {"owner filter with a time", {.uri = LOCAL, .filter = "(&(uid=%u)(x=%d))"}, "owner_filter"},
};

static void settings_that_do_not_go_together_are_refused_by_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sp_ldap_site *site = NULL;
		char why[SP_CONF_WHY_MAX] = "";
		bool ok = make(&cases[i].settings, &site, why);
		if (ok != (cases[i].why == NULL) || (!ok && strstr(why, cases[i].why) == NULL))
			fail_msg("%s: %s", cases[i].name, why);
		assert_true(ok == (site != NULL));
		sp_ldap_site_free(&site);
	}
}

static void empty_bases_follow_the_credential_base(void **state)
{
	struct sp_ldap_site *site = NULL;
	char why[SP_CONF_WHY_MAX];

	(void)state;
	assert_true(make(&(struct settings){.uri = LOCAL}, &site, why));
	assert_string_equal(site->owner_base, "dc=example");
	assert_string_equal(site->credential_container, "ou=sendpass,dc=example");
	sp_ldap_site_free(&site);
	assert_true(make(&(struct settings){.uri = LOCAL,
			     .owner_base = "ou=people,dc=example",
			     .container = "ou=apps,dc=example"},
	    &site, why));
	assert_string_equal(site->owner_base, "ou=people,dc=example");
	assert_string_equal(site->credential_container, "ou=apps,dc=example");
	sp_ldap_site_free(&site);
}

static void count_warnings(enum sp_log_level level, const char *line, void *context)
{
	assert_int_equal(level, SP_LOG_WARNING);
	assert_non_null(strstr(line, "event=directory_insecure"));
	++*(int *)context;
}

static void cleartext_is_warned_of(void **state)
{
	struct sp_ldap_site *site = NULL;
	char why[SP_CONF_WHY_MAX];
	int warnings = 0;

	(void)state;
	sp_log_set_sink(count_warnings, &warnings, SP_LOG_DEBUG);
	assert_true(make(&(struct settings){.uri = "ldap://h", .cleartext = true, .insecure = true},
	    &site, why));
	sp_log_set_sink(NULL, NULL, SP_LOG_DEBUG);
	assert_int_equal(warnings, 1);
	sp_ldap_site_free(&site);
}

static void no_site_is_made_before_libldap_is_isolated(void **state)
{
	struct sp_ldap_site *site = NULL;
	char why[SP_CONF_WHY_MAX];

	(void)state;
	unsetenv("LDAPNOINIT");
	assert_false(make(&(struct settings){.uri = LOCAL}, &site, why));
	assert_non_null(strstr(why, "sp_ldap_isolate"));
	sp_ldap_isolate();
	assert_true(make(&(struct settings){.uri = LOCAL}, &site, why));
	sp_ldap_site_free(&site);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(settings_that_do_not_go_together_are_refused_by_name),
	    cmocka_unit_test(empty_bases_follow_the_credential_base),
	    cmocka_unit_test(cleartext_is_warned_of),
	    cmocka_unit_test(no_site_is_made_before_libldap_is_isolated),
	};

	sp_ldap_isolate();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
