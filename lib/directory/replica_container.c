/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/directory/replica_container.h"

#include <string.h>
#include <strings.h>

static const char *const classes[] = {
    "organizationalUnit",
    "organization",
    "domain",
    "dcObject",
    "country",
    "locality",
    "container",
    "nsContainer",
};

bool sp_entry_is_container(const struct sp_entry *entry)
{
	struct sp_entry_values values;

	if (!sp_entry_find(entry, "objectClass", &values))
		return false;
	while (values.count > 0) {
		struct berval value = sp_entry_next_value(&values);
		for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
			if (value.bv_len == strlen(classes[i]) &&
			    strncasecmp(value.bv_val, classes[i], value.bv_len) == 0)
				return true;
		}
	}
	return false;
}
