/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bind.h - the ways to say who one is to the directory
 */
#ifndef SP_DIRECTORY_BIND_H
#define SP_DIRECTORY_BIND_H

#include <string.h>

enum sp_bind {
	SP_BIND_SIMPLE = 0, /* DN and password */
	SP_BIND_EXTERNAL,   /* SASL EXTERNAL: ldapi peer or client certificate */
	SP_BIND_GSSAPI,     /* SASL GSSAPI: the Kerberos ticket of who runs the process */
	SP_BIND_NOBODY,     /* not at all */
};

/* What a checked `bind` of the configuration means. */
static inline enum sp_bind sp_bind_of(const char *setting)
{
	if (strcmp(setting, "external") == 0)
		return SP_BIND_EXTERNAL;
	return strcmp(setting, "gssapi") == 0 ? SP_BIND_GSSAPI : SP_BIND_SIMPLE;
}

#endif
