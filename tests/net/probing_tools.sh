#!/bin/bash
# traceroute through a router that the kernel plays, arping, hping, and arp_mitm, which tells the truth again when it ends.
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
cat > "$work/probe.pkt" <<'END'
a, u = traceroute("10.9.0.9", dport=80, maxttl=4, timeout=1, verbose=0)
a.show()
print(a.get_trace(), len(u))
print(traceroute("10.9.0.9", maxttl=3, l4=UDP(sport=4000, dport=99)/Raw("x"), timeout=1, verbose=0)[0].get_trace())
print(traceroute("10.9.0.9", maxttl=3, l4=ICMP(), timeout=1, verbose=0)[0].get_trace())
six, _ = traceroute6("2001:db8:9::9", maxttl=3, timeout=1, verbose=0)
print(six.get_trace())
print(a.make_graph().split("\n")[2:])
hosts, _ = arping("10.0.2.0/29", timeout=0.5, verbose=0)
hosts.show()
print(is_promisc("10.0.2.5", fake_bcast="02:00:00:00:99:99"))
got, missed = hping("10.0.2.5", flags="S", dport="++79", count=3, inter=0, verbose=0)
print([(s.dport, str(r[TCP].flags)) for s, r in got], len(missed))
print(hping("10.0.2.5", proto="icmp", count=2, inter=0, verbose=0)[0][1][1][ICMP].seq)
END
cat > "$work/mitm.pkt" <<'END'
arp_mitm("10.0.2.5", "10.0.2.1", mac2="02:00:00:00:02:01", target_mac="02:00:00:00:66:66", iface="eth0", inter=0.2)
print("ended")
END
cat > "$work/expected" <<'END'
  10.9.0.9:tcp80     
1 10.0.2.5        11 
2 10.9.0.9        RA 
3 10.9.0.9        RA 
4 10.9.0.9        RA 
{'10.9.0.9': {1: ('10.0.2.5', False), 2: ('10.9.0.9', True)}} 0
{'10.9.0.9': {1: ('10.0.2.5', False), 2: ('10.9.0.9', True)}}
{'10.9.0.9': {1: ('10.0.2.5', False), 2: ('10.9.0.9', True)}}
{'2001:db8:9::9': {1: ('2001:db8:2::5', False), 2: ('2001:db8:9::9', True)}}
['\t"here" [shape=box];', '\t"10.0.2.5" [];', '\t"10.9.0.9" [shape=box, style=bold];', '\t"here" -> "10.0.2.5";', '\t"10.0.2.5" -> "10.9.0.9";', '}', '']
  02:00:00:00:02:05 unknown 10.0.2.5
False
[(79, 'RA'), (80, 'SA'), (81, 'RA')] 0
1
misled: 02:00:00:00:66:66
MITM on eth0: 02:00:00:00:02:05 <--> us (02:00:00:00:66:66) <--> 02:00:00:00:02:01
Restoring...
ended
after: 02:00:00:00:02:01
END
cat > "$work/run" <<'END'
other() { nsenter -t "$LAB_OTHER" -n "$@"; }
nsenter -t "$LAB_OTHER" -n unshare -n sleep 60 &
far=$!
here=$(readlink /proc/self/ns/net) there=$(readlink /proc/$LAB_OTHER/ns/net)
for _ in $(seq 100); do
	net=$(readlink /proc/$far/ns/net)
	[ "$net" != "$here" ] && [ "$net" != "$there" ] && break
	sleep .02
done
other ip link add far type veth peer name far netns $far
other ip addr add 10.9.0.1/24 dev far; other ip addr add 2001:db8:9::1/64 dev far nodad; other ip link set far up
nsenter -t $far -n sh -c 'ip link set lo up; ip addr add 10.9.0.9/24 dev far; ip addr add 2001:db8:9::9/64 dev far nodad; ip link set far up
	ip route add default via 10.9.0.1; ip -6 route add default via 2001:db8:9::1'
other sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/ipv6/conf/all/forwarding; echo 0 > /proc/sys/net/ipv4/icmp_ratelimit
	echo 0 > /proc/sys/net/ipv6/icmp/ratelimit' 2> /dev/null
ip -6 route add 2001:db8:9::/64 via 2001:db8:2::5
for _ in $(seq 30); do other ping -6 -c 1 -W 1 2001:db8:9::9 > /dev/null 2>&1 && break; sleep .1; done      # neighbours are known
"$PKTSH" "$1/probe.pkt"
other ping -c 1 -W 1 10.0.2.1 > /dev/null
"$PKTSH" "$1/mitm.pkt" > "$1/mitm" & mitm=$!
for _ in $(seq 50); do other ip neigh show 10.0.2.1 | grep -q 66:66 && break; sleep .1; done
echo misled: $(other ip neigh show 10.0.2.1 | cut -d' ' -f5)
kill -TERM $mitm
wait $mitm
cat "$1/mitm"
echo after: $(other ip neigh show 10.0.2.1 | cut -d' ' -f5)
kill $far
END
scripts/lab bash "$work/run" "$work" > "$work/said" 2> "$work/err"
[ $? != 77 ] || exit 77
diff -u --label expected "$work/expected" --label said "$work/said" || { cat "$work/err"; exit 1; }
