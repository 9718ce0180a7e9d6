/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/directory/credential.h"
#include "tool/import_source.h"
#include "tool/verb.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define PHC          "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$dGFndGFndGFn"
/* base64 of "{ARGON2}" PHC */
#define PHC64                                                                                      \
	"e0FSR09OMn0kYXJnb24yaWQkdj0xOSRtPTE5NDU2LHQ9MixwPTEkYzJGc2RITmhiSFJ6WVd4MCRkR0ZuZEdGbmRH" \
	"Rm4="
#define RECORDS_MAX 4

/* main.c's, which no test links; nothing here shows help */
void sp_verb_help(const struct sp_verb *verb)
{
	(void)verb;
}

struct expected {
	unsigned long line;
	const char *login;
	const char *hash;
	const char *label;
	const char *fault; /* a part of it */
};

static const struct {
	const char *name;
	enum sp_import_format format;
	const char *text;
	size_t count;
	struct expected records[RECORDS_MAX];
} sources[] = {
    {"passwd", SP_IMPORT_DOVECOT_PASSWD,
	"# people\n\nalice:{ARGON2ID}" PHC ":1000:1000::/home/alice::\nbob:" PHC "\r\n", 2,
	{{3, "alice", PHC, NULL, NULL}, {4, "bob", PHC, NULL, NULL}}},
    {"other schemes", SP_IMPORT_DOVECOT_PASSWD,
	"a:{BLF-CRYPT}$2y$05$x:\nb:{argon2i}$argon2i$x:\nc:plain:", 3,
	{{1, "a", NULL, NULL, "{BLF-CRYPT} and not Argon2"}, {2, "b", "$argon2i$x", NULL, NULL},
	    {3, "c", NULL, NULL, "not Argon2"}}},
    {"faulty lines", SP_IMPORT_DOVECOT_PASSWD, "alice\n:{ARGON2ID}" PHC "\nbob::1:1\n", 3,
	{{1, "alice", NULL, NULL, "no colon"}, {2, NULL, NULL, NULL, "no user"},
	    {3, "bob", NULL, NULL, "no hash"}}},
    {"extra fields", SP_IMPORT_DOVECOT_PASSWD,
	"a:{ARGON2ID}" PHC ":1:1::::user=x allow_nets=2001:db8::/32\nb:{ARGON2ID}" PHC
	":1:1::::nologin\nc:{ARGON2ID}" PHC ":1:1::::userdb_quota_rule=*:storage=1G\n"
	"d:{ARGON2ID}" PHC ":1:1::::allow_real_nets=192.0.2.7\n",
	4,
	{{1, "a", PHC, NULL, "allow_nets"}, {2, "b", PHC, NULL, "nologin"},
	    {3, "c", PHC, NULL, NULL}, {4, "d", PHC, NULL, "allow_real_nets"}}},
    {"csv", SP_IMPORT_CSV,
	"Login,Label,hash\r\nalice,\"printer, 2nd \"\"floor\"\"\","
	"\"" PHC "\"\r\n"
	"\r\nbob,,\"" PHC "\"\r\n",
	2, {{2, "alice", PHC, "printer, 2nd \"floor\"", NULL}, {4, "bob", PHC, NULL, NULL}}},
    {"csv of a spreadsheet", SP_IMPORT_CSV, "\xef\xbb\xbflogin,hash\r\nalice,\"" PHC "\"\r\n", 1,
	{{2, "alice", PHC, NULL, NULL}}},
    {"csv rows that do not fit", SP_IMPORT_CSV,
	"login,hash\nalice\n,\"" PHC "\"\nbob,\"" PHC "\",more\n", 3,
	{{2, "alice", NULL, NULL, "has 1 columns, and the first line 2"},
	    {3, "", PHC, NULL, "login is empty"}, {4, "bob", PHC, NULL, "has 3 columns"}}},
    {"csv expiry", SP_IMPORT_CSV, "login,expires,hash\nalice,yesterday,\"" PHC "\"\n", 1,
	{{2, "alice", PHC, NULL, "expires"}}},
    {"csv without its last newline", SP_IMPORT_CSV, "hash,login\n\"" PHC "\",alice", 1,
	{{2, "alice", PHC, NULL, NULL}}},
    {"mailcow", SP_IMPORT_MAILCOW,
	"id\tname\tmailbox\tdomain\tpassword\tcreated\tactive\tsmtp_access\n"
	"1\tmy \"phone\"\talice@example.org\texample.org\t{ARGON2ID}" PHC "\t2024-01-01\t1\t1\n"
	"2\toff\tbob@example.org\texample.org\t{ARGON2ID}" PHC "\t2024-01-01\t0\t1\n"
	"3\tno mail\tbob@example.org\texample.org\t{ARGON2ID}" PHC "\t2024-01-01\t1\t0\n",
	3,
	{{2, "alice@example.org", PHC, "my \"phone\"", NULL},
	    {3, "bob@example.org", PHC, "off", "active is not 1"},
	    {4, "bob@example.org", PHC, "no mail", "smtp_access is not 1"}}},
    {"ldif", SP_IMPORT_LDIF,
	"version: 1\n\ndn: uid=alice,dc=example\n# x\nuserPassword:: " PHC64
	"\nmail: a@example.org\nuid: alice\nuserPassword: {SSHA}x\n\n"
	"dn: uid=bob,dc=example\nmail: bob@exam\n ple.org\nuserPassword: {ARGON2}" PHC "\n",
	3,
	{{3, "alice", PHC, NULL, NULL}, {3, "alice", NULL, NULL, "{SSHA}"},
	    {10, "bob@example.org", PHC, NULL, NULL}}},
    {"ldif without a login", SP_IMPORT_LDIF, "dn: cn=x\nuserPassword: {ARGON2}" PHC "\n", 1,
	{{1, NULL, PHC, NULL, "neither uid nor mail"}}},
    {"ldif without passwords", SP_IMPORT_LDIF, "dn: cn=x\nuid: x\n\ndn: cn=y\nuid: y\n", 0, {{0}}},
    {"nothing", SP_IMPORT_DOVECOT_PASSWD, "", 0, {{0}}},
    {"no LDIF", SP_IMPORT_LDIF, "", 0, {{0}}},
};

