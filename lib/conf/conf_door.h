/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_door.h - one listening socket as the configuration writes it:
 * PATH MODE OWNER GROUP [PEER...], or inet:ADDRESS:PORT
 */
#ifndef SP_CONF_CONF_DOOR_H
#define SP_CONF_CONF_DOOR_H

#include <stdbool.h>
#include <stdio.h>

#include "lib/conf/conf.h"
#include "sendpass/attributes.h"

/* Appends the door that text describes, which may be on loopback TCP if inet is
 * true. On false the doors are as they were and why_r says what is wrong. */
SP_NODISCARD bool sp_conf_doors_add(
    struct sp_conf_doors *doors, const char *text, bool inet, char why_r[SP_CONF_WHY_MAX]);

/* Writes one line "key = PATH ..." per door, and "key =" for none. */
void sp_conf_doors_print(const struct sp_conf_doors *doors, const char *key, FILE *out);

/* Frees what the doors hold and empties them. */
void sp_conf_doors_clear(struct sp_conf_doors *doors);

#endif
