from scapy.all import *
from scapy.layers.inet6 import *
V=IPv6(src="fe80::1",dst="fe80::2")
for c in ("ICMPv6MLQuery()","ICMPv6MLReport()","ICMPv6MLDone()","ICMPv6MLQuery2(sources=['::1'])","ICMPv6MLReport2(records=[ICMPv6MLDMultAddrRec(dst='ff02::5',sources=['::1','::2'],auxdata=b"")])","ICMPv6MRD_Advertisement()","ICMPv6MRD_Solicitation()","ICMPv6MRD_Termination()",
"ICMPv6ND_RS()","ICMPv6ND_RA()","ICMPv6ND_NS()","ICMPv6ND_NA()","ICMPv6ND_INDSol()","ICMPv6ND_INDAdv()","ICMPv6HAADRequest()","ICMPv6HAADReply(addresses=['::1'])","ICMPv6MPSol()","ICMPv6MPAdv()","ICMPv6RPL()","ICMPv6EchoRequest()","ICMPv6TimeExceeded()","ICMPv6ParamProblem()","ICMPv6PacketTooBig()"):
    try: p=V/eval(c)
    except Exception as e: print(c, "ERR",repr(e)); continue
    print("==",c); print(bytes(p).hex()); print(repr(p)); q=IPv6(bytes(p)); print(repr(q)); print(q.summary()); q.show()
for o in ("ICMPv6NDOptSrcLLAddr()","ICMPv6NDOptDstLLAddr()","ICMPv6NDOptPrefixInfo()","ICMPv6NDOptRedirectedHdr(pkt=IPv6(src='::1',dst='::2')/UDP()/b'abc')","ICMPv6NDOptMTU()","ICMPv6NDOptShortcutLimit()","ICMPv6NDOptAdvInterval()","ICMPv6NDOptHAInfo()","ICMPv6NDOptIPAddr()","ICMPv6NDOptNewRtrPrefix()","ICMPv6NDOptLLA()","ICMPv6NDOptMAP()","ICMPv6NDOptRouteInfo()","ICMPv6NDOptRouteInfo(prefix='2001:db8::',plen=32)","ICMPv6NDOptRouteInfo(prefix='2001:db8::1',plen=128)","ICMPv6NDOptRouteInfo(prefix='2001:db8::1')","ICMPv6NDOptRouteInfo(prefix='2001:db8::',plen=64)","ICMPv6NDOptRouteInfo(len=1,plen=0)","ICMPv6NDOptRDNSS()","ICMPv6NDOptRDNSS(dns=['::1','::2'])","ICMPv6NDOptEFA()","ICMPv6NDOptDNSSL()","ICMPv6NDOptSrcAddrList(addrlist=['::1'])","ICMPv6NDOptTgtAddrList(addrlist=['::1'])"):
    try: 
        p=V/ICMPv6ND_RA()/eval(o); b=bytes(p)
    except Exception as e: print(o, "ERR",repr(e)); continue
    print("==",o); print(bytes(p).hex()); print(repr(p)); q=IPv6(bytes(p)); print(repr(q)); print(q.summary()); q.show()
print(repr(IPv6(bytes(V/ICMPv6ND_RA()/ICMPv6NDOptMTU()/ICMPv6NDOptRDNSS(dns=["::1"])/ICMPv6NDOptSrcLLAddr()))))
