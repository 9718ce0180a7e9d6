/* SPDX-License-Identifier: BSD-2-Clause */
/* acl_test.c - the shipped access rules, in both forms: who may do what, tried one by one */
#include <ldap.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/directory/live.h"
#include "tests/unit/slapd.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ALICES       "sendpassId=a11ce000," SLAPD_CONTAINER
#define BOBS         "sendpassId=b0b00000," SLAPD_CONTAINER
#define TIME         "20261124120000Z"
#define MORE_MAX     3

static struct slapd slapd;

static LDAP *bind_as(const char *dn)
{
	struct berval password = {strlen(SLAPD_PASSWORD), (char *)SLAPD_PASSWORD};
	int version = LDAP_VERSION3;
	LDAP *ld = NULL;

	assert_int_equal(ldap_initialize(&ld, slapd.local_uri), LDAP_SUCCESS);
	assert_int_equal(ldap_set_option(ld, LDAP_OPT_PROTOCOL_VERSION, &version), 0);
	assert_int_equal(
	    ldap_sasl_bind_s(ld, dn, LDAP_SASL_SIMPLE, &password, NULL, NULL, NULL), LDAP_SUCCESS);
	return ld;
}

static void unbind(LDAP *ld)
{
	ldap_unbind_ext_s(ld, NULL, NULL);
}

/* ---- adding ---- */

struct addition {
	const char *name;
	const char *who;
	const char *dn;
	const char *owner;
	const char *more[MORE_MAX][2]; /* attribute, value */
	int code;
};

static int add(const struct addition *addition)
{
	static char *class[] = {"sendpassCredential", NULL};
	static char *id[] = {"newid000", NULL};
	static char *hash[] = {"x", NULL};
	char *owner[] = {(char *)addition->owner, NULL};
	char *values[MORE_MAX][2] = {{NULL}};
	LDAPMod mods[4 + MORE_MAX] = {
	    {LDAP_MOD_ADD, "objectClass", {class}},
	    {LDAP_MOD_ADD, "sendpassId", {id}},
	    {LDAP_MOD_ADD, "sendpassHash", {hash}},
	    {LDAP_MOD_ADD, "owner", {owner}},
	};
	LDAPMod *list[COUNT(mods) + 1] = {&mods[0], &mods[1], &mods[2], &mods[3]};
	LDAP *ld = bind_as(addition->who);
	int code;

	for (size_t i = 0; i < MORE_MAX && addition->more[i][0] != NULL; i++) {
		values[i][0] = (char *)addition->more[i][1];
		mods[4 + i] = (LDAPMod){LDAP_MOD_ADD, (char *)addition->more[i][0], {values[i]}};
		list[4 + i] = &mods[4 + i];
	}
	code = ldap_add_ext_s(ld, addition->dn, list, NULL, NULL);
	if (code == LDAP_SUCCESS) {
		LDAP *root = bind_as(SLAPD_ROOT_DN);
		assert_int_equal(ldap_delete_ext_s(root, addition->dn, NULL, NULL), LDAP_SUCCESS);
		unbind(root);
	}
	unbind(ld);
	return code;
}

#define NEW        "sendpassId=newid000," SLAPD_CONTAINER
#define DENIED     LDAP_INSUFFICIENT_ACCESS
#define DEPARTMENT "cn=accounting,ou=departments,dc=example,dc=org"

static const struct addition additions[] = {
    {"own", SLAPD_ALICE, NEW, SLAPD_ALICE, {{NULL}}, LDAP_SUCCESS},
    {"own, restricted", SLAPD_ALICE, NEW, SLAPD_ALICE,
	{{"sendpassExpires", TIME}, {"sendpassNetwork", "192.0.2.0/24"}, {"sendpassLabel", "x"}},
	LDAP_SUCCESS},
    {"somebody else's", SLAPD_ALICE, NEW, SLAPD_BOB, {{NULL}}, DENIED},
    {"a department's", SLAPD_ALICE, NEW, DEPARTMENT, {{NULL}}, DENIED},
    {"forged use", SLAPD_ALICE, NEW, SLAPD_ALICE, {{"sendpassLastUsed", TIME}}, DENIED},
    {"a login of choice", SLAPD_ALICE, NEW, SLAPD_ALICE, {{"sendpassLogin", "bob"}}, DENIED},
    {"a name of two parts", SLAPD_ALICE, "sendpassId=newid000+sendpassLabel=x," SLAPD_CONTAINER,
	SLAPD_ALICE, {{"sendpassLabel", "x"}}, DENIED},
    {"below another", SLAPD_ALICE, "sendpassId=newid000," ALICES, SLAPD_ALICE, {{NULL}}, DENIED},
    {"elsewhere", SLAPD_ALICE, "sendpassId=newid000," SLAPD_ALICE, SLAPD_ALICE, {{NULL}}, DENIED},
    {"by the admin", SLAPD_ADMIN, NEW, SLAPD_BOB, {{"sendpassLogin", "printer"}}, LDAP_SUCCESS},
    {"by the admin, forged use", SLAPD_ADMIN, NEW, SLAPD_BOB, {{"sendpassLastUsed", TIME}}, DENIED},
    {"by the verifier", SLAPD_VERIFIER, NEW, SLAPD_ALICE, {{NULL}}, DENIED},
};

