/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_list.h - the list of strings that some settings are
 */
#ifndef SP_CONF_CONF_LIST_H
#define SP_CONF_CONF_LIST_H

#include <stdbool.h>

#include "lib/conf/conf.h"
#include "sendpass/attributes.h"

/* Appends a copy of text. False, with the list as it was, when there is no memory. */
SP_NODISCARD bool sp_conf_list_add(struct sp_conf_list *list, const char *text);

/* Frees what the list holds and empties it. */
void sp_conf_list_clear(struct sp_conf_list *list);

#endif
