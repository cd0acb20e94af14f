#!/bin/sh
# What could not be written to standard output is an error, told once.
[ -w /dev/full ] || exit 77
out=$(echo 'print("x")' | "$PKTSH" /dev/stdin 2>&1 >/dev/full)
status=$?
[ "$status" -ne 0 ] || { echo "status 0"; exit 1; }
case $out in *'No space left on device'*) ;; *) echo "said: $out"; exit 1 ;; esac
[ "$(echo "$out" | grep -c 'No space')" = 1 ] || { echo "told more than once: $out"; exit 1; }
