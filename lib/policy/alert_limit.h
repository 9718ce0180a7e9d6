/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * alert_limit.h - which alerts go out now, and which are held back and counted
 *
 * An alert goes out if the last of its kind about the same subject lies an interval back.
 * Others are held back; when the interval is over, the last of them goes out with the
 * count of the rest. In one interval a kind tells of SP_ALERT_SUBJECTS subjects one by
 * one; all further ones are held back together. So a flood cannot make more than
 * 2 * SP_ALERT_SUBJECTS + 1 alerts of a kind in an interval, and what a kind holds back
 * never holds back another. Not thread-safe: its owner locks.
 */
#ifndef SP_POLICY_ALERT_LIMIT_H
#define SP_POLICY_ALERT_LIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sendpass/attributes.h"

#define SP_ALERT_SUBJECTS 20

struct sp_alert_limit;

/* For kinds 0 to kinds - 1. NULL when there is no memory. */
struct sp_alert_limit *sp_alert_limit_new(size_t kinds, int64_t interval_ms);
void sp_alert_limit_free(struct sp_alert_limit **limit);

/* True if an alert about the subject, a digest, goes out now; *held_back_r counts those that
 * were held back before it and are told by it. may_go is false where there is no room
 * for it: it is then held back until there is. The line is copied. now_ms is of the
 * monotonic clock. */
SP_NODISCARD bool sp_alert_limit_take(struct sp_alert_limit *limit, size_t kind, uint64_t subject,
    const char *line, bool may_go, int64_t now_ms, uint64_t *held_back_r);

/* One that was held back and goes out now: *line_r is its line, which the caller frees. False
 * if there is none. */
SP_NODISCARD bool sp_alert_limit_due(
    struct sp_alert_limit *limit, int64_t now_ms, char **line_r, uint64_t *held_back_r);

/* Whether any is held back. */
SP_NODISCARD bool sp_alert_limit_holds(const struct sp_alert_limit *limit);

#endif
