/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sendpassd - verifies app passwords for mail servers: sendpassd(8)
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "config.h"
#include "daemon/server.h"
#include "lib/base/standard_fds.h"
#include "lib/conf/conf.h"
#include "lib/directory/live.h"

#define EXIT_USAGE 2

static const char usage[] =
    "usage: sendpassd [-f FILE] [--check-config | --print-config]\n"
    "\n"
    "  -f, --config FILE    read FILE instead of " SP_SYSCONFDIR "/sendpass/sendpass.conf\n"
    "      --check-config   check the configuration and exit\n"
    "      --print-config   print every setting with its value and exit\n"
    "  -h, --help           print this\n"
    "  -V, --version        print the version\n"
    "\n"
    "It stays in the foreground. SIGHUP reads the configuration again, SIGTERM\n"
    "ends it once the attempts under way are answered.\n";

enum action { RUN, CHECK, PRINT };

static int print_conf(const char *path)
{
	struct sp_conf *conf;
	char why[SP_CONF_WHY_MAX];

	if (!sp_conf_read(path, &conf, why)) {
		fprintf(stderr, "sendpassd: %s\n", why);
		return EXIT_FAILURE;
	}
	sp_conf_print(conf, stdout);
	sp_conf_free(&conf);
	if (fflush(stdout) != 0) {
		perror("sendpassd: standard output");
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}

static int act(enum action action, const char *path)
{
	switch (action) {
	case CHECK:
		return sp_server_check(path);
	case PRINT:
		return print_conf(path);
	case RUN:
		break;
	}
	return sp_server_run(path);
}

/* libldap has libsasl2 load all that lies in its folder, with megabytes of libraries behind
 * it, into the process that knows the secret; and no bind of ours needs any of it. */
static void shut_out_sasl_plugins(void)
{
	setenv("SASL_PATH", "", 1);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
	    {"config", required_argument, NULL, 'f'},
	    {"check-config", no_argument, NULL, 'c'},
	    {"print-config", no_argument, NULL, 'p'},
	    {"help", no_argument, NULL, 'h'},
	    {"version", no_argument, NULL, 'V'},
	    {NULL, 0, NULL, 0},
	};
	const char *path = SP_SYSCONFDIR "/sendpass/sendpass.conf";
	enum action action = RUN;
	int option;

	if (!sp_standard_fds_occupy())
		return EXIT_FAILURE;
	while ((option = getopt_long(argc, argv, "f:hV", options, NULL)) != -1) {
		switch (option) {
		case 'f':
			path = optarg;
			break;
		case 'c':
			action = CHECK;
			break;
		case 'p':
			action = PRINT;
			break;
		case 'h':
			fputs(usage, stdout);
			return EXIT_SUCCESS;
		case 'V':
			puts("sendpassd " PACKAGE_VERSION);
			return EXIT_SUCCESS;
		default:
			fputs(usage, stderr);
			return EXIT_USAGE;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "sendpassd: unexpected argument: %s\n%s", argv[optind], usage);
		return EXIT_USAGE;
	}
	shut_out_sasl_plugins();
	sp_ldap_isolate();
	return act(action, path);
}
