#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Holds the floors of docs/design.md: which directory may include what. A lower
# floor that reaches up, or a library outside its room, fails; and so does a call
# that nobody may make, or not there.
set -u
cd "${srcdir:-$(dirname "$0")/../..}" || exit 99

failures=0

complain() {
	echo "FAIL: $*"
	failures=$((failures + 1))
}

# floor DIRECTORY ALLOWED...: the directory's files include, of ours, only the
# allowed directories or files, its own, and include/sendpass.
floor() {
	directory=$1
	shift
	for file in "$directory"/*.[ch]; do
		[ -e "$file" ] || continue
		sed -n 's/^#include "\([^"]*\)".*/\1/p' "$file" | while read -r included; do
			ok=no
			for allowed in sendpass/ config.h "$directory/" "$@"; do
				case $included in "$allowed"*) ok=yes ;; esac
			done
			[ $ok = yes ] || echo "$file includes $included"
		done
	done
}

# room HEADER PATTERN: a library's header is included only by files that match.
room() {
	grep -lE "^#include <$1" -r include lib daemon milter plugin pam tool schema |
		grep -vE "^($2)$" | sed "s|\$| includes <$1>, which is not for its room|"
}

found=$(
	floor include/sendpass
	floor lib/base
	floor lib/conf lib/base/
	floor lib/wire lib/base/
	floor lib/client lib/base/ lib/wire/
	floor lib/password lib/base/
	floor lib/store lib/base/
	floor lib/directory lib/base/ lib/conf/ lib/store/
	floor lib/process lib/base/ lib/conf/
	floor lib/policy lib/base/ lib/password/ lib/directory/directory.h lib/directory/credential.h
	floor schema
	floor daemon lib/base/ lib/conf/ lib/wire/ lib/password/ lib/directory/ lib/policy/ \
		lib/process/ lib/store/
	floor milter lib/base/ lib/conf/ lib/wire/ lib/client/ lib/process/
	floor plugin lib/base/ lib/wire/ lib/client/
	floor pam lib/base/ lib/wire/ lib/client/
	floor tool lib/base/ lib/conf/ lib/client/ lib/password/ lib/directory/ schema/
	room 'ldap\.h' 'lib/directory/.*'
	room 'lber\.h' 'lib/directory/.*|tool/import_ldif\.c'
	room 'argon2\.h' 'lib/password/argon2_slot\.c'
	room 'sodium\.h' 'lib/password/(keyed_digest|argon2_speed)\.c'
	room 'ini\.h' 'lib/conf/conf\.c'
	room 'libmilter/' 'milter/(callbacks|server)\.c'
	room 'gmime/' 'milter/header_senders\.c'
	room 'event2/' 'daemon/.*'
	room 'lmdb\.h' 'lib/store/.*|daemon/rate_file\.c|lib/directory/replica_(store|write|meta|reader)\.c|lib/directory/replica_tables\.h'
	room 'gnutls/' 'lib/directory/ldap_certificate\.c'
	room 'jansson\.h' 'tool/(output|report_json)\.c'
	room 'libxml/' 'tool/mobileconfig\.c'
	room 'qrcodegen\.h' 'tool/qr\.c'
	room 'csv\.h' 'tool/import_table\.c'
	room 'ldif\.h' 'tool/import_ldif\.c'
	room 'systemd/' 'tool/journal_input\.c'
	room 'sasl/' 'plugin/.*|lib/directory/ldap_gssapi\.c'
	room 'seccomp\.h' 'lib/process/syscalls\.c'
	room 'security/' 'pam/.*'
)
if [ -n "$found" ]; then
	echo "$found"
	complain 'a floor is broken'
fi

# Whatever is in these: one line for each call, with file and number, and without comments.
lines() {
	grep -nE "$1" -r lib daemon milter plugin pam tool schema | grep -vE '^[^:]*:[0-9]*:\s*(/\*| \*)'
}

# no WHAT PATTERN: nobody calls these.
no() {
	unsafe=$(lines "$2")
	if [ -n "$unsafe" ]; then
		echo "$unsafe"
		complain "$1"
	fi
}

# only FILES WHAT PATTERN: these are called there alone.
only() {
	elsewhere=$(lines "$3" | grep -vE "^($1):")
	if [ -n "$elsewhere" ]; then
		echo "$elsewhere"
		complain "$2"
	fi
}

no 'a call that has no bounds' '\b(strcpy|strcat|sprintf|vsprintf|gets|atoi|atol|strtok)\('
no 'a shell, or a program that is looked for' '\b(system|popen|wordexp|execlp|execvpe?|posix_spawnp)\('
no 'a file whose name can be guessed' '\b(tmpnam|tempnam|mktemp)\('
no 'a descriptor that programs inherit' '\b(pipe|accept|dup|creat|epoll_create)\('
no 'secrets are compared by sp_bytes_equal()' \
	'\b(mem|b|str[a-z]*)cmp\([^;]*(secret|password|tag|digest)\b'
only 'daemon/alert_runner\.c|tool/(run_program|viewpoint)\.c' 'another process' '\b(fork|vfork|posix_spawn)\('
# Name services may ask a directory, which may wait for us: at the start alone, and for people.
only 'lib/process/(peers|privileges)\.c|tool/.*' 'a look-up of users' '\b(getpw|getgr|initgroups)[a-z_]*\('
only 'lib/process/(activation|service_manager)\.c|lib/directory/ldap_site\.c|tool/table\.c' \
	'the environment' '\b(secure_)?getenv\('
only 'lib/process/log_file\.c' 'a file that is made' '\bO_CREAT\b'
inherited=$(lines '\b(socket|socketpair|open|openat|eventfd|pipe2|accept4|fopen)\(' |
	grep -vE 'CLOEXEC|"[rwa]e"|OPEN_FLAGS|^lib/base/standard_fds\.c:')
if [ -n "$inherited" ]; then
	echo "$inherited"
	complain 'a descriptor that programs inherit'
fi

[ "$failures" -eq 0 ] && echo 'the floors hold'
exit "$failures"
