/* SPDX-License-Identifier: BSD-2-Clause */
#include "tool/log_input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool/log_line.h"

struct sp_log_input {
	char *path;
	int fd;
	bool regular;
	bool standard; /* input: it ends where it ends */
	bool skipping; /* the rest of a line that is too long */
	bool replaced; /* what is at the path is another file by now */
	size_t begin, end;
	char bytes[SP_MAIL_LINE_MAX + 1];
};

static bool examine(struct sp_log_input *file)
{
	struct stat status;

	if (fstat(file->fd, &status) != 0)
		return false;
	file->regular = S_ISREG(status.st_mode);
	if (S_ISDIR(status.st_mode))
		errno = EISDIR;
	return !S_ISDIR(status.st_mode);
}

struct sp_log_input *sp_log_input_open(const char *path)
{
	struct sp_log_input *file = calloc(1, sizeof(*file));

	if (file == NULL)
		return NULL;
	file->path = strdup(path);
	file->standard = strcmp(path, "-") == 0;
	/* a descriptor of its own, so that both kinds are closed alike */
	file->fd = file->standard ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
				  : open(path, O_RDONLY | O_CLOEXEC);
	if (file->path == NULL || file->fd < 0 || !examine(file)) {
		int why = errno;
		sp_log_input_close(&file);
		errno = why;
	}
	return file;
}

void sp_log_input_close(struct sp_log_input **file)
{
	if (*file != NULL) {
		if ((*file)->fd >= 0)
			close((*file)->fd);
		free((*file)->path);
		free(*file);
	}
	*file = NULL;
}

int sp_log_input_descriptor(const struct sp_log_input *file)
{
	return file->regular ? -1 : file->fd;
}

/* ---- lines ---- */

/* Takes a whole line out of the buffer. False if there is none. */
static bool take_line(struct sp_log_input *file, const char **line_r)
{
	for (;;) {
		char *line = file->bytes + file->begin;
		char *lf = memchr(line, '\n', file->end - file->begin);
		if (lf == NULL)
			return false;
		bool whole = !file->skipping && memchr(line, '\0', (size_t)(lf - line)) == NULL;
		file->begin = (size_t)(lf + 1 - file->bytes);
		file->skipping = false;
		if (whole) {
			*lf = '\0';
			*line_r = line;
			return true;
		}
	}
}

/* Room in the buffer for more of the line that is at its start. */
static void make_room(struct sp_log_input *file)
{
	memmove(file->bytes, file->bytes + file->begin, file->end - file->begin);
	file->end -= file->begin;
	file->begin = 0;
	if (file->end == sizeof(file->bytes)) {
		file->skipping = true;
		file->end = 0;
	}
}

/* The bytes that were read, 0 at the end. */
static ssize_t read_more(struct sp_log_input *file)
{
	ssize_t got;

	make_room(file);
	do {
		got = read(file->fd, file->bytes + file->end, sizeof(file->bytes) - file->end);
	} while (got < 0 && errno == EINTR);
	if (got > 0)
		file->end += (size_t)got;
	return got;
}

static bool is_readable(const struct sp_log_input *file)
{
	struct pollfd one = {.fd = file->fd, .events = POLLIN};

	return file->regular || poll(&one, 1, 0) > 0;
}

/* The last line of a file may lack its LF. */
static bool take_last_line(struct sp_log_input *file, const char **line_r)
{
	if (file->begin == file->end)
		return false;
	make_room(file);
	file->bytes[file->end++] = '\n';
	return take_line(file, line_r);
}

/* ---- following ---- */

static void forget(struct sp_log_input *file)
{
	file->begin = file->end = 0;
	file->skipping = false;
}

/* The program that writes goes on with the old file for a while after it was renamed:
 * until there is something in the new one, the old one is read. */
static bool is_replaced(const struct sp_log_input *file)
{
	struct stat here, there;

	return fstat(file->fd, &here) == 0 && stat(file->path, &there) == 0 && there.st_size > 0 &&
	       (here.st_dev != there.st_dev || here.st_ino != there.st_ino);
}

static bool is_emptied(const struct sp_log_input *file)
{
	struct stat status;

	return fstat(file->fd, &status) == 0 && status.st_size < lseek(file->fd, 0, SEEK_CUR);
}

/* At the end of a regular file: false if there is nothing more to read in any. */
static bool go_on(struct sp_log_input *file)
{
	if (is_emptied(file)) {
		forget(file);
		return lseek(file->fd, 0, SEEK_SET) == 0;
	}
	if (!file->replaced) {
		/* what was written to it before the other appeared is read first */
		file->replaced = is_replaced(file);
		return file->replaced;
	}
	file->replaced = false;
	int next = open(file->path, O_RDONLY | O_CLOEXEC);
	if (next < 0)
		return false;
	close(file->fd);
	file->fd = next;
	forget(file);
	return examine(file);
}

enum sp_log_read sp_log_input_next(struct sp_log_input *file, bool follow, const char **line_r)
{
	while (!take_line(file, line_r)) {
		if (follow && !is_readable(file))
			return SP_LOG_READ_NOTHING;
		ssize_t got = read_more(file);
		if (got < 0)
			return SP_LOG_READ_FAILED;
		if (got > 0)
			continue;
		if (follow && file->regular && !file->standard) {
			if (!go_on(file))
				return SP_LOG_READ_NOTHING;
		} else if (!take_last_line(file, line_r)) {
			return SP_LOG_READ_END;
		} else {
			break;
		}
	}
	return SP_LOG_READ_LINE;
}

/* ---- once more ---- */

/* Puts a file without a name in the place of the pipe. */
static bool copy_all(struct sp_log_input *file)
{
	FILE *copy = tmpfile();
	ssize_t got = copy != NULL ? 1 : -1;
	int kept = -1;

	while (got > 0) {
		forget(file);
		got = read_more(file);
		if (got > 0 && fwrite(file->bytes, 1, (size_t)got, copy) != (size_t)got)
			got = -1;
	}
	forget(file);
	if (got == 0 && fflush(copy) == 0)
		kept = fcntl(fileno(copy), F_DUPFD_CLOEXEC, 3);
	if (copy != NULL)
		fclose(copy);
	if (kept < 0)
		return false;
	close(file->fd);
	file->fd = kept;
	file->regular = true;
	return true;
}

bool sp_log_input_rewind(struct sp_log_input *file)
{
	if (!file->regular && !copy_all(file))
		return false;
	forget(file);
	return lseek(file->fd, 0, SEEK_SET) == 0;
}

bool sp_log_input_to_end(struct sp_log_input *file)
{
	if (!file->regular || file->standard)
		return true;
	forget(file);
	return lseek(file->fd, 0, SEEK_END) >= 0;
}
