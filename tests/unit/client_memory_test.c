/* SPDX-License-Identifier: BSD-2-Clause */
/* The client leaves no password in the memory of the process that it is in, be it a mail server's.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/client/client.h"
#include "tests/unit/fake_sendpassd.h"

#define LENGTH         32 /* of the password */
#define SOUGHT         16 /* bytes of it, or symbols of base64 */
#define SHIFTS         3  /* of bytes against groups of base64 */
#define MAPPING_MAX    (64 << 20)
#define LONG_ENOUGH_MS 20000 /* never waited for */

/* It is computed wherever it is needed, so that this test has no copy of its own to find. */
static unsigned char letter(size_t i)
{
	return (unsigned char)('a' + (i * 7 + 3) % 26);
}

static unsigned char symbol(size_t shift, size_t i)
{
	static const char symbols[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t bit = i * 6, at = shift + bit / 8;
	unsigned two = ((unsigned)letter(at) << 8) | letter(at + 1);

	return (unsigned char)symbols[(two >> (10 - bit % 8)) & 63];
}

/* With a shift of SHIFTS it is the text itself. */
static bool is_here(const unsigned char *bytes, size_t shift)
{
	for (size_t i = 0; i < SOUGHT; i++) {
		if (bytes[i] != (shift < SHIFTS ? symbol(shift, i) : letter(i + LENGTH - SOUGHT)))
			return false;
	}
	return true;
}

static unsigned places_between(int memory, off_t begin, off_t end)
{
	static unsigned char bytes[65536];
	unsigned found = 0;

	for (off_t at = begin; at < end; at += (off_t)sizeof(bytes) - SOUGHT) {
		ssize_t got = pread(memory, bytes, sizeof(bytes), at);
		if (at + got > end)
			got = (ssize_t)(end - at);
		for (ssize_t i = 0; i + SOUGHT <= got; i++) {
			for (size_t shift = 0; shift <= SHIFTS; shift++)
				found += is_here(bytes + i, shift);
		}
		explicit_bzero(bytes, sizeof(bytes));
	}
	return found;
}

/* In all that can be written, but for what a tool under us has mapped by the gigabyte. */
static unsigned places(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	char line[4352], rights[5];
	uintmax_t begin, end;
	unsigned found = 0;

	assert_non_null(maps);
	assert_true(memory >= 0);
	while (fgets(line, sizeof(line), maps) != NULL) {
		if (sscanf(line, "%jx-%jx %4s", &begin, &end, rights) == 3 &&
		    strncmp(rights, "rw", 2) == 0 && end - begin <= MAPPING_MAX)
			found += places_between(memory, (off_t)begin, (off_t)end);
	}
	fclose(maps);
	close(memory);
	return found;
}

static void no_password_stays_in_the_hosts_memory(void **state)
{
	static const struct {
		const char *reply;
		enum sp_result result;
	} cases[] = {
	    {"OK\t1\tuser=bob\n", SP_GRANTED},
	    {"FAIL\t1\tuser=bob\n", SP_DENIED},
	    {"FAIL\t1\ttemp\n", SP_UNAVAILABLE},
	    {NULL, SP_UNAVAILABLE},
	};
	static struct sp_secret password;
	const char *preloaded = getenv("LD_PRELOAD");

	(void)state;
	/* whose own memory would have to be searched, at a hundredth of the speed */
	if (preloaded != NULL && strstr(preloaded, "vgpreload") != NULL)
		skip();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fake_plan plan = {.greeting = FAKE_GREETING, .reply = cases[i].reply};
		struct fake_sendpassd server;
		fake_sendpassd_start(&server, &plan);
		struct sp_client client = {.socket_path = server.path,
		    .daemon_uid = getuid(),
		    .timeout_ms = LONG_ENOUGH_MS};
		struct sp_client_request request = {.login = "bob", .password = &password};
		for (password.length = 0; password.length < LENGTH; password.length++)
			password.bytes[password.length] = (char)letter(password.length);
		const char *why;
		assert_int_equal(sp_client_verify(&client, &request, &why), cases[i].result);
		assert_int_equal(places(), 1); /* the host's own */
		sp_secret_wipe(&password);
		assert_int_equal(places(), 0);
		fake_sendpassd_stop(&server);
		fake_sendpassd_forget(&server);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_password_stays_in_the_hosts_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
