/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * limits.h - the sizes that hold at every door alike, in bytes without a NUL
 *
 * Longer input is refused, never cut.
 */
#ifndef SENDPASS_LIMITS_H
#define SENDPASS_LIMITS_H

#define SP_LOGIN_MAX        512  /* a login, with its realm */
#define SP_PASSWORD_MAX     1024 /* what a client offers as its password */
#define SP_SECRET_MAX       2816 /* any secret on its way: a PLAIN message of such parts, in base64 */
#define SP_SERVICE_MAX      64   /* "smtp", a PAM service name */
#define SP_ADDRESS_MAX      64   /* a numeric IP address, perhaps with a zone */
#define SP_MECHANISM_MAX    20   /* RFC 4422, section 3.1 */
#define SP_SOCKET_PATH_SIZE 108  /* sun_path of struct sockaddr_un, a NUL with it */
#define SP_LINE_MAX         8192 /* one line of the auth protocol; Exim's own limit */
#define SP_ID_MAX           8    /* symbols of a credential's id */

#endif
