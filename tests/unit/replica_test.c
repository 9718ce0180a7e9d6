/* SPDX-License-Identifier: BSD-2-Clause */
/* replica_test.c - a replica of a real slapd's directory, and both asked the same */
#include <ldap.h>
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

#include "lib/base/clock.h"
#include "lib/directory/ldap_entry.h"
#include "lib/directory/ldap_filter.h"
#include "lib/directory/replica.h"
#include "lib/policy/sender_logins.h"
#include "tests/unit/live_directory.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ACCOUNTING   "cn=accounting,ou=departments,dc=example,dc=org"

#define PERSON(name, more)                                                                         \
	"dn: uid=" name "," SLAPD_PEOPLE "\nobjectClass: inetOrgPerson\n" more "uid: " name        \
	"\ncn: x\nsn: x\n\n"

/* clang-format off */
static const char entries[] =
    "dn: ou=more," SLAPD_CONTAINER "\nobjectClass: organizationalUnit\nou: more\n\n"
    LIVE_CREDENTIAL("aaaaaaaa", SLAPD_ALICE, "sendpassImported: TRUE\nsendpassLogin: laptop\n")
    LIVE_CREDENTIAL("bbbbbbbb", SLAPD_ALICE, "sendpassSender: News@example.org\nsendpassLogin: news\n")
    LIVE_CREDENTIAL("cccccccc", "UID=Alice , OU=People,dc=example,dc=org", "sendpassImported: TRUE\n")
    LIVE_CREDENTIAL("dddddddd", SLAPD_BOB, "sendpassSender: @lists.example.org\nsendpassSender: *\nsendpassRevoked: 20260101000000Z\n")
    LIVE_CREDENTIAL("eeeeeeee", ACCOUNTING, "sendpassSender: scan@example.org\nsendpassLogin: scanner\n")
    LIVE_CREDENTIAL("ffffffff", "uid=erin," SLAPD_PEOPLE, "sendpassSender: erins@example.org\n")
    LIVE_CREDENTIAL("gggggggg", "uid=nobody," SLAPD_PEOPLE, "sendpassSender: nobodys@example.org\n")
    LIVE_CREDENTIAL("hhhhhhhh", SLAPD_BOB, "sendpassSender: broken@example.org\nsendpassRate: often\n")
    "dn: sendpassId=EEEEEEEE,ou=more," SLAPD_CONTAINER "\nobjectClass: sendpassCredential\n"
    "sendpassId: EEEEEEEE\nowner: " SLAPD_BOB "\nsendpassHash: x\n\n"
    LIVE_IMPOSTOR("beside one", "aaaaaaaa") LIVE_IMPOSTOR("also beside it", "aaaaaaaa")
    LIVE_IMPOSTOR("beside two", "eeeeeeee") LIVE_IMPOSTOR("alone", "iiiiiiii")
    PERSON("carol", "mail: shared@example.org\nmail: carol@example.org\n")
    PERSON("dave", "mail: shared@example.org\nmail: erin\n")
    PERSON("smith", "mail: smith@example.org\nuid: J  Smith\n")
    PERSON("mueller", "uid: M\xc3\xbcller\n")
    "dn: ou=random,dc=example,dc=org\nobjectClass: organizationalUnit\nou: random\n\n"
    PERSON("erin", "mail: erin@example.org\nemployeeType: Disabled\n");
/* clang-format on */

#define ACTIVE "(!(mail=erin@*))"

static struct slapd slapd;
static struct sp_replica_scope *scope;
static struct sp_replica_store *store;
static struct sp_directory *replica;

/* ---- making the replica ---- */

static LDAP *connect_as(const char *dn)
{
	struct berval password = {strlen(SLAPD_PASSWORD), (char *)(uintptr_t)SLAPD_PASSWORD};
	int version = LDAP_VERSION3;
	LDAP *ld = NULL;

	assert_int_equal(ldap_initialize(&ld, slapd.local_uri), LDAP_SUCCESS);
	assert_int_equal(
	    ldap_set_option(ld, LDAP_OPT_PROTOCOL_VERSION, &version), LDAP_OPT_SUCCESS);
	assert_int_equal(
	    ldap_sasl_bind_s(ld, dn, LDAP_SASL_SIMPLE, &password, NULL, NULL, NULL), LDAP_SUCCESS);
	return ld;
}

