/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/sasl_host.h"

#include <dlfcn.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char *const plugins[] = {"libplain.so", "liblogin.so", "libcrammd5.so"};
#define PLUGIN_COUNT (sizeof(plugins) / sizeof(plugins[0]))

static char directory[] = "/tmp/sasl-host.XXXXXX";
static char log_lines[65536];
static size_t log_length;
static bool running;
static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;

static int get_plugin_path(void *context, const char **path_r)
{
	(void)context;
	*path_r = directory;
	return SASL_OK;
}

static int get_conf_path(void *context, char **path_r)
{
	(void)context;
	*path_r = directory;
	return SASL_OK;
}

static int keep_log_line(void *context, int level, const char *message)
{
	(void)context, (void)level;
	pthread_mutex_lock(&log_lock);
	int written =
	    snprintf(log_lines + log_length, sizeof(log_lines) - log_length, "%s\n", message);
	if (written > 0 && (size_t)written < sizeof(log_lines) - log_length)
		log_length += (size_t)written;
	pthread_mutex_unlock(&log_lock);
	return SASL_OK;
}

static const sasl_callback_t callbacks[] = {
    {SASL_CB_GETPATH, (int (*)(void))(void (*)(void))get_plugin_path, NULL},
    {SASL_CB_GETCONFPATH, (int (*)(void))(void (*)(void))get_conf_path, NULL},
    {SASL_CB_LOG, (int (*)(void))(void (*)(void))keep_log_line, NULL},
    {SASL_CB_LIST_END, NULL, NULL},
};

static void link_plugin(const char *target, const char *name)
{
	char link[128];

	snprintf(link, sizeof(link), "%s/%s", directory, name);
	assert_int_equal(symlink(target, link), 0);
}

static void remove_files(void)
{
	static const char *const others[] = {"libsendpass.so", "host.conf"};
	char path[128];

	for (size_t i = 0; i < PLUGIN_COUNT; i++) {
		snprintf(path, sizeof(path), "%s/%s", directory, plugins[i]);
		unlink(path);
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", directory, others[i]);
		unlink(path);
	}
	assert_int_equal(rmdir(directory), 0);
}

/* Where the installed mechanisms are: beside the libsasl2 that is in use. */
static bool link_mechanisms(void)
{
	char path[512];
	Dl_info info;

	assert_int_not_equal(dladdr((void *)sasl_server_init, &info), 0);
	const char *slash = strrchr(info.dli_fname, '/');
	for (size_t i = 0; i < PLUGIN_COUNT; i++) {
		snprintf(path, sizeof(path), "%.*s/sasl2/%s", (int)(slash - info.dli_fname),
		    info.dli_fname, plugins[i]);
		if (access(path, R_OK) < 0) {
			print_message("needs %s\n", path);
			return false;
		}
		link_plugin(path, plugins[i]);
	}
	return true;
}

void host_start(const char *conf)
{
	char path[128];

	memcpy(strrchr(directory, '.'), ".XXXXXX", 7);
	assert_non_null(mkdtemp(directory));
	if (!link_mechanisms()) {
		remove_files();
		skip();
	}
	link_plugin(SP_TEST_PLUGIN, "libsendpass.so");
	snprintf(path, sizeof(path), "%s/host.conf", directory);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(conf, file) >= 0);
	assert_int_equal(fclose(file), 0);
	running = true;
	log_length = 0;
	log_lines[0] = '\0';
	assert_int_equal(sasl_server_init(callbacks, "host"), SASL_OK);
}

void host_start_with_methods(const char *path, const char *methods, const char *further)
{
	char conf[1024];

	snprintf(conf, sizeof(conf),
	    "pwcheck_method: %s\nauxprop_plugin: sendpass\nsendpass_socket: %s\n"
	    "sendpass_daemon_uid: %u\n%s",
	    methods, path, (unsigned)getuid(), further);
	host_start(conf);
}

void host_start_with_socket(const char *path, const char *further)
{
	host_start_with_methods(path, "auxprop", further);
}

void host_stop(void)
{
	if (!running)
		return;
	running = false;
	sasl_done();
	remove_files();
}

sasl_conn_t *host_connect(const char *realm)
{
	sasl_conn_t *conn = NULL;

	assert_int_equal(sasl_server_new(HOST_SERVICE, "mail.example.org", realm, HOST_LOCAL,
			     HOST_REMOTE, NULL, 0, &conn),
	    SASL_OK);
	return conn;
}

int host_plain_as(sasl_conn_t *conn, const char *authzid, const char *login, const char *password)
{
	size_t size = strlen(authzid) + strlen(login) + strlen(password) + 3;
	char *message = malloc(size);
	const char *out;
	unsigned out_length;

	assert_non_null(message);
	snprintf(message, size, "%s%c%s%c%s", authzid, '\0', login, '\0', password);
	int result =
	    sasl_server_start(conn, "PLAIN", message, (unsigned)(size - 1), &out, &out_length);
	free(message);
	return result;
}

int host_plain(sasl_conn_t *conn, const char *login, const char *password)
{
	return host_plain_as(conn, "", login, password);
}

int host_login_name(sasl_conn_t *conn, const char *login, size_t length)
{
	const char *out;
	unsigned out_length;
	int result = sasl_server_start(conn, "LOGIN", NULL, 0, &out, &out_length);

	if (result != SASL_CONTINUE)
		return result;
	return sasl_server_step(conn, login, (unsigned)length, &out, &out_length);
}

int host_login_password(sasl_conn_t *conn, const char *password, size_t length)
{
	const char *out;
	unsigned out_length;

	return sasl_server_step(conn, password, (unsigned)length, &out, &out_length);
}

int host_login(sasl_conn_t *conn, const char *login, const char *password)
{
	int result = host_login_name(conn, login, strlen(login));

	if (result != SASL_CONTINUE)
		return result;
	return host_login_password(conn, password, strlen(password));
}

int host_cram_md5(sasl_conn_t *conn, const char *login)
{
	char response[256];
	const char *out;
	unsigned out_length;
	int result = sasl_server_start(conn, "CRAM-MD5", NULL, 0, &out, &out_length);

	if (result != SASL_CONTINUE)
		return result;
	snprintf(response, sizeof(response), "%s 0123456789abcdef0123456789abcdef", login);
	return sasl_server_step(conn, response, (unsigned)strlen(response), &out, &out_length);
}

int host_attempt(host_attempt_fn *attempt, const char *login, const char *password)
{
	sasl_conn_t *conn = host_connect(NULL);
	int result = attempt(conn, login, password);

	sasl_dispose(&conn);
	return result;
}

unsigned host_logged(const char *text)
{
	unsigned count = 0;

	for (const char *at = log_lines; *at != '\0'; at = strchr(at, '\n') + 1) {
		const char *found = strstr(at, text);
		if (found == NULL)
			break;
		count++;
		at = found;
	}
	return count;
}
