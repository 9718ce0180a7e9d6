/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/conf/conf.h"

#include <errno.h>
#include <ini.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/rate.h"
#include "lib/base/sender.h"
#include "lib/base/text.h"
#include "lib/conf/conf_value.h"
#include "lib/conf/safe_file.h"
#include "sendpass/limits.h"

static const struct sp_setting settings[] = {
#define SETTING_ROW(type, section, key, standard, low, high)                                       \
	{SP_SETTING_##type, #section, #key, standard, low, high,                                   \
	    offsetof(struct sp_conf, section##_##key)},
    SP_SETTINGS(SETTING_ROW)
#undef SETTING_ROW
};
#define SETTING_COUNT (sizeof(settings) / sizeof(settings[0]))

/* What inih's callbacks share while one file is read. */
struct reading {
	struct sp_conf *conf;
	const char *path;
	FILE *file;
	int line;
	bool given[SETTING_COUNT];
	char *why; /* empty until something is wrong: the first fault is the one told */
	int why_line;
};

static bool is_list(const struct sp_setting *setting)
{
	return setting->type == SP_SETTING_LIST || setting->type == SP_SETTING_DOORS;
}

static bool set_default(struct sp_conf *conf, const struct sp_setting *setting)
{
	char why[SP_CONF_WHY_MAX];
	char word[32];
	const char *text = setting->standard;

	if (setting->type == SP_SETTING_WORD) {
		snprintf(word, sizeof(word), "%.*s", (int)strcspn(text, "|"), text);
		text = word;
	}
	return sp_conf_value_set(conf, setting, text, why);
}

struct sp_conf *sp_conf_defaults(void)
{
	struct sp_conf *conf = calloc(1, sizeof(*conf));

	if (conf == NULL)
		return NULL;
	for (size_t i = 0; i < SETTING_COUNT; i++) {
		if (!set_default(conf, &settings[i])) {
			sp_conf_free(&conf);
			return NULL;
		}
	}
	return conf;
}

static void blame_line(struct reading *reading, const char *format, ...) SP_PRINTF(2, 3);

static void blame_line(struct reading *reading, const char *format, ...)
{
	va_list arguments;

	if (reading->why[0] != '\0')
		return;
	reading->why_line = reading->line;
	int used =
	    snprintf(reading->why, SP_CONF_WHY_MAX, "%.200s:%d: ", reading->path, reading->line);
	va_start(arguments, format);
	vsnprintf(reading->why + used, SP_CONF_WHY_MAX - (size_t)used, format, arguments);
	va_end(arguments);
}

/* CR LF ends a line as LF does. What else is no text would be told as it is, too. */
static bool is_control(int before, int c)
{
	if (before == '\r')
		return c != '\n';
	return (c < ' ' && strchr("\t\r\n", c) == NULL) || c == '\x7f';
}

/* inih's ini_reader: one line a call, so counting calls counts lines. Not
 * fgets(), which does not tell a NUL from the end. */
static char *read_line(char *buffer, int size, void *context)
{
	struct reading *reading = context;
	int length = 0, c = '\0';

	reading->line++;
	while (length < size - 1 && c != '\n' && (c = getc(reading->file)) != EOF) {
		if (c == '\0') {
			blame_line(reading, "the line holds a NUL byte");
			return NULL;
		}
		if (is_control(length > 0 ? buffer[length - 1] : '\0', c)) {
			blame_line(reading, "the line holds a control character");
			return NULL;
		}
		buffer[length++] = (char)c;
	}
	buffer[length] = '\0';
	if (c != '\n' && c != EOF) {
		blame_line(reading, "the line is longer than %d bytes", size - 2);
		return NULL;
	}
	return length > 0 ? buffer : NULL;
}

static const struct sp_setting *find_setting(const char *section, const char *key)
{
	for (size_t i = 0; i < SETTING_COUNT; i++) {
		if (strcmp(settings[i].section, section) == 0 && strcmp(settings[i].key, key) == 0)
			return &settings[i];
	}
	return NULL;
}

/* inih's ini_handler: 0 is an error. */
static int take_setting(void *context, const char *section, const char *key, const char *value)
{
	struct reading *reading = context;
	const struct sp_setting *setting = find_setting(section, key);
	char why[SP_CONF_WHY_MAX];

	if (setting == NULL) {
		blame_line(reading, "unknown setting [%s] %s", section, key);
		return 0;
	}
	bool *given = &reading->given[setting - settings];
	if (*given && !is_list(setting)) {
		blame_line(reading, "[%s] %s is given twice", section, key);
		return 0;
	}
	if (!*given && is_list(setting)) /* the file's list replaces the default one */
		sp_conf_value_clear(reading->conf, setting);
	*given = true;
	if (!sp_conf_value_set(reading->conf, setting, value, why)) {
		blame_line(reading, "[%s] %s %s", section, key, why);
		return 0;
	}
	return 1;
}

static void read_settings(struct reading *reading)
{
	int line = ini_parse_stream(read_line, reading, take_setting, reading);

	if (line > 0) {
		/* inih tells of a line that it cannot read only now. */
		if (line < reading->why_line)
			reading->why[0] = '\0';
		reading->line = line;
		blame_line(reading, "neither [section] nor key = value");
	} else if (line < 0 || ferror(reading->file)) {
		blame_line(reading, "cannot be read: %s", strerror(errno));
	}
}

/* RFC 1123, section 2.1, or an address; clients name it in ASCII. */
static bool is_host(const char *text)
{
	return text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				 "0123456789.-:")] == '\0';
}