static bool read_source(enum sp_import_format format, const char *text, size_t length,
    struct sp_import_records *records, char why[SP_CONF_WHY_MAX])
{
	FILE *in = tmpfile();

	assert_non_null(in);
	assert_int_equal(fwrite(text, 1, length, in), length);
	rewind(in);
	bool ok = sp_import_read(format, in, records, why);
	fclose(in);
	return ok;
}

static bool same(const char *one, const char *other)
{
	return one == other || (one != NULL && other != NULL && strcmp(one, other) == 0);
}

static bool is_expected(const struct sp_import_record *record, const struct expected *expected)
{
	bool fault = expected->fault == NULL
			 ? record->fault == NULL
			 : record->fault != NULL && strstr(record->fault, expected->fault) != NULL;

	return fault && record->line == expected->line && same(record->login, expected->login) &&
	       same(record->hash, expected->hash) && same(record->label, expected->label);
}

static void each_source_is_read(void **state)
{
	char why[SP_CONF_WHY_MAX];
	struct sp_import_records records;

	(void)state;
	for (size_t i = 0; i < COUNT(sources); i++) {
		if (!read_source(
			sources[i].format, sources[i].text, strlen(sources[i].text), &records, why))
			fail_msg("%s: %s", sources[i].name, why);
		if (records.count != sources[i].count)
			fail_msg("%s: %zu records", sources[i].name, records.count);
		for (size_t j = 0; j < records.count; j++) {
			const struct sp_import_record *r = &records.items[j];
			if (!is_expected(r, &sources[i].records[j]))
				fail_msg("%s: record %zu: line %lu, login %s, hash %s, label %s, "
					 "fault %s",
				    sources[i].name, j, r->line, r->login, r->hash, r->label,
				    r->fault);
		}
		sp_import_records_clear(&records);
	}
}

#define TEXT(text) text, sizeof(text) - 1

static const struct {
	enum sp_import_format format;
	const char *text;
	size_t length;
	const char *why; /* a part of it */
} refused[] = {
    {SP_IMPORT_DOVECOT_PASSWD, TEXT("alice:\0x\n"), "no text"},
    {SP_IMPORT_CSV, TEXT(""), "no line"},
    {SP_IMPORT_CSV, TEXT("login,secret\n"), "line 1: columns are login, hash, label and expires"},
    {SP_IMPORT_CSV, TEXT("login;hash\n"), "divided by commas, and not login;hash"},
    {SP_IMPORT_CSV, TEXT("login,label\n"), "login, hash"},
    {SP_IMPORT_CSV, TEXT("login,hash,login\n"), "named twice: login"},
    {SP_IMPORT_CSV, TEXT("login,label,hash,Label\n"), "named twice: Label"},
    {SP_IMPORT_MAILCOW, TEXT("mailbox\tpassword\tcolour\n"), "no column colour"},
    {SP_IMPORT_CSV, TEXT("login,hash\na,\"x\"y\n"), "line 2: a quotation mark"},
    {SP_IMPORT_CSV, TEXT("login,hash\na,\"x\n"), "without its end"},
    {SP_IMPORT_CSV, TEXT("login,hash\na,\0\n"), "no text"},
    {SP_IMPORT_MAILCOW, TEXT("mailbox\tname\n"), "mailbox, password"},
    {SP_IMPORT_LDIF, TEXT("dn: cn=x\nuserPassword:< file:///etc/hostname\n"), "URL"},
    {SP_IMPORT_LDIF, TEXT("include: file:///etc/hostname\n"), "includes"},
    {SP_IMPORT_LDIF, TEXT("dn: cn=x\nchangetype: delete\n"), "is a change"},
    {SP_IMPORT_LDIF, TEXT("dn: cn=x\nno colon\n"), "line 1 has a line that is no LDIF"},
    {SP_IMPORT_LDIF, TEXT("dn: cn=x\nuserPassword:: !!!\n"), "no LDIF"},
};

static void what_cannot_be_read_is_refused_whole(void **state)
{
	char why[SP_CONF_WHY_MAX];
	struct sp_import_records records;

	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		if (read_source(
			refused[i].format, refused[i].text, refused[i].length, &records, why) ||
		    strstr(why, refused[i].why) == NULL)
			fail_msg("%s: %s", refused[i].text, why);
		assert_int_equal(records.count, 0);
		assert_null(records.items);
	}
}

static void formats_are_known_by_their_names(void **state)
{
	enum sp_import_format format;

	(void)state;
	assert_true(sp_import_format_parse("mailcow", &format));
	assert_int_equal(format, SP_IMPORT_MAILCOW);
	assert_true(sp_import_format_parse("csv", &format));
	assert_int_equal(format, SP_IMPORT_CSV);
	assert_false(sp_import_format_parse("xml", &format));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_source_is_read),
	    cmocka_unit_test(what_cannot_be_read_is_refused_whole),
	    cmocka_unit_test(formats_are_known_by_their_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
