/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * admin.h - what the admin's tool does to the directory
 *
 * Bound as the admin or the owner, so the directory's own ACLs decide, at
 * write_uri or else the first server of uri that can be reached. One
 * connection, one LDAP operation a call, nothing half-made. The process calls
 * sp_ldap_isolate() (live.h) first.
 */
#ifndef SP_DIRECTORY_ADMIN_H
#define SP_DIRECTORY_ADMIN_H

#include <stdbool.h>
#include <time.h>

#include "lib/base/secret.h"
#include "lib/conf/conf.h"
#include "lib/directory/bind.h"
#include "lib/directory/credential.h"
#include "sendpass/attributes.h"

enum sp_admin_status {
	SP_ADMIN_ERROR = 0,
	SP_ADMIN_DOWN,      /* no server, or no answer in time: a change may yet take place */
	SP_ADMIN_FORBIDDEN, /* bind refused, an ACL forbids it, or the server takes no changes */
	SP_ADMIN_NOT_FOUND,
	SP_ADMIN_AMBIGUOUS, /* several entries for one login */
	SP_ADMIN_EXISTS,    /* the id is taken: draw another */
	SP_ADMIN_OK,
};

struct sp_admin_identity {
	enum sp_bind bind;
	const char *dn; /* of a simple bind, as the secret */
	const struct sp_secret *secret;
};

struct sp_admin;

/* Every function that returns a status sets why_r to text for the admin unless it is SP_ADMIN_OK.
 */
SP_NODISCARD enum sp_admin_status sp_admin_open(const struct sp_conf *conf,
    const struct sp_admin_identity *identity, struct sp_admin **admin_r,
    char why_r[SP_CONF_WHY_MAX]);
void sp_admin_close(struct sp_admin **admin);

/* The Kerberos principal that is bound, such as alice@EXAMPLE.ORG, until
 * sp_admin_close(); NULL without SP_BIND_GSSAPI. */
const char *sp_admin_principal(const struct sp_admin *admin);

/* The DN of the one entry that owner_filter finds for the login; the caller
 * frees *dn_r. Several: SP_ADMIN_AMBIGUOUS, and why_r shows them. */
SP_NODISCARD enum sp_admin_status sp_admin_find_owner(
    struct sp_admin *admin, const char *login, char **dn_r, char why_r[SP_CONF_WHY_MAX]);

/* The first printable value that the server gives of the attribute of the owner's entry
 * at owner_dn; NULL if it has none, or none that may be read. The caller frees *value_r. */
SP_NODISCARD enum sp_admin_status sp_admin_read_owner(struct sp_admin *admin, const char *owner_dn,
    const char *attribute, char **value_r, char why_r[SP_CONF_WHY_MAX]);

/* Adds the credential (its dn is ignored, hash and owner are required) under
 * credential_container, as one LDAP add. */
SP_NODISCARD enum sp_admin_status sp_admin_add(
    struct sp_admin *admin, const struct sp_credential *credential, char why_r[SP_CONF_WHY_MAX]);

/* Credentials of the owner at owner_dn, or all for NULL, oldest first; without
 * hashes. The caller frees *list_r. */
SP_NODISCARD enum sp_admin_status sp_admin_list(struct sp_admin *admin, const char *owner_dn,
    struct sp_credential_list *list_r, char why_r[SP_CONF_WHY_MAX]);

/* Everything of a department, oldest first, without hashes: what the entries below
 * owner_base own whose owner_department_attribute is the department, and the one
 * that owner_filter finds for it as a login, if there is one. The caller frees
 * *list_r. Neither: SP_ADMIN_NOT_FOUND. */
SP_NODISCARD enum sp_admin_status sp_admin_list_department(struct sp_admin *admin,
    const char *department, struct sp_credential_list *list_r, char why_r[SP_CONF_WHY_MAX]);

/* The credential with that id, without its hash; the caller frees it. */
SP_NODISCARD enum sp_admin_status sp_admin_get(struct sp_admin *admin, const char *id,
    struct sp_credential **credential_r, char why_r[SP_CONF_WHY_MAX]);

/* Makes the credential at before->dn, which was read as *before, what *after is, in
 * one LDAP modify of nothing but what differs: label, logins, restrictions, times,
 * suspension, revocation with its reason, and what it replaces. The rest of *after
 * is ignored. Nothing differs: SP_ADMIN_OK. What somebody else has added meanwhile,
 * such as a revocation, is not written over, and one that *before knows neither:
 * SP_ADMIN_ERROR. */
SP_NODISCARD enum sp_admin_status sp_admin_change(struct sp_admin *admin,
    const struct sp_credential *before, const struct sp_credential *after,
    char why_r[SP_CONF_WHY_MAX]);

/* Whether sp_admin_change() would have something to write. */
bool sp_admin_differs(const struct sp_credential *before, const struct sp_credential *after);

/* *gone_r is true only if the owner's entry certainly does not exist: the server says
 * noSuchObject and names the closest entry above that does (RFC 4511, section 4.1.9,
 * matchedDN), which slapd does not for an entry that it hides; and owner_base is
 * there to be seen. */
SP_NODISCARD enum sp_admin_status sp_admin_owner_is_gone(
    struct sp_admin *admin, const char *owner_dn, bool *gone_r, char why_r[SP_CONF_WHY_MAX]);

/* Who is bound, as the server says (RFC 4532): "dn:..." or "u:...", or "" for nobody; and
 * that server's URI. The caller frees both. */
SP_NODISCARD enum sp_admin_status sp_admin_whoami(
    struct sp_admin *admin, char **identity_r, char **server_r, char why_r[SP_CONF_WHY_MAX]);

/* Deletes the credential's entry. */
SP_NODISCARD enum sp_admin_status sp_admin_delete(
    struct sp_admin *admin, const struct sp_credential *credential, char why_r[SP_CONF_WHY_MAX]);

#endif
