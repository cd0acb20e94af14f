#!/bin/sh
# input() reads lines, sys.stdin the rest; at the end input() raises EOFError.
script=$(mktemp) && trap 'rm -f "$script"' EXIT
cat >"$script" <<'PKT'
import sys
print(repr(input("name? ")))
print(repr(input()))
print(sys.stdin.read(2), sys.stdin.readline(), list(sys.stdin))
try:
    input()
except EOFError as e:
    print(e)
PKT
out=$(printf 'a\n\nxyz\nlast' | "$PKTSH" "$script" 2>&1)
[ "$out" = "name? 'a'
''
xy z
 ['last']
EOF when reading a line" ] || { echo "$out"; exit 1; }
