/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * standard_fds.h - standard input, output and error that are there
 *
 * Who starts a program may have closed them. The next socket or file would then get
 * such a number, and what is printed would go to a server, a client or into the file.
 */
#ifndef SP_BASE_STANDARD_FDS_H
#define SP_BASE_STANDARD_FDS_H

#include <stdbool.h>

#include "sendpass/attributes.h"

/* Opens /dev/null for each one that is closed, the wrong way round, so that its use fails.
 * First thing in main(). False if that cannot be had. */
SP_NODISCARD bool sp_standard_fds_occupy(void);

#endif
