#!/bin/bash
# pktsh -i prints a line a packet as it passes, ends by Ctrl-C with the counts on standard error, and by -c.
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
cat > "$work/run" <<'END2'
ask() { "$PKTSH" -c 'send(IP(dst="10.0.2.5")/UDP(sport=53, dport=9), count=2, verbose=0)'; }
ended() { for _ in $(seq 100); do kill -0 $1 2> /dev/null || return 0; sleep .02; done; return 1; }
"$PKTSH" -i eth0 -n 'udp dst port 9' > "$1/out" 2> "$1/err" &
pid=$!
sleep .5
ask
for _ in $(seq 100); do [ "$(wc -l < "$1/out")" = 2 ] && break; sleep .02; done
cut -d' ' -f2- "$1/out"                          # before it ends: the lines are there
grep -qE '^[0-9:]{8}\.[0-9]{6} ' "$1/out" || echo no time
kill -INT $pid
wait $pid
echo status $?
cat "$1/err"
(sleep .5; ask) &
timeout 10 "$PKTSH" -i any -c 1 -w "$1/f.pcap" udp dst port 9 2> "$1/err"
echo status $?
wait
head -1 "$1/err"
"$PKTSH" -c 'import sys; print(len(rdpcap(sys.argv[1])))' "$1/f.pcap"
"$PKTSH" -i eth0 -c x
echo status $?
END2
cat > "$work/expected" <<'END2'
Ether / IP / UDP 10.0.2.1:53 > 10.0.2.5:9
Ether / IP / UDP 10.0.2.1:53 > 10.0.2.5:9
status 0
2 packets taken
eth0: 2 received, 0 dropped by the kernel, 0 dropped by the interface
status 0
1 packets taken
1
status 2
END2
set -m
scripts/lab bash -m "$work/run" "$work" > "$work/said" 2> "$work/complaints"
status=$?
[ $status = 77 ] && exit 77
diff -u --label expected "$work/expected" --label said "$work/said" || { cat "$work/complaints"; exit 1; }
