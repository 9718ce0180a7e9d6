/* SPDX-License-Identifier: BSD-2-Clause */
#include "tool/doctor_sasl.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tool/sasl_file.h"
#include "tool/viewpoint.h"

#define DEFAULT_SOCKET    "/run/sendpass/auth"     /* plugin/options.h */
#define DEFAULT_SASLAUTHD "/var/run/saslauthd/mux" /* Debian's libsasl2 */
#define PLUGINS           "/usr/lib/*/sasl2/libplain.so"
#define OUR_PLUGIN        "libsendpass.so"

/* ---- sockets ---- */

void sp_doctor_outside(
    const struct sp_asker *asker, const char *path, char path_r[SP_PATH_TEXT_MAX])
{
	if (asker->queue == NULL || (path[0] == '/' && !asker->chroot))
		snprintf(path_r, SP_PATH_TEXT_MAX, "%s", path);
	else
		snprintf(path_r, SP_PATH_TEXT_MAX, "%s%s%s", asker->queue,
		    path[0] == '/' ? "" : "/", path);
}

/* For a path that no door has. */
static void advise_on_path(struct sp_doctor *doctor, const struct sp_way *way,
    enum sp_way_kind kind, const char *path, const char *setting, const char *where)
{
	char outside[SP_PATH_TEXT_MAX];
	size_t front = way->asker.queue != NULL ? strlen(way->asker.queue) : 0;

	if (way->asker.chroot && strncmp(path, way->asker.queue, front) == 0 &&
	    path[front] == '/') {
		sp_doctor_advise(doctor, "%s: %s: the path as it is within the chroot, %s", where,
		    setting, path + front);
		return;
	}
	sp_doctor_outside(&way->asker, path, outside);
	sp_doctor_advise(doctor,
	    "[daemon] %s = %s 0660 root %s, and restart sendpassd; or %s: %s: the path of a door "
	    "that is there",
	    kind == SP_WAY_AUTH ? "auth" : "saslauthd", outside, way->asker.user, where, setting);
}

void sp_doctor_judge_socket(struct sp_doctor *doctor, struct sp_way *way, enum sp_way_kind kind,
    const char *path, const char *setting, const char *where)
{
	char outside[SP_PATH_TEXT_MAX];
	const struct sp_conf_doors *doors =
	    kind == SP_WAY_AUTH ? &doctor->conf->daemon_auth : &doctor->conf->daemon_saslauthd;

	sp_doctor_outside(&way->asker, path, outside);
	if (strlen(path) < sizeof(way->path) && sp_doctor_has_door(doors, outside)) {
		snprintf(way->path, sizeof(way->path), "%s", path);
		way->kind = kind;
		return;
	}
	sp_doctor_tell(doctor, SP_FINDING_ERROR,
	    "%s: %s in %s is %s, where sendpassd has no door%s", way->asker.name, setting, where,
	    path, way->asker.chroot ? " as seen from within the chroot" : "");
	advise_on_path(doctor, way, kind, path, setting, where);
}

void sp_doctor_try_socket(
    struct sp_doctor *doctor, const struct sp_asker *asker, const char *path, bool greets)
{
	const struct sp_viewpoint viewpoint = {
	    .user = asker->user,
	    .directory = asker->queue,
	    .chroot = asker->chroot,
	};
	char outside[SP_PATH_TEXT_MAX];
	const char *why = sp_viewpoint_connect(&viewpoint, path, greets);

	if (why == NULL)
		return;
	sp_doctor_outside(asker, path, outside);
	sp_doctor_tell(doctor, SP_FINDING_ERROR, "%s, as user %s%s: %s: %s", asker->name,
	    asker->user, asker->chroot ? " in its chroot" : "", path, why);
	sp_doctor_advise(doctor,
	    "let %s connect to %s: the mode, owner and group of its line in [daemon], and every "
	    "directory on the way; then restart sendpassd",
	    asker->user, outside);
}

/* ---- the plugin ---- */

/* The directory that libsasl2 of this host looks for plugins in. */
static void check_plugin(struct sp_doctor *doctor)
{
	glob_t found = {0};
	char path[SP_PATH_TEXT_MAX];
	bool there = false;

	if (glob(PLUGINS, 0, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc && !there; i++) {
			snprintf(path, sizeof(path), "%.*s" OUR_PLUGIN,
			    (int)(strrchr(found.gl_pathv[i], '/') + 1 - found.gl_pathv[i]),
			    found.gl_pathv[i]);
			there = access(path, F_OK) == 0;
		}
	}
	if (found.gl_pathc == 0) {
		sp_doctor_tell(doctor, SP_FINDING_WARNING,
		    "libsasl2 has no plugin for PLAIN in /usr/lib/*/sasl2");
		sp_doctor_advise(doctor, "apt-get install libsasl2-modules");
	} else if (!there) {
		sp_doctor_tell(doctor, SP_FINDING_WARNING, "%s is not there", path);
		sp_doctor_advise(doctor, "configure --with-sasl-plugin-dir=%.*s, make install",
		    (int)(strrchr(path, '/') - path), path);
	}
	globfree(&found);
}

