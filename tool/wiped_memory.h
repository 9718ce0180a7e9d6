/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * wiped_memory.h - for libraries through whose own memory a secret passes
 */
#ifndef SP_TOOL_WIPED_MEMORY_H
#define SP_TOOL_WIPED_MEMORY_H

#include <stddef.h>

/* As free() and realloc(), of memory from malloc(); what is given back is wiped. */
void sp_wiping_free(void *memory);
void *sp_wiping_realloc(void *memory, size_t size);

#endif
