/* SPDX-License-Identifier: BSD-2-Clause */
/* ldap_department_test.c - departments, owners and identities, as a real slapd shows them */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/directory/admin.h"
#include "lib/directory/ldap_filter.h"
#include "lib/directory/live.h"
#include "tests/unit/slapd.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ACCOUNTING   "cn=accounting,ou=departments,dc=example,dc=org"
#define CAROL        "uid=carol," SLAPD_PEOPLE
#define LIMITED      "cn=limited,ou=services,dc=example,dc=org"
#define TOO_LONG     SP_FILTER_MAX

#define SERVICE(dn, cn)                                                                            \
	"dn: " dn "\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\n"         \
	"cn: " cn "\nuserPassword: " SLAPD_PASSWORD "\n\n"
#define PERSON(name, department)                                                                   \
	"dn: uid=" name "," SLAPD_PEOPLE "\nobjectClass: inetOrgPerson\nuid: " name                \
	"\ncn: x\nsn: x\nmail: " name "@example.org\ndepartmentNumber: " department "\n\n"
#define OWNED(id, owner, created)                                                                  \
	"dn: sendpassId=" id "," SLAPD_CONTAINER "\nobjectClass: sendpassCredential\n"             \
	"sendpassId: " id "\nowner: " owner "\nsendpassHash: x\ncreateTimestamp: " created "\n\n"

/* The department `sales` is two people; `accounting@example.org` is a login of an entry
 * that also says it is of that department, and one person. */
static const char entries[] = SERVICE(LIMITED, "limited") PERSON("carol", "sales") PERSON(
    "dave", "sales") PERSON("erin", "accounting@example.org") PERSON("frank",
    "a(*)b") "dn: cn=desk,ou=departments,dc=example,dc=org\nobjectClass: organizationalRole\n"
	     "objectClass: extensibleObject\ncn: desk\nmail: desk@example.org\n"
	     "departmentNumber: desk@example.org\n\n" OWNED("00carol1", CAROL, "20250301000000Z")
		 OWNED("0000dave", "uid=dave," SLAPD_PEOPLE, "20250201000000Z")
		     OWNED("00carol0", CAROL, "20250101000000Z")
			 OWNED("0000erin", "uid=erin," SLAPD_PEOPLE, "20250401000000Z")
			     OWNED("00accou0", ACCOUNTING, "20250501000000Z")
				 OWNED("00frank0", "uid=frank," SLAPD_PEOPLE, "20250601000000Z")
				     OWNED("0000desk", "cn=desk,ou=departments,dc=example,dc=org",
					 "20250701000000Z")
					 OWNED("0000bob0", SLAPD_BOB, "20250801000000Z");

static const char rules[] =
    "limits dn.exact=\"" LIMITED "\" size=1\n"
    "access to dn.exact=\"" SLAPD_ALICE "\" attrs=entry by dn.exact=\"" LIMITED
    "\" none by * break\n"
    "access to dn.subtree=\"dc=example,dc=org\" attrs=@extensibleObject,entry "
    "by dn.exact=\"" LIMITED "\" read by * break\n";

static struct slapd slapd;
static struct sp_admin *admin;
static char why[SP_CONF_WHY_MAX];

static void open_with(struct sp_conf *conf, const char *dn)
{
	struct sp_secret secret;
	const struct sp_admin_identity identity = {.dn = dn, .secret = &secret};

	assert_true(sp_secret_set(&secret, SLAPD_PASSWORD, strlen(SLAPD_PASSWORD)));
	if (sp_admin_open(conf, &identity, &admin, why) != SP_ADMIN_OK)
		fail_msg("%s", why);
	sp_conf_free(&conf);
}

static void open_as(const char *dn)
{
	open_with(slapd_conf(slapd.local_uri, NULL), dn);
}

static int close_admin(void **state)
{
	(void)state;
	sp_admin_close(&admin);
	return 0;
}

static void assert_ids(const struct sp_credential_list *list, const char *ids)
{
	char found[256] = "";

	for (size_t i = 0; i < list->count; i++) {
		strcat(found, list->items[i]->id);
		strcat(found, " ");
		assert_null(list->items[i]->hash);
	}
	assert_string_equal(found, ids);
}

