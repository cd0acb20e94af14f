from scapy.all import *
from scapy.utils6 import *
from scapy.layers.inet6 import *
import socket
A=["fe80::1","fec0::1","fc00::1","2001:db8::1","2000::5","ff01::1","ff02::1","ff02::2","ff05::5","ff0e::9","ff02::1:ff12:3456","2002:102:304::1","2001:0:4136:e378:8000:63bf:3fff:fdd2","fe80::211:22ff:fe33:4455"]
for a in A:
    p=socket.inet_pton(socket.AF_INET6,a)
    print(a, in6_ptop(a), [int(bool(f(a))) for f in (in6_islladdr,in6_issladdr,in6_isuladdr,in6_isgladdr,in6_isdocaddr,in6_ismaddr,in6_ismnladdr,in6_ismlladdr,in6_ismsladdr,in6_ismgladdr,in6_isaddrllallnodes,in6_isaddrllallservers,in6_isllsnmaddr,in6_isanycast,in6_iseui64,in6_isaddr6to4,in6_isaddrTeredo,in6_isvalid)], in6_getscope(a), in6_getnsma(p).hex(), in6_getnsmac(p), in6_addrtomac(a), in6_ptoc(a), in6_ctop(in6_ptoc(a)), in6_6to4ExtractAddr(a), in6_getha(a))
print(in6_mactoifaceid("00:11:22:33:44:55"), in6_mactoifaceid("02:11:22:33:44:55"), in6_mactoifaceid("00:11:22:33:44:55",0), in6_mactoifaceid("00:11:22:33:44:55",1), in6_ifaceidtomac("211:22ff:fe33:4455"), in6_get6to4Prefix("1.2.3.4"), teredoAddrExtractInfo(A[14]))
print(in6_cidr2mask(33).hex(), in6_cidr2mask(0).hex(), in6_cidr2mask(128).hex(), in6_isincluded("2001:db8:1::","2001:db8::",32), in6_isvalid("zz"))
a,b=in6_cidr2mask(12),in6_cidr2mask(7); print(in6_and(a,b).hex(),in6_or(a,b).hex(),in6_xor(a,b).hex())
u=IP(src="10.0.0.1",dst="10.0.0.2"); d=bytes(UDP(sport=1,dport=2,len=11,chksum=0)/b"abc")
print(hex(in4_chksum(17,u,d)), hex(in4_chksum(17,IP(bytes(u/UDP(sport=1,dport=2)/b"abc")),d)))
V=IPv6(src="fd00::1",dst="fd00::2")
print(hex(in6_chksum(17,V,d)), hex(in6_chksum(17,(V/IPv6ExtHdrRouting(addresses=["fd00::8","fd00::9"],segleft=2)/UDP()).payload,d)), hex(in6_chksum(17,(V/IPv6ExtHdrDestOpt(options=[HAO(hoa="fd00::7")])/UDP()).payload,d)))
IPID_count([(IP(id=1),IP(id=5)),(IP(),IP(id=7)),(IP(),IP(id=300))])
