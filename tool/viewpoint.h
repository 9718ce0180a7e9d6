/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * viewpoint.h - a socket as another user sees it, perhaps from within a chroot
 */
#ifndef SP_TOOL_VIEWPOINT_H
#define SP_TOOL_VIEWPOINT_H

#include <stdbool.h>

#include "sendpass/attributes.h"

struct sp_viewpoint {
	const char *user;
	const char *directory; /* to be in; NULL for / */
	bool chroot;           /* the directory is the root, too */
};

/* Connects to the unix socket at path as that user, in a process of its own that
 * lives for 3 seconds at most. With `greets`, a byte must come then: sendpassd's auth door
 * hangs up on who is not among its peers. NULL, or static text that says what is
 * wrong. Only root can. */
SP_NODISCARD const char *sp_viewpoint_connect(
    const struct sp_viewpoint *viewpoint, const char *path, bool greets);

/* Whether that user may read the file. NULL, or static text. Only root can. */
SP_NODISCARD const char *sp_viewpoint_read(const struct sp_viewpoint *viewpoint, const char *path);

#endif
