/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * metrics_page.h - all metrics at this moment, as one text
 *
 * What metrics.h counts, what others are asked for, and what the kernel says of the process.
 */
#ifndef SP_DAEMON_METRICS_PAGE_H
#define SP_DAEMON_METRICS_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "daemon/generation.h"
#include "daemon/pipeline.h"
#include "daemon/replica_keeper.h"
#include "lib/password/verified_cache.h"
#include "sendpass/attributes.h"

/* Who is asked; all outlive whoever asks. */
struct sp_metrics_sources {
	struct sp_generations *generations;
	struct sp_pipeline *pipeline;
	struct sp_verified_cache *verified; /* NULL for none */
	struct sp_replica_keeper *keeper;   /* likewise */
	time_t started;                     /* when the process began */
};

/* The whole text, which the caller frees, in OpenMetrics or else in text format 0.0.4. False
 * when there is no memory. From any thread. */
SP_NODISCARD bool sp_metrics_page(
    const struct sp_metrics_sources *sources, bool openmetrics, char **text_r, size_t *length_r);

#endif
