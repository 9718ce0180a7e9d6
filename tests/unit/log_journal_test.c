/* SPDX-License-Identifier: BSD-2-Clause */
/* What strangers and directories hold comes out of the line, and of the journal's
 * fields, as it went in. */
#include <endian.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/attempt_log.h"
#include "lib/base/log_reader.h"
#include "lib/base/password_shape.h"
#include "lib/process/log_journal.h"

#define ROUNDS     3000
#define FIELDS_MAX 32

struct field {
	char name[64];
	size_t length;
	const char *value; /* in the datagram */
};

static char directory[] = "/tmp/sendpass-journal-XXXXXX";
static struct sockaddr_un address = {.sun_family = AF_UNIX};
static int reader = -1, sender = -1;

static char written[SP_LOG_LINE_MAX + 1];
static enum sp_log_level written_level;
static char datagram[SP_JOURNAL_ENTRY_MAX];
static struct field fields[FIELDS_MAX];
static size_t field_count;

static int set_up(void **state)
{
	(void)state;
	if (mkdtemp(directory) == NULL)
		return -1;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/socket", directory);
	reader = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	sender = sp_journal_open();
	return sender < 0 || bind(reader, (struct sockaddr *)&address, sizeof(address)) != 0;
}

static int tear_down(void **state)
{
	(void)state;
	close(sender);
	unlink(address.sun_path);
	return rmdir(directory);
}

static void take_line(enum sp_log_level level, const char *line, void *context)
{
	(void)context;
	written_level = level;
	snprintf(written, sizeof(written), "%s", line);
}

/* ---- a journal, by systemd's description of its protocol ---- */

