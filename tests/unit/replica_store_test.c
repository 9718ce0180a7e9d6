/* SPDX-License-Identifier: BSD-2-Clause */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/base/clock.h"
#include "lib/directory/replica_store.h"
#include "tests/unit/slapd.h"

#define MAP_SIZE ((size_t)64 << 20)

static char directory[64], path[96], lock_path[112];
static struct sp_ldap_site *site;
static struct sp_replica_scope *scope;
static struct sp_replica_store *store;
static struct sp_replica_sink *sink;

/* How much later the wall clock is here than it is. */
static time_t clock_set_s;

int clock_gettime(clockid_t id, struct timespec *now_r)
{
	int result = (int)syscall(SYS_clock_gettime, id, now_r);

	if (id == CLOCK_REALTIME)
		now_r->tv_sec += clock_set_s;
	return result;
}

static void make_scope(const char *owner_base)
{
	struct sp_conf *conf = slapd_conf("ldapi:///", NULL);
	struct sp_secret secret;
	char why[SP_CONF_WHY_MAX] = "";

	assert_true(sp_secret_set(&secret, "x", 1));
	slapd_set(&conf->directory_owner_base, owner_base);
	if (!sp_ldap_site_new(conf, &secret, &site, why) ||
	    !sp_replica_scope_new(site, &scope, why))
		fail_msg("%s", why);
	sp_conf_free(&conf);
}

static void open_store(size_t map_size)
{
	const char *why = NULL;

	store = sp_replica_store_open(scope, path, map_size, &why);
	if (store == NULL)
		fail_msg("%s", why);
	sink = sp_replica_store_sink(store);
}

static int set_up(void **state)
{
	(void)state;
	clock_set_s = 0;
	snprintf(directory, sizeof(directory), "/tmp/sendpass-replica-XXXXXX");
	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/replica.lmdb", directory);
	snprintf(lock_path, sizeof(lock_path), "%s-lock", path);
	make_scope("dc=example,dc=org");
	open_store(MAP_SIZE);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	sp_replica_store_close(&store);
	sp_replica_scope_free(&scope);
	sp_ldap_site_free(&site);
	unlink(path);
	unlink(lock_path);
	return rmdir(directory);
}

static void reopen(void)
{
	sp_replica_store_close(&store);
	open_store(MAP_SIZE);
}

/* ---- what is written ---- */

static void number_uuid(unsigned number, unsigned char uuid[SP_UUID_SIZE])
{
	memset(uuid, 0, SP_UUID_SIZE);
	memcpy(uuid, &number, sizeof(number));
}

static bool put_person(unsigned number, const char *name, enum sp_replica_change *change_r)
{
	struct sp_entry_builder builder = {0};
	struct sp_entry entry;
	unsigned char uuid[SP_UUID_SIZE];
	char dn[100];

	snprintf(dn, sizeof(dn), "uid=%s,dc=example,dc=org", name);
	sp_entry_begin(&builder, dn);
	sp_entry_add_attribute(&builder, "uid");
	sp_entry_add_value(&builder, name, strlen(name));
	assert_true(sp_entry_end(&builder, &entry));
	number_uuid(number, uuid);
	bool ok = sink->ops->put(sink, uuid, &entry, change_r);
	sp_entry_builder_clear(&builder);
	return ok;
}

static void put_well(unsigned number, const char *name)
{
	enum sp_replica_change change;

	assert_true(put_person(number, name, &change));
}

static void begin(void)
{
	assert_true(sink->ops->begin(sink, SP_REPLICA_OWNERS));
}

static void commit(void)
{
	assert_true(sink->ops->commit(sink));
}

static void complete(enum sp_replica_content content)
{
	assert_true(sink->ops->begin(sink, content));
	assert_true(sink->ops->complete(sink));
	commit();
	sink->ops->contact(sink, content, sp_now_ms());
}

/* ---- what is read ---- */

