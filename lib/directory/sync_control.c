/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/directory/sync_control.h"

#include <ldap.h>
#include <stddef.h>
#include <string.h>

struct berval *sp_sync_encode_request(const struct berval *cookie)
{
	BerElement *ber = ber_alloc_t(LBER_USE_DER);
	struct berval *value = NULL;
	int result = ber == NULL ? -1 : ber_printf(ber, "{e", LDAP_SYNC_REFRESH_AND_PERSIST);

	if (result >= 0 && cookie->bv_len > 0)
		result = ber_printf(ber, "O", cookie);
	if (result >= 0)
		result = ber_printf(ber, "N}");
	if (result < 0 || ber_flatten(ber, &value) < 0)
		value = NULL;
	ber_free(ber, 1);
	return value;
}

/* ---- elements ---- */

/* The first element of *rest, which is then taken off it; LBER_DEFAULT if it has none.
 * ber_skip_element() would look at the byte behind the last. */
static ber_tag_t take(struct berval *rest, struct berval *content_r)
{
	BerElement *ber = ber_alloc_t(0);
	ber_tag_t tag = LBER_DEFAULT;

	if (ber != NULL && rest->bv_len > 0) {
		ber_init2(ber, rest, 0);
		tag = ber_peek_element(ber, content_r);
	}
	ber_free(ber, 0);
	if (tag == LBER_DEFAULT)
		return tag;
	char *end = content_r->bv_val + content_r->bv_len;
	rest->bv_len -= (size_t)(end - rest->bv_val);
	rest->bv_val = end;
	return tag;
}

static bool take_tag(struct berval *rest, ber_tag_t tag, struct berval *content_r)
{
	return take(rest, content_r) == tag;
}

/* The tag that comes next. All that may stand here is one byte long. */
static bool is_next(const struct berval *rest, ber_tag_t tag)
{
	return rest->bv_len > 0 && (unsigned char)rest->bv_val[0] == tag;
}

/* An absent cookie is no failure. */
static bool take_cookie(struct berval *rest, struct berval *cookie_r)
{
	*cookie_r = (struct berval){0, NULL};
	return !is_next(rest, LBER_OCTETSTRING) || take_tag(rest, LBER_OCTETSTRING, cookie_r);
}

static bool take_boolean(struct berval *rest, bool fallback, bool *yes_r)
{
	struct berval content;

	*yes_r = fallback;
	if (!is_next(rest, LBER_BOOLEAN))
		return true;
	if (!take_tag(rest, LBER_BOOLEAN, &content) || content.bv_len != 1)
		return false;
	*yes_r = content.bv_val[0] != 0;
	return content.bv_val[0] == 0 || (unsigned char)content.bv_val[0] == 0xff;
}

static bool take_uuid(struct berval *rest, const unsigned char **uuid_r)
{
	struct berval content;

	if (!take_tag(rest, LBER_OCTETSTRING, &content) || content.bv_len != SP_UUID_SIZE)
		return false;
	*uuid_r = (const unsigned char *)content.bv_val;
	return true;
}

/* The content of the one sequence that the value is. */
static bool open_sequence(const struct berval *value, ber_tag_t tag, struct berval *rest_r)
{
	struct berval whole = *value;

	return take_tag(&whole, tag, rest_r) && whole.bv_len == 0;
}

/* ---- values ---- */

bool sp_sync_decode_state(const struct berval *value, struct sp_sync_entry_state *state_r)
{
	struct berval rest, content;

	memset(state_r, 0, sizeof(*state_r));
	if (!open_sequence(value, LBER_SEQUENCE, &rest) ||
	    !take_tag(&rest, LBER_ENUMERATED, &content) || content.bv_len != 1 ||
	    (unsigned char)content.bv_val[0] > SP_SYNC_DELETE)
		return false;
	state_r->state = (enum sp_sync_state)content.bv_val[0];
	return take_uuid(&rest, &state_r->uuid) && take_cookie(&rest, &state_r->cookie) &&
	       rest.bv_len == 0;
}

bool sp_sync_decode_done(const struct berval *value, struct sp_sync_done *done_r)
{
	struct berval rest;

	memset(done_r, 0, sizeof(*done_r));
	return open_sequence(value, LBER_SEQUENCE, &rest) && take_cookie(&rest, &done_r->cookie) &&
	       take_boolean(&rest, false, &done_r->refresh_deletes) && rest.bv_len == 0;
}

static bool decode_refresh(const struct berval *value, ber_tag_t tag, struct sp_sync_info *info_r)
{
	struct berval rest;

	return open_sequence(value, tag, &rest) && take_cookie(&rest, &info_r->cookie) &&
	       take_boolean(&rest, true, &info_r->refresh_done) && rest.bv_len == 0;
}

static bool decode_id_set(const struct berval *value, struct sp_sync_info *info_r)
{
	struct berval rest, uuids;
	const unsigned char *uuid;

	if (!open_sequence(value, LDAP_TAG_SYNC_ID_SET, &rest) ||
	    !take_cookie(&rest, &info_r->cookie) ||
	    !take_boolean(&rest, false, &info_r->refresh_deletes) ||
	    !take_tag(&rest, LBER_SET, &info_r->uuids) || rest.bv_len != 0)
		return false;
	for (uuids = info_r->uuids; uuids.bv_len > 0;) {
		if (!take_uuid(&uuids, &uuid))
			return false;
	}
	return true;
}

bool sp_sync_decode_info(const struct berval *value, struct sp_sync_info *info_r)
{
	memset(info_r, 0, sizeof(*info_r));
	if (is_next(value, LDAP_TAG_SYNC_NEW_COOKIE)) {
		info_r->kind = SP_SYNC_NEW_COOKIE;
		return open_sequence(value, LDAP_TAG_SYNC_NEW_COOKIE, &info_r->cookie);
	}
	if (is_next(value, LDAP_TAG_SYNC_REFRESH_DELETE)) {
		info_r->kind = SP_SYNC_REFRESH_DELETE;
		return decode_refresh(value, LDAP_TAG_SYNC_REFRESH_DELETE, info_r);
	}
	if (is_next(value, LDAP_TAG_SYNC_REFRESH_PRESENT)) {
		info_r->kind = SP_SYNC_REFRESH_PRESENT;
		return decode_refresh(value, LDAP_TAG_SYNC_REFRESH_PRESENT, info_r);
	}
	info_r->kind = SP_SYNC_ID_SET;
	return decode_id_set(value, info_r);
}

const unsigned char *sp_sync_next_uuid(struct berval *uuids)
{
	const unsigned char *uuid;

	return uuids->bv_len > 0 && take_uuid(uuids, &uuid) ? uuid : NULL;
}
