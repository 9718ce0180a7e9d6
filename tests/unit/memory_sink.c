/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/memory_sink.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/directory/replica_container.h"

/* cmocka's own would jump into another thread's test. */
static void require(bool condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "memory_sink: %s\n", what);
	abort();
}

struct item {
	unsigned char uuid[SP_UUID_SIZE];
	enum sp_replica_content content;
	char *bytes;
	size_t length;
	bool marked;
};

struct table {
	struct item *items;
	size_t count, size;
	struct berval cookies[SP_REPLICA_CONTENTS];
	bool complete[SP_REPLICA_CONTENTS];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct table committed, batch;
static bool in_batch;
static atomic_bool fails;
static enum sp_replica_content current;
static int64_t contacts[SP_REPLICA_CONTENTS];
static struct sp_replica_search wanted[SP_REPLICA_CONTENTS];

static void clear(struct table *table)
{
	for (size_t i = 0; i < table->count; i++)
		free(table->items[i].bytes);
	for (size_t i = 0; i < SP_REPLICA_CONTENTS; i++)
		free(table->cookies[i].bv_val);
	free(table->items);
	memset(table, 0, sizeof(*table));
}

static void *copy(const void *bytes, size_t length)
{
	void *to = malloc(length > 0 ? length : 1);

	require(to != NULL, "no memory");
	memcpy(to, bytes, length);
	return to;
}

static struct table copy_table(const struct table *from)
{
	struct table to = *from;

	to.size = from->count;
	to.items = copy(
	    from->items != NULL ? (void *)from->items : "", from->count * sizeof(*from->items));
	for (size_t i = 0; i < from->count; i++)
		to.items[i].bytes = copy(from->items[i].bytes, from->items[i].length);
	for (size_t i = 0; i < SP_REPLICA_CONTENTS; i++) {
		if (from->cookies[i].bv_val != NULL)
			to.cookies[i].bv_val =
			    copy(from->cookies[i].bv_val, from->cookies[i].bv_len);
	}
	return to;
}

/* In the batch, and of its content. */
static struct item *find(const unsigned char *uuid)
{
	for (size_t i = 0; i < batch.count; i++) {
		if (batch.items[i].content == current &&
		    memcmp(batch.items[i].uuid, uuid, SP_UUID_SIZE) == 0)
			return &batch.items[i];
	}
	return NULL;
}

static void take_out(struct table *table, struct item *item)
{
	free(item->bytes);
	*item = table->items[--table->count];
}

static struct sp_entry entry_of(const struct item *item)
{
	return (struct sp_entry){item->bytes, item->length};
}

/* ---- the sink ---- */

static const struct sp_replica_search *search(
    struct sp_replica_sink *sink, enum sp_replica_content content)
{
	(void)sink;
	return &wanted[content];
}

static bool get_cookie(
    struct sp_replica_sink *sink, enum sp_replica_content content, struct berval *cookie_r)
{
	const struct berval *cookie = &committed.cookies[content];

	(void)sink;
	*cookie_r = (struct berval){0, NULL};
	if (cookie->bv_len > 0)
		*cookie_r = (struct berval){cookie->bv_len, copy(cookie->bv_val, cookie->bv_len)};
	return !fails;
}

static bool has_any(struct sp_replica_sink *sink, enum sp_replica_content content, bool *any_r)
{
	(void)sink;
	*any_r = memory_sink_count(content) > 0;
	return !fails;
}

static bool begin(struct sp_replica_sink *sink, enum sp_replica_content content)
{
	(void)sink;
	require(!in_batch, "a batch is open");
	if (fails)
		return false;
	in_batch = true;
	current = content;
	batch = copy_table(&committed);
	return true;
}

static bool commit(struct sp_replica_sink *sink)
{
	(void)sink;
	require(in_batch, "there is no batch");
	if (fails)
		return false;
	pthread_mutex_lock(&lock);
	clear(&committed);
	committed = batch;
	pthread_mutex_unlock(&lock);
	memset(&batch, 0, sizeof(batch));
	in_batch = false;
	return true;
}

static void forget(struct sp_replica_sink *sink)
{
	(void)sink;
	clear(&batch);
	in_batch = false;
}

static bool put(struct sp_replica_sink *sink, const unsigned char uuid[SP_UUID_SIZE],
    const struct sp_entry *entry, enum sp_replica_change *change_r)
{
	struct item *item = find(uuid);
	struct berval dn = sp_entry_dn(entry);

	(void)sink;
	require(in_batch, "there is no batch");
	*change_r = SP_REPLICA_ADDED;
	if (item != NULL) {
		struct sp_entry old = entry_of(item);
		struct berval before = sp_entry_dn(&old);
		bool same = before.bv_len == dn.bv_len &&
			    strncasecmp(before.bv_val, dn.bv_val, dn.bv_len) == 0;
		*change_r = same ? SP_REPLICA_CHANGED : SP_REPLICA_MOVED;
		free(item->bytes);
	} else {
		if (batch.count == batch.size) {
			batch.size = batch.size * 2 + 8;
			batch.items = reallocarray(batch.items, batch.size, sizeof(*batch.items));
			require(batch.items != NULL, "no memory");
		}
		item = &batch.items[batch.count++];
		memcpy(item->uuid, uuid, SP_UUID_SIZE);
	}
	item->content = current;
	item->bytes = copy(entry->bytes, entry->length);
	item->length = entry->length;
	item->marked = true;
	return !fails;
}

static bool drop(
    struct sp_replica_sink *sink, const unsigned char uuid[SP_UUID_SIZE], bool *container_r)
{
	struct item *item = find(uuid);

