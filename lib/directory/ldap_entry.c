/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/directory/ldap_entry.h"

#include <string.h>

#include "lib/directory/ldap_mapping.h"

static void add_attribute(
    struct sp_entry_builder *builder, const struct berval *name, const struct berval *values)
{
	sp_entry_add_attribute(builder, name->bv_val);
	for (; values != NULL && values->bv_val != NULL; values++) {
		sp_entry_add_value(builder, values->bv_val, values->bv_len);
		/* a hash may be among them */
		explicit_bzero(values->bv_val, values->bv_len);
	}
}

bool sp_ldap_entry_build(
    LDAP *ld, LDAPMessage *message, struct sp_entry_builder *builder, struct sp_entry *entry_r)
{
	BerElement *ber = NULL;
	struct berval dn, name, *values = NULL;
	int code = ldap_get_dn_ber(ld, message, &ber, &dn);

	if (code == LDAP_SUCCESS) {
		sp_entry_begin(builder, dn.bv_val);
		while ((code = ldap_get_attribute_ber(ld, message, ber, &name, &values)) ==
			   LDAP_SUCCESS &&
		       name.bv_val != NULL) {
			add_attribute(builder, &name, values);
			ber_memfree(values);
			values = NULL;
		}
	}
	ber_free(ber, 0);
	return code == LDAP_SUCCESS && sp_entry_end(builder, entry_r);
}

struct sp_credential *sp_ldap_entry_credential(LDAP *ld, LDAPMessage *message)
{
	struct sp_entry_builder builder = {0};
	struct sp_entry entry;
	struct sp_credential *credential = NULL;

	if (sp_ldap_entry_build(ld, message, &builder, &entry))
		credential = sp_mapping_credential(&entry);
	sp_entry_builder_clear(&builder);
	return credential;
}
