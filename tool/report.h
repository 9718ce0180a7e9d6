/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report.h - a report, and the forms it is written in
 */
#ifndef SP_TOOL_REPORT_H
#define SP_TOOL_REPORT_H

#include <time.h>

#include "tool/report_data.h"
#include "tool/report_log.h"
#include "tool/verb.h"

#define SP_REPORT_ROWS_MAX 25 /* of a list, where people read it */

/* How the log gets in. */
#define SP_REPORT_LOG_COMMAND "journalctl -u sendpassd | sendpass report --log -"

struct sp_report {
	time_t now;
	const char *organization;          /* empty: none */
	const char *directory;             /* its URI */
	const char *base;                  /* the DN below which the app passwords lie */
	const struct sp_report_data *data; /* NULL: of logins by mailbox password alone */
	const struct sp_report_log *log;   /* NULL: none was given */
};

#define SP_REPORT_LEGACY_TITLE "Still using mailbox passwords"

/* There are app passwords, and of none is a use known: all of them look unused. */
#define SP_REPORT_NO_USES                                                                          \
	"No use of any is recorded, or may be read: none of them is known to be unused."
bool sp_report_uses_are_unknown(const struct sp_report_data *data);

/* What a list has in it, where no more than its first rows are shown. */
struct sp_report_heading {
	const char *title, *key;
	const char *command; /* that shows them all */
};
extern const struct sp_report_heading sp_report_headings[SP_REPORT_LISTS];

/* Each writes it to standard output. Anything but SP_EXIT_OK has been told. */
enum sp_exit sp_report_text(const struct sp_report *report);
enum sp_exit sp_report_json(const struct sp_report *report);
enum sp_exit sp_report_html(const struct sp_report *report);

#endif