static void people_add_their_own_and_nothing_more(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(additions); i++) {
		int code = add(&additions[i]);
		if (code != additions[i].code)
			fail_msg("%s: %s", additions[i].name, ldap_err2string(code));
	}
}

/* ---- changing ---- */

static const struct {
	const char *who;
	int op;
	const char *dn;
	const char *attribute;
	const char *value; /* NULL: none */
	int code;
} changes[] = {
    {SLAPD_VERIFIER, LDAP_MOD_REPLACE, ALICES, "sendpassLastUsed", TIME, LDAP_SUCCESS},
    {SLAPD_VERIFIER, LDAP_MOD_REPLACE, ALICES, "sendpassLastAddress", "192.0.2.7", LDAP_SUCCESS},
    {SLAPD_VERIFIER, LDAP_MOD_REPLACE, ALICES, "sendpassLastService", "smtp", LDAP_SUCCESS},
    {SLAPD_VERIFIER, LDAP_MOD_REPLACE, ALICES, "sendpassHash", "y", DENIED},
    {SLAPD_VERIFIER, LDAP_MOD_REPLACE, ALICES, "sendpassLabel", "y", DENIED},
    {SLAPD_VERIFIER, LDAP_MOD_REPLACE, ALICES, "sendpassSuspended", "TRUE", DENIED},
    {SLAPD_VERIFIER, LDAP_MOD_ADD, ALICES, "sendpassRevoked", TIME, DENIED},
    {SLAPD_VERIFIER, LDAP_MOD_REPLACE, ALICES, "owner", SLAPD_BOB, DENIED},
    {SLAPD_VERIFIER, LDAP_MOD_ADD, ALICES, "sendpassLogin", "x", DENIED},
    {SLAPD_VERIFIER, LDAP_MOD_REPLACE, SLAPD_ALICE, "mail", "x@example.org", DENIED},
    {SLAPD_VERIFIER, LDAP_MOD_REPLACE, SLAPD_ALICE, "userPassword", "x", DENIED},
    {SLAPD_ALICE, LDAP_MOD_REPLACE, ALICES, "sendpassLabel", "y", LDAP_SUCCESS},
    {SLAPD_ALICE, LDAP_MOD_REPLACE, ALICES, "sendpassSuspended", "TRUE", LDAP_SUCCESS},
    {SLAPD_ALICE, LDAP_MOD_REPLACE, ALICES, "sendpassSuspended", "FALSE", LDAP_SUCCESS},
    {SLAPD_ALICE, LDAP_MOD_ADD, ALICES, "sendpassRevoked", TIME, LDAP_SUCCESS},
    {SLAPD_ALICE, LDAP_MOD_DELETE, ALICES, "sendpassRevoked", NULL, DENIED},
    {SLAPD_ALICE, LDAP_MOD_REPLACE, ALICES, "sendpassRevoked", "20301124120000Z", DENIED},
    {SLAPD_ALICE, LDAP_MOD_REPLACE, ALICES, "sendpassHash", "y", DENIED},
    {SLAPD_ALICE, LDAP_MOD_REPLACE, ALICES, "sendpassLastUsed", TIME, DENIED},
    {SLAPD_ALICE, LDAP_MOD_ADD, ALICES, "sendpassLogin", "bob", DENIED},
    {SLAPD_ALICE, LDAP_MOD_REPLACE, ALICES, "owner", SLAPD_BOB, DENIED},
    {SLAPD_ALICE, LDAP_MOD_ADD, ALICES, "owner", SLAPD_BOB, DENIED},
    {SLAPD_ALICE, LDAP_MOD_DELETE, ALICES, "owner", SLAPD_ALICE, DENIED},
    {SLAPD_ALICE, LDAP_MOD_ADD, BOBS, "owner", SLAPD_ALICE, DENIED},
    {SLAPD_ALICE, LDAP_MOD_REPLACE, BOBS, "owner", SLAPD_ALICE, DENIED},
    {SLAPD_ALICE, LDAP_MOD_REPLACE, BOBS, "sendpassLabel", "y", DENIED},
    {SLAPD_ALICE, LDAP_MOD_REPLACE, BOBS, "sendpassSuspended", "TRUE", DENIED},
    {SLAPD_ALICE, LDAP_MOD_ADD, BOBS, "sendpassRevoked", TIME, DENIED},
    {SLAPD_ADMIN, LDAP_MOD_REPLACE, BOBS, "sendpassHash", "z", LDAP_SUCCESS},
    {SLAPD_ADMIN, LDAP_MOD_ADD, BOBS, "sendpassRevoked", TIME, LDAP_SUCCESS},
    {SLAPD_ADMIN, LDAP_MOD_DELETE, BOBS, "sendpassRevoked", NULL, LDAP_SUCCESS},
    {SLAPD_ADMIN, LDAP_MOD_REPLACE, BOBS, "sendpassLastUsed", TIME, DENIED},
    {SLAPD_ADMIN, LDAP_MOD_REPLACE, SLAPD_ALICE, "mail", "x@example.org", DENIED},
};

