/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * replica_part.h - one content of a replica: what a server says of it, put into the sink
 *
 * RFC 4533, section 3. A refresh goes on from where the content stands only if the
 * server can name all that has changed and all that has gone since. If it names what
 * is there instead (a present phase), what it did not change need not be what we hold:
 * it may be a server that was restored from a backup. So the content is then refreshed
 * from nothing, and the old one serves meanwhile.
 *
 *	event=replica_refresh stage=begin content= uri= from= reason=
 *	event=replica_refresh stage=end content= uri= from= entries= dropped= ms=
 */
#ifndef SP_DIRECTORY_REPLICA_PART_H
#define SP_DIRECTORY_REPLICA_PART_H

#include <ldap.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/directory/entry.h"
#include "lib/directory/replica_position.h"
#include "lib/directory/replica_sink.h"
#include "sendpass/attributes.h"

#define SP_REPLICA_WHY_MAX 512
#define SP_REPLICA_RENAMED "renamed" /* a reason that is of both contents */

/* How the conversation with a server goes on. `why` tells of all but the last two. */
enum sp_replica_step {
	SP_REPLICA_LOST = 0, /* the connection or the server is no good, or the sink fails */
	SP_REPLICA_REFUSED,  /* what the server answers cannot be taken */
	SP_REPLICA_ANEW,     /* the content is to be refreshed from nothing */
	SP_REPLICA_STOPPED,
	SP_REPLICA_GOES_ON,
};

struct sp_replica_part {
	struct sp_replica_sink *sink;
	enum sp_replica_content content;
	const struct sp_replica_search *search;
	const char *uri; /* of the server, for the log */

	bool exact; /* the server shows its CSNs, so we know where we are */
	struct sp_replica_position position;
	bool refreshing, from_nothing;
	const char *reason; /* of a refresh from nothing */
	int64_t began_ms;
	uint64_t entries, dropped;
	char *moved; /* DN of an entry that came under another name: has it any below it? */

	bool batch;        /* is open */
	size_t in_batch;   /* messages */
	bool dirty;        /* the position is to be stored with it */
	int64_t stored_ms; /* when it was last */
	struct sp_entry_builder builder;
	char why[SP_REPLICA_WHY_MAX];
};

/* "credentials", "owners": static text. */
const char *sp_replica_content_name(enum sp_replica_content content);

/* To be called before the search is sent, with exact, position, from_nothing and
 * reason as they are to be. */
SP_NODISCARD enum sp_replica_step sp_replica_part_begin(struct sp_replica_part *part);

/* One message of the search's. It may open a batch. */
SP_NODISCARD enum sp_replica_step sp_replica_part_take(
    struct sp_replica_part *part, LDAP *ld, LDAPMessage *message);

/* Ends the batch, if one is open, and stores with it how far we are. Where there is
 * none, that is stored once a second, or `at_once`: an earlier position does no harm. */
SP_NODISCARD enum sp_replica_step sp_replica_part_flush(struct sp_replica_part *part, bool at_once);

/* Has the content refreshed from nothing next time: SP_REPLICA_ANEW. reason is
 * static. It takes effect with the next flush. */
enum sp_replica_step sp_replica_part_anew(struct sp_replica_part *part, const char *reason);

/* Fills `why` and returns the step. */
enum sp_replica_step sp_replica_part_end(struct sp_replica_part *part, enum sp_replica_step step,
    const char *format, ...) SP_PRINTF(3, 4);

/* Frees what it holds. An open batch is forgotten. */
void sp_replica_part_clear(struct sp_replica_part *part);

#endif
