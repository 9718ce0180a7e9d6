/* SPDX-License-Identifier: BSD-2-Clause */
/* doctor_servers.c - the servers of the directory: certificates, binds */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lib/conf/safe_file.h"
#include "tool/doctor.h"
#include "tool/output.h"

#define DAY_S          (24 * 60 * 60)
#define EXPIRY_WARNING 14 /* days */

/* As inspect.h counts them: those of uri, and write_uri if there is one. */
static size_t server_count(const struct sp_conf *conf)
{
	return conf->ldap_uri.count + (conf->ldap_write_uri[0] != '\0' ? 1 : 0);
}

static const char *uri_of(const struct sp_doctor *doctor, size_t server)
{
	const struct sp_conf *conf = doctor->conf;

	return server < conf->ldap_uri.count ? conf->ldap_uri.items[server] : conf->ldap_write_uri;
}

/* ---- certificates ---- */

static void judge_certificate(
    struct sp_doctor *doctor, size_t server, const struct sp_inspect_certificate *certificate)
{
	const char *uri = uri_of(doctor, server);
	char text[SP_TIME_TEXT_SIZE];
	time_t now = time(NULL);
	bool ended = certificate->ends <= now;

	doctor->bad_certificate[server] =
	    ended || certificate->begins > now || !certificate->has_host;
	if (ended || certificate->ends - now < EXPIRY_WARNING * DAY_S) {
		sp_doctor_tell(doctor, ended ? SP_FINDING_ERROR : SP_FINDING_WARNING,
		    "the certificate of %s %s %s", uri, ended ? "ended at" : "ends at",
		    sp_format_time(certificate->ends, text));
		sp_doctor_advise(doctor, "renew the directory server's certificate");
	}
	if (certificate->begins > now) {
		sp_doctor_tell(doctor, SP_FINDING_ERROR, "the certificate of %s begins at %s", uri,
		    sp_format_time(certificate->begins, text));
		sp_doctor_advise(doctor, "look at both clocks, then at the certificate");
	}
	if (!certificate->has_host) {
		sp_doctor_tell(doctor, SP_FINDING_ERROR,
		    "the certificate of %s has not the name %s in its subjectAltName, but %s", uri,
		    certificate->host, certificate->names[0] != '\0' ? certificate->names : "none");
		sp_doctor_advise(doctor,
		    "[ldap] uri: name the server as its certificate does, or have one made for %s",
		    certificate->host);
	}
}

static void check_certificates(struct sp_doctor *doctor)
{
	const struct sp_conf *conf = doctor->conf;
	char why[SP_CONF_WHY_MAX], ends[SP_TIME_TEXT_SIZE];
	size_t seen = 0;

	for (size_t i = 0; i < server_count(conf) && i < SP_DOCTOR_SERVERS_MAX; i++) {
		struct sp_inspect_certificate certificate;
		if (!sp_inspect_certificate(conf, i, &certificate, why))
			continue;
		seen++;
		size_t before = doctor->finding_count;
		judge_certificate(doctor, i, &certificate);
		if (doctor->finding_count == before)
			sp_doctor_tell(doctor, SP_FINDING_OK,
			    "the certificate of %s is valid until %s", uri_of(doctor, i),
			    sp_format_time(certificate.ends, ends));
	}
	if (seen == 0)
		sp_doctor_tell(doctor, SP_FINDING_SKIPPED, "no server showed one");
}

/* ---- to the servers ---- */

static bool read_identity(enum sp_bind bind, const char *dn, const char *secret_file,
    struct sp_admin_identity *identity_r, struct sp_secret *secret_r)
{
	const char *why;

	*identity_r = (struct sp_admin_identity){.bind = bind, .dn = dn, .secret = secret_r};
	return bind == SP_BIND_EXTERNAL || sp_file_read_secret(secret_file, secret_r, &why);
}

const char *sp_doctor_admin_identity(
    const struct sp_conf *conf, struct sp_admin_identity *identity_r, struct sp_secret *secret_r)
{
	enum sp_bind bind = sp_bind_of(conf->admin_bind);

	if (bind == SP_BIND_GSSAPI)
		return "with [admin] bind = gssapi everybody has a ticket of their own: try "
		       "sendpass whoami";
	return read_identity(
		   bind, conf->admin_bind_dn, conf->admin_bind_secret_file, identity_r, secret_r)
		   ? NULL
		   : "needs [admin] bind_secret_file";
}

/* Keeps a connection that has none to keep yet. */
static void keep(struct sp_inspection **place, struct sp_inspection *inspection)
{
	if (*place == NULL)
		*place = inspection;
	else
		sp_inspect_close(&inspection);
}

static void tell_unreached(
    struct sp_doctor *doctor, size_t server, enum sp_admin_status status, const char *why)
{
	const char *uri = uri_of(doctor, server);

