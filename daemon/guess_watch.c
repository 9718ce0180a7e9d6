/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/guess_watch.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/password/keyed_digest.h"
#include "lib/policy/distinct.h"

struct sp_guess_watch {
	struct sp_digest_key key;
	struct sp_distinct *secrets; /* of each id */
	struct sp_distinct *ids;     /* of each client address */
};

struct sp_guess_watch *sp_guess_watch_new(void)
{
	struct sp_guess_watch *watch = calloc(1, sizeof(*watch));

	if (watch == NULL)
		return NULL;
	watch->secrets = sp_distinct_new();
	watch->ids = sp_distinct_new();
	if (watch->secrets == NULL || watch->ids == NULL || !sp_digest_key_make(&watch->key))
		sp_guess_watch_free(&watch);
	return watch;
}

void sp_guess_watch_free(struct sp_guess_watch **watch)
{
	if (watch == NULL || *watch == NULL)
		return;
	sp_distinct_free(&(*watch)->secrets);
	sp_distinct_free(&(*watch)->ids);
	free(*watch);
	*watch = NULL;
}

uint64_t sp_guess_watch_digest(const struct sp_guess_watch *watch, const struct sp_secret *secret)
{
	return sp_keyed_digest(&watch->key, secret->bytes, secret->length);
}

static void log_many_secrets(const struct sp_attempt_record *record)
{
	const char *address = record->request->address;
	struct sp_log_line line;

	sp_log_begin(&line, SP_LOG_WARNING, "many_wrong_secrets");
	sp_log_text(&line, "ip", address[0] != '\0' ? address : NULL);
	sp_log_number(&line, "secrets", SP_DISTINCT_MANY);
	sp_log_text(&line, "id", record->id);
	sp_log_text(&line, "owner", record->credential->owner);
	sp_log_text(&line, "label", record->credential->label);
	sp_log_end(&line);
}

static void log_many_ids(const struct sp_attempt_record *record)
{
	struct sp_log_line line;

	sp_log_begin(&line, SP_LOG_WARNING, "many_wrong_ids");
	sp_log_text(&line, "ip", record->request->address);
	sp_log_number(&line, "ids", SP_DISTINCT_MANY);
	sp_log_end(&line);
}

static bool is_wrong(enum sp_reason reason)
{
	return reason == SP_REASON_NO_CREDENTIAL || reason == SP_REASON_WRONG_OWNER ||
	       reason == SP_REASON_BAD_SECRET;
}

void sp_guess_watch_tell(struct sp_guess_watch *watch, const struct sp_attempt_record *record,
    const struct sp_throttle_subject *subject, uint64_t secret)
{
	if (record->id[0] == '\0' || !is_wrong(record->reason))
		return;
	int64_t now_ms = sp_now_ms();
	uint64_t id = sp_keyed_digest(&watch->key, record->id, strlen(record->id));
	/* Only here did the id have a secret that it was held against. */
	if (record->reason == SP_REASON_BAD_SECRET && record->credential != NULL &&
	    sp_distinct_add(watch->secrets, id, secret, now_ms))
		log_many_secrets(record);
	if (subject->counts && sp_distinct_add(watch->ids, subject->address, id, now_ms))
		log_many_ids(record);
}
