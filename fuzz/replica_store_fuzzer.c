/* SPDX-License-Identifier: BSD-2-Clause */
/* The replica's file against a simple model: readers see what was committed, each entry by the
 * keys that it has now, and a refresh leaves what it has seen. Input: operations, each a letter
 * with its operands, a uuid of 16 and a name of 8:
 *	C O	begins a batch about credentials or owners; . commits it, ~ forgets it
 *	p12 d1	puts and drops an entry; r u w k1 begins a refresh, drops what is not marked,
 *	x	completes it, stores a cookie; opens the file again
 */
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz/fuzz.h"
#include "lib/base/clock.h"
#include "lib/directory/replica_store.h"

#define UUIDS          16
#define NAMES          8
#define MAP_SIZE       ((size_t)8 << 20)
#define OPERATIONS_MAX 120
#define LONG_NAME      1500 /* longer than a key */

/* What is in the file of one content. */
struct content {
	int names[UUIDS]; /* of each entry; -1: there is none */
	bool marked[UUIDS];
	int cookie; /* -1: none */
	bool whole;
};

static const struct name {
	const char *text;
	int key; /* equal: one key leads to both */
	int dn;  /* equal: the DN is spelled differently */
} names[NAMES] = {{"alice", 0, 0}, {"ALICE", 0, 0}, {"bob", 1, 1}, {"a b", 2, 2}, {"a  b", 2, 2},
    {"", 3, 3}, {"x", 4, 4}, {"y", 4, 5}};

static struct content committed[SP_REPLICA_CONTENTS], batch;
static enum sp_replica_content about; /* the batch */
static bool in_batch, completes, refreshing[SP_REPLICA_CONTENTS];

static char directory[] = "/dev/shm/sendpass-fuzz-XXXXXX"; /* LMDB waits for a disk */
static char path[64], lock_path[80];
static struct sp_replica_scope *scope;
static struct sp_replica_store *store;
static struct sp_replica_sink *sink;

/* What is written is never read after a crash here. */
int fdatasync(int fd)
{
	return fd < 0 ? -1 : 0;
}

static void remove_directory(void)
{
	rmdir(directory);
	sp_replica_scope_free(&scope);
}

static void make_scope(void)
{
	static char base[] = "dc=example,dc=org", filter[] = "(uid=%u)", active[] = "(uid=*)",
		    mail[] = "mail";
	static char *owner_attributes[] = {mail, NULL};
	static struct sp_ldap_site site = {.credential_base = base,
	    .owner_base = base,
	    .owner_filter = filter,
	    .owner_active_filter = active,
	    .owner_attributes = {.items = owner_attributes, .count = 1}};
	char why[SP_CONF_WHY_MAX];

	FUZZ_PROMISE(mkdtemp(directory) != NULL);
	snprintf(path, sizeof(path), "%s/replica.lmdb", directory);
	snprintf(lock_path, sizeof(lock_path), "%s-lock", path);
	FUZZ_PROMISE(sp_replica_scope_new(&site, &scope, why));
	FUZZ_PROMISE(atexit(remove_directory) == 0);
}

static void open_store(void)
{
	const char *why = NULL;

	store = sp_replica_store_open(scope, path, MAP_SIZE, &why);
	FUZZ_PROMISE(store != NULL);
	sink = sp_replica_store_sink(store);
}

/* ---- entries ---- */

static const char *text_of(int name)
{
	static char text[LONG_NAME + 2];

	if (names[name].key != 4)
		return names[name].text;
	memset(text, 'l', LONG_NAME);
	strcpy(text + LONG_NAME, names[name].text);
	return text;
}

static void add(struct sp_entry_builder *builder, const char *attribute, const char *value)
{
	sp_entry_add_attribute(builder, attribute);
	sp_entry_add_value(builder, value, strlen(value));
}

/* Of owners, bob is a container. */
static void make_entry(enum sp_replica_content content, int name, struct sp_entry_builder *builder,
    struct sp_entry *entry_r)
{
	char dn[LONG_NAME + 64];
	const char *text = text_of(name);

