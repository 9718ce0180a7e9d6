/* SPDX-License-Identifier: BSD-2-Clause */
#include "config.h"

#include "milter/header_senders.h"

#include <gmime/gmime.h>
#include <string.h>

#include "lib/base/text.h"

#define STRING_OF(number)          STRING_OF_ARGUMENT(number)
#define STRING_OF_ARGUMENT(number) #number

struct reading {
	const char *value;
	struct sp_header_senders *senders;
	const char **why_r;
};

void sp_header_senders_open(void)
{
	g_mime_init();
}

void sp_header_senders_close(void)
{
	g_mime_shutdown();
}

static bool fail(struct reading *reading, const char *why)
{
	*reading->why_r = why;
	return false;
}

/* Controls may only be what folding leaves (RFC 5322, section 2.2.3). */
static bool has_controls(const char *value)
{
	for (const char *at = value; *at != '\0'; at++) {
		bool folds = *at == '\n' && (at[1] == ' ' || at[1] == '\t');
		bool ends = *at == '\r' && at[1] == '\n';
		if ((*at > 0 && *at < ' ' && *at != '\t' && !folds && !ends) || *at == '\x7f')
			return true;
	}
	return false;
}

/* What is outside of quoted strings. */
struct shape {
	size_t at_signs; /* in comments too */
	bool sound;      /* all that opens is closed, and angle brackets hold one thing */
};

/* GMime drops routes and comments without a word, where others may show an address
 * that was in them, and mends what does not close or stands before the comma in
 * <x,alice@example.org>. */
static struct shape shape_of(const char *value)
{
	struct shape shape = {.sound = true};
	bool quoted = false, in_angle = false;
	size_t depth = 0;

	for (; *value != '\0'; value++) {
		if (*value == '\\' && (quoted || depth > 0) && value[1] != '\0') {
			value++;
		} else if (quoted) {
			quoted = *value != '"';
		} else if (*value == '@') {
			shape.at_signs++;
		} else if (*value == '(') {
			depth++;
		} else if (depth > 0) {
			depth -= *value == ')';
		} else if (*value == '"') {
			quoted = true;
		} else if (*value == '<' || *value == '>') {
			shape.sound = shape.sound && in_angle == (*value == '>');
			in_angle = *value == '<';
		} else if (in_angle && (*value == ',' || *value == ';')) {
			shape.sound = false;
		}
	}
	shape.sound = shape.sound && !quoted && !in_angle && depth == 0;
	return shape;
}

/* GMime has two forms of a domain; the one in the header is what is asked about. */
static const char *as_written(const struct reading *reading, InternetAddressMailbox *mailbox)
{
	const char *plain = internet_address_mailbox_get_addr(mailbox);
	const char *ascii = internet_address_mailbox_get_idn_addr(mailbox);

	if (plain != NULL && strstr(reading->value, plain) != NULL)
		return plain;
	return ascii != NULL && strstr(reading->value, ascii) != NULL ? ascii : NULL;
}

static bool take_mailbox(struct reading *reading, InternetAddressMailbox *mailbox)
{
	struct sp_header_senders *senders = reading->senders;
	const char *address = as_written(reading, mailbox);

	if (address == NULL)
		return fail(reading, "cannot be read as addresses");
	size_t length = strlen(address);
	const char *at = strrchr(address, '@');
	if (at == NULL || at == address || at[1] == '\0')
		return fail(reading, "holds an address without a domain");
	if (length > SP_MAILBOX_MAX || at != strchr(address, '@') ||
	    strstr(address, "=?") != NULL || !sp_text_is_printable_utf8(address, length))
		return fail(reading, "cannot be read as addresses");
	if (senders->count == SP_HEADER_SENDERS_MAX)
		return fail(
		    reading, "holds more than " STRING_OF(SP_HEADER_SENDERS_MAX) " addresses");
	memcpy(senders->mailboxes[senders->count++], address, length + 1);
	return true;
}

static bool take_list(struct reading *reading, InternetAddressList *list, bool in_group)
{
	int length = internet_address_list_length(list);

	for (int i = 0; i < length; i++) {
		InternetAddress *address = internet_address_list_get_address(list, i);
		bool ok;
		if (INTERNET_ADDRESS_IS_MAILBOX(address))
			ok = take_mailbox(reading, INTERNET_ADDRESS_MAILBOX(address));
		else if (in_group)
			ok = fail(reading, "cannot be read as addresses");
		else
			ok = take_list(reading,
			    internet_address_group_get_members(INTERNET_ADDRESS_GROUP(address)),
			    true);
		if (!ok)
			return false;
	}
	return true;
}

static void note_fault(gint64 offset, GMimeParserWarning fault, const gchar *item, gpointer context)
{
	bool *amiss = context;

	(void)offset;
	(void)item;
	/* a display name may be encoded as badly as it likes */
	if (fault != GMIME_WARN_INVALID_RFC2047_HEADER_VALUE)
		*amiss = true;
}

/* NULL where anything was amiss. Not in GMime's strict mode, which leaks half a
 * megabyte of memory for a header that is written for it (3.2.13), and refuses
 * nothing beyond what the shape tells. */
static InternetAddressList *parse(const char *value)
{
	GMimeParserOptions *options = g_mime_parser_options_new();
	bool amiss = false;

	g_mime_parser_options_set_address_compliance_mode(options, GMIME_RFC_COMPLIANCE_LOOSE);
	/* without a domain it is still an address, and not part of the next one's name */
	g_mime_parser_options_set_allow_addresses_without_domain(options, TRUE);
#ifdef HAVE_GMIME_WARNING_NOTIFY
	g_mime_parser_options_set_warning_callback(options, note_fault, &amiss, NULL);
#else
	g_mime_parser_options_set_warning_callback(options, note_fault, &amiss);
#endif
	InternetAddressList *list = internet_address_list_parse(options, value);
	g_mime_parser_options_free(options);
	if (list != NULL && amiss)
		g_clear_object(&list);
	return list;
}

bool sp_header_senders_read(
    const char *value, struct sp_header_senders *senders_r, const char **why_r)
{
	struct reading reading = {.value = value, .senders = senders_r, .why_r = why_r};

	senders_r->count = 0;
	if (strlen(value) > SP_HEADER_VALUE_MAX)
		return fail(&reading, "is too long");
	if (has_controls(value))
		return fail(&reading, "holds control characters");
	if (value[strspn(value, " \t\r\n")] == '\0')
		return fail(&reading, "holds no address");
	struct shape shape = shape_of(value);
	InternetAddressList *list = shape.sound ? parse(value) : NULL;
	if (list == NULL)
		return fail(&reading, "cannot be read as addresses");
	bool ok = take_list(&reading, list, false);
	g_object_unref(list);
	if (!ok)
		return false;
	if (senders_r->count == 0)
		return fail(&reading, "holds no address");
	if (senders_r->count != shape.at_signs)
		return fail(&reading, "cannot be read as addresses");
	*why_r = NULL;
	return true;
}
