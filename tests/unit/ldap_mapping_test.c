/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/directory/ldap_mapping.h"

#define DN    "sendpassId=k7qf2m9x,ou=sendpass,dc=example,dc=org"
#define ALICE "uid=alice,ou=people,dc=example,dc=org"
#define PHC   "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$dGFn"

#define VALUES_MAX 3
#define BYTES(text)                                                                                \
	{                                                                                          \
		sizeof(text) - 1, (char *)(text)                                                   \
	}

struct attribute {
	const char *name;
	size_t count;
	struct berval values[VALUES_MAX];
};

static void take(struct sp_entry_builder *builder, const struct attribute *attribute)
{
	sp_entry_add_attribute(builder, attribute->name);
	for (size_t i = 0; i < attribute->count; i++)
		sp_entry_add_value(
		    builder, attribute->values[i].bv_val, attribute->values[i].bv_len);
}

static struct sp_credential *read_credential(struct sp_entry_builder *builder)
{
	struct sp_entry entry;

	assert_true(sp_entry_end(builder, &entry));
	struct sp_credential *credential = sp_mapping_credential(&entry);
	assert_non_null(credential);
	sp_entry_builder_clear(builder);
	return credential;
}

static const struct attribute whole[] = {
    {"sendpassId", 1, {BYTES("k7qf2m9x")}},
    {"owner", 1, {BYTES(ALICE)}},
    {"sendpassHash", 1, {BYTES(PHC)}},
    {"sendpassLabel", 1, {BYTES("2nd floor printer")}},
    {"sendpassLogin", 2, {BYTES("printer"), BYTES("scanner")}},
    {"sendpassService", 2, {BYTES("smtp"), BYTES("submission")}},
    {"sendpassNetwork", 2, {BYTES("192.0.2.0/24"), BYTES("2001:db8::7")}},
    {"sendpassSender", 2, {BYTES("@example.org"), BYTES("<>")}},
    {"sendpassRate", 2, {BYTES("100/1h"), BYTES("recipients=500/1d")}},
    {"sendpassRequireTLS", 1, {BYTES("TRUE")}},
    {"createTimestamp", 1, {BYTES("20261124060000Z")}},
    {"sendpassNotBefore", 1, {BYTES("20261124060000.5Z")}},
    {"sendpassExpires", 1, {BYTES("20261124080000+0100")}},
    {"sendpassRevoked", 1, {BYTES("2026112406Z")}},
    {"sendpassRevokedReason", 1, {BYTES("lost")}},
    {"sendpassSuspended", 1, {BYTES("TRUE")}},
    {"sendpassImported", 1, {BYTES("TRUE")}},
    {"sendpassReplaces", 1, {BYTES("h2m4zzzz")}},
    {"sendpassLastUsed", 1, {BYTES("20261124060000Z")}},
    {"sendpassLastAddress", 1, {BYTES("192.0.2.7")}},
    {"sendpassLastService", 1, {BYTES("smtp")}},
};

static const struct {
	const char *name;
	struct attribute attribute;
	enum sp_class_shown shown;
} classes[] = {
    {"its own", {"objectClass", 1, {BYTES("sendpassCredential")}}, SP_CLASS_CREDENTIAL},
    {"in other letters", {"OBJECTCLASS", 1, {BYTES("SENDPASScredential")}}, SP_CLASS_CREDENTIAL},
    {"behind others", {"objectClass", 3, {BYTES("top"), BYTES("x"), BYTES("sendpassCredential")}},
	SP_CLASS_CREDENTIAL},
    {"another", {"objectClass", 2, {BYTES("top"), BYTES("person")}}, SP_CLASS_OTHER},
    {"a longer one", {"objectClass", 1, {BYTES("sendpassCredentials")}}, SP_CLASS_OTHER},
    {"a shorter one", {"objectClass", 1, {BYTES("sendpassCredentia")}}, SP_CLASS_OTHER},
    {"none", {"sendpassLabel", 1, {BYTES("sendpassCredential")}}, SP_CLASS_HIDDEN},
};