static void a_department_is_its_people_and_the_entry_of_that_login(void **state)
{
	static const struct {
		const char *department, *ids;
	} cases[] = {
	    {"sales", "00carol0 0000dave 00carol1 "},
	    {"accounting@example.org", "0000erin 00accou0 "},
	    {"desk@example.org", "0000desk "}, /* both at once: not twice */
	    {"a(*)b", "00frank0 "},
	};

	(void)state;
	open_as(SLAPD_ADMIN);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sp_credential_list list;
		if (sp_admin_list_department(admin, cases[i].department, &list, why) != SP_ADMIN_OK)
			fail_msg("%s: %s", cases[i].department, why);
		assert_ids(&list, cases[i].ids);
		sp_credential_list_free(&list);
	}
}

static void a_department_that_is_nowhere_is_no_empty_one(void **state)
{
	static const char *const departments[] = {"s*", "*", "nobody"};
	struct sp_credential_list list;

	(void)state;
	open_as(SLAPD_ADMIN);
	for (size_t i = 0; i < COUNT(departments); i++) {
		assert_int_equal(sp_admin_list_department(admin, departments[i], &list, why),
		    SP_ADMIN_NOT_FOUND);
		assert_int_equal(list.count, 0);
		assert_non_null(strstr(why, "departmentNumber"));
		assert_non_null(strstr(why, departments[i]));
	}
}

static void without_the_attribute_a_department_is_a_login_alone(void **state)
{
	struct sp_conf *conf = slapd_conf(slapd.local_uri, NULL);
	struct sp_credential_list list;

	(void)state;
	slapd_set(&conf->directory_owner_department_attribute, "");
	open_with(conf, SLAPD_ADMIN);
	assert_int_equal(
	    sp_admin_list_department(admin, "accounting@example.org", &list, why), SP_ADMIN_OK);
	assert_ids(&list, "00accou0 ");
	sp_credential_list_free(&list);
	assert_int_equal(sp_admin_list_department(admin, "sales", &list, why), SP_ADMIN_NOT_FOUND);
	assert_non_null(strstr(why, "the department sales"));
}

static void half_a_list_is_none(void **state)
{
	struct sp_credential_list list;

	(void)state;
	open_as(LIMITED);
	assert_int_equal(sp_admin_list(admin, NULL, &list, why), SP_ADMIN_ERROR);
	assert_int_equal(list.count, 0);
	assert_non_null(strstr(why, "size limit"));
	assert_int_equal(sp_admin_list_department(admin, "sales", &list, why), SP_ADMIN_ERROR);
	assert_int_equal(list.count, 0);
	assert_non_null(strstr(why, "all of the department"));
}

static void what_is_too_long_to_be_asked_for_is_not_found(void **state)
{
	char *text = malloc(TOO_LONG + 1), *dn;
	struct sp_credential *credential;
	struct sp_credential_list list;

	(void)state;
	assert_non_null(text);
	memset(text, 'a', TOO_LONG);
	text[TOO_LONG] = '\0';
	open_as(SLAPD_ADMIN);
	assert_int_equal(sp_admin_find_owner(admin, text, &dn, why), SP_ADMIN_NOT_FOUND);
	assert_null(dn);
	assert_non_null(strstr(why, "the login is too long"));
	assert_int_equal(sp_admin_get(admin, text, &credential, why), SP_ADMIN_NOT_FOUND);
	assert_null(credential);
	assert_non_null(strstr(why, "the id is too long"));
	assert_int_equal(sp_admin_list_department(admin, text, &list, why), SP_ADMIN_NOT_FOUND);
	assert_non_null(strstr(why, "the department is too long"));
	assert_int_equal(sp_admin_list(admin, text, &list, why), SP_ADMIN_ERROR);
	assert_non_null(strstr(why, "the owner's name is too long"));
	free(text);
}

