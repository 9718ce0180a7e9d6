/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of entries: two spellings of one name have one normal form, and an entry is below its
 * own parents alone. Input: a DN. */
#include <ctype.h>
#include <ldap.h>

#include "fuzz/fuzz.h"
#include "lib/directory/dn.h"

/* Values of these count with their case. */
static bool has_exact_value(const char *dn)
{
	return strcasestr(dn, "homeDirectory") != NULL || strcasestr(dn, "loginShell") != NULL;
}

static void hold_case(const char *dn, size_t size, const char *normal)
{
	char other[SP_DN_NORMAL_MAX], again[SP_DN_NORMAL_MAX];
	size_t length;

	for (size_t i = 0; i < size; i++)
		other[i] = (char)(islower((unsigned char)dn[i]) ? toupper((unsigned char)dn[i])
								: tolower((unsigned char)dn[i]));
	FUZZ_PROMISE(sp_dn_normal(other, size, again, &length));
	FUZZ_PROMISE(strcmp(again, normal) == 0);
}

/* No value can end a component, or begin another. */
static void hold_components(const char *dn, const char *normal)
{
	LDAPDN parsed = NULL;
	size_t components = 0, pairs = 0, commas = 0, pluses = 0, equals = 0;

	FUZZ_PROMISE(ldap_str2dn(dn, &parsed, LDAP_DN_FORMAT_LDAPV3) == LDAP_SUCCESS);
	for (; parsed != NULL && parsed[components] != NULL; components++) {
		for (LDAPRDN pair = parsed[components]; *pair != NULL; pair++)
			pairs++;
	}
	ldap_dnfree(parsed);
	for (const char *at = normal; *at != '\0'; at++) {
		commas += *at == ',';
		pluses += *at == '+';
		equals += *at == '=';
	}
	FUZZ_PROMISE(commas == components && pluses == pairs - components && equals == pairs);
}

static void hold_place(const char *dn, const char *normal)
{
	char below[SP_DN_NORMAL_MAX + 8], normal_below[SP_DN_NORMAL_MAX];
	size_t length;
	int size = snprintf(below, sizeof(below), "cn=x,%s", dn);

	FUZZ_PROMISE(sp_dn_is_within(normal, normal));
	if (normal[0] == '\0' || !sp_dn_normal(below, (size_t)size, normal_below, &length))
		return;
	FUZZ_PROMISE(sp_dn_is_within(normal_below, normal));
	FUZZ_PROMISE(!sp_dn_is_within(normal, normal_below));
	size = snprintf(below, sizeof(below), "cn=x+%s", dn);
	if (sp_dn_normal(below, (size_t)size, normal_below, &length))
		FUZZ_PROMISE(!sp_dn_is_within(normal_below, normal));
}

/* The first component's parts may stand in any order. */
static void hold_order(const char *dn)
{
	char one[SP_DN_NORMAL_MAX], other[SP_DN_NORMAL_MAX], text[SP_DN_NORMAL_MAX + 8];
	size_t length, first = strcspn(dn, ",");
	int size = snprintf(text, sizeof(text), "cn=x+%s", dn);

	if (strpbrk(dn, "\\\";") != NULL || !sp_dn_normal(text, (size_t)size, one, &length))
		return;
	size = snprintf(text, sizeof(text), "%.*s+cn=x%s", (int)first, dn, dn + first);
	FUZZ_PROMISE(sp_dn_normal(text, (size_t)size, other, &length) && strcmp(one, other) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char normal[SP_DN_NORMAL_MAX];
	size_t length = 0;

	if (!sp_dn_normal((const char *)data, size, normal, &length))
		return 0;
	char *dn = fuzz_text(data, size);
	FUZZ_PROMISE(strlen(dn) == size && size < SP_DN_NORMAL_MAX);
	FUZZ_PROMISE(strnlen(normal, sizeof(normal)) == length);
	hold_components(dn, normal);
	hold_place(dn, normal);
	hold_order(dn);
	if (!has_exact_value(dn))
		hold_case(dn, size, normal);
	free(dn);
	return 0;
}
