/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * restrictions.h - where and how a credential may be used
 */
#ifndef SP_POLICY_RESTRICTIONS_H
#define SP_POLICY_RESTRICTIONS_H

#include <stdbool.h>

#include "lib/directory/credential.h"
#include "lib/policy/request.h"
#include "sendpass/attributes.h"
#include "sendpass/verdict.h"

/* SP_REASON_OK if the request keeps within the credential's services and
 * networks and the TLS it asks for, else the first that it breaks. A restricted
 * credential is refused where the door knows no service or no address. TLS
 * counts where the door knows: some cannot (docs/doors.md). */
SP_NODISCARD enum sp_reason sp_restrictions_judge(const struct sp_credential *credential,
    const struct sp_attempt_request *request, bool require_tls);

#endif
