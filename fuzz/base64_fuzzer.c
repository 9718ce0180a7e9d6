/* SPDX-License-Identifier: BSD-2-Clause */
/* base64: each text is the encoding of one run of bytes, and no other text is. */
#include "fuzz/fuzz.h"
#include "lib/base/base64.h"

#define MOST 64

static void hold(const char *text, size_t length, enum sp_base64_padding padding)
{
	static const uint8_t wiped[MOST];
	char again[SP_BASE64_SIZE(MOST)];
	uint8_t bytes[MOST];
	size_t size;

	memset(bytes, 0xa5, sizeof(bytes));
	if (!sp_base64_decode(text, length, padding, bytes, sizeof(bytes), &size)) {
		FUZZ_PROMISE(size == 0 && memcmp(bytes, wiped, sizeof(bytes)) == 0);
		return;
	}
	FUZZ_PROMISE(size <= sizeof(bytes));
	FUZZ_PROMISE(sp_base64_encode(bytes, size, padding, again, sizeof(again)));
	FUZZ_PROMISE(strlen(again) == length && memcmp(again, text, length) == 0);
}

static void hold_encoding(const uint8_t *data, size_t size, enum sp_base64_padding padding)
{
	char text[SP_BASE64_SIZE(MOST)];
	uint8_t bytes[MOST];
	size_t decoded;

	if (!sp_base64_encode(data, size, padding, text, sizeof(text))) {
		FUZZ_PROMISE(size > MOST && text[0] == '\0');
		return;
	}
	FUZZ_PROMISE(
	    sp_base64_decode(text, strlen(text), padding, bytes, sizeof(bytes), &decoded) ||
	    size > MOST);
	FUZZ_PROMISE(size > MOST || (decoded == size && memcmp(bytes, data, size) == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	hold((const char *)data, size, SP_BASE64_PADDED);
	hold((const char *)data, size, SP_BASE64_UNPADDED);
	hold_encoding(data, size, SP_BASE64_PADDED);
	hold_encoding(data, size, SP_BASE64_UNPADDED);
	return 0;
}