static LDAPMessage *search(LDAP *ld, const char *base, const char *filter, char **attributes)
{
	LDAPMessage *result = NULL;
	int code = ldap_search_ext_s(ld, base, LDAP_SCOPE_SUBTREE, filter, attributes, 0, NULL,
	    NULL, NULL, LDAP_NO_LIMIT, &result);

	if (code != LDAP_SUCCESS)
		fail_msg("%s: %s", filter, ldap_err2string(code));
	return result;
}

static void copy_content(LDAP *ld, enum sp_replica_content content)
{
	struct sp_replica_sink *sink = sp_replica_store_sink(store);
	const struct sp_replica_search *what = sink->ops->search(sink, content);
	struct sp_entry_builder builder = {0};
	unsigned char uuid[SP_UUID_SIZE] = {(unsigned char)content};
	enum sp_replica_change change;
	struct sp_entry entry;
	LDAPMessage *result = search(ld, what->base, what->filter, what->attributes);
	unsigned number = 0;

	assert_true(sink->ops->begin(sink, content));
	for (LDAPMessage *at = ldap_first_entry(ld, result); at != NULL;
	     at = ldap_next_entry(ld, at), number++) {
		memcpy(uuid + 1, &number, sizeof(number));
		assert_true(sp_ldap_entry_build(ld, at, &builder, &entry));
		assert_true(sink->ops->put(sink, uuid, &entry, &change));
	}
	assert_true(sink->ops->complete(sink));
	assert_true(sink->ops->commit(sink));
	sink->ops->contact(sink, content, sp_now_ms());
	sp_entry_builder_clear(&builder);
	ldap_msgfree(result);
}

#define MAX_AGE_MS 60000

static void open_both(const char *active)
{
	char path[96], why[SP_CONF_WHY_MAX] = "";
	const char *fault = NULL;
	LDAP *ld = connect_as(SLAPD_ROOT_DN);

	live_open(&(struct live_settings){
	    .uri = slapd.local_uri, .bind_dn = SLAPD_ROOT_DN, .active = active});
	if (!sp_replica_scope_new(live_site, &scope, why))
		fail_msg("%s", why);
	snprintf(path, sizeof(path), "%s/replica.lmdb", slapd.directory);
	store = sp_replica_store_open(scope, path, (size_t)64 << 20, &fault);
	if (store == NULL)
		fail_msg("%s", fault);
	copy_content(ld, SP_REPLICA_CREDENTIALS);
	copy_content(ld, SP_REPLICA_OWNERS);
	ldap_unbind_ext_s(ld, NULL, NULL);
	replica = sp_replica_directory_new(store, MAX_AGE_MS, NULL);
	assert_non_null(replica);
}

static int close_both(void **state)
{
	sp_directory_close(&replica);
	sp_replica_store_close(&store);
	sp_replica_scope_free(&scope);
	return live_close(state);
}

/* ---- both asked the same ---- */

static const char *const logins[] = {"alice", "ALICE", "alice@example.org", "Alice@Example.ORG",
    "bob", "carol@example.org", "shared@example.org", "dave", "erin", "erin@example.org", "nobody",
    "j smith", "J   Smith ", "jsmith", " alice ", "*", "a*", "alice)(uid=*", "accounting",
    "accounting@example.org", "scanner", "\\61lice", "x", " "};

static const char *const ids[] = {"k7qf2m9x", "aaaaaaaa", "bbbbbbbb", "cccccccc", "dddddddd",
    "eeeeeeee", "ffffffff", "gggggggg", "hhhhhhhh", "iiiiiiii", "K7QF2M9X", "zzzzzzzz"};

