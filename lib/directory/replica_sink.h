/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * replica_sink.h - where a consumer of Content Sync (RFC 4533) puts what it learns
 *
 * All calls come from the consumer's one thread. What a batch changes is seen by
 * readers when it is committed, all of it or nothing. A call that returns false
 * has logged why; the consumer then aborts the batch, keeps the cookie that it had,
 * and tries again later. Meanwhile the replica grows older and is at last refused.
 *
 * There are two contents, each a search of its own with a cookie of its own. One
 * entry is in one of them at most.
 */
#ifndef SP_DIRECTORY_REPLICA_SINK_H
#define SP_DIRECTORY_REPLICA_SINK_H

#include <lber.h> /* struct berval */
#include <stdbool.h>
#include <stdint.h>

#include "lib/directory/entry.h"
#include "lib/directory/sync_control.h"
#include "sendpass/attributes.h"

enum sp_replica_content {
	SP_REPLICA_CREDENTIALS,
	SP_REPLICA_OWNERS,
};
#define SP_REPLICA_CONTENTS 2

/* What to ask the directory for: a subtree search. */
struct sp_replica_search {
	const char *base;
	const char *filter;
	char **attributes; /* NULL-terminated */
};

/* What an entry was before it was put. */
enum sp_replica_change {
	SP_REPLICA_ADDED,   /* not known */
	SP_REPLICA_CHANGED, /* under the same DN, but for its spelling */
	SP_REPLICA_MOVED,   /* under another DN */
};

struct sp_replica_sink;

struct sp_replica_sink_ops {
	/* The content's search. It lives as long as the sink. */
	const struct sp_replica_search *(*search)(
	    struct sp_replica_sink *sink, enum sp_replica_content content);

	/* What a server must show of the content, as it is judged here in its place. An
	 * attribute that it hides from us is absent from what it sends, and absent is a value
	 * that a filter can ask for. So a server is refused where the filter finds no entry,
	 * and where one that has one of the attributes is sent without it: it lets us ask for
	 * it and not read it, or gives it another name. NULL, or NULL from it: nothing. */
	const struct sp_replica_search *(*probe)(
	    struct sp_replica_sink *sink, enum sp_replica_content content);

	/* The cookie that was stored last, which the caller frees (free()). Of length 0,
	 * with NULL, where the content has to be refreshed from nothing. */
	SP_NODISCARD bool (*get_cookie)(
	    struct sp_replica_sink *sink, enum sp_replica_content content, struct berval *cookie_r);

	/* Whether the content has an entry. Not in a batch. */
	SP_NODISCARD bool (*has_any)(
	    struct sp_replica_sink *sink, enum sp_replica_content content, bool *any_r);

	/* Begins a batch; there is one at a time, about one content. */
	SP_NODISCARD bool (*begin)(struct sp_replica_sink *sink, enum sp_replica_content content);
	SP_NODISCARD bool (*commit)(struct sp_replica_sink *sink);
	/* Forgets the batch, if there is one. */
	void (*abort)(struct sp_replica_sink *sink);

	/* ---- all below but contact() only in a batch ---- */

	/* Adds the entry or puts it in the place of the one that had the uuid, and marks it. */
	SP_NODISCARD bool (*put)(struct sp_replica_sink *sink,
	    const unsigned char uuid[SP_UUID_SIZE], const struct sp_entry *entry,
	    enum sp_replica_change *change_r);
	/* It is gone from this content. One that is not known there is no failure: a server
	 * names all that changed outside the search, too. *container_r: it was one by
	 * sp_entry_is_container(). */
	SP_NODISCARD bool (*drop)(struct sp_replica_sink *sink,
	    const unsigned char uuid[SP_UUID_SIZE], bool *container_r);

	/* A refresh begins: no entry of the content is marked any more. What is there
	 * stays there and goes on being read. */
	SP_NODISCARD bool (*begin_refresh)(struct sp_replica_sink *sink);
	/* Ends a refresh from nothing: what is not marked is gone. */
	SP_NODISCARD bool (*drop_unmarked)(struct sp_replica_sink *sink);
	/* The refresh is over, the content whole; from now on it may be read. In the same
	 * batch as the refresh's cookie. */
	SP_NODISCARD bool (*complete)(struct sp_replica_sink *sink);

	/* Whoever begins with this cookie misses nothing. An empty one forgets it; the
	 * content still goes on being read. Copied. */
	SP_NODISCARD bool (*set_cookie)(struct sp_replica_sink *sink, const struct berval *cookie);

	/* All that the directory held at that time (sp_now_ms()) has been committed. The
	 * replica's age counts from the older of the two contents' last contacts. Not for
	 * a content that was never complete. Cheap: it may be called many times a second. */
	void (*contact)(
	    struct sp_replica_sink *sink, enum sp_replica_content content, int64_t at_ms);
};

/* The first member of a sink's own struct. */
struct sp_replica_sink {
	const struct sp_replica_sink_ops *ops;
};

#endif