static void only_an_owner_that_is_certainly_not_there_is_gone(void **state)
{
	static const struct {
		const char *as, *owner;
		bool gone;
	} cases[] = {
	    {SLAPD_ADMIN, SLAPD_ALICE, false},
	    {SLAPD_ADMIN, "uid=gone," SLAPD_PEOPLE, true},
	    {LIMITED, SLAPD_ALICE, false},                      /* hidden */
	    {SLAPD_ADMIN, "uid=gone,dc=example,dc=net", false}, /* elsewhere */
	    {SLAPD_ADMIN, "no dn", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		bool gone = !cases[i].gone;
		open_as(cases[i].as);
		if (sp_admin_owner_is_gone(admin, cases[i].owner, &gone, why) != SP_ADMIN_OK)
			fail_msg("%s: %s", cases[i].owner, why);
		if (gone != cases[i].gone)
			fail_msg("%s for %s", cases[i].owner, cases[i].as);
		sp_admin_close(&admin);
	}
}

static void no_owner_is_gone_where_owner_base_cannot_be_seen(void **state)
{
	struct sp_conf *conf = slapd_conf(slapd.local_uri, NULL);
	bool gone = true;

	(void)state;
	slapd_set(&conf->directory_owner_base, "ou=nowhere,dc=example,dc=org");
	open_with(conf, SLAPD_ADMIN);
	assert_int_equal(
	    sp_admin_owner_is_gone(admin, "uid=gone," SLAPD_PEOPLE, &gone, why), SP_ADMIN_ERROR);
	assert_false(gone);
	assert_non_null(strstr(why, "ou=nowhere"));
}

static void an_owners_attribute_is_read_if_it_may_be(void **state)
{
	char *value = NULL;

	(void)state;
	open_as(SLAPD_ADMIN);
	assert_int_equal(sp_admin_read_owner(admin, CAROL, "mail", &value, why), SP_ADMIN_OK);
	assert_string_equal(value, "carol@example.org");
	free(value);
	assert_int_equal(
	    sp_admin_read_owner(admin, CAROL, "userPassword", &value, why), SP_ADMIN_OK);
	assert_null(value);
	assert_int_equal(sp_admin_read_owner(admin, "uid=gone," SLAPD_PEOPLE, "mail", &value, why),
	    SP_ADMIN_ERROR);
	assert_null(value);
	assert_non_null(strstr(why, "does not exist"));
}

static void who_is_bound_is_what_the_server_says(void **state)
{
	char *identity, *server;

	(void)state;
	open_as(SLAPD_BOB);
	assert_int_equal(sp_admin_whoami(admin, &identity, &server, why), SP_ADMIN_OK);
	assert_string_equal(identity, "dn:" SLAPD_BOB);
	assert_non_null(strstr(server, "ldapi://"));
	free(identity);
	free(server);
}

static void a_dead_server_proves_nothing(void **state)
{
	struct sp_credential_list list;
	char *identity, *server;
	bool gone = true;

	(void)state;
	open_as(SLAPD_ADMIN);
	slapd_kill(&slapd);
	assert_int_equal(
	    sp_admin_owner_is_gone(admin, "uid=gone," SLAPD_PEOPLE, &gone, why), SP_ADMIN_DOWN);
	assert_false(gone);
	assert_int_equal(sp_admin_whoami(admin, &identity, &server, why), SP_ADMIN_DOWN);
	assert_null(identity);
	assert_null(server);
	assert_int_equal(sp_admin_list_department(admin, "sales", &list, why), SP_ADMIN_DOWN);
	assert_int_equal(list.count, 0);
	slapd_start(&slapd);
}

static int start_server(void **state)
{
	(void)state;
	slapd_prepare(&slapd);
	slapd_fill(&slapd, &(struct slapd_wish){.entries = entries, .database = rules});
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
	    TEST(a_department_is_its_people_and_the_entry_of_that_login),
	    TEST(a_department_that_is_nowhere_is_no_empty_one),
	    TEST(without_the_attribute_a_department_is_a_login_alone),
	    TEST(half_a_list_is_none),
	    TEST(what_is_too_long_to_be_asked_for_is_not_found),
	    TEST(only_an_owner_that_is_certainly_not_there_is_gone),
	    TEST(no_owner_is_gone_where_owner_base_cannot_be_seen),
	    TEST(an_owners_attribute_is_read_if_it_may_be),
	    TEST(who_is_bound_is_what_the_server_says),
	    TEST(a_dead_server_proves_nothing),
	};

	if (!slapd_exists()) {
		puts("skipped: there is no slapd");
		return 77;
	}
	sp_ldap_isolate();
	return cmocka_run_group_tests(tests, start_server, stop_server);
}
