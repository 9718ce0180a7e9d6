/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib/directory/dn.h"
#include "lib/directory/filter_tree.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct sp_filter *parse(const char *template)
{
	struct sp_filter *filter;
	char why[SP_CONF_WHY_MAX] = "";

	if (!sp_filter_parse(template, &filter, why))
		fail_msg("%s: %s", template, why);
	return filter;
}

static const struct {
	const char *template, *blames;
} refused[] = {
    {"(cn~=%u)", "cn~="},
    {"(cn:caseExactMatch:=%u)", "cn:caseExactMatch"},
    {"(cn:dn:=%u)", "cn:dn:"},
    {"(userAccountControl:1.2.840.113556.1.4.803:=2)", "userAccountControl"},
    {"(|(uid=%u)(shoeSize=4))", "shoeSize"},
    {"(cn;lang-en=%u)", "cn;lang-en"},
    {"(cn=M\xc3\xbcller)", "cn=M"},
    {"(cn=M\\c3\\bcller)", "cn=M"},
    {"(cn=a\\*)", "cn=a"},
    {"(shadowExpire<=%d)", "shadowExpire"},
    {"(cn>=a)", "cn"},
    {"(uidNumber=1*)", "uidNumber"},
    {"(memberOf=cn=a*)", "memberOf"},
    {"(!(uid=a)(uid=b))", "(!"},
    {"(!)", "(!"},
    {"(uid=a)(uid=b)", "more behind"},
    {"((uid=a))", "no item"},
    {"(=a)", "no item"},
    {"(&(uid=a)", "no )"},
    {"uid=a", "does not begin"},
    {"(&(&(&(&(&(&(&(&(&(&(&(&(&(&(&(&(&(uid=a))))))))))))))))))", "deep"},
};

static void what_a_server_alone_can_judge_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		struct sp_filter *filter;
		char why[SP_CONF_WHY_MAX] = "";
		if (sp_filter_parse(refused[i].template, &filter, why))
			fail_msg("%s is taken", refused[i].template);
		assert_null(filter);
		if (strstr(why, refused[i].blames) == NULL)
			fail_msg("%s: %s", refused[i].template, why);
	}
}

static const struct {
	const char *template, *keys;
} keyed[] = {
    {"(uid=%u)", "uid=%u "},
    {"(|(uid=%u)(mail=%u))", "uid=%u mail=%u "},
    {"(&(objectClass=person)(|(userid=%u)(mail=%u@example.org)))", "uid=%u mail=%u@example.org "},
    {"(&(uid=%u)(mail=%u))", "uid=%u "},
    {"(|(uid=%u)(cn=*))", NULL},
    {"(|(uid=%u)(!(mail=%u)))", NULL},
    {"(uid=%u*)", NULL},
    {"(uidNumber=%u)", NULL},
    {"(uid=fixed)", NULL},
    {"(&)", NULL},
    {"(|)", ""},
};

static void keys_are_equalities_that_every_match_needs(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(keyed); i++) {
		struct sp_filter *filter = parse(keyed[i].template);
		struct sp_filter_keys keys;
		char all[200] = "";
		bool found = sp_filter_keys(filter, &keys);
		for (size_t j = 0; found && j < keys.count; j++) {
			size_t length = strlen(all);
			snprintf(all + length, sizeof(all) - length, "%s=%s ",
			    keys.items[j]->attribute, keys.items[j]->value);
		}
		if (found != (keyed[i].keys != NULL) || (found && strcmp(all, keyed[i].keys) != 0))
			fail_msg("%s: %s", keyed[i].template, all);
		sp_filter_free(&filter);
	}
}

