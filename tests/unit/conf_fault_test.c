/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/conf/conf.h"
#include "tests/unit/try_file.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define BYTES(text)  .bytes = (text), .length = sizeof(text) - 1

#define LONG_100                                                                                   \
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"                                       \
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static const struct {
	const char *name;
	const char *bytes;
	size_t length;
	const char *why; /* behind the path; one that ends in * is a beginning */
} bad_files[] = {
    {"unknown key", BYTES("[ldap]\nurl = ldapi:///\n"), ":2: unknown setting [ldap] url"},
    {"key of another section", BYTES("[log]\nuri = ldapi:///\n"), ":2: unknown setting [log] uri"},
    {"unknown section", BYTES("\n\n[dap]\nuri = x\n"), ":4: unknown setting [dap] uri"},
    {"no section", BYTES("uri = x\n"), ":1: unknown setting [] uri"},
    {"key in upper case", BYTES("[ldap]\nURI = x\n"), ":2: unknown setting [ldap] URI"},
    {"given twice", BYTES("[ldap]\nbind_dn = a\nbind_dn = a\n"),
	":3: [ldap] bind_dn is given twice"},
    {"given twice in two sections", BYTES("[ldap]\nbind_dn = a\n[ldap]\nbind_dn = b\n"),
	":4: [ldap] bind_dn is given twice"},
    {"a text on two lines", BYTES("[ldap]\nbind_dn = a\n  b\n"),
	":3: [ldap] bind_dn is given twice"},
    {"no equals sign", BYTES("[ldap]\nstarttls\n"), ":2: neither [section] nor key = value"},
    {"section without its end", BYTES("[ldap\nstarttls = no\n"),
	":1: neither [section] nor key = value"},
    {"the first fault is told", BYTES("[ldap]\nnonsense\nurl = x\n"),
	":2: neither [section] nor key = value"},
    {"an empty item", BYTES("[ldap]\nuri =\n"), ":2: [ldap] uri must not be empty"},
    {"a relative path", BYTES("[ldap]\ntls_ca_file = ca.pem\n"),
	":2: [ldap] tls_ca_file must be an absolute path"},
    {"no word of those", BYTES("[ldap]\nplaintext = yes\n"),
	":2: [ldap] plaintext must be one of refuse|insecure"},
    {"the beginning of a word", BYTES("[ldap]\nplaintext = ref\n"),
	":2: [ldap] plaintext must be one of refuse|insecure"},
    {"two words", BYTES("[ldap]\nplaintext = refuse|insecure\n"),
	":2: [ldap] plaintext must be one of refuse|insecure"},
    {"no word at all", BYTES("[ldap]\nplaintext =\n"),
	":2: [ldap] plaintext must be one of refuse|insecure"},
    {"a switch in other words", BYTES("[ldap]\nstarttls = true\n"),
	":2: [ldap] starttls must be yes or no"},
    {"a switch in upper case", BYTES("[ldap]\nstarttls = Yes\n"),
	":2: [ldap] starttls must be yes or no"},
    {"a number below", BYTES("[argon2]\nmemory = 7\n"),
	":2: [argon2] memory must be a number from 8 to 4194304"},
    {"a number above", BYTES("[argon2]\nmemory = 4194305\n"),
	":2: [argon2] memory must be a number from 8 to 4194304"},
    {"a number with a unit", BYTES("[argon2]\nmemory = 64M\n"),
	":2: [argon2] memory must be a number from 8 to 4194304"},
    {"a duration without a unit", BYTES("[ldap]\ntimeout = 2\n"),
	":2: [ldap] timeout must be a duration with its unit (ms, s, m, h, d, w) from 50ms to 1m"},
    {"a duration below", BYTES("[ldap]\ntimeout = 49ms\n"),
	":2: [ldap] timeout must be a duration with its unit (ms, s, m, h, d, w) from 50ms to 1m"},
    {"a duration above", BYTES("[ldap]\ntimeout = 61s\n"),
	":2: [ldap] timeout must be a duration with its unit (ms, s, m, h, d, w) from 50ms to 1m"},
    {"a door without a group", BYTES("[daemon]\nauth = /a 0600 root\n"),
	":2: [daemon] auth must be PATH MODE OWNER GROUP*"},
    {"a door with a relative path", BYTES("[daemon]\nauth = a 0600 root root\n"),
	":2: [daemon] auth must be PATH MODE OWNER GROUP*"},
    {"a door with a mode that is none", BYTES("[daemon]\nauth = /a rw root root\n"),
	":2: [daemon] auth must be PATH MODE OWNER GROUP*"},
    {"a door with a sticky mode", BYTES("[daemon]\nauth = /a 1600 root root\n"),
	":2: [daemon] auth must be PATH MODE OWNER GROUP*"},
    {"a door with mode 8", BYTES("[daemon]\nauth = /a 0680 root root\n"),
	":2: [daemon] auth must be PATH MODE OWNER GROUP*"},
    {"a door too long for a socket",
	BYTES("[daemon]\nauth = /" LONG_100 "xxxxxxx 0600 root root\n"),
	":2: [daemon] auth has a path that is too long for a socket"},
    {"passwords on TCP", BYTES("[daemon]\nauth = inet:127.0.0.1:10031\n"),
	":2: [daemon] auth must be a unix socket and not inet: TCP does not tell who asks*"},
    {"saslauthd's passwords on TCP", BYTES("[daemon]\nsaslauthd = inet:[::1]:10031\n"),
	":2: [daemon] saslauthd must be a unix socket and not inet: TCP does not tell who asks*"},
    {"a milter on TCP", BYTES("[milter]\nsocket = inet:127.0.0.1:10031\n"),
	":2: [milter] socket must be a unix socket and not inet: TCP does not tell who asks*"},
    {"a door on every address", BYTES("[daemon]\npolicy = inet:0.0.0.0:10031\n"),
	":2: [daemon] policy inet:0.0.0.0:10031 must be on loopback, as whoever can connect *"},
    {"a door with a mode and a port", BYTES("[daemon]\npolicy = inet:[::1]:10031 0660 root root\n"),
	":2: [daemon] policy has words behind inet:ADDRESS:PORT*"},
    {"a door that is neither", BYTES("[daemon]\npolicy = 127.0.0.1:10031\n"),
	":2: [daemon] policy must be PATH MODE OWNER GROUP *"},
    {"a line too long", BYTES("[ldap]\nbind_dn = " LONG_100 LONG_100 "\n"),
	":2: the line is longer than *"},
    {"a comment too long", BYTES("# " LONG_100 LONG_100 "\n"), ":1: the line is longer than *"},
    {"NUL in a value", BYTES("[ldap]\nbind_dn = a\0b\n"), ":2: the line holds a NUL byte"},
    {"NUL first", BYTES("[ldap]\n\0starttls = no\n"), ":2: the line holds a NUL byte"},
    {"CR in a key", BYTES("[ldap]\nur\rl = x\n"), ":2: the line holds a control character"},
    {"CR in a section", BYTES("[ld\rap]\n"), ":1: the line holds a control character"},
    {"an escape sequence", BYTES("[ldap]\n\033[2Jurl = x\n"),
	":2: the line holds a control character"},
    {"DEL in a value", BYTES("[ldap]\nbind_dn = a\x7f\n"),
	":2: the line holds a control character"},
    {"NUL in the last line", BYTES("[ldap]\nbind_dn = a\0b"), ":2: the line holds a NUL byte"},
    {"memory over its cap", BYTES("[argon2]\nmemory = 65537\n"),
	": [argon2] memory is over max_memory"},
    {"passes over their cap", BYTES("[argon2]\npasses = 11\n"),
	": [argon2] passes is over max_passes"},
    {"a socketmap door without an attribute for addresses",
	BYTES("[directory]\nowner_mail_attribute =\n[daemon]\nsocketmap = /s 0600 root root\n"),
	": [daemon] socketmap needs [directory] owner_mail_attribute"},
    {"lanes over their cap", BYTES("[argon2]\nlanes = 5\n"), ": [argon2] lanes is over max_lanes"},
    {"a header with a colon", BYTES("[policy]\nid_header = X-Id:\n"),
	": [policy] id_header must be the name of a header, without a colon, or empty"},
    {"a header of two words", BYTES("[policy]\nid_header = X Id\n"),
	": [policy] id_header must be the name of a header, without a colon, or empty"},
    {"a header that is too long",
	BYTES("[policy]\nid_header = "
	      "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n"),
	": [policy] id_header must be the name of a header, without a colon, or empty"},
    {"a header beyond ASCII", BYTES("[policy]\nid_header = X-\xc3\xa4\n"),
	": [policy] id_header must be the name of a header, without a colon, or empty"},
    {"the milter's header with a colon", BYTES("[milter]\nid_header = X-Id:\n"),
	": [milter] id_header must be the name of a header, without a colon, or empty"},
    {"a fixed login and no policy door", BYTES("[policy]\nfixed_login = apikey\n"),
	": [policy] fixed_login needs a policy door, which tells its users apart: set [daemon] "
	"policy"},
    {"more lanes than the memory is for", BYTES("[argon2]\nmemory = 15\nlanes = 2\n"),
	": [argon2] memory is less than 8 times lanes"},
    {"a least life over the most", BYTES("[issue]\nmin_life = 2d\nmax_life = 1d\n"),
	": [issue] min_life is over max_life"},
    {"a life by default over the most", BYTES("[issue]\ndefault_life = 366d\nmax_life = 365d\n"),
	": [issue] default_life is over max_life"},
    {"a life by default under the least", BYTES("[issue]\ndefault_life = 1d\nmin_life = 2d\n"),
	": [issue] default_life is under min_life"},
    {"a sender by default that is none", BYTES("[issue]\ndefault_sender = example.org\n"),
	": [issue] default_sender must be addresses, @domain, @.domain for subdomains, * or <>"},
    {"a service by default that is too long",
	BYTES("[issue]\ndefault_service = "
	      "0123456789012345678901234567890123456789012345678901234567890123x\n"),
	": [issue] default_service must be UTF-8 of at most 64 bytes"},
    {"an empty value behind another one",
	BYTES("[issue]\ndefault_service = smtp\ndefault_service =\n"),
	":3: [issue] default_service must not be empty"},
    {"a server with a comment", BYTES("[handover]\nsmtp_server = smtp.example.org # ours\n"),
	": [handover] smtp_server must be the name of a host, in ASCII"},
    {"a server that is not ASCII", BYTES("[handover]\nimap_server = b\xc3\xbcro.example\n"),
	": [handover] imap_server must be the name of a host, in ASCII"},
    {"no attribute for the login", BYTES("[handover]\nlogin_attribute =\n"),
	": [handover] login_attribute must not be empty"},
    {"a list that needs something", BYTES("[ldap]\nuri =\n"), ":2: [ldap] uri must not be empty"},
};

