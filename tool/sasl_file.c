/* SPDX-License-Identifier: BSD-2-Clause */
#include "tool/sasl_file.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define BLANKS " \t\r"

/* "name: value", as lib/config.c of libsasl2 2.1.28 has it. */
static bool cut_line(struct sp_sasl_file *file, char *line)
{
	line += strspn(line, BLANKS);
	if (*line == '\0' || *line == '#')
		return true;
	char *name = line;
	for (; isalnum((unsigned char)*line) || *line == '-' || *line == '_'; line++)
		*line = (char)tolower((unsigned char)*line);
	if (*line != ':')
		return false;
	*line++ = '\0';
	line += strspn(line, BLANKS);
	size_t length = strlen(line);
	while (length > 0 && strchr(BLANKS, line[length - 1]) != NULL)
		length--;
	line[length] = '\0';
	if (length == 0 || file->count == SP_SASL_OPTIONS_MAX)
		return false;
	file->options[file->count].name = name;
	file->options[file->count++].value = line;
	return true;
}

void sp_sasl_file_cut(struct sp_sasl_file *file)
{
	char *rest = file->text;

	file->count = 0;
	file->bad_line = 0;
	for (int number = 1; rest != NULL; number++) {
		if (!cut_line(file, strsep(&rest, "\n")) && file->bad_line == 0)
			file->bad_line = number;
	}
}

bool sp_sasl_file_read(const char *path, struct sp_sasl_file *file_r)
{
	size_t length = 0;
	ssize_t got = 1;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return false;
	while (got > 0 && length < sizeof(file_r->text)) {
		got = read(fd, file_r->text + length, sizeof(file_r->text) - length);
		length += got > 0 ? (size_t)got : 0;
	}
	int error = errno;
	close(fd);
	errno = got < 0 ? error : EFBIG;
	if (got != 0)
		return false;
	file_r->text[length] = '\0';
	sp_sasl_file_cut(file_r);
	return true;
}

const char *sp_sasl_file_get(const struct sp_sasl_file *file, const char *name)
{
	for (size_t i = 0; i < file->count; i++) {
		if (strcmp(file->options[i].name, name) == 0)
			return file->options[i].value;
	}
	return NULL;
}

bool sp_sasl_file_lists(
    const struct sp_sasl_file *file, const char *name, const char *word, size_t *others_r)
{
	const char *value = sp_sasl_file_get(file, name);
	bool found = false;

	*others_r = 0;
	while (value != NULL && *value != '\0') {
		size_t length = strcspn(value, " \t,");
		if (length == strlen(word) && strncasecmp(value, word, length) == 0)
			found = true;
		else if (length > 0)
			(*others_r)++;
		value += length;
		value += strspn(value, " \t,");
	}
	return found;
}
