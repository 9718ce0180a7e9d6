/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/directory/attribute_kind.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "lib/base/clock.h"
#include "lib/directory/dn.h"

#define NAMES_MAX 3

/* Names that go for one attribute; its OID among them where names of entries use it. */
static const struct row {
	const char *names[NAMES_MAX];
	enum sp_kind kind;
} rows[] = {
    {{"uid", "userid", "0.9.2342.19200300.100.1.1"}, SP_KIND_IGNORE},
    {{"mail", "rfc822Mailbox"}, SP_KIND_IGNORE},
    {{"cn", "commonName", "2.5.4.3"}, SP_KIND_IGNORE},
    {{"sn", "surname", "2.5.4.4"}, SP_KIND_IGNORE},
    {{"ou", "organizationalUnitName", "2.5.4.11"}, SP_KIND_IGNORE},
    {{"o", "organizationName", "2.5.4.10"}, SP_KIND_IGNORE},
    {{"dc", "domainComponent", "0.9.2342.19200300.100.1.25"}, SP_KIND_IGNORE},
    {{"c", "countryName", "2.5.4.6"}, SP_KIND_IGNORE},
    {{"l", "localityName", "2.5.4.7"}, SP_KIND_IGNORE},
    {{"st", "stateOrProvinceName", "2.5.4.8"}, SP_KIND_IGNORE},
    {{"givenName", "gn"}, SP_KIND_IGNORE},
    {{"title"}, SP_KIND_IGNORE},
    {{"description"}, SP_KIND_IGNORE},
    {{"displayName"}, SP_KIND_IGNORE},
    {{"departmentNumber"}, SP_KIND_IGNORE},
    {{"employeeNumber"}, SP_KIND_IGNORE},
    {{"employeeType"}, SP_KIND_IGNORE},
    {{"businessCategory"}, SP_KIND_IGNORE},
    {{"associatedDomain"}, SP_KIND_IGNORE},
    {{"mailLocalAddress"}, SP_KIND_IGNORE},
    {{"mailAlternateAddress"}, SP_KIND_IGNORE},
    {{"accountStatus"}, SP_KIND_IGNORE},
    {{"nsAccountLock"}, SP_KIND_IGNORE},
    {{"gecos"}, SP_KIND_IGNORE},
    {{"homeDirectory"}, SP_KIND_EXACT},
    {{"loginShell"}, SP_KIND_EXACT},
    {{"objectClass", "2.5.4.0"}, SP_KIND_OID},
    {{"uidNumber"}, SP_KIND_INTEGER},
    {{"gidNumber"}, SP_KIND_INTEGER},
    {{"shadowExpire"}, SP_KIND_NUMBER},
    {{"shadowLastChange"}, SP_KIND_NUMBER},
    {{"shadowMax"}, SP_KIND_NUMBER},
    {{"accountExpires"}, SP_KIND_INTEGER},
    {{"pwdReset"}, SP_KIND_BOOLEAN},
    {{"createTimestamp"}, SP_KIND_TIME},
    {{"modifyTimestamp"}, SP_KIND_TIME},
    {{"pwdAccountLockedTime"}, SP_KIND_TIME},
    {{"pwdStartTime"}, SP_KIND_TIME},
    {{"pwdEndTime"}, SP_KIND_TIME},
    {{"krbPrincipalExpiration"}, SP_KIND_TIME},
    {{"memberOf"}, SP_KIND_DN},
    {{"manager"}, SP_KIND_DN},
    {{"owner"}, SP_KIND_DN},
    {{"seeAlso"}, SP_KIND_DN},
    {{"secretary"}, SP_KIND_DN},
};

static bool has_name(const struct row *row, const char *name, size_t length)
{
	for (size_t i = 0; i < NAMES_MAX && row->names[i] != NULL; i++) {
		if (strlen(row->names[i]) == length &&
		    strncasecmp(row->names[i], name, length) == 0)
			return true;
	}
	return false;
}

bool sp_kind_of(const char *name, size_t length, enum sp_kind *kind_r, const char **first_name_r)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (has_name(&rows[i], name, length)) {
			*kind_r = rows[i].kind;
			*first_name_r = rows[i].names[0];
			return true;
		}
	}
	return false;
}

/* ---- normal forms ---- */

/* What is written to at `length`, of SP_NORMAL_MAX bytes. */
struct normal {
	char *bytes;
	size_t length;
};

static bool add(struct normal *normal, char byte)
{
	if (normal->length == SP_NORMAL_MAX)
		return false;
	normal->bytes[normal->length++] = byte;
	return true;
}

/* Blanks that do not count (RFC 4518, section 2.6.1), as OpenLDAP has them: a run is
 * one; none is at an end of the value; and a value of nothing else is one blank. */
static bool add_text(
    struct normal *normal, struct berval value, enum sp_part part, bool ignore_case)
{
	bool was_blank = part == SP_PART_WHOLE || part == SP_PART_INITIAL;
	bool cut_end = part == SP_PART_WHOLE || part == SP_PART_FINAL;

