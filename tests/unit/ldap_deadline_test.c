/* SPDX-License-Identifier: BSD-2-Clause */
/* ldap_deadline_test.c - what goes over the socket, and when: the server is the test itself */
#include <errno.h>
#include <ldap.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/base/clock.h"
#include "lib/directory/ldap_connection.h"
#include "lib/directory/ldap_deadline.h"

#define DEADLINE_MS 10000
#define LONGER      (SP_LDAP_HELD_MAX + 100)

static struct sp_ldap_deadline deadline;
static LDAP *ld;
static int server = -1;

static int listen_at(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 1), 0);
	return fd;
}

static int connect_both(void **state)
{
	char directory[] = "/tmp/sp-deadline-XXXXXX", path[64], uri[96];

	(void)state;
	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/s", directory);
	snprintf(uri, sizeof(uri), "ldapi://%%2Ftmp%%2F%s%%2Fs", directory + strlen("/tmp/"));
	int listener = listen_at(path);
	deadline = (struct sp_ldap_deadline){.at_ms = sp_now_ms() + DEADLINE_MS};
	assert_int_equal(ldap_initialize(&ld, uri), LDAP_SUCCESS);
	assert_int_equal(ldap_set_option(ld, LDAP_OPT_PROTOCOL_VERSION, &(int){LDAP_VERSION3}),
	    LDAP_OPT_SUCCESS);
	assert_true(sp_ldap_deadline_attach(&deadline, ld));
	assert_int_equal(ldap_connect(ld), LDAP_SUCCESS);
	server = accept(listener, NULL, NULL);
	assert_true(server >= 0);
	close(listener);
	unlink(path);
	rmdir(directory);
	return 0;
}

static int disconnect_both(void **state)
{
	(void)state;
	ldap_unbind_ext_s(ld, NULL, NULL);
	close(server);
	return 0;
}

static int ask(const char *value)
{
	char filter[LONGER + 16];
	int msgid = -1;

	snprintf(filter, sizeof(filter), "(cn=%s)", value);
	assert_int_equal(ldap_search_ext(ld, "", LDAP_SCOPE_BASE, filter, NULL, 0, NULL, NULL, NULL,
			     LDAP_NO_LIMIT, &msgid),
	    LDAP_SUCCESS);
	return msgid;
}

/* What has come to the server by now, up to one read. */
static size_t come(char *bytes, size_t size)
{
	ssize_t count = recv(server, bytes, size, MSG_DONTWAIT);

	assert_true(count >= 0 || errno == EAGAIN);
	return count > 0 ? (size_t)count : 0;
}

static size_t place_of(const char *text, const char *bytes, size_t count)
{
	const char *at = memmem(bytes, count, text, strlen(text));

	if (at == NULL)
		fail_msg("%s has not come", text);
	return (size_t)(at - bytes);
}

static void what_is_held_goes_out_with_what_follows(void **state)
{
	char bytes[1024];

	(void)state;
	deadline.hold = true;
	ask("one");
	assert_int_equal(come(bytes, sizeof(bytes)), 0);
	deadline.hold = false;
	ask("two");
	size_t count = come(bytes, sizeof(bytes));
	assert_true(place_of("one", bytes, count) < place_of("two", bytes, count));
	ask("three");
	count = come(bytes, sizeof(bytes));
	place_of("three", bytes, count);
	assert_null(memmem(bytes, count, "two", 3));
}

static void what_is_too_long_to_be_held_keeps_its_place(void **state)
{
	char bytes[2 * LONGER], value[LONGER + 1];

	(void)state;
	memset(value, 'x', LONGER);
	value[LONGER] = '\0';
	deadline.hold = true;
	ask("one");
	ask(value);
	ssize_t there = recv(server, bytes, sizeof(bytes), MSG_DONTWAIT | MSG_PEEK);
	assert_true(there > 0);
	size_t count = come(bytes, strlen("one") + place_of("one", bytes, (size_t)there));
	assert_null(memmem(bytes, count, "xx", 2));
	deadline.hold = false;
	ask("two");
	count = 0;
	for (size_t more; (more = come(bytes + count, sizeof(bytes) - count)) > 0;)
		count += more;
	assert_true(place_of(value, bytes, count) < place_of("two", bytes, count));
}

