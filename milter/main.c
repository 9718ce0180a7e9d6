/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sendpass-milter - holds From: and Sender: to the app password: sendpass-milter(8)
 */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "config.h"
#include "lib/base/standard_fds.h"
#include "milter/server.h"

#define EXIT_USAGE 2

static const char usage[] =
    "usage: sendpass-milter [-f FILE] [--check-config]\n"
    "\n"
    "  -f, --config FILE    read FILE instead of " SP_SYSCONFDIR "/sendpass/sendpass.conf\n"
    "      --check-config   check the configuration and exit\n"
    "  -h, --help           print this\n"
    "  -V, --version        print the version\n"
    "\n"
    "It stays in the foreground. SIGTERM ends it, and so does SIGHUP: a change of\n"
    "the configuration wants a restart. sendpassd --print-config prints the settings.\n";

int main(int argc, char **argv)
{
	static const struct option options[] = {
	    {"config", required_argument, NULL, 'f'},
	    {"check-config", no_argument, NULL, 'c'},
	    {"help", no_argument, NULL, 'h'},
	    {"version", no_argument, NULL, 'V'},
	    {NULL, 0, NULL, 0},
	};
	const char *path = SP_SYSCONFDIR "/sendpass/sendpass.conf";
	bool check = false;
	int option;

	if (!sp_standard_fds_occupy())
		return EXIT_FAILURE;
	while ((option = getopt_long(argc, argv, "f:hV", options, NULL)) != -1) {
		switch (option) {
		case 'f':
			path = optarg;
			break;
		case 'c':
			check = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return EXIT_SUCCESS;
		case 'V':
			puts("sendpass-milter " PACKAGE_VERSION);
			return EXIT_SUCCESS;
		default:
			fputs(usage, stderr);
			return EXIT_USAGE;
		}
	}
	if (optind < argc) {
		fprintf(
		    stderr, "sendpass-milter: unexpected argument: %s\n%s", argv[optind], usage);
		return EXIT_USAGE;
	}
	return check ? sp_milter_check(path) : sp_milter_run(path);
}
