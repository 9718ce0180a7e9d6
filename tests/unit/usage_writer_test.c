/* SPDX-License-Identifier: BSD-2-Clause */
/* usage_writer_test.c - how much of what is told reaches a real slapd, and how soon */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "daemon/metrics.h"
#include "daemon/usage_writer.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/directory/live.h"
#include "tests/unit/slapd.h"

#define CREDENTIALS 100
#define USES        10000
#define ENDS_MS     (2 * SLAPD_TIMEOUT_MS + SLAPD_CONNECT_MS + 2000 + 1500)
#define AT_ONCE_MS  1500
#define ENTRY_SIZE  512

enum line { FIRST_USE, DELAYED, NOT_WRITTEN, QUEUE_FULL, SHUTDOWN, ANY, LINES };

static const char *const lines[LINES] = {
    [FIRST_USE] = "event=first_use ",
    [DELAYED] = "event=usage_delayed",
    [NOT_WRITTEN] = "event=usage_not_written",
    [QUEUE_FULL] = "reason=queue_full",
    [SHUTDOWN] = "reason=shutdown",
    [ANY] = "event=",
};
static atomic_int logged[LINES];

static struct slapd slapd;
static char audit[128];
static struct sp_generations *generations;
static struct sp_usage_writer *writer;

static void count_line(enum sp_log_level level, const char *text, void *context)
{
	(void)level, (void)context;
	for (size_t i = 0; i < LINES; i++)
		logged[i] += strstr(text, lines[i]) != NULL;
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, 0600), 0);
}

static void start_writing_to(const char *uri)
{
	char path[128], secret[128], text[2048], why[SP_CONF_WHY_MAX];
	struct sp_generation *first;

	snprintf(secret, sizeof(secret), "%s/secret", slapd.directory);
	write_file(secret, SLAPD_PASSWORD "\n");
	snprintf(path, sizeof(path), "%s/sendpass.conf", slapd.directory);
	snprintf(text, sizeof(text),
	    "[ldap]\nuri = %s\nbind_dn = " SLAPD_VERIFIER "\nbind_secret_file = %s\n"
	    "connect_timeout = %dms\ntimeout = %dms\n"
	    "[directory]\ncredential_base = dc=example,dc=org\n",
	    uri, secret, SLAPD_CONNECT_MS, SLAPD_TIMEOUT_MS);
	write_file(path, text);
	if (!sp_generation_read(path, NULL, &first, why))
		fail_msg("%s", why);
	generations = sp_generations_new(first);
	assert_non_null(generations);
	writer = sp_usage_writer_start(generations);
	assert_non_null(writer);
}

static void stop_writing_within(int64_t ms)
{
	int64_t start_ms = sp_now_ms();

	sp_usage_writer_stop(&writer);
	assert_null(writer);
	assert_true(sp_now_ms() - start_ms <= ms);
}

static int clean_up(void **state)
{
	(void)state;
	sp_usage_writer_stop(&writer);
	sp_generations_free(&generations);
	return 0;
}

static void tell(int number)
{
	const struct sp_attempt_request request = {.address = "192.0.2.7", .service = "smtp"};
	char id[16], dn[128];
	struct sp_credential credential = {
	    .id = id, .dn = dn, .owner = SLAPD_ALICE, .last_used = SP_NO_TIME};

	snprintf(id, sizeof(id), "test%04d", number);
	snprintf(dn, sizeof(dn), "sendpassId=%s," SLAPD_CONTAINER, id);
	sp_usage_writer_tell(writer, &request, &credential);
}

/* How many changes slapd has made. */
static int count_modifies(void)
{
	FILE *file = fopen(audit, "re");
	char line[1024];
	int count = 0;

	if (file == NULL)
		return 0;
	while (fgets(line, sizeof(line), file) != NULL)
		count += strcmp(line, "changetype: modify\n") == 0;
	fclose(file);
	return count;
}

