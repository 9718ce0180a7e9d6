/* SPDX-License-Identifier: BSD-2-Clause */
/* verbs.c - the table of verbs, and the help that comes from it */
#include <stdio.h>
#include <string.h>

#include "tool/verb.h"

#define RESTRICTIONS_HELP                                                                          \
	"Restrictions, where and how it may be used; all but the last may be repeated:\n"          \
	"  --service NAME  for this service of the mail server alone, such as smtp\n"              \
	"  --network CIDR  from this address or network alone, such as 192.0.2.0/24\n"             \
	"  --sender ADDR   as this envelope sender alone: an address, @domain, @.domain for\n"     \
	"                  subdomains, * or <>; without it, as its owner's addresses\n"            \
	"  --rate RATE     as many messages as 100/1h, or recipients as recipients=500/1d\n"       \
	"  --require-tls   under TLS alone, where the mail server tells\n"

#define LOG_HELP                                                                                   \
	"The log is the systemd journal of this host, unless one of these is given:\n"             \
	"  --log FILE      a log file, or - for standard input; may be repeated\n"                 \
	"  --journal-directory DIR  the journal in DIR, as journalctl --directory has it\n"

static const struct sp_verb verbs[] = {
    {"issue", "LOGIN --label TEXT [--expires WHEN] [RESTRICTION]... [OPTION]...",
	"make an app password and print it, once",
	"  --label TEXT    what it is for: \"2nd floor printer\"\n"
	"  --expires WHEN  a time from now such as 90d, or the day YYYY-MM-DD at whose start\n"
	"                  it ends; without it, as [issue] says\n"
	"  --compact       16 symbols instead of 28, for devices with short fields\n"
	"  --format NAME   text: the password alone, as without it; sheet: all that its owner\n"
	"                  sets up; qr: the password as a QR code; thunderbird: a QR code for\n"
	"                  Thunderbird on Android; mobileconfig: a profile for Apple's devices;\n"
	"                  json: as --json\n"
	"  --login NAME    a login name of its own, beside its owner's; may be "
	"repeated\n" RESTRICTIONS_HELP,
	sp_verb_issue},
    {"list", "[LOGIN] [OPTION]...", "list app passwords: all, or those that options choose",
	"All that is given must hold:\n"
	"  --owner LOGIN   the owner's, as LOGIN alone\n"
	"  --department NAME  the department's own, and those of its people\n"
	"  --label TEXT    with TEXT in their label, in either case\n"
	"  --state STATE   active, revoked, suspended, expired, not_yet_valid or unusable\n"
	"  --unused-since DAY  last used, or made if they never were, before YYYY-MM-DD\n"
	"  --unused-for TIME   the same, longer ago than a time such as 90d\n"
	"  --never-used    of which no use is recorded\n"
	"  --expiring-within TIME  that end by themselves in a time such as 30d\n",
	sp_verb_list},
    {"show", "ID", "show one app password, without its hash", "", sp_verb_show},
    {"restrict", "ID RESTRICTION...", "change where, how and until when one may be used",
	"What is given replaces what was there, as a whole; the rest stays.\n"
	"  --expires WHEN  as issue has it, or never\n"
	"  --login NAME    a login name of its own, beside its owner's; may be "
	"repeated\n" RESTRICTIONS_HELP
	"  --no-login, --no-service, --no-network, --no-sender, --no-rate, --no-require-tls\n"
	"                  lift what was there\n",
	sp_verb_restrict},
    {"label", "ID TEXT", "say anew what one is for", "", sp_verb_label},
    {"suspend", "ID", "refuse one until it is resumed", "", sp_verb_suspend},
    {"resume", "ID", "let one be used that was suspended", "", sp_verb_resume},
    {"revoke", "ID | SELECTION... [--reason TEXT] [--yes]", "end app passwords for good",
	"  --reason TEXT   why, for the directory\n"
	"Instead of ID, all of which all that is given holds, after a question:\n"
	"  --owner LOGIN   the owner's\n"
	"  --everything-of DEPARTMENT  its own, and those of its people\n"
	"  --unused-for TIME  active, and last used, or made if they never were, longer ago\n"
	"                  than a time such as 180d\n"
	"  --yes           do not ask\n",
	sp_verb_revoke},
    {"rotate", "ID | --due [OPTION]...", "make a new one in place of an old one",
	"  --overlap TIME  for how long the old one works beside it: 7d, or 0d for not at all\n"
	"  --format NAME   for ID: as issue has it\n"
	"  --due           all that are older than [issue] rotate_after, after a question\n"
	"  --owner LOGIN   of these, the owner's\n"
	"  --department NAME  of these, the department's and its people's\n"
	"  --yes           do not ask\n",
	sp_verb_rotate},
    {"purge", "OPTION...", "delete what ended long ago or belongs to nobody any more",
	"All of which any of these holds, after a question:\n"
	"  --revoked-for TIME  revoked longer ago than a time such as 90d\n"
	"  --expired-for TIME  ended by itself longer ago than that\n"
	"  --orphans       whose owner's entry certainly does not exist\n"
	"  --yes           do not ask\n",
	sp_verb_purge},
    {"import", "--from FORMAT [--label TEXT] [--dry-run] FILE",
	"take over the Argon2 hashes of another system",
	"  --from FORMAT   what FILE is: dovecot-passwd, csv, ldif or mailcow\n"
	"  --label TEXT    of those that have none; \"imported\" without it\n"
	"  --dry-run       change nothing, and tell what would be imported\n"
	"\n"
	"FILE is - for standard input. One line for each password in it: where it stands,\n"
	"its login, and the id it got or why it was not taken. sendpassd tries imported\n"
	"ones as long as [policy] max_imported says so.\n",
	sp_verb_import},
    {"whoami", "", "tell who is bound to which server, and how much that shows", "",
	sp_verb_whoami},
    {"report", "[--log FILE]... [--legacy] [--format text|json|html]",
	"tell what there is, what is due, and who is refused",
	"  --log FILE      sendpassd's log, a file or - for standard input, as syslog or\n"
	"                  journalctl has it; may be repeated\n"
	"  --legacy        who logs in with a mailbox password, and no more\n"
	"  --format NAME   text: as without it; html: a page with plots; json: as --json\n",
	sp_verb_report},
    {"watch", "[FILTER]... [OPTION]...", "show the log as it is written",
	"Of the log's events those of which all that is given holds:\n"
	"  --event NAME    auth, policy, header or another event\n"
	"  --result RESULT granted, denied, unavailable or warned\n"
	"  --reason REASON such as bad_secret or revoked\n"
	"  --id ID         of this app password\n"
	"  --login LOGIN   with this login, in either case\n"
	"  --owner OWNER   of this owner: the DN, or the name that it begins with\n"
	"\n" LOG_HELP
	"  --since WHEN    those from then on, too: a time ago such as 1h, or the day\n"
	"                  YYYY-MM-DD at whose start in UTC they begin\n"
	"\n"
	"It ends with an interrupt, and at the end of standard input.\n",
	sp_verb_watch},
    {"trace", "QUEUE-ID | MESSAGE-ID [OPTION]...",
	"tell with which app password a message was sent",
	LOG_HELP
	"  --since WHEN    read from there on alone: a time ago such as 7d, or the day\n"
	"                  YYYY-MM-DD at whose start in UTC it begins\n"
	"\n"
	"The log must hold the lines of sendpassd and, for a Message-ID, of the mail server.\n",
	sp_verb_trace},
    {"verify", "LOGIN [--socket PATH] [--service NAME]", "ask sendpassd about a password",
	"  --socket PATH   sendpassd's auth door, instead of [admin] verify_socket\n"
	"  --service NAME  the service to ask as; smtp without it\n"
	"\n"
	"The password is asked for, or is the first line of standard input.\n",
	sp_verb_verify},
    {"doctor", "[--login LOGIN] [--postfix-config DIR] [--exim-config FILE]",
	"look for what is wrong on the way from the configuration to SMTP",
	"  --login LOGIN         try this login, too, with a password that is asked for or is\n"
	"                        the first line of standard input\n"
	"  --postfix-config DIR  look at the Postfix that is configured in DIR\n"
	"  --exim-config FILE    look at the Exim that is configured by FILE\n"
	"\n"
	"It changes nothing, and sees most as root.\n",
	sp_verb_doctor},
    {"tune", "[--target TIME] [--memory-max KIB] [--slots N]",
	"propose what a hash may cost on this machine",
	"  --target TIME   what one hash may take, such as 50ms, which it is without it\n"
	"  --memory-max KIB  what one hash may have of memory; [argon2] max_memory without it\n"
	"  --slots N       how many are computed at a time; [daemon] argon2_slots without it\n"
	"\n"
	"It measures, and prints lines for sendpass.conf; best while the machine is idle.\n",
	sp_verb_tune},
    {"schema", "--format openldap|ldif|389ds", "print the directory schema",
	"  --format NAME   openldap: for slapd.conf; ldif: for cn=config; 389ds: for 389\n"
	"                  Directory Server\n",
	sp_verb_schema},
};
#define VERB_COUNT (sizeof(verbs) / sizeof(verbs[0]))

