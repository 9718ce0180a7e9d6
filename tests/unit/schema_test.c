/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "schema/schema.h"

static const struct {
	const char *format;
	const char *file;
} forms[] = {
    {"openldap", SP_SCHEMA_DIR "/sendpass.schema"},
    {"ldif", SP_SCHEMA_DIR "/sendpass.ldif"},
    {"389ds", SP_SCHEMA_DIR "/99sendpass.ldif"},
};

static char *printed(const char *format)
{
	enum sp_schema_format parsed;
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);

	assert_non_null(out);
	assert_true(sp_schema_format_parse(format, &parsed));
	assert_true(sp_schema_print(out, parsed));
	fclose(out);
	return text;
}

static char *committed(const char *path)
{
	FILE *in = fopen(path, "re");
	char *text = NULL;
	size_t size = 0;

	if (in == NULL)
		fail_msg("%s cannot be opened", path);
	assert_true(getdelim(&text, &size, '\0', in) > 0);
	fclose(in);
	return text;
}

static void the_committed_files_are_what_the_table_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		char *want = printed(forms[i].format);
		char *have = committed(forms[i].file);
		if (strcmp(want, have) != 0)
			fail_msg("%s: print it anew with `sendpass schema --format %s`",
			    forms[i].file, forms[i].format);
		free(want);
		free(have);
	}
}

static void lines_are_short_and_end_in_no_space(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		char *text = printed(forms[i].format);
		size_t width = 0;
		for (const char *at = text; *at != '\0'; at++) {
			width = *at == '\n' ? 0 : width + 1;
			if (width > 78 || (at[0] == ' ' && at[1] == '\n'))
				fail_msg("%s: near %.60s", forms[i].format, at);
		}
		assert_null(strchr(text, '{')); /* no bounds: 389-DS does not know them */
		free(text);
	}
}

static bool is_listed(const char *name, const char *const *names)
{
	for (; *names != NULL; names++) {
		if (strcmp(*names, name) == 0)
			return true;
	}
	return false;
}

static void every_attribute_has_a_number_of_its_own_and_a_class(void **state)
{
	const struct sp_schema_class *class = &sp_schema_classes[0];

	(void)state;
	assert_int_equal(sp_schema_class_count, 1);
	for (size_t i = 0; i < sp_schema_attribute_count; i++) {
		const struct sp_schema_attribute *attribute = &sp_schema_attributes[i];
		assert_int_equal(attribute->number, i + 1);
		assert_true(is_listed(attribute->name, class->must) ||
			    is_listed(attribute->name, class->may));
		assert_null(strpbrk(attribute->description, "'\\"));
	}
}

static void unknown_formats_are_refused(void **state)
{
	enum sp_schema_format format = SP_SCHEMA_389DS;

	(void)state;
	assert_false(sp_schema_format_parse("OpenLDAP", &format));
	assert_false(sp_schema_format_parse("", &format));
	assert_int_equal(format, SP_SCHEMA_389DS);
}

static void a_full_disk_is_noticed(void **state)
{
	FILE *full = fopen("/dev/full", "we");

	(void)state;
	assert_non_null(full);
	assert_false(sp_schema_print(full, SP_SCHEMA_LDIF));
	fclose(full);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_committed_files_are_what_the_table_says),
	    cmocka_unit_test(lines_are_short_and_end_in_no_space),
	    cmocka_unit_test(every_attribute_has_a_number_of_its_own_and_a_class),
	    cmocka_unit_test(unknown_formats_are_refused),
	    cmocka_unit_test(a_full_disk_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
