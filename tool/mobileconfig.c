/* SPDX-License-Identifier: BSD-2-Clause */
#include "tool/mobileconfig.h"

#include <ctype.h>
#include <libxml/xmlwriter.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "tool/message.h"
#include "tool/wiped_memory.h"

#define UUID_SIZE 37

/* A property list that is being written. What goes wrong stays so. */
struct plist {
	xmlTextWriter *writer;
	bool ok;
};

static void take(struct plist *plist, int written)
{
	plist->ok = plist->ok && written >= 0;
}

static void element(struct plist *plist, const char *name, const char *text)
{
	take(plist, xmlTextWriterWriteElement(plist->writer, BAD_CAST name, BAD_CAST text));
}

static void start(struct plist *plist, const char *name)
{
	take(plist, xmlTextWriterStartElement(plist->writer, BAD_CAST name));
}

static void end(struct plist *plist)
{
	take(plist, xmlTextWriterEndElement(plist->writer));
}

static void put_text(struct plist *plist, const char *key, const char *text)
{
	element(plist, "key", key);
	element(plist, "string", text);
}

/* Of what the directory holds, with nothing in it that XML cannot hold. */
static void put_escaped(struct plist *plist, const char *key, const char *text)
{
	char *escaped = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&escaped, &size);

	if (out != NULL)
		sp_escape(out, text);
	if (out != NULL && fclose(out) == 0)
		put_text(plist, key, escaped);
	else
		plist->ok = false;
	free(escaped);
}

static void put_number(struct plist *plist, const char *key, uint64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
	element(plist, "key", key);
	element(plist, "integer", text);
}

static void put_true(struct plist *plist, const char *key)
{
	element(plist, "key", key);
	start(plist, "true");
	end(plist);
}

/* RFC 4122, section 4.4 */
static bool draw_uuid(char text_r[UUID_SIZE])
{
	unsigned char b[16];

	if (getrandom(b, sizeof(b), 0) != (ssize_t)sizeof(b))
		return false;
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	snprintf(text_r, UUID_SIZE,
	    "%02X%02X%02X%02X-%02X%02X-%02X%02X-%02X%02X-%02X%02X%02X%02X%02X%02X", b[0], b[1],
	    b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14],
	    b[15]);
	return true;
}

/* Letters, digits, dots and dashes; what else the login has is _XX. */
static void put_identifier(struct plist *plist, const struct sp_account *account, const char *part)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL) {
		plist->ok = false;
		return;
	}
	fprintf(out, "%s.sendpass.", account->conf->handover_smtp_server);
	for (const unsigned char *c = (const unsigned char *)account->login; *c != '\0'; c++) {
		if (isalnum(*c) || *c == '.' || *c == '-')
			fputc(*c, out);
		else
			fprintf(out, "_%02X", *c);
	}
	fputs(part, out);
	if (fclose(out) == 0)
		put_escaped(plist, "PayloadIdentifier", text);
	else
		plist->ok = false;
	free(text);
}

static void put_payload_keys(
    struct plist *plist, const struct sp_account *account, const char *type, const char *part)
{
	char uuid[UUID_SIZE] = "";

	plist->ok = plist->ok && draw_uuid(uuid);
	put_text(plist, "PayloadType", type);
	put_number(plist, "PayloadVersion", 1);
	put_identifier(plist, account, part);
	put_text(plist, "PayloadUUID", uuid);
	if (account->conf->handover_organization[0] != '\0')
		put_escaped(plist, "PayloadOrganization", account->conf->handover_organization);
}

/* UseSSL is for STARTTLS too: the device tells them apart by itself. */
static void put_mail_payload(
    struct plist *plist, const struct sp_account *account, const struct sp_secret *password)
{
	const struct sp_conf *conf = account->conf;
	bool named = conf->handover_organization[0] != '\0';

	put_payload_keys(plist, account, "com.apple.mail.managed", ".mail");
	put_escaped(plist, "EmailAccountDescription",
	    named ? conf->handover_organization : conf->handover_smtp_server);
	put_text(plist, "EmailAccountType", "EmailTypeIMAP");
	if (account->address != NULL)
		put_escaped(plist, "EmailAddress", account->address);
	put_text(plist, "IncomingMailServerAuthentication", "EmailAuthPassword");
	put_escaped(plist, "IncomingMailServerHostName", conf->handover_imap_server);
	put_number(plist, "IncomingMailServerPortNumber", conf->handover_imap_port);
	put_true(plist, "IncomingMailServerUseSSL");
	put_escaped(plist, "IncomingMailServerUsername", account->mailbox_login);
	put_text(plist, "OutgoingMailServerAuthentication", "EmailAuthPassword");
	put_escaped(plist, "OutgoingMailServerHostName", conf->handover_smtp_server);
	put_number(plist, "OutgoingMailServerPortNumber", conf->handover_smtp_port);
	put_true(plist, "OutgoingMailServerUseSSL");
	put_escaped(plist, "OutgoingMailServerUsername", account->login);
	put_text(plist, "OutgoingPassword", password->bytes);
}

static void put_profile(struct plist *plist, const struct sp_account *account,
    const struct sp_credential *credential, const struct sp_secret *password)
{
	start(plist, "dict");
	put_payload_keys(plist, account, "Configuration", "");
	put_escaped(plist, "PayloadDisplayName",
	    credential->label != NULL ? credential->label : account->login);
	element(plist, "key", "PayloadContent");
	start(plist, "array");
	start(plist, "dict");
	put_mail_payload(plist, account, password);
	end(plist);
	end(plist);
	end(plist);
}

/* The writer takes the output over. */
static xmlTextWriter *open_writer(void)
{
	xmlOutputBuffer *out = xmlOutputBufferCreateFile(stdout, NULL);
	xmlTextWriter *writer = out != NULL ? xmlNewTextWriter(out) : NULL;

	if (out != NULL && writer == NULL)
		xmlOutputBufferClose(out);
	return writer;
}

enum sp_exit sp_mobileconfig_write(const struct sp_account *account,
    const struct sp_credential *credential, const struct sp_secret *password)
{
	/* before the library has memory of its own */
	bool wiped = xmlMemSetup(sp_wiping_free, malloc, sp_wiping_realloc, strdup) == 0;
	struct plist plist = {.writer = wiped ? open_writer() : NULL};

	plist.ok = plist.writer != NULL;
	if (plist.ok) {
		take(&plist, xmlTextWriterSetIndent(plist.writer, 1));
		take(&plist, xmlTextWriterStartDocument(plist.writer, NULL, "UTF-8", NULL));
		take(&plist, xmlTextWriterWriteDTD(plist.writer, BAD_CAST "plist",
				 BAD_CAST "-//Apple//DTD PLIST 1.0//EN",
				 BAD_CAST "http://www.apple.com/DTDs/PropertyList-1.0.dtd", NULL));
		start(&plist, "plist");
		take(&plist,
		    xmlTextWriterWriteAttribute(plist.writer, BAD_CAST "version", BAD_CAST "1.0"));
		put_profile(&plist, account, credential, password);
		take(&plist, xmlTextWriterEndDocument(plist.writer));
		xmlFreeTextWriter(plist.writer);
	}
	xmlCleanupParser();
	return plist.ok ? SP_EXIT_OK : sp_fail(SP_EXIT_FAILED, "the profile could not be written");
}
