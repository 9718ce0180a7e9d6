/* SPDX-License-Identifier: BSD-2-Clause */
/* attempt_test.c - the verification flow on a real slapd, with each of its calls failing in turn */
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/base/clock.h"
#include "lib/policy/attempt.h"
#include "tests/faults/injector.h"
#include "tests/unit/live_directory.h"

#define COUNT(array)   (sizeof(array) / sizeof((array)[0]))
#define MEMORY_KIB     8
#define RECOVERS_MS    10000
#define PLACES         8
#define MAILBOX        SLAPD_PASSWORD
#define IMPORTED       "an old password"
#define ACTIVE         "(!(objectClass=extensibleObject))"
#define AT_ANY_TIME    ((time_t)1 << 40)
#define NOT_SINCE      "sendpassExpires: 20200101000000Z\n"
#define REVOKED        "sendpassRevoked: 20200101000000Z\n"
#define SUSPENDED      "sendpassSuspended: TRUE\n"
#define OF_LOGIN(name) "sendpassLogin: " name "\n"

enum secret { RIGHT, WRONG, OLD, OWN, NEITHER };

/* Every credential has the same secret, so that its entry alone decides. */
static const struct person_case {
	const char *name;
	const char *id; /* NULL: a password that is no app password */
	const char *owner, *more;
	const char *login;
	enum secret secret;
	bool imported, legacy; /* may pass */
	bool brief;            /* tried when not all are */
	enum sp_reason reason;
} cases[] = {
    {"the right password", "00000001", SLAPD_ALICE, "sendpassLabel: x\n", "alice",
	.reason = SP_REASON_OK},
    {"the wrong secret", "00000001", NULL, NULL, "alice", WRONG, .reason = SP_REASON_BAD_SECRET},
    {"an unknown id", "0000000z", NULL, NULL, "alice", .reason = SP_REASON_NO_CREDENTIAL},
    {"revoked", "00000002", SLAPD_ALICE, REVOKED, "alice", .brief = true,
	.reason = SP_REASON_REVOKED},
    {"suspended", "00000003", SLAPD_ALICE, SUSPENDED, "alice", .reason = SP_REASON_SUSPENDED},
    {"expired", "00000004", SLAPD_ALICE, NOT_SINCE, "alice", .reason = SP_REASON_EXPIRED},
    {"not yet valid", "00000005", SLAPD_ALICE, "sendpassNotBefore: 99991231000000Z\n", "alice",
	.reason = SP_REASON_NOT_YET_VALID},
    {"for another service", "00000006", SLAPD_ALICE, "sendpassService: imap\n", "alice",
	.reason = SP_REASON_SERVICE_DENIED},
    {"from another network", "00000007", SLAPD_ALICE,
	"sendpassNetwork: 198.51.100.0/24\nsendpassNetwork: 2001:db8::/32\n", "alice",
	.reason = SP_REASON_NETWORK_DENIED},
    {"without the TLS it wants", "00000008", SLAPD_ALICE, "sendpassRequireTLS: TRUE\n", "alice",
	.reason = SP_REASON_TLS_REQUIRED},
    {"with senders that nobody holds", "00000009", SLAPD_ALICE, "sendpassSender: @example.org\n",
	"alice", .reason = SP_REASON_INTERNAL},
    {"somebody else's", "0000000a", SLAPD_BOB, "sendpassLabel: x\n", "alice",
	.reason = SP_REASON_WRONG_OWNER},
    {"a login of its own", "0000000b", SLAPD_ALICE, OF_LOGIN("scanner") OF_LOGIN("fax"), "fax",
	.reason = SP_REASON_OK},
    {"a login of its own, revoked", "0000000c", SLAPD_ALICE, OF_LOGIN("fax") REVOKED, "fax",
	.reason = SP_REASON_REVOKED},
    {"the owner's other spelling", "0000000d", "UID=Alice, OU=People, DC=Example, DC=Org",
	"sendpassLabel: x\n", "alice", .reason = SP_REASON_OK},
    {"the owner is inactive", "0000000e", "uid=erin," SLAPD_PEOPLE, "sendpassLabel: x\n", "erin",
	.brief = true, .reason = SP_REASON_OWNER_INACTIVE},
    {"the login names two", "00000001", NULL, NULL, "shared@example.org",
	.reason = SP_REASON_WRONG_OWNER},
    {"an old password", NULL, NULL, NULL, "carol", OLD, .imported = true, .reason = SP_REASON_OK},
    {"not an old password", NULL, NULL, NULL, "carol", NEITHER, .imported = true,
	.reason = SP_REASON_BAD_SECRET},
    {"an old password, revoked", NULL, NULL, NULL, "dave", OLD, .imported = true, .brief = true,
	.reason = SP_REASON_REVOKED},
    {"a mailbox password", NULL, NULL, NULL, "alice", OWN, .imported = true, .legacy = true,
	.reason = SP_REASON_LEGACY},
    {"not a mailbox password", NULL, NULL, NULL, "alice", NEITHER, .legacy = true, .brief = true,
	.reason = SP_REASON_BAD_SECRET},
    {"neither may pass", NULL, NULL, NULL, "alice", OWN, .imported = true,
	.reason = SP_REASON_MALFORMED},
    {"a mailbox password of somebody inactive", NULL, NULL, NULL, "erin", OWN, .legacy = true,
	.reason = SP_REASON_MALFORMED},
};

