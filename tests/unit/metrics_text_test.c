/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/metrics_text.h"

static char *written;
static size_t length;
static struct sp_metrics_text text;

static void start(bool openmetrics)
{
	text = (struct sp_metrics_text){open_memstream(&written, &length), openmetrics};
	assert_non_null(text.out);
}

static void finish_with(const char *expected)
{
	sp_metrics_text_end(&text);
	assert_int_equal(fclose(text.out), 0);
	assert_string_equal(written, expected);
	free(written);
}

static const struct {
	const char *name;
	struct sp_metric metric;
	bool openmetrics;
	const char *expected;
} types[] = {
    {"a counter", {"n", SP_METRIC_COUNTER, "Help."}, false,
	"# HELP n_total Help.\n# TYPE n_total counter\nn_total 7\n"},
    {"a counter of OpenMetrics", {"n", SP_METRIC_COUNTER, "Help."}, true,
	"# HELP n Help.\n# TYPE n counter\nn_total 7\n# EOF\n"},
    {"a gauge", {"n", SP_METRIC_GAUGE, "Help."}, false, "# HELP n Help.\n# TYPE n gauge\nn 7\n"},
    {"a gauge of OpenMetrics", {"n", SP_METRIC_GAUGE, "Help."}, true,
	"# HELP n Help.\n# TYPE n gauge\nn 7\n# EOF\n"},
    {"information", {"n", SP_METRIC_INFO, "Help."}, false,
	"# HELP n_info Help.\n# TYPE n_info gauge\nn_info 7\n"},
    {"information of OpenMetrics", {"n", SP_METRIC_INFO, "Help."}, true,
	"# HELP n Help.\n# TYPE n info\nn_info 7\n# EOF\n"},
};

static void each_type_is_written_as_its_format_has_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		print_message("%s\n", types[i].name);
		start(types[i].openmetrics);
		sp_metrics_text_begin(&text, &types[i].metric);
		sp_metrics_text_number(&text, &types[i].metric, NULL, 0, 7);
		finish_with(types[i].expected);
	}
}

static const struct sp_metric gauge = {"n", SP_METRIC_GAUGE, "Help."};

static void labels_come_in_order_and_are_escaped(void **state)
{
	const struct sp_metric_label labels[] = {
	    {"plain", "ok"},
	    {"empty", ""},
	    {"quoted", "a\"b"},
	    {"backslash", "a\\b\\"},
	    {"lines", "a\nb\n"},
	    {"wide", "\xc3\xa4{}=,"},
	};

	(void)state;
	start(false);
	sp_metrics_text_number(&text, &gauge, labels, 6, -1);
	finish_with("n{plain=\"ok\",empty=\"\",quoted=\"a\\\"b\",backslash=\"a\\\\b\\\\\","
		    "lines=\"a\\nb\\n\",wide=\"\xc3\xa4{}=,\"} -1\n");
}

static void numbers_of_any_size_are_written_whole(void **state)
{
	(void)state;
	start(false);
	sp_metrics_text_number(&text, &gauge, NULL, 0, INT64_MAX);
	sp_metrics_text_number(&text, &gauge, NULL, 0, INT64_MIN);
	finish_with("n 9223372036854775807\nn -9223372036854775808\n");
}

static void seconds_keep_their_microseconds(void **state)
{
	const struct sp_metric cpu = {"cpu_seconds", SP_METRIC_COUNTER, "Help."};

	(void)state;
	start(false);
	sp_metrics_text_seconds(&text, &cpu, 0);
	sp_metrics_text_seconds(&text, &cpu, 42);
	sp_metrics_text_seconds(&text, &cpu, 12000007);
	finish_with("cpu_seconds_total 0.000000\ncpu_seconds_total 0.000042\n"
		    "cpu_seconds_total 12.000007\n");
}

#define BUCKETS(label)                                                                             \
	"h_bucket{" label "le=\"0.001\"} 0\nh_bucket{" label "le=\"0.0025\"} 1\n"                  \
	"h_bucket{" label "le=\"0.005\"} 1\nh_bucket{" label "le=\"0.01\"} 1\n"                    \
	"h_bucket{" label "le=\"0.025\"} 1\nh_bucket{" label "le=\"0.05\"} 1\n"                    \
	"h_bucket{" label "le=\"0.1\"} 1\nh_bucket{" label "le=\"0.25\"} 1\n"                      \
	"h_bucket{" label "le=\"0.5\"} 1\nh_bucket{" label "le=\"1.0\"} 1\n"                       \
	"h_bucket{" label "le=\"2.5\"} 1\nh_bucket{" label "le=\"5.0\"} 1\n"                       \
	"h_bucket{" label "le=\"10.0\"} 1\nh_bucket{" label "le=\"+Inf\"} 2\n"

#define HISTOGRAMS                                                                                 \
	"# HELP h Help.\n# TYPE h histogram\n" BUCKETS("") "h_sum 20.002001\nh_count 2\n" BUCKETS( \
	    "result=\"denied\",") "h_sum{result=\"denied\"} "                                      \
				  "20.002001\nh_count{result=\"denied\"} 2\n"

static void a_histogram_has_its_buckets_its_sum_and_its_count(void **state)
{
	const struct sp_metric metric = {"h", SP_METRIC_HISTOGRAM, "Help."};
	const struct sp_metric_label label = {"result", "denied"};
	struct sp_histogram histogram = {0};

	(void)state;
	sp_histogram_observe(&histogram, 2000);
	sp_histogram_observe(&histogram, 20000001);
	struct sp_histogram_reading reading = sp_histogram_read(&histogram);
	for (int openmetrics = 0; openmetrics < 2; openmetrics++) {
		start(openmetrics);
		sp_metrics_text_begin(&text, &metric);
		sp_metrics_text_histogram(&text, &metric, NULL, &reading);
		sp_metrics_text_histogram(&text, &metric, &label, &reading);
		finish_with(openmetrics ? HISTOGRAMS "# EOF\n" : HISTOGRAMS);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_type_is_written_as_its_format_has_it),
	    cmocka_unit_test(labels_come_in_order_and_are_escaped),
	    cmocka_unit_test(numbers_of_any_size_are_written_whole),
	    cmocka_unit_test(seconds_keep_their_microseconds),
	    cmocka_unit_test(a_histogram_has_its_buckets_its_sum_and_its_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
