/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * callbacks.h - what libmilter calls at each step of a message
 *
 * Sessions that have not logged in are left alone. The verdict falls at the end
 * of the headers, before Postfix sends the body; headers are changed at the end.
 */
#ifndef SP_MILTER_CALLBACKS_H
#define SP_MILTER_CALLBACKS_H

#include <stdbool.h>

#include "milter/header_check.h"
#include "sendpass/attributes.h"

/* Registers them with libmilter. site must outlive smfi_main(). */
SP_NODISCARD bool sp_callbacks_register(const struct sp_header_site *site);

#endif
