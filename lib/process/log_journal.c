/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/process/log_journal.h"

#include <ctype.h>
#include <endian.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>

#include "lib/base/log_reader.h"

#define PREFIX "SENDPASS_"

struct entry {
	char *bytes;
	size_t length;
};

static void add(struct entry *entry, const void *bytes, size_t length)
{
	memcpy(entry->bytes + entry->length, bytes, length);
	entry->length += length;
}

/* NAME=value LF, or where the value has a LF: NAME LF, its length as 64 bits in
 * little endian, value, LF. */
static void add_field(struct entry *entry, const char *name, const char *value, size_t length)
{
	size_t name_length = strlen(name);
	uint64_t size = htole64(length);

	if (entry->length + name_length + sizeof(size) + length + 2 > SP_JOURNAL_ENTRY_MAX)
		return;
	add(entry, name, name_length);
	if (memchr(value, '\n', length) == NULL) {
		add(entry, "=", 1);
	} else {
		add(entry, "\n", 1);
		add(entry, &size, sizeof(size));
	}
	add(entry, value, length);
	add(entry, "\n", 1);
}

static void add_text(struct entry *entry, const char *name, const char *value)
{
	add_field(entry, name, value, strlen(value));
}

static void add_number(struct entry *entry, const char *name, int value)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", value);
	add_text(entry, name, text);
}

static void add_pair(struct entry *entry, const struct sp_log_pair *pair)
{
	char name[sizeof(PREFIX) + SP_LOG_KEY_MAX];
	size_t length = strlen(pair->key);

	memcpy(name, PREFIX, sizeof(PREFIX) - 1);
	for (size_t i = 0; i <= length; i++)
		name[sizeof(PREFIX) - 1 + i] = (char)toupper((unsigned char)pair->key[i]);
	add_field(entry, name, pair->value, pair->length);
}

size_t sp_journal_entry(const char *program, int facility, enum sp_log_level level,
    const char *line, char entry_r[SP_JOURNAL_ENTRY_MAX])
{
	struct entry entry = {.bytes = entry_r};
	struct sp_log_pair pair;

	add_text(&entry, "MESSAGE", line);
	add_number(&entry, "PRIORITY", sp_log_priority(level));
	add_text(&entry, "SYSLOG_IDENTIFIER", program);
	add_number(&entry, "SYSLOG_FACILITY", LOG_FAC(facility));
	while (sp_log_read_pair(&line, &pair))
		add_pair(&entry, &pair);
	return entry.length;
}

int sp_journal_open(void)
{
	return socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

bool sp_journal_send(int fd, const char *path, const char *entry, size_t length)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	return sendto(fd, entry, length, MSG_NOSIGNAL, (struct sockaddr *)&address,
		   sizeof(address)) == (ssize_t)length;
}
