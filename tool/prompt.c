/* SPDX-License-Identifier: BSD-2-Clause */
#include "tool/prompt.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "tool/message.h"

static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
#define SIGNAL_COUNT (sizeof(signals) / sizeof(signals[0]))

/* What the signal handler must know. */
static struct {
	int fd;
	struct termios before, quiet;
	char prompt[256];
} terminal;

static void show(const char *text)
{
	/* Nobody to tell if the terminal is gone: reading from it will fail too. */
	if (write(terminal.fd, text, strlen(text)) < 0)
		return;
}

/* Gives the terminal back and lets the signal do what it does by default. Only
 * after a stop are we here again, and go on asking. */
static void obey(int number)
{
	struct sigaction standard = {.sa_handler = SIG_DFL}, ours;
	int saved = errno;

	show("\n");
	tcsetattr(terminal.fd, TCSAFLUSH, &terminal.before);
	sigaction(number, &standard, &ours);
	raise(number);
	sigaction(number, &ours, NULL);
	tcsetattr(terminal.fd, TCSAFLUSH, &terminal.quiet);
	show(terminal.prompt);
	errno = saved;
}

static void catch_signals(struct sigaction before_r[SIGNAL_COUNT])
{
	/* SA_NODEFER: raise() in the handler must act there. */
	struct sigaction ours = {.sa_handler = obey, .sa_flags = SA_NODEFER | SA_RESTART};

	for (size_t i = 0; i < SIGNAL_COUNT; i++) {
		sigaction(signals[i], NULL, &before_r[i]);
		if (before_r[i].sa_handler != SIG_IGN)
			sigaction(signals[i], &ours, NULL);
	}
}

static void release_signals(const struct sigaction before[SIGNAL_COUNT])
{
	for (size_t i = 0; i < SIGNAL_COUNT; i++)
		sigaction(signals[i], &before[i], NULL);
}

static void compose_prompt(const char *whose)
{
	FILE *out = fmemopen(terminal.prompt, sizeof(terminal.prompt), "w");

	if (out == NULL)
		return;
	fputs("Password of ", out);
	sp_escape(out, whose);
	fputs(": ", out);
	fclose(out);
}

/* With terminal.fd open. */
static bool ask(struct sp_secret *secret_r)
{
	struct sigaction before[SIGNAL_COUNT];

	if (tcgetattr(terminal.fd, &terminal.before) != 0)
		return false;
	terminal.quiet = terminal.before;
	terminal.quiet.c_lflag &= ~(tcflag_t)ECHO;
	terminal.quiet.c_lflag |= ICANON | ECHONL;
	catch_signals(before);
	bool ok = tcsetattr(terminal.fd, TCSAFLUSH, &terminal.quiet) == 0;
	if (ok) {
		show(terminal.prompt);
		ok = sp_secret_read_line(secret_r, terminal.fd);
		tcsetattr(terminal.fd, TCSAFLUSH, &terminal.before);
	}
	release_signals(before);
	return ok;
}

enum sp_exit sp_prompt(const char *whose, struct sp_secret *secret_r)
{
	sp_secret_wipe(secret_r);
	if (!isatty(STDIN_FILENO)) {
		if (sp_secret_read_line(secret_r, STDIN_FILENO))
			return SP_EXIT_OK;
		return sp_fail(SP_EXIT_USAGE,
		    "standard input is to hold the password: one line of at most %d bytes, "
		    "without NUL",
		    SP_SECRET_MAX);
	}
	terminal.fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (terminal.fd < 0)
		return sp_fail(SP_EXIT_USAGE,
		    "/dev/tty cannot be opened (%s): give the password on standard input",
		    strerror(errno));
	compose_prompt(whose);
	bool ok = ask(secret_r);
	close(terminal.fd);
	return ok ? SP_EXIT_OK : sp_fail(SP_EXIT_USAGE, "no password was given");
}