/* Of what the tool hands over; NULL for nothing. */
static const char *fault_of_handover(const struct sp_conf *conf)
{
	if (!is_host(conf->handover_smtp_server))
		return "[handover] smtp_server must be the name of a host, in ASCII";
	if (!is_host(conf->handover_imap_server))
		return "[handover] imap_server must be the name of a host, in ASCII";
	if (conf->handover_login_attribute[0] == '\0')
		return "[handover] login_attribute must not be empty";
	return NULL;
}

/* Of what the tool makes; NULL for nothing. */
static const char *fault_of_issue(const struct sp_conf *conf)
{
	uint64_t longest = conf->issue_max_life > 0 ? conf->issue_max_life : UINT64_MAX;

	if (conf->issue_min_life > longest)
		return "[issue] min_life is over max_life";
	if (conf->issue_default_life > longest)
		return "[issue] default_life is over max_life";
	if (conf->issue_default_life > 0 && conf->issue_default_life < conf->issue_min_life)
		return "[issue] default_life is under min_life";
	for (size_t i = 0; i < conf->issue_default_service.count; i++) {
		const char *service = conf->issue_default_service.items[i];
		if (strlen(service) > SP_SERVICE_MAX ||
		    !sp_text_is_printable_utf8(service, strlen(service)))
			return "[issue] default_service must be UTF-8 of at most 64 bytes";
	}
	for (size_t i = 0; i < conf->issue_default_sender.count; i++) {
		if (!sp_sender_pattern_is_valid(conf->issue_default_sender.items[i]))
			return "[issue] default_sender must be addresses, @domain, @.domain for "
			       "subdomains, * or <>";
	}
	return NULL;
}

/* What no setting can know alone; NULL for nothing. */
/* RFC 5322, section 2.2, and not so long that a line gets over 998 bytes; or empty. */
#define HEADER_NAME_MAX 64

static bool is_header_name(const char *name)
{
	size_t length = strlen(name);

	for (const char *at = name; *at != '\0'; at++) {
		if (*at <= ' ' || *at > '~' || *at == ':')
			return false;
	}
	return length <= HEADER_NAME_MAX;
}

static const char *fault_of_headers(const struct sp_conf *conf)
{
	if (!is_header_name(conf->policy_id_header))
		return "[policy] id_header must be the name of a header, without a colon, or empty";
	if (!is_header_name(conf->milter_id_header))
		return "[milter] id_header must be the name of a header, without a colon, or empty";
	return NULL;
}

