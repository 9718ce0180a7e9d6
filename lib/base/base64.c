/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/base/base64.h"

#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

bool sp_base64_encode(
    const void *bytes, size_t length, enum sp_base64_padding padding, char *text_r, size_t size)
{
	const unsigned char *in = bytes;
	size_t out = 0;

	if (size > 0)
		text_r[0] = '\0';
	if (length > SIZE_MAX / 2 || size < SP_BASE64_SIZE(length))
		return false;
	for (size_t i = 0; i < length; i += 3) {
		size_t taken = length - i < 3 ? length - i : 3;
		uint32_t group = (uint32_t)in[i] << 16;
		if (taken > 1)
			group |= (uint32_t)in[i + 1] << 8;
		if (taken > 2)
			group |= in[i + 2];
		for (size_t symbol = 0; symbol < 4; symbol++) {
			if (symbol <= taken)
				text_r[out++] = alphabet[(group >> (18 - 6 * symbol)) & 63];
			else if (padding == SP_BASE64_PADDED)
				text_r[out++] = '=';
		}
	}
	text_r[out] = '\0';
	return true;
}

static int symbol_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

/* Decodes without padding; false on a foreign symbol, an impossible length or stray bits. */
static bool decode_symbols(
    const char *text, size_t length, unsigned char *out, size_t size, size_t *length_r)
{
	uint32_t bits = 0;
	unsigned held = 0;
	size_t count = 0;

	if (length % 4 == 1)
		return false;
	for (size_t i = 0; i < length; i++) {
		int value = symbol_value(text[i]);
		if (value < 0)
			return false;
		bits = (bits << 6 | (uint32_t)value) & 0xffff;
		held += 6;
		if (held < 8)
			continue;
		if (count == size)
			return false;
		held -= 8;
		out[count++] = (unsigned char)(bits >> held);
	}
	*length_r = count;
	return (bits & ((1u << held) - 1)) == 0;
}

bool sp_base64_decode(const char *text, size_t length, enum sp_base64_padding padding,
    void *bytes_r, size_t size, size_t *length_r)
{
	size_t symbols = length;
	bool whole = padding == SP_BASE64_UNPADDED || length % 4 == 0;

	*length_r = 0;
	if (padding == SP_BASE64_PADDED) {
		while (symbols > 0 && length - symbols < 2 && text[symbols - 1] == '=')
			symbols--;
	}
	if (whole && decode_symbols(text, symbols, bytes_r, size, length_r))
		return true;
	explicit_bzero(bytes_r, size);
	*length_r = 0;
	return false;
}