static void a_credential_is_known_by_its_class(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		struct sp_entry_builder builder = {0};
		struct sp_entry entry;
		sp_entry_begin(&builder, DN);
		take(&builder, &whole[0]);
		take(&builder, &classes[i].attribute);
		assert_true(sp_entry_end(&builder, &entry));
		if (sp_mapping_class(&entry) != classes[i].shown)
			fail_msg("%s", classes[i].name);
		sp_entry_builder_clear(&builder);
	}
}

static void a_whole_entry_is_read(void **state)
{
	struct sp_entry_builder builder = {0};

	(void)state;
	sp_entry_begin(&builder, DN);
	for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
		take(&builder, &whole[i]);
	struct sp_credential *credential = read_credential(&builder);
	assert_null(credential->unusable);
	assert_string_equal(credential->dn, DN);
	assert_string_equal(credential->id, "k7qf2m9x");
	assert_string_equal(credential->owner, ALICE);
	assert_string_equal(credential->hash, PHC);
	assert_string_equal(credential->label, "2nd floor printer");
	assert_string_equal(credential->logins[0], "printer");
	assert_string_equal(credential->logins[1], "scanner");
	assert_null(credential->logins[2]);
	assert_string_equal(credential->services[1], "submission");
	assert_null(credential->services[2]);
	assert_string_equal(credential->networks[1], "2001:db8::7");
	assert_null(credential->networks[2]);
	assert_string_equal(credential->senders[1], "<>");
	assert_null(credential->senders[2]);
	assert_string_equal(credential->rates[1], "recipients=500/1d");
	assert_null(credential->rates[2]);
	assert_true(credential->tls_required);
	assert_int_equal(credential->created, 1795500000);
	assert_int_equal(credential->not_before, 1795500000);
	assert_int_equal(credential->expires, 1795500000 + 3600);
	assert_int_equal(credential->revoked, 1795500000);
	assert_string_equal(credential->revoked_reason, "lost");
	assert_true(credential->suspended);
	assert_true(credential->imported);
	assert_string_equal(credential->replaces, "h2m4zzzz");
	assert_int_equal(credential->last_used, 1795500000);
	assert_string_equal(credential->last_address, "192.0.2.7");
	assert_string_equal(credential->last_service, "smtp");
	sp_credential_free(&credential);
}

static void what_is_absent_is_absent(void **state)
{
	struct sp_entry_builder builder = {0};

	(void)state;
	sp_entry_begin(&builder, DN);
	take(&builder, &whole[0]);
	take(&builder, &whole[1]);
	struct sp_credential *credential = read_credential(&builder);
	assert_null(credential->unusable);
	assert_null(credential->hash);
	assert_null(credential->logins);
	assert_null(credential->services);
	assert_null(credential->networks);
	assert_null(credential->senders);
	assert_null(credential->rates);
	assert_false(credential->tls_required);
	assert_int_equal(credential->created, SP_NO_TIME);
	assert_int_equal(credential->not_before, SP_NO_TIME);
	assert_int_equal(credential->expires, SP_NO_TIME);
	assert_int_equal(credential->revoked, SP_NO_TIME);
	assert_int_equal(credential->last_used, SP_NO_TIME);
	assert_false(credential->imported);
	assert_false(credential->suspended);
	sp_credential_free(&credential);
}

static const struct {
	const char *name;
	struct attribute attribute;
	const char *hash;
} hashes[] = {
    {"PHC", {"sendpassHash", 1, {BYTES(PHC)}}, PHC},
    {"with a NUL behind", {"sendpassHash", 1, {BYTES(PHC "\0")}}, PHC},
    {"with its scheme", {"sendpassHash", 1, {BYTES("{ARGON2}" PHC)}}, PHC},
    {"scheme in lower case and NUL", {"sendpassHash", 1, {BYTES("{argon2}" PHC "\0")}}, PHC},
    {"two NULs", {"sendpassHash", 1, {BYTES(PHC "\0\0")}}, NULL},
    {"NUL within", {"sendpassHash", 1, {BYTES("$argon2id\0$v=19")}}, NULL},
    {"two values", {"sendpassHash", 2, {BYTES(PHC), BYTES(PHC)}}, NULL},
    {"other scheme", {"sendpassHash", 1, {BYTES("{SSHA}x")}}, "{SSHA}x"},
    {"scheme alone", {"sendpassHash", 1, {BYTES("{ARGON2}")}}, ""},
    {"empty", {"sendpassHash", 1, {BYTES("")}}, ""},
};

