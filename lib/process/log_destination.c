/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/process/log_destination.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "lib/process/log_file.h"
#include "lib/process/log_journal.h"

#define LINE_MAX_WITH_HEAD (SP_LOG_LINE_MAX + HOST_NAME_MAX + 128)

/* More than one line at once no longer than this, as others may write to the same pipe, and
 * what is longer would mix with theirs (pipe(7)). */
#define KEPT_MAX PIPE_BUF

enum target { TO_STDERR, TO_SYSLOG, TO_JOURNAL, TO_FILE };

struct sp_log_destination {
	enum target target;
	int facility;
	const char *program;
	uid_t owner;
	char *path;                   /* of a file */
	char host[HOST_NAME_MAX + 1]; /* likewise */
	int fd;
	pthread_mutex_t lock; /* torn: the file ends in a part of a line */
	bool torn;
	size_t kept_length; /* of lines that sp_log_destination_gather() has not written yet */
	char kept[LINE_MAX_WITH_HEAD];
};

/* ---- settings ---- */

static enum target target_of(const struct sp_conf *conf)
{
	static const char *const names[] = {"stderr", "syslog", "journal", "file"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(conf->log_target, names[i]) == 0)
			return (enum target)i;
	}
	return TO_STDERR;
}

const char *sp_log_settings_fault(const struct sp_conf *conf)
{
	bool to_file = target_of(conf) == TO_FILE;

	if (to_file && conf->log_file[0] == '\0')
		return "[log] target = file needs [log] file";
	if (!to_file && conf->log_file[0] != '\0')
		return "[log] file needs [log] target = file";
	return NULL;
}

enum sp_log_level sp_log_settings_level(const struct sp_conf *conf)
{
	enum sp_log_level level;

	return sp_log_level_parse(conf->log_level, &level) ? level : SP_LOG_INFO;
}

/* ---- one destination ---- */

struct sp_log_destination *sp_log_destination_new(
    const struct sp_conf *conf, const char *program, uid_t owner)
{
	struct sp_log_destination *destination = calloc(1, sizeof(*destination));

	if (destination == NULL)
		return NULL;
	pthread_mutex_init(&destination->lock, NULL);
	destination->target = target_of(conf);
	destination->facility =
	    strcmp(conf->log_facility, "authpriv") == 0 ? LOG_AUTHPRIV : LOG_AUTH;
	destination->program = program;
	destination->owner = owner;
	destination->fd = -1;
	destination->path = strdup(conf->log_file);
	if (destination->path == NULL)
		sp_log_destination_free(&destination);
	return destination;
}

static bool open_journal(struct sp_log_destination *destination, char why_r[SP_CONF_WHY_MAX])
{
	destination->fd = sp_journal_open();
	if (destination->fd >= 0 && access(SP_JOURNAL_SOCKET, F_OK) == 0)
		return true;
	snprintf(why_r, SP_CONF_WHY_MAX, "the journal, " SP_JOURNAL_SOCKET ": %s", strerror(errno));
	return false;
}

static bool open_file(struct sp_log_destination *destination, char why_r[SP_CONF_WHY_MAX])
{
	const char *why;

	if (gethostname(destination->host, sizeof(destination->host)) != 0)
		snprintf(destination->host, sizeof(destination->host), "-");
	destination->host[sizeof(destination->host) - 1] = '\0';
	destination->fd = sp_log_file_open(destination->path, destination->owner, &why);
	if (destination->fd >= 0)
		return true;
	snprintf(why_r, SP_CONF_WHY_MAX, "[log] file %.200s: %s", destination->path, why);
	return false;
}

bool sp_log_destination_open(struct sp_log_destination *destination, char why_r[SP_CONF_WHY_MAX])
{
	switch (destination->target) {
	case TO_STDERR:
		break;
	case TO_SYSLOG:
		openlog(destination->program, LOG_PID | LOG_NDELAY, destination->facility);
		break;
	case TO_JOURNAL:
		return open_journal(destination, why_r);
	case TO_FILE:
		return open_file(destination, why_r);
	}
	return true;
}

