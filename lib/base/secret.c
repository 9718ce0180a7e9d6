/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/base/secret.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

bool sp_secret_set(struct sp_secret *secret, const char *bytes, size_t length)
{
	sp_secret_wipe(secret);
	if (length > SP_SECRET_MAX || memchr(bytes, '\0', length) != NULL)
		return false;
	memcpy(secret->bytes, bytes, length);
	secret->length = length;
	return true;
}

bool sp_secret_read_line(struct sp_secret *secret, int fd)
{
	bool ended = false;
	char byte = '\0';

	sp_secret_wipe(secret);
	for (;;) {
		ssize_t got = read(fd, &byte, 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			break;
		ended = got == 0 || byte == '\n';
		if (ended || byte == '\0' || secret->length == SP_SECRET_MAX)
			break;
		secret->bytes[secret->length++] = byte;
	}
	bool saw_line = ended && (secret->length > 0 || byte == '\n');
	explicit_bzero(&byte, sizeof(byte));
	if (!saw_line) {
		sp_secret_wipe(secret);
		return false;
	}
	if (secret->length > 0 && secret->bytes[secret->length - 1] == '\r')
		secret->bytes[--secret->length] = '\0';
	return true;
}

void sp_secret_wipe(struct sp_secret *secret)
{
	explicit_bzero(secret, sizeof(*secret));
}

void sp_secret_wipe_stack(void)
{
	char below[16384];

	explicit_bzero(below, sizeof(below));
}

bool sp_bytes_equal(const void *a, const void *b, size_t length)
{
	/* volatile, so that no compiler turns the loop into one that stops early */
	const volatile unsigned char *left = a, *right = b;
	unsigned char difference = 0;

	for (size_t i = 0; i < length; i++)
		difference |= (unsigned char)(left[i] ^ right[i]);
	return difference == 0;
}
