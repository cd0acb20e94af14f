#!/bin/bash
# srloop prints each answer with its round trip, in the end the least, the mean, the most and what was lost.
program=$(mktemp) || exit 2
cat > "$program" <<'END'
ans, unans = srloop(IP(dst="10.0.2.5")/ICMP(), inter=0.02, count=3)
print(len(ans), len(unans), all(0 < t < 0.5 for t in ans.rtt()))
ans, unans = srloop(IP(dst="10.0.2.5")/UDP(dport=9)/"x", inter=0.02, count=2, timeout=0.1, filter="tcp", verbose=1)
print(len(ans), len(unans))
ans, unans = srploop(Ether(dst="02:00:00:00:02:05")/IP(dst="10.0.2.5")/ICMP(), iface="eth0", inter=0.01, count=2, verbose=0)
print(len(ans), len(unans))
END
cat > "$program.expected" <<'END'
RECV 1: IP / ICMP 10.0.2.5 > 10.0.2.1 echo-reply 0  N ms
RECV 1: IP / ICMP 10.0.2.5 > 10.0.2.1 echo-reply 0  N ms
RECV 1: IP / ICMP 10.0.2.5 > 10.0.2.1 echo-reply 0  N ms

Sent 3 packets, received 3 packets. 100.0% hits.
round trip min/avg/max = N/N/N ms, 0.0% lost
3 0 True
fail 1: IP / UDP 10.0.2.1:domain > 10.0.2.5:discard / Raw
fail 1: IP / UDP 10.0.2.1:domain > 10.0.2.5:discard / Raw

Sent 2 packets, received 0 packets. 0.0% hits.
0 2
2 0
END
trap 'rm -f "$program" "$program.expected" "$program.said"' EXIT
scripts/lab "$PKTSH" "$program" > "$program.said"
status=$?
[ $status = 77 ] && exit 77
sed -E 's/[0-9]+\.[0-9]{3}/N/g' "$program.said" | diff -u "$program.expected" -
