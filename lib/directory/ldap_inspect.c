/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/directory/ldap_inspect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

#include "lib/base/clock.h"
#include "lib/directory/ldap_mapping.h"

#define CREDENTIALS_SEEN_MAX 8
#define PROBE_BYTES          16

int64_t sp_inspect_deadline(const struct sp_inspection *inspection)
{
	return sp_now_ms() + inspection->site->timeout_ms;
}

/* ---- to the server, and away ---- */

const struct sp_ldap_server *sp_inspect_server(const struct sp_ldap_site *site, size_t number)
{
	if (number < site->server_count)
		return &site->servers[number];
	if (number == site->server_count && site->write_server.uri != NULL)
		return &site->write_server;
	return NULL;
}

/* A bind's result codes that are the identity's fault and not the server's. */
static bool is_refused(const struct sp_ldap_failure *failure)
{
	return strncmp(failure->text, "bind:", strlen("bind:")) == 0 && failure->code > 0;
}

static enum sp_admin_status connect_to(
    struct sp_inspection *inspection, size_t number, char why_r[SP_CONF_WHY_MAX])
{
	const struct sp_ldap_site *site = inspection->site;
	const struct sp_ldap_server *server = sp_inspect_server(site, number);
	struct sp_ldap_failure failure;
	int64_t deadline_ms = sp_now_ms() + site->connect_timeout_ms + site->timeout_ms;

	if (server == NULL) {
		snprintf(why_r, SP_CONF_WHY_MAX, "there is no such server");
		return SP_ADMIN_ERROR;
	}
	if (sp_ldap_connect(site, server, deadline_ms, &inspection->connection, &failure) ==
	    SP_DIRECTORY_OK)
		return SP_ADMIN_OK;
	snprintf(why_r, SP_CONF_WHY_MAX, "%s", failure.text);
	return is_refused(&failure) ? SP_ADMIN_FORBIDDEN : SP_ADMIN_DOWN;
}

enum sp_admin_status sp_inspect_open(const struct sp_conf *conf, size_t server,
    const struct sp_admin_identity *identity, struct sp_inspection **inspection_r,
    char why_r[SP_CONF_WHY_MAX])
{
	struct sp_ldap_identity as = {.bind = SP_BIND_NOBODY};
	struct sp_inspection *inspection = calloc(1, sizeof(*inspection));
	enum sp_admin_status status = SP_ADMIN_ERROR;

	*inspection_r = NULL;
	if (inspection == NULL) {
		snprintf(why_r, SP_CONF_WHY_MAX, "out of memory");
		return SP_ADMIN_ERROR;
	}
	if (identity != NULL)
		as = (struct sp_ldap_identity){
		    .bind = identity->bind,
		    .dn = identity->dn,
		    .secret = identity->secret,
		};
	if (sp_ldap_site_make(conf, &as, &inspection->site, why_r))
		status = connect_to(inspection, server, why_r);
	if (status == SP_ADMIN_OK)
		*inspection_r = inspection;
	else
		sp_inspect_close(&inspection);
	return status;
}

void sp_inspect_close(struct sp_inspection **inspection)
{
	if (inspection == NULL || *inspection == NULL)
		return;
	sp_ldap_disconnect(&(*inspection)->connection);
	sp_ldap_site_free(&(*inspection)->site);
	free(*inspection);
	*inspection = NULL;
}

/* ---- searches ---- */

LDAPMessage *sp_inspect_search(struct sp_inspection *inspection,
    const struct sp_ldap_search *search, int *code_r, char why_r[SP_CONF_WHY_MAX])
{
	struct sp_ldap_failure failure;
	LDAPMessage *result = NULL;
	int msgid;
	int64_t deadline_ms = sp_inspect_deadline(inspection);
	enum sp_directory_status status =
	    sp_ldap_send(inspection->connection, search, deadline_ms, &msgid, &failure);

	if (status == SP_DIRECTORY_OK)
		status = sp_ldap_wait(
		    inspection->connection, "search", msgid, deadline_ms, &result, &failure);
	*code_r = failure.code;
	snprintf(why_r, SP_CONF_WHY_MAX, "%s", failure.text);
	if (status == SP_DIRECTORY_OK && failure.code != LDAP_NO_SUCH_OBJECT)
		return result;
	ldap_msgfree(result);
	return NULL;
}

