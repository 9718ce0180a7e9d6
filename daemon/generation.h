/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * generation.h - what one reading of the configuration yields
 *
 * A SIGHUP makes a new generation; workers move to it at their next job, and
 * the old one goes when the last of them has left it.
 */
#ifndef SP_DAEMON_GENERATION_H
#define SP_DAEMON_GENERATION_H

#include <stdbool.h>

#include "lib/base/rate.h"
#include "lib/conf/conf.h"
#include "lib/directory/live.h"
#include "lib/directory/replica_scope.h"
#include "lib/policy/alert_kind.h"
#include "lib/policy/attempt.h"
#include "lib/policy/throttle.h"
#include "sendpass/attributes.h"

struct sp_generation {
	unsigned references; /* generation.c's own */
	struct sp_conf *conf;
	struct sp_secret bind_secret; /* kept for a re-reading that may no longer open the file */
	struct sp_ldap_site *site;
	struct sp_replica_scope *scope; /* NULL with [directory] mode = live */
	struct sp_attempt_rules rules;
	struct sp_throttle_limits throttle;
	struct sp_network *exempt; /* the throttle's */
	struct sp_alert_kinds alerts;
	struct sp_rate default_rates[SP_RATES_OF_ONE_MAX];
	size_t default_rate_count;
};

/* Reads and checks the configuration at path. `before`, which may be NULL, is
 * the generation it follows: when its secret file has the same name and can no
 * longer be opened since root was dropped, its secret goes on. On false
 * *generation_r is NULL and why_r names file, line and fault. */
SP_NODISCARD bool sp_generation_read(const char *path, const struct sp_generation *before,
    struct sp_generation **generation_r, char why_r[SP_CONF_WHY_MAX]);

/* The holder of the current generation. Safe from every thread. */
struct sp_generations;

/* Takes over the first generation. NULL when there is no memory. */
struct sp_generations *sp_generations_new(struct sp_generation *first);

/* The current generation, held until sp_generation_release(). */
struct sp_generation *sp_generations_hold(struct sp_generations *generations);

/* Makes `next` the current one. */
void sp_generations_replace(struct sp_generations *generations, struct sp_generation *next);

void sp_generation_release(struct sp_generations *generations, struct sp_generation **generation);
void sp_generations_free(struct sp_generations **generations);

#endif
