/* SPDX-License-Identifier: BSD-2-Clause */
#include <argon2.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/password/argon2_speed.h"

/* ---- how often libargon2 computes for one hash: linked with --wrap=argon2_ctx ---- */

static int repetitions;

int __real_argon2_ctx(argon2_context *context, argon2_type type);
int __wrap_argon2_ctx(argon2_context *context, argon2_type type);

int __wrap_argon2_ctx(argon2_context *context, argon2_type type)
{
	uint8_t secret[64];
	int status = repetitions >= 0 ? ARGON2_OK : ARGON2_MEMORY_ALLOCATION_ERROR;

	memset(context->out, 1, context->outlen);
	for (int i = 0; i < repetitions && status == ARGON2_OK; i++) {
		/* which it wipes */
		argon2_context again = *context;
		memcpy(secret, context->pwd, context->pwdlen);
		again.pwd = secret;
		status = __real_argon2_ctx(&again, type);
	}
	return status;
}

/* Whatever library is installed here. */
static void a_slow_library_is_told_from_a_fast_one(void **state)
{
	(void)state;
	repetitions = 8;
	assert_in_range(sp_argon2_relative_time(), SP_ARGON2_SCALAR_PERCENT, 10000);
	repetitions = 0;
	assert_in_range(sp_argon2_relative_time(), 0, 60);
	repetitions = 1;
	assert_in_range(sp_argon2_relative_time(), 10, 2000);
}

static void what_fails_has_no_time(void **state)
{
	(void)state;
	repetitions = -1;
	assert_int_equal(sp_argon2_relative_time(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_slow_library_is_told_from_a_fast_one),
	    cmocka_unit_test(what_fails_has_no_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
