#!/bin/bash
# The language against CPython and, where it translates, Lua (lua5.4), in one run: the programs of tests/bench/language, the same
# text here and under python3, which must print the same. Seconds with start and end of the program, best of RUNS (5).
set -u
cd "$(dirname "$0")/language"
PKTSH=$(realpath "${PKTSH:-../../../build/pktsh}" 2>/dev/null || realpath ../../../build/pktsh)
PYTHON=${PYTHON:-/usr/bin/python3}
LUA=${LUA:-lua5.4}
RUNS=${RUNS:-5}
command -v "$LUA" >/dev/null || { echo "bench: $LUA is missing (apt-get install lua5.4)" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# seconds of a command, best of RUNS; its output is kept in $work/NAME
once() {
	local name=$1 from=$EPOCHREALTIME
	shift
	"$@" >"$work/$name" 2>&1 || { echo "bench: $* failed" >&2; cat "$work/$name" >&2; exit 1; }
	awk -v a="$from" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }'
}
least_of() { awk -v a="$1" -v b="$2" 'BEGIN { print a == "" || b < a ? b : a }'; }

printf '%-14s %8s %8s %8s   %-12s %-10s %s\n' program pktsh python3 lua "of python3" "of lua" "what"
ratios=
for program in ${*:-*.py}; do
	name=${program%.py} ours= theirs= lua=
	for ((i = 0; i < RUNS; i++)); do
		ours=$(least_of "$ours" "$(once ours "$PKTSH" "$program")") || exit 1
		theirs=$(least_of "$theirs" "$(once theirs "$PYTHON" "$program")") || exit 1
		[ ! -f "$name.lua" ] || lua=$(least_of "$lua" "$(once lua "$LUA" "$name.lua")") || exit 1
	done
	for other in theirs ${lua:+lua}; do
		cmp -s "$work/ours" "$work/$other" || { echo "bench: $name prints something else here:" >&2; diff "$work/ours" "$work/$other" >&2; exit 1; }
	done
	ratios="$ratios $(awk -v a="$ours" -v b="$theirs" 'BEGIN { print a / b }')"
	awk -v n="$name" -v a="$ours" -v b="$theirs" -v l="$lua" -v what="$(sed -n '1s/^# //p' "$program")" 'BEGIN {
		printf "%-14s %8.3f %8.3f %8s   %-12s %-10s %s\n", n, a, b, l == "" ? "-" : sprintf("%.3f", l),
			sprintf("%.2f%s", a / b, a / b <= 1 ? "" : " missed"), l == "" ? "-" : sprintf("%.2f%s", a / l, a / l <= 1.5 ? "" : " missed"), what }'
done
awk -v all="$ratios" 'BEGIN { n = split(all, r, " "); for (i = 1; i <= n; i++) s += log(r[i]); m = exp(s / n); printf "geometric mean of python3: %.2f, aim 0.6%s\n", m, m <= 0.6 ? "" : ": missed" }'
