/* SPDX-License-Identifier: BSD-2-Clause */
/* main.c - sendpass(1): global options, and one of the verbs */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <syslog.h>

#include "config.h"
#include "lib/base/log.h"
#include "lib/base/standard_fds.h"
#include "lib/directory/live.h"
#include "tool/arguments.h"
#include "tool/message.h"
#include "tool/output.h"
#include "tool/verb.h"

static void help(void)
{
	puts("usage: sendpass [OPTIONS] VERB [ARGUMENTS]\n"
	     "\n"
	     "Options, before the verb:\n"
	     "  -f, --config FILE  instead of " SP_SYSCONFDIR "/sendpass/sendpass.conf\n"
	     "  -D, --bind-dn DN   bind as DN, with a password that is asked for or is the\n"
	     "                     first line of standard input\n"
	     "  -E, --external     bind by SASL EXTERNAL\n"
	     "  -Y, --sasl GSSAPI  bind with the Kerberos ticket that is there\n"
	     "  -h, --help         this text; behind a verb, that verb's\n"
	     "  -V, --version      the version\n"
	     "\n"
	     "Verbs:");
	sp_verbs_help();
}

/* Warnings of the libraries, such as of a directory without TLS, are for the user.
 * Of what the libraries log as information the tool needs nothing: such lines are
 * its own, on what it has changed (change.h). */
static void log_line(enum sp_log_level level, const char *line, void *context)
{
	if (level == SP_LOG_INFO)
		sp_log_to_syslog(level, line, context);
	else if (level <= SP_LOG_WARNING)
		sp_say("sendpass: %s: %s", sp_log_level_name(level), line);
}

static enum sp_exit run_verb(struct sp_run *run, int argc, char **argv)
{
	if (run->external + run->gssapi + (run->bind_dn != NULL) > 1)
		return sp_fail_usage(run, "--bind-dn, --external and --sasl exclude each other");
	if (run->bind_dn != NULL && run->bind_dn[0] == '\0')
		return sp_fail_usage(run, "--bind-dn must not be empty");
	if (argc == 0)
		return sp_fail_usage(run, "what to do is missing");
	run->argc = argc;
	run->argv = argv;
	run->verb = sp_verb_find(argv[0]);
	if (run->verb == NULL)
		return sp_fail_usage(run, "there is no verb \"%.32s\"", argv[0]);
	optind = 0; /* getopt_long() begins anew */
	return run->verb->run(run);
}

/* The options before the verb; then the verb. */
static enum sp_exit run_command_line(int argc, char **argv)
{
	enum { CONFIG = SP_OPTION_OWN, BIND_DN, EXTERNAL, SASL, SHOW_VERSION };
	static const struct option options[] = {
	    {"config", required_argument, NULL, CONFIG},
	    {"bind-dn", required_argument, NULL, BIND_DN},
	    {"external", no_argument, NULL, EXTERNAL},
	    {"sasl", required_argument, NULL, SASL},
	    {"help", no_argument, NULL, SP_OPTION_HELP},
	    {"version", no_argument, NULL, SHOW_VERSION},
	    {NULL, 0, NULL, 0},
	};
	struct sp_run run = {.argc = argc, .argv = argv};
	int option;

	while ((option = getopt_long(argc, argv, "+:f:D:EY:hV", options, NULL)) != -1) {
		switch (option) {
		case 'f':
		case CONFIG:
			run.conf_path = optarg;
			break;
		case 'D':
		case BIND_DN:
			run.bind_dn = optarg;
			break;
		case 'E':
		case EXTERNAL:
			run.external = true;
			break;
		case 'Y':
		case SASL:
			if (strcmp(optarg, "GSSAPI") != 0)
				return sp_fail_usage(&run, "--sasl must be GSSAPI");
			run.gssapi = true;
			break;
		case 'h':
		case SP_OPTION_HELP:
			help();
			return SP_EXIT_OK;
		case 'V':
		case SHOW_VERSION:
			puts("sendpass " PACKAGE_VERSION);
			return SP_EXIT_OK;
		default:
			return sp_fail_option(&run, option);
		}
	}
	return run_verb(&run, argc - optind, argv + optind);
}

/* It handles passwords: neither a core nor a debugger of its user is to show them. */
static bool hide_memory(void)
{
	const struct rlimit none = {0, 0};

	return setrlimit(RLIMIT_CORE, &none) == 0 && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0;
}

int main(int argc, char **argv)
{
	if (!sp_standard_fds_occupy() || !hide_memory())
		return SP_EXIT_FAILED;
	signal(SIGPIPE, SIG_IGN); /* a reader that has gone is seen when writing fails */
	openlog("sendpass", LOG_PID, LOG_AUTH);
	sp_log_set_sink(log_line, NULL, SP_LOG_INFO);
	sp_ldap_isolate();
	sp_output_start();
	enum sp_exit status = run_command_line(argc, argv);
	if (!sp_output_finish() && status == SP_EXIT_OK)
		status = SP_EXIT_FAILED;
	return (int)status;
}
