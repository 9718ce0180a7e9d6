/* SPDX-License-Identifier: BSD-2-Clause */
#include "pam/options.h"

#include <stdint.h>
#include <string.h>

#include "lib/base/number.h"
#include "sendpass/limits.h"

#define DEFAULT_SOCKET     "/run/sendpass/auth"
#define DEFAULT_TIMEOUT_MS 6000

/* A reader gets the text behind "=", and says what is wrong with it or NULL. */
typedef const char *read_fn(const char *value, struct sp_pam_options *options);

static const char *read_socket(const char *value, struct sp_pam_options *options)
{
	if (value[0] != '/')
		return "is not an absolute path";
	if (strlen(value) >= SP_SOCKET_PATH_SIZE)
		return "is longer than the path of a socket can be";
	options->client.socket_path = value;
	return NULL;
}

static const char *read_timeout(const char *value, struct sp_pam_options *options)
{
	uint64_t ms;

	if (!sp_parse_duration(value, 100, 60000, &ms))
		return "is no duration from 100ms to 60s";
	options->client.timeout_ms = (int)ms;
	return NULL;
}

static const char *read_daemon_uid(const char *value, struct sp_pam_options *options)
{
	uint64_t number;

	if (!sp_parse_number(value, 0, UINT32_MAX - 1, &number)) /* (uid_t)-1 is no user */
		return "is not the number of a user";
	options->client.daemon_uid = (uid_t)number;
	return NULL;
}

static const char *read_service(const char *value, struct sp_pam_options *options)
{
	if (value[0] == '\0' || strlen(value) > SP_SERVICE_MAX)
		return "is empty or longer than 64 bytes";
	options->service = value;
	return NULL;
}

static const char *read_use_first_pass(const char *value, struct sp_pam_options *options)
{
	(void)value;
	options->use_first_pass = true;
	return NULL;
}

static const char *read_try_first_pass(const char *value, struct sp_pam_options *options)
{
	(void)value;
	options->use_first_pass = false;
	return NULL;
}

static const char *read_debug(const char *value, struct sp_pam_options *options)
{
	(void)value;
	options->debug = true;
	return NULL;
}

static const struct {
	const char *name; /* with its "=" if it has a value */
	read_fn *read;
} known[] = {
    {"socket=", read_socket},
    {"timeout=", read_timeout},
    {"daemon_uid=", read_daemon_uid},
    {"service=", read_service},
    {"use_first_pass", read_use_first_pass},
    {"try_first_pass", read_try_first_pass},
    {"debug", read_debug},
};

static const char *read_one(const char *text, struct sp_pam_options *options)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		size_t length = strlen(known[i].name);
		bool has_value = known[i].name[length - 1] == '=';
		if (strncmp(text, known[i].name, length) == 0 &&
		    (has_value || text[length] == '\0'))
			return known[i].read(text + length, options);
	}
	return "is not known";
}

void sp_pam_options_read(int argc, const char **argv, struct sp_pam_options *options_r)
{
	*options_r = (struct sp_pam_options){
	    .client = {.socket_path = DEFAULT_SOCKET, .timeout_ms = DEFAULT_TIMEOUT_MS}};
	for (int i = 0; i < argc && options_r->why == NULL; i++) {
		options_r->why = read_one(argv[i], options_r);
		if (options_r->why != NULL)
			options_r->wrong = argv[i];
	}
}