	sp_doctor_tell(doctor, SP_FINDING_ERROR, "%s: %s", uri, why);
	if (status == SP_ADMIN_FORBIDDEN)
		sp_doctor_advise(doctor,
		    "[ldap] bind_dn and bind_secret_file: try ldapwhoami -H %s -D DN -W", uri);
	else if (status == SP_ADMIN_ERROR)
		sp_doctor_advise(doctor, "correct that setting in %s", doctor->conf_path);
	else
		sp_doctor_advise(doctor,
		    "start the server, or correct [ldap] uri; with TLS, [ldap] tls_ca_file is to "
		    "have the authority of its certificate");
}

static void warn_of_plaintext(struct sp_doctor *doctor, const char *uri)
{
	if (doctor->conf->ldap_starttls || strncmp(uri, "ldap://", strlen("ldap://")) != 0)
		return;
	sp_doctor_tell(
	    doctor, SP_FINDING_WARNING, "bind secret and hashes go to %s in the clear", uri);
	sp_doctor_advise(doctor, "[ldap] starttls = yes and plaintext = refuse, or ldaps://");
}

/* As sendpassd binds, or as nobody where its secret may not be read. */
static void try_server(
    struct sp_doctor *doctor, size_t server, const struct sp_admin_identity *identity)
{
	const char *uri = uri_of(doctor, server);
	struct sp_inspection *inspection, *nobody;
	char why[SP_CONF_WHY_MAX];
	bool first = doctor->nobody == NULL;
	enum sp_admin_status status = sp_inspect_open(doctor->conf, server, NULL, &nobody, why);

	if (status == SP_ADMIN_OK) {
		if (first)
			doctor->server = server;
		keep(&doctor->nobody, nobody);
		if (identity != NULL)
			status = sp_inspect_open(doctor->conf, server, identity, &inspection, why);
	}
	if (status != SP_ADMIN_OK) {
		tell_unreached(doctor, server, status, why);
		return;
	}
	if (identity == NULL) {
		sp_doctor_tell(doctor, SP_FINDING_SKIPPED,
		    "%s answers; the bind needs [ldap] bind_secret_file", uri);
	} else {
		sp_doctor_tell(doctor, SP_FINDING_OK, "%s answers and takes sendpassd's bind", uri);
		keep(&doctor->verifier, inspection);
	}
	warn_of_plaintext(doctor, uri);
}

static void check_servers(struct sp_doctor *doctor)
{
	const struct sp_conf *conf = doctor->conf;
	struct sp_admin_identity identity;
	struct sp_secret secret = {0};
	bool known = read_identity(sp_bind_of(conf->ldap_bind), conf->ldap_bind_dn,
	    conf->ldap_bind_secret_file, &identity, &secret);

	/* over ldapi:// the server would take us for sendpassd's user */
	if (known && identity.bind == SP_BIND_EXTERNAL &&
	    conf->ldap_tls_certificate_file[0] == '\0')
		known = false;
	for (size_t i = 0; i < server_count(conf); i++) {
		if (i < SP_DOCTOR_SERVERS_MAX && doctor->bad_certificate[i])
			sp_doctor_tell(doctor, SP_FINDING_SKIPPED,
			    "%s cannot be asked before its certificate is right",
			    uri_of(doctor, i));
		else
			try_server(doctor, i, known ? &identity : NULL);
	}
	sp_secret_wipe(&secret);
}

static void check_admin(struct sp_doctor *doctor)
{
	const struct sp_conf *conf = doctor->conf;
	struct sp_admin_identity identity;
	struct sp_secret secret = {0};
	char why[SP_CONF_WHY_MAX];
	/* the tool does all its work where changes are taken */
	size_t server =
	    server_count(conf) > conf->ldap_uri.count ? conf->ldap_uri.count : doctor->server;

	const char *obstacle = sp_doctor_admin_identity(conf, &identity, &secret);
	if (obstacle != NULL) {
		sp_doctor_tell(doctor, SP_FINDING_SKIPPED, "%s", obstacle);
		return;
	}
	enum sp_admin_status status = sp_inspect_open(conf, server, &identity, &doctor->admin, why);
	sp_secret_wipe(&secret);
	if (status == SP_ADMIN_OK)
		return;
	sp_doctor_tell(doctor, SP_FINDING_ERROR, "%s: %s", uri_of(doctor, server), why);
	sp_doctor_advise(doctor,
	    "[admin] bind, bind_dn and bind_secret_file are to name an account "
	    "of the directory with its password");
}

static const struct sp_check checks[] = {
    {"certificate", "the servers' certificates are valid", SP_NEEDS_CONF, check_certificates},
    {"directory", "the directory's servers answer", SP_NEEDS_CONF, check_servers},
    {"admin", "the directory takes the tool's bind", SP_NEEDS_DIRECTORY, check_admin},
};

const struct sp_check_list sp_checks_of_servers = {checks, sizeof(checks) / sizeof(checks[0])};
