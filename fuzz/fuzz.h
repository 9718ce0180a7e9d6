/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz.h - what the harnesses share
 *
 * A harness hands bytes of any origin to one real parser and holds the parser to
 * its header's promises. libFuzzer makes the bytes (fuzz/run); `make check` takes
 * them from fuzz/corpus (replay.c).
 */
#ifndef SP_FUZZ_FUZZ_H
#define SP_FUZZ_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The one function of a harness. data has exactly `size` bytes, so that a sanitizer
 * sees a step too far. Always 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Names a broken promise and aborts. */
#define FUZZ_PROMISE(condition)                                                                    \
	((condition) ? (void)0 : fuzz_broken(#condition, __FILE__, __LINE__))

__attribute__((noreturn)) static inline void fuzz_broken(
    const char *promise, const char *file, int line)
{
	fprintf(stderr, "%s:%d: broken: %s\n", file, line, promise);
	abort();
}

/* The bytes up to the first NUL as a string that the caller frees. */
static inline char *fuzz_text(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size);

	FUZZ_PROMISE(text != NULL);
	return text;
}

#endif
