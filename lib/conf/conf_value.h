/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_value.h - one setting's value: from text, back to text, and freed
 */
#ifndef SP_CONF_CONF_VALUE_H
#define SP_CONF_CONF_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "lib/conf/conf.h"
#include "sendpass/attributes.h"

enum sp_setting_type {
	SP_SETTING_TEXT,
	SP_SETTING_PATH,
	SP_SETTING_LIST,
	SP_SETTING_DOORS,
	SP_SETTING_SWITCH,
	SP_SETTING_NUMBER,
	SP_SETTING_DURATION,
	SP_SETTING_WORD,
};

/* One row of settings.h, with the place of its field in struct sp_conf. */
struct sp_setting {
	enum sp_setting_type type;
	const char *section;
	const char *key;
	const char *standard;
	uint64_t low;
	uint64_t high;
	size_t offset;
};

/* Sets the field from text; a LIST or DOORS gets one more item. On false the
 * field is as it was and why_r says what the text ought to be. */
SP_NODISCARD bool sp_conf_value_set(struct sp_conf *conf, const struct sp_setting *setting,
    const char *text, char why_r[SP_CONF_WHY_MAX]);

/* Writes "key = value" lines. */
void sp_conf_value_print(const struct sp_conf *conf, const struct sp_setting *setting, FILE *out);

/* Frees what the field holds and empties it. */
void sp_conf_value_clear(struct sp_conf *conf, const struct sp_setting *setting);

#endif
