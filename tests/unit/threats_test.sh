#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# threats_test.sh - each test that docs/threats.md names is in the tree, and each threat has
# one, or a dash. Run by `make check`.
# shellcheck disable=SC2016 # what is in backticks there is looked for as it is
set -u

srcdir=${srcdir:-$(dirname "$0")/../..}
page=$srcdir/docs/threats.md
failed=0

fail() {
	printf 'FAILED: %s\n' "$*"
	failed=1
}

# there FILE TEST: a unit test is also named to cmocka, by its file or by who includes it.
there() {
	for file in "$srcdir/tests/unit/$1.c" "$srcdir/tests/faults/$1.c"; do
		[ -f "$file" ] && grep -q "void $2(void" "$file" &&
			grep -hE "[A-Za-z_]+\(.*\b$2\b" "$srcdir"/tests/unit/*_test.c "$srcdir"/tests/faults/*_test.c |
			grep -qv 'void \*\*' && return 0
	done
	grep -qE "^def $2\(" "$srcdir/tests/system/$1.py" 2>/dev/null
}

names=$(grep -oE '`[a-z0-9_]+::[a-z0-9_]+`' "$page" | tr -d '`' | sort -u)
for name in $names; do
	there "${name%%::*}" "${name##*::}" || fail "there is no test $name"
done
for name in $(grep -oE '`[a-z_]+_test\.sh`' "$page" | tr -d '`' | sort -u); do
	[ -f "$srcdir/tests/unit/$name" ] || fail "there is no test $name"
done
for name in $(grep -oE '`fuzz/[a-z_]+\.c`' "$page" | tr -d '`' | sort -u); do
	[ -f "$srcdir/$name" ] || fail "there is no $name"
done

# Numbers go from the first to the last, and behind each is a test or a dash.
numbered=$(grep -cE '^\| [0-9]+\. .*\| ([^|]*`[^|]*|-) \|$' "$page")
promised=$(grep -cE '^\| P[0-9]+\. .*\| [^|]*`[^|]*\|$' "$page")
last=$(sed -nE 's/^\| ([0-9]+)\. .*/\1/p' "$page" | tail -n 1)
last_promise=$(sed -nE 's/^\| P([0-9]+)\. .*/\1/p' "$page" | tail -n 1)
[ "$numbered" = "$last" ] || fail "of $last threats $numbered name a test or have a dash"
[ "$promised" = "$last_promise" ] || fail "of $last_promise promises $promised name a test"
[ -n "$names" ] || fail 'no test is named'

exit "$failed"
