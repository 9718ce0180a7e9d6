/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/server.h"

#include <libmilter/mfapi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "lib/base/log.h"
#include "lib/process/activation.h"
#include "lib/process/listener.h"
#include "lib/process/log_destination.h"
#include "lib/process/peers.h"
#include "lib/process/privileges.h"
#include "lib/process/syscalls.h"
#include "milter/callbacks.h"
#include "milter/header_check.h"
#include "milter/header_senders.h"

/* What the parser cannot know: NULL for nothing. */
static const char *fault_of(const struct sp_conf *conf)
{
	uid_t uid;

	if (conf->milter_socket.count != 1)
		return "[milter] socket must be there, and once";
	if (conf->milter_socket.items[0].peers.count > 0)
		return "[milter] socket takes no users behind the group: libmilter cannot tell "
		       "who connects, so mode, owner and group alone decide";
	if (conf->milter_policy_socket[0] == '\0')
		return "[milter] policy_socket must be there";
	if (!sp_peers_find_user(conf->daemon_user, &uid))
		return "[daemon] user is no user";
	if (!sp_peers_find_user(conf->milter_user, &uid))
		return "[milter] user is no user";
	return sp_log_settings_fault(conf);
}

static bool read_conf(const char *path, struct sp_conf **conf_r, char why_r[SP_CONF_WHY_MAX])
{
	if (!sp_conf_read(path, conf_r, why_r))
		return false;
	const char *fault = fault_of(*conf_r);
	if (fault == NULL)
		return true;
	snprintf(why_r, SP_CONF_WHY_MAX, "%.200s: %s", path, fault);
	sp_conf_free(conf_r);
	return false;
}

static bool start_failed(const char *what, const char *why)
{
	sp_log_message(SP_LOG_ERROR, "start_failed", "%s: %s", what, why);
	return false;
}

/* libmilter takes a listening socket as fd:NUMBER, so ours is made as sendpassd's are. */
static bool open_socket(const struct sp_conf *conf)
{
	const struct sp_conf_door *door = &conf->milter_socket.items[0];
	struct sp_activation activation;
	struct sp_listener listener;
	char why[SP_CONF_WHY_MAX], name[32];
	const char *fault;

	if (!sp_activation_take(&activation, &fault))
		return start_failed("socket", fault);
	bool ok = sp_listener_open(door, &activation, &listener, why);
	const char *unclaimed = sp_activation_unclaimed(&activation);
	if (!ok)
		start_failed("socket", why);
	else if (unclaimed != NULL)
		ok = start_failed(unclaimed, "a socket of the service manager that is not listed");
	sp_activation_close(&activation);
	if (!ok)
		return false;
	snprintf(name, sizeof(name), "fd:%d", listener.fd);
	ok = smfi_setconn(name) == MI_SUCCESS && smfi_opensocket(false) == MI_SUCCESS;
	return ok || start_failed(door->place, "libmilter does not take the socket, see syslog");
}

/* For good: libmilter takes SIGHUP for an end. */
static bool open_log(const struct sp_conf *conf)
{
	static struct sp_log_destination *destination;
	char why[SP_CONF_WHY_MAX];
	uid_t owner;

	if (!sp_peers_find_user(conf->milter_user, &owner))
		return start_failed(conf->milter_user, "is no user");
	destination = sp_log_destination_new(conf, "sendpass-milter", owner);
	if (destination == NULL)
		return start_failed("log", "out of memory");
	if (!sp_log_destination_open(destination, why))
		return start_failed("log", why);
	sp_log_set_sink(NULL, NULL, SP_LOG_INFO);
	sp_log_set_sink(sp_log_to_destination, destination, sp_log_settings_level(conf));
	return true;
}

/* What needs root comes before the drop, threads come after it. */
static bool start(const char *conf_path, struct sp_header_site *site, struct sp_conf **conf_r)
{
	char why[SP_CONF_WHY_MAX];
	const char *fault;

	if (!read_conf(conf_path, conf_r, why))
		return start_failed("configuration", why);
	const struct sp_conf *conf = *conf_r;
	if (!open_log(conf))
		return false;
	site->conf = conf;
	if (!sp_peers_find_user(conf->daemon_user, &site->daemon_uid))
		return start_failed(conf->daemon_user, "is no user");
	if (!sp_callbacks_register(site))
		return start_failed("libmilter", "does not take the callbacks");
	if (!open_socket(conf))
		return false;
	if (!sp_privileges_drop(conf->milter_user, &fault))
		return start_failed(conf->milter_user, fault);
	if (!sp_privileges_restrict(&fault))
		return start_failed("privileges", fault);
	if (!sp_syscalls_restrict(conf->milter_seccomp, &fault))
		return start_failed("[milter] seccomp", fault);
	return true;
}

int sp_milter_run(const char *conf_path)
{
	/* sessions may still be at work at the end, so these stay until the process ends */
	static struct sp_header_site site;
	static struct sp_conf *conf;

	openlog("sendpass-milter", LOG_PID | LOG_NDELAY, LOG_AUTH); /* for libmilter */
	sp_log_set_sink(sp_log_to_stderr, NULL, SP_LOG_INFO);
	sp_header_senders_open();
	bool ok = start(conf_path, &site, &conf);
	if (ok) {
		sp_log_message(SP_LOG_NOTICE, "ready", "%s", conf_path);
		ok = smfi_main() == MI_SUCCESS;
		sp_log_message(SP_LOG_NOTICE, "stopped", "sessions that are open are put off");
	}
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

int sp_milter_check(const char *conf_path)
{
	struct sp_conf *conf;
	char why[SP_CONF_WHY_MAX];

	if (!read_conf(conf_path, &conf, why)) {
		fprintf(stderr, "sendpass-milter: %s\n", why);
		return EXIT_FAILURE;
	}
	sp_conf_free(&conf);
	return EXIT_SUCCESS;
}
