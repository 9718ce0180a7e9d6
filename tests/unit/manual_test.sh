#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# manual_test.sh - the manual pages say what the programs do
#
# sendpass.conf(5) has every setting with its section, default, type and bounds, and
# no other; sendpassd(8) every reason with its result, and every event; sendpass(1) the
# events of the tool and the checks of its doctor; docs/log.md all events, their keys in
# the code's order, and the reasons, as has docs/troubleshooting.md; mandoc has nothing to
# complain of. Run by `make check`, in the build directory.
set -u

srcdir=${srcdir:-.}
conf_page=$srcdir/man/sendpass.conf.5
daemon_page=$srcdir/man/sendpassd.8
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
failed=0

fail() {
	printf 'FAILED: %s\n' "$*"
	failed=1
}

# compare WHAT: $scratch/code and $scratch/manual must have the same lines, and some.
compare() {
	sort -u "$scratch/code" >"$scratch/code.sorted"
	sort -u "$scratch/manual" >"$scratch/manual.sorted"
	if [ ! -s "$scratch/code" ]; then
		fail "$1: none found in the code"
	elif ! diff "$scratch/code.sorted" "$scratch/manual.sorted"; then
		fail "$1: '<' is the code, '>' the manual"
	fi
}

# What sendpassd makes of a configuration whose text is $1.
print_config() {
	printf '%b' "$1" >"$scratch/sendpass.conf"
	chmod 644 "$scratch/sendpass.conf"
	./sendpassd -f "$scratch/sendpass.conf" --print-config 2>&1
}

# ---- sendpass.conf(5): "[section] key = default" ----

print_config '' | awk '
	/^\[/ { section = $0 }
	/=/ { sub(/ *$/, ""); print section, $0 }' >"$scratch/code"
awk '
	/^\.Ss Section / { section = "[" $3 "]" }
	/^\.It Ic .* No =/ {
		sub(/^\.It Ic /, "")
		sub(/ No =/, " =")
		sub(/= Cm /, "= ")
		print section, $0
	}' "$conf_page" >"$scratch/manual"
compare 'settings and defaults'
cp "$scratch/code" "$scratch/settings"

# ---- sendpass.conf(5): "[section] key type and bounds", from the line below the item ----

# The code tells a setting's type when it refuses a value that no type has.
type_of() {
	message=$(print_config "$1\n$2 = !\n$2 = !\n") && message=accepted
	case $message in
	*' must be a number from '*) echo "Number, ${message##* from }." ;;
	*' must be a duration '*) echo "Duration, ${message##* from }." ;;
	*' must be one of '*) echo "Word, one of ${message##* of }." ;;
	*' must be yes or no'*) echo Switch. ;;
	*' must be an absolute path'*) echo Path. ;;
	*' must be PATH MODE OWNER GROUP '*) echo Doors. ;;
	*' is given twice'*) echo Text. ;;
	accepted | *' must be addresses, '*) echo List. ;;
	*) echo "$message" ;;
	esac
}

while read -r section key _; do
	echo "$section $key $(type_of "$section" "$key")"
done <"$scratch/settings" >"$scratch/code"
awk '
	/^\.Ss Section / { section = "[" $3 "]" }
	item != "" { print section, item, $0; item = "" }
	/^\.It Ic .* No =/ { item = $3 }' "$conf_page" >"$scratch/manual"
compare 'types and bounds'

# ---- sendpassd(8): "reason result" and "event level" ----

# items_of SUBSECTION [PAGE]
items_of() {
	awk -v wanted=".Ss $1" '
		/^\.S[hs] / { inside = $0 == wanted }
		inside && sub(/^\.It Cm /, "") && sub(/ Pq /, " ")' "${2:-$daemon_page}"
}

sed -n 's/^\tX([A-Z_]*, "\([a-z_]*\)", SP_\([A-Z]*\)).*/\1 \2/p' \
	"$srcdir/include/sendpass/verdict.h" |
	tr '[:upper:]' '[:lower:]' >"$scratch/code"
items_of Reasons >"$scratch/manual"
compare 'reasons and results'

# Where the code begins a line of the log; what an attempt leaves has a subsection of its own.
cat "$srcdir"/daemon/*.c "$srcdir"/lib/*/*.c | tr -s '\n\t ' ' ' |
	grep -oE '(sp_log_(message|begin)|log_entry) ?\( ?[^";]*"[a-z_]+"' |
	sed -e 's/^log_entry/SP_LOG_ERROR/' -e 's/.*SP_LOG_\([A-Z]*\).*"\(.*\)"/\2 \1/' |
	tr '[:upper:]' '[:lower:]' | grep -vE '"(auth|policy)"' >"$scratch/code"
items_of 'Other events' >"$scratch/manual"
compare 'events and levels'

# ---- alert_kind.c: every event that can be an alert ----

cut -d' ' -f1 "$scratch/code" |
	grep -vxE 'alert_failed|login_not_listed|start_failed|ready|stopping|stopped' >"$scratch/events"
mv "$scratch/events" "$scratch/code"
sed -n '/events\[\]/,/^}/s/^ *"\(.*\)",$/\1/p' "$srcdir/lib/policy/alert_kind.c" >"$scratch/manual"
compare 'events that can be alerts'

# ---- sendpass(1): the events of the tool ----

