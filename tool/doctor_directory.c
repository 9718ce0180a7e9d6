/* SPDX-License-Identifier: BSD-2-Clause */
/* doctor_directory.c - what is in the directory: schema, entries, indexes; and its clock */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "schema/schema.h"
#include "tool/doctor.h"

#define CLOCK_WARNING_S 10

/* ---- schema ---- */

static void tell_gap(struct sp_doctor *doctor, const char *what, const char *name)
{
	sp_doctor_tell(doctor, SP_FINDING_ERROR,
	    "the directory does not know %s %s as this version "
	    "has it",
	    what, name);
	sp_doctor_advise(doctor, "load the schema: sendpass schema --format ldif (or openldap, "
				 "389ds), and docs/directory.md");
}

static bool has_class(const struct sp_inspect_schema *schema, const struct sp_schema_class *class)
{
	char oid[128];

	snprintf(oid, sizeof(oid), "%s.2.%u", SP_SCHEMA_ARC, class->number);
	bool ok = sp_inspect_schema_has_class(schema, class->name, oid);
	for (const char *const *name = class->must; *name != NULL && ok; name++)
		ok = sp_inspect_schema_allows(schema, class->name, *name);
	for (const char *const *name = class->may; *name != NULL && ok; name++)
		ok = sp_inspect_schema_allows(schema, class->name, *name);
	return ok;
}

/* The first gap alone: an old schema has many. */
static void compare_schema(struct sp_doctor *doctor, const struct sp_inspect_schema *schema)
{
	char oid[128];

	for (size_t i = 0; i < sp_schema_attribute_count; i++) {
		const struct sp_schema_attribute *attribute = &sp_schema_attributes[i];
		snprintf(oid, sizeof(oid), "%s.1.%u", SP_SCHEMA_ARC, attribute->number);
		if (!sp_inspect_schema_has_attribute(schema, attribute->name, oid)) {
			tell_gap(doctor, "the attribute", attribute->name);
			return;
		}
	}
	for (size_t i = 0; i < sp_schema_class_count; i++) {
		if (!has_class(schema, &sp_schema_classes[i])) {
			tell_gap(doctor, "the class", sp_schema_classes[i].name);
			return;
		}
	}
}

static struct sp_inspection *best(struct sp_doctor *doctor)
{
	return doctor->verifier != NULL ? doctor->verifier : doctor->nobody;
}

static void check_schema(struct sp_doctor *doctor)
{
	char why[SP_CONF_WHY_MAX];
	struct sp_inspect_schema *schema = sp_inspect_schema_read(best(doctor), why);

	if (schema == NULL)
		sp_doctor_tell(doctor, SP_FINDING_SKIPPED, "the schema cannot be read: %s", why);
	else
		compare_schema(doctor, schema);
	sp_inspect_schema_free(&schema);
}

/* ---- entries ---- */

static void check_base(struct sp_doctor *doctor, const char *setting, const char *dn)
{
	char why[SP_CONF_WHY_MAX];

	switch (sp_inspect_exists(doctor->verifier, dn, why)) {
	case SP_SIGHT_YES:
		return;
	case SP_SIGHT_NO:
		sp_doctor_tell(doctor, SP_FINDING_ERROR,
		    "%s = %s: there is no such entry, or sendpassd may not know of it", setting,
		    dn);
		sp_doctor_advise(doctor,
		    "correct %s, or add the entry, or let "
		    "[ldap] bind_dn search it",
		    setting);
		return;
	case SP_SIGHT_UNKNOWN:
		break;
	}
	sp_doctor_tell(doctor, SP_FINDING_WARNING, "%s = %s: %s", setting, dn, why);
}

static void check_bases(struct sp_doctor *doctor)
{
	const struct sp_conf *conf = doctor->conf;
	const char *base = conf->directory_credential_base;
	const char *container = conf->directory_credential_container;

	check_base(doctor, "[directory] credential_base", base);
	if (container[0] != '\0' && strcmp(container, base) != 0)
		check_base(doctor, "[directory] credential_container", container);
	if (conf->directory_owner_base[0] != '\0')
		check_base(doctor, "[directory] owner_base", conf->directory_owner_base);
	if (container[0] == '\0' || sp_inspect_is_below(container, base))
		return;
	sp_doctor_tell(doctor, SP_FINDING_ERROR,
	    "[directory] credential_container is not below credential_base: what is issued is "
	    "never found");
	sp_doctor_advise(
	    doctor, "[directory] credential_base = %s, or an entry above it", container);
}

/* ---- what only the server's root can see ---- */

/* cn=config as root of this host, by ldapi://. The caller closes it. */
static struct sp_inspection *open_as_root(const struct sp_doctor *doctor)
{
	const struct sp_admin_identity root = {.bind = SP_BIND_EXTERNAL};
	struct sp_inspection *inspection = NULL;
	char why[SP_CONF_WHY_MAX];
	const struct sp_conf_list *uris = &doctor->conf->ldap_uri;

	for (size_t i = 0; i < uris->count && geteuid() == 0; i++) {
		if (strncmp(uris->items[i], "ldapi://", strlen("ldapi://")) == 0 &&
		    sp_inspect_open(doctor->conf, i, &root, &inspection, why) == SP_ADMIN_OK)
			return inspection;
	}
	return NULL;
}

