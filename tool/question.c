/* SPDX-License-Identifier: BSD-2-Clause */
#include "tool/question.h"

#include <pwd.h>

#include "lib/client/client.h"

/* sendpassd answers within attempt_timeout; this is for the way there and back. */
#define GRACE_MS 1000

enum sp_result sp_question_ask(const struct sp_conf *conf, const struct sp_question *question,
    const struct sp_secret *password, const char **why_r)
{
	const struct passwd *account = getpwnam(conf->daemon_user);
	const struct sp_client client = {
	    .socket_path = question->socket,
	    .daemon_uid = account != NULL ? account->pw_uid : 0,
	    .timeout_ms = (int)conf->daemon_attempt_timeout + GRACE_MS,
	};
	const struct sp_client_request request = {
	    .login = question->login,
	    .password = password,
	    .mechanism = "PLAIN",
	    .service = question->service,
	    .secured = true, /* a socket of this host */
	};

	return sp_client_verify(&client, &request, why_r);
}
