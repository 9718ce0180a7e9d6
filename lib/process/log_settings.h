/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * log_settings.h - the log of a daemon, as [log] has it
 */
#ifndef SP_PROCESS_LOG_SETTINGS_H
#define SP_PROCESS_LOG_SETTINGS_H

#include "lib/conf/conf.h"

/* Sends the log (log.h) from now on where the settings say, from their level on. */
void sp_log_follow_settings(const struct sp_conf *conf);

#endif
