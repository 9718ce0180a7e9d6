/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "lib/policy/restrictions.h"

#define LIST_MAX 3

static void each_restriction_holds_and_is_named(void **state)
{
	static const struct {
		const char *name;
		char *services[LIST_MAX], *networks[LIST_MAX];
		bool tls_required, require_tls;
		const char *service, *address;
		enum sp_tls tls;
		enum sp_reason reason;
	} cases[] = {
	    {"nothing asked, nothing known", .service = "", .address = "", .reason = SP_REASON_OK},
	    {"the service", .services = {"smtp"}, .service = "smtp", .address = "",
		.reason = SP_REASON_OK},
	    {"the service in another case", .services = {"smtp"}, .service = "SMTP", .address = "",
		.reason = SP_REASON_OK},
	    {"one of two services", .services = {"imap", "smtp"}, .service = "smtp", .address = "",
		.reason = SP_REASON_OK},
	    {"another service", .services = {"imap", "pop3"}, .service = "smtp", .address = "",
		.reason = SP_REASON_SERVICE_DENIED},
	    {"part of the service", .services = {"smtp"}, .service = "smt", .address = "",
		.reason = SP_REASON_SERVICE_DENIED},
	    {"no service known", .services = {"smtp"}, .service = "", .address = "",
		.reason = SP_REASON_SERVICE_DENIED},
	    {"in the network", .networks = {"192.0.2.0/24"}, .service = "", .address = "192.0.2.7",
		.reason = SP_REASON_OK},
	    {"in the second network", .networks = {"192.0.2.0/24", "2001:db8::/32"}, .service = "",
		.address = "2001:db8::7", .reason = SP_REASON_OK},
	    {"out of the network", .networks = {"192.0.2.0/24"}, .service = "",
		.address = "192.0.3.7", .reason = SP_REASON_NETWORK_DENIED},
	    {"no address known", .networks = {"0.0.0.0/0"}, .service = "", .address = "",
		.reason = SP_REASON_NETWORK_DENIED},
	    {"a network that is none", .networks = {"everywhere"}, .service = "",
		.address = "192.0.2.7", .reason = SP_REASON_NETWORK_DENIED},
	    {"the credential's TLS, none", .tls_required = true, .service = "", .address = "",
		.tls = SP_TLS_NO, .reason = SP_REASON_TLS_REQUIRED},
	    {"the site's TLS, none", .require_tls = true, .service = "", .address = "",
		.tls = SP_TLS_NO, .reason = SP_REASON_TLS_REQUIRED},
	    {"TLS wanted and there", .tls_required = true, .require_tls = true, .service = "",
		.address = "", .tls = SP_TLS_YES, .reason = SP_REASON_OK},
	    {"TLS wanted, and the door cannot know", .tls_required = true, .require_tls = true,
		.service = "", .address = "", .tls = SP_TLS_UNKNOWN, .reason = SP_REASON_OK},
	    {"no TLS, and none wanted", .service = "", .address = "", .tls = SP_TLS_NO,
		.reason = SP_REASON_OK},
	    {"all broken: the service first", .services = {"imap"}, .networks = {"192.0.2.0/24"},
		.tls_required = true, .service = "smtp", .address = "::1", .tls = SP_TLS_NO,
		.reason = SP_REASON_SERVICE_DENIED},
	    {"network and TLS broken", .networks = {"192.0.2.0/24"}, .tls_required = true,
		.service = "smtp", .address = "::1", .tls = SP_TLS_NO,
		.reason = SP_REASON_NETWORK_DENIED},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sp_credential credential = {.tls_required = cases[i].tls_required};
		struct sp_attempt_request request = {.tls = cases[i].tls};
		if (cases[i].services[0] != NULL)
			credential.services = (char **)cases[i].services;
		if (cases[i].networks[0] != NULL)
			credential.networks = (char **)cases[i].networks;
		snprintf(request.service, sizeof(request.service), "%s", cases[i].service);
		snprintf(request.address, sizeof(request.address), "%s", cases[i].address);
		enum sp_reason reason =
		    sp_restrictions_judge(&credential, &request, cases[i].require_tls);
		if (reason != cases[i].reason)
			fail_msg("%s: %s", cases[i].name, sp_reason_name(reason));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_restriction_holds_and_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
