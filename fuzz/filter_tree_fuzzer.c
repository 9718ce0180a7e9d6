/* SPDX-License-Identifier: BSD-2-Clause */
/* Filters that a replica judges: what is taken has one truth about each entry, its negation the
 * other, and what matches is found by its keys. Input: TEMPLATE LF LOGIN, and lines NAME=VALUE. */
#include "fuzz/fuzz.h"
#include "lib/directory/filter_tree.h"
#include "lib/directory/ldap_filter.h"
#include "sendpass/limits.h"

static const time_t now = 1795500000;

/* Cuts the line that *at begins with off the text. */
static char *take_line(char **at)
{
	char *line = *at, *end = line + strcspn(line, "\n");

	*at = *end == '\n' ? end + 1 : end;
	*end = '\0';
	return line;
}

/* Lines of one name that stand together are one attribute. */
static bool make_entry(char *lines, struct sp_entry_builder *builder, struct sp_entry *entry_r)
{
	const char *last = NULL;

	sp_entry_begin(builder, "uid=alice,dc=example,dc=org");
	while (*lines != '\0') {
		char *name = take_line(&lines), *value = name + strcspn(name, "=");
		if (*value == '=')
			*value++ = '\0';
		if (last == NULL || strcmp(name, last) != 0)
			sp_entry_add_attribute(builder, name);
		last = name;
		sp_entry_add_value(builder, value, strlen(value));
	}
	return sp_entry_end(builder, entry_r);
}

static enum sp_truth negated(enum sp_truth truth)
{
	if (truth == SP_TRUTH_TRUE)
		return SP_TRUTH_FALSE;
	return truth == SP_TRUTH_FALSE ? SP_TRUTH_TRUE : truth;
}

static void hold_operators(const char *template, enum sp_truth truth, const struct sp_entry *entry,
    const struct sp_filter_values *values)
{
	char text[SP_FILTER_MAX], why[SP_CONF_WHY_MAX];
	struct sp_filter *filter;

	for (const char *op = "!&|"; *op != '\0'; op++) {
		size_t length = (size_t)snprintf(text, sizeof(text), "(%c%s)", *op, template);
		/* it may be too long, or too deep */
		if (length >= sizeof(text) || !sp_filter_parse(text, &filter, why))
			continue;
		FUZZ_PROMISE(sp_filter_match(filter, entry, values) ==
			     (*op == '!' ? negated(truth) : truth));
		sp_filter_free(&filter);
	}
}

static void hold_keys(const struct sp_filter *filter, const struct sp_entry *entry,
    const struct sp_filter_values *values)
{
	struct sp_filter_keys keys;
	bool found = false;

	if (!sp_filter_keys(filter, &keys))
		return;
	FUZZ_PROMISE(keys.count <= SP_FILTER_KEYS_MAX);
	for (size_t i = 0; i < keys.count; i++) {
		FUZZ_PROMISE(keys.items[i]->op == SP_FILTER_EQUAL);
		FUZZ_PROMISE(strstr(keys.items[i]->value, "%u") != NULL);
		found = found || sp_filter_match(keys.items[i], entry, values) == SP_TRUTH_TRUE;
	}
	FUZZ_PROMISE(found);
}

static void judge(const char *template, const char *login, char *lines)
{
	struct sp_entry_builder builder = {0};
	struct sp_filter_values values = {.login = login, .now = now};
	struct sp_filter *filter;
	struct sp_entry entry;
	char why[SP_CONF_WHY_MAX] = "";

	FUZZ_PROMISE(make_entry(lines, &builder, &entry));
	if (sp_filter_parse(template, &filter, why)) {
		enum sp_truth truth = sp_filter_match(filter, &entry, &values);
		hold_operators(template, truth, &entry, &values);
		if (truth == SP_TRUTH_TRUE && login != NULL)
			hold_keys(filter, &entry, &values);
		sp_filter_free(&filter);
	} else {
		FUZZ_PROMISE(filter == NULL && why[0] != '\0');
	}
	sp_entry_builder_clear(&builder);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), *at = text;
	char *template = take_line(&at), *login = take_line(&at);
	const char *why;

	if (sp_filter_template_check(template, &why)) {
		if (login[0] != '\0' && strlen(login) <= SP_LOGIN_MAX)
			judge(template, login, at);
	} else if (sp_filter_check_at(template, &why)) {
		judge(template, NULL, at);
	}
	free(text);
	return 0;
}
