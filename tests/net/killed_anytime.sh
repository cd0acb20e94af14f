#!/bin/bash
# Killed at any moment, by SIGKILL or SIGTERM, writers leave files that can be read, with what was there before still in them, and what
# stands around conversations (rules, routes, addresses, neighbours) is gone with the process. TIMES: how often each.
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
cat > "$work/wrpcap" <<'END'
import sys
p = [Ether()/IP(dst="10.0.2.5")/UDP()/Raw(b"x" * 200)] * 3000
while True: wrpcap(sys.argv[1], p)
END
cat > "$work/append" <<'END'
import sys
p = [Ether()/IP(dst="10.0.2.5")/UDP()/Raw(b"x" * 200)] * 300
while True: wrpcap(sys.argv[1], p, append=True)
END
cat > "$work/writer" <<'END'
import sys
w = PcapWriter(sys.argv[1], append=True, sync=True)
while True: w.write(Ether()/IP(dst="10.0.2.5")/UDP()/Raw(b"x" * 200))
END
cat > "$work/wrpcapng" <<'END'
import sys
p = [Ether()/IP(dst="10.0.2.5")/UDP()/Raw(b"x" * 200)] * 300
while True: wrpcapng(sys.argv[1], p, append=True)
END
cat > "$work/sniff" <<'END'
import sys
sniff(iface="eth0", store=0, write=sys.argv[1], started_callback=lambda: sendp(Ether()/IP(dst="10.0.2.5")/UDP()/Raw(b"x" * 200), iface="eth0", count=200000, verbose=0))
END
cat > "$work/guard" <<'END'
conf.route.add(net="192.168.9.0/24", gw="10.0.2.5")
while True:
    with no_rst(dst="10.0.2.5", dport=7):
        c = tcp_connect("10.0.2.5", 7, verbose=0)
        c.send(b"hello")
        d = tcp_connect("10.0.2.5", 7, src="10.0.2.200", verbose=0)
        d.close()
        c.close()
END
cat > "$work/check" <<'END'
import sys
for name in sys.argv[1:]:
    p = rdpcap(name)
    print(name.split("/")[-1], len(p) >= 5, set(len(one) for one in p[:5]) == {19})
END
cat > "$work/run" <<'END'
look() { nft list ruleset; ip route; ip -6 route; ip address | grep -v valid_lft | sed "s, tentative,,"; ip neigh show nud permanent; }
before=$(look)
"$PKTSH" -c 'import sys
for name in sys.argv[1:]: wrpcap(name, [Ether()/Raw(b"first")] * 5)' "$1"/append.pcap "$1"/writer.pcap
"$PKTSH" -c 'import sys; wrpcapng(sys.argv[1], [Ether()/Raw(b"first")] * 5)' "$1/wrpcapng.pcap"
for signal in KILL TERM; do
	for what in wrpcap append writer wrpcapng sniff guard; do
		for i in $(seq $2); do
			[ $what != sniff ] || rm -f "$1/sniff.pcap"
			"$PKTSH" "$1/$what" "$1/$what.pcap" > /dev/null 2>> "$1/errors" & pid=$!
			sleep 0.$((RANDOM % 25 + 8))
			kill -$signal $pid
			wait $pid 2> /dev/null
			[ ! -e "$1/$what.pcap" ] || "$PKTSH" -c 'import sys
p = rdpcap(sys.argv[1])                      # a tail cut short is told about
if len(p) < 5 and sys.argv[2] != "sniff": print(sys.argv[2], len(p))' "$1/$what.pcap" "$what" 2>&1 | grep -v "truncated dump file\|cut short\|cut off in the middle" | sed "s/^/$what, $signal: /"
		done
	done
done
"$PKTSH" -c 'import sys; wrpcap(sys.argv[1], [IP()])' "$1/wrpcap.pcap"      # what one that was killed left is gone with the next
"$PKTSH" "$1/check" "$1"/append.pcap "$1"/writer.pcap "$1"/wrpcapng.pcap 2> /dev/null
after=$(look)
[ "$before" = "$after" ] || diff <(echo "$before") <(echo "$after")
ls -A "$1" | grep -v -E '^(append|writer|wrpcapng|wrpcap|sniff|guard|check|run|said|err|errors)(\.pcap)?$'
END
timeout 100 scripts/lab bash "$work/run" "$work" "${TIMES:-3}" > "$work/said" 2> "$work/err"
[ $? != 77 ] || exit 77
[ "$(cat "$work/said")" = "append.pcap True True
writer.pcap True True
wrpcapng.pcap True True" ] || { cat "$work/said" "$work/err"; exit 1; }
