/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check_symbols.h - the code that catches typing errors in app passwords
 *
 * Symbols are numbers 0-31, taken as elements of GF(32) with the polynomial
 * x^5+x^2+1 and the generator a=2. A word of n symbols, read as a polynomial
 * with the first symbol as the highest power, belongs to the code of k check
 * symbols if a^1 .. a^k are its roots (Reed-Solomon, R. E. Blahut, "Theory and
 * Practice of Error Control Codes", chapter 7). Words have at most 31 symbols.
 */
#ifndef SP_PASSWORD_CHECK_SYMBOLS_H
#define SP_PASSWORD_CHECK_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sendpass/attributes.h"

#define SP_CHECK_SYMBOLS_MAX 2

/* Fills the last `check` of the word's `count` symbols. */
void sp_check_symbols_set(uint8_t *word, size_t count, size_t check);

/* True if the word belongs to the code. */
SP_NODISCARD bool sp_check_symbols_hold(const uint8_t *word, size_t count, size_t check);

#endif