static void hashes_lose_openldaps_wrapping_and_nothing_else(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++) {
		struct sp_entry_builder builder = {0};
		const char *want = hashes[i].hash;
		sp_entry_begin(&builder, DN);
		take(&builder, &whole[0]);
		take(&builder, &whole[1]);
		take(&builder, &hashes[i].attribute);
		struct sp_credential *credential = read_credential(&builder);
		if ((want == NULL) != (credential->hash == NULL) ||
		    (want == NULL) != (credential->unusable != NULL) ||
		    (want != NULL && strcmp(want, credential->hash) != 0))
			fail_msg("%s", hashes[i].name);
		sp_credential_free(&credential);
	}
}

static const struct attribute bad[] = {
    {"sendpassExpires", 1, {BYTES("tomorrow")}},
    {"sendpassExpires", 1, {BYTES("20260231000000Z")}},
    {"sendpassExpires", 1, {BYTES("")}},
    {"sendpassExpires", 1, {BYTES("19691231235959Z")}},
    {"sendpassExpires", 1, {BYTES("20261124060000Z\0")}},
    {"sendpassExpires", 2, {BYTES("20261124060000Z"), BYTES("20271124060000Z")}},
    {"sendpassNotBefore", 1, {BYTES("20261124060000")}},
    {"sendpassRevoked", 1, {BYTES("never")}},
    {"createTimestamp", 1, {BYTES("0")}},
    {"sendpassSuspended", 1, {BYTES("true")}},
    {"sendpassSuspended", 1, {BYTES("yes")}},
    {"sendpassSuspended", 1, {BYTES("")}},
    {"sendpassSuspended", 2, {BYTES("TRUE"), BYTES("FALSE")}},
    {"sendpassLogin", 2, {BYTES("printer"), BYTES("prin\0ter")}},
    {"sendpassService", 1, {BYTES("smtp\0")}},
    {"sendpassNetwork", 1, {BYTES("192.0.2.1/24")}},
    {"sendpassNetwork", 2, {BYTES("192.0.2.0/24"), BYTES("somewhere")}},
    {"sendpassRequireTLS", 1, {BYTES("1")}},
    {"sendpassImported", 1, {BYTES("1")}},
    {"sendpassSender", 1, {BYTES("example.org")}},
    {"sendpassSender", 2, {BYTES("*"), BYTES("a@example.org\0")}},
    {"sendpassSender", 1, {BYTES("")}},
    {"sendpassRate", 1, {BYTES("100")}},
    {"sendpassRate", 2, {BYTES("100/1h"), BYTES("many/1d")}},
    {"sendpassLabel", 2, {BYTES("a"), BYTES("b")}},
    {"sendpassId", 2, {BYTES("k7qf2m9x"), BYTES("k7qf2m9y")}},
    {"sendpassId", 1, {BYTES("")}},
    {"owner", 2, {BYTES(ALICE), BYTES("uid=bob")}},
    {"owner", 1, {BYTES("uid=alice\0,dc=x")}},
    {"owner", 0, {BYTES("")}},
    {"sendpassId", 0, {BYTES("")}},
};

static void any_bad_value_makes_the_credential_unusable(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct sp_entry_builder builder = {0};
		sp_entry_begin(&builder, DN);
		for (size_t j = 0; j < sizeof(whole) / sizeof(whole[0]); j++) {
			if (strcmp(whole[j].name, bad[i].name) != 0)
				take(&builder, &whole[j]);
		}
		if (bad[i].count > 0)
			take(&builder, &bad[i]);
		struct sp_credential *credential = read_credential(&builder);
		if (credential->unusable == NULL ||
		    strstr(credential->unusable, bad[i].name) == NULL)
			fail_msg("%s, case %zu", bad[i].name, i);
		assert_int_equal(sp_credential_state(credential, 0), SP_STATE_UNUSABLE);
		sp_credential_free(&credential);
	}
}