enum sp_sight sp_inspect_exists(
    struct sp_inspection *inspection, const char *dn, char why_r[SP_CONF_WHY_MAX])
{
	char *none[] = {LDAP_NO_ATTRS, NULL};
	struct sp_ldap_search search = {
	    .base = dn,
	    .scope = LDAP_SCOPE_BASE,
	    .filter = "(objectClass=*)",
	    .attributes = none,
	};
	int code;
	LDAPMessage *result = sp_inspect_search(inspection, &search, &code, why_r);

	ldap_msgfree(result);
	if (result != NULL)
		return SP_SIGHT_YES;
	return code == LDAP_NO_SUCH_OBJECT ? SP_SIGHT_NO : SP_SIGHT_UNKNOWN;
}

static bool shows_value(LDAP *ld, LDAPMessage *entry, const char *attribute)
{
	struct berval **values = ldap_get_values_len(ld, entry, attribute);
	bool shown = values != NULL && values[0] != NULL && values[0]->bv_len > 0;

	if (shown) /* it may be a hash */
		explicit_bzero(values[0]->bv_val, values[0]->bv_len);
	ldap_value_free_len(values);
	return shown;
}

static void take_credential(
    LDAP *ld, LDAPMessage *entry, struct sp_inspect_credentials *credentials)
{
	char *dn = ldap_get_dn(ld, entry);

	credentials->seen++;
	if (shows_value(ld, entry, "sendpassHash"))
		credentials->with_hash++;
	if (shows_value(ld, entry, "objectClass"))
		credentials->with_class++;
	if (dn != NULL && strlen(dn) < sizeof(credentials->dn))
		snprintf(credentials->dn, sizeof(credentials->dn), "%s", dn);
	ldap_memfree(dn);
}

bool sp_inspect_credentials(struct sp_inspection *inspection,
    struct sp_inspect_credentials *credentials_r, char why_r[SP_CONF_WHY_MAX])
{
	char *attributes[] = {"sendpassHash", "objectClass", NULL};
	struct sp_ldap_search search = {
	    .base = inspection->site->credential_base,
	    .scope = LDAP_SCOPE_SUBTREE,
	    .filter = "(objectClass=" SP_CREDENTIAL_CLASS ")",
	    .attributes = attributes,
	    .limit = CREDENTIALS_SEEN_MAX,
	};
	LDAP *ld = inspection->connection->ld;
	int code;

	*credentials_r = (struct sp_inspect_credentials){0};
	LDAPMessage *result = sp_inspect_search(inspection, &search, &code, why_r);
	if (result == NULL)
		return code == LDAP_NO_SUCH_OBJECT || code == LDAP_INSUFFICIENT_ACCESS ||
		       code == LDAP_INAPPROPRIATE_AUTH || code == LDAP_STRONG_AUTH_REQUIRED;
	for (LDAPMessage *entry = ldap_first_entry(ld, result); entry != NULL;
	     entry = ldap_next_entry(ld, entry))
		take_credential(ld, entry, credentials_r);
	ldap_msgfree(result);
	return true;
}

bool sp_inspect_time(struct sp_inspection *inspection, time_t *time_r)
{
	static const struct {
		const char *base, *attribute;
	} places[] = {
	    {"cn=Current,cn=Time,cn=Monitor", "monitorTimestamp"},
	    {"cn=monitor", "currentTime"},
	    {"", "currentTime"},
	};
	char why[SP_CONF_WHY_MAX];
	bool found = false;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]) && !found; i++) {
		char *text = sp_inspect_value(inspection, places[i].base, places[i].attribute, why);
		found = text != NULL && sp_parse_generalized_time(text, time_r);
		free(text);
	}
	return found;
}

