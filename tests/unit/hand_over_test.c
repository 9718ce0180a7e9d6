/* SPDX-License-Identifier: BSD-2-Clause */
/* No form of handing over gives memory back that still holds the password. */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tool/mobileconfig.h"
#include "tool/output.h"
#include "tool/qr.h"
#include "tool/sheet.h"
#include "tool/wiped_memory.h"

static const char password_text[] = "k7qf-2m9x-4d1h-w8s6-t0ya-b3ne-zc5r";

#ifdef __SANITIZE_ADDRESS__
#define WATCHES false /* malloc and free are the sanitizer's */
static unsigned found;
#else
#define WATCHES true
static unsigned found; /* blocks given back with the password in them */

void __libc_free(void *memory);
void *__libc_realloc(void *memory, size_t size);

static void look(void *memory)
{
	if (memory != NULL && memmem(memory, malloc_usable_size(memory), password_text,
				  strlen(password_text)) != NULL)
		found++;
}

/* These are the libraries' too. */
void free(void *memory)
{
	look(memory);
	__libc_free(memory);
}

void *realloc(void *memory, size_t size)
{
	look(memory);
	return __libc_realloc(memory, size);
}
#endif

static char *logins[] = {(char *)"own", NULL};
static struct sp_credential credential = {
    .id = (char *)"k7qf2m9x",
    .owner = (char *)"uid=alice,dc=example,dc=org",
    .label = (char *)"a <phone> & \x01",
    .logins = logins,
    .expires = SP_NO_TIME,
};
static struct sp_account account;
static struct sp_secret password;

static void write_json(void)
{
	assert_int_equal(SP_EXIT_OK, sp_json_issued(&credential, password.bytes, &account));
}

static void write_sheet(void)
{
	sp_sheet_write(&account, &credential, &password);
}

static void draw(void)
{
	assert_int_equal(SP_EXIT_OK, sp_qr_draw(stdout, password.bytes));
}

static void draw_for_thunderbird(void)
{
	char *text = sp_json_thunderbird(&account, password.bytes);

	assert_non_null(text);
	assert_int_equal(SP_EXIT_OK, sp_qr_draw(stdout, text));
	sp_wiping_free(text);
}

static void write_profile(void)
{
	assert_int_equal(SP_EXIT_OK, sp_mobileconfig_write(&account, &credential, &password));
}

/* Runs it with standard output in a file that has a buffer of its own; how much it wrote. */
static long write_aside(void (*write)(void))
{
	static char buffer[BUFSIZ];
	FILE *before = stdout, *aside = tmpfile();

	assert_non_null(aside);
	setvbuf(aside, buffer, _IOFBF, sizeof(buffer));
	stdout = aside;
	write();
	stdout = before;
	long length = ftell(aside);
	fclose(aside);
	return length;
}

static void nothing_is_given_back_with_the_password_in_it(void **state)
{
	static const struct {
		const char *name;
		void (*write)(void);
	} forms[] = {
	    {"json", write_json},
	    {"sheet", write_sheet},
	    {"qr", draw},
	    {"thunderbird", draw_for_thunderbird},
	    {"mobileconfig", write_profile},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		found = 0;
		long length = write_aside(forms[i].write);
		if (length < (long)strlen(password_text) || found > 0)
			fail_msg("%s: %ld bytes, %u blocks with the password", forms[i].name,
			    length, found);
	}
}

static void the_watch_sees_what_is_not_wiped(void **state)
{
	char *(*volatile copy)(const char *) = strdup;

	(void)state;
	found = 0;
	free(copy(password_text));
	assert_int_equal(WATCHES ? 1 : 0, found);
}

static void what_grows_keeps_its_bytes_and_leaves_none_behind(void **state)
{
	char *memory = sp_wiping_realloc(NULL, sizeof(password_text));

	(void)state;
	assert_non_null(memory);
	memcpy(memory, password_text, sizeof(password_text));
	found = 0;
	for (size_t size = 64; size <= 4096; size *= 2) {
		memory = sp_wiping_realloc(memory, size);
		assert_non_null(memory);
		assert_string_equal(password_text, memory);
		assert_true(malloc_usable_size(memory) >= size);
		memset(memory + sizeof(password_text), 'x', size - sizeof(password_text));
	}
	memory = sp_wiping_realloc(memory, sizeof(password_text));
	assert_string_equal(password_text, memory);
	sp_wiping_free(memory);
	sp_wiping_free(NULL);
	assert_int_equal(0, found);
}

static void what_is_too_long_for_a_qr_code_is_refused(void **state)
{
	char text[2953 + 2];

	(void)state;
	memset(text, 'x', sizeof(text));
	text[2953] = '\0';
	FILE *out = tmpfile();
	assert_non_null(out);
	assert_int_equal(SP_EXIT_OK, sp_qr_draw(out, text));
	long length = ftell(out);
	text[2953] = 'x';
	text[2954] = '\0';
	assert_int_equal(SP_EXIT_FAILED, sp_qr_draw(out, text));
	assert_int_equal(length, ftell(out));
	fclose(out);
}

static int set_up(void **state)
{
	struct sp_conf *conf = sp_conf_defaults();

	(void)state;
	if (conf == NULL || !sp_secret_set(&password, password_text, strlen(password_text)))
		return -1;
	account = (struct sp_account){
	    .conf = conf,
	    .login = strdup("alice"),
	    .mailbox_login = strdup("alice"),
	    .address = strdup("alice@example.org"),
	};
	sp_output_start();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_watch_sees_what_is_not_wiped),
	    cmocka_unit_test(nothing_is_given_back_with_the_password_in_it),
	    cmocka_unit_test(what_grows_keeps_its_bytes_and_leaves_none_behind),
	    cmocka_unit_test(what_is_too_long_for_a_qr_code_is_refused),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
