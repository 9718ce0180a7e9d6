/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/password/argon2_slot.h"

#include <argon2.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>

#define NEW_SALT_LENGTH 16
#define NEW_TAG_LENGTH  32

struct sp_argon2_slot {
	uint8_t *memory;
	size_t size;
};

/* libargon2's allocator gets no context, so the thread that runs a slot leaves it here. */
static _Thread_local struct sp_argon2_slot *running;

static int give_memory(uint8_t **memory_r, size_t size)
{
	*memory_r = running != NULL && size <= running->size ? running->memory : NULL;
	return 0; /* libargon2 looks at the pointer */
}

static void take_memory_back(uint8_t *memory, size_t size)
{
	/* The slot keeps it; libargon2 has cleared it. */
	(void)memory;
	(void)size;
}

struct sp_argon2_slot *sp_argon2_slot_new(uint32_t memory_kib)
{
	struct sp_argon2_slot *slot = calloc(1, sizeof(*slot));

	if (slot == NULL)
		return NULL;
	slot->size = (size_t)memory_kib * 1024;
	void *memory = mmap(NULL, slot->size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (memory == MAP_FAILED) {
		free(slot);
		return NULL;
	}
	slot->memory = memory;
	madvise(memory, slot->size, MADV_HUGEPAGE);
	madvise(memory, slot->size, MADV_DONTDUMP);
	return slot;
}

void sp_argon2_slot_free(struct sp_argon2_slot **slot)
{
	if (slot == NULL || *slot == NULL)
		return;
	munmap((*slot)->memory, (*slot)->size);
	free(*slot);
	*slot = NULL;
}

static argon2_type library_type(enum sp_argon2_type type)
{
	switch (type) {
	case SP_ARGON2D:
		return Argon2_d;
	case SP_ARGON2I:
		return Argon2_i;
	case SP_ARGON2ID:
		break;
	}
	return Argon2_id;
}

/* Computes phc->tag_length bytes of tag by phc's other fields. */
static bool compute(struct sp_argon2_slot *slot, const struct sp_phc *phc,
    const struct sp_secret *secret, uint8_t *tag_r)
{
	struct sp_secret copy = *secret; /* libargon2 wants it writable, and wipes it */
	uint8_t salt[SP_PHC_SALT_MAX];

	memcpy(salt, phc->salt, sizeof(salt));
	argon2_context context = {
	    .out = tag_r,
	    .outlen = (uint32_t)phc->tag_length,
	    .pwd = (uint8_t *)copy.bytes,
	    .pwdlen = (uint32_t)copy.length,
	    .salt = salt,
	    .saltlen = (uint32_t)phc->salt_length,
	    .t_cost = phc->cost.passes,
	    .m_cost = phc->cost.memory_kib,
	    .lanes = phc->cost.lanes,
	    .threads = 1,
	    .version = phc->version,
	    .allocate_cbk = give_memory,
	    .free_cbk = take_memory_back,
	    .flags = ARGON2_FLAG_CLEAR_PASSWORD,
	};
	running = slot;
	int status = argon2_ctx(&context, library_type(phc->type));
	running = NULL;
	sp_secret_wipe(&copy);
	sp_secret_wipe_stack();
	return status == ARGON2_OK;
}

enum sp_match sp_argon2_verify(
    struct sp_argon2_slot *slot, const struct sp_phc *phc, const struct sp_secret *secret)
{
	uint8_t tag[SP_PHC_TAG_MAX];
	enum sp_match match = SP_MATCH_ERROR;

	if (compute(slot, phc, secret, tag))
		match = sp_bytes_equal(tag, phc->tag, phc->tag_length) ? SP_MATCH_YES : SP_MATCH_NO;
	explicit_bzero(tag, sizeof(tag));
	return match;
}

bool sp_argon2_hash(struct sp_argon2_slot *slot, const struct sp_argon2_cost *cost,
    const struct sp_secret *secret, char text_r[SP_PHC_TEXT_MAX])
{
	struct sp_phc phc = {
	    .type = SP_ARGON2ID,
	    .version = ARGON2_VERSION_13,
	    .cost = *cost,
	    .salt_length = NEW_SALT_LENGTH,
	    .tag_length = NEW_TAG_LENGTH,
	};
	ssize_t got;

	text_r[0] = '\0';
	do
		got = getrandom(phc.salt, phc.salt_length, 0);
	while (got < 0 && errno == EINTR);
	bool ok = got == (ssize_t)phc.salt_length && compute(slot, &phc, secret, phc.tag) &&
		  sp_phc_print(&phc, text_r, SP_PHC_TEXT_MAX);
	sp_phc_wipe(&phc);
	if (!ok)
		text_r[0] = '\0';
	return ok;
}
