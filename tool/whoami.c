/* SPDX-License-Identifier: BSD-2-Clause */
/* whoami.c - `sendpass whoami`: who is bound where, and how much that shows */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool/arguments.h"
#include "tool/message.h"
#include "tool/output.h"
#include "tool/session.h"

/* An authorization identity that is a DN (RFC 4513, section 5.2.1.8). */
#define DN_PREFIX "dn:"

/* NULL: everybody's. */
static enum sp_exit count(struct sp_session *session, const char *owner, size_t *count_r)
{
	struct sp_credential_list list = {0};
	char why[SP_CONF_WHY_MAX];
	enum sp_exit status =
	    sp_session_judge(sp_admin_list(session->admin, owner, &list, why), why);

	*count_r = list.count;
	sp_credential_list_free(&list);
	return status;
}

static enum sp_exit print(
    const struct sp_run *run, const char *identity, const char *server, size_t seen, size_t owned)
{
	if (run->json)
		return sp_json_whoami(identity, server, seen, owned);
	printf("identity: ");
	sp_escape(stdout, identity[0] != '\0' ? identity : "anonymous");
	printf("\nserver: ");
	sp_escape(stdout, server);
	printf("\nsees: %zu app password%s\nowns: %zu\n", seen, seen == 1 ? "" : "s", owned);
	return SP_EXIT_OK;
}

static enum sp_exit whoami(const struct sp_run *run, struct sp_session *session)
{
	char *identity = NULL, *server = NULL;
	size_t seen = 0, owned = 0;
	char why[SP_CONF_WHY_MAX];
	enum sp_exit status =
	    sp_session_judge(sp_admin_whoami(session->admin, &identity, &server, why), why);

	if (status == SP_EXIT_OK)
		status = count(session, NULL, &seen);
	if (status == SP_EXIT_OK && strncmp(identity, DN_PREFIX, strlen(DN_PREFIX)) == 0)
		status = count(session, identity + strlen(DN_PREFIX), &owned);
	if (status == SP_EXIT_OK)
		status = print(run, identity, server, seen, owned);
	free(identity);
	free(server);
	return status;
}

enum sp_exit sp_verb_whoami(struct sp_run *run)
{
	static const struct option options[] = {SP_OPTIONS_OF_EVERY_VERB};
	struct sp_session session;
	enum sp_exit status = SP_EXIT_FAILED;

	if (sp_next_option(run, options, &status) != SP_OPTIONS_END)
		return status;
	if (sp_operands(run, 0, 0) == NULL)
		return SP_EXIT_USAGE;
	status = sp_session_open(run, &session);
	if (status == SP_EXIT_OK)
		status = whoami(run, &session);
	sp_session_close(&session);
	return status;
}
