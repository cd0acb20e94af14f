#!/bin/bash
# Frames of every layer, as tshark reads them: the fields have the values given, the sums are right, and it has nothing to object to.
# A line of the table: a packet, " @ ", what tshark calls its fields and the values expected.
set -u
cd "$(dirname "$0")/../.."
PKTSH=${PKTSH:-build/pktsh}
command -v tshark >/dev/null || { echo "tshark is missing"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/table" <<'END'
E/ARP(op="who-has", hwsrc="02:00:00:00:00:01", psrc="10.0.0.1", pdst="10.0.0.2") @ eth.dst=02:00:00:00:00:02 eth.type=0x0806 arp.opcode=1 arp.src.hw_mac=02:00:00:00:00:01 arp.src.proto_ipv4=10.0.0.1 arp.dst.proto_ipv4=10.0.0.2
E/ARP(op="is-at", hwsrc="02:00:00:00:00:01", psrc="10.0.0.1", hwdst="02:00:00:00:00:02", pdst="10.0.0.2") @ arp.opcode=2 arp.dst.hw_mac=02:00:00:00:00:02
E/Dot1Q(vlan=77, prio=5)/I/ICMP(id=0x1234, seq=9)/b"ping" @ vlan.id=77 vlan.priority=5 vlan.etype=0x0800 icmp.type=8 icmp.seq=9 icmp.checksum.status=1
E/I/UDP(sport=4000, dport=4001)/b"data" @ ip.src=10.0.0.1 ip.dst=10.0.0.2 ip.ttl=9 ip.id=0x1234 ip.proto=17 ip.len=32 ip.checksum.status=1 udp.srcport=4000 udp.dstport=4001 udp.length=12 udp.checksum.status=1
E/IP(src="10.0.0.1", dst="10.0.0.2", flags="DF", tos=0x10, options=[IPOption_Router_Alert()])/UDP(sport=4000, dport=4001) @ ip.hdr_len=24 ip.opt.type=148 ip.checksum.status=1 udp.checksum.status=1
E/I/TCP(sport=4000, dport=4001, seq=5, flags="S", window=77, options=[("MSS", 1460), ("SAckOK", b""), ("Timestamp", (7, 0)), ("NOP", None), ("WScale", 7)]) @ tcp.srcport=4000 tcp.dstport=4001 tcp.flags=0x0002 tcp.seq_raw=5 tcp.window_size_value=77 tcp.hdr_len=40 tcp.options.mss_val=1460 tcp.options.wscale.shift=7 tcp.options.timestamp.tsval=7 tcp.checksum.status=1
E/V/TCP(sport=4002, dport=4003, flags="S") @ ipv6.src=fd00::1 ipv6.dst=fd00::2 ipv6.hlim=9 ipv6.plen=20 ipv6.nxt=6 tcp.checksum.status=1
E/V/UDP(sport=4002, dport=4003)/b"odd" @ ipv6.plen=11 udp.length=11 udp.checksum.status=1
E/I/ICMP(type="dest-unreach", code="port-unreachable")/I/UDP(sport=4000, dport=4001) @ icmp.type=3 icmp.code=3 icmp.checksum.status=1
E/V/ICMPv6EchoRequest(id=5, seq=6, data=b"ping") @ icmpv6.type=128 icmpv6.echo.sequence_number=6 icmpv6.checksum.status=1
E/IPv6(src="fe80::1", dst="ff02::1:ff00:2")/ICMPv6ND_NS(tgt="fe80::2")/ICMPv6NDOptSrcLLAddr(lladdr="02:00:00:00:00:01") @ icmpv6.type=135 icmpv6.nd.ns.target_address=fe80::2 icmpv6.opt.linkaddr=02:00:00:00:00:01 ipv6.hlim=255 icmpv6.checksum.status=1
E/IPv6(src="fe80::1", dst="fe80::2")/ICMPv6ND_NA(tgt="fe80::1", R=0, S=1)/ICMPv6NDOptDstLLAddr(lladdr="02:00:00:00:00:01") @ icmpv6.type=136 icmpv6.nd.na.target_address=fe80::1 icmpv6.checksum.status=1
E/I/UDP(sport=4000, dport=53)/DNS(id=0x77, qd=[DNSQR(qname="www.example.com", qtype="AAAA")]) @ dns.id=0x0077 dns.flags.response=0,False dns.qry.name=www.example.com dns.qry.type=28
E/I/UDP(sport=53, dport=4000)/A([DNSRR(rrname="a.example", rdata="192.0.2.1", ttl=60), DNSRR(rrname="a.example", type="AAAA", rdata="2001:db8::1", ttl=60)]) @ dns.flags.response=1,True dns.count.answers=2 dns.a=192.0.2.1 dns.aaaa=2001:db8::1 dns.resp.ttl=60,60
E/I/UDP(sport=53, dport=4000)/A([DNSRR(rrname="a.example", type="CNAME", rdata="b.example")]) @ dns.cname=b.example
E/I/UDP(sport=53, dport=4000)/A([DNSRR(rrname="a.example", type="NS", rdata="ns.example")]) @ dns.ns=ns.example
E/I/UDP(sport=53, dport=4000)/A([DNSRR(rrname="1.2.0.192.in-addr.arpa", type="PTR", rdata="host.example")]) @ dns.ptr.domain_name=host.example
E/I/UDP(sport=53, dport=4000)/A([DNSRRMX(rrname="a.example", preference=10, exchange="mail.example")]) @ dns.mx.preference=10 dns.mx.mail_exchange=mail.example
E/I/UDP(sport=53, dport=4000)/A([DNSRR(rrname="a.example", type="TXT", rdata=[b"words"])]) @ dns.txt=words
E/I/UDP(sport=53, dport=4000)/A([DNSRRSOA(rrname="a.example", mname="ns.example", rname="root.example", serial=2024, refresh=3600, retry=600, expire=86400, minimum=60)]) @ dns.soa.mname=ns.example dns.soa.serial_number=2024 dns.soa.minimum_ttl=60
E/I/UDP(sport=123, dport=123)/NTP(version=4, mode=3, stratum=2, poll=6, id="192.0.2.9", ref=1, orig=2, recv=3, sent=4) @ ntp.flags.vn=4 ntp.flags.mode=3 ntp.stratum=2 ntp.ppoll=6
E/IP(src="0.0.0.0", dst="255.255.255.255")/UDP(sport=68, dport=67)/BOOTP(xid=0x1234, chaddr=b"\2\0\0\0\0\1")/DHCP(options=[("message-type", "request"), ("requested_addr", "10.0.0.9"), ("server_id", "10.0.0.1"), ("hostname", b"lab"), "end"]) @ dhcp.id=0x00001234 dhcp.hw.mac_addr=02:00:00:00:00:01 dhcp.option.dhcp=3 dhcp.option.requested_ip_address=10.0.0.9 dhcp.option.dhcp_server_id=10.0.0.1 dhcp.option.hostname=lab
END

cat >"$work/write" <<'END'
import sys
E = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")
I = IP(src="10.0.0.1", dst="10.0.0.2", ttl=9, id=0x1234)
V = IPv6(src="fd00::1", dst="fd00::2", hlim=9)
def A(records): return DNS(id=7, qr=1, qd=[DNSQR(qname="a.example")], an=records)
wrpcap(sys.argv[2], [eval(line.split(" @ ")[0]) for line in open(sys.argv[1])])
END

cat >"$work/compare" <<'END'
import sys
rows = open(sys.argv[2]).read().split("\n")
names = rows[0].split("\t")
table = open(sys.argv[1]).read().strip().split("\n")
wrong = 0
if len(rows) - 2 != len(table):
    print("tshark read", len(rows) - 2, "frames of", len(table))
    wrong = 1
for n, line in enumerate(table):
    got = dict(zip(names, rows[n + 1].split("\t")))
    packet, fields = line.split(" @ ")
    for field in fields.split():
        name, value = field.split("=", 1)
        ok = value.split(",") if name == "dns.flags.response" else [value]
        if got[name] not in ok:
            print(packet, ":", name, "is", repr(got[name]), "and not", value)
            wrong += 1
    severity = [int(s) for s in got["_ws.expert.severity"].split(",") if s]
    if got["_ws.malformed"] or any(s >= 0x600000 for s in severity):       # 0x600000: a warning, 0x800000: an error
        print(packet, ":", got["_ws.expert.message"])
        wrong += 1
sys.exit(1 if wrong else 0)
END

"$PKTSH" "$work/write" "$work/table" "$work/frames.pcap" || exit 1
fields=$(sed 's/.* @ //' "$work/table" | tr ' ' '\n' | sed 's/=.*//' | sort -u)
# shellcheck disable=SC2046
tshark -n -r "$work/frames.pcap" -o ip.check_checksum:TRUE -o udp.check_checksum:TRUE -o tcp.check_checksum:TRUE \
	-T fields -E header=y -E occurrence=a $(printf -- '-e %s ' $fields) -e _ws.expert.severity -e _ws.expert.message -e _ws.malformed \
	>"$work/read" 2>"$work/tshark.err" || { cat "$work/tshark.err"; exit 1; }
"$PKTSH" "$work/compare" "$work/table" "$work/read"
