#!/bin/bash
# Every example of doc/language.md prints what stands under it.
set -u
cd "$(dirname "$0")/../.."
PKTSH=${PKTSH:-build/pktsh}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

awk -v to="$work" '
	/^```/ { inside = !inside; if (inside && !printed) n++; if (!inside) printed = 0; next }
	inside { print > (to "/" n (printed ? ".out" : ".pkt")) }
	/^prints$/ { printed = 1 }
' doc/language.md
failed=0 count=0
for example in "$work"/*.pkt; do
	count=$((count + 1))
	touch "${example%.pkt}.out"
	timeout 20 "$PKTSH" "$example" >"$work/said" 2>&1
	diff -u "${example%.pkt}.out" "$work/said" || failed=1
done
[ $count -ge 6 ] || { echo "doc/language.md has $count examples"; failed=1; }
exit $failed