/* What owner_filter names by default must be fast where it is what it names. */
static bool is_asked_for(const struct sp_conf *conf, const char *attribute)
{
	char term[64];

	if (strcmp(attribute, "uid") != 0 && strcmp(attribute, "mail") != 0)
		return true;
	snprintf(term, sizeof(term), "(%s=%%u)", attribute);
	return strstr(conf->directory_owner_filter, term) != NULL;
}

static void judge_database(struct sp_doctor *doctor, const struct sp_inspect_database *database)
{
	static const char *const wanted[] = {"sendpassId", "sendpassLogin", "owner", "uid", "mail"};

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		if (!is_asked_for(doctor->conf, wanted[i]) ||
		    sp_inspect_index_is_there(database->indexes, wanted[i]))
			continue;
		sp_doctor_tell(doctor, SP_FINDING_WARNING,
		    "%s has no index for equality: each login reads the whole database", wanted[i]);
		sp_doctor_advise(doctor,
		    "olcDbIndex: %s eq, or in slapd.conf index %s eq and slapindex", wanted[i],
		    wanted[i]);
	}
	if (database->checks_adds)
		return;
	sp_doctor_tell(doctor, SP_FINDING_ERROR,
	    "add_content_acl is off: who may add a credential may make anybody its owner");
	sp_doctor_advise(doctor, "olcAddContentAcl: TRUE, or add_content_acl on in slapd.conf");
}

static void check_database(struct sp_doctor *doctor)
{
	struct sp_inspect_database database = {0};
	char why[SP_CONF_WHY_MAX] = "needs root and ldapi:// in [ldap] uri";
	struct sp_inspection *root = open_as_root(doctor);

	if (root != NULL && sp_inspect_database_read(
				root, doctor->conf->directory_credential_base, &database, why)) {
		judge_database(doctor, &database);
	} else {
		sp_doctor_tell(doctor, SP_FINDING_SKIPPED, "cn=config cannot be read: %s", why);
		sp_doctor_advise(doctor,
		    "on the directory server look for index "
		    "sendpassId,sendpassLogin,owner,uid,mail "
		    "eq and add_content_acl on: slapcat -b cn=config, or slapd.conf");
	}
	sp_inspect_database_free(&database);
	sp_inspect_close(&root);
}

static void check_clock(struct sp_doctor *doctor)
{
	time_t theirs;

	if (!sp_inspect_time(best(doctor), &theirs)) {
		sp_doctor_tell(doctor, SP_FINDING_SKIPPED, "the directory does not show its time");
		return;
	}
	int64_t ahead = (int64_t)theirs - (int64_t)time(NULL);
	if (ahead <= CLOCK_WARNING_S && ahead >= -CLOCK_WARNING_S)
		return;
	sp_doctor_tell(doctor, SP_FINDING_WARNING,
	    "the directory's clock is %" PRId64 " s %s this host's: expiries come at another time",
	    ahead > 0 ? ahead : -ahead, ahead > 0 ? "ahead of" : "behind");
	sp_doctor_advise(doctor, "run a time service on both: chrony, or systemd-timesyncd");
}

/* ---- what a replica needs ---- */

#define SEE_REPLICA "see docs/replica.md, \"What the directory server needs\""

static void check_replica(struct sp_doctor *doctor)
{
	struct sp_inspect_replica found;
	char why[SP_CONF_WHY_MAX];

	if (strcmp(doctor->conf->directory_mode, "replica") != 0) {
		sp_doctor_tell(doctor, SP_FINDING_OK, "[directory] mode = live needs nothing more");
		return;
	}
	if (!sp_inspect_replica(doctor->verifier, &found, why)) {
		sp_doctor_tell(doctor, SP_FINDING_ERROR, "%s", why);
		sp_doctor_advise(doctor, SEE_REPLICA ", or [directory] mode = live");
		return;
	}
	if (!found.has_sync) {
		sp_doctor_tell(doctor, SP_FINDING_ERROR, "the server does not offer Content Sync");
		sp_doctor_advise(doctor, "load the overlay syncprov, or 389-DS's plugin Content "
					 "Synchronization: " SEE_REPLICA);
	} else if (!found.shows_csns) {
		sp_doctor_tell(doctor, SP_FINDING_WARNING,
		    "the server does not show contextCSN and entryUUID of its topmost entry: "
		    "everything is fetched at each connection");
		sp_doctor_advise(
		    doctor, "with OpenLDAP, let [ldap] bind_dn read them: " SEE_REPLICA);
	}
	if (!found.shows_all) {
		sp_doctor_tell(doctor, SP_FINDING_ERROR, "%s", why);
		sp_doctor_advise(doctor, "let [ldap] bind_dn read what owner_filter and "
					 "owner_active_filter name: docs/replica.md");
	}
}

static const struct sp_check checks[] = {
    {"schema", "the directory has this version's schema", SP_NEEDS_DIRECTORY, check_schema},
    {"bases", "the entries that [directory] names are there", SP_NEEDS_VERIFIER, check_bases},
    {"database", "the database has its indexes and checks what is added", SP_NEEDS_DIRECTORY,
	check_database},
    {"replica", "a replica can follow the server", SP_NEEDS_VERIFIER, check_replica},
    {"clock", "the directory's clock and this host's agree", SP_NEEDS_DIRECTORY, check_clock},
};

const struct sp_check_list sp_checks_of_directory = {checks, sizeof(checks) / sizeof(checks[0])};