static void assert_why(const char *why, const char *expected)
{
	size_t length = strlen(expected);

	assert_memory_equal(why, try_path, strlen(try_path));
	why += strlen(try_path);
	if (length > 0 && expected[length - 1] == '*')
		assert_memory_equal(why, expected, length - 1);
	else
		assert_string_equal(why, expected);
}

static void what_is_wrong_is_told_with_file_and_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad_files); i++) {
		struct sp_conf *conf = (struct sp_conf *)&conf;
		char why[SP_CONF_WHY_MAX];

		print_message("  %s\n", bad_files[i].name);
		try_file_write(bad_files[i].bytes, bad_files[i].length, 0644);
		assert_false(sp_conf_read(try_path, &conf, why));
		assert_null(conf);
		assert_why(why, bad_files[i].why);
	}
}

static void a_file_that_cannot_be_opened_safely_is_not_read(void **state)
{
	struct sp_conf *conf;
	char why[SP_CONF_WHY_MAX];

	(void)state;
	try_file_write("", 0, 0664);
	assert_false(sp_conf_read(try_path, &conf, why));
	assert_why(why, ": group or others can write it: chmod go-w");
	try_file_remove(state);
	assert_false(sp_conf_read(try_path, &conf, why));
	assert_null(conf);
	assert_why(why, ": No such file or directory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_wrong_is_told_with_file_and_line),
	    cmocka_unit_test(a_file_that_cannot_be_opened_safely_is_not_read),
	};

	return cmocka_run_group_tests(tests, try_file_make_directory, try_file_remove_directory);
}
