/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * held_signals.h - what must not be cut in two by a key press
 */
#ifndef SP_TOOL_HELD_SIGNALS_H
#define SP_TOOL_HELD_SIGNALS_H

#include <signal.h>

/* Holds back SIGINT, SIGTERM, SIGHUP and SIGQUIT; sp_release_signals() lets in
 * what came meanwhile, which may end the process. Pairs may be nested. */
void sp_hold_signals(sigset_t *before_r);
void sp_release_signals(const sigset_t *before);

#endif
