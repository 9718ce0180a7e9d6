/* SPDX-License-Identifier: BSD-2-Clause */
/* Entries of the directory as credentials: what restricts or ends one never goes missing.
 * Input: lines "ATTRIBUTE VALUE", those of one name in a row being one attribute's values. */
#include <strings.h>

#include "fuzz/fuzz.h"
#include "lib/base/network.h"
#include "lib/base/rate.h"
#include "lib/base/sender.h"
#include "lib/directory/ldap_mapping.h"

#define NOW ((time_t)1795500000) /* in November 2026 */

/* A line's value, and its name's length. */
static const char *split(const char *line, size_t *name_r)
{
	*name_r = strcspn(line, " ");
	return line[*name_r] == ' ' ? line + *name_r + 1 : line + *name_r;
}

static void build(struct sp_entry_builder *builder, char *text)
{
	char last[64] = "";

	sp_entry_begin(builder, "sendpassId=k7qf2m9x,dc=example,dc=org");
	for (char *line; (line = strsep(&text, "\n")) != NULL;) {
		size_t length;
		const char *value = split(line, &length);
		if (length == 0 || length >= sizeof(last))
			continue;
		if (strncmp(last, line, length) != 0 || last[length] != '\0') {
			memcpy(last, line, length);
			last[length] = '\0';
			sp_entry_add_attribute(builder, last);
		}
		sp_entry_add_value(builder, value, strlen(value));
	}
}

static bool has(const struct sp_entry *entry, const char *name)
{
	struct sp_entry_values values;

	return sp_entry_find(entry, name, &values);
}

/* One attribute has one set of values. */
static void hold_once(const struct sp_entry *entry, const char *attribute)
{
	struct sp_entry_attributes attributes = sp_entry_all(entry);
	struct sp_entry_values values;
	struct berval name;
	size_t count = 0;

	while (sp_entry_next(&attributes, &name, &values))
		count += name.bv_len == strlen(attribute) &&
			 strncasecmp(name.bv_val, attribute, name.bv_len) == 0;
	FUZZ_PROMISE(count <= 1);
}

/* NULL if the attribute is there means that the credential cannot be used. */
static void hold_list(const struct sp_entry *entry, const char *name, char *const *list,
    bool (*is_valid)(const char *text))
{
	FUZZ_PROMISE(has(entry, name) == (list != NULL && list[0] != NULL));
	for (; list != NULL && *list != NULL; list++)
		FUZZ_PROMISE(is_valid == NULL || is_valid(*list));
}

static bool is_network(const char *text)
{
	struct sp_network network;

	return sp_network_parse(text, &network);
}

static bool is_rate(const char *text)
{
	struct sp_rate rate;

	return sp_rate_parse(text, &rate);
}

static void hold_usable(const struct sp_entry *entry, const struct sp_credential *credential)
{
	FUZZ_PROMISE(credential->id != NULL && credential->id[0] != '\0');
	FUZZ_PROMISE(credential->owner != NULL && credential->owner[0] != '\0');
	for (char **name = sp_mapping_attributes(SP_WITH_HASH); *name != NULL; name++)
		hold_once(entry, *name);
	hold_list(entry, "sendpassLogin", credential->logins, NULL);
	hold_list(entry, "sendpassService", credential->services, NULL);
	hold_list(entry, "sendpassNetwork", credential->networks, is_network);
	hold_list(entry, "sendpassSender", credential->senders, sp_sender_pattern_is_valid);
	hold_list(entry, "sendpassRate", credential->rates, is_rate);
	FUZZ_PROMISE(has(entry, "sendpassHash") == (credential->hash != NULL));
	FUZZ_PROMISE(has(entry, "sendpassExpires") == (credential->expires != SP_NO_TIME));
	FUZZ_PROMISE(has(entry, "sendpassNotBefore") == (credential->not_before != SP_NO_TIME));
	FUZZ_PROMISE(has(entry, "sendpassRevoked") == (credential->revoked != SP_NO_TIME));
}

/* Whatever it is that the attributes hold. */
static void hold_state(const struct sp_entry *entry, const struct sp_credential *credential)
{
	enum sp_credential_state state = sp_credential_state(credential, NOW);
	struct sp_entry_values values;

	if (state != SP_STATE_ACTIVE)
		return;
	FUZZ_PROMISE(credential->unusable == NULL);
	FUZZ_PROMISE(!has(entry, "sendpassRevoked"));
	FUZZ_PROMISE(credential->expires == SP_NO_TIME || credential->expires > NOW);
	FUZZ_PROMISE(credential->not_before == SP_NO_TIME || credential->not_before <= NOW);
	if (sp_entry_find(entry, "sendpassSuspended", &values)) {
		struct berval value = sp_entry_next_value(&values);
		FUZZ_PROMISE(value.bv_len == 5 && memcmp(value.bv_val, "FALSE", 5) == 0);
	}
	if (sp_entry_find(entry, "sendpassRequireTLS", &values)) {
		struct berval value = sp_entry_next_value(&values);
		FUZZ_PROMISE(credential->tls_required == (value.bv_len == 4));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sp_entry_builder builder = {0};
	char *text = fuzz_text(data, size);
	struct sp_entry entry;

	build(&builder, text);
	FUZZ_PROMISE(sp_entry_end(&builder, &entry));
	FUZZ_PROMISE(sp_entry_view(entry.bytes, entry.length, &entry));
	struct sp_credential *credential = sp_mapping_credential(&entry);
	FUZZ_PROMISE(credential != NULL);
	if (credential->unusable == NULL)
		hold_usable(&entry, credential);
	else
		FUZZ_PROMISE(credential->unusable[0] != '\0');
	hold_state(&entry, credential);
	sp_credential_free(&credential);
	sp_entry_builder_clear(&builder);
	free(text);
	return 0;
}
