/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/directory/entry.h"
#include "lib/directory/replica_container.h"

#define ALICE "uid=alice,ou=people,dc=example,dc=org"

static void make_alice(struct sp_entry_builder *builder, struct sp_entry *entry_r)
{
	sp_entry_begin(builder, ALICE);
	sp_entry_add_attribute(builder, "uid");
	sp_entry_add_value(builder, "alice", 5);
	sp_entry_add_attribute(builder, "seeAlso");
	sp_entry_add_attribute(builder, "mail;lang-en");
	sp_entry_add_value(builder, "en@example.org", 14);
	sp_entry_add_attribute(builder, "mail");
	sp_entry_add_value(builder, "a\0b", 3);
	sp_entry_add_value(builder, "", 0);
	sp_entry_add_value(builder, "alice@example.org", 17);
	assert_true(sp_entry_end(builder, entry_r));
}

static void assert_bytes(struct berval found, const char *bytes, size_t length)
{
	assert_int_equal(found.bv_len, length);
	assert_memory_equal(found.bv_val, bytes, length);
}

static void what_was_put_in_comes_out(void **state)
{
	struct sp_entry_builder builder = {0};
	struct sp_entry made, entry;
	struct sp_entry_values values;

	(void)state;
	make_alice(&builder, &made);
	assert_true(sp_entry_view(made.bytes, made.length, &entry));
	assert_bytes(sp_entry_dn(&entry), ALICE, strlen(ALICE));
	assert_true(sp_entry_find(&entry, "MAIL", &values));
	assert_int_equal(values.count, 3);
	assert_bytes(sp_entry_next_value(&values), "a\0b", 3);
	assert_bytes(sp_entry_next_value(&values), "", 0);
	assert_bytes(sp_entry_next_value(&values), "alice@example.org", 17);
	assert_int_equal(values.count, 0);
	sp_entry_builder_clear(&builder);
}

static void what_has_no_value_or_another_name_is_absent(void **state)
{
	static const char *const absent[] = {"seeAlso", "mai", "mails", "", "mail;lang", "cn"};
	struct sp_entry_builder builder = {0};
	struct sp_entry entry;
	struct sp_entry_values values;

	(void)state;
	make_alice(&builder, &entry);
	for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++)
		assert_false(sp_entry_find(&entry, absent[i], &values));
	assert_true(sp_entry_find(&entry, "mail;LANG-en", &values));
	sp_entry_builder_clear(&builder);
}

static void attributes_come_in_order(void **state)
{
	static const char *const names[] = {"uid", "mail;lang-en", "mail"};
	struct sp_entry_builder builder = {0};
	struct sp_entry entry;
	struct sp_entry_values values;
	struct berval name;

	(void)state;
	make_alice(&builder, &entry);
	struct sp_entry_attributes all = sp_entry_all(&entry);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_true(sp_entry_next(&all, &name, &values));
		assert_bytes(name, names[i], strlen(names[i]));
	}
	assert_false(sp_entry_next(&all, &name, &values));
	sp_entry_builder_clear(&builder);
}

static void a_builder_makes_one_entry_after_another(void **state)
{
	struct sp_entry_builder builder = {0};
	struct sp_entry entry;
	char *big = calloc(1, 100000);

	(void)state;
	assert_non_null(big);
	for (size_t size = 1; size <= 100000; size *= 10) {
		struct sp_entry_values values;
		sp_entry_begin(&builder, "");
		sp_entry_add_attribute(&builder, "x");
		sp_entry_add_value(&builder, big, size);
		assert_true(sp_entry_end(&builder, &entry));
		assert_true(sp_entry_view(entry.bytes, entry.length, &entry));
		assert_true(sp_entry_find(&entry, "x", &values));
		assert_bytes(sp_entry_next_value(&values), big, size);
	}
	sp_entry_begin(&builder, ALICE);
	assert_true(sp_entry_end(&builder, &entry));
	struct sp_entry_attributes all = sp_entry_all(&entry);
	assert_ptr_equal(all.at, all.end);
	sp_entry_builder_clear(&builder);
	free(big);
}