tool_page=$srcdir/man/sendpass.1
grep -ohE '"credential_[a-z]+"' "$srcdir"/tool/*.c | tr -d '"' >"$scratch/code"
sed -n '/^\.Sh LOG/,/^\.Sh EXIT/s/^\.It Cm //p' "$tool_page" >"$scratch/manual"
compare 'events of the tool'

# ---- sendpass-milter(8): its own events and reasons ----

milter_page=$srcdir/man/sendpass-milter.8
cat "$srcdir"/milter/*.c | tr -s '\n\t ' ' ' |
	grep -oE 'sp_log_message ?\( ?[^";]*"[a-z_]+"' |
	sed -e 's/.*SP_LOG_\([A-Z]*\).*"\(.*\)"/\2 \1/' | tr '[:upper:]' '[:lower:]' >"$scratch/code"
items_of 'Other events' "$milter_page" >"$scratch/manual"
compare 'events and levels of sendpass-milter'

cat "$srcdir"/milter/*.c | tr -s '\n\t ' ' ' |
	grep -oE '\bnote\( ?check, claimed, "[a-z_]+"' | sed 's/.*"\(.*\)"/\1/' >"$scratch/code"
items_of 'Reasons' "$milter_page" | cut -d' ' -f1 >"$scratch/manual"
compare 'reasons of sendpass-milter'

# ---- docs/log.md: all events, their keys, and the reasons; log_document_test has its examples ----

log_document=$srcdir/docs/log.md

cat "$srcdir"/daemon/*.c "$srcdir"/lib/*/*.c "$srcdir"/milter/*.c | tr -s '\n\t ' ' ' |
	grep -oE '(sp_log_(message|begin)|log_entry) ?\( ?[^";]*"[a-z_]+"' |
	sed 's/.*"\(.*\)"/\1/' >"$scratch/code"
grep -ohE '"credential_[a-z]+"' "$srcdir"/tool/*.c | tr -d '"' >>"$scratch/code"
sed -n 's/^### //p' "$log_document" | tr -s ', ' '\n' >"$scratch/manual"
compare 'events of docs/log.md'

# The keys that these files write, one a line.
keys_of() {
	cat "$@" | tr -s '\n\t ' ' ' |
		grep -oE 'sp_log_(text|text_n|number|milliseconds) ?\( ?&?[a-z]+, "[a-z_]+"' |
		sed 's/.*"\(.*\)"/\1/'
}

# The keys that docs/log.md lists for the event $1, or for all.
keys_listed() {
	awk -v wanted="${1-}" '
		/^##/ {
			inside = 0
			names = split($0, name, /[# ,]+/)
			for (i = 2; i <= names && /^### /; i++)
				inside = inside || wanted == "" || name[i] == wanted
		}
		inside && (/^\| `/ || /^Keys: /) {
			count = split(/^Keys/ ? $0 : $2, word, "`")
			for (i = 2; i <= count; i += 2)
				print word[i]
		}' "$log_document"
}

{
	echo event
	echo message
	keys_of "$srcdir"/daemon/*.c "$srcdir"/lib/*/*.c "$srcdir"/milter/*.c "$srcdir"/tool/*.c
} >"$scratch/code"
keys_listed >"$scratch/manual"
compare 'keys of docs/log.md'

while read -r event file; do
	{
		echo event
		keys_of "$srcdir/$file"
		# log_fold.c puts it behind all of these
		case $event in auth | policy) echo repeats ;; esac
	} | awk '{ print NR, $0 }' >"$scratch/code"
	keys_listed "$event" | awk '{ print NR, $0 }' >"$scratch/manual"
	compare "order of the keys of $event in docs/log.md"
done <<'EVENTS'
auth daemon/attempt_log.c
policy daemon/policy_log.c
header milter/header_check.c
credential_issued tool/change.c
EVENTS

awk '
	/case SP_REASON/ { sub(/.*SP_REASON_/, ""); sub(/:.*/, ""); cases = cases "|" $0 "|" }
	/return count_failure/ { print cases }
	/break;/ { cases = "" }' "$srcdir/daemon/throttle_gate.c" >"$scratch/guesses"
sed -n 's/^\tX(\([A-Z_]*\), "\([a-z_]*\)", SP_\([A-Z]*\)).*/\1 \2 \3/p' \
	"$srcdir/include/sendpass/verdict.h" | while read -r constant name result; do
	grep -qF "|$constant|" "$scratch/guesses" && counted=YES || counted=
	echo "$name $result $counted"
done | tr '[:upper:]' '[:lower:]' >"$scratch/code"
# shellcheck disable=SC2016 # the page's own backquotes
sed -n '/^## Reasons/,/^## Use/s/^| `\([a-z_]*\)` *| \([a-z]*\) *| \([a-z]*\) .*/\1 \2 \3/p' \
	"$log_document" >"$scratch/manual"
compare 'reasons of docs/log.md, with those that are guesses'

# ---- docs/troubleshooting.md: every reason, of sendpass-milter too ----

{
	cut -d' ' -f1 "$scratch/code"
	items_of 'Reasons' "$milter_page" | cut -d' ' -f1
} >"$scratch/reasons"
mv "$scratch/reasons" "$scratch/code"
# shellcheck disable=SC2016 # the page's own backquotes
sed -n 's/^### `\([a-z_]*\)`$/\1/p' "$srcdir/docs/troubleshooting.md" >"$scratch/manual"
compare 'reasons of docs/troubleshooting.md'

# ---- sendpass(1): the checks of `sendpass doctor` ----

sed -n 's/^    {"\([a-z0-9-]*\)", .*/\1/p' "$srcdir"/tool/doctor_*.c >"$scratch/code"
awk '
	/^\.S[hs] / { inside = $0 == ".Ss Checks" }
	inside && sub(/^\.It Li /, "")' "$srcdir/man/sendpass.1" >"$scratch/manual"
compare 'checks of the doctor'

# ---- all pages ----

if command -v mandoc >/dev/null; then
	for page in "$srcdir"/man/*.[1-8]; do
		mandoc -T lint -W warning "$page" || fail "$page"
	done
else
	echo 'mandoc is not installed: its own check is left out'
fi

exit "$failed"
