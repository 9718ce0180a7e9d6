/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/callbacks.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <libmilter/mfapi.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/text.h"

#define WARNING_HEADER "X-Sendpass-Warning"

/* One SMTP session, of libmilter's private data; its messages come one after another. */
struct session {
	struct sp_header_session known;
	struct sp_claims claims; /* of the message under way */
	bool judged;
	struct sp_header_verdict verdict;
};

/* libmilter hands its callbacks nothing of the process. Set before there are threads. */
static const struct sp_header_site *the_site;

/* ---- replies ---- */

/* "550 5.7.1 text". libmilter wants each '%' twice, and takes it for one. */
static bool set_reply(SMFICTX *ctx, const char *reply)
{
	char code[4] = "", status[12] = "", buffer[2 * SP_POLICY_REPLY_MAX];
	struct sp_text text;
	int length = 0;

	if (sscanf(reply, "%3[0-9] %11[0-9.] %n", code, status, &length) != 2 || length == 0)
		return false;
	sp_text_init(&text, buffer, sizeof(buffer));
	for (const char *at = reply + length; *at != '\0'; at++)
		sp_text_add_n(&text, *at == '%' ? "%%" : at, *at == '%' ? 2 : 1);
	return smfi_setreply(ctx, code, status, text.bytes) == MI_SUCCESS;
}

/* Where the reply cannot be set, libmilter's own is of the same kind. */
static sfsistat answer(SMFICTX *ctx, const struct sp_header_verdict *verdict)
{
	switch (verdict->outcome) {
	case SP_HEADER_PASSES:
		return SMFIS_CONTINUE;
	case SP_HEADER_REFUSED:
		(void)set_reply(ctx, verdict->reply);
		return SMFIS_REJECT;
	case SP_HEADER_PUT_OFF:
		break;
	}
	(void)set_reply(ctx, verdict->reply);
	return SMFIS_TEMPFAIL;
}

/* ---- a session ---- */

/* What is told of a session is asked for, whatever milter_mail_macros lists: without
 * {auth_authen}, every session would look like one that has not logged in. */
static sfsistat on_negotiate(SMFICTX *ctx, unsigned long actions, unsigned long steps,
    unsigned long unused2, unsigned long unused3, unsigned long *actions_r, unsigned long *steps_r,
    unsigned long *unused2_r, unsigned long *unused3_r)
{
	const unsigned long needed = SMFIF_ADDHDRS | SMFIF_CHGHDRS;
	char mail[] = "{auth_authen}", end[] = "i";

	(void)unused2;
	(void)unused3;
	if ((actions & needed) != needed ||
	    smfi_setsymlist(ctx, SMFIM_ENVFROM, mail) != MI_SUCCESS ||
	    smfi_setsymlist(ctx, SMFIM_EOH, end) != MI_SUCCESS ||
	    smfi_setsymlist(ctx, SMFIM_EOM, end) != MI_SUCCESS)
		return SMFIS_REJECT;
	*actions_r = needed | (actions & SMFIF_SETSYMLIST);
	*steps_r =
	    steps & (SMFIP_NOHELO | SMFIP_NORCPT | SMFIP_NOBODY | SMFIP_NODATA | SMFIP_NOUNKNOWN);
	*unused2_r = 0;
	*unused3_r = 0;
	return SMFIS_CONTINUE;
}

static void take_address(struct sp_header_session *known, const struct sockaddr *address)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)address;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)address;

	if (address != NULL && address->sa_family == AF_INET) {
		inet_ntop(AF_INET, &v4->sin_addr, known->address, sizeof(known->address));
		known->port = ntohs(v4->sin_port);
	} else if (address != NULL && address->sa_family == AF_INET6) {
		inet_ntop(AF_INET6, &v6->sin6_addr, known->address, sizeof(known->address));
		known->port = ntohs(v6->sin6_port);
	}
}

static void forget_message(struct session *session)
{
	sp_claims_clear(&session->claims);
	session->judged = false;
}

static sfsistat on_connect(SMFICTX *ctx, char *host, _SOCK_ADDR *address)
{
	struct session *session = calloc(1, sizeof(*session));

	(void)host;
	if (session == NULL || smfi_setpriv(ctx, session) != MI_SUCCESS) {
		free(session);
		return SMFIS_TEMPFAIL;
	}
	take_address(&session->known, address);
	return SMFIS_CONTINUE;
}

