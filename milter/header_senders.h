/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * header_senders.h - the mailboxes that a From: or Sender: header names
 *
 * RFC 5322, section 3.4, as GMime reads it. What a mail client may show as an
 * address must be among them: whatever GMime passes over, or mends, makes the
 * header unreadable, and so does what RFC 5322 lets nobody write any more but
 * readers differ about, such as routes. Display names are not looked at.
 */
#ifndef SP_MILTER_HEADER_SENDERS_H
#define SP_MILTER_HEADER_SENDERS_H

#include <stdbool.h>
#include <stddef.h>

#include "sendpass/attributes.h"

#define SP_HEADER_VALUE_MAX   8192 /* bytes of one header, folds with them */
#define SP_HEADER_SENDERS_MAX 16
#define SP_MAILBOX_MAX        320 /* bytes of an address: RFC 5321, section 4.5.3.1 */

struct sp_header_senders {
	size_t count;
	/* As written: UTF-8 stays so, and so does an IDN in its ASCII form. */
	char mailboxes[SP_HEADER_SENDERS_MAX][SP_MAILBOX_MAX + 1];
};

/* Once, before the first header is read and before there are threads. */
void sp_header_senders_open(void);
/* After the last. */
void sp_header_senders_close(void);

/* Reads the value of one header, folded or not; members of groups count, and
 * nested groups are unreadable. On success there is at least one mailbox, and
 * each has a domain. On false *why_r is static text that goes on after the
 * header's name, such as "holds no address". Thread-safe. */
SP_NODISCARD bool sp_header_senders_read(
    const char *value, struct sp_header_senders *senders_r, const char **why_r);

#endif
