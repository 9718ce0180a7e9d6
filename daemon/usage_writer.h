/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * usage_writer.h - tells the directory, in the background, what was last used
 *
 * One thread with a connection of its own writes what a bounded queue holds, one
 * use for each credential, and waits ever longer while no server takes it. It
 * follows the configuration as directory_worker.h does. No login waits for it,
 * nor depends on what comes of it.
 */
#ifndef SP_DAEMON_USAGE_WRITER_H
#define SP_DAEMON_USAGE_WRITER_H

#include <stddef.h>

#include "daemon/generation.h"
#include "lib/directory/credential.h"
#include "lib/policy/request.h"
#include "sendpass/attributes.h"

#define SP_USAGE_WAITING_MAX 4096 /* credentials whose use waits to be written */

struct sp_usage_writer;

/* NULL if thread, memory or randomness cannot be had. */
struct sp_usage_writer *sp_usage_writer_start(struct sp_generations *generations);

/* The request was granted with this credential: the event loop's call. */
void sp_usage_writer_tell(struct sp_usage_writer *writer, const struct sp_attempt_request *request,
    const struct sp_credential *credential);

/* How many uses wait to be written. Safe from every thread. */
size_t sp_usage_writer_waiting(struct sp_usage_writer *writer);

/* Lets the write under way end, writes the others as far as that takes no more than
 * two seconds, and ends the thread. */
void sp_usage_writer_stop(struct sp_usage_writer **writer);

#endif
