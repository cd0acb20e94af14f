from scapy.all import *
from scapy.layers.ppp import *
from scapy.contrib.lldp import *
from scapy.contrib.cdp import *
from scapy.contrib.dtp import *
from scapy.contrib.vtp import *
from scapy.contrib.lacp import *
from scapy.contrib.slowprot import *
from scapy.contrib.mpls import *
from scapy.contrib.chdlc import *
A, B = "02:00:00:00:00:01", "02:00:00:00:00:02"
I = IP(src="10.0.0.1", dst="10.0.0.2")
for p in [
        Dot3(src=A, dst=B)/LLC()/STP(rootid=32768, age=1.5),
        Ether(src=A, dst=B)/Dot1AD(vlan=5)/Dot1Q(vlan=6)/I/UDP(),
        Ether(src=A, dst=B)/Dot1Q(vlan=6)/PPPoE(sessionid=7)/PPP()/I,
        Ether(src=A, dst=B)/Dot1Q(vlan=6)/LLC()/b"data",
        Ether(src=A, dst=B)/MPLS(label=17, ttl=9)/MPLS(label=18)/I/UDP(),
        Ether(src=A, dst="01:80:c2:00:00:0e")/LLDPDUChassisID(subtype=4, id=A)/LLDPDUPortID(subtype=5, id="eth0")/LLDPDUTimeToLive()/LLDPDUEndOfLLDPDU(),
        Ether(src=A, dst="01:80:c2:00:00:0e")/LLDPDUChassisID(subtype=5, family=1, id="10.0.0.1")/LLDPDUPortID(subtype=3, id=A)/LLDPDUTimeToLive()/
        LLDPDUSystemName(system_name="lab")/LLDPDUSystemCapabilities(router_available=1)/
        LLDPDUManagementAddress(management_address_subtype=1, management_address=b"\x0a\0\0\1")/LLDPDUEndOfLLDPDU(),
        CDPv2_HDR(msg=[CDPMsgDeviceID(val="router"), CDPMsgAddr(addr=[CDPAddrRecordIPv4(addr="10.0.0.1"), CDPAddrRecordIPv6(addr="fd00::1")]),
                       CDPMsgPortID(), CDPMsgCapabilities(cap=9), CDPMsgPower(), CDPMsgIPPrefix(), CDPMsgIPGateway(), CDPMsgDuplex(duplex=1)]),
        CDPv2_HDR(msg=[CDPMsgDeviceID(val=b"odd\x90")]),
        CDPv2_HDR(msg=[CDPMsgDeviceID(val=b"odds\x90")]),
        DTP(tlvlist=[DTPDomain(domain="lab"), DTPStatus(), DTPType(), DTPNeighbor(neighbor=A)]),
        VTP(code=2, domname="lab", rev=5, vlaninfo=[VTPVlanInfo(vlanid=5, vlanname="five"), VTPVlanInfo(vlanid=6, vlanname="eight888")]),
        Ether(src=A)/SlowProtocol()/LACP(actor_system=A, partner_system=B, actor_state=0x3d),
        CookedLinux(pkttype=4, src=b"\2\0\0\0\0\1")/I/UDP(),
        CookedLinuxV2(ifindex=3)/ARP(hwsrc=A, psrc="10.0.0.1"),
        Loopback()/I,
        CHDLC()/SLARP(),
        PPPoED()/PPPoED_Tags(tag_list=[PPPoETag(tag_type="Service-Name"), PPPoETag(tag_type=0x103, tag_value="abc")]),
        HDLC()/PPP()/PPP_CHAP_ChallengeResponse(value="12345678", optional_name="me"),
        PPP()/PPP_PAP_Request(username="u", password="pw"),
        PPP()/PPP_PAP_Response(message="no"),
        PPP()/PPP_IPCP(options=[PPP_IPCP_Option_IPAddress(data="10.0.0.4"), PPP_IPCP_Option_DNS1()]),
        PPP()/PPP_LCP_Configure(options=[PPP_LCP_MRU_Option(), PPP_LCP_Magic_Number_Option(magic_number=5), PPP_LCP_Auth_Protocol_Option(),
                                         PPP_LCP_Auth_Protocol_Option(auth_protocol=0xc223), PPP_LCP_Callback_Option(message="hi")])]:
    b = raw(p)
    q = p.__class__(b)
    print(b.hex())
    print(repr(q))
    print(q.summary())
    q.show()
print(bool(PPP_LCP_Configure(code=2, id=5).answers(PPP_LCP_Configure(id=5))), bool(PPP_LCP_Echo(code=10, id=5).answers(PPP_LCP_Echo(code=9, id=6))))
