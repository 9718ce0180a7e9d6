/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/conf/conf_value.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/number.h"
#include "lib/conf/conf_door.h"
#include "lib/conf/conf_list.h"

static void *field_of(const struct sp_conf *conf, const struct sp_setting *setting)
{
	return (char *)conf + setting->offset;
}

static bool say(char why_r[SP_CONF_WHY_MAX], const char *text)
{
	snprintf(why_r, SP_CONF_WHY_MAX, "%s", text);
	return false;
}

static bool no_memory(char why_r[SP_CONF_WHY_MAX])
{
	return say(why_r, "out of memory");
}

static bool set_string(char **field, const char *text, char why_r[SP_CONF_WHY_MAX])
{
	char *copy = strdup(text);

	if (copy == NULL)
		return no_memory(why_r);
	free(*field);
	*field = copy;
	return true;
}

/* True if text is one of the words that '|' splits. */
static bool is_word_of(const char *words, const char *text)
{
	size_t length = strlen(text);

	for (const char *at = words; at != NULL; at = strchr(at, '|')) {
		at += *at == '|';
		if (strncmp(at, text, length) == 0 && strcspn(at, "|") == length)
			return true;
	}
	return false;
}

static bool set_word(
    char **field, const struct sp_setting *setting, const char *text, char why_r[SP_CONF_WHY_MAX])
{
	if (is_word_of(setting->standard, text))
		return set_string(field, text, why_r);
	snprintf(why_r, SP_CONF_WHY_MAX, "must be one of %s", setting->standard);
	return false;
}

static bool set_path(char **field, const char *text, char why_r[SP_CONF_WHY_MAX])
{
	if (text[0] != '\0' && text[0] != '/')
		return say(why_r, "must be an absolute path");
	return set_string(field, text, why_r);
}

static bool set_switch(bool *field, const char *text, char why_r[SP_CONF_WHY_MAX])
{
	if (strcmp(text, "yes") != 0 && strcmp(text, "no") != 0)
		return say(why_r, "must be yes or no");
	*field = text[0] == 'y';
	return true;
}

static bool set_number(uint64_t *field, const struct sp_setting *setting, const char *text,
    char why_r[SP_CONF_WHY_MAX])
{
	if (sp_parse_number(text, setting->low, setting->high, field))
		return true;
	snprintf(why_r, SP_CONF_WHY_MAX, "must be a number from %" PRIu64 " to %" PRIu64,
	    setting->low, setting->high);
	return false;
}

static bool set_duration(uint64_t *field, const struct sp_setting *setting, const char *text,
    char why_r[SP_CONF_WHY_MAX])
{
	char low[32], high[32];

	if (sp_parse_duration(text, setting->low, setting->high, field))
		return true;
	sp_format_duration(setting->low, low, sizeof(low));
	sp_format_duration(setting->high, high, sizeof(high));
	snprintf(why_r, SP_CONF_WHY_MAX,
	    "must be a duration with its unit (ms, s, m, h, d, w) from %s to %s", low, high);
	return false;
}

/* An empty value stands for an empty list, where that is the default. */
static bool add_to_list(struct sp_conf_list *list, const struct sp_setting *setting,
    const char *text, char why_r[SP_CONF_WHY_MAX])
{
	if (text[0] == '\0' && setting->standard[0] == '\0' && list->count == 0)
		return true;
	if (text[0] == '\0')
		return say(why_r, "must not be empty");
	return sp_conf_list_add(list, text) || no_memory(why_r);
}

/* An empty value stands for no door, where there is none yet. */
static bool add_door(struct sp_conf_doors *doors, const struct sp_setting *setting,
    const char *text, char why_r[SP_CONF_WHY_MAX])
{
	if (text[0] == '\0' && doors->count == 0)
		return true;
	return sp_conf_doors_add(doors, text, setting->high != 0, why_r);
}

bool sp_conf_value_set(struct sp_conf *conf, const struct sp_setting *setting, const char *text,
    char why_r[SP_CONF_WHY_MAX])
{
	void *field = field_of(conf, setting);

	switch (setting->type) {
	case SP_SETTING_TEXT:
		return set_string(field, text, why_r);
	case SP_SETTING_PATH:
		return set_path(field, text, why_r);
	case SP_SETTING_WORD:
		return set_word(field, setting, text, why_r);
	case SP_SETTING_LIST:
		return add_to_list(field, setting, text, why_r);
	case SP_SETTING_DOORS:
		return add_door(field, setting, text, why_r);
	case SP_SETTING_SWITCH:
		return set_switch(field, text, why_r);
	case SP_SETTING_NUMBER:
		return set_number(field, setting, text, why_r);
	case SP_SETTING_DURATION:
		return set_duration(field, setting, text, why_r);
	}
	return false;
}

static void print_list(const struct sp_conf_list *list, const char *key, FILE *out)
{
	if (list->count == 0)
		fprintf(out, "%s =\n", key);
	for (size_t i = 0; i < list->count; i++)
		fprintf(out, "%s = %s\n", key, list->items[i]);
}

void sp_conf_value_print(const struct sp_conf *conf, const struct sp_setting *setting, FILE *out)
{
	const void *field = field_of(conf, setting);
	char duration[32];

	switch (setting->type) {
	case SP_SETTING_TEXT:
	case SP_SETTING_PATH:
	case SP_SETTING_WORD:
		fprintf(out, "%s = %s\n", setting->key, *(char *const *)field);
		break;
	case SP_SETTING_LIST:
		print_list(field, setting->key, out);
		break;
	case SP_SETTING_DOORS:
		sp_conf_doors_print(field, setting->key, out);
		break;
	case SP_SETTING_SWITCH:
		fprintf(out, "%s = %s\n", setting->key, *(const bool *)field ? "yes" : "no");
		break;
	case SP_SETTING_NUMBER:
		fprintf(out, "%s = %" PRIu64 "\n", setting->key, *(const uint64_t *)field);
		break;
	case SP_SETTING_DURATION:
		sp_format_duration(*(const uint64_t *)field, duration, sizeof(duration));
		fprintf(out, "%s = %s\n", setting->key, duration);
		break;
	}
}

void sp_conf_value_clear(struct sp_conf *conf, const struct sp_setting *setting)
{
	void *field = field_of(conf, setting);

	switch (setting->type) {
	case SP_SETTING_TEXT:
	case SP_SETTING_PATH:
	case SP_SETTING_WORD:
		free(*(char **)field);
		*(char **)field = NULL;
		break;
	case SP_SETTING_LIST:
		sp_conf_list_clear(field);
		break;
	case SP_SETTING_DOORS:
		sp_conf_doors_clear(field);
		break;
	case SP_SETTING_SWITCH:
	case SP_SETTING_NUMBER:
	case SP_SETTING_DURATION:
		break;
	}
}