/* How many entries the name leads to. */
static int found(const char *name)
{
	struct sp_replica_reader *reader = sp_replica_reader_new(store);
	struct sp_replica_key key;
	struct sp_entry entry;
	enum sp_replica_got got;
	int count = 0;

	assert_non_null(reader);
	assert_true(sp_replica_key_make(SP_REPLICA_KEY_VALUE, "uid",
	    (struct berval){strlen(name), (char *)(uintptr_t)name}, &key));
	assert_true(sp_replica_reader_begin(reader));
	sp_replica_reader_seek(reader, &key);
	while ((got = sp_replica_reader_next(reader, &entry)) == SP_REPLICA_ENTRY)
		count++;
	assert_int_equal(got, SP_REPLICA_END);
	sp_replica_reader_end(reader);
	sp_replica_reader_free(&reader);
	return count;
}

/* ---- tests ---- */

static void a_batch_is_seen_when_it_is_committed_and_not_before(void **state)
{
	(void)state;
	begin();
	put_well(1, "alice");
	assert_int_equal(found("alice"), 0);
	commit();
	assert_int_equal(found("alice"), 1);
	assert_int_equal(found("ALICE"), 1);
	assert_int_equal(found("alic"), 0);
	begin();
	put_well(2, "bob");
	sink->ops->abort(sink);
	assert_int_equal(found("bob"), 0);
	assert_int_equal(sp_replica_store_count(store, SP_REPLICA_OWNERS), 1);
}

static void what_changes_is_found_by_what_it_is_now_alone(void **state)
{
	enum sp_replica_change change;

	(void)state;
	begin();
	assert_true(put_person(1, "alice", &change));
	assert_int_equal(change, SP_REPLICA_ADDED);
	assert_true(put_person(1, "ALICE", &change));
	assert_int_equal(change, SP_REPLICA_CHANGED);
	assert_true(put_person(1, "carol", &change));
	assert_int_equal(change, SP_REPLICA_MOVED);
	commit();
	assert_int_equal(found("alice"), 0);
	assert_int_equal(found("carol"), 1);
}

static void what_is_dropped_is_gone(void **state)
{
	unsigned char uuid[SP_UUID_SIZE];
	bool container;

	(void)state;
	begin();
	put_well(1, "alice");
	put_well(2, "alice");
	commit();
	assert_int_equal(found("alice"), 2);
	begin();
	number_uuid(1, uuid);
	assert_true(sink->ops->drop(sink, uuid, &container));
	assert_false(container);
	assert_true(sink->ops->drop(sink, uuid, &container)); /* again */
	commit();
	assert_int_equal(found("alice"), 1);
	assert_int_equal(sp_replica_store_count(store, SP_REPLICA_OWNERS), 1);
}

#define MANY 3000

/* Every third comes as it was, every third under another name, and every third is gone. */
static void a_refresh_serves_the_old_until_it_is_complete_and_leaves_what_was_not_named(
    void **state)
{
	char name[20];

	(void)state;
	begin();
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "p%u", i);
		put_well(i, name);
	}
	commit();
	complete(SP_REPLICA_OWNERS);
	begin();
	assert_true(sink->ops->begin_refresh(sink));
	commit();
	assert_int_equal(found("p2"), 1);
	begin();
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "%c%u", i % 3 == 0 ? 'p' : 'q', i);
		if (i % 3 != 2)
			put_well(i, name);
	}
	assert_true(sink->ops->drop_unmarked(sink));
	assert_true(sink->ops->complete(sink));
	assert_int_equal(found("p2"), 1);
	commit();
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "p%u", i);
		assert_int_equal(found(name), i % 3 == 0);
		name[0] = 'q';
		assert_int_equal(found(name), i % 3 == 1);
	}
	assert_int_equal(sp_replica_store_count(store, SP_REPLICA_OWNERS), MANY / 3 * 2);
}

