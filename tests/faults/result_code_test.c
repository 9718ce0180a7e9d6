/* SPDX-License-Identifier: BSD-2-Clause */
/* result_code_test.c - every result code of LDAP, by a real slapd, at every question of the flow */
#include <ldap.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/live_directory.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define SUFFIX       "dc=example,dc=org"
#define CODES        "ou=codes," SUFFIX
#define OVERLAY      "/usr/lib/ldap/retcode.so"

/* RFC 4511 has 0 to 80, of which slapd cannot say 9, and, in section 4.1.9, room for more; 113 to
 * 123 are of RFC 3909 and 4533, the last two nobody's. */
static const struct {
	int from, to;
} ranges[] = {{1, 8}, {10, 80}, {113, 123}, {4096, 4097}};

static struct slapd slapd;
static char dn[128]; /* of the code under test */

/* ---- the questions ---- */

static enum sp_directory_status find_with(const struct live_settings *settings, bool *yes_r)
{
	struct sp_directory_answer answer;

	live_open(settings);
	enum sp_directory_status status = sp_directory_find(live, LIVE_ID, "alice", &answer);
	*yes_r = answer.credential != NULL && answer.owner_dn != NULL;
	sp_directory_answer_clear(&answer);
	return status;
}

static enum sp_directory_status bind_as_verifier(bool *yes_r)
{
	return find_with(&(struct live_settings){.uri = slapd.local_uri, .bind_dn = dn}, yes_r);
}

static enum sp_directory_status find_credential(bool *yes_r)
{
	return find_with(
	    &(struct live_settings){
		.uri = slapd.local_uri, .credential_base = dn, .owner_base = SUFFIX},
	    yes_r);
}

static enum sp_directory_status find_owner(bool *yes_r)
{
	return find_with(&(struct live_settings){.uri = slapd.local_uri, .owner_base = dn}, yes_r);
}

static enum sp_directory_status find_imported(bool *yes_r)
{
	struct sp_directory_answer answer;

	live_open(&(struct live_settings){
	    .uri = slapd.local_uri, .credential_base = dn, .owner_base = SUFFIX});
	enum sp_directory_status status = sp_directory_find_imported(live, "alice", 3, &answer);
	*yes_r = answer.imported.count > 0;
	sp_directory_answer_clear(&answer);
	return status;
}

static enum sp_directory_status check_password(bool *yes_r)
{
	struct sp_secret password = {0};

	live_open(&(struct live_settings){.uri = slapd.local_uri});
	assert_true(sp_secret_set(&password, "x", 1));
	return sp_directory_check_password(live, dn, &password, yes_r);
}

static enum sp_directory_status ask_owner(bool *yes_r)
{
	live_open(&(struct live_settings){.uri = slapd.local_uri});
	return sp_directory_ask_owner(live, dn, SP_OWNER_IS_ACTIVE, "alice", yes_r);
}

static enum sp_directory_status read_owner(bool *yes_r)
{
	struct sp_owner_entry entry;

	live_open(&(struct live_settings){.uri = slapd.local_uri});
	enum sp_directory_status status = sp_directory_read_owner(live, dn, &entry);
	*yes_r = entry.active;
	sp_owner_entry_clear(&entry);
	return status;
}

static enum sp_directory_status find_senders(bool *yes_r)
{
	struct sp_sender_answer answer;

	live_open(&(struct live_settings){
	    .uri = slapd.local_uri, .credential_base = dn, .owner_base = SUFFIX});
	enum sp_directory_status status =
	    sp_directory_find_senders(live, "alice@example.org", &answer);
	*yes_r = answer.owner_count > 0;
	sp_sender_answer_clear(&answer);
	return status;
}

/* The codes that mean no; with all others nobody can know. They end in 0. */
static const struct {
	const char *name;
	enum sp_directory_status (*ask)(bool *yes_r);
	int no[4];
} questions[] = {
    {"bind", bind_as_verifier, {0}},
    {"credential", find_credential, {0}},
    {"owner", find_owner, {LDAP_SIZELIMIT_EXCEEDED}}, /* several have the login */
    {"imported", find_imported, {0}},
    {"mailbox password", check_password,
	{LDAP_INVALID_CREDENTIALS, LDAP_INAPPROPRIATE_AUTH, LDAP_CONSTRAINT_VIOLATION}},
    {"is it active", ask_owner, {LDAP_NO_SUCH_OBJECT}},
    {"its addresses", read_owner, {LDAP_NO_SUCH_OBJECT}},
    {"senders", find_senders, {0}},
};

static bool means_no(size_t question, int code)
{
	for (const int *no = questions[question].no; *no != 0; no++) {
		if (*no == code)
			return true;
	}
	return false;
}

static void try_code(size_t question, int code)
{
	bool yes = false;

	snprintf(dn, sizeof(dn), "cn=%d," CODES, code);
	enum sp_directory_status status = questions[question].ask(&yes);
	bool is_no = status == SP_DIRECTORY_OK;
	if (yes || is_no != means_no(question, code))
		fail_msg("%s, code %d: status %d, %s\n%s", questions[question].name, code, status,
		    yes ? "yes" : "no", live_log());
	if (!is_no && live_times_logged("event=") == 0)
		fail_msg("%s, code %d: not logged", questions[question].name, code);
	if (live_times_logged("Can't contact") > 0)
		fail_msg("%s, code %d: slapd is gone", questions[question].name, code);
	live_close(NULL);
}

static void no_result_code_is_a_yes_and_few_are_a_no(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(questions); i++) {
		for (size_t j = 0; j < COUNT(ranges); j++) {
			for (int code = ranges[j].from; code <= ranges[j].to; code++)
				try_code(i, code);
		}
	}
}

/* ---- the directory ---- */

static int start_server(void **state)
{
	char *overlay;
	size_t size;
	FILE *out = open_memstream(&overlay, &size);

	(void)state;
	if (out == NULL)
		return -1;
	fprintf(out, "overlay retcode\nretcode-parent " CODES "\n");
	for (size_t j = 0; j < COUNT(ranges); j++) {
		for (int code = ranges[j].from; code <= ranges[j].to; code++)
			fprintf(out, "retcode-item cn=%d %d%s\n", code, code,
			    code == LDAP_REFERRAL ? " ref=ldap://192.0.2.1/" : "");
	}
	if (fclose(out) != 0)
		return -1;
	slapd_prepare(&slapd);
	slapd_fill(&slapd,
	    &(struct slapd_wish){.global = "moduleload retcode",
		.database = overlay,
		.entries = LIVE_CREDENTIAL(LIVE_ID, SLAPD_ALICE, "sendpassLabel: printer\n")});
	free(overlay);
	slapd_start(&slapd);
	return 0;
}

static int stop_server(void **state)
{
	(void)state;
	slapd_remove(&slapd);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(no_result_code_is_a_yes_and_few_are_a_no, live_close),
	};

	if (!slapd_exists() || access(OVERLAY, R_OK) != 0) {
		puts("skipped: there is no slapd with slapo-retcode");
		return 77;
	}
	sp_ldap_isolate();
	live_collect_log();
	return cmocka_run_group_tests(tests, start_server, stop_server);
}