	(void)sink;
	require(in_batch, "there is no batch");
	*container_r = false;
	if (item != NULL) {
		struct sp_entry entry = entry_of(item);
		*container_r = sp_entry_is_container(&entry);
		take_out(&batch, item);
	}
	return !fails;
}

static bool begin_refresh(struct sp_replica_sink *sink)
{
	(void)sink;
	require(in_batch, "there is no batch");
	for (size_t i = 0; i < batch.count; i++) {
		if (batch.items[i].content == current)
			batch.items[i].marked = false;
	}
	return !fails;
}

static bool drop_unmarked(struct sp_replica_sink *sink)
{
	(void)sink;
	require(in_batch, "there is no batch");
	for (size_t i = batch.count; i > 0; i--) {
		if (batch.items[i - 1].content == current && !batch.items[i - 1].marked)
			take_out(&batch, &batch.items[i - 1]);
	}
	return !fails;
}

static bool complete(struct sp_replica_sink *sink)
{
	(void)sink;
	require(in_batch, "there is no batch");
	batch.complete[current] = true;
	return !fails;
}

static bool set_cookie(struct sp_replica_sink *sink, const struct berval *cookie)
{
	struct berval *mine = &batch.cookies[current];

	(void)sink;
	require(in_batch, "there is no batch");
	free(mine->bv_val);
	*mine = (struct berval){0, NULL};
	if (cookie->bv_len > 0)
		*mine = (struct berval){cookie->bv_len, copy(cookie->bv_val, cookie->bv_len)};
	return !fails;
}

static void contact(struct sp_replica_sink *sink, enum sp_replica_content content, int64_t at_ms)
{
	(void)sink;
	pthread_mutex_lock(&lock);
	require(committed.complete[content], "contact before the first refresh");
	contacts[content] = at_ms;
	pthread_mutex_unlock(&lock);
}

struct sp_replica_sink *memory_sink_new(
    const struct sp_replica_search searches[SP_REPLICA_CONTENTS])
{
	static const struct sp_replica_sink_ops ops = {
	    .search = search,
	    .get_cookie = get_cookie,
	    .has_any = has_any,
	    .begin = begin,
	    .commit = commit,
	    .abort = forget,
	    .put = put,
	    .drop = drop,
	    .begin_refresh = begin_refresh,
	    .drop_unmarked = drop_unmarked,
	    .complete = complete,
	    .set_cookie = set_cookie,
	    .contact = contact,
	};
	static struct sp_replica_sink sink = {&ops};

	memory_sink_free();
	memcpy(wanted, searches, sizeof(wanted));
	return &sink;
}

void memory_sink_free(void)
{
	clear(&committed);
	clear(&batch);
	in_batch = false;
	fails = false;
	memset(contacts, 0, sizeof(contacts));
}

void memory_sink_fail(bool on)
{
	fails = on;
}

/* ---- what is committed ---- */

size_t memory_sink_count(enum sp_replica_content content)
{
	size_t count = 0;

	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < committed.count; i++)
		count += committed.items[i].content == content;
	pthread_mutex_unlock(&lock);
	return count;
}

static bool has_value(const struct sp_entry *entry, const char *attribute, const char *value)
{
	struct sp_entry_values values;

	if (!sp_entry_find(entry, attribute, &values))
		return false;
	while (values.count > 0) {
		struct berval found = sp_entry_next_value(&values);
		if (value == NULL || (found.bv_len == strlen(value) &&
					 memcmp(found.bv_val, value, found.bv_len) == 0))
			return true;
	}
	return false;
}

bool memory_sink_has(const char *dn, const char *attribute, const char *value)
{
	bool found = false;

	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < committed.count && !found; i++) {
		struct sp_entry entry = entry_of(&committed.items[i]);
		struct berval name = sp_entry_dn(&entry);
		found = name.bv_len == strlen(dn) &&
			strncasecmp(name.bv_val, dn, name.bv_len) == 0 &&
			(attribute == NULL || has_value(&entry, attribute, value));
	}
	pthread_mutex_unlock(&lock);
	return found;
}

bool memory_sink_is_complete(void)
{
	pthread_mutex_lock(&lock);
	bool both = committed.complete[0] && committed.complete[1];
	pthread_mutex_unlock(&lock);
	return both;
}

int64_t memory_sink_contact(enum sp_replica_content content)
{
	pthread_mutex_lock(&lock);
	int64_t at_ms = contacts[content];
	pthread_mutex_unlock(&lock);
	return at_ms;
}
