/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/directory/ldap_site.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/base/log.h"
#include "lib/conf/conf_list.h"
#include "lib/directory/ldap_filter.h"

static bool refuse(char why_r[SP_CONF_WHY_MAX], const char *format, ...) SP_PRINTF(2, 3);

static bool refuse(char why_r[SP_CONF_WHY_MAX], const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(why_r, SP_CONF_WHY_MAX, format, arguments);
	va_end(arguments);
	return false;
}

static bool is_empty(const char *text)
{
	return text == NULL || text[0] == '\0';
}

/* ---- servers ---- */

static bool choose_transport(const struct sp_conf *conf, const char *setting, const char *uri,
    const char *scheme, enum sp_ldap_transport *transport_r, char why_r[SP_CONF_WHY_MAX])
{
	if (strcmp(scheme, "ldapi") == 0) {
		*transport_r = SP_LDAP_LOCAL;
	} else if (strcmp(scheme, "ldaps") == 0) {
		*transport_r = SP_LDAP_TLS;
	} else if (strcmp(scheme, "ldap") != 0) {
		return refuse(why_r, "%s: %s is not ldap://, ldaps:// or ldapi://", setting, uri);
	} else if (conf->ldap_starttls) {
		*transport_r = SP_LDAP_STARTTLS;
	} else if (strcmp(conf->ldap_plaintext, "insecure") == 0) {
		*transport_r = SP_LDAP_INSECURE;
		sp_log_message(SP_LOG_WARNING, "directory_insecure",
		    "bind secret and hashes go to %.200s in the clear", uri);
	} else {
		return refuse(why_r, "%s: %s without ldap.starttls needs ldap.plaintext = insecure",
		    setting, uri);
	}
	return true;
}

static bool read_server(const struct sp_conf *conf, const char *setting, const char *uri,
    struct sp_ldap_server *server, char why_r[SP_CONF_WHY_MAX])
{
	LDAPURLDesc *url = NULL;
	bool ok = false;

	if (strpbrk(uri, " ,") != NULL || ldap_url_parse(uri, &url) != LDAP_URL_SUCCESS)
		return refuse(why_r, "%s: %s is not one LDAP URI", setting, uri);
	if (!is_empty(url->lud_dn) || url->lud_attrs != NULL || url->lud_exts != NULL)
		refuse(why_r, "%s: %s must name a server and nothing else", setting, uri);
	else
		ok = choose_transport(
		    conf, setting, uri, url->lud_scheme, &server->transport, why_r);
	ldap_free_urldesc(url);
	if (!ok)
		return false;
	server->uri = strdup(uri);
	return server->uri != NULL || refuse(why_r, "no memory");
}

static bool read_servers(
    struct sp_ldap_site *site, const struct sp_conf *conf, char why_r[SP_CONF_WHY_MAX])
{
	const struct sp_conf_list *uris = &conf->ldap_uri;

	if (uris->count == 0)
		return refuse(why_r, "ldap.uri is empty");
	site->servers = calloc(uris->count, sizeof(*site->servers));
	site->health = sp_ldap_health_new(uris, (int64_t)conf->ldap_retry_after);
	if (site->servers == NULL || site->health == NULL)
		return refuse(why_r, "no memory");
	for (size_t i = 0; i < uris->count; i++) {
		if (!read_server(conf, "ldap.uri", uris->items[i], &site->servers[i], why_r))
			return false;
		site->server_count++;
	}
	return is_empty(conf->ldap_write_uri) ||
	       read_server(
		   conf, "ldap.write_uri", conf->ldap_write_uri, &site->write_server, why_r);
}

size_t sp_ldap_site_writable(
    const struct sp_ldap_site *site, const struct sp_ldap_server **servers_r)
{
	bool apart = site->write_server.uri != NULL;

	*servers_r = apart ? &site->write_server : site->servers;
	return apart ? 1 : site->server_count;
}

size_t sp_ldap_site_server_count(const struct sp_ldap_site *site)
{
	return site->server_count;
}

struct sp_ldap_server_state sp_ldap_site_server(const struct sp_ldap_site *site, size_t server)
{
	return (struct sp_ldap_server_state){
	    .uri = site->servers[server].uri,
	    .up = sp_ldap_health_is_up(site->health, server),
	    .asked = sp_ldap_health_asked(site->health, server),
	};
}

uint64_t sp_ldap_site_failovers(const struct sp_ldap_site *site)
{
	return sp_ldap_health_failovers(site->health);
}

/* ---- TLS and bind ---- */

static bool copy(char **to, const char *from)
{
	*to = strdup(from);
	return *to != NULL;
}

