/* SPDX-License-Identifier: BSD-2-Clause */
/* ldap_admin_test.c - what the tool does to a real slapd, as the admin and as an owner */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/directory/admin.h"
#include "lib/directory/live.h"
#include "tests/unit/slapd.h"

#define HASH "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$dGFndGFndGFn"
#define NOON 1795521600 /* 2026-11-24 12:00 UTC */

#define PERSON(name, mail)                                                                         \
	"dn: uid=" name "," SLAPD_PEOPLE "\nobjectClass: inetOrgPerson\nmail: " mail               \
	"\nuid: " name "\ncn: x\nsn: x\n\n"
#define OLD(id, owner, created)                                                                    \
	"dn: sendpassId=" id "," SLAPD_CONTAINER "\nobjectClass: sendpassCredential\n"             \
	"sendpassId: " id "\nowner: " owner "\nsendpassHash: x\ncreateTimestamp: " created "\n\n"

static const char entries[] = PERSON("carol", "shared@example.org")
    PERSON("dave", "shared@example.org") OLD("0000young", SLAPD_BOB, "20250301000000Z")
	OLD("0000old0", SLAPD_BOB, "20240301000000Z") OLD("0000mid0", SLAPD_BOB, "20250201000000Z");

static struct slapd slapd;
static struct sp_admin *admin;
static char why[SP_CONF_WHY_MAX];

static enum sp_admin_status open_with(
    struct sp_conf *conf, const char *dn, const char *password, const char *container)
{
	struct sp_secret secret;
	const struct sp_admin_identity identity = {.dn = dn, .secret = &secret};
	enum sp_admin_status status;

	why[0] = '\0';
	slapd_set(&conf->directory_credential_container, container);
	assert_true(sp_secret_set(&secret, password, strlen(password)));
	status = sp_admin_open(conf, &identity, &admin, why);
	sp_conf_free(&conf);
	return status;
}

static enum sp_admin_status open_as(const char *dn, const char *password, const char *container)
{
	return open_with(slapd_conf(slapd.local_uri, NULL), dn, password, container);
}

static void open_well_as(const char *dn)
{
	if (open_as(dn, SLAPD_PASSWORD, NULL) != SP_ADMIN_OK)
		fail_msg("%s", why);
}

static int close_admin(void **state)
{
	(void)state;
	sp_admin_close(&admin);
	return 0;
}

static struct sp_credential new_credential(char *id, char *owner)
{
	return (struct sp_credential){
	    .id = id,
	    .owner = owner,
	    .hash = HASH,
	    .label = "2nd floor printer",
	    .created = SP_NO_TIME,
	    .not_before = SP_NO_TIME,
	    .expires = NOON + 3600,
	    .revoked = SP_NO_TIME,
	};
}

static void all_is_done_at_write_uri_if_there_is_one(void **state)
{
	struct sp_conf *conf = slapd_conf("ldapi://%2Fnonexistent", NULL);

	(void)state;
	slapd_set(&conf->ldap_write_uri, slapd.local_uri);
	assert_int_equal(open_with(conf, SLAPD_ADMIN, SLAPD_PASSWORD, NULL), SP_ADMIN_OK);
	sp_admin_close(&admin);
	conf = slapd_conf(slapd.local_uri, NULL);
	slapd_set(&conf->ldap_write_uri, "ldapi://%2Fnonexistent");
	assert_int_equal(open_with(conf, SLAPD_ADMIN, SLAPD_PASSWORD, NULL), SP_ADMIN_DOWN);
}

static void what_was_added_is_read_back_without_its_hash(void **state)
{
	char *logins[] = {"printer", "scanner", NULL};
	struct sp_credential credential = new_credential("k7qf2m9x", SLAPD_ALICE);
	struct sp_credential *back = NULL;

	(void)state;
	credential.logins = logins;
	credential.not_before = NOON;
	open_well_as(SLAPD_ADMIN);
	assert_int_equal(sp_admin_add(admin, &credential, why), SP_ADMIN_OK);
	assert_int_equal(sp_admin_get(admin, "k7qf2m9x", &back, why), SP_ADMIN_OK);
	assert_string_equal(back->dn, "sendpassId=k7qf2m9x," SLAPD_CONTAINER);
	assert_string_equal(back->id, "k7qf2m9x");
	assert_string_equal(back->owner, SLAPD_ALICE);
	assert_string_equal(back->label, "2nd floor printer");
	assert_non_null(back->logins);
	assert_null(back->hash);
	assert_int_equal(back->not_before, NOON);
	assert_int_equal(back->expires, NOON + 3600);
	assert_int_equal(back->revoked, SP_NO_TIME);
	assert_true(back->created != SP_NO_TIME);
	assert_false(back->suspended);
	assert_null(back->unusable);
	sp_credential_free(&back);
	assert_int_equal(sp_admin_add(admin, &credential, why), SP_ADMIN_EXISTS);
}

