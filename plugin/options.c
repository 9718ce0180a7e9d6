/* SPDX-License-Identifier: BSD-2-Clause */
#include "plugin/options.h"

#include <string.h>
#include <strings.h>

#include "lib/base/number.h"

#define DEFAULT_SOCKET  "/run/sendpass/auth"
#define DEFAULT_TIMEOUT "6s"
#define DEFAULT_UID     "0"

#define WHITE_SPACE " \t\r\n\v\f"

static const char *read_text(
    sasl_getopt_t *read_option, void *context, const char *name, const char *standard)
{
	const char *value = NULL;

	if (read_option == NULL ||
	    read_option(context, "sendpass", name, &value, NULL) != SASL_OK || value == NULL)
		return standard;
	return value;
}

void sp_plugin_options_read(const sasl_utils_t *utils, struct sp_plugin_options *options_r)
{
	void *context = utils->getopt_context;
	const char *path = read_text(utils->getopt, context, "sendpass_socket", DEFAULT_SOCKET);
	const char *timeout =
	    read_text(utils->getopt, context, "sendpass_timeout", DEFAULT_TIMEOUT);
	const char *uid = read_text(utils->getopt, context, "sendpass_daemon_uid", DEFAULT_UID);
	size_t length = strnlen(path, SP_PLUGIN_SOCKET_MAX + 1);
	uint64_t ms = 0, number = 0;

	*options_r = (struct sp_plugin_options){0};
	if (path[0] != '/')
		options_r->unusable = "sendpass_socket is not an absolute path";
	else if (length > SP_PLUGIN_SOCKET_MAX)
		options_r->unusable = "sendpass_socket is longer than the path of a socket can be";
	else
		memcpy(options_r->socket_path, path, length + 1);
	if (!sp_parse_duration(timeout, 100, 60000, &ms))
		options_r->unusable = "sendpass_timeout is no duration from 100ms to 60s";
	/* (uid_t)-1 is no user. */
	if (!sp_parse_number(uid, 0, UINT32_MAX - 1, &number))
		options_r->unusable = "sendpass_daemon_uid is not the number of a user";
	options_r->client.socket_path = options_r->socket_path;
	options_r->client.timeout_ms = (int)ms;
	options_r->client.daemon_uid = (uid_t)number;
}

bool sp_plugin_option_lists(sasl_getopt_t *read_option, void *context, const char *name,
    const char *standard, const char *word, size_t *others_r)
{
	const char *list = read_text(read_option, context, name, standard);
	bool found = false;

	*others_r = 0;
	if (list == NULL)
		return false;
	for (list += strspn(list, WHITE_SPACE); *list != '\0'; list += strspn(list, WHITE_SPACE)) {
		size_t length = strcspn(list, WHITE_SPACE);
		if (length == strlen(word) && strncasecmp(list, word, length) == 0)
			found = true;
		else
			(*others_r)++;
		list += length;
	}
	return found;
}
