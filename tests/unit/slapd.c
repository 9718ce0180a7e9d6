/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/slapd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ldap.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/base/clock.h"

#define SLAPD           "/usr/sbin/slapd"
#define SLAPADD         "/usr/sbin/slapadd"
#define SCHEMAS         "/etc/ldap/schema"
#define PATH_MAX_HERE   160
#define READY_WITHIN_MS 20000

bool slapd_exists(void)
{
	return access(SLAPD, X_OK) == 0 && access(SCHEMAS "/core.schema", R_OK) == 0;
}

static void in_directory(const struct slapd *slapd, const char *name, char path_r[PATH_MAX_HERE])
{
	assert_true(
	    snprintf(path_r, PATH_MAX_HERE, "%s/%s", slapd->directory, name) < PATH_MAX_HERE);
}

/* The child dies with us, also when a test crashes. */
static pid_t spawn(const struct slapd *slapd, const char *const *arguments)
{
	char log[PATH_MAX_HERE];
	pid_t pid;

	in_directory(slapd, "log", log);
	pid = fork();
	assert_true(pid >= 0);
	if (pid > 0)
		return pid;
	int fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (fd >= 0 && dup2(fd, STDOUT_FILENO) >= 0 && dup2(fd, STDERR_FILENO) >= 0)
		execvp(arguments[0], (char **)arguments);
	_exit(127);
}

static int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		assert_int_equal(errno, EINTR);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int slapd_run(const struct slapd *slapd, const char *const *arguments)
{
	return wait_for(spawn(slapd, arguments));
}

static void show_log(const struct slapd *slapd)
{
	char log[PATH_MAX_HERE];
	char *text = NULL;
	size_t size = 0;
	FILE *in;

	in_directory(slapd, "log", log);
	in = fopen(log, "re");
	if (in != NULL && getdelim(&text, &size, '\0', in) > 0)
		print_error("%s", text);
	free(text);
	if (in != NULL)
		fclose(in);
}

static void run_well(const struct slapd *slapd, const char *const *arguments)
{
	int code = slapd_run(slapd, arguments);

	if (code != 0) {
		show_log(slapd);
		fail_msg("%s: exit code %d", arguments[0], code);
	}
}

int slapd_listen(int *port_r)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t length = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, length), 0);
	assert_int_equal(listen(fd, 8), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
	*port_r = ntohs(address.sin_port);
	return fd;
}

static int free_port(void)
{
	int port;

	close(slapd_listen(&port));
	return port;
}

/* Somebody else may take a port before slapd does, so this can be called again. */
static void choose_ports(struct slapd *slapd)
{
	int port = free_port();
	int tls_port = free_port();

	snprintf(slapd->tcp_uri, sizeof(slapd->tcp_uri), "ldap://127.0.0.1:%d", port);
	snprintf(slapd->other_uri, sizeof(slapd->other_uri), "ldap://127.0.0.2:%d", port);
	snprintf(slapd->tls_uri, sizeof(slapd->tls_uri), "ldaps://127.0.0.1:%d", tls_port);
}

void slapd_prepare(struct slapd *slapd)
{
	char path[PATH_MAX_HERE];

	*slapd = (struct slapd){.pid = -1};
	snprintf(slapd->directory, sizeof(slapd->directory), "/tmp/sendpass-slapd-XXXXXX");
	assert_non_null(mkdtemp(slapd->directory));
	in_directory(slapd, "database", path);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(slapd->local_uri, sizeof(slapd->local_uri), "ldapi://%%2Ftmp%%2F%s%%2Fsocket",
	    slapd->directory + strlen("/tmp/"));
}

static FILE *create(const struct slapd *slapd, const char *name)
{
	char path[PATH_MAX_HERE];
	FILE *file;

	in_directory(slapd, name, path);
	file = fopen(path, "we");
	assert_non_null(file);
	return file;
}

static void write_conf(const struct slapd *slapd, const struct slapd_wish *wish)
{
	const char *directory = slapd->directory;
	FILE *out = create(slapd, "slapd.conf");

	fprintf(out, "include " SCHEMAS "/core.schema\ninclude " SCHEMAS "/cosine.schema\n");
	fprintf(out, "include " SCHEMAS "/inetorgperson.schema\n");
	fprintf(out, "include " SP_SRCDIR "/schema/sendpass.schema\n");
	fprintf(out, "modulepath /usr/lib/ldap\nmoduleload back_mdb\n");
	fprintf(out, "threads 4\nloglevel none\npidfile %s/pid\n", directory);
	if (wish->tls) {
		fprintf(out, "TLSCACertificateFile %s/ca.pem\nTLSVerifyClient try\n", directory);
		fprintf(out, "TLSCertificateFile %s/certificate.pem\n", directory);
		fprintf(out, "TLSCertificateKeyFile %s/key.pem\n", directory);
	}
	fprintf(out, "%s\n", wish->global != NULL ? wish->global : "");
	fprintf(out, "database mdb\nsuffix dc=example,dc=org\ndirectory %s/database\n", directory);
	fprintf(out, "maxsize 16777216\nrootdn " SLAPD_ROOT_DN "\nrootpw \"" SLAPD_PASSWORD "\"\n");
	fprintf(out, "%s\n", wish->database != NULL ? wish->database : "");
	fprintf(out, "include " SP_SRCDIR "/examples/openldap/acl.conf\n");
	assert_int_equal(fclose(out), 0);
}