static struct slapd slapd;
static struct sp_argon2_slot *slot;
static struct sp_verified_cache *verified;
static const char symbols[] = "aaaaaaaaaaaaaaaaaa"; /* the secret part of every app password */

/* ---- one attempt ---- */

static void set_password(const struct person_case *this, struct sp_secret *password)
{
	static const char *const texts[] = {[OLD] = IMPORTED, [OWN] = MAILBOX, [NEITHER] = "x"};
	struct sp_app_password made = {.form = SP_FORM_STANDARD};
	char secret[SP_SECRET_MAX];

	if (this->id == NULL) {
		const char *text = texts[this->secret];
		assert_true(sp_secret_set(password, text, strlen(text)));
		return;
	}
	snprintf(made.id, sizeof(made.id), "%s", this->id);
	snprintf(secret, sizeof(secret), "%s%s", this->id, symbols);
	if (this->secret == WRONG)
		secret[strlen(secret) - 1] = 'b';
	assert_true(sp_secret_set(&made.secret, secret, strlen(secret)));
	sp_app_password_print(&made, password);
}

static void run(struct sp_attempt *attempt, const struct person_case *this)
{
	const struct sp_attempt_rules rules = {
	    .caps = {.memory_kib = MEMORY_KIB, .passes = 1, .lanes = 1},
	    .max_imported = this->imported ? 3 : 0,
	    .legacy_until = this->legacy ? AT_ANY_TIME : 0,
	};
	time_t now = time(NULL);
	enum sp_step step = sp_attempt_parse(attempt, &rules, now);

	if (step == SP_STEP_DIRECTORY)
		step = sp_attempt_look_up(attempt, live, &rules, now);
	if (step == SP_STEP_ARGON2)
		step = sp_attempt_verify(attempt, slot, &rules, now);
	if (step == SP_STEP_BIND)
		sp_attempt_bind(attempt, live, &rules);
}

/* With the calls failing as the plan has it. */
static enum sp_reason attempt_with(const struct person_case *this, const struct fault_plan *plan)
{
	struct sp_attempt attempt = {.verified = verified,
	    .request = {.service = "smtp", .address = "192.0.2.7", .tls = SP_TLS_NO}};

	snprintf(attempt.request.login, sizeof(attempt.request.login), "%s", this->login);
	set_password(this, &attempt.request.password);
	*faults = *plan;
	run(&attempt, this);
	faults->armed = 0;
	enum sp_reason reason = attempt.reason;
	sp_attempt_clear(&attempt);
	return reason;
}

/* Without faults, as soon as the server may be asked again. */
static enum sp_reason attempt_in_peace(const struct person_case *this)
{
	static const struct fault_plan none;
	int64_t deadline_ms = sp_now_ms() + RECOVERS_MS;
	enum sp_reason reason = attempt_with(this, &none);

	while (reason == SP_REASON_DIRECTORY_DOWN && sp_remaining_ms(deadline_ms) > 0) {
		poll(NULL, 0, 1);
		reason = attempt_with(this, &none);
	}
	return reason;
}

/* ---- all of them, with all faults ---- */

