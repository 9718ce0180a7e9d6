#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The built guests, plugin and PAM module: what each shows to its host's process, and
# what it takes from it; and that no daemon brings in what libsystemd does. Run in the build directory, as make check does.
set -u
failed=0
judged=0

# check NAME WANTED FOUND
check() {
	if [ "$2" = "$3" ]; then
		echo "ok $1"
	else
		echo "not ok $1: wanted \"$2\", found \"$3\""
		failed=1
	fi
}

# One line, in one order.
line() {
	LC_ALL=C sort | tr '\n' ' ' | sed 's/ $//'
}

# A guest starts no threads, leaves nothing behind when it is unloaded, looks nobody up,
# and changes nothing of its process. So what it may call is named here: what cannot
# fail; what the fault tests let fail; and what is in lib/base for our own processes.
harmless='__errno_location|__stack_chk_fail|(__)?explicit_bzero(_chk)?|clock_gettime|close'
harmless="$harmless|gete?uid|getpid|gmtime_r|timegm|inet_pton|dladdr"
harmless="$harmless|bcmp|(__)?mem(chr|cmp|cpy|move|set)(_chk)?|(__)?v?snprintf(_chk)?"
harmless="$harmless|str(chr|cmp|cspn|len|ncmp|nlen|rchr|spn|casecmp|ncasecmp)"
tested='socket|fcntl|setsockopt|connect|getsockopt|poll|send|recv'
unused='read|write|(__)?syslog(_chk)?'

# judge MODULE EXPORTS LIBRARIES CALLS: CALLS are those that are its own.
judge() {
	module=$1
	[ -f "$module" ] || return 0
	judged=$((judged + 1))
	echo "$module"
	exports=$(nm -D --defined-only "$module" | awk '{print $3}' | line)
	check only_the_entry_points_are_exported "$2" "$exports"
	# The sanitizers bring libraries and calls of their own.
	if nm -D --undefined-only "$module" | grep -q __asan_; then
		echo 'a sanitizer build: libraries and calls are not judged'
		return 0
	fi
	needed=$(readelf -d "$module" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | line)
	check no_other_library_is_needed "$3" "$needed"
	calls=$(nm -D --undefined-only "$module" | awk '$1 == "U" { print $2 }' | sed 's/@.*//' |
		grep -vxE "$harmless|$tested|$unused|$4" | line)
	check nothing_else_is_called '' "$calls"
}

judge .libs/libsendpass.so sasl_auxprop_plug_init libc.so.6 NONE
judge .libs/pam_sendpass.so \
	'pam_sm_acct_mgmt pam_sm_authenticate pam_sm_chauthtok pam_sm_close_session pam_sm_open_session pam_sm_setcred' \
	'libc.so.6 libpam.so.0' \
	'malloc|free|pam_(get_authtok|get_data|get_item|get_user|set_data|strerror|syslog)'

# libzstd is not among them: Debian 13's OpenSSL, which libsasl2 brings along with libldap, needs it.
for daemon in ./sendpassd ./sendpass-milter; do
	[ -x "$daemon" ] || continue
	check "no_library_of_systemd_is_in_$daemon" '' \
		"$(ldd "$daemon" | awk '/libsystemd|liblzma|liblz4/ { print $1 }' | line)"
done

[ "$judged" -gt 0 ] || exit 77
exit "$failed"
