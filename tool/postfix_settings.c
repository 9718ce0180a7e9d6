/* SPDX-License-Identifier: BSD-2-Clause */
#include "tool/postfix_settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLANKS " \t\n"
/* fields of a line of master.cf */
enum { NAME, TYPE, PRIVATE, UNPRIVILEGED, CHROOT, WAKEUP, LIMIT, COMMAND, FIELD_COUNT };

struct field {
	const char *text;
	size_t length;
};

/* ---- services ---- */

static bool split(const char *line, size_t length, struct field fields_r[FIELD_COUNT])
{
	const char *end = line + length;

	for (int i = 0; i < FIELD_COUNT; i++) {
		while (line < end && strchr(BLANKS, *line) != NULL)
			line++;
		fields_r[i].text = line;
		while (line < end && strchr(BLANKS, *line) == NULL)
			line++;
		fields_r[i].length = (size_t)(line - fields_r[i].text);
	}
	return fields_r[COMMAND].length > 0;
}

static bool is(const struct field *field, const char *text)
{
	return field->length == strlen(text) && memcmp(field->text, text, field->length) == 0;
}

static void take_service(
    struct sp_postfix_settings *settings, const char *line, size_t length, bool chroot_by_default)
{
	struct field fields[FIELD_COUNT];
	struct sp_postfix_service *service = &settings->services[settings->service_count];

	if (!split(line, length, fields) || !is(&fields[COMMAND], "smtpd"))
		return;
	int used =
	    snprintf(service->name, sizeof(service->name), "%.*s/%.*s", (int)fields[NAME].length,
		fields[NAME].text, (int)fields[TYPE].length, fields[TYPE].text);
	if (used < 0 || (size_t)used >= sizeof(service->name))
		return;
	service->chroot = is(&fields[CHROOT], "-") ? chroot_by_default : is(&fields[CHROOT], "y");
	settings->service_count++;
}

static bool read_services(struct sp_postfix_settings *settings, const char *master)
{
	size_t most = 1;
	/* postconf(5), compatibility_level: before 1, services are in a chroot */
	bool chroot_by_default = sp_postfix_get(settings, NULL, "compatibility_level")[0] == '0';

	for (const char *c = master; *c != '\0'; c++)
		most += *c == '\n';
	settings->services = calloc(most, sizeof(*settings->services));
	if (settings->services == NULL)
		return false;
	while (*master != '\0') {
		size_t length = strcspn(master, "\n");
		take_service(settings, master, length, chroot_by_default);
		master += length + (master[length] == '\n');
	}
	return true;
}

bool sp_postfix_settings_read(const char *master, const char *overrides, const char *parameters,
    struct sp_postfix_settings *settings_r)
{
	*settings_r = (struct sp_postfix_settings){
	    .parameters_text = strdup(parameters),
	    .overrides_text = strdup(overrides),
	};
	return settings_r->parameters_text != NULL && settings_r->overrides_text != NULL &&
	       sp_setting_lines_cut(settings_r->parameters_text, &settings_r->parameters) &&
	       sp_setting_lines_cut(settings_r->overrides_text, &settings_r->overrides) &&
	       read_services(settings_r, master);
}

void sp_postfix_settings_free(struct sp_postfix_settings *settings)
{
	sp_setting_lines_free(&settings->parameters);
	sp_setting_lines_free(&settings->overrides);
	free(settings->parameters_text);
	free(settings->overrides_text);
	free(settings->services);
	*settings = (struct sp_postfix_settings){0};
}

/* ---- values ---- */

const char *sp_postfix_get(const struct sp_postfix_settings *settings,
    const struct sp_postfix_service *service, const char *name)
{
	char full[256];
	const char *value = NULL;

	if (service != NULL) {
		snprintf(full, sizeof(full), "%s/%s", service->name, name);
		value = sp_setting_lines_find(&settings->overrides, full);
	}
	if (value == NULL)
		value = sp_setting_lines_find(&settings->parameters, name);
	return value != NULL ? value : "";
}

bool sp_postfix_is_yes(const struct sp_postfix_settings *settings,
    const struct sp_postfix_service *service, const char *name)
{
	return strcmp(sp_postfix_get(settings, service, name), "yes") == 0;
}

/* ---- lists ---- */

/* The next word of the list, or all that stands in braces. */
static bool next_word(const char **rest, struct field *word_r)
{
	const char *text = *rest + strspn(*rest, BLANKS ",");
	size_t length = strcspn(text, BLANKS ",");

	if (*text == '{') {
		text += strspn(text, "{" BLANKS);
		length = strcspn(text, "}");
	}
	*word_r = (struct field){.text = text, .length = length};
	*rest = text + length + (text[length] == '}');
	return length > 0;
}

bool sp_postfix_lists(const char *list, const char *word)
{
	struct field found;

	while (next_word(&list, &found)) {
		if (is(&found, word))
			return true;
	}
	return false;
}

/* permit, permit_mynetworks and all the others: none only permits sometimes without
 * ending the list. */
static bool permits(const struct field *word)
{
	return word->length >= strlen("permit") &&
	       memcmp(word->text, "permit", strlen("permit")) == 0;
}

bool sp_postfix_next_policy(const char **rest, struct sp_postfix_policy *policy_r)
{
	struct field word;

	policy_r->permit[0] = '\0';
	while (next_word(rest, &word)) {
		if (permits(&word) && policy_r->permit[0] == '\0')
			snprintf(policy_r->permit, sizeof(policy_r->permit), "%.*s",
			    (int)word.length, word.text);
		if (!is(&word, "check_policy_service") || !next_word(rest, &word))
			continue;
		/* in braces, attributes follow */
		snprintf(policy_r->server, sizeof(policy_r->server), "%.*s",
		    (int)strcspn(word.text, "}" BLANKS ","), word.text);
		return true;
	}
	return false;
}
