/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * trace_search.h - from a message to the app password that it was sent with
 *
 * The log is read in passes, and each line of each is shown to the search:
 *
 *	do {
 *		for each line
 *			sp_search_look(search, line);
 *	} while (sp_search_again(search));
 *
 * A Message-ID is first looked up among the lines of the mail server, for the queue ids
 * that have it. For these, sendpassd's events about messages are sought. If there are
 * none, the message may have come back from a content filter under another queue id, so
 * the search goes to those that were handed on under the first. If there still are none,
 * no policy door was asked about it: then the logins that the session may have begun
 * with are found, by login, address and, if the mail server logs it, port.
 */
#ifndef SP_TOOL_TRACE_SEARCH_H
#define SP_TOOL_TRACE_SEARCH_H

#include <stdbool.h>
#include <stddef.h>

#include "sendpass/attributes.h"
#include "tool/log_line.h"
#include "tool/trace_list.h"

#define SP_SEARCH_MAX      256 /* queue ids at a time */
#define SP_SEARCH_HOPS_MAX 4

struct sp_search;

/* For a Message-ID, which is in <> or has a '@', or for a queue id. NULL when it is
 * neither, or when there is no memory, with errno EINVAL and ENOMEM. */
struct sp_search *sp_search_new(const char *what);
void sp_search_free(struct sp_search **search);

/* False, with errno set, when there is no memory or is too much to look for. */
SP_NODISCARD bool sp_search_look(struct sp_search *search, const struct sp_logged *logged);

/* At the end of a pass: whether another one is needed. */
SP_NODISCARD bool sp_search_again(struct sp_search *search);

/* Whether the mail server's log has the message at all. */
bool sp_search_met_message(const struct sp_search *search);

/* What was found, in the order of the log. */
const struct sp_trace *sp_search_found(const struct sp_search *search, size_t *count_r);

#endif