static void start_over(bool connected)
{
	live_open(
	    &(struct live_settings){.uri = slapd.local_uri, .active = ACTIVE, .retry_after_ms = 1});
	verified = sp_verified_cache_new(PLACES, &(bool){false});
	assert_non_null(verified);
	if (connected)
		assert_int_equal(live_find("zzzzzzzz", "alice"), SP_DIRECTORY_OK);
}

static void finish(void)
{
	sp_verified_cache_free(&verified);
	live_close(NULL);
}

static const char *name_of(int32_t struck)
{
	static const char *const names[] = {
#define NAME(function, error) #function,
	    FAULT_FUNCTIONS(NAME)
#undef NAME
	};

	return struck > 0 ? names[struck - 1] : "none";
}

/* Which call of which attempt is failing: shared with the child that tries them. */
static struct progress {
	struct fault_plan plan;
	const struct person_case *this;
	bool connected;
	int kind;
	unsigned nth;
	unsigned calls;    /* that failed, so far */
	unsigned given_up; /* and of them, those at which libldap ended the process */
} * progress;

static void check(const char *when, enum sp_reason reason, bool may_be_unknown)
{
	if (reason == progress->this->reason ||
	    (may_be_unknown && sp_reason_result(reason) == SP_UNAVAILABLE))
		return;
	fail_msg("%s, %s, %s call %u (%s), kind %d: %s\n%s", progress->this->name,
	    progress->connected ? "connected" : "not connected", when, progress->nth,
	    name_of(progress->plan.struck), progress->kind, sp_reason_name(reason), live_log());
}

static int lowest_free_fd(void)
{
	int fd = dup(STDERR_FILENO);

	close(fd);
	return fd;
}

/* The verdict is as without the fault, or nobody can know; and then it is as ever again.
 * False if there was no nth call. */
static bool try_nth(void)
{
	const struct fault_plan plan = {.armed = 1, .nth = progress->nth, .kind = progress->kind};

	int free_before = lowest_free_fd();
	start_over(progress->connected);
	enum sp_reason reason = attempt_with(progress->this, &plan);
	bool struck = faults->struck != 0;
	check("at", reason, struck);
	check("behind", attempt_in_peace(progress->this), false);
	finish();
	/* libldap leaves its socket open where it has no memory while it connects */
	if (progress->connected && lowest_free_fd() != free_before)
		check("a file was left open by", SP_REASON_OVERLOADED, false);
	return struck;
}

/* From where the last child was ended. */
static void try_the_rest(void **state)
{
	(void)state;
	for (; progress->kind < FAULT_KINDS; progress->kind++, progress->nth = 1) {
		for (; try_nth(); progress->nth++)
			progress->calls++;
	}
}

#ifdef __SANITIZE_ADDRESS__
/* Where libldap has no memory for an answer it forgets the buffer that it read it into
 * (result.c, try_read1msg()). An answer that we forgot would be another's: the message's. */
SP_EXPORT const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:ldap_alloc_ber_with_options\n";
}

/* Or nobody knows who called liblber, which keeps no frame pointers. */
SP_EXPORT const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "fast_unwind_on_malloc=0";
}
#endif

/* Leaks are looked for at its exit. */
_Noreturn static void be_the_child(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(try_the_rest)};

	slapd.pid = -1; /* it is not this child's to end */
	if (freopen("/dev/null", "w", stdout) == NULL)
		exit(EXIT_FAILURE);
	exit(cmocka_run_group_tests(tests, NULL, NULL));
}

static bool ends_well(pid_t child)
{
	int status;

	assert_int_equal(waitpid(child, &status, 0), child);
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS)
		return true;
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGABRT || progress->plan.gave_up == 0)
		fail_msg("%s, %s, call %u (%s), kind %d: status %d", progress->this->name,
		    progress->connected ? "connected" : "not connected", progress->nth,
		    name_of(progress->plan.struck), progress->kind, status);
	progress->plan.armed = 0;
	progress->given_up++;
	progress->nth++;
	return false;
}

static void try_all(const struct person_case *this, bool connected)
{
	int64_t start_ms = sp_now_ms();
	pid_t child;

	*progress = (struct progress){.this = this, .connected = connected, .nth = 1};
	do {
		fflush(NULL);
		child = fork();
		assert_true(child >= 0);
		if (child == 0)
			be_the_child();
	} while (!ends_well(child));
	print_message("  %s: %u calls, %u given up, %d ms\n", this->name, progress->calls,
	    progress->given_up, (int)(sp_now_ms() - start_ms));
	assert_true(progress->calls > 40); /* or the injector is not in the way */
}