	snprintf(dn, sizeof(dn), "uid=%s,dc=example,dc=org", text[0] != '\0' ? text : "nobody");
	sp_entry_begin(builder, dn);
	add(builder, content == SP_REPLICA_OWNERS ? "uid" : "sendpassId", text);
	add(builder, content == SP_REPLICA_OWNERS ? "mail" : "owner", dn);
	if (names[name].key == 1)
		add(builder, "objectClass", "organizationalUnit");
	FUZZ_PROMISE(sp_entry_end(builder, entry_r));
}

/* ---- what readers see ---- */

/* Which of the names with that key an entry has. */
static int name_of(enum sp_replica_content content, const struct sp_entry *entry, int key)
{
	struct sp_entry_builder builder = {0};
	struct sp_entry wanted;
	int found = -1;

	for (int name = 0; name < NAMES && found < 0; name++) {
		if (names[name].key != key)
			continue;
		make_entry(content, name, &builder, &wanted);
		if (wanted.length == entry->length &&
		    memcmp(wanted.bytes, entry->bytes, entry->length) == 0)
			found = name;
	}
	sp_entry_builder_clear(&builder);
	FUZZ_PROMISE(found >= 0);
	return found;
}

static void hold_key(struct sp_replica_reader *reader, enum sp_replica_content content, int name)
{
	bool owners = content == SP_REPLICA_OWNERS;
	const char *text = text_of(name);
	struct sp_replica_key key;
	struct sp_entry entry;
	int count[NAMES] = {0}, key_number = names[name].key;

	FUZZ_PROMISE(sp_replica_key_make(owners ? SP_REPLICA_KEY_VALUE : SP_REPLICA_KEY_ID,
	    owners ? "uid" : NULL, (struct berval){strlen(text), (char *)(uintptr_t)text}, &key));
	sp_replica_reader_seek(reader, &key);
	enum sp_replica_got got;
	while ((got = sp_replica_reader_next(reader, &entry)) == SP_REPLICA_ENTRY)
		count[name_of(content, &entry, key_number)]++;
	FUZZ_PROMISE(got == SP_REPLICA_END);
	for (int i = 0; i < UUIDS; i++) {
		int has = committed[content].names[i];
		if (has >= 0 && names[has].key == key_number)
			count[has]--;
	}
	for (int i = 0; i < NAMES; i++)
		FUZZ_PROMISE(count[i] == 0);
}

static void hold_content(struct sp_replica_reader *reader, enum sp_replica_content content)
{
	const struct content *model = &committed[content];
	struct berval cookie;
	size_t count = 0;

	for (int i = 0; i < UUIDS; i++)
		count += model->names[i] >= 0;
	FUZZ_PROMISE(sp_replica_store_count(store, content) == count);
	for (int name = 0; name < NAMES; name++) {
		if (name == 0 || names[name].key != names[name - 1].key)
			hold_key(reader, content, name);
	}
	FUZZ_PROMISE(sink->ops->get_cookie(sink, content, &cookie));
	FUZZ_PROMISE((cookie.bv_len == 1) == (model->cookie >= 0));
	if (cookie.bv_len == 1)
		FUZZ_PROMISE(cookie.bv_val[0] == model->cookie);
	free(cookie.bv_val);
}

static void hold_all(void)
{
	struct sp_replica_reader *reader = sp_replica_reader_new(store);
	bool whole = true;

	FUZZ_PROMISE(reader != NULL && sp_replica_reader_begin(reader));
	for (int i = 0; i < SP_REPLICA_CONTENTS; i++) {
		hold_content(reader, (enum sp_replica_content)i);
		whole = whole && committed[i].whole;
		sink->ops->contact(sink, (enum sp_replica_content)i, sp_now_ms());
	}
	FUZZ_PROMISE((sp_replica_store_age_ms(store) != SP_REPLICA_NEVER) == whole);
	sp_replica_reader_end(reader);
	sp_replica_reader_free(&reader);
}

/* ---- operations ---- */

static void make_uuid(int number, unsigned char uuid[SP_UUID_SIZE])
{
	memset(uuid, number, SP_UUID_SIZE);
}

