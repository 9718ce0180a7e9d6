/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * inspect.h - how a directory is set up, as somebody who is bound to it can see
 *
 * For the tool's doctor. Nothing here can change the directory. The process calls
 * sp_ldap_isolate() (live.h) first.
 */
#ifndef SP_DIRECTORY_INSPECT_H
#define SP_DIRECTORY_INSPECT_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "lib/conf/conf.h"
#include "lib/directory/admin.h"
#include "sendpass/attributes.h"

/* One server, and one identity at it. */
struct sp_inspection;

/* Connects to the server with that number in [ldap] uri, or to write_uri if it is
 * one more than the last of them, and binds; a NULL identity
 * stays nobody. On SP_ADMIN_OK the caller owns *inspection_r; otherwise it is NULL
 * and why_r says why: SP_ADMIN_ERROR is the configuration's fault, SP_ADMIN_FORBIDDEN
 * a bind that is refused, anything else SP_ADMIN_DOWN. */
SP_NODISCARD enum sp_admin_status sp_inspect_open(const struct sp_conf *conf, size_t server,
    const struct sp_admin_identity *identity, struct sp_inspection **inspection_r,
    char why_r[SP_CONF_WHY_MAX]);
void sp_inspect_close(struct sp_inspection **inspection);

/* What this identity is told. Unknown: the server did not say, and why_r has what it said. */
enum sp_sight { SP_SIGHT_UNKNOWN = 0, SP_SIGHT_NO, SP_SIGHT_YES };

/* Whether the entry exists and may be known to. */
SP_NODISCARD enum sp_sight sp_inspect_exists(
    struct sp_inspection *inspection, const char *dn, char why_r[SP_CONF_WHY_MAX]);

struct sp_inspect_credentials {
	size_t seen;       /* entries, up to 8 */
	size_t with_hash;  /* of these, those whose sendpassHash was shown */
	size_t with_class; /* likewise, objectClass */
	char dn[512];      /* of one of them; empty for none, or a longer one */
};

/* What this identity sees of app passwords. False if the search failed. */
SP_NODISCARD bool sp_inspect_credentials(struct sp_inspection *inspection,
    struct sp_inspect_credentials *credentials_r, char why_r[SP_CONF_WHY_MAX]);

/* Whether this identity may take a value of the attribute, which is text or octets,
 * away from the entry. Asks to delete a random value that nobody has: who may not
 * is told insufficientAccessRights, who may is told noSuchAttribute (RFC 4511,
 * section 4.6), and nothing is changed in either case. */
SP_NODISCARD enum sp_sight sp_inspect_may_take_away(struct sp_inspection *inspection,
    const char *dn, const char *attribute, char why_r[SP_CONF_WHY_MAX]);

/* The server's time: of cn=Monitor (OpenLDAP), cn=monitor (389-DS) or the root DSE
 * (Active Directory). False if it shows none. */
SP_NODISCARD bool sp_inspect_time(struct sp_inspection *inspection, time_t *time_r);

/* Whether both are DNs and dn is base or below it; letter case is not looked at. */
SP_NODISCARD bool sp_inspect_is_below(const char *dn, const char *base);

/* ---- schema ---- */

struct sp_inspect_schema;

/* The server's schema (RFC 4512, section 4.4). NULL if it cannot be read. */
struct sp_inspect_schema *sp_inspect_schema_read(
    struct sp_inspection *inspection, char why_r[SP_CONF_WHY_MAX]);
void sp_inspect_schema_free(struct sp_inspect_schema **schema);

/* Whether an attribute, or a class, of that name is there with that OID. */
SP_NODISCARD bool sp_inspect_schema_has_attribute(
    const struct sp_inspect_schema *schema, const char *name, const char *oid);
SP_NODISCARD bool sp_inspect_schema_has_class(
    const struct sp_inspect_schema *schema, const char *name, const char *oid);
/* Whether the class has the attribute itself, as one that it must or may have. */
SP_NODISCARD bool sp_inspect_schema_allows(
    const struct sp_inspect_schema *schema, const char *class_name, const char *attribute);

/* ---- what a replica needs ---- */

struct sp_inspect_replica {
	bool has_sync;   /* the server offers Content Sync (RFC 4533) */
	bool shows_csns; /* contextCSN and entryUUID of the topmost entry */
	bool shows_all;  /* that owner_filter and owner_active_filter judge by; else why_r says what
			    not */
};

/* As this identity sees it. False, with why_r, if the settings cannot go with a replica or the
 * server cannot be asked. */
SP_NODISCARD bool sp_inspect_replica(struct sp_inspection *inspection,
    struct sp_inspect_replica *replica_r, char why_r[SP_CONF_WHY_MAX]);

/* ---- OpenLDAP's own configuration ---- */

/* How the database that has an entry is set up. */
struct sp_inspect_database {
	char **indexes;   /* olcDbIndex, NULL-terminated */
	bool checks_adds; /* olcAddContentAcl */
};

/* Reads it from cn=config. False if this identity cannot. */
SP_NODISCARD bool sp_inspect_database_read(struct sp_inspection *inspection, const char *dn,
    struct sp_inspect_database *database_r, char why_r[SP_CONF_WHY_MAX]);
void sp_inspect_database_free(struct sp_inspect_database *database);

/* Whether one of the lines, as olcDbIndex has them ("uid,mail eq,sub"), gives the
 * attribute an index for equality. A line without kinds counts: it has the default. */
SP_NODISCARD bool sp_inspect_index_is_there(char *const *lines, const char *attribute);

/* ---- certificates ---- */

struct sp_inspect_certificate {
	char host[256]; /* that [ldap] uri asks for */
	bool has_host;  /* in its subjectAltName */
	time_t begins, ends;
	char names[512]; /* of its subjectAltName, for people; cut if there are many */
};

/* The certificate of the server with that number, as above, taken on trust and with nothing
 * said to the server behind it. False if there is none: no TLS, or not reached. */
SP_NODISCARD bool sp_inspect_certificate(const struct sp_conf *conf, size_t server,
    struct sp_inspect_certificate *certificate_r, char why_r[SP_CONF_WHY_MAX]);

#endif