static void what_was_cut_or_has_more_is_no_entry(void **state)
{
	struct sp_entry_builder builder = {0};
	struct sp_entry entry, view;

	(void)state;
	make_alice(&builder, &entry);
	for (size_t length = 0; length < entry.length; length++) {
		char *cut = malloc(length + 1); /* of its very size, for sanitizers */
		assert_non_null(cut);
		memcpy(cut, entry.bytes, length);
		bool whole = sp_entry_view(cut, length, &view);
		free(cut);
		if (!whole)
			continue;
		/* an entry may end after any attribute */
		struct sp_entry_attributes all = sp_entry_all(&entry);
		struct sp_entry_values values;
		struct berval name;
		bool between = entry.bytes + length == all.at;
		while (sp_entry_next(&all, &name, &values))
			between = between || entry.bytes + length == all.at;
		assert_true(between);
	}
	char *more = calloc(1, entry.length + 1);
	assert_non_null(more);
	memcpy(more, entry.bytes, entry.length);
	assert_false(sp_entry_view(more, entry.length + 1, &view));
	free(more);
	sp_entry_builder_clear(&builder);
}

/* Reads all that there is, so that a sanitizer sees what lies outside. */
static size_t read_all(const struct sp_entry *entry)
{
	struct sp_entry_attributes all = sp_entry_all(entry);
	struct sp_entry_values values;
	struct berval name;
	size_t sum = sp_entry_dn(entry).bv_len;

	while (sp_entry_next(&all, &name, &values)) {
		while (values.count > 0) {
			struct berval value = sp_entry_next_value(&values);
			for (size_t i = 0; i < value.bv_len; i++)
				sum += (unsigned char)value.bv_val[i];
		}
	}
	return sum;
}

static void damage_never_leads_outside_the_bytes(void **state)
{
	static const unsigned char wrong[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
	struct sp_entry_builder builder = {0};
	struct sp_entry entry, view;

	(void)state;
	make_alice(&builder, &entry);
	char *copy = malloc(entry.length);
	assert_non_null(copy);
	for (size_t at = 0; at < entry.length; at++) {
		for (size_t i = 0; i < sizeof(wrong); i++) {
			memcpy(copy, entry.bytes, entry.length);
			copy[at] = (char)wrong[i];
			if (sp_entry_view(copy, entry.length, &view))
				assert_true(read_all(&view) > 0);
			else
				assert_true(copy[at] != entry.bytes[at]);
		}
	}
	memcpy(copy, entry.bytes, entry.length);
	copy[0] = SP_ENTRY_VERSION + 1;
	assert_false(sp_entry_view(copy, entry.length, &view));
	free(copy);
	sp_entry_builder_clear(&builder);
}

static void what_holds_others_is_known_by_its_class(void **state)
{
	static const struct {
		const char *class;
		bool want;
	} cases[] = {
	    {"organizationalUnit", true},
	    {"ORGANIZATIONALUNIT", true},
	    {"dcObject", true},
	    {"nsContainer", true},
	    {"organizationalUnits", false},
	    {"organizationalPerson", false},
	    {"sendpassCredential", false},
	    {"", false},
	};
	struct sp_entry_builder builder = {0};
	struct sp_entry entry;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		sp_entry_begin(&builder, "ou=people,dc=example,dc=org");
		sp_entry_add_attribute(&builder, "objectClass");
		sp_entry_add_value(&builder, "top", 3);
		sp_entry_add_value(&builder, cases[i].class, strlen(cases[i].class));
		assert_true(sp_entry_end(&builder, &entry));
		assert_int_equal(sp_entry_is_container(&entry), cases[i].want);
	}
	make_alice(&builder, &entry);
	assert_false(sp_entry_is_container(&entry));
	sp_entry_builder_clear(&builder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_holds_others_is_known_by_its_class),
	    cmocka_unit_test(what_was_put_in_comes_out),
	    cmocka_unit_test(what_has_no_value_or_another_name_is_absent),
	    cmocka_unit_test(attributes_come_in_order),
	    cmocka_unit_test(a_builder_makes_one_entry_after_another),
	    cmocka_unit_test(what_was_cut_or_has_more_is_no_entry),
	    cmocka_unit_test(damage_never_leads_outside_the_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