static void put(int number, int name)
{
	unsigned char uuid[SP_UUID_SIZE];
	struct sp_entry_builder builder = {0};
	struct sp_entry entry;
	enum sp_replica_change change, wanted = SP_REPLICA_ADDED;
	int old = batch.names[number];

	make_uuid(number, uuid);
	make_entry(about, name, &builder, &entry);
	FUZZ_PROMISE(sink->ops->put(sink, uuid, &entry, &change));
	sp_entry_builder_clear(&builder);
	if (old >= 0)
		wanted = names[old].dn == names[name].dn ? SP_REPLICA_CHANGED : SP_REPLICA_MOVED;
	FUZZ_PROMISE(change == wanted);
	batch.names[number] = name;
	if (refreshing[about])
		batch.marked[number] = true;
}

static void drop(int number)
{
	unsigned char uuid[SP_UUID_SIZE];
	bool container;
	int old = batch.names[number];

	make_uuid(number, uuid);
	FUZZ_PROMISE(sink->ops->drop(sink, uuid, &container));
	FUZZ_PROMISE(container == (old >= 0 && names[old].key == 1));
	batch.names[number] = -1;
}

static void drop_unmarked(void)
{
	FUZZ_PROMISE(sink->ops->drop_unmarked(sink));
	for (int i = 0; i < UUIDS; i++) {
		if (!batch.marked[i])
			batch.names[i] = -1;
	}
}

static void set_cookie(int cookie)
{
	char byte = (char)cookie;
	struct berval value = {cookie != '0', &byte};

	FUZZ_PROMISE(sink->ops->set_cookie(sink, &value));
	batch.cookie = cookie != '0' ? cookie : -1;
}

static void begin_refresh(void)
{
	FUZZ_PROMISE(sink->ops->begin_refresh(sink));
	memset(batch.marked, 0, sizeof(batch.marked));
	refreshing[about] = true; /* also when the batch is forgotten */
}

static void complete(void)
{
	FUZZ_PROMISE(sink->ops->complete(sink));
	memset(batch.marked, 0, sizeof(batch.marked));
	batch.whole = completes = true;
}

static void begin(enum sp_replica_content content)
{
	FUZZ_PROMISE(sink->ops->begin(sink, content));
	about = content;
	batch = committed[content];
	completes = false;
	in_batch = true;
}

static void end(bool commit)
{
	in_batch = false;
	if (commit) {
		FUZZ_PROMISE(sink->ops->commit(sink));
		committed[about] = batch;
		refreshing[about] = refreshing[about] && !completes;
	} else {
		sink->ops->abort(sink);
	}
	hold_all();
}

static void reopen(void)
{
	sp_replica_store_close(&store);
	open_store();
	memset(refreshing, 0, sizeof(refreshing));
	hold_all();
}

static void change(char operation, int uuid, int name)
{
	switch (operation) {
	case 'p':
		put(uuid, name);
		break;
	case 'd':
		drop(uuid);
		break;
	case 'r':
		begin_refresh();
		break;
	case 'u':
		drop_unmarked();
		break;
	case 'w':
		complete();
		break;
	case 'k':
		set_cookie('0' + uuid);
		break;
	case '.':
	case '~':
		end(operation == '.');
		break;
	default:
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (scope == NULL)
		make_scope();
	memset(refreshing, 0, sizeof(refreshing));
	for (int i = 0; i < SP_REPLICA_CONTENTS; i++) {
		committed[i] = (struct content){.cookie = -1};
		memset(committed[i].names, 0xff, sizeof(committed[i].names));
	}
	open_store();
	for (size_t i = 0; i < size && i < OPERATIONS_MAX; i++) {
		char operation = (char)data[i];
		int uuid = i + 1 < size ? data[i + 1] % UUIDS : 0;
		int name = i + 2 < size ? data[i + 2] % NAMES : 0;
		if (in_batch)
			change(operation, uuid, name);
		else if (operation == 'C' || operation == 'O')
			begin(operation == 'C' ? SP_REPLICA_CREDENTIALS : SP_REPLICA_OWNERS);
		else if (operation == 'x')
			reopen();
		i += operation == 'p' ? 2 : operation == 'd' || operation == 'k' ? 1 : 0;
	}
	hold_all();
	if (in_batch)
		end(false);
	sp_replica_store_close(&store);
	FUZZ_PROMISE(unlink(path) == 0 && unlink(lock_path) == 0);
	return 0;
}
