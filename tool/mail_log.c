/* SPDX-License-Identifier: BSD-2-Clause */
#include "tool/mail_log.h"

#include <string.h>

#define DIGITS "0123456789"
#define ID_CHARACTERS                                                                              \
	DIGITS "abcdefghijklmnopqrstuvwxyz"                                                        \
	       "ABCDEFGHIJKLMNOPQRSTUVWXYZ-"

static const char *skip(const char *text, const char *prefix)
{
	size_t length = strlen(prefix);

	return strncmp(text, prefix, length) == 0 ? text + length : NULL;
}

bool sp_queue_id_is_fit(const char *text)
{
	size_t length = strspn(text, ID_CHARACTERS);

	return length > 0 && length <= SP_QUEUE_ID_MAX && text[length] == '\0';
}

/* ---- what the line is about ---- */

/* The text behind the queue id, NULL if there is none. */
static const char *behind_queue_id(const struct sp_logged *logged, size_t *length_r)
{
	bool postfix = strchr(logged->program, '/') != NULL;

	if (!postfix && !logged->exim)
		return NULL;
	*length_r = strspn(logged->message, ID_CHARACTERS);
	if (*length_r == 0 || *length_r > SP_QUEUE_ID_MAX)
		return NULL;
	return skip(logged->message + *length_r, postfix ? ": " : " ");
}

bool sp_mail_log_queue_id(const struct sp_logged *logged, char id_r[SP_QUEUE_ID_MAX + 1])
{
	size_t length;

	if (behind_queue_id(logged, &length) == NULL)
		return false;
	memcpy(id_r, logged->message, length);
	id_r[length] = '\0';
	return true;
}

/* ---- Message-ID ---- */

static bool is_word(const char *at, const char *word)
{
	const char *behind = skip(at, word);

	return behind != NULL && (*behind == ' ' || *behind == '\0');
}

bool sp_mail_log_has_message_id(const struct sp_logged *logged, const char *message_id)
{
	size_t length;
	const char *text = behind_queue_id(logged, &length);

	if (text == NULL)
		return false;
	if (!logged->exim) {
		text = skip(text, "message-id=<");
		text = text != NULL ? skip(text, message_id) : NULL;
		return text != NULL && strcmp(text, ">") == 0;
	}
	text = skip(text, "<= ");
	while (text != NULL && (text = strstr(text, " id=")) != NULL) {
		text += strlen(" id=");
		if (is_word(text, message_id))
			return true;
	}
	return false;
}

/* ---- the next server's word ---- */

/* The last of these in the text: what stands before it may be an address. */
static const char *last(const char *text, const char *mark)
{
	const char *found = NULL;

	while ((text = strstr(text, mark)) != NULL) {
		text += strlen(mark);
		found = text;
	}
	return found;
}

static bool names(const char *text, const char *mark, const char *id)
{
	const char *at = last(text, mark);
	size_t length = strlen(id);

	return at != NULL && strspn(at, ID_CHARACTERS) == length && strncmp(at, id, length) == 0;
}

bool sp_mail_log_passed_on_as(const struct sp_logged *logged, const char *id)
{
	size_t length;
	const char *text = behind_queue_id(logged, &length);

	if (text == NULL)
		return false;
	if (logged->exim)
		text = skip(text, "=> ") != NULL || skip(text, "-> ") != NULL ? last(text, " C=\"")
									      : NULL;
	else
		text = last(text, " status=sent (");
	return text != NULL && (names(text, " queued as ", id) || names(text, " id=", id));
}

/* ---- who submitted it ---- */

/* "[address]" or "[address]:port" and what may follow it. */
static const char *read_client(const char *text, struct sp_mail_submission *submission)
{
	size_t length = strcspn(text, "]");

	if (length == 0 || length > SP_ADDRESS_MAX || text[length] != ']')
		return NULL;
	memcpy(submission->address, text, length);
	submission->address[length] = '\0';
	text += length + 1;
	if (*text != ':')
		return text;
	length = strspn(text + 1, DIGITS);
	if (length == 0 || length >= sizeof(submission->port))
		return NULL;
	memcpy(submission->port, text + 1, length);
	submission->port[length] = '\0';
	return text + 1 + length;
}

static bool read_login(const char *text, size_t length, struct sp_mail_submission *submission)
{
	if (length == 0 || length > SP_LOGIN_MAX)
		return false;
	memcpy(submission->login, text, length);
	submission->login[length] = '\0';
	return true;
}

/* "client=name[address], sasl_method=PLAIN, sasl_username=alice, sasl_sender=..." */
static bool read_postfix(const char *text, struct sp_mail_submission *submission)
{
	static const char method[] = ", sasl_method=", name[] = ", sasl_username=";
	const char *end;

	text = skip(text, "client=");
	text = text != NULL ? strchr(text, '[') : NULL;
	text = text != NULL ? read_client(text + 1, submission) : NULL;
	text = text != NULL ? skip(text, method) : NULL;
	text = text != NULL ? strstr(text, name) : NULL;
	if (text == NULL)
		return false;
	text += strlen(name);
	end = strstr(text, ", sasl_sender=");
	return read_login(text, end != NULL ? (size_t)(end - text) : strlen(text), submission);
}

/* Behind a sender, whose quoted local part may hold what looks like the rest of the line. */
static const char *skip_sender(const char *text)
{
	if (*text != '"')
		return text;
	for (text++; *text != '"'; text++) {
		if (*text == '\\')
			text++;
		if (*text == '\0')
			return NULL;
	}
	return text;
}

/* "<= sender H=... [address] P=... A=driver:login S=..." */
static bool read_exim(const char *text, struct sp_mail_submission *submission)
{
	text = skip(text, "<= ");
	text = text != NULL ? skip_sender(text) : NULL;
	text = text != NULL ? strstr(text, " H=") : NULL;
	text = text != NULL ? strstr(text, " [") : NULL;
	text = text != NULL ? read_client(text + 2, submission) : NULL;
	text = text != NULL ? strstr(text, " A=") : NULL;
	if (text == NULL)
		return false;
	text += strlen(" A=");
	text += strcspn(text, ": ");
	return *text == ':' && read_login(text + 1, strcspn(text + 1, " "), submission);
}

bool sp_mail_log_submission(const struct sp_logged *logged, struct sp_mail_submission *submission_r)
{
	size_t length;
	const char *text = behind_queue_id(logged, &length);

	*submission_r = (struct sp_mail_submission){0};
	if (text == NULL)
		return false;
	return logged->exim ? read_exim(text, submission_r) : read_postfix(text, submission_r);
}
