/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * process_state.h - what of its process a guest must leave as it was, as text
 *
 * One line each for every open file, signal, variable of the environment and so
 * on; two states are the same if their texts are.
 */
#ifndef SP_TESTS_PROCESS_STATE_H
#define SP_TESTS_PROCESS_STATE_H

/* From malloc(3). Fails the test if it cannot be read. */
char *process_state(void);

/* Fails the test, and shows the first line that differs, if the state is not before,
 * which is freed. */
void assert_process_state_is(char *before);

#endif
