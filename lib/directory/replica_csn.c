/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/directory/replica_csn.h"

#include <string.h>

#include "lib/base/text.h"

/* Where the server's number is, and how long it is. */
#define SERVER_AT     30
#define SERVER_LENGTH 3

/* 0 for a digit, h for a hexadecimal one. */
static const char form[] = "00000000000000.000000Z#hhhhhh#hhh#hhhhhh";

static bool fits(char form_byte, char byte)
{
	switch (form_byte) {
	case '0':
		return byte >= '0' && byte <= '9';
	case 'h':
		return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'f');
	}
	return byte == form_byte;
}

static bool is_csn(const char *bytes, size_t length)
{
	if (length != SP_CSN_SIZE)
		return false;
	for (size_t i = 0; i < length; i++) {
		if (!fits(form[i], bytes[i]))
			return false;
	}
	return true;
}

static const char *of_same_server(const struct sp_csns *csns, const char *csn)
{
	for (size_t i = 0; i < csns->count; i++) {
		if (memcmp(csns->texts[i] + SERVER_AT, csn + SERVER_AT, SERVER_LENGTH) == 0)
			return csns->texts[i];
	}
	return NULL;
}

bool sp_csns_add(struct sp_csns *csns, const char *bytes, size_t length)
{
	if (!is_csn(bytes, length))
		return false;
	char *known = (char *)of_same_server(csns, bytes);
	if (known == NULL && csns->count == SP_CSNS_MOST)
		return false;
	if (known == NULL)
		known = csns->texts[csns->count++];
	if (memcmp(known, bytes, SP_CSN_SIZE) < 0)
		memcpy(known, bytes, SP_CSN_SIZE);
	return true;
}

bool sp_csns_add_cookie(struct sp_csns *csns, const struct berval *cookie)
{
	static const char key[] = "csn=";
	const char *end = cookie->bv_val + cookie->bv_len;
	const char *at = cookie->bv_len > 0 ? memmem(cookie->bv_val, cookie->bv_len, key, 4) : NULL;

	if (at == NULL)
		return false;
	for (at += strlen(key);; at++) {
		if (end - at < SP_CSN_SIZE || !sp_csns_add(csns, at, SP_CSN_SIZE))
			return false;
		at += SP_CSN_SIZE;
		if (at == end || *at == ',')
			return true;
		if (*at != ';')
			return false;
	}
}

bool sp_csns_cover(const struct sp_csns *csns, const struct sp_csns *others)
{
	for (size_t i = 0; i < others->count; i++) {
		const char *known = of_same_server(csns, others->texts[i]);
		if (known == NULL || memcmp(known, others->texts[i], SP_CSN_SIZE) < 0)
			return false;
	}
	return true;
}

void sp_csns_to_cookie(const struct sp_csns *csns, int consumer, char cookie_r[SP_CSN_COOKIE])
{
	struct sp_text text;

	sp_text_init(&text, cookie_r, SP_CSN_COOKIE);
	sp_text_addf(&text, "rid=00%d", consumer);
	for (size_t i = 0; i < csns->count; i++)
		sp_text_addf(&text, "%s%s", i == 0 ? ",csn=" : ";", csns->texts[i]);
}