static void an_owner_adds_for_itself_alone(void **state)
{
	struct sp_credential own = new_credential("0wnw0rd0", SLAPD_ALICE);
	struct sp_credential other = new_credential("b0bsw0rd", SLAPD_BOB);

	(void)state;
	open_well_as(SLAPD_ALICE);
	assert_int_equal(sp_admin_add(admin, &own, why), SP_ADMIN_OK);
	assert_int_equal(sp_admin_add(admin, &other, why), SP_ADMIN_FORBIDDEN);
	assert_non_null(strstr(why, "no write access"));
	assert_non_null(strstr(why, "`children` to " SLAPD_CONTAINER));
}

static void a_missing_container_is_named(void **state)
{
	struct sp_credential credential = new_credential("c0nta1n0", SLAPD_ALICE);

	(void)state;
	assert_int_equal(
	    open_as(SLAPD_ROOT_DN, SLAPD_PASSWORD, "ou=nowhere,dc=example,dc=org"), SP_ADMIN_OK);
	assert_int_equal(sp_admin_add(admin, &credential, why), SP_ADMIN_NOT_FOUND);
	assert_non_null(strstr(why, "ou=nowhere"));
}

static void an_id_that_could_break_out_of_its_name_is_refused(void **state)
{
	char *ids[] = {"", "a,ou=x", "a+sendpassLabel=x", "A", "a b"};

	(void)state;
	open_well_as(SLAPD_ADMIN);
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		struct sp_credential credential = new_credential(ids[i], SLAPD_ALICE);
		assert_int_equal(sp_admin_add(admin, &credential, why), SP_ADMIN_ERROR);
	}
}

static void lists_begin_with_the_oldest(void **state)
{
	struct sp_credential_list list;

	(void)state;
	open_well_as(SLAPD_ADMIN);
	assert_int_equal(sp_admin_list(admin, SLAPD_BOB, &list, why), SP_ADMIN_OK);
	assert_int_equal(list.count, 3);
	assert_string_equal(list.items[0]->id, "0000old0");
	assert_string_equal(list.items[1]->id, "0000mid0");
	assert_string_equal(list.items[2]->id, "0000young");
	assert_null(list.items[0]->hash);
	sp_credential_list_free(&list);
	assert_int_equal(sp_admin_list(admin, NULL, &list, why), SP_ADMIN_OK);
	assert_true(list.count >= 3);
	sp_credential_list_free(&list);
	assert_int_equal(sp_admin_list(admin, "uid=*," SLAPD_PEOPLE, &list, why), SP_ADMIN_OK);
	assert_int_equal(list.count, 0);
	sp_credential_list_free(&list);
}

static void owners_see_their_own_alone(void **state)
{
	struct sp_credential_list list;
	struct sp_credential *credential;

	(void)state;
	open_well_as(SLAPD_BOB);
	assert_int_equal(sp_admin_list(admin, NULL, &list, why), SP_ADMIN_OK);
	assert_int_equal(list.count, 3);
	sp_credential_list_free(&list);
	assert_int_equal(sp_admin_get(admin, "k7qf2m9x", &credential, why), SP_ADMIN_NOT_FOUND);
	assert_null(credential);
}

static const struct {
	const char *login;
	enum sp_admin_status status;
	const char *dn;
} logins[] = {
    {"alice", SP_ADMIN_OK, SLAPD_ALICE},
    {"bob@example.org", SP_ADMIN_OK, SLAPD_BOB},
    {"accounting@example.org", SP_ADMIN_OK, "cn=accounting,ou=departments,dc=example,dc=org"},
    {"nobody", SP_ADMIN_NOT_FOUND, NULL},
    {"*", SP_ADMIN_NOT_FOUND, NULL},
    {"*)(uid=*", SP_ADMIN_NOT_FOUND, NULL},
    {"shared@example.org", SP_ADMIN_AMBIGUOUS, NULL},
};

