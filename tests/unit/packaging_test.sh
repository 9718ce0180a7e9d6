#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Holds what is packaged against the source: one version, an example that sendpassd takes, units
# that systemd takes and that are closed, scripts that parse. Run in a build directory.
set -u
srcdir=${srcdir:-$(dirname "$0")/../..}
[ -x ./sendpassd ] || exit 77
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
failures=0

complain() {
	echo "FAIL: $*"
	failures=$((failures + 1))
}

# holds NAME COMMAND...
holds() {
	promise=$1
	shift
	"$@" >"$scratch/out" 2>&1 || {
		complain "$promise"
		cat "$scratch/out"
	}
}

# ---- one version ----

version=$(sed -n 's/^AC_INIT(\[sendpass\], \[\(.*\)\])$/\1/p' "$srcdir/configure.ac")

# same_version FILE SED-EXPRESSION
same_version() {
	found=$(sed -n "$2" "$srcdir/$1" | head -n 1)
	[ "$found" = "$version" ] || complain "$1 has version '$found', configure.ac '$version'"
}

same_version NEWS 's/^sendpass \([0-9.]*\).*/\1/p'
same_version packaging/debian/changelog 's/^sendpass (\([0-9.]*\)-.*/\1/p'
same_version packaging/rpm/sendpass.spec 's/^Version: *//p'
same_version packaging/alpine/APKBUILD 's/^pkgver=//p'

# ---- examples/sendpass.conf ----

example=$scratch/example.conf
cp "$srcdir/examples/sendpass.conf" "$example"
sed 's/^#\([a-z_]* = \)/\1/; s/^#\(  *[a-z]*:\)/\1/' "$example" >"$scratch/all.conf"
(umask 077 && echo secret >"$scratch/secret")
sed "s,^bind_secret_file = .*,bind_secret_file = $scratch/secret," "$scratch/all.conf" >"$scratch/check.conf"
chmod 644 "$scratch"/*.conf
holds 'sendpassd takes the example as it is' ./sendpassd -f "$example" --print-config
holds 'sendpassd takes every setting of the example' ./sendpassd -f "$scratch/check.conf" --check-config
./sendpassd -f "$scratch/all.conf" --print-config >"$scratch/printed" 2>&1
for words in 'uri = ldaps://ldap2.example.org' 'auth = /run/sendpass/exim 0660 root Debian-exim' \
	'bind_secret_file = /run/credentials/sendpassd.service/bind.secret' 'require_tls = yes'; do
	grep -qF "$words" "$scratch/printed" || complain "without its #, the example does not set $words"
done
grep '^#[^ ]' "$example" | grep -vE '^#[a-z_]+ = ' && complain 'a line of the example is neither words nor a setting'

# The unit of each socket says the line of sendpass.conf(5) that it is for. systemd starts no socket of a service that
# runs, so they come with its next start.
for unit in "$srcdir"/packaging/systemd/*.socket; do
	listen=$(sed -n 's/^ListenStream=//p' "$unit")
	mode=$(sed -n 's/^SocketMode=//p' "$unit")
	user=$(sed -n 's/^SocketUser=//p' "$unit")
	group=$(sed -n 's/^SocketGroup=//p' "$unit")
	grep -q "= $listen $mode ${user:-root} ${group:-root}\$" "$unit" ||
		complain "${unit##*/} does not name its line of sendpass.conf"
	case ${unit##*/} in sendpassd*) service=sendpassd ;; *) service=sendpass-milter ;; esac
	grep -q "^WantedBy=.*\<$service.service\>" "$unit" || complain "${unit##*/} does not come with $service"
done

# ---- units ----

make_unit() {
	sed -e "s,@sbindir@/[a-z-]*,/bin/true," -e 's,@sysconfdir@,/etc,' \
		"$srcdir/packaging/systemd/$1.in" >"$scratch/$1"
}

if command -v systemd-analyze >/dev/null 2>&1; then
	make_unit sendpassd.service
	make_unit sendpass-milter.service
	cp "$srcdir"/packaging/systemd/*.socket "$scratch"
	export SYSTEMD_UNIT_PATH="$scratch:/lib/systemd/system:/usr/lib/systemd/system"
	holds 'systemd takes the units' systemd-analyze verify --man=no "$scratch"/*.service "$scratch"/*.socket
	# Also told of, and no failure: what systemd does not know.
	[ ! -s "$scratch/out" ] || complain "systemd-analyze verify says: $(cat "$scratch/out")"
	for unit in sendpassd sendpass-milter; do
		# 15 is an exposure of 1.5 of 10.
		holds "$unit.service is closed" \
			systemd-analyze security --offline=yes --threshold=15 --no-pager "$scratch/$unit.service"
	done
fi

# ---- other systems ----

holds 'the init script parses' sh -n "$srcdir/packaging/init/sendpassd"
holds 'APKBUILD parses' sh -n "$srcdir/packaging/alpine/APKBUILD"
if command -v rpmspec >/dev/null 2>&1; then
	holds 'rpmspec takes the spec' rpmspec -P "$srcdir/packaging/rpm/sendpass.spec"
fi
if command -v shellcheck >/dev/null 2>&1; then
	holds 'shellcheck takes the scripts' shellcheck -x "$srcdir/packaging/init/sendpassd" \
		"$srcdir/packaging/build-deb" "$srcdir/packaging/debian/sendpassd.postrm"
fi

[ "$failures" -eq 0 ]