static void ten_thousand_uses_of_a_hundred_credentials_are_a_hundred_writes(void **state)
{
	int before = count_modifies();

	(void)state;
	start_writing_to(slapd.local_uri);
	for (int i = 0; i < USES; i++)
		tell(i % CREDENTIALS);
	stop_writing_within(ENDS_MS);
	assert_int_equal(count_modifies() - before, CREDENTIALS);
	assert_int_equal(logged[FIRST_USE], CREDENTIALS);
	assert_int_equal(logged[ANY], CREDENTIALS);
}

static void what_waits_is_bounded_and_one_line_tells_of_the_loss(void **state)
{
	int64_t start_ms = sp_now_ms();
	uint64_t dropped = sp_metrics_counted(SP_COUNTER_LAST_USED_DROPPED);

	(void)state;
	start_writing_to("ldapi://%2Fnonexistent");
	for (int i = 0; i < SP_USAGE_WAITING_MAX + 1000; i++)
		tell(i);
	/* the thread may have one in hand */
	dropped = sp_metrics_counted(SP_COUNTER_LAST_USED_DROPPED) - dropped;
	assert_true(dropped == 1000 || dropped == 999);
	assert_in_range(
	    sp_usage_writer_waiting(writer), SP_USAGE_WAITING_MAX - 1, SP_USAGE_WAITING_MAX);
	assert_true(sp_now_ms() - start_ms < 5000);
	assert_int_equal(logged[QUEUE_FULL], 1);
	stop_writing_within(AT_ONCE_MS);
	assert_int_equal(logged[DELAYED], 1);
	assert_int_equal(logged[SHUTDOWN], 1);
	assert_int_equal(logged[NOT_WRITTEN], 2);
}

static void a_frozen_directory_holds_up_neither_the_teller_nor_the_end_for_long(void **state)
{
	int64_t start_ms;

	(void)state;
	start_writing_to(slapd.local_uri);
	slapd_freeze(&slapd);
	start_ms = sp_now_ms();
	for (int i = 0; i < CREDENTIALS; i++)
		tell(i);
	assert_true(sp_now_ms() - start_ms < SLAPD_CONNECT_MS);
	stop_writing_within(ENDS_MS);
	slapd_thaw(&slapd);
	assert_int_equal(logged[SHUTDOWN], 1);
}

/* ---- set up ---- */

static int set_up(void **state)
{
	char *entries = calloc(CREDENTIALS, ENTRY_SIZE);
	char database[256];
	size_t length = 0;

	(void)state;
	assert_non_null(entries);
	for (int i = 0; i < CREDENTIALS; i++)
		length += (size_t)snprintf(entries + length, ENTRY_SIZE,
		    "dn: sendpassId=test%04d," SLAPD_CONTAINER
		    "\nobjectClass: sendpassCredential\nsendpassId: test%04d\nowner: " SLAPD_ALICE
		    "\nsendpassHash: x\n\n",
		    i, i);
	slapd_prepare(&slapd);
	snprintf(audit, sizeof(audit), "%s/audit", slapd.directory);
	snprintf(database, sizeof(database), "dbnosync\noverlay auditlog\nauditlog %s", audit);
	slapd_fill(
	    &slapd, &(struct slapd_wish){
			.global = "moduleload auditlog", .database = database, .entries = entries});
	free(entries);
	slapd_start(&slapd);
	return 0;
}

static int empty_log(void **state)
{
	(void)state;
	for (size_t i = 0; i < LINES; i++)
		logged[i] = 0;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	slapd_remove(&slapd);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, empty_log, clean_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(ten_thousand_uses_of_a_hundred_credentials_are_a_hundred_writes),
	    TEST(what_waits_is_bounded_and_one_line_tells_of_the_loss),
	    TEST(a_frozen_directory_holds_up_neither_the_teller_nor_the_end_for_long),
	};

	if (!slapd_exists())
		return 77;
	sp_ldap_isolate();
	sp_log_set_sink(count_line, NULL, SP_LOG_DEBUG);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
