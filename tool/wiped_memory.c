/* SPDX-License-Identifier: BSD-2-Clause */
#include "tool/wiped_memory.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

void sp_wiping_free(void *memory)
{
	if (memory != NULL)
		explicit_bzero(memory, malloc_usable_size(memory));
	free(memory);
}

/* realloc() itself leaves behind what it moves. */
void *sp_wiping_realloc(void *memory, size_t size)
{
	size_t before = memory != NULL ? malloc_usable_size(memory) : 0;

	if (size <= before && size > 0)
		return memory;
	/* NOLINTNEXTLINE(clang-analyzer-optin.portability.UnixAPI): as realloc() of glibc does */
	void *bigger = malloc(size);
	if (bigger == NULL)
		return NULL;
	if (before > 0)
		memcpy(bigger, memory, before < size ? before : size);
	sp_wiping_free(memory);
	return bigger;
}
