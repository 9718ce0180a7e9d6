/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/sender_lookup.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/task.h"
#include "lib/base/sender.h"

struct sp_sender_lookup {
	struct sp_task task;             /* first */
	enum sp_directory_status status; /* the stages', with what was found, while it is there */
	struct sp_sender_logins found;

	/* the event loop's */
	sp_senders_fn *senders;
	void *context;
	char sender[SP_SENDER_PATTERN_MAX + 1]; /* which the stages read */
};

static bool look_up(struct sp_task *task, struct sp_directory *directory)
{
	struct sp_sender_lookup *lookup = (struct sp_sender_lookup *)task;

	lookup->status =
	    sp_sender_logins_find(directory, lookup->sender, time(NULL), &lookup->found);
	return false;
}

static const char *fault_of(const struct sp_sender_lookup *lookup, enum sp_task_end end)
{
	switch (end) {
	case SP_TASK_LATE:
		return "the directory did not answer in time";
	case SP_TASK_CROWDED:
		return "too many requests wait";
	case SP_TASK_DONE:
		break;
	}
	switch (lookup->status) {
	case SP_DIRECTORY_OK:
		return NULL;
	case SP_DIRECTORY_DOWN:
		return "no directory server can be reached";
	case SP_DIRECTORY_TIMEOUT:
		return "the directory did not answer in time";
	case SP_DIRECTORY_ERROR:
		break;
	}
	return "the directory's answer cannot be used";
}

static void conclude(struct sp_task *task, enum sp_task_end end)
{
	struct sp_sender_lookup *lookup = (struct sp_sender_lookup *)task;
	const char *fault = fault_of(lookup, end);

	if (lookup->senders != NULL)
		lookup->senders(lookup->context, fault == NULL ? &lookup->found : NULL, fault);
}

static void free_lookup(struct sp_task *task)
{
	free(task);
}

static const struct sp_task_calls calls = {
    .look_up = look_up, .conclude = conclude, .free = free_lookup};

struct sp_sender_lookup *sp_sender_lookup_begin(
    struct sp_pipeline *pipeline, const char *sender, sp_senders_fn *senders, void *context)
{
	struct sp_sender_lookup *lookup = calloc(1, sizeof(*lookup));

	if (lookup == NULL) {
		senders(context, NULL, "out of memory");
		return NULL;
	}
	lookup->senders = senders;
	lookup->context = context;
	memcpy(lookup->sender, sender, strnlen(sender, SP_SENDER_PATTERN_MAX));
	sp_task_init(&lookup->task, pipeline, &calls, sender);
	sp_task_start(&lookup->task);
	return lookup;
}

void sp_sender_lookup_abandon(struct sp_sender_lookup *lookup)
{
	lookup->senders = NULL;
}
