/* SPDX-License-Identifier: BSD-2-Clause */
/* PHC strings, which stand in the directory: under the caps, and written back as they came. */
#include "fuzz/fuzz.h"
#include "lib/password/phc.h"

static const struct sp_argon2_cost caps = {.memory_kib = 65536, .passes = 10, .lanes = 4};

static void hold_caps(const struct sp_phc *phc)
{
	FUZZ_PROMISE(phc->version == 0x10 || phc->version == 0x13);
	FUZZ_PROMISE(phc->cost.memory_kib <= caps.memory_kib);
	FUZZ_PROMISE(phc->cost.passes >= 1 && phc->cost.passes <= caps.passes);
	FUZZ_PROMISE(phc->cost.lanes >= 1 && phc->cost.lanes <= caps.lanes);
	FUZZ_PROMISE(phc->cost.memory_kib >= 8 * phc->cost.lanes);
	FUZZ_PROMISE(phc->salt_length >= SP_PHC_SALT_MIN && phc->salt_length <= SP_PHC_SALT_MAX);
	FUZZ_PROMISE(phc->tag_length >= SP_PHC_TAG_MIN && phc->tag_length <= SP_PHC_TAG_MAX);
}

static void hold_round_trip(const struct sp_phc *phc, const char *bytes, size_t size)
{
	char text[SP_PHC_TEXT_MAX];
	struct sp_phc again;
	const char *why;

	FUZZ_PROMISE(sp_phc_print(phc, text, sizeof(text)));
	FUZZ_PROMISE(sp_phc_parse(text, strlen(text), &caps, &again, &why));
	FUZZ_PROMISE(memcmp(phc, &again, sizeof(again)) == 0);
	/* There is one way to write it, but that old ones have no version. */
	if (memmem(bytes, size, "$v=", 3) != NULL)
		FUZZ_PROMISE(strlen(text) == size && memcmp(text, bytes, size) == 0);
	else
		FUZZ_PROMISE(phc->version == 0x10);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct sp_phc wiped;
	const char *bytes = (const char *)data, *why = "stale";
	struct sp_phc phc;

	if (sp_phc_parse(bytes, size, &caps, &phc, &why)) {
		FUZZ_PROMISE(why == NULL);
		hold_caps(&phc);
		hold_round_trip(&phc, bytes, size);
	} else {
		FUZZ_PROMISE(why != NULL && why[0] != '\0');
		FUZZ_PROMISE(memcmp(&phc, &wiped, sizeof(wiped)) == 0);
	}
	return 0;
}
