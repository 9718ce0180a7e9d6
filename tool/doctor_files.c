/* SPDX-License-Identifier: BSD-2-Clause */
/* doctor_files.c - the configuration, and the files, users and directories that it names */
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/conf/safe_file.h"
#include "tool/doctor.h"
#include "tool/run_program.h"
#include "tool/viewpoint.h"

static void advise_on_conf(struct sp_doctor *doctor)
{
	if (access(doctor->conf_path, F_OK) == 0)
		sp_doctor_advise(doctor, "correct it in %s; sendpass.conf(5) has every setting",
		    doctor->conf_path);
	else
		sp_doctor_advise(doctor,
		    "write %s, root's and with mode 644 (README.md, Install, step 5), or name "
		    "another one with -f",
		    doctor->conf_path);
}

static void check_configuration(struct sp_doctor *doctor)
{
	char why[SP_CONF_WHY_MAX];

	if (sp_conf_read(doctor->conf_path, &doctor->conf, why)) {
		sp_doctor_tell(
		    doctor, SP_FINDING_OK, "%s is read without an error", doctor->conf_path);
		return;
	}
	sp_doctor_tell(doctor, SP_FINDING_ERROR, "%s", why);
	advise_on_conf(doctor);
}

/* sendpassd beside this program, as it is in a build directory, or where it is installed. */
static bool find_daemon(char path_r[SP_PROGRAM_PATH_MAX])
{
	ssize_t length = readlink("/proc/self/exe", path_r, SP_PROGRAM_PATH_MAX - 16);

	if (length > 0) {
		path_r[length] = '\0';
		char *slash = strrchr(path_r, '/');
		if (slash != NULL) {
			snprintf(slash, sizeof("/sendpassd"), "/sendpassd");
			if (access(path_r, X_OK) == 0)
				return true;
		}
	}
	snprintf(path_r, SP_PROGRAM_PATH_MAX, "%s", SP_SBINDIR "/sendpassd");
	return access(path_r, X_OK) == 0;
}

/* What sendpassd itself says of it: what no setting can know alone. */
static void check_settings(struct sp_doctor *doctor)
{
	char path[SP_PROGRAM_PATH_MAX];
	const char *why;
	struct sp_program_result result;

	if (!find_daemon(path)) {
		sp_doctor_tell(doctor, SP_FINDING_SKIPPED, "sendpassd is not installed here");
		return;
	}
	const char *const arguments[] = {
	    path, "--config", doctor->conf_path, "--check-config", NULL};
	if (!sp_program_run(arguments, &result, &why)) {
		sp_doctor_tell(doctor, SP_FINDING_SKIPPED, "%s: %s", path, why);
	} else if (result.status != 0) {
		const char *text = result.errors;
		if (strncmp(text, "sendpassd: ", strlen("sendpassd: ")) == 0)
			text += strlen("sendpassd: ");
		sp_doctor_tell(doctor, SP_FINDING_ERROR, "sendpassd refuses it: %.*s",
		    (int)strcspn(text, "\n"), text);
		sp_doctor_advise(doctor, "correct that setting in %s", doctor->conf_path);
	}
	sp_program_result_free(&result);
}

/* sendpassd reads it again at SIGHUP, when it is root no more. */
static void check_reload(struct sp_doctor *doctor)
{
	const struct sp_viewpoint daemon = {.user = doctor->conf->daemon_user};
	const char *why = sp_viewpoint_read(&daemon, doctor->conf_path);

	if (why == NULL)
		return;
	sp_doctor_tell(doctor, SP_FINDING_WARNING, "the user %s cannot read %s: %s", daemon.user,
	    doctor->conf_path, why);
	sp_doctor_advise(doctor,
	    "chmod 644 %s, and let everybody pass its directories; else SIGHUP does nothing",
	    doctor->conf_path);
}

/* ---- secrets ---- */

