from scapy.all import *
try: load_contrib
except NameError: pass
else:
 for m in ('igmp','igmpv3','geneve','etherip'): load_contrib(m)
def t(p):
    print(repr(p)); print(bytes(p).hex()); q=p.__class__(bytes(p)); print(repr(q)); q.show(); print(q.summary())
I=IP(src="10.0.0.1",dst="10.0.0.2")
E=Ether(src="02:00:00:00:00:01",dst="02:00:00:00:00:02")
t(I/GRE()/I/UDP())
t(I/GRE(key_present=1,key=5,seqnum_present=1,sequence_number=7,chksum_present=1)/E/I/UDP()/b"x")
t(I/GRE(routing_present=1)/GRErouting(address_family=0x800,routing_info=b"\x0a\0\0\1")/GRErouting())
t(I/GRE_PPTP(call_id=3,seqnum_present=1,acknum_present=1))
t(I/UDP()/VXLAN(vni=77)/E/I/ICMP())
t(I/UDP()/VXLAN(vni=77,flags="Instance")/E/I/ICMP())
t(I/UDP()/VXLAN(vni=77,flags="Instance+G",gpid=5,gpflags="A")/E)
t(I/UDP()/VXLAN(vni=77)/I/ICMP())
t(I/UDP(sport=6081)/GENEVE(vni=5,options=[GeneveOptions(classid=0x0101,type=0x80,data=b"abcdefgh")])/E/I)
t(I/EtherIP()/E/I)
t(IP(src="10.0.0.1")/IGMP(type=0x16,gaddr="224.1.2.3"))
t(IP(src="10.0.0.1",dst="224.0.0.22")/IGMPv3()/IGMPv3mr(records=[IGMPv3gr(maddr="224.1.1.1",srcaddrs=["1.2.3.4","5.6.7.8"]),IGMPv3gr(rtype=4,maddr="224.1.1.2")]))
t(IP(src="10.0.0.1",dst="224.0.0.1")/IGMPv3(mrcode=100)/IGMPv3mq(gaddr="224.1.1.1",srcaddrs=["1.2.3.4"]))
t(IP(src="10.0.0.1",dst="224.0.0.1")/IGMPv3()/IGMPv3mra(qryIntvl=5))
p=E/IP(src="10.0.0.1")/IGMP(type=0x17,gaddr="224.1.2.3",mrcode=9); print(p[IGMP].igmpize(), repr(p))
