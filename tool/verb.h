/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verb.h - what a verb of the tool is, and what it is run with
 */
#ifndef SP_TOOL_VERB_H
#define SP_TOOL_VERB_H

#include <stdbool.h>

/* The tool's exit status, as sendpass(1) documents it. Numbers are never reused. */
enum sp_exit {
	SP_EXIT_OK = 0, /* done; verify: granted */
	SP_EXIT_NO =
	    1, /* denied; doctor: an error; no such owner or app password, or not exactly one */
	SP_EXIT_USAGE = 2,       /* the command line, or the password on standard input */
	SP_EXIT_UNAVAILABLE = 3, /* the directory or sendpassd could not be asked */
	SP_EXIT_FORBIDDEN = 4,   /* the directory refuses the bind or the operation */
	SP_EXIT_FAILED = 5,      /* configuration, output, or anything else */
};

struct sp_verb;

/* One run of the tool. Strings are those of the command line. */
struct sp_run {
	const struct sp_verb *verb;
	int argc; /* the verb's part of the command line */
	char **argv;
	const char *conf_path; /* --config; NULL: not given */
	const char *bind_dn;   /* --bind-dn; NULL: not given */
	bool external;         /* --external */
	bool gssapi;           /* --sasl GSSAPI */
	bool json;             /* --json, once sp_next_option() has met it */
};

struct sp_verb {
	const char *name;
	const char *synopsis; /* operands and options, without --json and --help */
	const char *summary;
	const char *options; /* a line each, for --help; may be empty */
	enum sp_exit (*run)(struct sp_run *run);
};

enum sp_exit sp_verb_issue(struct sp_run *run);
enum sp_exit sp_verb_list(struct sp_run *run);
enum sp_exit sp_verb_show(struct sp_run *run);
enum sp_exit sp_verb_restrict(struct sp_run *run);
enum sp_exit sp_verb_label(struct sp_run *run);
enum sp_exit sp_verb_suspend(struct sp_run *run);
enum sp_exit sp_verb_resume(struct sp_run *run);
enum sp_exit sp_verb_revoke(struct sp_run *run);
enum sp_exit sp_verb_rotate(struct sp_run *run);
enum sp_exit sp_verb_purge(struct sp_run *run);
enum sp_exit sp_verb_whoami(struct sp_run *run);
enum sp_exit sp_verb_watch(struct sp_run *run);
enum sp_exit sp_verb_trace(struct sp_run *run);
enum sp_exit sp_verb_report(struct sp_run *run);
enum sp_exit sp_verb_verify(struct sp_run *run);
enum sp_exit sp_verb_doctor(struct sp_run *run);
enum sp_exit sp_verb_tune(struct sp_run *run);
enum sp_exit sp_verb_schema(struct sp_run *run);
enum sp_exit sp_verb_import(struct sp_run *run);

/* The verb of that name; NULL: there is none. */
const struct sp_verb *sp_verb_find(const char *name);

/* Print the verb's help, or a line for each verb and the exit status, to standard output. */
void sp_verb_help(const struct sp_verb *verb);
void sp_verbs_help(void);

#endif