/* An entry with one value, and the end of its search. */
static void answer(int msgid, const char *value)
{
	BerElement *ber = ber_alloc_t(LBER_USE_DER);
	struct berval flat;

	assert_non_null(ber);
	assert_true(ber_printf(ber, "{it{s{{s[s]}}}}", msgid, LDAP_RES_SEARCH_ENTRY, "cn=x", "cn",
			value) > 0);
	assert_true(ber_printf(ber, "{it{ess}}", msgid, LDAP_RES_SEARCH_RESULT, 0, "", "") > 0);
	assert_int_equal(ber_flatten2(ber, &flat, 0), 0);
	assert_int_equal(send(server, flat.bv_val, flat.bv_len, 0), (ssize_t)flat.bv_len);
	ber_free(ber, 1);
}

static void take(int msgid, int seconds, const char *value)
{
	struct timeval wait = {.tv_sec = seconds};
	LDAPMessage *result = NULL;

	assert_int_equal(
	    ldap_result(ld, msgid, LDAP_MSG_ALL, &wait, &result), LDAP_RES_SEARCH_RESULT);
	struct berval **values = ldap_get_values_len(ld, ldap_first_entry(ld, result), "cn");
	assert_non_null(values);
	assert_string_equal(values[0]->bv_val, value);
	ldap_value_free_len(values);
	ldap_msgfree(result);
}

/* poll(2) would tell of nothing any more. */
static void what_was_read_ahead_is_taken_without_waiting(void **state)
{
	int one, two;

	(void)state;
	one = ask("one");
	two = ask("two");
	answer(one, "first");
	answer(two, "second");
	take(one, 5, "first");
	take(two, 0, "second");
}

/* A server may answer the second request first, and both answers come in one read. */
static void an_answer_that_came_with_anothers_is_taken_without_waiting(void **state)
{
	struct sp_ldap_connection connection = {.ld = ld};
	int asked[2];

	(void)state;
	asked[0] = ask("one");
	asked[1] = ask("two");
	answer(asked[1], "second");
	answer(asked[0], "first");
	int64_t before_ms = sp_now_ms();
	for (size_t i = 0; i < 2; i++) {
		struct sp_ldap_failure failure;
		LDAPMessage *result;
		assert_int_equal(sp_ldap_wait(&connection, "search", asked[i],
				     sp_now_ms() + DEADLINE_MS, &result, &failure),
		    SP_DIRECTORY_OK);
		assert_int_equal(ldap_msgid(result), asked[i]);
		ldap_msgfree(result);
	}
	assert_true(sp_now_ms() - before_ms < DEADLINE_MS / 2);
}

static void answers_may_be_longer_than_what_is_read_at_once(void **state)
{
	static char value[3 * SP_LDAP_READ_MAX];
	int one, two;

	(void)state;
	memset(value, 'v', sizeof(value) - 1);
	one = ask("one");
	two = ask("two");
	answer(one, value);
	answer(two, "last");
	take(one, 5, value);
	take(two, 0, "last");
}

static void assert_wiped(const char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		assert_int_equal(bytes[i], 0);
}

static void nothing_stays_of_what_was_sent_or_read(void **state)
{
	int one, two;

	(void)state;
	deadline.hold = true;
	one = ask("secret");
	deadline.hold = false;
	two = ask("secret");
	answer(one, "a hash");
	take(one, 5, "a hash");
	assert_wiped(deadline.read, sizeof(deadline.read));
	assert_wiped(deadline.to_send, sizeof(deadline.to_send));
	/* and of what nobody has asked for */
	answer(two, "another");
	answer(two, "a third");
	take(two, 5, "another");
	sp_ldap_deadline_wipe(&deadline);
	assert_wiped(deadline.read, sizeof(deadline.read));
}

static void a_server_that_is_gone_fails_what_was_held(void **state)
{
	int msgid;

	(void)state;
	deadline.hold = true;
	ask("one");
	deadline.hold = false;
	shutdown(server, SHUT_RDWR);
	assert_int_equal(ldap_search_ext(ld, "", LDAP_SCOPE_BASE, "(cn=two)", NULL, 0, NULL, NULL,
			     NULL, LDAP_NO_LIMIT, &msgid),
	    LDAP_SERVER_DOWN);
	assert_wiped(deadline.to_send, sizeof(deadline.to_send));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, connect_both, disconnect_both)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(what_is_held_goes_out_with_what_follows),
	    TEST(what_is_too_long_to_be_held_keeps_its_place),
	    TEST(what_was_read_ahead_is_taken_without_waiting),
	    TEST(an_answer_that_came_with_anothers_is_taken_without_waiting),
	    TEST(answers_may_be_longer_than_what_is_read_at_once),
	    TEST(nothing_stays_of_what_was_sent_or_read),
	    TEST(a_server_that_is_gone_fails_what_was_held),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