/* All cases take two minutes. */
static bool all;

static void no_fault_turns_a_verdict_into_another(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		if (all || cases[i].brief)
			try_all(&cases[i], true);
	}
}

static void no_fault_while_connecting_turns_a_verdict_into_another(void **state)
{
	(void)state;
	for (size_t i = 0; i < (all ? COUNT(cases) : 1); i++)
		try_all(&cases[i], false);
}

/* ---- the directory ---- */

static void hash(const char *text, char hash_r[SP_PHC_TEXT_MAX])
{
	const struct sp_argon2_cost cost = {.memory_kib = MEMORY_KIB, .passes = 1, .lanes = 1};
	struct sp_secret secret = {0};

	assert_true(sp_secret_set(&secret, text, strlen(text)));
	assert_true(sp_argon2_hash(slot, &cost, &secret, hash_r));
}

static void add_credential(
    FILE *out, const char *id, const char *secret, const char *owner, const char *more)
{
	char text[SP_PHC_TEXT_MAX];

	hash(secret, text);
	fprintf(out,
	    "dn: sendpassId=%s," SLAPD_CONTAINER "\nobjectClass: sendpassCredential\n"
	    "sendpassId: %s\nowner: %s\nsendpassHash: %s\n%s\n",
	    id, id, owner, text, more);
}

static void add_credentials(FILE *out)
{
	char secret[SP_SECRET_MAX];

	for (size_t i = 0; i < COUNT(cases); i++) {
		if (cases[i].owner == NULL)
			continue;
		snprintf(secret, sizeof(secret), "%s%s", cases[i].id, symbols);
		add_credential(out, cases[i].id, secret, cases[i].owner, cases[i].more);
	}
	add_credential(
	    out, "import01", "another", "uid=carol," SLAPD_PEOPLE, "sendpassImported: TRUE\n");
	add_credential(
	    out, "import02", IMPORTED, "uid=carol," SLAPD_PEOPLE, "sendpassImported: TRUE\n");
	add_credential(out, "import03", IMPORTED, "uid=dave," SLAPD_PEOPLE,
	    "sendpassImported: TRUE\n" REVOKED);
}

static void add_people(FILE *out)
{
	static const char *const names[] = {"carol", "dave", "erin"};

	for (size_t i = 0; i < COUNT(names); i++)
		fprintf(out,
		    "dn: uid=%s," SLAPD_PEOPLE "\nobjectClass: inetOrgPerson\n%suid: %s\ncn: x\n"
		    "sn: x\nuserPassword: " MAILBOX "\n%s\n",
		    names[i], i == 2 ? "objectClass: extensibleObject\n" : "", names[i],
		    i == 2 ? "" : "mail: shared@example.org\n");
}

static int start_server(void **state)
{
	char *entries;
	size_t size;
	FILE *out = open_memstream(&entries, &size);

	(void)state;
	slot = sp_argon2_slot_new(MEMORY_KIB);
	progress = mmap(
	    NULL, sizeof(*progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (out == NULL || slot == NULL || progress == MAP_FAILED)
		return -1;
	faults = &progress->plan;
	add_people(out);
	add_credentials(out);
	if (fclose(out) != 0)
		return -1;
	slapd_prepare(&slapd);
	slapd_fill(&slapd, &(struct slapd_wish){.entries = entries});
	free(entries);
	slapd_start(&slapd);
	return 0;
}

static int stop_server(void **state)
{
	(void)state;
	sp_argon2_slot_free(&slot);
	slapd_remove(&slapd);
	return 0;
}

/* `attempt_test all` tries all cases. */
int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_fault_turns_a_verdict_into_another),
	    cmocka_unit_test(no_fault_while_connecting_turns_a_verdict_into_another),
	};

	if (!slapd_exists()) {
		puts("skipped: there is no slapd");
		return 77;
	}
	all = argc == 2 && strcmp(argv[1], "all") == 0;
	sp_ldap_isolate();
	live_collect_log();
	return cmocka_run_group_tests(tests, start_server, stop_server);
}
