/* SPDX-License-Identifier: BSD-2-Clause */
#include "tool/session.h"

#include <string.h>

#include "lib/conf/safe_file.h"
#include "tool/message.h"
#include "tool/prompt.h"

#define STANDARD_CONF SP_SYSCONFDIR "/sendpass/sendpass.conf"

const char *sp_session_conf_path(const struct sp_run *run)
{
	return run->conf_path != NULL ? run->conf_path : STANDARD_CONF;
}

enum sp_exit sp_session_read_conf(const struct sp_run *run, struct sp_conf **conf_r)
{
	char why[SP_CONF_WHY_MAX];

	if (sp_conf_read(sp_session_conf_path(run), conf_r, why))
		return SP_EXIT_OK;
	return sp_fail(SP_EXIT_FAILED, "%s", why);
}

enum sp_exit sp_session_judge(enum sp_admin_status status, const char *why)
{
	switch (status) {
	case SP_ADMIN_OK:
		return SP_EXIT_OK;
	case SP_ADMIN_DOWN:
		return sp_fail(SP_EXIT_UNAVAILABLE, "%s", why);
	case SP_ADMIN_FORBIDDEN:
		return sp_fail(SP_EXIT_FORBIDDEN, "%s", why);
	case SP_ADMIN_NOT_FOUND:
	case SP_ADMIN_AMBIGUOUS:
		return sp_fail(SP_EXIT_NO, "%s", why);
	case SP_ADMIN_EXISTS:
	case SP_ADMIN_ERROR:
		break;
	}
	return sp_fail(SP_EXIT_FAILED, "%s", why);
}

/* How [admin] says to bind. */
static enum sp_exit read_identity(
    const struct sp_conf *conf, struct sp_admin_identity *identity_r, struct sp_secret *secret_r)
{
	const char *why;

	identity_r->bind = sp_bind_of(conf->admin_bind);
	if (identity_r->bind != SP_BIND_SIMPLE)
		return SP_EXIT_OK;
	if (conf->admin_bind_dn[0] == '\0')
		return sp_fail(SP_EXIT_FAILED,
		    "[admin] bind_dn is not set: set it, or use --bind-dn, --external or --sasl");
	if (conf->admin_bind_secret_file[0] == '\0')
		return sp_fail(SP_EXIT_FAILED, "[admin] bind_secret_file is not set");
	if (!sp_file_read_secret(conf->admin_bind_secret_file, secret_r, &why))
		return sp_fail(SP_EXIT_FAILED, "[admin] bind_secret_file %s: %s",
		    conf->admin_bind_secret_file, why);
	identity_r->dn = conf->admin_bind_dn;
	return SP_EXIT_OK;
}

static enum sp_exit choose_identity(const struct sp_run *run, const struct sp_conf *conf,
    struct sp_admin_identity *identity_r, struct sp_secret *secret_r)
{
	if (run->external || run->gssapi) {
		identity_r->bind = run->gssapi ? SP_BIND_GSSAPI : SP_BIND_EXTERNAL;
		return SP_EXIT_OK;
	}
	if (run->bind_dn == NULL)
		return read_identity(conf, identity_r, secret_r);
	identity_r->dn = run->bind_dn;
	enum sp_exit status = sp_prompt(run->bind_dn, secret_r);
	/* RFC 4513, section 5.1.2: a DN without a password binds as nobody. */
	if (status == SP_EXIT_OK && secret_r->length == 0)
		status = sp_fail(SP_EXIT_USAGE, "the password of %s is empty", run->bind_dn);
	return status;
}

static const char *what_binds(const struct sp_admin_identity *identity)
{
	if (identity->bind == SP_BIND_SIMPLE)
		return identity->dn;
	return identity->bind == SP_BIND_GSSAPI ? "SASL GSSAPI" : "SASL EXTERNAL";
}

static enum sp_exit connect_and_bind(
    const struct sp_admin_identity *identity, struct sp_session *session)
{
	const struct sp_conf_list *servers = &session->conf->ldap_uri;
	const char *write_uri = session->conf->ldap_write_uri;
	bool apart = write_uri[0] != '\0';
	char why[SP_CONF_WHY_MAX];
	enum sp_admin_status status = sp_admin_open(session->conf, identity, &session->admin, why);

	if (status == SP_ADMIN_DOWN)
		return sp_fail(SP_EXIT_UNAVAILABLE, "%s%s: %s",
		    apart ? write_uri : servers->items[0],
		    !apart && servers->count > 1 ? " and the others of [ldap] uri" : "", why);
	if (status == SP_ADMIN_FORBIDDEN)
		return sp_fail(SP_EXIT_FORBIDDEN, "the directory does not take %s: %s",
		    what_binds(identity), why);
	return sp_session_judge(status, why);
}

/* Who is bound, for people and the log. */
static const char *name_of(
    const struct sp_admin_identity *identity, const struct sp_session *session)
{
	const char *principal = NULL;

	switch (identity->bind) {
	case SP_BIND_EXTERNAL:
		return "external";
	case SP_BIND_GSSAPI:
		if (session->admin != NULL)
			principal = sp_admin_principal(session->admin);
		return principal != NULL ? principal : "gssapi";
	case SP_BIND_SIMPLE:
	case SP_BIND_NOBODY:
		break;
	}
	return identity->dn;
}

enum sp_exit sp_session_open(const struct sp_run *run, struct sp_session *session_r)
{
	struct sp_secret secret = {0};
	struct sp_admin_identity identity = {.secret = &secret};

	*session_r = (struct sp_session){0};
	enum sp_exit status = sp_session_read_conf(run, &session_r->conf);
	if (status == SP_EXIT_OK)
		status = choose_identity(run, session_r->conf, &identity, &secret);
	if (status == SP_EXIT_OK)
		status = connect_and_bind(&identity, session_r);
	session_r->identity = name_of(&identity, session_r);
	sp_secret_wipe(&secret);
	return status;
}

void sp_session_close(struct sp_session *session)
{
	sp_admin_close(&session->admin);
	sp_conf_free(&session->conf);
}
