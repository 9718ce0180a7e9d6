#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# guides_test.sh - what stands in docs/guide-*.md can be pasted
#
# A block ```conf is quoted from the file of examples/ that is linked last before it; ```sh and ```text are the only
# others. Each command of the tool, there and in troubleshooting.md, has a verb and options that the tool has.
# packaging/test-guides follows them whole. Run by `make check`, in the build directory.
set -u

srcdir=${srcdir:-.}
[ -x ./sendpass ] || exit 77
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
failures=0

complain() {
	echo "FAIL: $*"
	failures=$((failures + 1))
}

# ---- blocks ----

# Writes the N-th block ```conf of the guide $1 to $scratch/quote.N, and the example that it is from to $scratch/from.N.
unpack() {
	rm -f "$scratch"/quote.* "$scratch"/from.*
	awk -v scratch="$scratch" '
		/^```/ {
			inside = !inside && /conf$/
			if (inside) {
				count++
				print example >(scratch "/from." count)
			} else if (!/^```(sh|text)?$/)
				print "an unknown kind of block: " $0
			next
		}
		inside { print >(scratch "/quote." count) }
		!inside && match($0, /\]\(\.\.\/examples\/[^)]*\)/) {
			example = substr($0, RSTART + 5, RLENGTH - 6)
		}' "$1"
}

# quoted QUOTE EXAMPLE: the lines of the one follow each other in the other
quoted() {
	awk '
		NR == FNR { quote = quote $0 "\n"; next }
		{ whole = whole $0 "\n" }
		END { exit index("\n" whole, "\n" quote) ? 0 : 1 }' "$1" "$2"
}

blocks=0
for guide in "$srcdir"/docs/guide-*.md; do
	strange=$(unpack "$guide")
	[ -z "$strange" ] || complain "${guide##*/}: $strange"
	[ "$(grep -c '^# ' "$guide")" -ge 1 ] || complain "${guide##*/} has no title"
	for quote in "$scratch"/quote.*; do
		[ -e "$quote" ] || continue
		blocks=$((blocks + 1))
		example=$(cat "$scratch/from.${quote##*.}")
		quoted "$quote" "$srcdir/$example" || complain "${guide##*/}: this is not in $example:
$(cat "$quote")"
	done
done
[ "$blocks" -gt 0 ] || complain 'no guide shows a block of configuration'

# ---- commands ----

# The commands of the tool in the file $1, one a line: in blocks, indented, and in the running text.
commands_of() {
	sed -e ':join' -e '/\\$/{N;s/\\\n */ /;b join' -e '}' "$1" |
		sed -n -e 's/^ *\(sendpass [a-zA-Z-].*\)/\1/p' -e 's/.*[(|] *\(sendpass [a-z][^)]*\).*/\1/p' |
		sed 's/ *[|<>#].*//; s/)$//'
	tr '\n`' ' \n' <"$1" | sed -n 's/^\(sendpass [a-z][^|]*\)$/\1/p'
}

export id=k7qf2m9x queue_id=4Yb1xT2Xz3z1
count=0
for page in "$srcdir"/docs/guide-*.md "$srcdir/docs/troubleshooting.md"; do
	# What is not told whole stands for its verb.
	commands_of "$page" | sed 's/^\(sendpass [a-z]*\)\( .*….*\)\{0,1\}$/\1 --help/; s/\bQUEUE_ID\b/4Yb1xT2Xz3z1/; s/\bID\b/k7qf2m9x/' | sort -u >"$scratch/commands"
	while read -r _ command; do
		count=$((count + 1))
		# None gets as far as a directory or a log: only the command line is looked at.
		case $command in
		*--help) ;;
		watch* | trace*) command="$command --journal-directory $scratch/none" ;;
		revoke\ --* | purge*) command="$command --yes" ;;
		esac
		printf 'exec ./sendpass -f %s/none %s\n' "$scratch" "$command" >"$scratch/run"
		sh "$scratch/run" >"$scratch/out" 2>&1 </dev/null
		status=$?
		case $status in
		0 | 1 | 3 | 4 | 5) ;;
		*) complain "${page##*/}: status $status of: sendpass $command
$(cat "$scratch/out")" ;;
		esac
	done <"$scratch/commands"
done
[ "$count" -gt 20 ] || complain "only $count commands of the tool are in the guides"

[ "$failures" -eq 0 ] && echo "$blocks blocks and $count commands are as the guides say"
exit "$((failures > 0))"