	for (size_t i = 0; i < value.bv_len; i++) {
		char byte = value.bv_val[i];
		if (byte == ' ' && was_blank)
			continue;
		was_blank = byte == ' ';
		if (ignore_case && byte >= 'A' && byte <= 'Z')
			byte = (char)(byte - 'A' + 'a');
		if (!add(normal, byte))
			return false;
	}
	if (normal->length == 0)
		return value.bv_len == 0 || add(normal, ' ');
	if (cut_end && was_blank)
		normal->length--;
	return true;
}

/* A sign, and digits of which the first is no zero (RFC 4517, section 3.3.16). */
static bool add_integer(struct normal *normal, struct berval value)
{
	size_t i = 0;
	bool negative = value.bv_len > 0 && value.bv_val[0] == '-';

	if (negative)
		i++;
	if (i == value.bv_len)
		return false;
	while (i + 1 < value.bv_len && value.bv_val[i] == '0')
		i++;
	if (negative && value.bv_val[i] != '0' && !add(normal, '-'))
		return false;
	for (; i < value.bv_len; i++) {
		if (value.bv_val[i] < '0' || value.bv_val[i] > '9' || !add(normal, value.bv_val[i]))
			return false;
	}
	return true;
}

/* With a Z at its end: the year 0, of ppolicy's "locked for good", is a time too. */
static bool add_utc(struct normal *normal, const char *text)
{
	size_t digits = strspn(text, "0123456789");
	const char *fraction = text + digits, *end = fraction;

	if (*fraction == '.' || *fraction == ',')
		end += 1 + strspn(fraction + 1, "0123456789");
	if (strcmp(end, "Z") != 0 || digits < 10 || digits > 14 || digits % 2 != 0 ||
	    (digits < 14 && end != fraction))
		return false;
	while (end > fraction && (end[-1] == '0' || end == fraction + 1))
		end--;
	normal->length = (size_t)snprintf(normal->bytes, SP_NORMAL_MAX, "%.*s%.*s%.*s", (int)digits,
	    text, (int)(14 - digits), "0000", (int)(end - fraction), fraction);
	return true;
}

/* YYYYMMDDHHMMSS of UTC, and a fraction that does not end in 0. */
static bool add_time(struct normal *normal, struct berval value)
{
	char text[64];
	time_t time;
	struct tm utc;

	if (value.bv_len >= sizeof(text))
		return false;
	memcpy(text, value.bv_val, value.bv_len);
	text[value.bv_len] = '\0';
	if (add_utc(normal, text))
		return true;
	if (strpbrk(text, ".,") != NULL || !sp_parse_generalized_time(text, &time) ||
	    gmtime_r(&time, &utc) == NULL)
		return false;
	normal->length = strftime(normal->bytes, SP_NORMAL_MAX, "%Y%m%d%H%M%S", &utc);
	return normal->length == 14;
}

static bool is_boolean(struct berval value)
{
	return (value.bv_len == 4 && memcmp(value.bv_val, "TRUE", 4) == 0) ||
	       (value.bv_len == 5 && memcmp(value.bv_val, "FALSE", 5) == 0);
}

bool sp_kind_normal(enum sp_kind kind, enum sp_part part, struct berval value,
    char normal_r[SP_NORMAL_MAX], size_t *length_r)
{
	struct normal normal = {.bytes = normal_r};
	bool ok = false;

	switch (kind) {
	case SP_KIND_IGNORE:
	case SP_KIND_EXACT:
		ok = add_text(&normal, value, part, kind == SP_KIND_IGNORE);
		break;
	case SP_KIND_OID:
		ok = add_text(&normal, value, SP_PART_WHOLE, true);
		break;
	case SP_KIND_BOOLEAN:
		ok = is_boolean(value) && add_text(&normal, value, SP_PART_WHOLE, false);
		break;
	case SP_KIND_NUMBER:
	case SP_KIND_INTEGER:
		ok = add_integer(&normal, value);
		break;
	case SP_KIND_TIME:
		ok = add_time(&normal, value);
		break;
	case SP_KIND_DN:
		ok = sp_dn_normal(value.bv_val, value.bv_len, normal_r, &normal.length);
		break;
	}
	*length_r = normal.length;
	return ok;
}

int sp_kind_order(enum sp_kind kind, struct berval one, struct berval other)
{
	bool negative = one.bv_val[0] == '-';
	size_t shorter = one.bv_len < other.bv_len ? one.bv_len : other.bv_len;
	int by_length = (one.bv_len > other.bv_len) - (one.bv_len < other.bv_len);
	int by_bytes = memcmp(one.bv_val, other.bv_val, shorter);

	if (kind == SP_KIND_TIME)
		return by_bytes != 0 ? by_bytes : by_length;
	if (negative != (other.bv_val[0] == '-'))
		return negative ? -1 : 1;
	int order = by_length != 0 ? by_length : by_bytes;
	return negative ? -order : order;
}