static const char *or_none(const char *text)
{
	return text != NULL ? text : "none";
}

static void assert_same_texts(char *const *one, char *const *other, const char *of)
{
	size_t i = 0;

	for (; one != NULL && one[i] != NULL; i++) {
		if (other == NULL || other[i] == NULL || strcmp(one[i], other[i]) != 0)
			fail_msg("%s: %s", of, one[i]);
	}
	if (other != NULL && other[i] != NULL)
		fail_msg("%s: %s", of, other[i]);
}

static void assert_same_credential(
    const struct sp_credential *one, const struct sp_credential *other, const char *of)
{
	if ((one == NULL) != (other == NULL))
		fail_msg("%s: %s", of, one != NULL ? one->dn : other->dn);
	if (one == NULL)
		return;
	assert_string_equal(one->dn, other->dn);
	assert_string_equal(one->id, other->id);
	assert_string_equal(one->owner, other->owner);
	assert_string_equal(or_none(one->hash), or_none(other->hash));
	assert_same_texts(one->logins, other->logins, of);
	assert_same_texts(one->senders, other->senders, of);
	assert_true(one->revoked == other->revoked && one->created == other->created);
}

static void every_login_and_id_is_answered_as_by_the_directory(void **state)
{
	(void)state;
	open_both(ACTIVE);
	for (size_t i = 0; i < COUNT(logins); i++) {
		for (size_t j = 0; j < COUNT(ids); j++) {
			struct sp_directory_answer one, other;
			enum sp_directory_status status =
			    sp_directory_find(live, ids[j], logins[i], &one);
			if (sp_directory_find(replica, ids[j], logins[i], &other) != status)
				fail_msg("%s %s: %d", ids[j], logins[i], (int)status);
			assert_same_credential(one.credential, other.credential, ids[j]);
			assert_string_equal(or_none(one.owner_dn), or_none(other.owner_dn));
			assert_int_equal(one.owner_ambiguous, other.owner_ambiguous);
			sp_directory_answer_clear(&one);
			sp_directory_answer_clear(&other);
		}
	}
	assert_true(live_times_logged("event=credential_ambiguous") > 0);
}

static int by_dn(const void *one, const void *other)
{
	return strcmp(
	    (*(struct sp_credential *const *)one)->dn, (*(struct sp_credential *const *)other)->dn);
}

static void imported_credentials_are_those_of_the_directory(void **state)
{
	(void)state;
	open_both(ACTIVE);
	for (size_t i = 0; i < COUNT(logins); i++) {
		struct sp_directory_answer one, other;
		assert_int_equal(
		    sp_directory_find_imported(live, logins[i], 5, &one), SP_DIRECTORY_OK);
		assert_int_equal(
		    sp_directory_find_imported(replica, logins[i], 5, &other), SP_DIRECTORY_OK);
		assert_int_equal(one.imported.count, other.imported.count);
		assert_int_equal(one.imported.count,
		    strcasestr(logins[i], "alice") != NULL && one.owner_dn != NULL ? 2 : 0);
		if (one.imported.count > 0) {
			qsort(one.imported.items, 2, sizeof(one.imported.items[0]), by_dn);
			qsort(other.imported.items, 2, sizeof(other.imported.items[0]), by_dn);
			assert_same_credential(
			    one.imported.items[0], other.imported.items[0], logins[i]);
			assert_same_credential(
			    one.imported.items[1], other.imported.items[1], logins[i]);
		}
		sp_directory_answer_clear(&one);
		sp_directory_answer_clear(&other);
		assert_int_equal(
		    sp_directory_find_imported(replica, logins[i], 1, &other), SP_DIRECTORY_OK);
		assert_true(other.imported.count <= 1);
		sp_directory_answer_clear(&other);
	}
}