char *sp_inspect_value(struct sp_inspection *inspection, const char *base, const char *attribute,
    char why_r[SP_CONF_WHY_MAX])
{
	char *attributes[] = {(char *)attribute, NULL}; /* libldap only reads it */
	struct sp_ldap_search search = {
	    .base = base,
	    .scope = LDAP_SCOPE_BASE,
	    .filter = "(objectClass=*)",
	    .attributes = attributes,
	};
	LDAP *ld = inspection->connection->ld;
	int code;
	LDAPMessage *result = sp_inspect_search(inspection, &search, &code, why_r);
	LDAPMessage *entry = result != NULL ? ldap_first_entry(ld, result) : NULL;
	struct berval **values = entry != NULL ? ldap_get_values_len(ld, entry, attribute) : NULL;
	char *value = values != NULL && values[0] != NULL
			  ? strndup(values[0]->bv_val, values[0]->bv_len)
			  : NULL;

	ldap_value_free_len(values);
	ldap_msgfree(result);
	return value;
}

/* ---- a change that cannot take place ---- */

static bool random_text(char text_r[2 * PROBE_BYTES + 1])
{
	unsigned char bytes[PROBE_BYTES];

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return false;
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(text_r + 2 * i, 3, "%02x", bytes[i]);
	return true;
}

enum sp_sight sp_inspect_may_take_away(struct sp_inspection *inspection, const char *dn,
    const char *attribute, char why_r[SP_CONF_WHY_MAX])
{
	char text[2 * PROBE_BYTES + 1], *values[] = {text, NULL};
	LDAPMod modification = {
	    .mod_op = LDAP_MOD_DELETE,
	    .mod_type = (char *)attribute, /* libldap only reads it */
	    .mod_values = values,
	};
	LDAPMod *modifications[] = {&modification, NULL};
	struct sp_ldap_failure failure;
	LDAPMessage *result = NULL;
	struct sp_ldap_connection *connection = inspection->connection;
	int64_t deadline_ms = sp_inspect_deadline(inspection);
	int msgid = -1, code = LDAP_LOCAL_ERROR;

	connection->deadline.at_ms = deadline_ms;
	if (random_text(text))
		code = ldap_modify_ext(connection->ld, dn, modifications, NULL, NULL, &msgid);
	enum sp_directory_status status = sp_ldap_judge(connection->ld, "modify", code, &failure);
	if (status == SP_DIRECTORY_OK)
		status = sp_ldap_wait(connection, "modify", msgid, deadline_ms, &result, &failure);
	ldap_msgfree(result);
	snprintf(why_r, SP_CONF_WHY_MAX, "%s", failure.text);
	if (status == SP_DIRECTORY_TIMEOUT)
		return SP_SIGHT_UNKNOWN;
	if (failure.code == LDAP_NO_SUCH_ATTRIBUTE)
		return SP_SIGHT_YES;
	if (failure.code == LDAP_INSUFFICIENT_ACCESS || failure.code == LDAP_NO_SUCH_OBJECT ||
	    failure.code == LDAP_STRONG_AUTH_REQUIRED)
		return SP_SIGHT_NO;
	return SP_SIGHT_UNKNOWN;
}

/* ---- DNs ---- */

/* In the form that libldap prints, where a comma within a value is \2C; the caller
 * frees it (ldap_memfree). NULL: no DN. */
static char *printed_dn(const char *text)
{
	LDAPDN dn = NULL;
	char *printed = NULL;

	if (ldap_str2dn(text, &dn, LDAP_DN_FORMAT_LDAPV3) == LDAP_SUCCESS && dn != NULL &&
	    ldap_dn2str(dn, &printed, LDAP_DN_FORMAT_LDAPV3) != LDAP_SUCCESS)
		printed = NULL;
	ldap_dnfree(dn);
	return printed;
}

bool sp_inspect_is_below(const char *dn, const char *base)
{
	char *entry = printed_dn(dn), *above = printed_dn(base);
	bool is = false;

	if (entry != NULL && above != NULL && strlen(entry) >= strlen(above)) {
		size_t front = strlen(entry) - strlen(above);
		is = strcasecmp(entry + front, above) == 0 &&
		     (front == 0 || entry[front - 1] == ',');
	}
	ldap_memfree(entry);
	ldap_memfree(above);
	return is;
}
