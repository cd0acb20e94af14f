#!/bin/bash
# Packets of random values, always the same ones: Debian's python3-scapy writes each as its command(), its bytes and its number and
# address fields; here the command gives the same bytes, and the bytes the same fields.
set -u
cd "$(dirname "$0")/../.."
PKTSH=${PKTSH:-build/pktsh}
PYTHON=${PYTHON:-/usr/bin/python3}
"$PYTHON" -c 'import scapy' 2>/dev/null || { echo "python3-scapy is missing"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/make.py" <<'END'
import json, random, sys
from scapy.all import *
R = random.Random(20)
n = R.randrange
def octets(most): return bytes(n(256) for _ in range(n(most)))
def ip4(): return "%d.%d.%d.%d" % (1 + n(223), n(256), n(256), n(256))
def ip6(): return "fd00:" + ":".join("%x" % (1 + n(65535)) for _ in range(7))
def mac(): return "02:" + ":".join("%02x" % n(256) for _ in range(5))
def word(): return "".join(R.choice("abcdefgh") for _ in range(1 + n(9)))
def host(): return ".".join(word() for _ in range(1 + n(3))) + "."
def port(): return 20000 + n(40000)
def often(keep, **given): return {k: v for k, v in given.items() if R.random() < keep}
def data(): return Raw(octets(30) + b"\1")
def record():
    kind, value = R.choice([("A", ip4), ("AAAA", ip6), ("CNAME", host), ("NS", host), ("PTR", host)])
    return DNSRR(rrname=host(), type=kind, ttl=n(2**31), rdata=value())
def records(most):
    made = None
    for _ in range(n(most)): made = record() if made is None else made / record()
    return made
def dns():
    return DNS(id=n(65536), qr=n(2), opcode=n(3), aa=n(2), tc=n(2), rd=n(2), ra=n(2), rcode=n(6),
               qd=DNSQR(qname=host(), qtype=R.choice([1, 2, 12, 15, 28, 255])), an=records(4), ns=records(2), ar=records(2))
def ntp():
    return NTPHeader(leap=n(4), version=3 + n(2), mode=1 + n(5), stratum=2 + n(14), poll=n(18), precision=n(128), delay=n(32) / 2,
               dispersion=n(32) / 2, id=ip4(), ref=n(2**31), orig=n(2**31), recv=n(2**31), sent=n(2**31))
def bootp():
    b = BOOTP(op=1 + n(2), hops=n(9), xid=n(2**32), secs=n(65536), flags=R.choice([0, 0x8000]), ciaddr=ip4(), yiaddr=ip4(), siaddr=ip4(),
              giaddr=ip4(), chaddr=octets(9) + b"\1", sname=octets(20))
    if n(3) == 0: return b
    return b / DHCP(options=[("message-type", 1 + n(8)), ("requested_addr", ip4()), ("server_id", ip4()), ("lease_time", n(2**32)),
                             ("hostname", word().encode()), ("param_req_list", [n(250) for _ in range(1 + n(5))]), "end"])
def udp():
    what = n(4)
    if what == 0: return UDP(sport=port(), dport=53) / dns()
    if what == 1: return UDP(sport=123, dport=123) / ntp()
    if what == 2: return UDP(sport=68, dport=67) / bootp()
    return UDP(sport=port(), dport=port(), **often(.2, chksum=n(65536))) / data()
def tcp():
    options = [o for o in [("MSS", n(65536)), ("NOP", None), ("WScale", n(15)), ("SAckOK", b""), ("Timestamp", (n(2**32), n(2**32))),
                           ("SAck", (n(2**32), n(2**32)))] if R.random() < .5]
    return TCP(sport=port(), dport=port(), flags=n(512), options=options,
               **often(.7, seq=n(2**32), ack=n(2**32), window=n(65536), urgptr=n(65536))) / data()
def icmp():
    return R.choice([ICMP(type=8, id=n(65536), seq=n(65536)), ICMP(type=0, id=n(65536), seq=n(65536)),
                     ICMP(type=13, id=n(65536), seq=n(65536), ts_ori=n(2**32), ts_rx=n(2**32), ts_tx=n(2**32))]) / data()
def ip():
    head = IP(src=ip4(), dst=ip4(), **often(.5, tos=n(256), id=n(65536), flags=n(8), ttl=n(256), chksum=n(65536)))
    return head / R.choice([udp, udp, tcp, icmp])()
def six():
    head = IPv6(src=ip6(), dst=ip6(), **often(.5, tc=n(256), fl=n(2**20), hlim=n(256)))
    return head / R.choice([udp, tcp, lambda: ICMPv6EchoRequest(id=n(65536), seq=n(65536), data=octets(20)),
                            lambda: ICMPv6EchoReply(id=n(65536), seq=n(65536), data=octets(20))])()
def arp():
    return ARP(op=1 + n(9), hwsrc=mac(), psrc=ip4(), hwdst=mac(), pdst=ip4())
def frame():
    head = Ether(src=mac(), dst=mac())
    for _ in range(n(3) if n(2) else 0): head = head / Dot1Q(vlan=n(4096), prio=n(8))
    return head / R.choice([ip, ip, ip, six, arp])()

with open(sys.argv[1], "w") as out:
    for _ in range(300):
        p = frame()
        b = raw(p)
        fields, seen = [], set()
        for layer in Ether(b).iterpayloads():
            name = type(layer).__name__
            if name in seen: continue
            seen.add(name)
            for f in layer.fields_desc:
                if isinstance(f, FixedPointField): continue      # kept there as what is on the wire
                if isinstance(f, ConditionalField) and not f._evalcond(layer): continue
                v = layer.getfieldval(f.name)
                if isinstance(v, FlagValue): v = int(v)
                if type(v) in (int, str): fields.append([name, f.name, v])
        out.write(json.dumps([p.command(), b.hex(), fields]) + "\n")
END

cat >"$work/compare" <<'END'
import json, sys
from decimal import Decimal
count = wrong = 0
for line in open(sys.argv[1]):
    command, hexed, fields = json.loads(line)
    expected = bytes.fromhex(hexed)
    count += 1
    got = raw(eval(command))
    if got != expected:
        print(command, "gives\n ", got.hex(), "and in Scapy\n ", hexed)
        wrong += 1
    p = Ether(expected)
    for layer, field, value in fields:
        have = p[layer].getfieldval(field) if p.haslayer(layer) else "absent"
        if isinstance(value, int) and have not in (None, "absent"): have = int(have)
        if have != value:
            print(hexed, ":", layer, field, "is", have, "and in Scapy", value)
            wrong += 1
    if raw(p) != expected:
        print(hexed, "is rebuilt as", raw(p).hex())
        wrong += 1
if count != 300: print("only", count, "packets")
sys.exit(1 if wrong or count != 300 else 0)
END

"$PYTHON" "$work/make.py" "$work/packets" 2>"$work/err" || { cat "$work/err"; exit 1; }
"$PKTSH" "$work/compare" "$work/packets"
