#!/bin/sh
# A reader that goes away ends the program with an error, not in silence and not for ever.
script=$(mktemp) && trap 'rm -f "$script" "$script.err" "$script.status"' EXIT
cat >"$script" <<'PKT'
while True:
    print("line")
PKT
{ timeout 10 "$PKTSH" "$script" 2>"$script.err"; echo $? >"$script.status"; } | head -n 1 >/dev/null
status=$(cat "$script.status")
[ "$status" -ne 0 ] && [ "$status" -ne 124 ] || { echo "status $status"; exit 1; }