/* ---- its configuration ---- */

/* Whether it is meant to ask our plugin, rightly or not. */
static bool is_ours(const struct sp_sasl_file *file)
{
	size_t others;

	return sp_sasl_file_lists(file, "auxprop_plugin", "sendpass", &others) ||
	       sp_sasl_file_get(file, "auxprop_plugin") == NULL ||
	       sp_sasl_file_get(file, "sendpass_socket") != NULL;
}

static void tell_line(struct sp_doctor *doctor, const struct sp_way *way, const char *path,
    const char *what, const char *line)
{
	sp_doctor_tell(doctor, SP_FINDING_ERROR, "%s: %s: %s", way->asker.name, path, what);
	sp_doctor_advise(doctor, "the line in %s is to be: %s", path, line);
}

static void judge_mechanisms(struct sp_doctor *doctor, const struct sp_way *way, const char *path,
    const struct sp_sasl_file *file)
{
	size_t without_plain, without_login;
	bool plain = sp_sasl_file_lists(file, "mech_list", "PLAIN", &without_plain);
	bool login = sp_sasl_file_lists(file, "mech_list", "LOGIN", &without_login);

	if (sp_sasl_file_get(file, "mech_list") == NULL)
		tell_line(doctor, way, path,
		    "mech_list is not set: clients choose CRAM-MD5 or SCRAM, which cannot work",
		    "mech_list: PLAIN LOGIN");
	else if (without_plain > (login ? 1 : 0) || !(plain || login))
		tell_line(doctor, way, path,
		    "mech_list has mechanisms that need a stored password, which cannot work",
		    "mech_list: PLAIN LOGIN");
}

static void judge_plugin_options(
    struct sp_doctor *doctor, struct sp_way *way, const char *path, const struct sp_sasl_file *file)
{
	const char *socket = sp_sasl_file_get(file, "sendpass_socket");
	size_t others;

	if (!sp_sasl_file_lists(file, "auxprop_plugin", "sendpass", &others)) {
		tell_line(doctor, way, path,
		    "auxprop_plugin does not name sendpass: every password is refused",
		    "auxprop_plugin: sendpass");
		return;
	}
	judge_mechanisms(doctor, way, path, file);
	check_plugin(doctor);
	sp_doctor_judge_socket(doctor, way, SP_WAY_AUTH, socket != NULL ? socket : DEFAULT_SOCKET,
	    "sendpass_socket", path);
}

static void judge_file(
    struct sp_doctor *doctor, struct sp_way *way, const char *path, const struct sp_sasl_file *file)
{
	const char *method = sp_sasl_file_get(file, "pwcheck_method");
	const char *mux = sp_sasl_file_get(file, "saslauthd_path");
	size_t others;

	if (file->bad_line > 0) {
		sp_doctor_tell(doctor, SP_FINDING_ERROR,
		    "%s: %s:%d: neither \"name: value\" nor a comment: no login works",
		    way->asker.name, path, file->bad_line);
		sp_doctor_advise(doctor, "correct %s, line %d", path, file->bad_line);
	} else if (sp_sasl_file_lists(file, "pwcheck_method", "saslauthd", &others)) {
		if (mux == NULL)
			mux = DEFAULT_SASLAUTHD;
		/* another saslauthd may well be meant */
		char outside[SP_PATH_TEXT_MAX];
		sp_doctor_outside(&way->asker, mux, outside);
		if (sp_doctor_has_door(&doctor->conf->daemon_saslauthd, outside))
			sp_doctor_judge_socket(
			    doctor, way, SP_WAY_SASLAUTHD, mux, "saslauthd_path", path);
	} else if (method == NULL ||
		   sp_sasl_file_lists(file, "pwcheck_method", "auxprop", &others)) {
		if (is_ours(file))
			judge_plugin_options(doctor, way, path, file);
	} else if (sp_sasl_file_get(file, "sendpass_socket") != NULL) {
		tell_line(doctor, way, path, "pwcheck_method does not name auxprop",
		    "pwcheck_method: auxprop");
	}
}

void sp_doctor_judge_sasl(struct sp_doctor *doctor, const char *const *paths, struct sp_way *way_r)
{
	struct sp_sasl_file file;
	const char *const *path = paths;

	while (path[1] != NULL && access(*path, F_OK) != 0)
		path++;
	if (sp_sasl_file_read(*path, &file)) {
		judge_file(doctor, way_r, *path, &file);
	} else if (errno == ENOENT) {
		sp_doctor_tell(doctor, SP_FINDING_ERROR,
		    "%s: %s is not there: libsasl2 then looks for passwords in /etc/sasldb2",
		    way_r->asker.name, paths[0]);
		sp_doctor_advise(doctor,
		    "write %s: pwcheck_method: auxprop / auxprop_plugin: sendpass / mech_list: "
		    "PLAIN LOGIN / sendpass_socket: PATH",
		    paths[0]);
	} else {
		sp_doctor_tell(doctor, SP_FINDING_SKIPPED, "%s: %s: %s", way_r->asker.name, *path,
		    strerror(errno));
	}
}
