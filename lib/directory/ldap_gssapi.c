/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/directory/ldap_gssapi.h"

#include <sasl/sasl.h>
#include <stdio.h>
#include <string.h>

/* The ticket says who it is: the name to act as is left empty, nothing else is asked. */
static int answer_nothing(LDAP *ld, unsigned flags, void *defaults, void *questions)
{
	(void)ld, (void)flags, (void)defaults;
	for (sasl_interact_t *question = questions; question->id != SASL_CB_LIST_END; question++) {
		question->result = "";
		question->len = 0;
	}
	return LDAP_SUCCESS;
}

/* Active Directory takes no layer beside TLS. The name that TLS has checked is that of
 * the URI, so it is not asked of the DNS what else the server may be called. */
static bool set_options(LDAP *ld)
{
	return ldap_set_option(ld, LDAP_OPT_X_SASL_SECPROPS, "noanonymous,maxssf=0") ==
		   LDAP_OPT_SUCCESS &&
	       ldap_set_option(ld, LDAP_OPT_X_SASL_NOCANON, LDAP_OPT_ON) == LDAP_OPT_SUCCESS;
}

static void advise(struct sp_ldap_failure *failure)
{
	static const struct {
		int code;
		const char *advice;
	} advices[] = {
	    {LDAP_LOCAL_ERROR, "see klist for the ticket; kinit gets one"},
	    {LDAP_AUTH_UNKNOWN,
		"this host lacks libsasl2's mechanism GSSAPI: install libsasl2-modules-gssapi-mit"},
	    {LDAP_AUTH_METHOD_NOT_SUPPORTED,
		"the server does not offer GSSAPI, which takes the mechanism and a keytab there"},
	    {LDAP_OTHER, "this the server says of itself: see to its keytab"},
	};
	size_t length = strlen(failure->text);

	for (size_t i = 0; i < sizeof(advices) / sizeof(advices[0]); i++) {
		if (advices[i].code == failure->code)
			snprintf(failure->text + length, sizeof(failure->text) - length, "; %s",
			    advices[i].advice);
	}
}

/* The next message of ours; *msgid_r is set with LDAP_SASL_BIND_IN_PROGRESS alone. */
static int take_step(LDAP *ld, LDAPMessage *answer, const char **mechanism, int *msgid_r)
{
	return ldap_sasl_interactive_bind(ld, NULL, "GSSAPI", NULL, NULL, LDAP_SASL_QUIET,
	    answer_nothing, NULL, answer, mechanism, msgid_r);
}

static enum sp_directory_status converse(
    struct sp_ldap_connection *connection, int64_t deadline_ms, struct sp_ldap_failure *failure_r)
{
	const char *mechanism = NULL; /* libldap keeps its place in it */
	LDAPMessage *answer = NULL;
	int msgid = -1;

	for (;;) {
		connection->deadline.at_ms = deadline_ms;
		int code = take_step(connection->ld, answer, &mechanism, &msgid);
		ldap_msgfree(answer);
		if (code != LDAP_SASL_BIND_IN_PROGRESS)
			return sp_ldap_judge(connection->ld, "bind", code, failure_r);
		enum sp_directory_status status =
		    sp_ldap_wait(connection, "bind", msgid, deadline_ms, &answer, failure_r);
		if (answer == NULL)
			return status;
		/* success goes to libldap too, which knows whether GSSAPI is through */
		if (failure_r->code != LDAP_SUCCESS &&
		    failure_r->code != LDAP_SASL_BIND_IN_PROGRESS) {
			ldap_msgfree(answer);
			return status;
		}
	}
}

enum sp_directory_status sp_ldap_bind_gssapi(
    struct sp_ldap_connection *connection, int64_t deadline_ms, struct sp_ldap_failure *failure_r)
{
	if (!set_options(connection->ld))
		return sp_ldap_judge(NULL, "bind", LDAP_PARAM_ERROR, failure_r);
	enum sp_directory_status status = converse(connection, deadline_ms, failure_r);
	advise(failure_r);
	return status;
}

char *sp_ldap_gssapi_principal(const struct sp_ldap_connection *connection)
{
	char *principal = NULL;

	ldap_get_option(connection->ld, LDAP_OPT_X_SASL_USERNAME, &principal);
	return principal;
}
