/* SPDX-License-Identifier: BSD-2-Clause */
/* main.c - sendpass(1): global options, the table of verbs, help */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "lib/base/log.h"
#include "lib/directory/live.h"
#include "tool/arguments.h"
#include "tool/message.h"
#include "tool/output.h"
#include "tool/verb.h"

static const struct sp_verb verbs[] = {
    {"issue", "LOGIN --label TEXT [--expires WHEN] [RESTRICTION]... [OPTION]...",
	"make an app password and print it, once",
	"  --label TEXT    what it is for: \"2nd floor printer\"\n"
	"  --expires WHEN  a time from now such as 90d, or the day YYYY-MM-DD at whose start\n"
	"                  it ends; without it, it never does\n"
	"  --compact       16 symbols instead of 28, for devices with short fields\n"
	"  --login NAME    a login name of its own, beside its owner's; may be repeated\n"
	"Restrictions, where and how it may be used; all but the last may be repeated:\n"
	"  --service NAME  for this service of the mail server alone, such as smtp\n"
	"  --network CIDR  from this address or network alone, such as 192.0.2.0/24\n"
	"  --sender ADDR   as this envelope sender alone: an address, @domain, @.domain for\n"
	"                  subdomains, * or <>; without it, as its owner's addresses\n"
	"  --rate RATE     as many messages as 100/1h, or recipients as recipients=500/1d\n"
	"  --require-tls   under TLS alone, where the mail server tells\n",
	sp_verb_issue},
    {"list", "[LOGIN]", "list app passwords: all, or those of one owner", "", sp_verb_list},
    {"show", "ID", "show one app password, without its hash", "", sp_verb_show},
    {"revoke", "ID [--reason TEXT]", "end an app password for good",
	"  --reason TEXT   why, for the directory\n", sp_verb_revoke},
    {"verify", "LOGIN [--socket PATH] [--service NAME]", "ask sendpassd about a password",
	"  --socket PATH   sendpassd's auth door, instead of [admin] verify_socket\n"
	"  --service NAME  the service to ask as; smtp without it\n"
	"\n"
	"The password is asked for, or is the first line of standard input.\n",
	sp_verb_verify},
    {"schema", "--format openldap|ldif|389ds", "print the directory schema",
	"  --format NAME   openldap: for slapd.conf; ldif: for cn=config; 389ds: for 389\n"
	"                  Directory Server\n",
	sp_verb_schema},
};
#define VERB_COUNT (sizeof(verbs) / sizeof(verbs[0]))

static const char exit_help[] =
    "\n"
    "Exit status:\n"
    "  0  done; verify: granted\n"
    "  1  verify: denied; no such owner or app password, or not exactly one\n"
    "  2  the command line is wrong\n"
    "  3  the directory or sendpassd cannot be reached\n"
    "  4  the directory does not permit it\n"
    "  5  anything else: configuration, output\n";

static void help(void)
{
	puts("usage: sendpass [OPTIONS] VERB [ARGUMENTS]\n"
	     "\n"
	     "Options, before the verb:\n"
	     "  -f, --config FILE  instead of " SP_SYSCONFDIR "/sendpass/sendpass.conf\n"
	     "  -D, --bind-dn DN   bind as DN, with a password that is asked for or is the\n"
	     "                     first line of standard input\n"
	     "  -E, --external     bind by SASL EXTERNAL\n"
	     "  -h, --help         this text; behind a verb, that verb's\n"
	     "  -V, --version      the version\n"
	     "\n"
	     "Verbs:");
	for (size_t i = 0; i < VERB_COUNT; i++)
		printf("  %-18s %s\n", verbs[i].name, verbs[i].summary);
	fputs(exit_help, stdout);
}

void sp_verb_help(const struct sp_verb *verb)
{
	printf("usage: sendpass [OPTIONS] %s %s [--json]\n\n%s.\n\n", verb->name, verb->synopsis,
	    verb->summary);
	fputs(verb->options, stdout);
	fputs("  --json          print JSON\n", stdout);
	fputs(exit_help, stdout);
}

/* A descriptor that is closed would be given to the next socket, and be written
 * to or read from as if it were the user's. These fail when they are used. */
static bool occupy_standard_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
		    open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
			return false;
	}
	return true;
}

/* Warnings of the libraries, such as of a directory without TLS. */
static void log_to_user(enum sp_log_level level, const char *line, void *context)
{
	(void)context;
	sp_say("sendpass: %s: %s", sp_log_level_name(level), line);
}

static const struct sp_verb *find_verb(const char *name)
{
	for (size_t i = 0; i < VERB_COUNT; i++) {
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	}
	return NULL;
}

static enum sp_exit run_verb(struct sp_run *run, int argc, char **argv)
{
	if (run->external && run->bind_dn != NULL)
		return sp_fail_usage(run, "--bind-dn and --external exclude each other");
	if (run->bind_dn != NULL && run->bind_dn[0] == '\0')
		return sp_fail_usage(run, "--bind-dn must not be empty");
	if (argc == 0)
		return sp_fail_usage(run, "what to do is missing");
	run->argc = argc;
	run->argv = argv;
	run->verb = find_verb(argv[0]);
	if (run->verb == NULL)
		return sp_fail_usage(run, "there is no verb \"%.32s\"", argv[0]);
	optind = 0; /* getopt_long() begins anew */
	return run->verb->run(run);
}

/* The options before the verb; then the verb. */
static enum sp_exit run_command_line(int argc, char **argv)
{
	enum { CONFIG = SP_OPTION_OWN, BIND_DN, EXTERNAL, SHOW_VERSION };
	static const struct option options[] = {
	    {"config", required_argument, NULL, CONFIG},
	    {"bind-dn", required_argument, NULL, BIND_DN},
	    {"external", no_argument, NULL, EXTERNAL},
	    {"help", no_argument, NULL, SP_OPTION_HELP},
	    {"version", no_argument, NULL, SHOW_VERSION},
	    {NULL, 0, NULL, 0},
	};
	struct sp_run run = {.argc = argc, .argv = argv};
	int option;

	while ((option = getopt_long(argc, argv, "+:f:D:EhV", options, NULL)) != -1) {
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

int main(int argc, char **argv)
{
	if (!occupy_standard_descriptors())
		return SP_EXIT_FAILED;
	signal(SIGPIPE, SIG_IGN); /* a reader that has gone is seen when writing fails */
	sp_log_set_sink(log_to_user, NULL, SP_LOG_WARNING);
	sp_ldap_isolate();
	sp_output_start();
	enum sp_exit status = run_command_line(argc, argv);
	if (!sp_output_finish() && status == SP_EXIT_OK)
		status = SP_EXIT_FAILED;
	return (int)status;
}