static void logins_lead_to_their_owner(void **state)
{
	(void)state;
	open_well_as(SLAPD_ADMIN);
	for (size_t i = 0; i < sizeof(logins) / sizeof(logins[0]); i++) {
		char *dn = NULL;
		if (sp_admin_find_owner(admin, logins[i].login, &dn, why) != logins[i].status)
			fail_msg("%s: %s", logins[i].login, why);
		assert_true((dn == NULL) == (logins[i].dn == NULL));
		if (dn != NULL)
			assert_string_equal(dn, logins[i].dn);
		free(dn);
	}
	assert_non_null(strstr(why, "uid=carol"));
	assert_non_null(strstr(why, "uid=dave"));
}

static enum sp_admin_status revoke(const struct sp_credential *credential, time_t when)
{
	struct sp_credential revoked = *credential;

	revoked.revoked = when;
	revoked.revoked_reason = "lost";
	return sp_admin_change(admin, credential, &revoked, why);
}

static struct sp_credential *get(const char *id)
{
	struct sp_credential *credential = NULL;

	if (sp_admin_get(admin, id, &credential, why) != SP_ADMIN_OK)
		fail_msg("%s", why);
	return credential;
}

static void a_revocation_stands(void **state)
{
	(void)state;
	open_well_as(SLAPD_ALICE);
	struct sp_credential *before = get("0wnw0rd0");
	assert_int_equal(revoke(before, NOON), SP_ADMIN_OK);
	struct sp_credential *after = get("0wnw0rd0");
	assert_int_equal(after->revoked, NOON);
	assert_string_equal(after->revoked_reason, "lost");
	assert_int_equal(sp_credential_state(after, NOON), SP_STATE_REVOKED);
	/* by who read it before, and by who knows of it */
	assert_int_equal(revoke(before, NOON + 60), SP_ADMIN_ERROR);
	assert_int_equal(revoke(after, NOON + 60), SP_ADMIN_ERROR);
	assert_int_equal(revoke(after, SP_NO_TIME), SP_ADMIN_ERROR);
	assert_non_null(strstr(why, "for good"));
	sp_credential_free(&before);
	sp_credential_free(&after);
	after = get("0wnw0rd0");
	assert_int_equal(after->revoked, NOON);
	sp_credential_free(&after);
}

static void a_refused_change_names_the_attributes(void **state)
{
	struct sp_credential old = {.dn = "sendpassId=0000old0," SLAPD_CONTAINER,
	    .not_before = SP_NO_TIME,
	    .expires = SP_NO_TIME,
	    .revoked = SP_NO_TIME};

	(void)state;
	open_well_as(SLAPD_ALICE);
	assert_int_equal(revoke(&old, NOON), SP_ADMIN_FORBIDDEN);
	assert_non_null(strstr(why, "change sendpassRevoked and sendpassRevokedReason of"));
}

static void a_change_writes_what_differs_and_no_more(void **state)
{
	char *two[] = {"192.0.2.0/24", "2001:db8::/32", NULL}, *one[] = {"192.0.2.7", NULL};
	struct sp_credential credential = new_credential("chang3d0", SLAPD_ALICE);
	struct sp_credential *before, *back;

	(void)state;
	credential.networks = two;
	open_well_as(SLAPD_ADMIN);
	assert_int_equal(sp_admin_add(admin, &credential, why), SP_ADMIN_OK);
	before = get("chang3d0");
	struct sp_credential after = *before;
	assert_int_equal(sp_admin_change(admin, before, &after, why), SP_ADMIN_OK);
	after.label = "3rd floor printer";           /* another */
	after.networks = one;                        /* fewer */
	after.expires = SP_NO_TIME;                  /* gone */
	after.suspended = after.tls_required = true; /* new */
	after.replaces = "k7qf2m9x";
	assert_int_equal(sp_admin_change(admin, before, &after, why), SP_ADMIN_OK);
	back = get("chang3d0");
	assert_string_equal(back->label, "3rd floor printer");
	assert_string_equal(back->networks[0], "192.0.2.7");
	assert_null(back->networks[1]);
	assert_int_equal(back->expires, SP_NO_TIME);
	assert_true(back->suspended);
	assert_true(back->tls_required);
	assert_string_equal(back->replaces, "k7qf2m9x");
	assert_string_equal(back->owner, SLAPD_ALICE);
	after = *back;
	after.suspended = false;
	after.networks = NULL;
	assert_int_equal(sp_admin_change(admin, back, &after, why), SP_ADMIN_OK);
	sp_credential_free(&before);
	sp_credential_free(&back);
	back = get("chang3d0");
	assert_false(back->suspended);
	assert_null(back->networks);
	assert_true(back->tls_required);
	sp_credential_free(&back);
}

