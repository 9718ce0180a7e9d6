/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * metrics_text.h - metrics as Prometheus reads them
 *
 * Text format 0.0.4, and OpenMetrics 1.0, which differ in the names of counters, the type
 * of *_info, and the last line. Of client libraries Debian has one for C++ alone
 * (prometheus-cpp); a few printf()s with this one escaping are less than C++ in this process.
 * `promtool check metrics` reads what comes out in the tests.
 */
#ifndef SP_DAEMON_METRICS_TEXT_H
#define SP_DAEMON_METRICS_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "daemon/histogram.h"

struct sp_metrics_text {
	FILE *out; /* the caller's, who asks it for errors at the end */
	bool openmetrics;
};

enum sp_metric_type { SP_METRIC_COUNTER, SP_METRIC_GAUGE, SP_METRIC_HISTOGRAM, SP_METRIC_INFO };

/* A family of samples. name has no "_total" nor "_info": they come from the type. */
struct sp_metric {
	const char *name;
	enum sp_metric_type type;
	const char *help; /* one line, without a backslash */
};

/* Values are UTF-8, and are escaped. */
struct sp_metric_label {
	const char *name;
	const char *value;
};

/* The samples of a family follow its beginning, and come before the next one's. */
void sp_metrics_text_begin(const struct sp_metrics_text *text, const struct sp_metric *metric);

/* Labels of any number, NULL for 0. */
void sp_metrics_text_number(const struct sp_metrics_text *text, const struct sp_metric *metric,
    const struct sp_metric_label *labels, size_t count, int64_t value);

/* A time in seconds, from microseconds that are not negative. */
void sp_metrics_text_seconds(
    const struct sp_metrics_text *text, const struct sp_metric *metric, int64_t us);

/* All buckets, sum and count, with one label; NULL for none. */
void sp_metrics_text_histogram(const struct sp_metrics_text *text, const struct sp_metric *metric,
    const struct sp_metric_label *label, const struct sp_histogram_reading *reading);

/* Nothing comes after it. */
void sp_metrics_text_end(const struct sp_metrics_text *text);

#endif
