/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * server.h - the whole process of sendpass-milter
 */
#ifndef SP_MILTER_SERVER_H
#define SP_MILTER_SERVER_H

/* Serves until SIGTERM, SIGINT or SIGHUP. Returns an exit status. */
int sp_milter_run(const char *conf_path);

/* Reads the configuration and says on standard error what is wrong with it. */
int sp_milter_check(const char *conf_path);

#endif
