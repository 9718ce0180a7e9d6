/* SPDX-License-Identifier: BSD-2-Clause */
/* Cookies: how far a server says that it is, and where our own replica stands. What is read
 * reads the same when written again. Input: a server's cookie, or our own. */
#include "fuzz/fuzz.h"
#include "lib/directory/replica_csn.h"
#include "lib/directory/replica_position.h"

static char *attributes[] = {"cn", "mail", NULL};
static const struct sp_replica_search search = {"dc=example,dc=org", "(cn=*)", attributes};
static const char account[] = "cn=verifier";
static const char beginning[] = "2\ncn=verifier\ndc=example,dc=org\n(cn=*)\ncn mail \n";

static void hold_csns(const struct sp_csns *csns)
{
	char text[SP_CSN_COOKIE];
	struct sp_csns again = {0};

	FUZZ_PROMISE(csns->count <= SP_CSNS_MOST);
	FUZZ_PROMISE(sp_csns_cover(csns, csns));
	if (csns->count == 0)
		return;
	sp_csns_to_cookie(csns, 1, text);
	struct berval cookie = {strlen(text), text};
	FUZZ_PROMISE(sp_csns_add_cookie(&again, &cookie));
	FUZZ_PROMISE(again.count == csns->count);
	FUZZ_PROMISE(sp_csns_cover(&again, csns) && sp_csns_cover(csns, &again));
	for (size_t i = 0; i < csns->count; i++)
		FUZZ_PROMISE(strlen(csns->texts[i]) == SP_CSN_SIZE);
}

/* What the cookie says before its last CSN stays true with it. */
static void hold_order(const struct sp_csns *csns, const uint8_t *data, size_t size)
{
	const uint8_t *semicolon = memrchr(data, ';', size);
	struct sp_csns before = {0};

	if (semicolon == NULL)
		return;
	struct berval cookie = {(size_t)(semicolon - data), (char *)(uintptr_t)data};
	if (sp_csns_add_cookie(&before, &cookie))
		FUZZ_PROMISE(sp_csns_cover(csns, &before));
}

static void hold_position(const struct berval *cookie)
{
	struct sp_replica_position position, again;
	struct berval written;

	if (!sp_replica_position_read(cookie, &search, account, &position)) {
		FUZZ_PROMISE(position.identity[0] == '\0' && position.refreshed == 0);
		FUZZ_PROMISE(position.seen.count == 0);
		return;
	}
	FUZZ_PROMISE(cookie->bv_len >= strlen(beginning) &&
		     memcmp(cookie->bv_val, beginning, strlen(beginning)) == 0);
	/* without either there is nothing to go on from */
	FUZZ_PROMISE(position.refreshed == 0 || position.seen.count > 0);
	hold_csns(&position.seen);
	FUZZ_PROMISE(sp_replica_position_write(&position, &search, &written));
	FUZZ_PROMISE(sp_replica_position_read(&written, &search, account, &again));
	FUZZ_PROMISE(strcmp(position.identity, again.identity) == 0);
	FUZZ_PROMISE(position.refreshed == again.refreshed);
	FUZZ_PROMISE(sp_csns_cover(&position.seen, &again.seen));
	FUZZ_PROMISE(sp_csns_cover(&again.seen, &position.seen));
	free(written.bv_val);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct berval cookie = {size, (char *)(uintptr_t)data};
	struct sp_csns csns = {0}, before;

	if (sp_csns_add_cookie(&csns, &cookie)) {
		FUZZ_PROMISE(csns.count > 0);
		hold_order(&csns, data, size);
	}
	hold_csns(&csns);
	/* what was seen is never unseen */
	before = csns;
	if (sp_csns_add(&csns, (const char *)data, size))
		FUZZ_PROMISE(size == SP_CSN_SIZE);
	FUZZ_PROMISE(sp_csns_cover(&csns, &before));
	hold_position(&cookie);
	/* the same as the rest of a position of our search */
	char *text = malloc(strlen(beginning) + size);
	FUZZ_PROMISE(text != NULL);
	memcpy(text, beginning, strlen(beginning));
	memcpy(text + strlen(beginning), data, size);
	hold_position(&(struct berval){strlen(beginning) + size, text});
	free(text);
	return 0;
}
