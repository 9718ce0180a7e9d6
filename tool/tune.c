/* SPDX-License-Identifier: BSD-2-Clause */
/* tune.c - `sendpass tune`: what a hash may cost on this machine */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/number.h"
#include "lib/password/argon2_slot.h"
#include "tool/arguments.h"
#include "tool/message.h"
#include "tool/output.h"
#include "tool/session.h"
#include "tool/tune_search.h"

#define STANDARD_TARGET_MS 50
#define RUNS               5

static int compare_times(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

/* The median, and of its own processor time, since the machine does other things, too. */
static int64_t measure(void *context, const struct sp_argon2_cost *cost)
{
	struct sp_argon2_slot *slot = context;
	struct sp_secret secret = {0};
	char text[SP_PHC_TEXT_MAX];
	int64_t took_us[RUNS];

	if (!sp_secret_set(&secret, "tune", strlen("tune")))
		return -1;
	/* once before, for the memory that was never touched */
	for (int i = -1; i < RUNS; i++) {
		int64_t begin_us = sp_thread_time_us();
		if (!sp_argon2_hash(slot, cost, &secret, text))
			return -1;
		if (i >= 0)
			took_us[i] = sp_thread_time_us() - begin_us;
	}
	qsort(took_us, RUNS, sizeof(took_us[0]), compare_times);
	return took_us[RUNS / 2];
}

struct wish {
	uint64_t target_ms, memory_max_kib, slots; /* 0: as the configuration has it */
};

/* Comments, and lines for the configuration, with caps that are too low for them. */
static void print_lines(const struct sp_conf *conf, const struct sp_tuning_shown *shown)
{
	uint64_t slot_kib = conf->argon2_max_memory;

	if (slot_kib < shown->memory_kib)
		slot_kib = shown->memory_kib;
	printf("# One hash takes %.1f ms here; %" PRIu64 " ms are wanted.\n", shown->ms,
	    shown->target_ms);
	if (!shown->fits)
		printf("# That is too long, but a cheaper hash would be too easy to guess.\n");
	printf("# Argon2 is for first logins: at most %.0f a second, in at most %" PRIu64 " MiB.\n",
	    shown->logins_per_second, (shown->slots * slot_kib + 1023) / 1024);
	printf("[argon2]\nmemory = %" PRIu32 "\npasses = %" PRIu32 "\nlanes = %" PRIu32 "\n",
	    shown->memory_kib, shown->passes, shown->lanes);
	if (shown->memory_kib > conf->argon2_max_memory)
		printf("max_memory = %" PRIu32 "\n", shown->memory_kib);
	if (shown->passes > conf->argon2_max_passes)
		printf("max_passes = %" PRIu32 "\n", shown->passes);
	printf("[daemon]\nargon2_slots = %" PRIu64 "\n", shown->slots);
}

static enum sp_exit tune(
    const struct sp_run *run, const struct sp_conf *conf, const struct wish *wish)
{
	uint64_t slots = wish->slots > 0 ? wish->slots : sp_conf_argon2_slots(conf);
	uint64_t memory_max_kib =
	    wish->memory_max_kib > 0 ? wish->memory_max_kib : conf->argon2_max_memory;
	const struct sp_tune_limits limits = {
	    .target_us = (int64_t)wish->target_ms * 1000,
	    .memory_max_kib = (uint32_t)memory_max_kib,
	    .passes_max = (uint32_t)conf->argon2_max_passes,
	};
	struct sp_tuning tuning;

	if (memory_max_kib < SP_TUNE_MEMORY_MIN_KIB)
		return sp_fail(SP_EXIT_FAILED,
		    "[argon2] max_memory is below %d: raise it, or give --memory-max",
		    SP_TUNE_MEMORY_MIN_KIB);
	struct sp_argon2_slot *slot = sp_argon2_slot_new(limits.memory_max_kib);
	bool done = slot != NULL && sp_tune_search(&limits, measure, slot, &tuning);
	sp_argon2_slot_free(&slot);
	if (!done)
		return sp_fail(SP_EXIT_FAILED,
		    "Argon2 failed: is there memory for %" PRIu64 " KiB?", memory_max_kib);
	const struct sp_tuning_shown shown = {
	    .memory_kib = tuning.cost.memory_kib,
	    .passes = tuning.cost.passes,
	    .lanes = tuning.cost.lanes,
	    .slots = slots,
	    .target_ms = wish->target_ms,
	    .ms = (double)tuning.took_us / 1000,
	    .logins_per_second = (double)slots * 1e6 / (double)tuning.took_us,
	    .fits = tuning.took_us <= limits.target_us,
	};
	if (run->json)
		return sp_json_tuning(&shown);
	print_lines(conf, &shown);
	return SP_EXIT_OK;
}

/* A machine may be tuned before sendpass is configured: then by the defaults. */
static enum sp_exit read_conf(const struct sp_run *run, struct sp_conf **conf_r)
{
	if (run->conf_path != NULL || access(sp_session_conf_path(run), F_OK) == 0)
		return sp_session_read_conf(run, conf_r);
	*conf_r = sp_conf_defaults();
	return *conf_r != NULL ? SP_EXIT_OK : sp_fail(SP_EXIT_FAILED, "out of memory");
}

enum sp_exit sp_verb_tune(struct sp_run *run)
{
	enum { TARGET = SP_OPTION_OWN, MEMORY_MAX, SLOTS };
	static const struct option options[] = {
	    {"target", required_argument, NULL, TARGET},
	    {"memory-max", required_argument, NULL, MEMORY_MAX},
	    {"slots", required_argument, NULL, SLOTS},
	    SP_OPTIONS_OF_EVERY_VERB,
	};
	struct wish wish = {.target_ms = STANDARD_TARGET_MS};
	enum sp_exit status = SP_EXIT_FAILED;
	struct sp_conf *conf = NULL;

	for (int option; (option = sp_next_option(run, options, &status)) != SP_OPTIONS_END;) {
		if (option == TARGET && !sp_parse_duration(optarg, 1, 4000, &wish.target_ms))
			return sp_fail_usage(run, "--target must be a time from 1ms to 4s");
		if (option == MEMORY_MAX &&
		    !sp_parse_number(optarg, SP_TUNE_MEMORY_MIN_KIB, 4194304, &wish.memory_max_kib))
			return sp_fail_usage(
			    run, "--memory-max must be a number of KiB from 7168 to 4194304");
		if (option == SLOTS && !sp_parse_number(optarg, 1, 256, &wish.slots))
			return sp_fail_usage(run, "--slots must be a number from 1 to 256");
		if (option < TARGET)
			return status;
	}
	if (sp_operands(run, 0, 0) == NULL)
		return SP_EXIT_USAGE;
	status = read_conf(run, &conf);
	if (status == SP_EXIT_OK)
		status = tune(run, conf, &wish);
	sp_conf_free(&conf);
	return status;
}