static sfsistat on_close(SMFICTX *ctx)
{
	struct session *session = smfi_getpriv(ctx);

	if (session != NULL)
		forget_message(session);
	free(session);
	smfi_setpriv(ctx, NULL);
	return SMFIS_CONTINUE;
}

/* ---- a message ---- */

static sfsistat on_mail(SMFICTX *ctx, char **arguments)
{
	char name[] = "{auth_authen}";
	struct session *session = smfi_getpriv(ctx);
	const char *login = smfi_getsymval(ctx, name);

	(void)arguments;
	if (session == NULL)
		return SMFIS_TEMPFAIL;
	forget_message(session);
	if (login == NULL || login[0] == '\0')
		return SMFIS_ACCEPT;
	if (strlen(login) > SP_LOGIN_MAX)
		return SMFIS_TEMPFAIL;
	memcpy(session->known.login, login, strlen(login) + 1);
	return SMFIS_CONTINUE;
}

static sfsistat on_header(SMFICTX *ctx, char *name, char *value)
{
	struct session *session = smfi_getpriv(ctx);

	if (session == NULL ||
	    !sp_claims_take(&session->claims, the_site->conf->milter_id_header, name, value))
		return SMFIS_TEMPFAIL;
	return SMFIS_CONTINUE;
}

static sfsistat on_headers_end(SMFICTX *ctx)
{
	char name[] = "i";
	struct session *session = smfi_getpriv(ctx);
	const char *queue_id = smfi_getsymval(ctx, name);

	if (session == NULL)
		return SMFIS_TEMPFAIL;
	if (!session->judged)
		sp_header_check(the_site, &session->known, &session->claims,
		    queue_id != NULL ? queue_id : "", &session->verdict);
	session->judged = true;
	return answer(ctx, &session->verdict);
}

/* From the last on, so that those before keep their places. */
static bool remove_id_headers(SMFICTX *ctx, const struct session *session)
{
	for (unsigned i = session->claims.id_headers; i > 0; i--) {
		if (smfi_chgheader(ctx, the_site->conf->milter_id_header, (int)i, NULL) !=
		    MI_SUCCESS)
			return false;
	}
	return true;
}

static bool add_headers(SMFICTX *ctx, struct session *session)
{
	char warning[] = WARNING_HEADER;
	struct sp_header_verdict *verdict = &session->verdict;
	char *id_header = the_site->conf->milter_id_header;

	for (size_t i = 0; i < SP_CLAIMED_COUNT; i++) {
		if (verdict->warnings[i][0] != '\0' &&
		    smfi_addheader(ctx, warning, verdict->warnings[i]) != MI_SUCCESS)
			return false;
	}
	return id_header[0] == '\0' || verdict->id[0] == '\0' ||
	       smfi_addheader(ctx, id_header, verdict->id) == MI_SUCCESS;
}

/* A message without header and body may end without the end of its headers. */
static sfsistat on_message_end(SMFICTX *ctx)
{
	struct session *session = smfi_getpriv(ctx);
	sfsistat status = on_headers_end(ctx);

	if (status != SMFIS_CONTINUE)
		return status;
	if (!remove_id_headers(ctx, session) || !add_headers(ctx, session))
		return SMFIS_TEMPFAIL;
	forget_message(session);
	return SMFIS_CONTINUE;
}

static sfsistat on_abort(SMFICTX *ctx)
{
	struct session *session = smfi_getpriv(ctx);

	if (session != NULL)
		forget_message(session);
	return SMFIS_CONTINUE;
}

bool sp_callbacks_register(const struct sp_header_site *site)
{
	char name[] = "sendpass-milter";
	struct smfiDesc description = {
	    .xxfi_name = name,
	    .xxfi_version = SMFI_VERSION,
	    .xxfi_flags = SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_SETSYMLIST,
	    .xxfi_connect = on_connect,
	    .xxfi_envfrom = on_mail,
	    .xxfi_header = on_header,
	    .xxfi_eoh = on_headers_end,
	    .xxfi_eom = on_message_end,
	    .xxfi_abort = on_abort,
	    .xxfi_close = on_close,
	    .xxfi_negotiate = on_negotiate,
	};

	the_site = site;
	return smfi_register(description) == MI_SUCCESS;
}
