/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sasl_host.h - an application of the real libsasl2, with our plugin and a private
 * configuration, as a mail server is one
 */
#ifndef SP_TESTS_SASL_HOST_H
#define SP_TESTS_SASL_HOST_H

#include <stdbool.h>
#include <stddef.h>

#include <sasl/sasl.h>

#define HOST_SERVICE "submission"
#define HOST_REMOTE  "198.51.100.7;48806"
#define HOST_LOCAL   "192.0.2.25;587"

/* Skips the test if the mechanisms of libsasl2 are not installed. The plugins are
 * PLAIN, LOGIN, CRAM-MD5 and ours; conf is the text of the configuration file. */
void host_start(const char *conf);
/* As above, with sendpass alone in auxprop_plugin, its socket, and further lines. */
void host_start_with_socket(const char *path, const char *further);
void host_start_with_methods(const char *path, const char *methods, const char *further);
/* May be called again, as a teardown does after a test that failed. */
void host_stop(void);

/* A connection of a client at HOST_REMOTE. realm may be NULL. */
sasl_conn_t *host_connect(const char *realm);

/* The authorization id may be "". */
int host_plain_as(sasl_conn_t *conn, const char *authzid, const char *login, const char *password);
int host_plain(sasl_conn_t *conn, const char *login, const char *password);
int host_login(sasl_conn_t *conn, const char *login, const char *password);
/* LOGIN in two halves. */
int host_login_name(sasl_conn_t *conn, const char *login, size_t length);
int host_login_password(sasl_conn_t *conn, const char *password, size_t length);
int host_cram_md5(sasl_conn_t *conn, const char *login);

/* One attempt on a connection of its own. */
typedef int host_attempt_fn(sasl_conn_t *conn, const char *login, const char *password);
int host_attempt(host_attempt_fn *attempt, const char *login, const char *password);

/* Lines that libsasl2 logged since host_start() and that have the text in them. */
unsigned host_logged(const char *text);

#endif
