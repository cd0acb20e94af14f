#!/bin/bash
# A scan of every port of a host, thousands of which are open, misses no answer, and says of each port what is true.
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
cat > "$work/listen.pkt" <<'END'
import socket, sys
count = int(sys.argv[1])
listeners = [socket.socket() for i in range(count)]
for i, s in enumerate(listeners):
    s.bind(("0.0.0.0", 1001 + 2 * i))
    s.listen(1)
print("ready", flush=True)
sys.stdin.read()
END
cat > "$work/scan.pkt" <<'END'
import sys
count = int(sys.argv[1])
opened = {7, 80} | {1001 + 2 * i for i in range(count)}
for turn in range(3):
    ans, unans = sr(IP(dst="10.0.2.5")/TCP(sport=40000 + turn, dport=(0, 65535), flags="S"), timeout=5, verbose=0)
    seen = {s.dport for s, r in ans if r[TCP].flags == "SA"}
    print(len(ans), len(unans), len({s.dport for s, r in ans}), len(seen), seen == opened)
END
cat > "$work/run" <<'END'
count=$(ulimit -Hn)
[ "$count" != unlimited ] && [ "$count" -lt 16100 ] || count=16100
ulimit -n "$count"
count=$((count - 100))
mkfifo "$1/say" "$1/end"
nsenter -t "$LAB_OTHER" -n "$2" "$1/listen.pkt" $count < "$1/end" > "$1/say" &
exec 3> "$1/end"
read -r _ < "$1/say"
"$2" "$1/scan.pkt" $count
echo "65536 0 65536 $((count + 2)) True" > "$1/wanted"
END
scripts/lab bash "$work/run" "$work" "${PKTSH:-build/pktsh}" > "$work/out" || { status=$?; cat "$work/out"; exit $status; }
cat "$work/out"
[ "$(sort -u "$work/out")" = "$(cat "$work/wanted")" ] && [ "$(wc -l < "$work/out")" = 3 ]
