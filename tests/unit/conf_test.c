/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/number.h"
#include "lib/conf/conf.h"
#include "tests/unit/try_file.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Reads the file, which must be in order. The caller frees. */
static struct sp_conf *read_good(const char *text)
{
	struct sp_conf *conf = NULL;
	char why[SP_CONF_WHY_MAX];

	try_file_write(text, strlen(text), 0644);
	if (!sp_conf_read(try_path, &conf, why))
		fail_msg("%s", why);
	assert_non_null(conf);
	assert_string_equal(why, "");
	return conf;
}

/* As sp_conf_print() writes it. The caller frees. */
static char *print(const struct sp_conf *conf)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	sp_conf_print(conf, out);
	assert_int_equal(fclose(out), 0);
	return text;
}

/* ---- every setting, from the table itself ---- */

enum type { TEXT, PATH, LIST, DOORS, SWITCH, NUMBER, DURATION, WORD };

static const struct row {
	enum type type;
	const char *section, *key, *standard;
	uint64_t low, high;
} rows[] = {
#define ROW(type, section, key, standard, low, high) {type, #section, #key, standard, low, high},
    SP_SETTINGS(ROW)
#undef ROW
};

/* One or two lines that set the row to something that is not its default. */
static void write_other_value(const struct row *row, FILE *out)
{
	char text[32];
	uint64_t number;

	fprintf(out, "%s = ", row->key);
	switch (row->type) {
	case TEXT:
		if (strcmp(row->key, "default_rate") == 0) /* those with a form */
			fprintf(out, "7/1h recipients=9/1d\n");
		else if (strcmp(row->key, "mailbox_passwords_until") == 0)
			fprintf(out, "2027-03-01\n");
		else if (strcmp(row->key, "id_header") == 0)
			fprintf(out, "X-Other-Id\n");
		else if (strstr(row->key, "_server") != NULL)
			fprintf(out, "other.example.org\n");
		else
			fprintf(out, "other %s\n", row->key);
		break;
	case PATH:
		fprintf(out, "/other/%s\n", row->key);
		break;
	case LIST:
		if (strcmp(row->key, "default_sender") == 0) /* another one with a form */
			fprintf(out, "one@example.org\n%s = @.example.org\n", row->key);
		else
			fprintf(out, "ldaps://one\n%s = ldaps://two\n", row->key);
		break;
	case DOORS:
		fprintf(out, "/one 0600 root root\n%s = /two 0666 1 2\n", row->key);
		break;
	case SWITCH:
		fprintf(out, "%s\n", strcmp(row->standard, "yes") == 0 ? "no" : "yes");
		break;
	case NUMBER:
		assert_true(sp_parse_number(row->standard, row->low, row->high, &number));
		number = number < row->high ? number + 1 : number - 1;
		fprintf(out, "%llu\n", (unsigned long long)number);
		break;
	case DURATION:
		sp_format_duration(row->low, text, sizeof(text));
		if (strcmp(text, row->standard) == 0)
			sp_format_duration(row->high, text, sizeof(text));
		assert_string_not_equal(text, row->standard);
		fprintf(out, "%s\n", text);
		break;
	case WORD:
		fprintf(out, "%.*s\n", (int)strcspn(strchr(row->standard, '|') + 1, "|"),
		    strchr(row->standard, '|') + 1);
		break;
	}
}

/* A file in which nothing is as by default. The caller frees. */
static char *other_file(void)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	const char *section = "";

	assert_non_null(out);
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (strcmp(section, rows[i].section) != 0)
			fprintf(out, "%s[%s]\n", i > 0 ? "\n" : "", rows[i].section);
		section = rows[i].section;
		write_other_value(&rows[i], out);
	}
	assert_int_equal(fclose(out), 0);
	return text;
}

static void every_setting_is_read_and_printed_again(void **state)
{
	char *text = other_file();
	struct sp_conf *conf = read_good(text);
	char *printed = print(conf);

	(void)state;
	assert_string_equal(printed, text);
	free(printed);
	sp_conf_free(&conf);
	assert_null(conf);
	free(text);
}

static void fields_hold_what_the_file_says(void **state)
{
	char *text = other_file();
	struct sp_conf *conf = read_good(text);

	(void)state;
	assert_string_equal(conf->ldap_bind_dn, "other bind_dn");
	assert_string_equal(conf->ldap_bind_secret_file, "/other/bind_secret_file");
	assert_int_equal(conf->ldap_uri.count, 2);
	assert_string_equal(conf->ldap_uri.items[0], "ldaps://one");
	assert_string_equal(conf->ldap_uri.items[1], "ldaps://two");
	assert_null(conf->ldap_uri.items[2]);
	assert_false(conf->ldap_starttls);
	assert_int_equal(conf->argon2_memory, 19457);
	assert_int_equal(conf->ldap_timeout, 50);
	assert_string_equal(conf->ldap_plaintext, "insecure");
	assert_int_equal(conf->daemon_auth.count, 2);
	assert_string_equal(conf->daemon_auth.items[1].place, "/two");
	assert_int_equal(conf->daemon_auth.items[1].mode, 0666);
	assert_string_equal(conf->daemon_auth.items[1].owner, "1");
	assert_string_equal(conf->daemon_auth.items[1].group, "2");
	sp_conf_free(&conf);
	free(text);
}

