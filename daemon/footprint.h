/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * footprint.h - what this process takes of the machine
 */
#ifndef SP_DAEMON_FOOTPRINT_H
#define SP_DAEMON_FOOTPRINT_H

#include <stdint.h>

/* -1 for what the kernel does not tell: /proc may be kept from us. */
struct sp_footprint {
	int64_t cpu_us;           /* of all threads, in user and kernel mode */
	int64_t resident_bytes;   /* memory that is in RAM */
	int64_t open_descriptors; /* files and sockets */
	int64_t max_descriptors;
};

/* Takes time that grows with the descriptors: not for the event loop. */
struct sp_footprint sp_footprint_now(void);

#endif
