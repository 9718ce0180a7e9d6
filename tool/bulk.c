/* SPDX-License-Identifier: BSD-2-Clause */
#include "tool/bulk.h"

#include <stdio.h>

#include "tool/confirm.h"
#include "tool/credential_table.h"
#include "tool/held_signals.h"
#include "tool/message.h"
#include "tool/output.h"

static enum sp_exit ask(const struct sp_credential_list *list, const struct sp_bulk *bulk)
{
	enum sp_exit status = sp_credentials_for_people(stderr, list, bulk->now);

	if (status != SP_EXIT_OK)
		return status;
	return sp_confirm(
	    "%s %zu app password%s?", bulk->verb, list->count, list->count == 1 ? "" : "s");
}

static enum sp_exit act_on(const struct sp_run *run, struct sp_session *session,
    struct sp_credential *credential, const struct sp_bulk *bulk)
{
	sigset_t before;

	sp_hold_signals(&before);
	enum sp_exit status = bulk->act(run, session, credential, bulk->context);
	if (status != SP_EXIT_OK)
		sp_say("sendpass: app password %s of %s %s",
		    credential->id != NULL ? credential->id : credential->dn,
		    credential->owner != NULL ? credential->owner : "nobody",
		    status != SP_EXIT_UNAVAILABLE ? bulk->undone : "is where it stopped");
	/* Whoever is interrupted now has been told of what was done. */
	fflush(stdout);
	sp_release_signals(&before);
	return status;
}

static bool may_go_on(enum sp_exit last, const struct sp_bulk *bulk)
{
	return last != SP_EXIT_UNAVAILABLE && !(bulk->own_output && ferror(stdout));
}

static enum sp_exit act_on_all(const struct sp_run *run, struct sp_session *session,
    struct sp_credential_list *list, const struct sp_bulk *bulk)
{
	enum sp_exit first = SP_EXIT_OK, status = SP_EXIT_OK;
	size_t done = 0, i = 0, count = list->count;

	for (; i < count && may_go_on(status, bulk); i++) {
		struct sp_credential *credential = list->items[i];
		status = act_on(run, session, credential, bulk);
		if (status == SP_EXIT_OK) {
			list->items[done++] = credential;
			continue;
		}
		sp_credential_free(&credential);
		if (first == SP_EXIT_OK)
			first = status;
	}
	if (i < count)
		sp_say("sendpass: %zu more were not tried", count - i);
	for (; i < count; i++)
		sp_credential_free(&list->items[i]);
	list->count = done;
	return first;
}

enum sp_exit sp_bulk(const struct sp_run *run, struct sp_session *session,
    struct sp_credential_list *list, const struct sp_bulk *bulk)
{
	enum sp_exit status = SP_EXIT_OK;

	if (list->count == 0)
		sp_say("There is none.");
	else if (!bulk->yes)
		status = ask(list, bulk);
	if (status != SP_EXIT_OK)
		return status;
	status = act_on_all(run, session, list, bulk);
	if (run->json && !bulk->own_output) {
		enum sp_exit printed = sp_json_credentials(list, bulk->now);
		status = status != SP_EXIT_OK ? status : printed;
	}
	return status;
}