static const char *const names[] = {SLAPD_ALICE, "UID=Alice , OU=People,dc=example,dc=org",
    SLAPD_BOB, "uid=erin," SLAPD_PEOPLE, "uid=nobody," SLAPD_PEOPLE, ACCOUNTING,
    "userid=alice," SLAPD_PEOPLE, "uid=\\61lice," SLAPD_PEOPLE, "uid=smith," SLAPD_PEOPLE,
    SLAPD_PEOPLE, "not a name", ""};

static void owners_are_what_the_directory_says_they_are(void **state)
{
	(void)state;
	open_both(ACTIVE);
	for (size_t i = 0; i < COUNT(names); i++) {
		struct sp_owner_entry one, other;
		for (size_t j = 0; j < COUNT(logins) * 3; j++) {
			enum sp_owner_question question = (enum sp_owner_question)(j % 3);
			bool yes, too;
			enum sp_directory_status status =
			    sp_directory_ask_owner(live, names[i], question, logins[j / 3], &yes);
			if (sp_directory_ask_owner(
				replica, names[i], question, logins[j / 3], &too) != status ||
			    yes != too)
				fail_msg("%s %s: %d %d", names[i], logins[j / 3], (int)status, yes);
		}
		enum sp_directory_status status = sp_directory_read_owner(live, names[i], &one);
		assert_int_equal(sp_directory_read_owner(replica, names[i], &other), status);
		assert_int_equal(one.active, other.active);
		assert_same_texts(one.addresses, other.addresses, names[i]);
		sp_owner_entry_clear(&one);
		sp_owner_entry_clear(&other);
	}
}

static int in_order(const void *one, const void *other)
{
	return strcmp(*(char *const *)one, *(char *const *)other);
}

static void sort_list(char *list, char sorted_r[4096])
{
	char *items[100], *rest = NULL;
	size_t count = 0, length = 0;

	for (char *item = strtok_r(list, ",", &rest); item != NULL;
	     item = strtok_r(NULL, ",", &rest))
		items[count++] = item;
	qsort(items, count, sizeof(items[0]), in_order);
	sorted_r[0] = '\0';
	for (size_t i = 0; i < count; i++)
		length += (size_t)snprintf(sorted_r + length, 4096 - length, "%s,", items[i]);
}

static void senders_have_the_logins_that_the_directory_gives_them(void **state)
{
	static const char *const senders[] = {"alice@example.org", "NEWS@example.org",
	    "any@lists.example.org", "shared@example.org", "scan@example.org", "erin@example.org",
	    "erins@example.org", "nobodys@example.org", "broken@example.org", "smith@example.org",
	    "*@example.org", "alice", ""};
	struct sp_sender_logins one, other;
	char sorted[4096], sorted_too[4096];

	(void)state;
	open_both(ACTIVE);
	for (size_t i = 0; i < COUNT(senders); i++) {
		assert_int_equal(
		    sp_sender_logins_find(live, senders[i], time(NULL), &one), SP_DIRECTORY_OK);
		assert_int_equal(sp_sender_logins_find(replica, senders[i], time(NULL), &other),
		    SP_DIRECTORY_OK);
		assert_int_equal(one.owned, other.owned);
		sort_list(one.list, sorted);
		sort_list(other.list, sorted_too);
		if (strcmp(sorted, sorted_too) != 0)
			fail_msg("%s: %s, not %s", senders[i], sorted_too, sorted);
	}
}

/* ---- what it cannot know ---- */

static void what_it_cannot_know_is_no_answer(void **state)
{
	struct sp_directory_answer answer;
	struct sp_secret password;
	bool yes;

	(void)state;
	open_both(ACTIVE);
	assert_int_equal(
	    sp_directory_find(replica, "k7qf2m9x", "m\xc3\xbcller", &answer), SP_DIRECTORY_ERROR);
	assert_int_equal(
	    sp_directory_find_imported(replica, "m\xc3\xbcller", 3, &answer), SP_DIRECTORY_ERROR);
	/* beyond the base, and in letters that only a server compares */
	assert_int_equal(sp_directory_ask_owner(
			     replica, "uid=alice,dc=example,dc=net", SP_OWNER_IS_ACTIVE, "", &yes),
	    SP_DIRECTORY_ERROR);
	assert_int_equal(sp_directory_ask_owner(replica, "uid=M\xc3\x9cLLER," SLAPD_PEOPLE,
			     SP_OWNER_IS_ACTIVE, "", &yes),
	    SP_DIRECTORY_ERROR);
	assert_true(sp_secret_set(&password, "x", 1));
	assert_int_equal(
	    sp_directory_check_password(replica, SLAPD_ALICE, &password, &yes), SP_DIRECTORY_ERROR);
	sp_secret_wipe(&password);
}

