/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * replica_scope.h - what a replica holds of a site's directory, and how it is found there
 *
 * Immutable once made; any number of threads may use one.
 */
#ifndef SP_DIRECTORY_REPLICA_SCOPE_H
#define SP_DIRECTORY_REPLICA_SCOPE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/conf/conf.h"
#include "lib/conf/conf_list.h"
#include "lib/directory/dn.h"
#include "lib/directory/filter_tree.h"
#include "lib/directory/ldap_site.h"
#include "lib/directory/replica_sink.h"
#include "sendpass/attributes.h"

struct sp_replica_scope {
	struct sp_replica_search searches[SP_REPLICA_CONTENTS];
	struct sp_conf_list attributes; /* of owners, for the search */
	struct sp_filter *owner_filter, *active_filter;
	struct sp_filter_keys keys;     /* of owner_filter */
	struct sp_conf_list judged;     /* attributes of both filters */
	struct sp_replica_search probe; /* of replica_sink.h, for owners */
	const char *mail;               /* owner_mail_attribute; NULL: none */
	char **owner_attributes;        /* as sp_mapping_owner() takes them */
	char owner_base[SP_DN_NORMAL_MAX];
	char *fingerprint; /* another one: what was stored cannot be read any more */
};

/* The site must outlive the scope. On false *scope_r is NULL and why_r names the
 * setting that cannot go with a replica. */
SP_NODISCARD bool sp_replica_scope_new(const struct sp_ldap_site *site,
    struct sp_replica_scope **scope_r, char why_r[SP_CONF_WHY_MAX]);
void sp_replica_scope_free(struct sp_replica_scope **scope);

/* ---- keys of entries ---- */

#define SP_REPLICA_KEY_MAX 511 /* bytes: LMDB's */

/* Keys that are longer are cut, and the comparisons are wide, so a key leads to all entries
 * that it may mean, and to others: whoever follows it looks at the entry. */
struct sp_replica_key {
	char bytes[SP_REPLICA_KEY_MAX];
	size_t length;
};

/* What a key is of. */
enum sp_replica_key_kind {
	SP_REPLICA_KEY_ID = 'i',     /* credentials by sendpassId */
	SP_REPLICA_KEY_OWNER = 'o',  /* credentials by owner */
	SP_REPLICA_KEY_SENDER = 's', /* credentials by sendpassSender */
	SP_REPLICA_KEY_DN = 'd',     /* owners by their DN */
	SP_REPLICA_KEY_VALUE = 'v',  /* owners by the attribute's value */
};

/* False if the value can have no key, as it is no DN where it should be one. attribute is
 * for SP_REPLICA_KEY_VALUE alone. */
SP_NODISCARD bool sp_replica_key_make(enum sp_replica_key_kind kind, const char *attribute,
    struct berval value, struct sp_replica_key *key_r);

/* False stops. */
typedef bool sp_replica_key_fn(void *context, const struct sp_replica_key *key);

/* Every key that an entry of the content has; some may come twice. False if take was. */
SP_NODISCARD bool sp_replica_keys_of(const struct sp_replica_scope *scope,
    enum sp_replica_content content, const struct sp_entry *entry, sp_replica_key_fn *take,
    void *context);

#endif