static const char *fault_between(const struct sp_conf *conf)
{
	struct sp_rate rates[SP_RATES_OF_ONE_MAX];
	size_t rate_count;
	time_t day;

	/* sendpassd would refuse every hash that the tool makes. */
	if (conf->argon2_memory > conf->argon2_max_memory)
		return "[argon2] memory is over max_memory";
	if (conf->argon2_passes > conf->argon2_max_passes)
		return "[argon2] passes is over max_passes";
	if (conf->argon2_lanes > conf->argon2_max_lanes)
		return "[argon2] lanes is over max_lanes";
	if (!sp_rates_parse(conf->policy_default_rate, rates, &rate_count))
		return "[policy] default_rate must be rates such as 100/1h or recipients=500/1d";
	if (conf->migration_mailbox_passwords_until[0] != '\0' &&
	    !sp_parse_day(conf->migration_mailbox_passwords_until, &day))
		return "[migration] mailbox_passwords_until must be a day, such as 2027-03-01";
	/* the mail server cannot tell people apart who all have one login */
	if (conf->policy_fixed_login[0] != '\0' && conf->daemon_policy.count == 0)
		return "[policy] fixed_login needs a policy door, which tells its users "
		       "apart: set [daemon] policy";
	if (conf->argon2_memory / 8 < conf->argon2_lanes) /* RFC 9106, section 3.1 */
		return "[argon2] memory is less than 8 times lanes";
	if (conf->daemon_socketmap.count > 0 && conf->directory_owner_mail_attribute[0] == '\0')
		return "[daemon] socketmap needs [directory] owner_mail_attribute";
	const char *fault = fault_of_headers(conf);
	if (fault == NULL)
		fault = fault_of_issue(conf);
	return fault != NULL ? fault : fault_of_handover(conf);
}

bool sp_conf_read(const char *path, struct sp_conf **conf_r, char why_r[SP_CONF_WHY_MAX])
{
	struct reading reading = {.path = path, .why = why_r};
	const char *fault;

	*conf_r = NULL;
	why_r[0] = '\0';
	int fd = sp_file_open(path, SP_FILE_PUBLIC, &fault);
	if (fd < 0) {
		snprintf(why_r, SP_CONF_WHY_MAX, "%.200s: %s", path, fault);
		return false;
	}
	reading.conf = sp_conf_defaults();
	reading.file = fdopen(fd, "r");
	if (reading.conf != NULL && reading.file != NULL)
		read_settings(&reading);
	else
		snprintf(why_r, SP_CONF_WHY_MAX, "%.200s: out of memory", path);

	if (reading.file != NULL)
		fclose(reading.file);
	else
		close(fd);
	fault = why_r[0] == '\0' ? fault_between(reading.conf) : NULL;
	if (fault != NULL)
		snprintf(why_r, SP_CONF_WHY_MAX, "%.200s: %s", path, fault);
	if (why_r[0] != '\0') {
		sp_conf_free(&reading.conf);
		return false;
	}
	*conf_r = reading.conf;
	return true;
}

void sp_conf_print(const struct sp_conf *conf, FILE *out)
{
	const char *section = "";

	for (size_t i = 0; i < SETTING_COUNT; i++) {
		if (strcmp(section, settings[i].section) != 0) {
			fprintf(out, "%s[%s]\n", i > 0 ? "\n" : "", settings[i].section);
			section = settings[i].section;
		}
		sp_conf_value_print(conf, &settings[i], out);
	}
}

/* The section as sp_conf_print() writes it; NULL when there is no memory. */
static char *print_section(const struct sp_conf *conf, const char *section)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL)
		return NULL;
	for (size_t i = 0; i < SETTING_COUNT; i++) {
		if (strcmp(settings[i].section, section) == 0)
			sp_conf_value_print(conf, &settings[i], out);
	}
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

bool sp_conf_section_differs(const struct sp_conf *a, const struct sp_conf *b, const char *section)
{
	char *left = print_section(a, section), *right = print_section(b, section);
	bool same = left != NULL && right != NULL && strcmp(left, right) == 0;

	free(left);
	free(right);
	return !same;
}

size_t sp_conf_argon2_slots(const struct sp_conf *conf)
{
	if (conf->daemon_argon2_slots > 0)
		return (size_t)conf->daemon_argon2_slots;
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	return cores > 2 ? (size_t)cores - 1 : 1;
}

void sp_conf_free(struct sp_conf **conf)
{
	if (conf == NULL || *conf == NULL)
		return;
	for (size_t i = 0; i < SETTING_COUNT; i++)
		sp_conf_value_clear(*conf, &settings[i]);
	free(*conf);
	*conf = NULL;
}
