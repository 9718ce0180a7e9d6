/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/password/check_symbols.h"

#include <string.h>

#define POLYNOMIAL 0x25 /* x^5 + x^2 + 1 */

static uint8_t multiply(uint8_t a, uint8_t b)
{
	unsigned product = 0, factor = a, bits = b;

	/* No branch on the symbols: some of them are secret. */
	for (int bit = 0; bit < 5; bit++) {
		product ^= factor & (0u - ((bits >> bit) & 1u));
		factor <<= 1;
		factor ^= POLYNOMIAL & (0u - (factor >> 5));
	}
	return (uint8_t)product;
}

static uint8_t root(size_t power)
{
	return (uint8_t)(1u << power); /* a = 2, and a^1, a^2 need no reduction */
}

void sp_check_symbols_set(uint8_t *word, size_t count, size_t check)
{
	/* Coefficients of the product of (x - root), without its leading 1, highest power first. */
	uint8_t generator[SP_CHECK_SYMBOLS_MAX] = {root(1), 0};
	uint8_t remainder[SP_CHECK_SYMBOLS_MAX] = {0};

	if (check == 2) {
		generator[0] = root(1) ^ root(2);
		generator[1] = multiply(root(1), root(2));
	}
	/* Long division of the data, shifted up by `check`, by the generator. */
	for (size_t i = 0; i < count - check; i++) {
		uint8_t lead = word[i] ^ remainder[0];
		remainder[0] = remainder[1] ^ multiply(lead, generator[0]);
		remainder[1] = check == 2 ? multiply(lead, generator[1]) : 0;
	}
	memcpy(word + count - check, remainder, check);
	explicit_bzero(remainder, sizeof(remainder));
}

bool sp_check_symbols_hold(const uint8_t *word, size_t count, size_t check)
{
	uint8_t any = 0;

	for (size_t power = 1; power <= check; power++) {
		uint8_t value = 0;
		for (size_t i = 0; i < count; i++)
			value = multiply(value, root(power)) ^ word[i];
		any |= value;
	}
	return any == 0;
}