static void what_it_cannot_know_is_asked_of_the_directory(void **state)
{
	struct sp_directory *both;
	struct sp_directory_answer answer;
	struct sp_secret password;
	bool right;

	(void)state;
	open_both(ACTIVE);
	both = sp_replica_directory_new(store, MAX_AGE_MS, sp_ldap_directory_new(live_site));
	assert_non_null(both);
	assert_int_equal(
	    sp_directory_find(both, "k7qf2m9x", "M\xc3\x9cLLER", &answer), SP_DIRECTORY_OK);
	assert_string_equal(answer.owner_dn, "uid=mueller," SLAPD_PEOPLE);
	sp_directory_answer_clear(&answer);
	assert_true(sp_secret_set(&password, SLAPD_PASSWORD, strlen(SLAPD_PASSWORD)));
	assert_int_equal(
	    sp_directory_check_password(both, SLAPD_ALICE, &password, &right), SP_DIRECTORY_OK);
	assert_true(right);
	sp_secret_wipe(&password);
	sp_directory_close(&both);
}

static void what_is_too_old_is_a_directory_that_is_down(void **state)
{
	struct sp_directory *old;
	struct sp_directory_answer answer;
	struct sp_owner_entry owner;

	(void)state;
	open_both(ACTIVE);
	old = sp_replica_directory_new(store, -1, NULL);
	assert_int_equal(sp_directory_find(old, "k7qf2m9x", "alice", &answer), SP_DIRECTORY_DOWN);
	assert_null(answer.credential);
	assert_int_equal(sp_directory_read_owner(old, SLAPD_ALICE, &owner), SP_DIRECTORY_DOWN);
	sp_directory_close(&old);
}

/* ---- filters, against the server's own judgement ---- */

static uint32_t seed = 2026;

static uint32_t chance(uint32_t below)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % below;
}

/* clang-format off */
static const struct {
	const char *name;
	const char *values[9];
} pool[] = {
    {"uid", {"alice", "Alice", "al ice", "  al   ice ", "b", "*", "(x)", "a\\b", "%"}},
    {"cn", {"a", "A", "a b", "a  b", "ab", "abab", "b a", "x*y", " "}},
    {"mail", {"a@example.org", "A@Example.org", "b@example.org", "a @b", "ab@b", "x", "y", "*", "a"}},
    {"employeeType", {"disabled", "DISABLED", "dis abled", "on", "off", "a", "b", "ab", "1"}},
    {"manager", {"uid=a,dc=org", "UID=A, dc=ORG", "userid=a,dc=org", "cn=a+sn=b,dc=org", "sn=B+cn=A,dc=org",
	"uid=a\\,b,dc=org", "uid=a\\2cb,dc=org", "dc=org", "uid=b,dc=org"}},
    {"pwdAccountLockedTime", {"000001010000Z", "00000101000000Z", "20260101000000Z", "20260101010000+0100",
	"20260101000000.5Z", "20260101000000.50Z", "2026010100Z", "20270101000000Z", "19990101000000Z"}},
    {"uidNumber", {"0", "1", "-1", "10", "9", "123456789012345678901234567890", "-10", "7", "100"}},
    {"shadowExpire", {"0", "1", "-1", "10", "9", "20000", "-10", "7", "100"}},
};
/* clang-format on */

#define RANDOM_ENTRIES 60
#define RANDOM_FILTERS 4000

