#!/bin/bash
# The members of a set that are patched into one frame are those that building each gives, sums included.
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
cat > "$work/send.pkt" <<'END'
import sys
link = Ether(dst="02:00:00:00:02:05", src="02:00:00:00:02:01")
ip = IP(src="10.0.2.1", dst="10.0.2.5")
sets = [
    link/IP(src="10.0.0.1", dst="10.0.0.2")/UDP(sport=(55300, 55400), dport=5000),      # one whose sum comes out as zero, sent as ones
    link/ip/UDP(sport=1000, dport=(1, 300))/"odd",
    link/IP(src=["10.0.2.1", "1.2.3.4", "255.255.255.255"], dst="10.0.2.5", ttl=(1, 5), id=[0, 7, 65535])/UDP(dport=[0, 1, 65535])/"x",
    link/ip/TCP(flags=["S", "SA", "FPU"], seq=[0, 1, 0xffffffff], sport=(1, 4), urgptr=(0, 3), options=[("MSS", 1460), ("NOP", None)])/"data",
    link/Dot1Q(vlan=(1, 9))/ip/ICMP(id=(0, 3), seq=(0, 9))/"abc",
    link/ip/IP(src=["1.1.1.1", "2.2.2.2"], dst="9.9.9.9", tos=(0, 3))/UDP(dport=(1, 9))/DNS(id=(1, 4), qd=DNSQR(qname="a.b")),
    link/IPv6(src=["2001:db8:2::1", "::2"], dst="2001:db8:2::5", hlim=(1, 4), fl=(0, 3))/UDP(dport=(1, 9))/"x",
    link/IPv6(src="2001:db8:2::1", dst="2001:db8:2::5")/ICMPv6EchoRequest(id=(1, 4), seq=(1, 9)),
    link/ip/UDP(dport=4789)/VXLAN(vni=(1, 3))/Ether(src="00:00:00:00:00:01", dst="00:00:00:00:00:02")/IP(src="1.1.1.1", dst="2.2.2.2", ttl=(1, 4))/TCP(dport=(1, 5)),
    link/IP(src="10.0.2.1", dst="10.0.2.5", frag=(0, 5), flags=[0, 1], version=[4, 5], ihl=[None, 5])/UDP(chksum=[None, 0, 9], dport=(1, 3)),
    link/ip/GRE(proto=[0x800, 0x806])/"zz", link/ip/UDP(sport=[(1, 3)])/NTP(poll=(1, 5), orig=1, recv=1, ref=1, sent=[1, 2.5]), link/IP(src="10.0.2.1", dst=["10.0.2.5", "10.0.2.6"])/UDP(dport=(1, 40)),
    link/IP(src="10.0.2.1", dst="10.9.0.0/22")/TCP(dport=[80, 443], flags="S"), link/IP(dst="10.0.2.0/26", ttl=[1, 2])/UDP()/"y",
    link/IP(src=["10.0.2.1", "1.2.3.4"], dst="10.0.2.4/30")/IP(src="1.1.1.1", dst="2.2.2.2")/UDP(dport=(1, 3))/"z",
]
wanted = [p for s in sets for p in s]
if sys.argv[1] == "want":
    wrpcap(sys.argv[2], wanted)
else:
    for s in sets:
        sendp(s, iface="eth0", verbose=0)
END
cat > "$work/run" <<'END'
nsenter -t "$LAB_OTHER" -n tcpdump -i eth0 --immediate-mode -Q in -U -s 2000 -B 16384 -w "$1/got.pcap" 'ether dst 02:00:00:00:02:05 and not arp' 2> "$1/err" &
dump=$!
for _ in $(seq 50); do grep -q listening "$1/err" && break; sleep .1; done
"$PKTSH" "$1/send.pkt" send
"$PKTSH" "$1/send.pkt" want "$1/want.pcap"
sleep .3
kill $dump
wait $dump
exit 0
END
scripts/lab bash "$work/run" "$work" || exit
cat > "$work/compare.pkt" <<'END'
import sys
# the kernel of this host has its say, too (it resets what it did not begin): that aside, what arrived is what was meant
got, want = [bytes(p) for p in rdpcap(sys.argv[1])], [bytes(p) for p in rdpcap(sys.argv[2])]
got = [b for b in got if b in set(want)] if len(got) != len(want) else got
wrong = [i for i, (a, b) in enumerate(zip(got, want)) if a != b]
print(len(want) > 1000, len(got) == len(want) or (len(got), len(want)), len(wrong))
for i in wrong[:3]:
    hexdiff(Ether(got[i]), Ether(want[i]))
END
said=$("$PKTSH" "$work/compare.pkt" "$work/got.pcap" "$work/want.pcap")
[ "$said" = "True True 0" ] || { echo "$said"; exit 1; }
