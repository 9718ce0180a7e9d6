/* SPDX-License-Identifier: BSD-2-Clause */
#include "daemon/metrics_text.h"

#include <inttypes.h>

#define US_IN_SECOND 1000000

/* What the name of a sample ends in. */
static const char *sample_suffix(enum sp_metric_type type)
{
	switch (type) {
	case SP_METRIC_COUNTER:
		return "_total";
	case SP_METRIC_INFO:
		return "_info";
	case SP_METRIC_GAUGE:
	case SP_METRIC_HISTOGRAM:
		break;
	}
	return "";
}

static const char *type_name(const struct sp_metrics_text *text, enum sp_metric_type type)
{
	switch (type) {
	case SP_METRIC_COUNTER:
		return "counter";
	case SP_METRIC_HISTOGRAM:
		return "histogram";
	case SP_METRIC_INFO:
		return text->openmetrics ? "info" : "gauge";
	case SP_METRIC_GAUGE:
		break;
	}
	return "gauge";
}

void sp_metrics_text_begin(const struct sp_metrics_text *text, const struct sp_metric *metric)
{
	const char *suffix = text->openmetrics ? "" : sample_suffix(metric->type);

	fprintf(text->out, "# HELP %s%s %s\n# TYPE %s%s %s\n", metric->name, suffix, metric->help,
	    metric->name, suffix, type_name(text, metric->type));
}

static void put_label(FILE *out, const struct sp_metric_label *label)
{
	fprintf(out, "%s=\"", label->name);
	for (const char *at = label->value; *at != '\0'; at++) {
		if (*at == '\n') {
			fputs("\\n", out);
			continue;
		}
		if (*at == '\\' || *at == '"')
			fputc('\\', out);
		fputc(*at, out);
	}
	fputc('"', out);
}

static void put_labels(FILE *out, const struct sp_metric_label *labels, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		fputc(i == 0 ? '{' : ',', out);
		put_label(out, &labels[i]);
	}
	if (count > 0)
		fputc('}', out);
}

void sp_metrics_text_number(const struct sp_metrics_text *text, const struct sp_metric *metric,
    const struct sp_metric_label *labels, size_t count, int64_t value)
{
	fprintf(text->out, "%s%s", metric->name, sample_suffix(metric->type));
	put_labels(text->out, labels, count);
	fprintf(text->out, " %" PRId64 "\n", value);
}

static void put_seconds(FILE *out, uint64_t us)
{
	fprintf(out, " %" PRIu64 ".%06" PRIu64 "\n", us / US_IN_SECOND, us % US_IN_SECOND);
}

void sp_metrics_text_seconds(
    const struct sp_metrics_text *text, const struct sp_metric *metric, int64_t us)
{
	fprintf(text->out, "%s%s", metric->name, sample_suffix(metric->type));
	put_seconds(text->out, (uint64_t)us);
}

void sp_metrics_text_histogram(const struct sp_metrics_text *text, const struct sp_metric *metric,
    const struct sp_metric_label *label, const struct sp_histogram_reading *reading)
{
	size_t count = label != NULL ? 1 : 0;
	struct sp_metric_label labels[2];

	if (label != NULL)
		labels[0] = *label;
	for (size_t i = 0; i < SP_HISTOGRAM_BUCKETS; i++) {
		labels[count] = (struct sp_metric_label){"le", sp_histogram_bound(i)};
		fprintf(text->out, "%s_bucket", metric->name);
		put_labels(text->out, labels, count + 1);
		fprintf(text->out, " %" PRIu64 "\n", reading->below[i]);
	}
	fprintf(text->out, "%s_sum", metric->name);
	put_labels(text->out, labels, count);
	put_seconds(text->out, reading->sum_us);
	fprintf(text->out, "%s_count", metric->name);
	put_labels(text->out, labels, count);
	fprintf(text->out, " %" PRIu64 "\n", reading->below[SP_HISTOGRAM_BUCKETS - 1]);
}

void sp_metrics_text_end(const struct sp_metrics_text *text)
{
	if (text->openmetrics)
		fputs("# EOF\n", text->out);
}