static void what_tells_of_use_and_rotation_never_makes_one_unusable(void **state)
{
	static const struct attribute odd[] = {
	    {"sendpassReplaces", 2, {BYTES("a"), BYTES("b")}},
	    {"sendpassLastUsed", 1, {BYTES("lately")}},
	    {"sendpassLastAddress", 1, {BYTES("a\0b")}},
	    {"sendpassLastService", 2, {BYTES("a"), BYTES("b")}},
	};
	struct sp_entry_builder builder = {0};

	(void)state;
	sp_entry_begin(&builder, DN);
	take(&builder, &whole[0]);
	take(&builder, &whole[1]);
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
		take(&builder, &odd[i]);
	struct sp_credential *credential = read_credential(&builder);
	assert_null(credential->unusable);
	assert_null(credential->replaces);
	assert_int_equal(credential->last_used, SP_NO_TIME);
	assert_null(credential->last_address);
	assert_null(credential->last_service);
	sp_credential_free(&credential);
}

static void the_hash_is_asked_for_only_on_demand(void **state)
{
	char **with = sp_mapping_attributes(SP_WITH_HASH);
	char **without = sp_mapping_attributes(SP_WITHOUT_HASH);
	size_t hashes_seen = 0;

	(void)state;
	for (; *with != NULL; with++)
		hashes_seen += strcmp(*with, "sendpassHash") == 0;
	assert_int_equal(hashes_seen, 1);
	for (; *without != NULL; without++)
		assert_string_not_equal(*without, "sendpassHash");
}

static void an_attribute_that_is_there_twice_makes_the_credential_unusable(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
		struct sp_entry_builder builder = {0};
		sp_entry_begin(&builder, DN);
		for (size_t j = 0; j < sizeof(whole) / sizeof(whole[0]); j++)
			take(&builder, &whole[j]);
		take(&builder, &whole[i]);
		struct sp_credential *credential = read_credential(&builder);
		assert_non_null(credential->unusable);
		sp_credential_free(&credential);
	}
}

static void an_owner_has_the_addresses_and_logins_that_were_asked_for(void **state)
{
	static char *const attributes[] = {"mail", "uid", "MAIL", "cn", NULL};
	struct sp_entry_builder builder = {0};
	struct sp_owner_entry owner = {0};
	struct sp_entry entry;

	(void)state;
	sp_entry_begin(&builder, ALICE);
	take(&builder, &(struct attribute){"uid", 2, {BYTES("al\0ice"), BYTES("alice")}});
	take(&builder, &(struct attribute){"Mail", 1, {BYTES("alice@example.org")}});
	take(&builder, &(struct attribute){"mail;lang-en", 1, {BYTES("en@example.org")}});
	assert_true(sp_entry_end(&builder, &entry));
	assert_true(sp_mapping_owner(&entry, attributes, &owner));
	assert_true(owner.active);
	assert_string_equal(owner.addresses[0], "alice@example.org");
	assert_null(owner.addresses[1]);
	assert_string_equal(owner.logins[0], "alice");
	assert_string_equal(owner.logins[1], "alice@example.org");
	assert_null(owner.logins[2]);
	sp_owner_entry_clear(&owner);
	sp_entry_builder_clear(&builder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_credential_is_known_by_its_class),
	    cmocka_unit_test(a_whole_entry_is_read),
	    cmocka_unit_test(what_is_absent_is_absent),
	    cmocka_unit_test(hashes_lose_openldaps_wrapping_and_nothing_else),
	    cmocka_unit_test(any_bad_value_makes_the_credential_unusable),
	    cmocka_unit_test(what_tells_of_use_and_rotation_never_makes_one_unusable),
	    cmocka_unit_test(an_attribute_that_is_there_twice_makes_the_credential_unusable),
	    cmocka_unit_test(an_owner_has_the_addresses_and_logins_that_were_asked_for),
	    cmocka_unit_test(the_hash_is_asked_for_only_on_demand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
