/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/alert_environment.h"

#include <ctype.h>
#include <inttypes.h>

#include "lib/base/log_reader.h"
#include "lib/base/text.h"

static void end_string(struct sp_text *strings)
{
	sp_text_add_n(strings, "", 1);
}

static void add_pair(struct sp_text *strings, struct sp_log_pair *pair)
{
	if (!sp_text_is_printable_utf8(pair->value, pair->length)) {
		for (size_t i = 0; i < pair->length; i++) {
			if (pair->value[i] < ' ' || pair->value[i] > '~')
				pair->value[i] = '?';
		}
	}
	sp_text_add(strings, "SENDPASS_");
	for (const char *key = pair->key; *key != '\0'; key++)
		sp_text_addf(strings, "%c", toupper((unsigned char)*key));
	sp_text_add(strings, "=");
	sp_text_add_n(strings, pair->value, pair->length);
	end_string(strings);
}

size_t sp_alert_environment(
    const char *line, uint64_t held_back, char strings_r[SP_ALERT_ENVIRONMENT_MAX])
{
	const char *at = line;
	struct sp_log_pair pair;
	struct sp_text strings;

	sp_text_init(&strings, strings_r, SP_ALERT_ENVIRONMENT_MAX);
	sp_text_add(&strings, "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
	end_string(&strings);
	sp_text_addf(&strings, "SENDPASS_HELD_BACK=%" PRIu64, held_back);
	end_string(&strings);
	sp_text_addf(&strings, "SENDPASS_LINE=%s", line);
	end_string(&strings);
	while (*at != '\0' && sp_log_read_pair(&at, &pair))
		add_pair(&strings, &pair);
	return strings.length;
}