/* example.ldif with a password in the place of each {REPLACE}name. */
static void write_entries(const struct slapd *slapd, const struct slapd_wish *wish)
{
	FILE *in = fopen(SP_SRCDIR "/examples/openldap/example.ldif", "re");
	FILE *out = create(slapd, "entries.ldif");
	char *line = NULL;
	size_t size = 0;

	assert_non_null(in);
	while (getline(&line, &size, in) >= 0) {
		if (strncmp(line, "userPassword: {REPLACE}", 23) == 0)
			fputs("userPassword: " SLAPD_PASSWORD "\n", out);
		else
			fputs(line, out);
	}
	fprintf(out, "\n%s", wish->entries != NULL ? wish->entries : "");
	free(line);
	fclose(in);
	assert_int_equal(fclose(out), 0);
}

void slapd_fill(struct slapd *slapd, const struct slapd_wish *wish)
{
	char conf[PATH_MAX_HERE], entries[PATH_MAX_HERE];
	const char *add[] = {SLAPADD, "-q", "-f", conf, "-l", entries, NULL};

	slapd->tcp = wish->tcp;
	in_directory(slapd, "slapd.conf", conf);
	in_directory(slapd, "entries.ldif", entries);
	write_conf(slapd, wish);
	write_entries(slapd, wish);
	run_well(slapd, add);
}

static bool answers(const struct slapd *slapd)
{
	LDAP *ld = NULL;
	struct timeval limit = {.tv_sec = 1};
	int code = ldap_initialize(&ld, slapd->local_uri);

	if (code == LDAP_SUCCESS)
		code = ldap_set_option(ld, LDAP_OPT_TIMEOUT, &limit);
	if (code == LDAP_SUCCESS) {
		LDAPMessage *result = NULL;
		code = ldap_search_ext_s(ld, "", LDAP_SCOPE_BASE, "(objectClass=*)", NULL, 1, NULL,
		    NULL, &limit, 1, &result);
		ldap_msgfree(result);
	}
	ldap_unbind_ext_s(ld, NULL, NULL);
	return code == LDAP_SUCCESS;
}

/* False if slapd died. */
static bool comes_up(struct slapd *slapd)
{
	char where[PATH_MAX_HERE], uris[512];
	const char *arguments[] = {SLAPD, "-d", "0", "-f", where, "-h", uris, NULL};
	int64_t deadline_ms = sp_now_ms() + READY_WITHIN_MS;

	in_directory(slapd, "slapd.conf", where);
	snprintf(uris, sizeof(uris), "%s %s %s %s", slapd->local_uri, slapd->tcp_uri,
	    slapd->other_uri, slapd->tls_uri);
	slapd->pid = spawn(slapd, arguments);
	while (!answers(slapd)) {
		if (waitpid(slapd->pid, NULL, WNOHANG) == slapd->pid) {
			slapd->pid = -1;
			return false;
		}
		assert_true(sp_remaining_ms(deadline_ms) > 0);
		poll(NULL, 0, 10);
	}
	return true;
}

void slapd_start(struct slapd *slapd)
{
	bool first = slapd->tcp && slapd->tcp_uri[0] == '\0';
	int tries = first ? 5 : 1;

	do {
		if (first)
			choose_ports(slapd);
	} while (!comes_up(slapd) && --tries > 0);
	if (tries == 0) {
		show_log(slapd);
		fail_msg("slapd does not start");
	}
}

void slapd_kill(struct slapd *slapd)
{
	if (slapd->pid > 0) {
		kill(slapd->pid, SIGKILL);
		wait_for(slapd->pid);
	}
	slapd->pid = -1;
}

void slapd_freeze(struct slapd *slapd)
{
	int status;

	assert_int_equal(kill(slapd->pid, SIGSTOP), 0);
	assert_int_equal(waitpid(slapd->pid, &status, WUNTRACED), slapd->pid);
	assert_true(WIFSTOPPED(status));
}

void slapd_thaw(struct slapd *slapd)
{
	if (slapd->pid > 0)
		assert_int_equal(kill(slapd->pid, SIGCONT), 0);
}

void slapd_remove(struct slapd *slapd)
{
	const char *remove[] = {"rm", "-rf", slapd->directory, NULL};

	slapd_kill(slapd);
	if (slapd->directory[0] != '\0')
		run_well(slapd, remove);
	slapd->directory[0] = '\0';
}

void slapd_set(char **setting, const char *value)
{
	if (value == NULL)
		return;
	free(*setting);
	*setting = strdup(value);
	assert_non_null(*setting);
}

struct sp_conf *slapd_conf(const char *uri, const char *next_uri)
{
	struct sp_conf *conf = sp_conf_defaults();

	assert_non_null(conf);
	for (size_t i = 0; i < conf->ldap_uri.count; i++)
		free(conf->ldap_uri.items[i]);
	free(conf->ldap_uri.items);
	conf->ldap_uri.items = calloc(3, sizeof(char *));
	assert_non_null(conf->ldap_uri.items);
	slapd_set(&conf->ldap_uri.items[0], uri);
	slapd_set(&conf->ldap_uri.items[1], next_uri);
	conf->ldap_uri.count = next_uri != NULL ? 2 : 1;
	slapd_set(&conf->ldap_bind_dn, SLAPD_VERIFIER);
	slapd_set(&conf->directory_credential_base, "dc=example,dc=org");
	conf->ldap_connect_timeout = SLAPD_CONNECT_MS;
	conf->ldap_timeout = SLAPD_TIMEOUT_MS;
	return conf;
}