static void each_identity_changes_what_is_its_to_change(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(changes); i++) {
		char *values[] = {(char *)changes[i].value, NULL};
		LDAPMod mod = {changes[i].op, (char *)changes[i].attribute,
		    {changes[i].value != NULL ? values : NULL}};
		LDAPMod *list[] = {&mod, NULL};
		LDAP *ld = bind_as(changes[i].who);
		int code = ldap_modify_ext_s(ld, changes[i].dn, list, NULL, NULL);
		unbind(ld);
		if (code != changes[i].code)
			fail_msg("%s: %s of %s: %s", changes[i].who, changes[i].attribute,
			    changes[i].dn, ldap_err2string(code));
	}
}

static void owners_neither_delete_nor_rename(void **state)
{
	LDAP *ld = bind_as(SLAPD_ALICE);

	(void)state;
	assert_int_equal(ldap_delete_ext_s(ld, ALICES, NULL, NULL), DENIED);
	assert_int_equal(
	    ldap_rename_s(ld, ALICES, "sendpassId=b0b00001", NULL, 0, NULL, NULL), DENIED);
	unbind(ld);
}

/* ---- reading ---- */

/* How many values of the attribute that identity sees in the whole directory. */
static int values_seen(const char *who, const char *attribute)
{
	char *attributes[] = {(char *)attribute, NULL};
	LDAP *ld = bind_as(who);
	LDAPMessage *result = NULL;
	int seen = 0;

	assert_int_equal(ldap_search_ext_s(ld, "dc=example,dc=org", LDAP_SCOPE_SUBTREE,
			     "(objectClass=*)", attributes, 0, NULL, NULL, NULL, 0, &result),
	    LDAP_SUCCESS);
	for (LDAPMessage *entry = ldap_first_entry(ld, result); entry != NULL;
	     entry = ldap_next_entry(ld, entry)) {
		struct berval **values = ldap_get_values_len(ld, entry, attribute);
		seen += ldap_count_values_len(values);
		ldap_value_free_len(values);
	}
	ldap_msgfree(result);
	unbind(ld);
	return seen;
}

static const struct {
	const char *who;
	const char *attribute;
	int values;
} views[] = {
    {SLAPD_VERIFIER, "sendpassHash", 2},
    {SLAPD_VERIFIER, "sendpassId", 2},
    {SLAPD_VERIFIER, "owner", 2},
    {SLAPD_VERIFIER, "uid", 2},
    {SLAPD_VERIFIER, "mail", 3},
    {SLAPD_VERIFIER, "telephoneNumber", 0},
    {SLAPD_VERIFIER, "sn", 0},
    {SLAPD_VERIFIER, "userPassword", 0},
    {SLAPD_ADMIN, "sendpassHash", 0},
    {SLAPD_ADMIN, "sendpassId", 2},
    {SLAPD_ADMIN, "mail", 3},
    {SLAPD_ADMIN, "telephoneNumber", 0},
    {SLAPD_ADMIN, "userPassword", 0},
    {SLAPD_ALICE, "sendpassHash", 0},
    {SLAPD_ALICE, "sendpassId", 1},
    {SLAPD_ALICE, "sendpassLabel", 1},
    {SLAPD_ALICE, "sendpassLastUsed", 1},
    {SLAPD_ALICE, "createTimestamp", 2}, /* its own entry and its credential */
    {SLAPD_ALICE, "mail", 1},
    {SLAPD_ALICE, "telephoneNumber", 1},
    {SLAPD_ALICE, "userPassword", 0},
};