static const struct {
	const char *filter;
	enum sp_truth truth;
} judged[] = {
    {"(uid=alice)", SP_TRUTH_TRUE},
    {"(uid=%u)", SP_TRUTH_TRUE},
    {"(userid=%u)", SP_TRUTH_TRUE},
    {"(uid=alic)", SP_TRUTH_FALSE},
    {"(cn=Alice  Example )", SP_TRUTH_TRUE},
    {"(cn=alice\\20example)", SP_TRUTH_TRUE},
    {"(cn=AliceExample)", SP_TRUTH_FALSE},
    {"(cn=alice*)", SP_TRUTH_TRUE},
    {"(cn=*ample)", SP_TRUTH_TRUE},
    {"(cn=a*ice*e*le)", SP_TRUTH_TRUE},
    {"(cn=alice*alice)", SP_TRUTH_FALSE},
    {"(cn=*\\2a*)", SP_TRUTH_FALSE},
    {"(mail=en@example.org)", SP_TRUTH_TRUE}, /* of mail;lang-en */
    {"(mai=*)", SP_TRUTH_FALSE},
    {"(shoeSize=*)", SP_TRUTH_FALSE},
    {"(sn=x)", SP_TRUTH_FALSE},
    {"(!(sn=x))", SP_TRUTH_TRUE},
    {"(uidNumber=007)", SP_TRUTH_TRUE},
    {"(uidNumber>=7)", SP_TRUTH_TRUE},
    {"(uidNumber>=8)", SP_TRUTH_FALSE},
    {"(uidNumber<=10)", SP_TRUTH_TRUE},
    {"(uidNumber>=-100)", SP_TRUTH_TRUE},
    {"(uidNumber=seven)", SP_TRUTH_UNDEFINED},
    {"(!(uidNumber=seven))", SP_TRUTH_UNDEFINED},
    {"(&(uidNumber=seven)(uid=bob))", SP_TRUTH_FALSE},
    {"(&(uidNumber=seven)(uid=alice))", SP_TRUTH_UNDEFINED},
    {"(|(uidNumber=seven)(uid=alice))", SP_TRUTH_TRUE},
    {"(|(uidNumber=seven)(uid=bob))", SP_TRUTH_UNDEFINED},
    {"(shadowExpire:integerOrderingMatch:=-3)", SP_TRUTH_TRUE},
    {"(shadowExpire:integerOrderingMatch:=-4)", SP_TRUTH_FALSE},
    {"(shadowExpire:integerOrderingMatch:=-40)", SP_TRUTH_FALSE},
    {"(pwdAccountLockedTime=000001010000Z)", SP_TRUTH_TRUE},
    {"(pwdAccountLockedTime=20260101000000Z)", SP_TRUTH_FALSE},
    {"(createTimestamp>=20260101010000+0100)", SP_TRUTH_TRUE},
    {"(createTimestamp>=20260101000000.1Z)", SP_TRUTH_FALSE},
    {"(createTimestamp<=20260101000000.0Z)", SP_TRUTH_TRUE},
    {"(pwdReset=TRUE)", SP_TRUTH_TRUE},
    {"(pwdReset=true)", SP_TRUTH_UNDEFINED},
    {"(memberOf=CN = senders , dc=Example,dc=org)", SP_TRUTH_TRUE},
    {"(memberOf=cn=senders,dc=example,dc=net)", SP_TRUTH_FALSE},
    {"(memberOf=senders)", SP_TRUTH_UNDEFINED},
    {"(&)", SP_TRUTH_TRUE},
    {"(|)", SP_TRUTH_FALSE},
};

static void filters_are_judged_as_a_server_does(void **state)
{
	const struct sp_filter_values values = {.login = "alice"};
	struct sp_entry_builder builder = {0};
	struct sp_entry entry;
	static const char *const attributes[][2] = {{"uid", "Alice"}, {"cn", " Alice   Example"},
	    {"mail;lang-en", "en@example.org"}, {"uidNumber", "7"}, {"shadowExpire", "-4"},
	    {"pwdAccountLockedTime", "000001010000Z"}, {"createTimestamp", "20260101000000Z"},
	    {"pwdReset", "TRUE"}, {"memberOf", "cn=Senders,dc=example,dc=org"}};

	(void)state;
	sp_entry_begin(&builder, "uid=alice,dc=example,dc=org");
	for (size_t i = 0; i < COUNT(attributes); i++) {
		sp_entry_add_attribute(&builder, attributes[i][0]);
		sp_entry_add_value(&builder, attributes[i][1], strlen(attributes[i][1]));
	}
	assert_true(sp_entry_end(&builder, &entry));
	for (size_t i = 0; i < COUNT(judged); i++) {
		struct sp_filter *filter = parse(judged[i].filter);
		enum sp_truth truth = sp_filter_match(filter, &entry, &values);
		if (truth != judged[i].truth)
			fail_msg("%s: %d", judged[i].filter, (int)truth);
		sp_filter_free(&filter);
	}
	sp_entry_builder_clear(&builder);
}