static void it_has_no_age_until_both_contents_are_whole_and_in_contact(void **state)
{
	(void)state;
	assert_true(sp_replica_store_age_ms(store) == SP_REPLICA_NEVER);
	complete(SP_REPLICA_OWNERS);
	assert_true(sp_replica_store_age_ms(store) == SP_REPLICA_NEVER);
	sink->ops->contact(sink, SP_REPLICA_CREDENTIALS, sp_now_ms()); /* never whole */
	assert_true(sp_replica_store_age_ms(store) == SP_REPLICA_NEVER);
	complete(SP_REPLICA_CREDENTIALS);
	assert_true(sp_replica_store_age_ms(store) < 5000);
}

static void its_age_counts_from_the_older_contact_and_outlives_a_restart(void **state)
{
	(void)state;
	assert_true(sink->ops->begin(sink, SP_REPLICA_CREDENTIALS));
	assert_true(sink->ops->complete(sink));
	commit();
	sink->ops->contact(sink, SP_REPLICA_CREDENTIALS, sp_now_ms() - 60000);
	complete(SP_REPLICA_OWNERS);
	int64_t age = sp_replica_store_age_ms(store);
	assert_true(age >= 60000 && age < 65000);
	reopen();
	age = sp_replica_store_age_ms(store);
	assert_true(age >= 60000 && age < 67000);
	/* a contact of the past is none */
	sink->ops->contact(sink, SP_REPLICA_CREDENTIALS, sp_now_ms() - 90000);
	assert_true(sp_replica_store_age_ms(store) < 67000);
}

static bool is_about(int64_t age_ms, int64_t seconds)
{
	return age_ms >= seconds * 1000 && age_ms < (seconds + 10) * 1000;
}

static void a_machine_that_slept_makes_it_no_younger(void **state)
{
	(void)state;
	complete(SP_REPLICA_OWNERS);
	complete(SP_REPLICA_CREDENTIALS);
	clock_set_s = 3600; /* and the monotonic clock stood still */
	assert_true(is_about(sp_replica_store_age_ms(store), 3600));
	reopen();
	assert_true(is_about(sp_replica_store_age_ms(store), 3600));
	sink->ops->contact(sink, SP_REPLICA_OWNERS, sp_now_ms());
	assert_true(is_about(sp_replica_store_age_ms(store), 3600));
	sink->ops->contact(sink, SP_REPLICA_CREDENTIALS, sp_now_ms());
	assert_true(is_about(sp_replica_store_age_ms(store), 0));
}

static void a_clock_that_was_set_back_makes_it_no_younger(void **state)
{
	(void)state;
	complete(SP_REPLICA_OWNERS);
	complete(SP_REPLICA_CREDENTIALS);
	clock_set_s = -3600;
	assert_true(is_about(sp_replica_store_age_ms(store), 0));
	reopen();
	assert_true(is_about(sp_replica_store_age_ms(store), 0));
	sp_replica_store_close(&store);
	clock_set_s = -7200; /* while it was stopped: nobody knows for how long it was */
	open_store(MAP_SIZE);
	assert_true(sp_replica_store_age_ms(store) == SP_REPLICA_NEVER);
}

static void entries_and_cookies_outlive_a_restart(void **state)
{
	struct berval cookie = {8, (char *)(uintptr_t) "rid=1\0,x"}, kept;

	(void)state;
	assert_true(sink->ops->get_cookie(sink, SP_REPLICA_OWNERS, &kept));
	assert_int_equal(kept.bv_len, 0);
	begin();
	put_well(1, "alice");
	assert_true(sink->ops->set_cookie(sink, &cookie));
	commit();
	reopen();
	assert_int_equal(found("alice"), 1);
	assert_int_equal(sp_replica_store_count(store, SP_REPLICA_OWNERS), 1);
	assert_true(sink->ops->get_cookie(sink, SP_REPLICA_OWNERS, &kept));
	assert_int_equal(kept.bv_len, cookie.bv_len);
	assert_memory_equal(kept.bv_val, cookie.bv_val, cookie.bv_len);
	free(kept.bv_val);
	assert_true(sink->ops->get_cookie(sink, SP_REPLICA_CREDENTIALS, &kept));
	assert_int_equal(kept.bv_len, 0);
	begin();
	assert_true(sink->ops->set_cookie(sink, &(struct berval){0, NULL}));
	commit();
	assert_true(sink->ops->get_cookie(sink, SP_REPLICA_OWNERS, &kept));
	assert_int_equal(kept.bv_len, 0);
}

