/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/directory/replica_position.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/number.h"

/* One line each: version, account, base, filter, attributes; then identity, time and CSNs. */
static char *search_lines(const struct sp_replica_search *search, const char *account)
{
	char *text = NULL;
	size_t length;
	FILE *stream = open_memstream(&text, &length);

	if (stream == NULL)
		return NULL;
	fprintf(stream, "2\n%s\n%s\n%s\n", account, search->base, search->filter);
	for (char **attribute = search->attributes; *attribute != NULL; attribute++)
		fprintf(stream, "%s ", *attribute);
	fputc('\n', stream);
	if (fclose(stream) == 0)
		return text;
	free(text);
	return NULL;
}

bool sp_replica_position_write(const struct sp_replica_position *position,
    const struct sp_replica_search *search, struct berval *cookie_r)
{
	char csns[SP_CSN_COOKIE];
	char *lines = search_lines(search, position->account);
	char *text = NULL;

	*cookie_r = (struct berval){0, NULL};
	if (lines == NULL)
		return false;
	sp_csns_to_cookie(&position->seen, 1, csns);
	int length = asprintf(&text, "%s%s\n%lld\n%s", lines, position->identity,
	    (long long)position->refreshed, csns);
	free(lines);
	if (length < 0)
		return false;
	*cookie_r = (struct berval){(ber_len_t)length, text};
	return true;
}

/* The text up to the line's end, which is taken off *rest. */
static bool take_line(struct berval *rest, char *line_r, size_t size)
{
	const char *end = rest->bv_len > 0 ? memchr(rest->bv_val, '\n', rest->bv_len) : NULL;
	size_t length = end != NULL ? (size_t)(end - rest->bv_val) : 0;

	if (end == NULL || length >= size)
		return false;
	memcpy(line_r, rest->bv_val, length);
	line_r[length] = '\0';
	rest->bv_val += length + 1;
	rest->bv_len -= length + 1;
	return true;
}

static bool read_rest(struct berval rest, struct sp_replica_position *position_r)
{
	char refreshed[24];
	uint64_t time;

	if (!take_line(&rest, position_r->identity, sizeof(position_r->identity)) ||
	    !take_line(&rest, refreshed, sizeof(refreshed)) ||
	    !sp_parse_number(refreshed, 0, INT64_MAX, &time))
		return false;
	position_r->refreshed = (time_t)time;
	/* a refresh that was the first has none yet */
	return sp_csns_add_cookie(&position_r->seen, &rest) || time == 0;
}

bool sp_replica_position_read(const struct berval *cookie, const struct sp_replica_search *search,
    const char *account, struct sp_replica_position *position_r)
{
	char *lines = search_lines(search, account);
	size_t length = lines != NULL ? strlen(lines) : 0;
	bool same =
	    lines != NULL && cookie->bv_len >= length && memcmp(cookie->bv_val, lines, length) == 0;

	free(lines);
	*position_r = (struct sp_replica_position){.account = account};
	if (same && read_rest((struct berval){cookie->bv_len - length, cookie->bv_val + length},
			position_r))
		return true;
	*position_r = (struct sp_replica_position){.account = account};
	return false;
}
