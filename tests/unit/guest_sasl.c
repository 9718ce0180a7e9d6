/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/guest.h"
#include "tests/unit/sasl_host.h"

static void start(const char *socket_path)
{
	host_start_with_socket(socket_path, "sendpass_timeout: 20s\n");
}

static int attempt(const char *password)
{
	return host_attempt(host_plain, "bob", password);
}

const struct guest guest = {
    .name = "libsendpass.so",
    .path = SP_TEST_PLUGIN,
    .granted = SASL_OK,
    .denied = SASL_BADAUTH,
    .unavailable = SASL_UNAVAIL,
    .start = start,
    .attempt = attempt,
    .stop = host_stop,
};
