/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/pam_host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "sendpass/attributes.h"

static char directory[] = "/tmp/pam-host.XXXXXX";
static char log_lines[65536];
static size_t log_length;

/* libpam's syslog(3), in place of libc's: called by the name that a fortified
 * libpam knows, and by the plain one. */
void __syslog_chk(int priority, int flag, const char *format, ...) SP_PRINTF(3, 4);
void syslog(int priority, const char *format, ...) SP_PRINTF(2, 3);

static void SP_PRINTF(1, 0) keep_log_line(const char *format, va_list arguments)
{
	size_t room = sizeof(log_lines) - log_length;
	int written = vsnprintf(log_lines + log_length, room, format, arguments);

	if (written < 0 || (size_t)written + 1 >= room)
		return;
	log_length += (size_t)written;
	memcpy(log_lines + log_length++, "\n", 2);
}

SP_EXPORT void __syslog_chk(int priority, int flag, const char *format, ...)
{
	va_list arguments;

	(void)priority, (void)flag;
	va_start(arguments, format);
	keep_log_line(format, arguments);
	va_end(arguments);
}

SP_EXPORT void syslog(int priority, const char *format, ...)
{
	va_list arguments;

	(void)priority;
	va_start(arguments, format);
	keep_log_line(format, arguments);
	va_end(arguments);
}

static FILE *create(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	return file;
}

void pam_host_write(const char *stack, const char *socket_path)
{
	memcpy(strrchr(directory, '.'), ".XXXXXX", 7);
	assert_non_null(mkdtemp(directory));
	assert_int_equal(fclose(create("other")), 0); /* libpam misses it where it is not */
	FILE *file = create(PAM_HOST_SERVICE);
	for (const char *at = stack; *at != '\0'; at++) {
		if (*at == OUR_MODULE[0])
			fprintf(file, "%s socket=%s daemon_uid=%u timeout=20s", SP_TEST_PAM_MODULE,
			    socket_path, (unsigned)getuid());
		else
			fputc(*at, file);
	}
	assert_int_equal(fclose(file), 0);
	log_length = 0;
	log_lines[0] = '\0';
}

void pam_host_remove(void)
{
	static const char *const names[] = {"other", PAM_HOST_SERVICE};
	char path[128];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", directory, names[i]);
		assert_int_equal(unlink(path), 0);
	}
	assert_int_equal(rmdir(directory), 0);
}

static int answer(
    struct pam_host_talk *talk, const struct pam_message *message, struct pam_response *response_r)
{
	const char *text = NULL;

	if (message->msg_style == PAM_PROMPT_ECHO_ON)
		text = talk->user;
	else if (message->msg_style == PAM_PROMPT_ECHO_OFF)
		text = talk->password;
	else
		return PAM_SUCCESS;
	if (text == NULL)
		return PAM_CONV_ERR;
	response_r->resp = strdup(text);
	return response_r->resp != NULL ? PAM_SUCCESS : PAM_BUF_ERR;
}

static int converse(
    int count, const struct pam_message **messages, struct pam_response **responses_r, void *data)
{
	struct pam_host_talk *talk = data;
	struct pam_response *responses;
	int code = PAM_SUCCESS;

	talk->calls++;
	if (talk->failures > 0) {
		talk->failures--;
		return talk->failure;
	}
	responses = calloc((size_t)count, sizeof(*responses));
	if (responses == NULL)
		return PAM_BUF_ERR;
	for (int i = 0; i < count && code == PAM_SUCCESS; i++)
		code = answer(talk, messages[i], &responses[i]);
	if (code == PAM_SUCCESS) {
		*responses_r = responses;
		return code;
	}
	for (int i = 0; i < count; i++)
		free(responses[i].resp);
	free(responses);
	return code;
}

pam_handle_t *pam_host_start(const char *user, struct pam_host_talk *talk)
{
	struct pam_conv conversation = {converse, talk};
	pam_handle_t *pamh = NULL;

	assert_int_equal(pam_start_confdir(PAM_HOST_SERVICE, user, &conversation, directory, &pamh),
	    PAM_SUCCESS);
	return pamh;
}

void pam_host_end(pam_handle_t *pamh, int code)
{
	assert_int_equal(pam_end(pamh, code), PAM_SUCCESS);
}

int pam_host_login(const char *user, const char *password)
{
	struct pam_host_talk talk = {.password = password};
	pam_handle_t *pamh = pam_host_start(user, &talk);
	int code = pam_authenticate(pamh, 0);

	pam_host_end(pamh, code);
	return code;
}

unsigned pam_host_logged(const char *text)
{
	unsigned count = 0;

	for (const char *at = log_lines; *at != '\0'; at = strchr(at, '\n') + 1) {
		at = strstr(at, text);
		if (at == NULL)
			break;
		count++;
	}
	return count;
}
