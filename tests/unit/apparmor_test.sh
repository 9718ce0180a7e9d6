#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# apparmor_test.sh - the AppArmor profiles are valid, and allow what the units and the
# defaults of sendpass.conf(5) name. Run by `make check`; 77 if there is no apparmor_parser.
set -u

srcdir=${srcdir:-.}
profiles=$srcdir/packaging/apparmor
PATH=$PATH:/usr/sbin:/sbin
command -v apparmor_parser >/dev/null || exit 77
failed=0

# Patterns are compared, not looked for in the file system.
set -f

fail() {
	printf 'FAILED: %s\n' "$*"
	failed=1
}

for name in usr.sbin.sendpassd usr.sbin.sendpass-milter; do
	apparmor_parser --skip-kernel-load --skip-cache "$profiles/$name" || fail "$name is no profile"
done

# allowed PROFILE PATH: one of the rules written there covers the path.
allowed() {
	local rule pattern
	while read -r rule; do
		eval "set -- \"\$1\" \"\$2\" $rule" # for what is in braces
		for pattern in "${@:3}"; do
			# shellcheck disable=SC2053 # a pattern it is
			if [[ $2 == $pattern ]]; then
				return 0
			fi
		done
	done < <(sed -n 's/^\t\([@/][^ ]*\) [a-z]*,$/\1/p' "$profiles/$1" | sed 's,@{run},/run,')
	return 1
}

need() {
	allowed "$1" "$2" || fail "$1 has no rule for $2"
}

sockets_of() {
	sed -n 's/^ListenStream=//p' "$srcdir"/packaging/systemd/"$1"
}

for unit in sendpassd sendpassd-exim sendpassd-postfix; do
	socket=$(sockets_of $unit.socket)
	need usr.sbin.sendpassd "$socket"
	need usr.sbin.sendpassd "$socket.new"
done
for path in /var/lib/sendpass/rates.lmdb /var/lib/sendpass/rates.lmdb-lock \
	/etc/sendpass/sendpass.conf /etc/sendpass/bind.secret /usr/sbin/sendpassd \
	/run/credentials/sendpassd.service/bind.secret /run/slapd/ldapi; do
	need usr.sbin.sendpassd "$path"
done
for path in "$(sockets_of sendpass-milter.socket)" /run/sendpass/policy \
	/etc/sendpass/sendpass.conf /usr/sbin/sendpass-milter; do
	need usr.sbin.sendpass-milter "$path"
done
if allowed usr.sbin.sendpass-milter /etc/sendpass/bind.secret; then
	fail 'the milter may read the bind secret'
fi

exit "$failed"