static const char *read_field(const char *at, const char *end, struct field *field)
{
	size_t name = strcspn(at, "=\n");

	assert_true(at + name < end && name > 0 && name < sizeof(field->name));
	memcpy(field->name, at, name);
	field->name[name] = '\0';
	assert_int_equal(strspn(field->name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"), name);
	assert_true(field->name[0] != '_');
	at += name;
	if (*at++ == '=') {
		const char *lf = memchr(at, '\n', (size_t)(end - at));
		assert_non_null(lf);
		field->length = (size_t)(lf - at);
	} else {
		uint64_t size;
		assert_true(end - at > 8);
		memcpy(&size, at, 8);
		at += 8;
		field->length = le64toh(size);
		assert_true(field->length < (size_t)(end - at));
		assert_int_equal(at[field->length], '\n');
	}
	field->value = at;
	return at + field->length + 1;
}

static void receive(void)
{
	ssize_t length = recv(reader, datagram, sizeof(datagram), 0);
	const char *at = datagram;

	assert_true(length > 0);
	for (field_count = 0; at < datagram + length; field_count++) {
		assert_true(field_count < FIELDS_MAX);
		at = read_field(at, datagram + length, &fields[field_count]);
	}
	assert_int_equal(recv(reader, datagram, 0, 0), -1);
	assert_int_equal(errno, EAGAIN);
}

static void assert_field(const char *name, const char *value, size_t length)
{
	size_t found = 0;

	for (size_t i = 0; i < field_count; i++) {
		if (strcmp(fields[i].name, name) != 0)
			continue;
		found++;
		assert_int_equal(fields[i].length, length);
		assert_memory_equal(fields[i].value, value, length);
	}
	if (found != 1)
		fail_msg("%s is there %zu times", name, found);
}

static void assert_text(const char *name, const char *value)
{
	assert_field(name, value, strlen(value));
}

static void send_written(int facility)
{
	char entry[SP_JOURNAL_ENTRY_MAX];
	size_t length = sp_journal_entry("sendpassd", facility, written_level, written, entry);

	assert_true(sp_journal_send(sender, address.sun_path, entry, length));
	receive();
}

/* ---- tests ---- */

static void fill(char *text_r, size_t size, bool plain)
{
	static const char alphabet[] = "\n\r\t \"\\=x0aevent\x7f\x80\xc3\xa4\xff.:[]SENDPASS_";
	size_t length = 1 + (size_t)rand() % (size - 1);

	for (size_t i = 0; i < length; i++) {
		if (plain)
			text_r[i] = (char)(1 + rand() % 255);
		else
			text_r[i] = alphabet[(size_t)rand() % (sizeof(alphabet) - 1)];
	}
	text_r[length] = '\0';
}

static void assert_pair(const char *key, const char *value)
{
	const char *at = sp_log_find_event(written, "sendpassd");
	struct sp_log_pair pair;

	assert_non_null(at);
	while (sp_log_read_pair(&at, &pair)) {
		if (strcmp(pair.key, key) != 0)
			continue;
		assert_int_equal(pair.length, strlen(value));
		assert_memory_equal(pair.value, value, pair.length);
		return;
	}
	fail_msg("no %s in %s", key, written);
}

/* Of the line and of the entry. */
static void assert_both(const char *key, const char *name, const char *value)
{
	assert_pair(key, value);
	assert_text(name, value);
}

static void whatever_comes_in_is_one_line_and_one_entry_with_the_same_values(void **state)
{
	char label[SP_LOG_TEXT_MAX + 1], owner[SP_LOG_TEXT_MAX + 1], detail[SP_LOG_TEXT_MAX + 1];
	char login[SP_LOG_TEXT_MAX + 1];

	(void)state;
	srand(3);
	sp_log_set_sink(take_line, NULL, SP_LOG_DEBUG);
	for (int round = 0; round < ROUNDS; round++) {
		bool plain = round % 2 == 0;
		fill(label, sizeof(label), plain);
		fill(owner, sizeof(owner), plain);
		fill(detail, sizeof(detail), plain);
		fill(login, sizeof(login), plain);
		const struct sp_credential credential = {.owner = owner, .label = label};
		struct sp_attempt_request request = {.address = "192.0.2.7", .port = 7};
		memcpy(request.login, login, strlen(login) + 1);
		sp_attempt_log(NULL, &(struct sp_attempt_record){.reason = SP_REASON_OK,
					 .detail = detail,
					 .door = SP_LOGIN_DOOR_AUTH,
					 .request = &request,
					 .id = "k7qf2m9x",
					 .credential = &credential});
		assert_null(strpbrk(written, "\n\r"));
		send_written(LOG_AUTH);
		assert_text("MESSAGE", written);
		assert_both("event", "SENDPASS_EVENT", "auth");
		assert_both("ip", "SENDPASS_IP", "192.0.2.7");
		assert_both("detail", "SENDPASS_DETAIL", detail);
		assert_both("owner", "SENDPASS_OWNER", owner);
		assert_both("label", "SENDPASS_LABEL", label);
		if (!sp_resembles_app_password(login))
			assert_both("login", "SENDPASS_LOGIN", login);
		assert_int_equal(field_count, 4 + 12);
	}
}

static void an_entry_says_who_wrote_it_and_how_grave_it_is(void **state)
{
	(void)state;
	sp_log_set_sink(take_line, NULL, SP_LOG_DEBUG);
	sp_log_message(SP_LOG_ERROR, "start_failed", "a=b");
	send_written(LOG_AUTHPRIV);
	assert_text("SYSLOG_IDENTIFIER", "sendpassd");
	assert_text("SYSLOG_FACILITY", "10");
	assert_text("PRIORITY", "3");
	assert_text("MESSAGE", "event=start_failed message=\"a=b\"");
	assert_text("SENDPASS_MESSAGE", "a=b");
	sp_log_message(SP_LOG_INFO, "ready", "x");
	send_written(LOG_AUTH);
	assert_text("SYSLOG_FACILITY", "4");
	assert_text("PRIORITY", "6");
}

static void a_line_of_any_length_is_an_entry_with_all_of_it(void **state)
{
	char value[SP_LOG_TEXT_MAX];
	struct sp_log_line line;

	(void)state;
	sp_log_set_sink(take_line, NULL, SP_LOG_DEBUG);
	memset(value, 'v', sizeof(value));
	for (size_t length = 1; length <= sizeof(value); length += 5) {
		sp_log_begin(&line, SP_LOG_INFO, "try");
		for (int i = 0; i < 26; i++)
			sp_log_text_n(&line, (char[]){(char)('a' + i), '\0'}, value, length);
		sp_log_end(&line);
		send_written(LOG_AUTH);
		assert_text("MESSAGE", written);
		assert_field("SENDPASS_A", value, length);
	}
}

static void an_entry_that_nobody_takes_is_known_to_be_lost(void **state)
{
	(void)state;
	assert_false(sp_journal_send(sender, "/tmp/no/such/socket", "A=b\n", 4));
	close(reader);
	assert_false(sp_journal_send(sender, address.sun_path, "A=b\n", 4));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(whatever_comes_in_is_one_line_and_one_entry_with_the_same_values),
	    cmocka_unit_test(an_entry_says_who_wrote_it_and_how_grave_it_is),
	    cmocka_unit_test(a_line_of_any_length_is_an_entry_with_all_of_it),
	    cmocka_unit_test(an_entry_that_nobody_takes_is_known_to_be_lost),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
