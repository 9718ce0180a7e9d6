/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report_data.h - what a list of app passwords comes to
 */
#ifndef SP_TOOL_REPORT_DATA_H
#define SP_TOOL_REPORT_DATA_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "lib/directory/credential.h"
#include "lib/directory/departments.h"
#include "sendpass/attributes.h"

#define SP_REPORT_EXPIRING_DAYS 30
#define SP_REPORT_UNUSED_DAYS   180

#define SP_REPORT_STATES (SP_STATE_NOT_YET_VALID + 1)

struct sp_report_count {
	size_t active, all;
};

/* By the time since they were made: from one to less than the next, the last without an
 * end. Made in the future is young; when it was made may be unknown. */
enum { SP_REPORT_AGES = 6 };
extern const int sp_report_age_days[SP_REPORT_AGES];
extern const char *const sp_report_age_names[SP_REPORT_AGES + 1]; /* the last: unknown */

struct sp_report_department {
	const char *name; /* of the map, or "(none)" or "(gone)" */
	struct sp_report_count count;
};

/* Those to look at. */
enum sp_report_list {
	SP_REPORT_EXPIRING,   /* within 30 days, not ended yet; the soonest first */
	SP_REPORT_UNUSED,     /* active, for 180 days or since they were made; the longest first */
	SP_REPORT_NEVER_USED, /* active, no use is recorded; the oldest first */
	SP_REPORT_IMPORTED,   /* active, of a hash made elsewhere; the oldest first */
	SP_REPORT_LISTS,
};

struct sp_report_data {
	size_t total;
	size_t states[SP_REPORT_STATES];
	struct sp_report_count ages[SP_REPORT_AGES + 1]; /* the last: unknown */
	bool has_departments;                            /* there was a map */
	struct sp_report_department *departments;        /* the most active ones first */
	size_t department_count;
	bool uses_are_known; /* one at least has a use recorded */
	/* Those of the list that it was made of: only the arrays are its own. */
	struct sp_credential_list lists[SP_REPORT_LISTS];
};

/* departments may be NULL: not known. The list and the map must outlive the data. False
 * when there is no memory. The caller clears *data_r in either case. */
SP_NODISCARD bool sp_report_gather(const struct sp_credential_list *list,
    const struct sp_departments *departments, time_t now, struct sp_report_data *data_r);
void sp_report_data_clear(struct sp_report_data *data);

#endif
