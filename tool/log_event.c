/* SPDX-License-Identifier: BSD-2-Clause */
#include "tool/log_event.h"

#include <string.h>

#include "lib/base/text.h"

/* Adds the bytes and a NUL. NULL when there is no room. */
static const char *keep(struct sp_text *room, const char *bytes, size_t length)
{
	const char *kept = room->bytes + room->length;

	for (size_t i = 0; i < length; i++) {
		if (bytes[i] == '\0')
			sp_text_add(room, "\\x00");
		else
			sp_text_add_n(room, &bytes[i], 1);
	}
	sp_text_add_n(room, "", 1);
	return room->overflow ? NULL : kept;
}

bool sp_log_event_read(const char *line, struct sp_log_event *event_r)
{
	struct sp_log_pair read;
	struct sp_text room;

	event_r->count = 0;
	sp_text_init(&room, event_r->text, sizeof(event_r->text));
	while (*line != '\0') {
		const char *begin = line;
		if (event_r->count == SP_EVENT_PAIRS_MAX || !sp_log_read_pair(&line, &read))
			return false;
		struct sp_event_pair *pair = &event_r->pairs[event_r->count++];
		const char *written = begin + strlen(read.key) + 1;
		size_t length = (size_t)(line - written) - (line[-1] == ' ');
		memcpy(pair->key, read.key, sizeof(pair->key));
		pair->value = keep(&room, read.value, read.length);
		pair->written = keep(&room, written, length);
		if (pair->value == NULL || pair->written == NULL)
			return false;
	}
	return event_r->count > 0;
}

const char *sp_log_event_get(const struct sp_log_event *event, const char *key)
{
	for (size_t i = 0; i < event->count; i++) {
		if (strcmp(event->pairs[i].key, key) == 0)
			return event->pairs[i].value;
	}
	return NULL;
}
