/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/policy/restrictions.h"

#include <stddef.h>
#include <strings.h>

#include "lib/base/network.h"

static bool is_service_allowed(char *const *services, const char *service)
{
	for (; *services != NULL; services++) {
		if (strcasecmp(*services, service) == 0)
			return true;
	}
	return false;
}

/* A text that is no network lets nobody in; the directory's mapping does not let
 * such a credential get here. */
static bool is_address_allowed(char *const *networks, const char *address)
{
	struct sp_network network;

	for (; *networks != NULL; networks++) {
		if (sp_network_parse(*networks, &network) && sp_network_contains(&network, address))
			return true;
	}
	return false;
}

enum sp_reason sp_restrictions_judge(const struct sp_credential *credential,
    const struct sp_attempt_request *request, bool require_tls)
{
	if (credential->services != NULL &&
	    !is_service_allowed(credential->services, request->service))
		return SP_REASON_SERVICE_DENIED;
	if (credential->networks != NULL &&
	    !is_address_allowed(credential->networks, request->address))
		return SP_REASON_NETWORK_DENIED;
	if ((require_tls || credential->tls_required) && request->tls == SP_TLS_NO)
		return SP_REASON_TLS_REQUIRED;
	return SP_REASON_OK;
}
