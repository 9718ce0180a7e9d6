/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/conf/conf_door.h"

#include <stdlib.h>
#include <string.h>

#include "lib/conf/conf_list.h"
#include "sendpass/limits.h"

#define INET "inet:"

static bool say(char why_r[SP_CONF_WHY_MAX], const char *text)
{
	snprintf(why_r, SP_CONF_WHY_MAX, "%s", text);
	return false;
}

static void clear_door(struct sp_conf_door *door)
{
	free(door->place);
	free(door->owner);
	free(door->group);
	sp_conf_list_clear(&door->peers);
	*door = (struct sp_conf_door){0};
}

/* Cuts the next word off *rest, in place. NULL when there is none. */
static char *next_word(char **rest)
{
	char *word = *rest + strspn(*rest, " \t");
	size_t length = strcspn(word, " \t");

	*rest = word + length;
	if (length == 0)
		return NULL;
	if (**rest != '\0')
		*(*rest)++ = '\0';
	return word;
}

static bool parse_mode(const char *text, mode_t *mode_r)
{
	mode_t mode = 0;
	size_t length = strlen(text);

	if (length < 3 || length > 4 || strspn(text, "01234567") != length)
		return false;
	for (; *text != '\0'; text++)
		mode = mode * 8 + (mode_t)(*text - '0');
	*mode_r = mode;
	return mode <= 0777;
}

static bool parse_inet(char *text, struct sp_conf_door *door_r, char why_r[SP_CONF_WHY_MAX])
{
	char place[sizeof(INET) + SP_LOOPBACK_TEXT_MAX] = INET;
	const char *address = next_word(&text) + strlen(INET), *why;

	if (!sp_loopback_parse(address, &door_r->loopback, &why)) {
		snprintf(why_r, SP_CONF_WHY_MAX, INET "%.100s %s", address, why);
		return false;
	}
	if (next_word(&text) != NULL)
		return say(why_r, "has words behind inet:ADDRESS:PORT, and TCP knows of no "
				  "mode, owner, group or users");
	sp_loopback_print(&door_r->loopback, place + strlen(INET));
	door_r->place = strdup(place);
	return door_r->place != NULL || say(why_r, "out of memory");
}

static bool parse_unix(
    char *text, struct sp_conf_door *door_r, bool inet, char why_r[SP_CONF_WHY_MAX])
{
	char *path = next_word(&text), *mode = next_word(&text);
	char *owner = next_word(&text), *group = next_word(&text), *peer;

	if (group == NULL || path[0] != '/' || !parse_mode(mode, &door_r->mode))
		return say(
		    why_r, inet ? "must be PATH MODE OWNER GROUP [PEER...], such as "
				  "/run/sendpass/policy 0660 root postfix, or inet:127.0.0.1:PORT"
				: "must be PATH MODE OWNER GROUP [PEER...], such as "
				  "/run/sendpass/auth 0660 root postfix");
	if (strlen(path) >= SP_SOCKET_PATH_SIZE)
		return say(why_r, "has a path that is too long for a socket");
	door_r->place = strdup(path);
	door_r->owner = strdup(owner);
	door_r->group = strdup(group);
	bool ok = door_r->place != NULL && door_r->owner != NULL && door_r->group != NULL;
	while (ok && (peer = next_word(&text)) != NULL)
		ok = sp_conf_list_add(&door_r->peers, peer);
	return ok || say(why_r, "out of memory");
}

static bool parse_door(
    char *text, struct sp_conf_door *door_r, bool inet, char why_r[SP_CONF_WHY_MAX])
{
	text += strspn(text, " \t");
	if (strncmp(text, INET, strlen(INET)) != 0)
		return parse_unix(text, door_r, inet, why_r);
	if (inet)
		return parse_inet(text, door_r, why_r);
	return say(why_r, "must be a unix socket and not inet: TCP does not tell who asks, so only "
			  "the doors policy and metrics, by which no password comes, may use it");
}

static bool append(struct sp_conf_doors *doors, const struct sp_conf_door *door)
{
	struct sp_conf_door *items = reallocarray(doors->items, doors->count + 1, sizeof(*items));

	if (items == NULL)
		return false;
	doors->items = items;
	items[doors->count++] = *door;
	return true;
}

bool sp_conf_doors_add(
    struct sp_conf_doors *doors, const char *text, bool inet, char why_r[SP_CONF_WHY_MAX])
{
	struct sp_conf_door door = {0};
	char *copy = strdup(text);

	if (copy == NULL)
		return say(why_r, "out of memory");
	bool ok = parse_door(copy, &door, inet, why_r);
	free(copy);
	if (ok && !append(doors, &door))
		ok = say(why_r, "out of memory");
	if (!ok)
		clear_door(&door);
	return ok;
}

void sp_conf_doors_print(const struct sp_conf_doors *doors, const char *key, FILE *out)
{
	if (doors->count == 0)
		fprintf(out, "%s =\n", key);
	for (size_t i = 0; i < doors->count; i++) {
		const struct sp_conf_door *door = &doors->items[i];
		fprintf(out, "%s = %s", key, door->place);
		if (door->loopback.length == 0)
			fprintf(out, " %04o %s %s", (unsigned)door->mode, door->owner, door->group);
		for (size_t peer = 0; peer < door->peers.count; peer++)
			fprintf(out, " %s", door->peers.items[peer]);
		fputc('\n', out);
	}
}

void sp_conf_doors_clear(struct sp_conf_doors *doors)
{
	for (size_t i = 0; i < doors->count; i++)
		clear_door(&doors->items[i]);
	free(doors->items);
	*doors = (struct sp_conf_doors){0};
}