static void a_login_is_one_value_whatever_it_holds(void **state)
{
	static const char *const hostile[] = {
	    "*", "a*", "alice)(uid=*", "\\2a", "(|(uid=*))", "%u"};
	struct sp_filter *filter = parse("(|(uid=%u)(cn=x%u*))");
	struct sp_entry_builder builder = {0};
	struct sp_entry entry;

	(void)state;
	sp_entry_begin(&builder, "uid=alice,dc=example,dc=org");
	sp_entry_add_attribute(&builder, "uid");
	sp_entry_add_value(&builder, "alice", 5);
	sp_entry_add_attribute(&builder, "cn");
	sp_entry_add_value(&builder, "xa(b", 4);
	assert_true(sp_entry_end(&builder, &entry));
	for (size_t i = 0; i < COUNT(hostile); i++) {
		const struct sp_filter_values values = {.login = hostile[i]};
		assert_int_equal(sp_filter_match(filter, &entry, &values), SP_TRUTH_FALSE);
	}
	const struct sp_filter_values values = {.login = "A(b"};
	assert_int_equal(sp_filter_match(filter, &entry, &values), SP_TRUTH_TRUE);
	sp_filter_free(&filter);
	sp_entry_builder_clear(&builder);
}

static const struct {
	const char *one, *other;
	bool same;
} names[] = {
    {"uid=alice,ou=people,dc=example,dc=org", "UID=Alice , OU=People,dc=example,dc=org", true},
    {"uid=alice,dc=org", "userid=alice,dc=org", true},
    {"uid=alice,dc=org", "0.9.2342.19200300.100.1.1=alice,dc=org", true},
    {"cn=a+sn=b,dc=org", "sn=b+cn=a,dc=org", true},
    {"cn=a\\,b,dc=org", "cn=a\\2Cb,dc=org", true},
    {"cn=a\\,b,dc=org", "cn=a,b=,dc=org", false},
    {"cn=a\\+sn\\=b,dc=org", "cn=a+sn=b,dc=org", false},
    {"uid=alice,dc=org", "uid=alice,dc=net", false},
    {"uid=alice,dc=org", "cn=alice,dc=org", false},
    {"homeDirectory=/A,dc=org", "homeDirectory=/a,dc=org", false},
    {"shoeSize=A,dc=org", "SHOESIZE=a,dc=org", true},
};

static void names_of_one_entry_have_one_normal_form(void **state)
{
	char one[SP_DN_NORMAL_MAX], other[SP_DN_NORMAL_MAX];
	size_t length;

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		assert_true(sp_dn_normal(names[i].one, strlen(names[i].one), one, &length));
		assert_true(sp_dn_normal(names[i].other, strlen(names[i].other), other, &length));
		if ((strcmp(one, other) == 0) != names[i].same)
			fail_msg("%s and %s", one, other);
	}
	assert_false(sp_dn_normal("alice", 5, one, &length));
	assert_false(sp_dn_normal("cn=#04020102,dc=org", 19, one, &length));
	assert_false(sp_dn_normal("cn=a\0,dc=org", 12, one, &length));
}

static void an_entry_is_within_its_own_bases(void **state)
{
	(void)state;
	assert_true(sp_dn_is_within("uid=a,dc=example,dc=org,", "dc=example,dc=org,"));
	assert_true(sp_dn_is_within("dc=example,dc=org,", "dc=example,dc=org,"));
	assert_false(sp_dn_is_within("uid=a,dc=example,dc=org,", "dc=net,"));
	assert_false(sp_dn_is_within("uid=a+dc=example,dc=org,", "dc=example,dc=org,"));
	assert_false(sp_dn_is_within("dc=org,", "dc=example,dc=org,"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_a_server_alone_can_judge_is_refused),
	    cmocka_unit_test(keys_are_equalities_that_every_match_needs),
	    cmocka_unit_test(filters_are_judged_as_a_server_does),
	    cmocka_unit_test(a_login_is_one_value_whatever_it_holds),
	    cmocka_unit_test(names_of_one_entry_have_one_normal_form),
	    cmocka_unit_test(an_entry_is_within_its_own_bases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
