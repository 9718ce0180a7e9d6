/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench/logins.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/wire/sasl_message.h"

#define LINE_MAX_BYTES (SP_LOGIN_MAX + 1 + SP_PASSWORD_MAX + 1 + SP_ADDRESS_MAX + 2)

static char *next_field(char **rest)
{
	char *field = strsep(rest, "\t");

	return field != NULL && *field != '\0' ? field : NULL;
}

static bool read_login(char *line, struct sp_login *login_r)
{
	char *rest = line;
	const char *login = next_field(&rest), *password = next_field(&rest);
	const char *address = rest != NULL ? next_field(&rest) : "192.0.2.1";
	struct sp_secret secret = {0}, plain = {0};

	if (login == NULL || password == NULL || address == NULL || rest != NULL ||
	    strlen(address) > SP_ADDRESS_MAX ||
	    !sp_secret_set(&secret, password, strlen(password)) ||
	    !sp_sasl_plain_print(login, &secret, &plain))
		return false;
	*login_r = (struct sp_login){.login = strdup(login),
	    .password = strdup(password),
	    .address = strdup(address),
	    .plain = strdup(plain.bytes)};
	return login_r->login != NULL && login_r->password != NULL && login_r->address != NULL &&
	       login_r->plain != NULL;
}

static struct sp_login *add(struct sp_logins *logins)
{
	struct sp_login *grown = realloc(logins->all, (logins->count + 1) * sizeof(*grown));

	if (grown == NULL)
		return NULL;
	logins->all = grown;
	grown[logins->count] = (struct sp_login){0};
	return &grown[logins->count++];
}

bool sp_logins_read(const char *path, struct sp_logins *logins_r)
{
	char line[LINE_MAX_BYTES];
	FILE *file = fopen(path, "re");
	const char *why = file == NULL ? strerror(errno) : NULL;

	*logins_r = (struct sp_logins){0};
	while (why == NULL && fgets(line, sizeof(line), file) != NULL) {
		char *end = strchr(line, '\n');
		if (end != NULL)
			*end = '\0';
		struct sp_login *login = add(logins_r);
		if (end == NULL || login == NULL || !read_login(line, login))
			why = "not LOGIN, TAB, PASSWORD, perhaps TAB and ADDRESS";
	}
	if (why == NULL && logins_r->count == 0)
		why = "holds no login";
	if (file != NULL)
		fclose(file);
	if (why == NULL)
		return true;
	if (logins_r->count == 0)
		fprintf(stderr, "load: %s: %s\n", path, why);
	else
		fprintf(stderr, "load: %s:%zu: %s\n", path, logins_r->count, why);
	sp_logins_free(logins_r);
	return false;
}

void sp_logins_free(struct sp_logins *logins)
{
	for (size_t i = 0; i < logins->count; i++) {
		free(logins->all[i].login);
		free(logins->all[i].password);
		free(logins->all[i].address);
		free(logins->all[i].plain);
	}
	free(logins->all);
	*logins = (struct sp_logins){0};
}
