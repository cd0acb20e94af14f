# Packets of one shape with other values each time, as a program makes them: built anew or from what their shape has in common,
# they are the same bytes.
from scapy.all import *
import zlib

seed = [1]
def draw(bits):
    seed[0] = (seed[0] * 6364136223846793005 + 1442695040888963407) % (1 << 64)
    return seed[0] >> (64 - bits)
def host(): return "10.%d.%d.%d" % (draw(8), draw(8), draw(8))
def host6(): return "2001:db8::%x:%x" % (draw(16) or 1, draw(16) or 1)
def mac(): return "02:00:00:%02x:%02x:%02x" % (draw(8), draw(8), draw(8))

shapes = {
    "udp": lambda: Ether(src=mac(), dst=mac())/IP(src=host(), dst=host(), id=draw(16))/UDP(sport=draw(16), dport=draw(16) | 1024),
    "syn": lambda: IP(src=host(), dst=host(), ttl=draw(8))/TCP(sport=draw(16), dport=draw(16), seq=draw(32), flags="S", window=draw(16)),
    "flags": lambda: IP(src=host(), dst=host(), flags=draw(3), tos=draw(8))/TCP(sport=draw(16), dport=draw(16), flags=draw(8), ack=draw(32)),
    "fragment": lambda: IP(src=host(), dst=host(), frag=draw(13), proto=draw(8) | 128),
    "ping": lambda: IP(src=host(), dst=host())/ICMP(type=8, id=draw(16), seq=draw(16)),
    "vlan": lambda: Ether(src=mac(), dst=mac())/Dot1Q(vlan=draw(12), prio=draw(3))/IP(src=host(), dst=host())/UDP(sport=draw(16) | 1024, dport=draw(16) | 1024),
    "six": lambda: IPv6(src=host6(), dst=host6(), hlim=draw(8), fl=draw(20), tc=draw(8))/UDP(sport=draw(16) | 1024, dport=draw(16) | 1024),
    "six ping": lambda: IPv6(src=host6(), dst=host6())/ICMPv6EchoRequest(id=draw(16), seq=draw(16)),
    "given": lambda: IP(src=host(), dst=host(), chksum=draw(16), len=draw(16))/UDP(sport=draw(16) | 1024, dport=draw(16) | 1024, chksum=draw(16)),
    "none": lambda: IP(src=host(), dst=host(), chksum=None)/UDP(sport=draw(16) | 1024, dport=draw(16) | 1024, len=draw(16), chksum=None),
    "arp": lambda: Ether(src=mac(), dst="ff:ff:ff:ff:ff:ff")/ARP(op=draw(1) + 1, hwsrc=mac(), psrc=host(), hwdst=mac(), pdst=host()),
    "tunnel": lambda: IP(src=host(), dst=host())/GRE()/IP(src=host(), dst=host())/UDP(sport=draw(16) | 1024, dport=draw(16) | 1024),
    "load": lambda: IP(src=host(), dst=host())/UDP(sport=draw(16) | 1024, dport=draw(16) | 1024)/Raw(load=b"x" * draw(3)),
    "ntp": lambda: IP(src=host(), dst=host())/UDP(sport=123, dport=123)/NTP(sent=draw(32), orig=draw(31), stratum=draw(4), poll=draw(4)),
}
for name, make in shapes.items():
    print(name, [zlib.crc32(raw(make())) for i in range(40)])

# a UDP sum that comes out as zero is sent as ones (RFC 768), also for a shape that is known
def at(port): return raw(IP(src="10.0.0.1", dst="10.0.0.2")/UDP(sport=port, dport=5000))
for port in (1025, 1026): at(port)
sums = [int.from_bytes(at(port)[26:28], "big") for port in (1, 2)]
zero = (1 + sums[0]) % 65535                  # a port more is one less in the sum
print(zero, [at((zero + d) % 65536)[26:28].hex() for d in (-1, 0, 1)])
