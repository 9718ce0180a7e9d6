/* SPDX-License-Identifier: BSD-2-Clause */
/* An entry's bytes, of a replica's file or anybody's: viewed within their bounds, the same when
 * they are made again, and a credential or an owner. */
#include "fuzz/fuzz.h"
#include "lib/directory/directory.h"
#include "lib/directory/ldap_mapping.h"

static bool is_string(struct berval value)
{
	return memchr(value.bv_val, '\0', value.bv_len) == NULL;
}

static void hold_within(const struct sp_entry *entry, struct berval value)
{
	FUZZ_PROMISE(value.bv_val >= entry->bytes);
	FUZZ_PROMISE(value.bv_val + value.bv_len <= entry->bytes + entry->length);
}

/* False if a name or the DN holds a NUL, which a builder does not take. */
static bool make_again(const struct sp_entry *entry, struct sp_entry_builder *builder)
{
	struct sp_entry_attributes attributes = sp_entry_all(entry);
	struct sp_entry_values values;
	struct berval name = sp_entry_dn(entry);
	bool strings = is_string(name);

	hold_within(entry, name);
	char *text = fuzz_text((uint8_t *)name.bv_val, name.bv_len);
	sp_entry_begin(builder, text);
	free(text);
	while (sp_entry_next(&attributes, &name, &values)) {
		hold_within(entry, name);
		FUZZ_PROMISE(values.count > 0);
		strings = strings && is_string(name);
		text = fuzz_text((uint8_t *)name.bv_val, name.bv_len);
		sp_entry_add_attribute(builder, text);
		free(text);
		while (values.count > 0) {
			struct berval value = sp_entry_next_value(&values);
			hold_within(entry, value);
			sp_entry_add_value(builder, value.bv_val, value.bv_len);
		}
	}
	return strings;
}

static void hold_round_trip(const struct sp_entry *entry)
{
	struct sp_entry_builder builder = {0};
	struct sp_entry again, viewed;

	bool strings = make_again(entry, &builder);
	FUZZ_PROMISE(sp_entry_end(&builder, &again));
	FUZZ_PROMISE(sp_entry_view(again.bytes, again.length, &viewed));
	if (strings)
		FUZZ_PROMISE(again.length == entry->length &&
			     memcmp(again.bytes, entry->bytes, entry->length) == 0);
	sp_entry_builder_clear(&builder);
}

static void hold_mapping(const struct sp_entry *entry)
{
	static char *attributes[] = {"mail", "uid", "mail", NULL};
	struct sp_credential *credential = sp_mapping_credential(entry);
	struct sp_owner_entry owner = {0};

	FUZZ_PROMISE(credential != NULL && credential->dn != NULL);
	FUZZ_PROMISE(credential->unusable != NULL || credential->id != NULL);
	sp_credential_free(&credential);
	FUZZ_PROMISE(sp_mapping_owner(entry, attributes, &owner) && owner.active);
	FUZZ_PROMISE(owner.addresses != NULL && owner.logins != NULL);
	sp_owner_entry_clear(&owner);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sp_entry entry, part;

	if (!sp_entry_view(data, size, &entry))
		return 0;
	FUZZ_PROMISE(entry.bytes == (const char *)data && entry.length == size);
	FUZZ_PROMISE(!sp_entry_view(data, size - 1, &part));
	hold_round_trip(&entry);
	hold_mapping(&entry);
	return 0;
}