void sp_log_destination_free(struct sp_log_destination **destination)
{
	if (*destination == NULL)
		return;
	/* syslog(3) belongs to the process, and may be the next destination already */
	if ((*destination)->fd >= 0)
		close((*destination)->fd);
	pthread_mutex_destroy(&(*destination)->lock);
	free((*destination)->path);
	free(*destination);
	*destination = NULL;
}

/* ---- lines ---- */

static bool write_journal(
    struct sp_log_destination *destination, enum sp_log_level level, const char *line)
{
	char entry[SP_JOURNAL_ENTRY_MAX];
	size_t length =
	    sp_journal_entry(destination->program, destination->facility, level, line, entry);

	return sp_journal_send(destination->fd, SP_JOURNAL_SOCKET, entry, length);
}

/* RFC 3339 with microseconds, as rsyslog writes it. */
static void format_time(const struct timespec *time, char *text_r, size_t size)
{
	char second[24] = "", zone[8] = "";
	struct tm local;

	if (localtime_r(&time->tv_sec, &local) != NULL) {
		strftime(second, sizeof(second), "%Y-%m-%dT%H:%M:%S", &local);
		strftime(zone, sizeof(zone), "%z", &local);
	}
	snprintf(text_r, size, "%s.%06ld%.3s:%s", second, time->tv_nsec / 1000, zone,
	    zone[0] != '\0' ? zone + 3 : "");
}

/* As a line of a file or of standard error. Returns its length, 0 if it has none. */
static size_t format_line(const struct sp_log_destination *destination, enum sp_log_level level,
    const struct timespec *time, const char *line, char text_r[LINE_MAX_WITH_HEAD])
{
	const char *name = sp_log_level_name(level);
	char when[48];
	int length;

	if (destination->target == TO_STDERR) {
		length = snprintf(text_r, LINE_MAX_WITH_HEAD, "%s: %s\n", name, line);
	} else {
		format_time(time, when, sizeof(when));
		length = snprintf(text_r, LINE_MAX_WITH_HEAD, "%s %s %s[%ld]: %s: %s\n", when,
		    destination->host, destination->program, (long)getpid(), name, line);
	}
	return length > 0 && length < LINE_MAX_WITH_HEAD ? (size_t)length : 0;
}

/* Returns how many lines are lost. */
static size_t write_text(struct sp_log_destination *destination, const char *text, size_t length)
{
	int fd = destination->target == TO_STDERR ? STDERR_FILENO : destination->fd;

	pthread_mutex_lock(&destination->lock);
	size_t lost = sp_log_file_write(fd, text, length, &destination->torn);
	pthread_mutex_unlock(&destination->lock);
	return lost;
}

bool sp_log_destination_write(struct sp_log_destination *destination, enum sp_log_level level,
    const struct timespec *time, const char *line)
{
	char text[LINE_MAX_WITH_HEAD];

	switch (destination->target) {
	case TO_SYSLOG:
		sp_log_to_syslog(level, line, NULL);
		return true;
	case TO_JOURNAL:
		return write_journal(destination, level, line);
	case TO_STDERR:
	case TO_FILE:
		break;
	}
	size_t length = format_line(destination, level, time, line, text);
	return length > 0 && write_text(destination, text, length) == 0;
}

size_t sp_log_destination_flush(struct sp_log_destination *destination)
{
	size_t length = destination->kept_length;

	destination->kept_length = 0;
	return length > 0 ? write_text(destination, destination->kept, length) : 0;
}

size_t sp_log_destination_gather(struct sp_log_destination *destination, enum sp_log_level level,
    const struct timespec *time, const char *line)
{
	char text[LINE_MAX_WITH_HEAD];
	size_t lost = 0;

	if (destination->target == TO_SYSLOG || destination->target == TO_JOURNAL)
		return sp_log_destination_write(destination, level, time, line) ? 0 : 1;
	size_t length = format_line(destination, level, time, line, text);
	if (length == 0)
		return 1;
	if (destination->kept_length + length > KEPT_MAX)
		lost = sp_log_destination_flush(destination);
	memcpy(destination->kept + destination->kept_length, text, length);
	destination->kept_length += length;
	return lost;
}

void sp_log_to_destination(enum sp_log_level level, const char *line, void *destination)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	/* there is nobody to tell */
	if (!sp_log_destination_write(destination, level, &now, line))
		return;
}