static void each_identity_sees_what_it_needs(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(views); i++) {
		int seen = values_seen(views[i].who, views[i].attribute);
		if (seen != views[i].values)
			fail_msg("%s sees %d of %s", views[i].who, seen, views[i].attribute);
	}
}

/* A filter must not tell what reading does not. */
static void hashes_cannot_be_guessed_by_searching(void **state)
{
	LDAP *ld = bind_as(SLAPD_ALICE);
	LDAPMessage *result = NULL;

	(void)state;
	assert_int_equal(ldap_search_ext_s(ld, SLAPD_CONTAINER, LDAP_SCOPE_SUBTREE,
			     "(sendpassHash=*)", NULL, 0, NULL, NULL, NULL, 0, &result),
	    LDAP_SUCCESS);
	assert_int_equal(ldap_count_entries(ld, result), 0);
	ldap_msgfree(result);
	unbind(ld);
}

static void strangers_see_nothing(void **state)
{
	LDAP *ld = NULL;
	LDAPMessage *result = NULL;
	int version = LDAP_VERSION3;

	(void)state;
	assert_int_equal(ldap_initialize(&ld, slapd.local_uri), LDAP_SUCCESS);
	assert_int_equal(ldap_set_option(ld, LDAP_OPT_PROTOCOL_VERSION, &version), 0);
	assert_int_equal(ldap_search_ext_s(ld, "dc=example,dc=org", LDAP_SCOPE_SUBTREE,
			     "(objectClass=*)", NULL, 0, NULL, NULL, NULL, 0, &result),
	    LDAP_NO_SUCH_OBJECT);
	ldap_msgfree(result);
	unbind(ld);
}

static void add_first_credentials(void)
{
	static char *class[] = {"sendpassCredential", NULL};
	static char *hash[] = {"x", NULL};
	static char *owners[][2] = {{SLAPD_ALICE, NULL}, {SLAPD_BOB, NULL}};
	static const char *const names[] = {ALICES, BOBS};
	LDAP *ld = bind_as(SLAPD_ROOT_DN);

	for (size_t i = 0; i < COUNT(names); i++) {
		LDAPMod mods[] = {{LDAP_MOD_ADD, "objectClass", {class}},
		    {LDAP_MOD_ADD, "sendpassHash", {hash}}, {LDAP_MOD_ADD, "owner", {owners[i]}}};
		LDAPMod *list[] = {&mods[0], &mods[1], &mods[2], NULL};
		assert_int_equal(ldap_add_ext_s(ld, names[i], list, NULL, NULL), LDAP_SUCCESS);
	}
	unbind(ld);
}

static int start_server(enum slapd_form form)
{
	slapd_prepare(&slapd);
	slapd_fill(&slapd, &(struct slapd_wish){.form = form});
	slapd_start(&slapd);
	add_first_credentials();
	return 0;
}

static int start_with_conf(void **state)
{
	(void)state;
	return start_server(SLAPD_CONF);
}

static int start_with_config(void **state)
{
	(void)state;
	return start_server(SLAPD_CONFIG);
}

static int stop_server(void **state)
{
	(void)state;
	slapd_remove(&slapd);
	return 0;
}

int main(void)
{
	const struct CMUnitTest rules[] = {
	    cmocka_unit_test(people_add_their_own_and_nothing_more),
	    cmocka_unit_test(each_identity_changes_what_is_its_to_change),
	    cmocka_unit_test(owners_neither_delete_nor_rename),
	    cmocka_unit_test(each_identity_sees_what_it_needs),
	    cmocka_unit_test(hashes_cannot_be_guessed_by_searching),
	    cmocka_unit_test(strangers_see_nothing),
	};
	int failed;

	if (!slapd_exists()) {
		puts("skipped: there is no slapd");
		return 77;
	}
	sp_ldap_isolate();
	failed = cmocka_run_group_tests_name("acl.conf", rules, start_with_conf, stop_server);
	failed += cmocka_run_group_tests_name("acl.ldif", rules, start_with_config, stop_server);
	return failed;
}