static void add_random_entries(LDAP *ld)
{
	char *classes[] = {"inetOrgPerson", "extensibleObject", NULL};

	for (int i = 0; i < RANDOM_ENTRIES; i++) {
		LDAPMod mods[2 + COUNT(pool)], *list[3 + COUNT(pool)] = {NULL};
		char *values[COUNT(pool)][2], dn[100], rdn[20], *rdns[] = {rdn, NULL};
		size_t count = 0;
		snprintf(rdn, sizeof(rdn), "n%d", i);
		snprintf(dn, sizeof(dn), "sn=%s,ou=random,dc=example,dc=org", rdn);
		mods[0] = (LDAPMod){LDAP_MOD_ADD, (char *)(uintptr_t) "objectClass", {classes}};
		mods[1] = (LDAPMod){LDAP_MOD_ADD, (char *)(uintptr_t) "sn", {rdns}};
		for (count = 0; count < 2; count++)
			list[count] = &mods[count];
		for (size_t j = 0; j < COUNT(pool); j++) {
			/* cn must be there */
			if (chance(3) == 0 && strcmp(pool[j].name, "cn") != 0)
				continue;
			values[j][0] = (char *)(uintptr_t)pool[j].values[chance(9)];
			values[j][1] = NULL;
			mods[count] =
			    (LDAPMod){LDAP_MOD_ADD, (char *)(uintptr_t)pool[j].name, {values[j]}};
			list[count] = &mods[count];
			count++;
		}
		int code = ldap_add_ext_s(ld, dn, list, NULL, NULL);
		if (code != LDAP_SUCCESS)
			fail_msg("%s: %s", dn, ldap_err2string(code));
	}
}

static void random_item(struct sp_text *out, const char **login_r)
{
	size_t i = chance(COUNT(pool));
	const char *name = pool[i].name, *value = pool[i].values[chance(9)];
	bool is_text = i < 4, has_order = strcmp(name, "pwdAccountLockedTime") == 0 ||
					  strcmp(name, "uidNumber") == 0;

	*login_r = value;
	switch (chance(8)) {
	case 0:
		sp_text_addf(out, "(%s=*)", name);
		break;
	case 1:
		if (has_order)
			sp_text_addf(out, "(%s>=%%u)", name);
		else if (is_text)
			sp_text_addf(out, "(%s=*%%u*)", name);
		else
			sp_text_addf(out, "(%s=%%u)", name);
		break;
	case 2:
		if (has_order)
			sp_text_addf(out, "(%s<=%%u)", name);
		else if (is_text)
			sp_text_addf(out, chance(2) ? "(%s=%%u*)" : "(%s=*%%u)", name);
		else
			sp_text_addf(out, "(%s=%%u)", name);
		break;
	case 3:
		if (strcmp(name, "uidNumber") == 0 || strcmp(name, "shadowExpire") == 0)
			sp_text_addf(out, "(%s:integerOrderingMatch:=%%u)", name);
		else
			sp_text_addf(out, is_text ? "(%s=a*%%u*)" : "(%s=%%u)", name);
		break;
	default:
		sp_text_addf(out, "(%s=%%u)", name);
		break;
	}
}

static void random_filter(struct sp_text *out, int depth, const char **login_r)
{
	uint32_t kind = depth < 3 ? chance(6) : 5;

	if (kind >= 3) {
		random_item(out, login_r);
		return;
	}
	sp_text_add(out, kind == 0 ? "(!" : kind == 1 ? "(&" : "(|");
	for (uint32_t i = kind == 0 ? 1 : chance(4); i > 0; i--)
		random_filter(out, depth + 1, login_r);
	sp_text_add(out, ")");
}

struct random_entry {
	struct sp_entry_builder builder;
	struct sp_entry entry;
};