/* A file that nobody but its owner may read. */
static void check_secret(struct sp_doctor *doctor, const char *setting, const char *path)
{
	struct sp_secret secret = {0};
	const char *why;
	struct stat status;

	if (path[0] == '\0')
		return;
	bool ok = sp_file_read_secret(path, &secret, &why);
	sp_secret_wipe(&secret);
	if (ok)
		return;
	if (geteuid() != 0 && access(path, R_OK) != 0 && errno == EACCES) {
		sp_doctor_tell(doctor, SP_FINDING_SKIPPED, "%s %s may not be read by this user",
		    setting, path);
		return;
	}
	sp_doctor_tell(doctor, SP_FINDING_ERROR, "%s %s: %s", setting, path, why);
	if (stat(path, &status) != 0)
		sp_doctor_advise(
		    doctor, "(umask 077; cat >%s), then paste it, Enter, Ctrl-D", path);
	else
		sp_doctor_advise(doctor, "chown root %s; chmod 600 %s", path, path);
}

static void check_secrets(struct sp_doctor *doctor)
{
	struct stat status;
	const char *key = doctor->conf->ldap_tls_key_file;

	check_secret(doctor, "[ldap] bind_secret_file", doctor->conf->ldap_bind_secret_file);
	check_secret(doctor, "[admin] bind_secret_file", doctor->conf->admin_bind_secret_file);
	if (key[0] == '\0' || stat(key, &status) != 0 || (status.st_mode & 077) == 0)
		return;
	sp_doctor_tell(
	    doctor, SP_FINDING_WARNING, "[ldap] tls_key_file %s: group or others can read it", key);
	sp_doctor_advise(doctor, "chmod 600 %s", key);
}

/* ---- the daemon's own ---- */

static void check_user(struct sp_doctor *doctor)
{
	const char *name = doctor->conf->daemon_user;
	const struct passwd *user = getpwnam(name);

	if (user != NULL && user->pw_uid != 0)
		return;
	sp_doctor_tell(doctor, SP_FINDING_ERROR,
	    user == NULL ? "[daemon] user = %s: there is no such user"
			 : "[daemon] user = %s: must not be root",
	    name);
	sp_doctor_advise(doctor,
	    "useradd -r -d /nonexistent -s /usr/sbin/nologin sendpass, or another user in "
	    "[daemon] user");
}

static void check_state_directory(struct sp_doctor *doctor)
{
	const char *path = doctor->conf->daemon_state_directory;
	const struct passwd *user = getpwnam(doctor->conf->daemon_user);
	struct stat status;
	const char *why = NULL;

	if (stat(path, &status) != 0)
		why = strerror(errno);
	else if (!S_ISDIR(status.st_mode))
		why = "is no directory";
	else if (user != NULL && status.st_uid != user->pw_uid)
		why = "belongs to another user than [daemon] user";
	else if ((status.st_mode & 022) != 0)
		why = "group or others can write it";
	if (why == NULL)
		return;
	/* without a policy door nothing is kept there */
	sp_doctor_tell(doctor,
	    doctor->conf->daemon_policy.count > 0 ? SP_FINDING_WARNING : SP_FINDING_SKIPPED,
	    "[daemon] state_directory %s: %s%s", path, why,
	    doctor->conf->daemon_policy.count > 0 ? "; rates are forgotten at each restart"
						  : "; not needed without a policy door");
	if (doctor->conf->daemon_policy.count > 0)
		sp_doctor_advise(doctor, "install -d -m 700 -o %s -g %s %s",
		    doctor->conf->daemon_user, doctor->conf->daemon_user, path);
}

static const struct sp_check checks[] = {
    {"configuration", "the configuration is read without an error", 0, check_configuration},
    {"settings", "sendpassd takes the settings together", SP_NEEDS_CONF | SP_NEEDS_ROOT,
	check_settings},
    {"reload", "sendpassd's user can read the configuration again", SP_NEEDS_CONF | SP_NEEDS_ROOT,
	check_reload},
    {"secrets", "files with secrets are there, and nobody else can read them", SP_NEEDS_CONF,
	check_secrets},
    {"user", "the user of sendpassd exists", SP_NEEDS_CONF, check_user},
    {"state-directory", "sendpassd can keep what it counts", SP_NEEDS_CONF, check_state_directory},
};

const struct sp_check_list sp_checks_of_files = {checks, sizeof(checks) / sizeof(checks[0])};
