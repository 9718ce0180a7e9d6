/* SPDX-License-Identifier: BSD-2-Clause */
/* doctor_argon2.c - what Argon2 costs on this machine */
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/password/argon2_slot.h"
#include "lib/password/argon2_speed.h"
#include "tool/doctor.h"

#define SLOW_MS 500
#define FAST_MS 10
#define RUNS    3

/* Without a configuration, that of the defaults. */
static const struct sp_conf *conf_of(const struct sp_doctor *doctor)
{
	return doctor->conf != NULL ? doctor->conf : doctor->defaults;
}

/* The best of some runs, since other programs run as well; -1 if it cannot be computed. */
static int64_t measure_us(const struct sp_argon2_cost *cost)
{
	struct sp_argon2_slot *slot = sp_argon2_slot_new(cost->memory_kib);
	struct sp_secret secret = {0};
	char text[SP_PHC_TEXT_MAX];
	int64_t best_us = -1;
	bool ok = slot != NULL && sp_secret_set(&secret, "doctor", strlen("doctor"));

	for (int i = 0; i < RUNS && ok; i++) {
		int64_t begin_us = sp_now_us();
		ok = sp_argon2_hash(slot, cost, &secret, text);
		int64_t took_us = sp_now_us() - begin_us;
		if (ok && (best_us < 0 || took_us < best_us))
			best_us = took_us;
	}
	sp_argon2_slot_free(&slot);
	return ok ? best_us : -1;
}

static void check_time(struct sp_doctor *doctor)
{
	const struct sp_conf *conf = conf_of(doctor);
	const struct sp_argon2_cost cost = {
	    .memory_kib = (uint32_t)conf->argon2_memory,
	    .passes = (uint32_t)conf->argon2_passes,
	    .lanes = (uint32_t)conf->argon2_lanes,
	};
	int64_t us = measure_us(&cost);

	if (us < 0) {
		sp_doctor_tell(doctor, SP_FINDING_ERROR, "one hash could not be computed");
		sp_doctor_advise(doctor, "[argon2] memory is %" PRIu64 " KiB: is there as much?",
		    conf->argon2_memory);
		return;
	}
	int64_t ms = us / 1000;
	bool fits = ms >= FAST_MS && ms <= SLOW_MS;
	sp_doctor_tell(doctor, fits ? SP_FINDING_OK : SP_FINDING_WARNING,
	    "one hash (m=%" PRIu64 ",t=%" PRIu64 ",p=%" PRIu64 ") takes %" PRId64 ".%" PRId64
	    " ms here",
	    conf->argon2_memory, conf->argon2_passes, conf->argon2_lanes, ms, us / 100 % 10);
	if (!fits)
		sp_doctor_advise(
		    doctor, ms < FAST_MS ? "[argon2] passes or memory may be higher, for what is "
					   "issued from then on"
					 : "lower [argon2] passes or memory, for what is issued "
					   "from then on");
}

static void check_memory(struct sp_doctor *doctor)
{
	long pages = sysconf(_SC_PHYS_PAGES), page_size = sysconf(_SC_PAGESIZE);
	const struct sp_conf *conf = conf_of(doctor);
	uint64_t slots = sp_conf_argon2_slots(conf);
	uint64_t needed_mib = slots * conf->argon2_max_memory / 1024;

	if (pages <= 0 || page_size <= 0) {
		sp_doctor_tell(doctor, SP_FINDING_SKIPPED, "this machine's memory is not known");
		return;
	}
	uint64_t memory_mib = (uint64_t)pages * (uint64_t)page_size / 1024 / 1024;
	bool fits = needed_mib <= memory_mib / 2;
	sp_doctor_tell(doctor,
	    fits                      ? SP_FINDING_OK
	    : needed_mib > memory_mib ? SP_FINDING_ERROR
				      : SP_FINDING_WARNING,
	    "Argon2 takes up to %" PRIu64 " MiB of %" PRIu64 ": %" PRIu64
	    " at a time, [argon2] max_memory each",
	    needed_mib, memory_mib, slots);
	if (!fits)
		sp_doctor_advise(doctor, "lower [argon2] max_memory or [daemon] argon2_slots");
}

/* No fault of the installation's: distributions build it for every machine of a kind. */
static void check_library(struct sp_doctor *doctor)
{
	unsigned percent = sp_argon2_relative_time();

	if (percent == 0) {
		sp_doctor_tell(doctor, SP_FINDING_SKIPPED, "libargon2's speed cannot be measured");
		return;
	}
	if (percent < SP_ARGON2_SCALAR_PERCENT)
		return;
	sp_doctor_tell(doctor, SP_FINDING_OK,
	    "libargon2 does not use this machine's vector instructions: libsodium computes %u.%u "
	    "times as fast",
	    percent / 100, percent / 10 % 10);
	sp_doctor_advise(doctor,
	    "if first logins wait for Argon2, build libargon2 for this machine: "
	    "docs/argon2.md tells how; other logins do not need it");
}

static const struct sp_check checks[] = {
    {"argon2-library", "libargon2 is as fast as this machine lets it be", 0, check_library},
    {"argon2-time", "one hash takes a time that suits", 0, check_time},
    {"argon2-memory", "there is memory for all hashes at a time", 0, check_memory},
};

const struct sp_check_list sp_checks_of_argon2 = {checks, sizeof(checks) / sizeof(checks[0])};
