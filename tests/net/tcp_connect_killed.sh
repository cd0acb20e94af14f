#!/bin/bash
# A program that is killed in the middle of a conversation by hand leaves no rule, route, address or neighbour entry behind.
TCP_PROGRAM='
c = tcp_connect("10.0.2.5", 7, verbose=0)
conf.route.add(net="192.168.9.0/24", gw="10.0.2.5")
c.send(b"hello")
d = tcp_connect("10.0.2.5", 7, src="10.0.2.200", verbose=0)
print("ready", flush=True)
import time
time.sleep(30)
'
export TCP_PROGRAM
scripts/lab bash -c '
	look() { nft list ruleset; ip route; ip address | grep -v valid_lft; ip neigh show nud permanent; }
	before=$(look)
	coproc P { exec "$PKTSH" -c "$TCP_PROGRAM"; }
	read -r said <&${P[0]}
	[ "$said" = ready ] || { echo "said $said"; exit 1; }
	nft list tables | grep -q pktsh || { echo "no rule while it runs"; exit 1; }
	kill -KILL $P_PID
	wait $P_PID 2> /dev/null
	after=$(look)
	[ "$before" = "$after" ] || { diff <(echo "$before") <(echo "$after"); exit 1; }
'
