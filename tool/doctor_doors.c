/* SPDX-License-Identifier: BSD-2-Clause */
/* doctor_doors.c - sendpassd's sockets, and whether it answers */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/number.h"
#include "lib/client/connection.h"
#include "tool/doctor.h"

#define ANSWER_MS 2000

/* Whether the name, which may be a number, is this user's or group's. */
static bool is_user(const char *name, uid_t uid)
{
	const struct passwd *user = getpwnam(name);
	uint64_t number;

	if (user != NULL)
		return user->pw_uid == uid;
	return sp_parse_number(name, 0, UINT32_MAX, &number) && number == uid;
}

static bool is_group(const char *name, gid_t gid)
{
	const struct group *group = getgrnam(name);
	uint64_t number;

	if (group != NULL)
		return group->gr_gid == gid;
	return sp_parse_number(name, 0, UINT32_MAX, &number) && number == gid;
}

static void tell_missing(
    struct sp_doctor *doctor, const struct sp_conf_door *door, const char *daemon, int error)
{
	if (error == EACCES) {
		sp_doctor_tell(
		    doctor, SP_FINDING_SKIPPED, "%s cannot be seen by this user", door->place);
		return;
	}
	sp_doctor_tell(doctor, SP_FINDING_ERROR, "%s: %s", door->place, strerror(error));
	sp_doctor_advise(
	    doctor, "start %s; if it runs, restart it, as sockets are made at the start", daemon);
}

static void check_socket(
    struct sp_doctor *doctor, const struct sp_conf_door *door, const char *daemon)
{
	struct stat status;

	if (lstat(door->place, &status) != 0) {
		tell_missing(doctor, door, daemon, errno);
		return;
	}
	if (S_ISSOCK(status.st_mode) && (status.st_mode & 0777) == door->mode &&
	    is_user(door->owner, status.st_uid) && is_group(door->group, status.st_gid))
		return;
	sp_doctor_tell(doctor, SP_FINDING_ERROR,
	    "%s is not as the configuration has it: %s, mode %04o, user %u, group %u", door->place,
	    S_ISSOCK(status.st_mode) ? "a socket" : "no socket", (unsigned)(status.st_mode & 07777),
	    (unsigned)status.st_uid, (unsigned)status.st_gid);
	sp_doctor_advise(doctor, "restart %s, as sockets are made at the start", daemon);
}

static void check_port(
    struct sp_doctor *doctor, const struct sp_conf_door *door, const char *daemon)
{
	int fd = socket(door->loopback.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && connect(fd, &door->loopback.any, door->loopback.length) == 0) {
		close(fd);
		return;
	}
	tell_missing(doctor, door, daemon, errno);
	if (fd >= 0)
		close(fd);
}

static void check_doors(
    struct sp_doctor *doctor, const struct sp_conf_doors *doors, const char *daemon)
{
	for (size_t i = 0; i < doors->count; i++) {
		if (doors->items[i].loopback.length > 0)
			check_port(doctor, &doors->items[i], daemon);
		else
			check_socket(doctor, &doors->items[i], daemon);
	}
}

static void check_sockets(struct sp_doctor *doctor)
{
	const struct sp_conf *conf = doctor->conf;

	check_doors(doctor, &conf->daemon_auth, "sendpassd");
	check_doors(doctor, &conf->daemon_saslauthd, "sendpassd");
	check_doors(doctor, &conf->daemon_policy, "sendpassd");
	check_doors(doctor, &conf->daemon_socketmap, "sendpassd");
	check_doors(doctor, &conf->daemon_metrics, "sendpassd");
	check_doors(doctor, &conf->milter_socket, "sendpass-milter");
}

/* The greeting of an auth door. */
static void check_sendpassd(struct sp_doctor *doctor)
{
	const char *path = doctor->conf->admin_verify_socket, *why = NULL, *line;
	const struct passwd *user = getpwnam(doctor->conf->daemon_user);
	struct sp_connection connection;
	size_t length;

	bool ok = sp_connection_open(&connection, path, user != NULL ? user->pw_uid : 0,
		      sp_now_ms() + ANSWER_MS, &why) &&
		  sp_connection_read_line(&connection, &line, &length, &why);
	sp_connection_close(&connection);
	if (ok) {
		sp_doctor_tell(doctor, SP_FINDING_OK, "sendpassd answers on %s", path);
		return;
	}
	if (access(path, W_OK) != 0 && errno == EACCES) {
		sp_doctor_tell(doctor, SP_FINDING_SKIPPED, "%s is not for this user", path);
		return;
	}
	sp_doctor_tell(doctor, SP_FINDING_ERROR, "[admin] verify_socket %s: %s", path, why);
	if (sp_doctor_has_door(&doctor->conf->daemon_auth, path))
		sp_doctor_advise(doctor, "start sendpassd and read its log; as another user than "
					 "root, run this as root");
	else
		sp_doctor_advise(doctor,
		    "[admin] verify_socket is to be one that [daemon] auth lists, such as %s",
		    doctor->conf->daemon_auth.count > 0 ? doctor->conf->daemon_auth.items[0].place
							: "/run/sendpass/auth");
}

static const struct sp_check checks[] = {
    {"sockets", "every door's socket is there, with its mode, owner and group", SP_NEEDS_CONF,
	check_sockets},
    {"sendpassd", "sendpassd answers", SP_NEEDS_CONF, check_sendpassd},
};

const struct sp_check_list sp_checks_of_doors = {checks, sizeof(checks) / sizeof(checks[0])};