static const char exit_help[] =
    "\n"
    "Exit status:\n"
    "  0  done; verify: granted; doctor: no error, perhaps warnings\n"
    "  1  verify: denied; doctor: an error; trace: not found; no such owner or app password, or\n"
    "     not exactly one\n"
    "  2  the command line is wrong\n"
    "  3  the directory or sendpassd cannot be reached\n"
    "  4  the directory, or [issue] of the configuration, does not permit it\n"
    "  5  anything else: configuration, output\n";

void sp_verbs_help(void)
{
	for (size_t i = 0; i < VERB_COUNT; i++)
		printf("  %-18s %s\n", verbs[i].name, verbs[i].summary);
	fputs(exit_help, stdout);
}

void sp_verb_help(const struct sp_verb *verb)
{
	printf("usage: sendpass [OPTIONS] %s%s%s [--json]\n\n%s.\n\n", verb->name,
	    verb->synopsis[0] != '\0' ? " " : "", verb->synopsis, verb->summary);
	fputs(verb->options, stdout);
	fputs("  --json          print JSON\n", stdout);
	fputs(exit_help, stdout);
}

const struct sp_verb *sp_verb_find(const char *name)
{
	for (size_t i = 0; i < VERB_COUNT; i++) {
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	}
	return NULL;
}
