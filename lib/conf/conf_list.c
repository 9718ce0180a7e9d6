/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/conf/conf_list.h"

#include <stdlib.h>
#include <string.h>

bool sp_conf_list_add(struct sp_conf_list *list, const char *text)
{
	char **items = reallocarray(list->items, list->count + 2, sizeof(*items));

	if (items == NULL)
		return false;
	list->items = items;
	items[list->count] = strdup(text);
	if (items[list->count] == NULL)
		return false;
	items[++list->count] = NULL;
	return true;
}

void sp_conf_list_clear(struct sp_conf_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i]);
	free(list->items);
	*list = (struct sp_conf_list){0};
}
