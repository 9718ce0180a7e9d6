/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * people - a directory of many owners with app passwords, as LDIF, and the logins to try
 *
 * Only the first credential of a few owners, spread over all, has a hash of a password
 * that exists: a true hash costs what a login costs. All others are well formed and of
 * nothing, and no load ever asks for them.
 *
 * An owner's own password, for servers that know one password each, is the symbols of
 * that app password that are hashed. So one hash is true for both.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "lib/base/number.h"
#include "lib/password/app_password.h"
#include "lib/password/argon2_slot.h"

#define ID_BITS    40
#define SUFFIX     "dc=example,dc=org"
#define MEMORY_KIB 19456

/* Files of logins, by what a server should say to them. */
enum list { RIGHT, WRONG, UNKNOWN, OWN_RIGHT, OWN_WRONG, LISTS };
static const char *const list_names[LISTS] = {
    "right", "wrong", "unknown", "own-right", "own-wrong"};

struct people {
	uint64_t owners;
	uint64_t each;  /* credentials of an owner */
	uint64_t known; /* owners whose first credential's password is known */
	uint64_t made;  /* credentials so far */
	struct sp_argon2_slot *slot;
	FILE *lists[LISTS];
};

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "people: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* A new app password whose id is one of no other number: the numbers are scattered
 * over all ids by an odd factor. */
static void make_password(uint64_t number, struct sp_app_password *password_r)
{
	static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";
	uint64_t id = number * UINT64_C(0x9e3779b97f4a7c15) & ((UINT64_C(1) << ID_BITS) - 1);

	if (!sp_app_password_generate(SP_FORM_STANDARD, password_r))
		die("getrandom");
	for (int i = 0; i < SP_ID_MAX; i++, id >>= 5)
		password_r->id[i] = password_r->secret.bytes[i] = alphabet[id & 31];
}

static void true_hash(
    const struct people *people, const struct sp_secret *secret, char text_r[SP_PHC_TEXT_MAX])
{
	const struct sp_argon2_cost cost = {.memory_kib = MEMORY_KIB, .passes = 2, .lanes = 1};

	if (!sp_argon2_hash(people->slot, &cost, secret, text_r))
		die("Argon2");
}

static void hash_of_nothing(char text_r[SP_PHC_TEXT_MAX])
{
	struct sp_phc phc = {.type = SP_ARGON2ID,
	    .version = 0x13,
	    .cost = {.memory_kib = MEMORY_KIB, .passes = 2, .lanes = 1},
	    .salt_length = 16,
	    .tag_length = 32};

	if (getrandom(phc.salt, phc.salt_length, 0) < 0 ||
	    getrandom(phc.tag, phc.tag_length, 0) < 0 ||
	    !sp_phc_print(&phc, text_r, SP_PHC_TEXT_MAX))
		die("getrandom");
}

/* Dovecot and slapd name the same hash differently, so an owner has it twice. */
static void print_owner(uint64_t owner, const char *hash)
{
	printf("dn: uid=u%07" PRIu64 ",ou=people," SUFFIX "\nobjectClass: inetOrgPerson\n"
	       "uid: u%07" PRIu64 "\ncn: Owner %" PRIu64 "\nsn: Owner\n"
	       "mail: u%07" PRIu64 "@example.org\nuserPassword: {ARGON2}%s\n"
	       "description: {ARGON2ID}%s\n\n",
	    owner, owner, owner, owner, hash, hash);
}

static void print_credential(uint64_t owner, const char *id, const char *hash)
{
	printf("dn: sendpassId=%s,ou=sendpass," SUFFIX "\nobjectClass: sendpassCredential\n"
	       "sendpassId: %s\nsendpassLabel: device of %" PRIu64 "\n"
	       "owner: uid=u%07" PRIu64 ",ou=people," SUFFIX "\nsendpassHash: %s\n\n",
	    id, id, owner, owner, hash);
}

/* Addresses differ for each owner, as clients' do. */
static void print_login(FILE *list, uint64_t owner, const char *password)
{
	fprintf(list, "u%07" PRIu64 "\t%s\t10.%u.%u.%u\n", owner, password,
	    (unsigned)(owner >> 16 & 255), (unsigned)(owner >> 8 & 255), (unsigned)(owner & 255));
}

static void print_whole(FILE *list, uint64_t owner, const struct sp_app_password *password)
{
	struct sp_secret text = {0};

	sp_app_password_print(password, &text);
	print_login(list, owner, text.bytes);
}

/* What is tried with this owner's login: the password itself, the same id with another
 * secret, and an id that nobody has. */
static void print_logins(
    const struct people *people, uint64_t owner, const struct sp_app_password *password)
{
	struct sp_app_password other;

	print_whole(people->lists[RIGHT], owner, password);
	print_login(people->lists[OWN_RIGHT], owner, password->secret.bytes);
	make_password(people->owners * people->each + owner, &other);
	print_whole(people->lists[UNKNOWN], owner, &other);
	memcpy(other.id, password->id, SP_ID_MAX);
	memcpy(other.secret.bytes, password->id, SP_ID_MAX);
	print_whole(people->lists[WRONG], owner, &other);
	print_login(people->lists[OWN_WRONG], owner, other.secret.bytes);
}

static void make_owner(struct people *people, uint64_t owner, bool known)
{
	struct sp_app_password password;
	char hash[SP_PHC_TEXT_MAX];

	for (uint64_t i = 0; i < people->each; i++) {
		make_password(people->made++, &password);
		if (known && i == 0) {
			true_hash(people, &password.secret, hash);
			print_logins(people, owner, &password);
		} else
			hash_of_nothing(hash);
		if (i == 0)
			print_owner(owner, hash);
		print_credential(owner, password.id, hash);
	}
}

static void open_lists(struct people *people, const char *directory)
{
	char path[4096];

	for (int i = 0; i < LISTS; i++) {
		snprintf(path, sizeof(path), "%s/%s", directory, list_names[i]);
		people->lists[i] = fopen(path, "we");
		if (people->lists[i] == NULL)
			die(path);
	}
}

int main(int argc, char **argv)
{
	struct people people = {0};

	if (argc != 5 || !sp_parse_number(argv[1], 1, 9999999, &people.owners) ||
	    !sp_parse_number(argv[2], 1, 100000, &people.each) ||
	    !sp_parse_number(argv[3], 1, people.owners, &people.known)) {
		fputs("usage: people OWNERS CREDENTIALS-EACH KNOWN-OWNERS DIRECTORY\n"
		      "Prints LDIF, and writes files of logins to DIRECTORY.\n",
		    stderr);
		return 2;
	}
	open_lists(&people, argv[4]);
	people.slot = sp_argon2_slot_new(MEMORY_KIB);
	if (people.slot == NULL)
		die("Argon2");
	uint64_t made_known = 0;
	for (uint64_t owner = 0; owner < people.owners; owner++) {
		bool known =
		    made_known < people.known && owner >= made_known * people.owners / people.known;
		make_owner(&people, owner, known);
		made_known += known;
	}
	sp_argon2_slot_free(&people.slot);
	for (int i = 0; i < LISTS; i++) {
		if (fclose(people.lists[i]) != 0)
			die(list_names[i]);
	}
	if (fflush(stdout) != 0)
		die("stdout");
	return 0;
}