static void judge_as_the_server(LDAP *ld, struct random_entry *all, size_t count)
{
	char *names_only[] = {LDAP_NO_ATTRS, NULL};
	char template[2048], expanded[SP_FILTER_MAX], why[SP_CONF_WHY_MAX];
	const char *login = "";
	struct sp_filter *filter;
	struct sp_text text;
	bool matches[RANDOM_ENTRIES + 1] = {false};

	sp_text_init(&text, template, sizeof(template));
	random_filter(&text, 0, &login);
	const struct sp_filter_values values = {.login = login};
	if (!sp_filter_parse(template, &filter, why))
		fail_msg("%s: %s", template, why);
	assert_true(sp_filter_expand(template, login, expanded));
	LDAPMessage *result = search(ld, "ou=random,dc=example,dc=org", expanded, names_only);
	for (LDAPMessage *at = ldap_first_entry(ld, result); at != NULL;
	     at = ldap_next_entry(ld, at)) {
		char *dn = ldap_get_dn(ld, at);
		for (size_t i = 0; i < count; i++) {
			struct berval its = sp_entry_dn(&all[i].entry);
			if (strlen(dn) == its.bv_len && memcmp(dn, its.bv_val, its.bv_len) == 0)
				matches[i] = true;
		}
		ldap_memfree(dn);
	}
	ldap_msgfree(result);
	for (size_t i = 0; i < count; i++) {
		enum sp_truth truth = sp_filter_match(filter, &all[i].entry, &values);
		if ((truth == SP_TRUTH_TRUE) != matches[i])
			fail_msg("%s: the server says %d of %s, and we %d", expanded, matches[i],
			    all[i].entry.bytes + 5, (int)truth);
	}
	sp_filter_free(&filter);
}

static void thousands_of_filters_are_judged_as_the_server_does(void **state)
{
	static struct random_entry all[RANDOM_ENTRIES + 1];
	char *everything[] = {LDAP_ALL_USER_ATTRIBUTES, LDAP_ALL_OPERATIONAL_ATTRIBUTES, NULL};
	LDAP *ld = connect_as(SLAPD_ROOT_DN);
	LDAPMessage *result;
	size_t count = 0;

	(void)state;
	add_random_entries(ld);
	result = search(ld, "ou=random,dc=example,dc=org", "(objectClass=*)", everything);
	for (LDAPMessage *at = ldap_first_entry(ld, result); at != NULL;
	     at = ldap_next_entry(ld, at), count++)
		assert_true(sp_ldap_entry_build(ld, at, &all[count].builder, &all[count].entry));
	assert_int_equal(count, RANDOM_ENTRIES + 1);
	ldap_msgfree(result);
	for (int i = 0; i < RANDOM_FILTERS; i++)
		judge_as_the_server(ld, all, count);
	for (size_t i = 0; i < count; i++)
		sp_entry_builder_clear(&all[i].builder);
	ldap_unbind_ext_s(ld, NULL, NULL);
}

static int start_server(void **state)
{
	(void)state;
	slapd_prepare(&slapd);
	slapd_fill(&slapd, &(struct slapd_wish){
			       .global = "moduleload ppolicy\n"
					 "include /etc/ldap/schema/nis.schema",
			       .entries = entries,
			   });
	slapd_start(&slapd);
	return 0;
}

static int stop_server(void **state)
{
	(void)state;
	slapd_remove(&slapd);
	return 0;
}

#define TEST(name) cmocka_unit_test_teardown(name, close_both)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(every_login_and_id_is_answered_as_by_the_directory),
	    TEST(imported_credentials_are_those_of_the_directory),
	    TEST(owners_are_what_the_directory_says_they_are),
	    TEST(senders_have_the_logins_that_the_directory_gives_them),
	    TEST(what_it_cannot_know_is_no_answer),
	    TEST(what_it_cannot_know_is_asked_of_the_directory),
	    TEST(what_is_too_old_is_a_directory_that_is_down),
	    cmocka_unit_test(thousands_of_filters_are_judged_as_the_server_does),
	};

	if (!slapd_exists())
		return 77;
	sp_ldap_isolate();
	live_collect_log();
	return cmocka_run_group_tests(tests, start_server, stop_server);
}
