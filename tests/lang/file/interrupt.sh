#!/bin/sh
# Ctrl-C ends a sleep, a read and a long walk at once, as KeyboardInterrupt.
script=$(mktemp) && trap 'rm -f "$script"' EXIT
cat >"$script" <<'PKT'
import os, sys, time

kinds = {
    "sleep": lambda: time.sleep(8),
    "read": lambda: os.read(os.pipe()[0], 1),
    "filter": lambda: next(filter(None, iter(int, 1))),
    "sum": lambda: sum(iter(int, 1)),
}
start = time.time()
pid = os.getpid()
os.system("(sleep 0.3; kill -INT %d) &" % pid)
try:
    kinds[sys.argv[1]]()
except KeyboardInterrupt:
    print("interrupted", time.time() - start < 4)
PKT
for kind in sleep read filter sum; do
	out=$(timeout 10 "$PKTSH" "$script" $kind 2>&1)
	[ "$out" = "interrupted True" ] || { echo "$kind: $out"; exit 1; }
done