static void make_whole(void)
{
	begin();
	put_well(1, "alice");
	commit();
	complete(SP_REPLICA_OWNERS);
	complete(SP_REPLICA_CREDENTIALS);
	assert_true(sp_replica_store_age_ms(store) != SP_REPLICA_NEVER);
}

static void assert_empty(void)
{
	struct berval cookie;

	assert_true(sp_replica_store_age_ms(store) == SP_REPLICA_NEVER);
	assert_int_equal(found("alice"), 0);
	assert_int_equal(sp_replica_store_count(store, SP_REPLICA_OWNERS), 0);
	assert_true(sink->ops->get_cookie(sink, SP_REPLICA_OWNERS, &cookie));
	assert_int_equal(cookie.bv_len, 0);
}

static void what_was_stored_under_other_settings_is_thrown_away(void **state)
{
	(void)state;
	make_whole();
	sp_replica_store_close(&store);
	sp_replica_scope_free(&scope);
	sp_ldap_site_free(&site);
	make_scope("ou=people,dc=example,dc=org");
	open_store(MAP_SIZE);
	assert_empty();
}

static void overwrite(off_t at, off_t length)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	for (off_t i = at; i < at + length; i++)
		assert_int_equal(pwrite(fd, "x", 1, i), 1);
	close(fd);
}

static void a_damaged_file_is_thrown_away(void **state)
{
	(void)state;
	make_whole();
	sp_replica_store_close(&store);
	assert_int_equal(truncate(path, 3 * 4096), 0);
	open_store(MAP_SIZE);
	assert_empty();
	make_whole();
	sp_replica_store_close(&store);
	overwrite(0, 2 * 4096);
	open_store(MAP_SIZE);
	assert_empty();
}

static void the_file_is_its_owners_alone(void **state)
{
	struct stat status;

	(void)state;
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_int_equal(stat(lock_path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
}

static void a_full_file_takes_nothing_new_and_goes_on_serving(void **state)
{
	enum sp_replica_change change;
	char name[80];
	bool ok = true;

	(void)state;
	sp_replica_store_close(&store);
	unlink(path);
	open_store((size_t)256 << 10);
	make_whole();
	begin();
	for (unsigned i = 10; ok && i < 100000; i++) {
		snprintf(name, sizeof(name), "%060u", i);
		ok = put_person(i, name, &change);
	}
	assert_false(ok);
	sink->ops->abort(sink);
	assert_int_equal(found("alice"), 1);
	assert_true(sp_replica_store_age_ms(store) != SP_REPLICA_NEVER);
	begin();
	put_well(2, "bob");
	commit();
	assert_int_equal(found("bob"), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_batch_is_seen_when_it_is_committed_and_not_before),
	    TEST(what_changes_is_found_by_what_it_is_now_alone),
	    TEST(what_is_dropped_is_gone),
	    TEST(a_refresh_serves_the_old_until_it_is_complete_and_leaves_what_was_not_named),
	    TEST(it_has_no_age_until_both_contents_are_whole_and_in_contact),
	    TEST(its_age_counts_from_the_older_contact_and_outlives_a_restart),
	    TEST(a_machine_that_slept_makes_it_no_younger),
	    TEST(a_clock_that_was_set_back_makes_it_no_younger),
	    TEST(entries_and_cookies_outlive_a_restart),
	    TEST(what_was_stored_under_other_settings_is_thrown_away),
	    TEST(a_damaged_file_is_thrown_away),
	    TEST(the_file_is_its_owners_alone),
	    TEST(a_full_file_takes_nothing_new_and_goes_on_serving),
	};

	sp_ldap_isolate();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
