/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * doctor_postfix.h - Postfix as the doctor's first check of it found it
 */
#ifndef SP_TOOL_DOCTOR_POSTFIX_H
#define SP_TOOL_DOCTOR_POSTFIX_H

#include <stddef.h>

#include "tool/doctor.h"
#include "tool/doctor_sasl.h"
#include "tool/postfix_settings.h"

struct sp_postfix_view {
	struct sp_postfix_settings settings;
	struct sp_way *ways; /* one for each service; of kind SP_WAY_ELSEWHERE until judged */
};

/* Those of Postfix's services that ask sendpassd. */
void sp_postfix_for_each(struct sp_doctor *doctor,
    void (*examine)(struct sp_doctor *doctor, const struct sp_postfix_service *service,
	const struct sp_way *way));

/* Checks of the settings of the services that ask sendpassd. */
void sp_doctor_check_postfix_options(struct sp_doctor *doctor);
void sp_doctor_check_postfix_policy(struct sp_doctor *doctor);

#endif
