/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * argon2_speed.h - whether libargon2 makes use of this machine
 *
 * libargon2 gets its vector instructions when it is compiled or not at all, and
 * does not tell. libsodium chooses them when it runs. So both compute the same.
 */
#ifndef SP_PASSWORD_ARGON2_SPEED_H
#define SP_PASSWORD_ARGON2_SPEED_H

#include "sendpass/attributes.h"

/* From here on libargon2 lacks them. Built without, on x86-64 with AVX2 or AVX-512, it
 * was seen at 290 to 440; built for the machine, at 80 to 120. */
#define SP_ARGON2_SCALAR_PERCENT 180

/* The time that libargon2 takes, in percent of libsodium's, on so little memory that
 * arithmetic alone counts; 0 if it cannot be measured. Takes some 0.1 s. Where
 * libsodium has no vector instructions for the machine either, about 100. */
SP_NODISCARD unsigned sp_argon2_relative_time(void);

#endif
