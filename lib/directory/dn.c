/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/directory/dn.h"

#include <ldap.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/text.h"
#include "lib/directory/attribute_kind.h"

/* Escaped, so that a component ends where it ends. */
static void add_escaped(struct sp_text *text, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (bytes[i] == '\0' || strchr(",+=\\", bytes[i]) != NULL)
			sp_text_addf(text, "\\%02x", (unsigned)(unsigned char)bytes[i]);
		else
			sp_text_add_n(text, &bytes[i], 1);
	}
}

static bool add_ava(struct sp_text *text, const LDAPAVA *ava)
{
	char value[SP_NORMAL_MAX];
	size_t length;
	enum sp_kind kind = SP_KIND_IGNORE;
	const char *name;

	/* a value by its encoding (#04...) is not read */
	if ((ava->la_flags & LDAP_AVA_BINARY) != 0)
		return false;
	if (sp_kind_of(ava->la_attr.bv_val, ava->la_attr.bv_len, &kind, &name))
		sp_text_addf(text, "%s=", name);
	else
		sp_text_addf(text, "%.*s=", (int)ava->la_attr.bv_len, ava->la_attr.bv_val);
	for (size_t i = 0; i < text->length; i++) {
		if (text->bytes[i] >= 'A' && text->bytes[i] <= 'Z')
			text->bytes[i] = (char)(text->bytes[i] - 'A' + 'a');
	}
	if (kind != SP_KIND_EXACT)
		kind = SP_KIND_IGNORE;
	if (!sp_kind_normal(kind, SP_PART_WHOLE, ava->la_value, value, &length))
		return false;
	add_escaped(text, value, length);
	return !text->overflow;
}

static int by_text(const void *one, const void *other)
{
	return strcmp(one, other);
}

#define AVAS_MAX 4

static bool add_rdn(struct sp_text *text, LDAPRDN rdn)
{
	char avas[AVAS_MAX][SP_DN_NORMAL_MAX / AVAS_MAX];
	size_t count = 0;

	for (; rdn[count] != NULL; count++) {
		struct sp_text ava;
		if (count == AVAS_MAX)
			return false;
		sp_text_init(&ava, avas[count], sizeof(avas[count]));
		if (!add_ava(&ava, rdn[count]))
			return false;
	}
	qsort(avas, count, sizeof(avas[0]), by_text);
	for (size_t i = 0; i < count; i++)
		sp_text_addf(text, "%s%s", avas[i], i + 1 < count ? "+" : ",");
	return !text->overflow;
}

bool sp_dn_normal(const char *dn, size_t length, char normal_r[SP_DN_NORMAL_MAX], size_t *length_r)
{
	char terminated[SP_DN_NORMAL_MAX];
	LDAPDN parsed = NULL;
	struct sp_text text;
	bool ok = length < sizeof(terminated) && memchr(dn, '\0', length) == NULL;

	/* libldap reads up to a NUL */
	if (ok) {
		memcpy(terminated, dn, length);
		terminated[length] = '\0';
		ok = ldap_str2dn(terminated, &parsed, LDAP_DN_FORMAT_LDAPV3) == LDAP_SUCCESS;
	}
	sp_text_init(&text, normal_r, SP_DN_NORMAL_MAX);
	for (size_t i = 0; ok && parsed != NULL && parsed[i] != NULL; i++)
		ok = add_rdn(&text, parsed[i]);
	ldap_dnfree(parsed);
	*length_r = text.length;
	return ok;
}

bool sp_dn_is_within(const char *normal, const char *base)
{
	size_t length = strlen(normal), base_length = strlen(base);

	if (length < base_length)
		return false;
	const char *end = normal + (length - base_length);
	return strcmp(end, base) == 0 && (end == normal || end[-1] == ',');
}
