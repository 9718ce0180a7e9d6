/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * arguments.h - a verb's command line, and what its values may be
 */
#ifndef SP_TOOL_ARGUMENTS_H
#define SP_TOOL_ARGUMENTS_H

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "sendpass/attributes.h"
#include "sendpass/limits.h"
#include "tool/verb.h"

#define SP_TEXT_ARGUMENT_MAX 200 /* bytes of a label or a reason */

/* Long options have numbers that no character has; a verb's own go up from the last. */
enum {
	SP_OPTION_JSON = 256,
	SP_OPTION_HELP,
	SP_OPTION_RESTRICTION,                            /* from here: restriction_options.h */
	SP_OPTION_SELECTION = SP_OPTION_RESTRICTION + 16, /* from here: selection.h */
	SP_OPTION_HAND_OVER = SP_OPTION_SELECTION + 16,   /* from here: hand_over.h */
	SP_OPTION_OWN = SP_OPTION_HAND_OVER + 16,
};

/* The last rows of every verb's table of options. */
#define SP_OPTIONS_OF_EVERY_VERB                                                                   \
	{"json", no_argument, NULL, SP_OPTION_JSON}, {"help", no_argument, NULL, SP_OPTION_HELP},  \
	{                                                                                          \
		NULL, 0, NULL, 0                                                                   \
	}

#define SP_OPTIONS_END (-1)

/* The next of the verb's options, its value in optarg, or SP_OPTIONS_END behind
 * the last. 0 means that the verb must return *status_r: help was shown, or an
 * option is wrong, which has been told. */
SP_NODISCARD int sp_next_option(
    struct sp_run *run, const struct option *options, enum sp_exit *status_r);

/* Tells what getopt_long() has just stumbled over, when it returned ':' or '?'. */
enum sp_exit sp_fail_option(const struct sp_run *run, int fault);

/* The operands behind the options, NULL-terminated. NULL if there are fewer
 * than low or more than high, which has been told. */
SP_NODISCARD char **sp_operands(const struct sp_run *run, int low, int high);

/* Tells what is wrong with the command line and where help is. Returns SP_EXIT_USAGE. */
enum sp_exit sp_fail_usage(const struct sp_run *run, const char *format, ...) SP_PRINTF(2, 3);

/* ---- values ---- */

/* Printable UTF-8, not empty, without spaces at its ends, of at most max bytes.
 * False if it is not, which has been told, name being the option or operand. */
SP_NODISCARD bool sp_text_is_fit(
    const struct sp_run *run, const char *name, const char *text, size_t max);

/* A duration of 1m to 36525d from now, or a day YYYY-MM-DD to come, at whose
 * start in UTC the app password ends. NULL, or static text that says what is wrong. */
SP_NODISCARD const char *sp_argument_expiry(const char *text, time_t now, time_t *time_r);

/* A duration of low_s seconds to 36525d. NULL, or static text that says what is wrong. */
SP_NODISCARD const char *sp_argument_period(const char *text, time_t low_s, time_t *seconds_r);

/* The time that lies a duration of 1m to 36525d in optarg ahead of now, or behind it, if
 * sign is -1. False if it is none, which has been told, option being its name. */
SP_NODISCARD bool sp_take_period(
    const struct sp_run *run, const char *option, time_t now, int sign, time_t *time_r);

/* The start, in UTC, of a day YYYY-MM-DD that has begun. NULL, or static text that
 * says what is wrong. */
SP_NODISCARD const char *sp_argument_past_day(const char *text, time_t now, time_t *time_r);

/* A credential's id as people copy it, perhaps in upper case or with dashes. id_r
 * is what the directory knows. NULL, or static text that says what is wrong;
 * what was given may be a whole app password, so it must not be shown. */
SP_NODISCARD const char *sp_argument_id(const char *text, char id_r[SP_ID_MAX + 1]);

/* The same of an operand. False if it is no id, which has been told. */
SP_NODISCARD bool sp_operand_id(
    const struct sp_run *run, const char *text, char id_r[SP_ID_MAX + 1]);

#endif
