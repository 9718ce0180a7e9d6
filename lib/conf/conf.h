/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf.h - sendpass.conf(5) read into one struct
 *
 * A conf is immutable once read and holds no secret: those are in files of
 * their own (safe_file.h).
 */
#ifndef SP_CONF_CONF_H
#define SP_CONF_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "lib/base/loopback.h"
#include "lib/conf/settings.h"
#include "sendpass/attributes.h"

struct sp_conf_list {
	char **items; /* NULL-terminated */
	size_t count;
};

/* A listening socket. Owner, group and peers are names or numbers, not yet looked
 * up; on loopback there are none. */
struct sp_conf_door {
	char *place; /* a path, or inet:ADDRESS:PORT in the form that is printed */
	struct sp_loopback loopback;
	mode_t mode;
	char *owner;
	char *group;
	struct sp_conf_list peers; /* who may ask; none: everybody the mode lets in */
};

struct sp_conf_doors {
	struct sp_conf_door *items;
	size_t count;
};

#define SP_CONF_TYPE_TEXT     char *
#define SP_CONF_TYPE_PATH     char *
#define SP_CONF_TYPE_WORD     char *
#define SP_CONF_TYPE_LIST     struct sp_conf_list
#define SP_CONF_TYPE_DOORS    struct sp_conf_doors
#define SP_CONF_TYPE_SWITCH   bool
#define SP_CONF_TYPE_NUMBER   uint64_t
#define SP_CONF_TYPE_DURATION uint64_t /* milliseconds */

/* Fields are named section_key: conf->ldap_timeout. */
struct sp_conf {
#define SP_CONF_FIELD(type, section, key, standard, low, high) SP_CONF_TYPE_##type section##_##key;
	SP_SETTINGS(SP_CONF_FIELD)
#undef SP_CONF_FIELD
};

#define SP_CONF_WHY_MAX 512

/* Reads the file at path: an absolute path to a regular file that belongs to
 * root or to us, and that nobody but its owner can write. On success the caller
 * owns *conf_r. On false *conf_r is NULL and why_r says what is wrong and where,
 * as "file:line: ...", or "file: ..." where settings contradict each other. */
SP_NODISCARD bool sp_conf_read(
    const char *path, struct sp_conf **conf_r, char why_r[SP_CONF_WHY_MAX]);

/* The defaults alone. NULL when there is no memory. */
struct sp_conf *sp_conf_defaults(void);

/* Writes every setting with its value, in the form sp_conf_read() reads; but a line that was almost
 * too long may be written in a form that is. */
void sp_conf_print(const struct sp_conf *conf, FILE *out);

/* True if any setting of the section has another value in b than in a, or if
 * that cannot be told. */
SP_NODISCARD bool sp_conf_section_differs(
    const struct sp_conf *a, const struct sp_conf *b, const char *section);

/* How many Argon2 slots [daemon] argon2_slots means on this machine. */
size_t sp_conf_argon2_slots(const struct sp_conf *conf);

void sp_conf_free(struct sp_conf **conf);

#endif