static bool uses(const struct sp_ldap_site *site, enum sp_ldap_transport transport)
{
	for (size_t i = 0; i < site->server_count; i++) {
		if (site->servers[i].transport == transport)
			return true;
	}
	return site->write_server.uri != NULL && site->write_server.transport == transport;
}

static bool read_tls(
    struct sp_ldap_site *site, const struct sp_conf *conf, char why_r[SP_CONF_WHY_MAX])
{
	const char *ca = conf->ldap_tls_ca_file;
	const char *certificate = conf->ldap_tls_certificate_file;
	const char *key = conf->ldap_tls_key_file;

	if (!uses(site, SP_LDAP_TLS) && !uses(site, SP_LDAP_STARTTLS))
		return true;
	if (is_empty(ca))
		return refuse(why_r, "ldap.tls_ca_file is empty, so no certificate can be trusted");
	if (is_empty(certificate) != is_empty(key))
		return refuse(
		    why_r, "ldap.tls_certificate_file and ldap.tls_key_file need each other");
	site->has_certificate = !is_empty(certificate);
	site->tls = site->has_certificate ? sp_ldap_tls_new(ca, certificate, key)
					  : sp_ldap_tls_new(ca, NULL, NULL);
	if (site->tls == NULL)
		return refuse(why_r, "ldap.tls_ca_file, ldap.tls_certificate_file or "
				     "ldap.tls_key_file cannot be used");
	return true;
}

/* One entry's name, not the empty one. */
static bool is_dn(const char *text)
{
	LDAPDN dn = NULL;
	bool ok = text != NULL && ldap_str2dn(text, &dn, LDAP_DN_FORMAT_LDAPV3) == LDAP_SUCCESS &&
		  dn != NULL;

	ldap_dnfree(dn);
	return ok;
}

static bool read_identity(
    struct sp_ldap_site *site, const struct sp_ldap_identity *identity, char why_r[SP_CONF_WHY_MAX])
{
	site->bind = identity->bind;
	if (site->bind == SP_BIND_NOBODY || site->bind == SP_BIND_GSSAPI)
		return true;
	if (site->bind == SP_BIND_EXTERNAL) {
		if (uses(site, SP_LDAP_INSECURE) ||
		    ((uses(site, SP_LDAP_TLS) || uses(site, SP_LDAP_STARTTLS)) &&
			!site->has_certificate))
			return refuse(why_r, "an external bind needs ldapi:// or "
					     "ldap.tls_certificate_file");
		return true;
	}
	if (!is_dn(identity->dn))
		return refuse(why_r, "the bind DN is missing or is no DN");
	if (identity->secret == NULL || identity->secret->length == 0)
		return refuse(why_r, "the bind secret is empty");
	site->bind_secret = *identity->secret;
	return copy(&site->bind_dn, identity->dn) || refuse(why_r, "no memory");
}

/* ---- what to ask for ---- */

static bool read_bases(
    struct sp_ldap_site *site, const struct sp_conf *conf, char why_r[SP_CONF_WHY_MAX])
{
	const char *base = conf->directory_credential_base;
	const char *owners = conf->directory_owner_base;
	const char *container = conf->directory_credential_container;

	if (!is_dn(base))
		return refuse(why_r, "directory.credential_base is missing or is no DN");
	if (!is_empty(owners) && !is_dn(owners))
		return refuse(why_r, "directory.owner_base is no DN");
	if (!is_empty(container) && !is_dn(container))
		return refuse(why_r, "directory.credential_container is no DN");
	if (!copy(&site->credential_base, base) ||
	    !copy(&site->owner_base, is_empty(owners) ? base : owners))
		return refuse(why_r, "no memory");
	if (!is_empty(container))
		return copy(&site->credential_container, container) || refuse(why_r, "no memory");
	if (asprintf(&site->credential_container, "ou=sendpass,%s", base) < 0) {
		site->credential_container = NULL;
		return refuse(why_r, "no memory");
	}
	return true;
}

/* A name of letters, digits and hyphens, or none (RFC 4512, section 1.4). */
static bool is_attribute(const char *text)
{
	return text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				 "0123456789-")] == '\0';
}

static bool read_filters(
    struct sp_ldap_site *site, const struct sp_conf *conf, char why_r[SP_CONF_WHY_MAX])
{
	const char *why = NULL;