static void what_is_deleted_is_gone(void **state)
{
	struct sp_credential credential = new_credential("d0nef0r0", SLAPD_ALICE), *back;

	(void)state;
	open_well_as(SLAPD_ADMIN);
	assert_int_equal(sp_admin_add(admin, &credential, why), SP_ADMIN_OK);
	back = get("d0nef0r0");
	assert_int_equal(sp_admin_delete(admin, back, why), SP_ADMIN_OK);
	assert_int_equal(sp_admin_delete(admin, back, why), SP_ADMIN_NOT_FOUND);
	sp_admin_close(&admin);
	open_well_as(SLAPD_ALICE);
	sp_credential_free(&back);
	back = get("0wnw0rd0");
	assert_int_equal(sp_admin_delete(admin, back, why), SP_ADMIN_FORBIDDEN);
	assert_non_null(strstr(why, "right to delete"));
	sp_credential_free(&back);
}

static void nobody_gets_in_with_a_wrong_or_no_password(void **state)
{
	(void)state;
	assert_int_equal(open_as(SLAPD_ADMIN, "wrong", NULL), SP_ADMIN_FORBIDDEN);
	assert_null(admin);
	assert_non_null(strstr(why, "Invalid credentials"));
	assert_int_equal(open_as(SLAPD_ADMIN, "", NULL), SP_ADMIN_ERROR);
	assert_null(admin);
	assert_non_null(strstr(why, "secret"));
}

static void a_dead_server_is_told_as_down(void **state)
{
	struct sp_credential *credential = NULL;

	(void)state;
	open_well_as(SLAPD_ADMIN);
	slapd_kill(&slapd);
	assert_int_equal(sp_admin_get(admin, "k7qf2m9x", &credential, why), SP_ADMIN_DOWN);
	assert_null(credential);
	sp_admin_close(&admin);
	assert_int_equal(open_as(SLAPD_ADMIN, SLAPD_PASSWORD, NULL), SP_ADMIN_DOWN);
	assert_null(admin);
	slapd_start(&slapd);
}

static int start_server(void **state)
{
	(void)state;
	slapd_prepare(&slapd);
	slapd_fill(&slapd, &(struct slapd_wish){.entries = entries});
	slapd_start(&slapd);
	return 0;
}

static int stop_server(void **state)
{
	(void)state;
	slapd_remove(&slapd);
	return 0;
}

#define TEST(name) cmocka_unit_test_teardown(name, close_admin)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(all_is_done_at_write_uri_if_there_is_one),
	    TEST(what_was_added_is_read_back_without_its_hash),
	    TEST(an_owner_adds_for_itself_alone),
	    TEST(a_missing_container_is_named),
	    TEST(an_id_that_could_break_out_of_its_name_is_refused),
	    TEST(lists_begin_with_the_oldest),
	    TEST(owners_see_their_own_alone),
	    TEST(logins_lead_to_their_owner),
	    TEST(a_revocation_stands),
	    TEST(a_refused_change_names_the_attributes),
	    TEST(a_change_writes_what_differs_and_no_more),
	    TEST(what_is_deleted_is_gone),
	    TEST(nobody_gets_in_with_a_wrong_or_no_password),
	    TEST(a_dead_server_is_told_as_down),
	};

	if (!slapd_exists()) {
		puts("skipped: there is no slapd");
		return 77;
	}
	sp_ldap_isolate();
	return cmocka_run_group_tests(tests, start_server, stop_server);
}
