#!/bin/bash
# Packets sent one by one, each a little other than the one before, are those that building each gives, and go where the kernel's
# tables say at that moment: also while neighbours, routes, bindings, defaults and the packet's layers change in between.
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
cat > "$work/send.pkt" <<'END'
import os, random, sys, time
from ipaddress import IPv4Address
sending = sys.argv[1] == "send"
random.seed(7)
wanted, mac = [], "02:00:00:00:02:05"

def host(command):
    if sending:
        os.system(command)
        time.sleep(.01)

def out(p, **more):
    wanted.append(bytes(Ether(src="02:00:00:00:02:01", dst=mac)/p))
    if sending:
        send(p, verbose=0, **more)

def vary(p, times=6):
    for i in range(times):
        p[IP].src = str(IPv4Address(random.getrandbits(32)))
        p[IP].id = i
        out(p)

syn = IP(dst="10.0.2.5")/TCP(dport=9, flags="S")
for i in range(40):
    syn[IP].src = str(IPv4Address(random.getrandbits(32)))
    syn[TCP].sport = random.getrandbits(16)
    syn[TCP].seq = random.getrandbits(32)
    out(syn)
for i in range(8):                          # shapes that come and go, values that are no numbers, sources left to the route
    syn[TCP].flags = "SA"[i % 2]
    syn[TCP].options = [("MSS", 1460)] if i % 4 == 3 else []
    out(syn)
    out(IP(dst="10.0.2.5", ttl=i)/UDP(sport=i, dport=9)/("x" * i))
    out(IP(dst="10.0.2.5", ttl=i, chksum=None, len=None)/UDP(sport=i, dport=9, chksum=i)/"y")
    out(IP(dst="10.0.2.5", proto=200, id=i)/b"zz")
    out(IP(dst="10.0.2.5", src="10.0.2.1", id=i)/ICMP(type=0, id=i, seq=i))
    out((Ether()/IP(dst="10.0.2.5", ttl=i)/UDP(dport=i))[IP])
for i in range(6):
    out(IPv6(src="2001:db8:2::1", dst="2001:db8:2::5", hlim=i)/UDP(sport=i, dport=9))

to_here = IP(dst="10.0.2.6")/UDP(dport=9)
host("ip neigh replace 10.0.2.6 lladdr 02:00:00:00:02:06 dev eth0")
mac = "02:00:00:00:02:06"
vary(to_here)
host("ip neigh replace 10.0.2.6 lladdr 02:00:00:00:02:07 dev eth0")
mac = "02:00:00:00:02:07"
vary(to_here)
host("ip neigh replace 10.0.2.8 lladdr 02:00:00:00:02:08 dev eth0; ip route add 10.0.2.6/32 via 10.0.2.8")
mac = "02:00:00:00:02:08"
vary(to_here)
conf.route.add(net="10.0.2.6/32", gw="10.0.2.6")
mac = "02:00:00:00:02:07"
vary(to_here)

mac = "02:00:00:00:02:05"
class Odd(Packet):
    fields_desc = [ByteField("a", 1), ByteField("b", 2)]
bind_layers(UDP, Odd, dport=4444)
for i in range(6):
    out(IP(dst="10.0.2.5", id=i)/UDP(sport=i)/Odd(a=i))
    if i == 3:
        bind_layers(UDP, Odd, dport=5555)
class Hooked(Odd):
    def post_build(self, p, pay):
        return p + bytes([self.a ^ 255]) + pay
for i in range(6):
    out(IP(dst="10.0.2.5", id=i)/UDP(sport=i, dport=9)/Hooked(a=i))
p = IP(dst="10.0.2.5")/UDP(sport=1, dport=9)
for i in range(9):
    p[IP].id = i
    if i == 4:
        UDP.fields_desc[1].default = 77
        del p[UDP].dport
    out(p)
if not sending:
    wrpcap(sys.argv[2], [Ether(b) for b in wanted])
END
cat > "$work/run" <<'END'
nsenter -t "$LAB_OTHER" -n tcpdump -i eth0 --immediate-mode -Q in -U -s 2000 -B 16384 -w "$1/got.pcap" 'not arp and not icmp6' 2> "$1/err" &
dump=$!
for _ in $(seq 50); do grep -q listening "$1/err" && break; sleep .1; done
"$PKTSH" "$1/send.pkt" want "$1/want.pcap"
"$PKTSH" "$1/send.pkt" send
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
print(len(want), len(got) == len(want) or (len(got), len(want)), len(wrong))
for i in wrong[:3]:
    print(i)
    hexdiff(Ether(got[i]), Ether(want[i]))
END
said=$("$PKTSH" "$work/compare.pkt" "$work/got.pcap" "$work/want.pcap")
[ "$said" = "139 True 0" ] || { echo "$said"; exit 1; }
