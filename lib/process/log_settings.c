/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/process/log_settings.h"

#include <string.h>

#include "lib/base/log.h"

void sp_log_follow_settings(const struct sp_conf *conf)
{
	enum sp_log_level level = SP_LOG_INFO;

	if (!sp_log_level_parse(conf->log_level, &level))
		level = SP_LOG_INFO;
	sp_log_set_sink(
	    strcmp(conf->log_target, "syslog") == 0 ? sp_log_to_syslog : sp_log_to_stderr, NULL,
	    level);
}