	if (!sp_filter_template_check(conf->directory_owner_filter, &why))
		return refuse(why_r, "directory.owner_filter: %s", why);
	/* without the login in it, it finds the same owner for everybody */
	if (strstr(conf->directory_owner_filter, "%u") == NULL)
		return refuse(why_r, "directory.owner_filter: it has no %%u");
	if (!sp_filter_check_at(conf->directory_owner_active_filter, &why))
		return refuse(why_r, "directory.owner_active_filter: %s", why);
	if (!is_attribute(conf->directory_owner_department_attribute))
		return refuse(why_r, "directory.owner_department_attribute is no attribute's name");
	if (!copy(&site->owner_filter, conf->directory_owner_filter) ||
	    !copy(&site->owner_department_attribute, conf->directory_owner_department_attribute) ||
	    !copy(&site->owner_active_filter, conf->directory_owner_active_filter))
		return refuse(why_r, "no memory");
	return true;
}

/* A setting's names with blanks between them. */
static bool read_login_attributes(
    struct sp_ldap_site *site, const char *names, char why_r[SP_CONF_WHY_MAX])
{
	char name[128];

	for (names += strspn(names, " "); names[0] != '\0'; names += strspn(names, " ")) {
		size_t length = strcspn(names, " ");
		snprintf(name, sizeof(name), "%.*s", (int)length, names);
		if (length >= sizeof(name) || !is_attribute(name))
			return refuse(why_r,
			    "directory.owner_login_attributes: %s is no attribute's name", name);
		if (!sp_conf_list_add(&site->owner_attributes, name))
			return refuse(why_r, "no memory");
		names += length;
	}
	if (site->owner_attributes.count == 1)
		return refuse(why_r, "directory.owner_login_attributes is empty");
	return true;
}

static bool read_owner_attributes(
    struct sp_ldap_site *site, const struct sp_conf *conf, char why_r[SP_CONF_WHY_MAX])
{
	const char *mail = conf->directory_owner_mail_attribute;

	if (!is_attribute(mail))
		return refuse(why_r, "directory.owner_mail_attribute is no attribute's name");
	if (!sp_conf_list_add(&site->owner_attributes, is_empty(mail) ? LDAP_NO_ATTRS : mail))
		return refuse(why_r, "no memory");
	return read_login_attributes(site, conf->directory_owner_login_attributes, why_r);
}

bool sp_ldap_site_make(const struct sp_conf *conf, const struct sp_ldap_identity *identity,
    struct sp_ldap_site **site_r, char why_r[SP_CONF_WHY_MAX])
{
	struct sp_ldap_site *site = NULL;

	*site_r = NULL;
	if (getenv("LDAPNOINIT") == NULL)
		return refuse(why_r, "sp_ldap_isolate() was not called");
	site = calloc(1, sizeof(*site));
	if (site == NULL)
		return refuse(why_r, "no memory");
	/* best effort: RLIMIT_MEMLOCK may forbid it */
	(void)mlock(&site->bind_secret, sizeof(site->bind_secret));
	site->connect_timeout_ms = (int)conf->ldap_connect_timeout;
	site->timeout_ms = (int)conf->ldap_timeout;
	if (read_servers(site, conf, why_r) && read_tls(site, conf, why_r) &&
	    read_identity(site, identity, why_r) && read_bases(site, conf, why_r) &&
	    read_filters(site, conf, why_r) && read_owner_attributes(site, conf, why_r)) {
		*site_r = site;
		return true;
	}
	sp_ldap_site_free(&site);
	return false;
}

bool sp_ldap_site_new(const struct sp_conf *conf, const struct sp_secret *bind_secret,
    struct sp_ldap_site **site_r, char why_r[SP_CONF_WHY_MAX])
{
	struct sp_ldap_identity identity = {
	    .bind = sp_bind_of(conf->ldap_bind),
	    .dn = conf->ldap_bind_dn,
	    .secret = bind_secret,
	};

	return sp_ldap_site_make(conf, &identity, site_r, why_r);
}

void sp_ldap_site_free(struct sp_ldap_site **site)
{
	struct sp_ldap_site *s;

	if (site == NULL || (s = *site) == NULL)
		return;
	*site = NULL;
	sp_secret_wipe(&s->bind_secret);
	(void)munlock(&s->bind_secret, sizeof(s->bind_secret));
	for (size_t i = 0; i < s->server_count; i++)
		free(s->servers[i].uri);
	free(s->servers);
	free(s->write_server.uri);
	sp_ldap_health_free(&s->health);
	sp_ldap_tls_free(&s->tls);
	free(s->bind_dn);
	free(s->credential_base);
	free(s->credential_container);
	free(s->owner_base);
	free(s->owner_filter);
	free(s->owner_active_filter);
	free(s->owner_department_attribute);
	sp_conf_list_clear(&s->owner_attributes);
	free(s);
}