static void an_empty_file_is_all_defaults(void **state)
{
	static const char *const empty[] = {
	    "", "\n", "# nothing\n; at all\n", "[ldap]\n", "[ldap]"};
	struct sp_conf *defaults = sp_conf_defaults();
	char *expected = print(defaults);

	(void)state;
	for (size_t i = 0; i < COUNT(empty); i++) {
		struct sp_conf *conf = read_good(empty[i]);
		char *printed = print(conf);
		assert_string_equal(printed, expected);
		free(printed);
		sp_conf_free(&conf);
	}
	free(expected);
	sp_conf_free(&defaults);
}

static void what_defaults_print_reads_as_the_defaults(void **state)
{
	struct sp_conf *defaults = sp_conf_defaults();
	char *text = print(defaults);
	struct sp_conf *conf = read_good(text);
	char *again = print(conf);

	(void)state;
	assert_string_equal(again, text);
	assert_string_equal(conf->ldap_plaintext, "refuse");
	assert_int_equal(conf->ldap_timeout, 2000);
	free(again);
	free(text);
	sp_conf_free(&conf);
	sp_conf_free(&defaults);
}

/* Without one, fixed_login is refused. */
#define A_POLICY_DOOR "[daemon]\npolicy = /policy 0600 root root\n"

static void a_changed_setting_is_told_by_its_section_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *text = NULL;
		size_t size;
		FILE *out = open_memstream(&text, &size);
		struct sp_conf *before = read_good(A_POLICY_DOOR);

		fprintf(out, A_POLICY_DOOR "[%s]\n", rows[i].section);
		write_other_value(&rows[i], out);
		assert_int_equal(fclose(out), 0);
		struct sp_conf *conf = read_good(text);
		for (size_t other = 0; other < COUNT(rows); other++)
			assert_int_equal(sp_conf_section_differs(before, conf, rows[other].section),
			    strcmp(rows[i].section, rows[other].section) == 0);
		sp_conf_free(&conf);
		sp_conf_free(&before);
		free(text);
	}
}

/* ---- forms that are right ---- */

static void lists_continue_on_indented_lines_and_by_the_key_again(void **state)
{
	static const char *const texts[] = {
	    "[ldap]\nuri = ldapi:///\nuri = ldaps://b\nuri = ldaps://c\n",
	    "[ldap]\nuri = ldapi:///\n  ldaps://b\n\tldaps://c\n",
	    "[ldap]\nuri = ldapi:///\n  ldaps://b\n# between\nuri = ldaps://c",
	    "[ldap]\r\nuri = ldapi:///\r\n ldaps://b\r\n ldaps://c\r\n",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct sp_conf *conf = read_good(texts[i]);
		assert_int_equal(conf->ldap_uri.count, 3);
		assert_string_equal(conf->ldap_uri.items[0], "ldapi:///");
		assert_string_equal(conf->ldap_uri.items[1], "ldaps://b");
		assert_string_equal(conf->ldap_uri.items[2], "ldaps://c");
		sp_conf_free(&conf);
	}
}

static void a_section_may_come_again_and_values_may_hold_equals_signs(void **state)
{
	struct sp_conf *conf = read_good("[ldap]\nbind_dn = cn=a,dc=b\n[log]\nlevel=debug\n"
					 "[ldap]\n  starttls = no\n");

	(void)state;
	assert_string_equal(conf->ldap_bind_dn, "cn=a,dc=b");
	assert_string_equal(conf->log_level, "debug");
	assert_false(conf->ldap_starttls);
	sp_conf_free(&conf);
}

static void freeing_nothing_is_no_harm(void **state)
{
	struct sp_conf *conf = NULL;

	(void)state;
	sp_conf_free(&conf);
	sp_conf_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_setting_is_read_and_printed_again),
	    cmocka_unit_test(fields_hold_what_the_file_says),
	    cmocka_unit_test(an_empty_file_is_all_defaults),
	    cmocka_unit_test(what_defaults_print_reads_as_the_defaults),
	    cmocka_unit_test(a_changed_setting_is_told_by_its_section_alone),
	    cmocka_unit_test(lists_continue_on_indented_lines_and_by_the_key_again),
	    cmocka_unit_test(a_section_may_come_again_and_values_may_hold_equals_signs),
	    cmocka_unit_test(freeing_nothing_is_no_harm),
	};

	return cmocka_run_group_tests(tests, try_file_make_directory, try_file_remove_directory);
}
