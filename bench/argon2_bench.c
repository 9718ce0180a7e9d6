/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * argon2_bench.c - what a slot costs beside the bare library
 *
 * Verifies by a slot, by argon2_ctx() in a loop on memory that is kept, and by the
 * library as it comes: memory from malloc for each, a thread for each lane. They take
 * turns, so a machine that slows down slows them alike; only ratios carry over.
 *
 *	make bench/argon2_bench && bench/argon2_bench
 */
#include <argon2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "lib/base/clock.h"
#include "lib/password/argon2_slot.h"

#define ROUNDS   9
#define ROUND_US 300000
#define PASSWORD "k7qf2m9x4d1hw8s6t0yab3nezc"

static const struct sp_argon2_cost costs[] = {{19456, 2, 1}, {65536, 3, 4}, {8192, 1, 1}};

static struct {
	struct sp_argon2_slot *slot;
	struct sp_phc phc;
	struct sp_secret secret;
	uint8_t *arena;
} now;

static int give_arena(uint8_t **memory_r, size_t size)
{
	(void)size;
	*memory_r = now.arena;
	return 0;
}

static void keep_arena(uint8_t *memory, size_t size)
{
	(void)memory;
	(void)size;
}

static bool by_slot(void)
{
	return sp_argon2_verify(now.slot, &now.phc, &now.secret) == SP_MATCH_YES;
}

static bool by_library(uint32_t threads, allocate_fptr allocate, deallocate_fptr deallocate)
{
	uint8_t tag[SP_PHC_TAG_MAX];
	argon2_context context = {
	    .out = tag,
	    .outlen = (uint32_t)now.phc.tag_length,
	    .pwd = (uint8_t *)now.secret.bytes,
	    .pwdlen = (uint32_t)now.secret.length,
	    .salt = now.phc.salt,
	    .saltlen = (uint32_t)now.phc.salt_length,
	    .t_cost = now.phc.cost.passes,
	    .m_cost = now.phc.cost.memory_kib,
	    .lanes = now.phc.cost.lanes,
	    .threads = threads,
	    .version = now.phc.version,
	    .allocate_cbk = allocate,
	    .free_cbk = deallocate,
	};

	return argon2id_ctx(&context) == ARGON2_OK &&
	       memcmp(tag, now.phc.tag, now.phc.tag_length) == 0;
}

static bool by_bare_library(void)
{
	return by_library(1, give_arena, keep_arena);
}

static bool by_library_as_it_comes(void)
{
	return by_library(now.phc.cost.lanes, NULL, NULL);
}

static const struct {
	const char *name;
	bool (*verify)(void);
} ways[] = {
    {"slot", by_slot},
    {"bare library, kept memory", by_bare_library},
    {"library as it comes", by_library_as_it_comes},
};
#define WAYS (sizeof(ways) / sizeof(ways[0]))

static long faults_so_far(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_minflt + usage.ru_majflt;
}

/* Verifications a second; exits if one is wrong. */
static double measure(bool (*verify)(void), double *faults_r)
{
	int64_t begin_us = sp_now_us(), took_us;
	long before = faults_so_far();
	int count = 0;

	do {
		if (!verify()) {
			fputs("a right password was refused\n", stderr);
			exit(EXIT_FAILURE);
		}
		count++;
		took_us = sp_now_us() - begin_us;
	} while (took_us < ROUND_US);
	*faults_r = (double)(faults_so_far() - before) / count;
	return count * 1e6 / (double)took_us;
}

static int compare(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

static double median(double values[ROUNDS])
{
	qsort(values, ROUNDS, sizeof(values[0]), compare);
	return values[ROUNDS / 2];
}

static void run(const struct sp_argon2_cost *cost)
{
	double rates[WAYS][ROUNDS], ratios[WAYS][ROUNDS], faults[WAYS][ROUNDS];
	double ignored;

	printf("\nm=%u,t=%u,p=%u\n%-28s %10s %18s %18s\n", cost->memory_kib, cost->passes,
	    cost->lanes, "", "a second", "time to bare one's", "faults each");
	for (size_t way = 0; way < WAYS; way++)
		measure(ways[way].verify, &ignored);
	for (int round = 0; round < ROUNDS; round++) {
		for (size_t way = 0; way < WAYS; way++)
			rates[way][round] = measure(ways[way].verify, &faults[way][round]);
		for (size_t way = 0; way < WAYS; way++)
			ratios[way][round] = rates[1][round] / rates[way][round];
	}
	for (size_t way = 0; way < WAYS; way++)
		printf("%-28s %10.1f %18.2f %18.1f\n", ways[way].name, median(rates[way]),
		    median(ratios[way]), median(faults[way]));
}

int main(void)
{
	for (size_t i = 0; i < sizeof(costs) / sizeof(costs[0]); i++) {
		size_t size = (size_t)costs[i].memory_kib * 1024;
		char text[SP_PHC_TEXT_MAX];
		const char *why = "out of memory";
		now.slot = sp_argon2_slot_new(costs[i].memory_kib);
		now.arena =
		    mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (now.slot == NULL || now.arena == MAP_FAILED ||
		    !sp_secret_set(&now.secret, PASSWORD, strlen(PASSWORD)) ||
		    !sp_argon2_hash(now.slot, &costs[i], &now.secret, text) ||
		    !sp_phc_parse(text, strlen(text), &costs[i], &now.phc, &why)) {
			fprintf(stderr, "%s\n", why);
			return EXIT_FAILURE;
		}
		madvise(now.arena, size, MADV_HUGEPAGE);
		run(&costs[i]);
		sp_argon2_slot_free(&now.slot);
		munmap(now.arena, size);
	}
	return EXIT_SUCCESS;
}
