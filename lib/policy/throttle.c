/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/policy/throttle.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "lib/password/keyed_digest.h"

#define WAYS 4     /* places that a key may be at */
#define SETS 16384 /* 2 MiB in all */

/* One counter, as a time: each failure moves it on by period/limit, and so far as
 * it lies ahead of now, so many failures are not forgotten yet. */
struct counter {
	uint64_t key; /* 0: free */
	uint64_t last_password;
	int64_t ahead_ms;
};

struct sp_throttle {
	struct sp_digest_key key;
	struct counter counters[SETS][WAYS];
};

struct sp_throttle *sp_throttle_new(void)
{
	struct sp_throttle *throttle = calloc(1, sizeof(*throttle));

	if (throttle != NULL && !sp_digest_key_make(&throttle->key))
		sp_throttle_free(&throttle);
	return throttle;
}

void sp_throttle_free(struct sp_throttle **throttle)
{
	if (throttle == NULL || *throttle == NULL)
		return;
	explicit_bzero(*throttle, sizeof(**throttle));
	free(*throttle);
	*throttle = NULL;
}

static bool is_exempt(const struct sp_throttle_limits *limits, const char *address)
{
	for (size_t i = 0; i < limits->exempt_count; i++) {
		if (sp_network_contains(&limits->exempt[i], address))
			return true;
	}
	return false;
}

/* Bytes from the address on, so that no address and login read like another pair.
 * Logins in other case are no other logins: a guesser must not gain by them. */
static uint64_t digest_of_login(
    const struct sp_throttle *throttle, const struct sp_network *client, const char *login)
{
	char bytes[sizeof(client->prefix) + SP_LOGIN_MAX];
	size_t length = strlen(login);

	memcpy(bytes, client->prefix, sizeof(client->prefix));
	for (size_t i = 0; i < length; i++)
		bytes[sizeof(client->prefix) + i] = (char)tolower((unsigned char)login[i]);
	return sp_keyed_digest(&throttle->key, bytes, sizeof(client->prefix) + length);
}

void sp_throttle_describe(const struct sp_throttle *throttle,
    const struct sp_throttle_limits *limits, const struct sp_attempt_request *request,
    struct sp_throttle_subject *subject_r)
{
	struct sp_network client;

	*subject_r = (struct sp_throttle_subject){0};
	if (!sp_network_of_client(request->address, &client) || is_exempt(limits, request->address))
		return;
	subject_r->counts = true;
	subject_r->address =
	    sp_keyed_digest(&throttle->key, client.prefix, sizeof(client.prefix)) | 1;
	subject_r->login = digest_of_login(throttle, &client, request->login) | 1;
	subject_r->password =
	    sp_keyed_digest(&throttle->key, request->password.bytes, request->password.length);
}

static struct counter *find(const struct sp_throttle *throttle, uint64_t key)
{
	const struct counter *set = throttle->counters[(key >> 1) % SETS];

	for (size_t way = 0; way < WAYS; way++) {
		if (set[way].key == key)
			return (struct counter *)&set[way];
	}
	return NULL;
}

/* The key's counter; a new one takes the place of who is next to be forgotten. */
static struct counter *find_or_make(struct sp_throttle *throttle, uint64_t key)
{
	struct counter *counter = find(throttle, key);
	struct counter *set = throttle->counters[(key >> 1) % SETS];

	if (counter != NULL)
		return counter;
	counter = &set[0];
	for (size_t way = 1; way < WAYS; way++) {
		if (set[way].ahead_ms < counter->ahead_ms)
			counter = &set[way];
	}
	*counter = (struct counter){.key = key};
	return counter;
}

static int64_t cost_of(const struct sp_throttle_limits *limits, uint32_t limit)
{
	int64_t cost = limits->period_ms / limit;

	return cost > 0 ? cost : 1;
}

static bool is_used_up(const struct counter *counter, const struct sp_throttle_limits *limits,
    uint32_t limit, int64_t now_ms)
{
	if (counter == NULL || limit == 0)
		return false;
	return counter->ahead_ms - now_ms > cost_of(limits, limit) * (limit - 1);
}

bool sp_throttle_holds(const struct sp_throttle *throttle, const struct sp_throttle_limits *limits,
    const struct sp_throttle_subject *subject, int64_t now_ms)
{
	if (!subject->counts)
		return false;
	return is_used_up(find(throttle, subject->address), limits, limits->per_address, now_ms) ||
	       is_used_up(find(throttle, subject->login), limits, limits->per_login, now_ms);
}

static void count(struct counter *counter, const struct sp_throttle_limits *limits, uint32_t limit,
    int64_t now_ms)
{
	if (limit == 0)
		return;
	if (counter->ahead_ms < now_ms)
		counter->ahead_ms = now_ms;
	counter->ahead_ms += cost_of(limits, limit);
}

enum sp_guess sp_throttle_failed(struct sp_throttle *throttle,
    const struct sp_throttle_limits *limits, const struct sp_throttle_subject *subject,
    int64_t now_ms)
{
	if (!subject->counts)
		return SP_GUESS_UNCOUNTED;
	struct counter *login = find_or_make(throttle, subject->login);
	if (login->last_password == subject->password)
		return SP_GUESS_REPEATED;
	login->last_password = subject->password;
	count(login, limits, limits->per_login, now_ms);
	count(find_or_make(throttle, subject->address), limits, limits->per_address, now_ms);
	return SP_GUESS_NEW;
}

void sp_throttle_passed(struct sp_throttle *throttle, const struct sp_throttle_subject *subject)
{
	struct counter *login = subject->counts ? find(throttle, subject->login) : NULL;

	if (login != NULL)
		*login = (struct counter){0};
}
