from scapy.all import *
def t(p):
    print(repr(p)); print(bytes(p).hex()); q=p.__class__(bytes(p)); print(repr(q)); q.show(); print(q.summary()); q.show2()
V=IPv6(src="fd00::1",dst="fd00::2")
for h in (IPv6ExtHdrHopByHop(), IPv6ExtHdrDestOpt(options=[HAO(hoa="fd00::77")]), IPv6ExtHdrRouting(addresses=["fd00::8","fd00::9"]), IPv6ExtHdrFragment(id=7), IPv6ExtHdrFragment(id=7,offset=3), IPv6ExtHdrHopByHop(options=[RouterAlert(value=0)]), IPv6ExtHdrHopByHop(options=[Jumbo(jumboplen=70000)]),IPv6ExtHdrHopByHop(autopad=0,options=[PadN(optdata=b"abcd")]),IPv6ExtHdrSegmentRouting(addresses=["fd00::8","fd00::9"]),IPv6ExtHdrSegmentRouting(addresses=["fd00::8","fd00::9"],tlv_objects=[IPv6ExtHdrSegmentRoutingTLVIngressNode()]), IPv6ExtHdrRouting(addresses=["fd00::8","fd00::9"],segleft=0)):
    t(V/h/UDP(sport=1,dport=2)/b"abcd")
t(V/IPv6ExtHdrHopByHop()/IPv6ExtHdrDestOpt()/IPv6ExtHdrRouting()/IPv6ExtHdrFragment(id=1)/IPv6ExtHdrDestOpt()/UDP())
t(V/IPv6ExtHdrDestOpt()/IPv6(src="::1",dst="::2")/ICMPv6EchoRequest())
t(V/IPv6ExtHdrHopByHop()/IP(src="1.2.3.4",dst="5.6.7.8")/ICMP())
t(V/IPv6ExtHdrDestOpt())
t(V/IPv6ExtHdrHopByHop()/b"abc")
