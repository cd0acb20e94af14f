# Routing protocols: headers, lists inside of lists, lengths and sums worked out, bytes dissected again.
from scapy.all import *
from scapy.layers.rip import *
from scapy.layers.hsrp import *
from scapy.layers.vrrp import *
from scapy.contrib.ripng import *
from scapy.contrib.ospf import *
from scapy.contrib.bgp import *
from scapy.contrib.eigrp import *
from scapy.contrib.isis import *
from scapy.contrib.pim import *
from scapy.layers.netflow import *

I = IP(src="10.0.0.1", dst="10.0.0.2")

def both(p):
    print(bytes(p).hex())
    q = p.__class__(bytes(p))
    print(q.summary())
    q.show()

both(I/UDP()/RIP(cmd="resp", version=2)/RIPEntry(addr="10.1.0.0", mask="255.255.0.0", metric=16)/RIPEntry(addr="10.2.0.0", metric=3))
both(IPv6(src="fe80::1", dst="ff02::9")/UDP()/RIPng(cmd=2)/RIPngEntry(prefix_or_nh="2001:db8::", prefixlen=32, metric=255))
both(I/UDP()/HSRP(state="Standby", group=7, virtualIP="10.0.0.9"))
both(I/VRRP(vrid=5, priority=200, addrlist=["10.0.0.9", "10.0.0.8"]))
both(I/VRRPv3(vrid=5, addrlist=["10.0.0.9"]))
both(IPv6(src="fe80::1", dst="ff02::12")/VRRPv3(addrlist=["fe80::9"]))
both(I/OSPF_Hdr(src="1.1.1.1", area="0.0.0.1")/OSPF_Hello(options="E", router="10.0.0.1", neighbors=["2.2.2.2", "3.3.3.3"]))
both(I/OSPF_Hdr()/OSPF_LSUpd(lsalist=[
    OSPF_Router_LSA(linklist=[OSPF_Link(id="10.0.0.0", data="255.255.255.0", type="stub", metric=10), OSPF_Link(type="p2p")]),
    OSPF_Network_LSA(routerlist=["1.1.1.1", "2.2.2.2"]), OSPF_SummaryIP_LSA(metric=7), OSPF_External_LSA(ebit=1, fwdaddr="10.0.0.7")]))
both(I/OSPF_Hdr()/OSPF_DBDesc(lsaheaders=[OSPF_LSA_Hdr(), OSPF_LSA_Hdr(type="external")]))
both(I/OSPF_Hdr()/OSPF_LSReq(requests=[OSPF_LSReq_Item(type="network", id="10.0.0.1")]))
both(IPv6(src="fe80::1", dst="ff02::5")/OSPFv3_Hdr()/OSPFv3_Hello(options="V6+E+R", neighbors=["2.2.2.2"]))
both(IPv6(src="fe80::1", dst="ff02::5")/OSPFv3_Hdr()/OSPFv3_LSUpd(lsalist=[OSPFv3_Router_LSA(linklist=[OSPFv3_Link(metric=3)]), OSPFv3_Intra_Area_Prefix_LSA(prefixlist=[OSPFv3_Prefix_Item()])]))
both(I/PIMv2Hdr()/PIMv2Hello(option=[PIMv2HelloHoldtime(holdtime=30), PIMv2HelloDRPriority(dr_priority=5)]))
both(I/PIMv2Hdr()/PIMv2JoinPrune(up_neighbor_ip="10.0.0.7", jp_ips=[PIMv2GroupAddrs(gaddr="239.1.1.1", join_ips=[PIMv2JoinAddrs(src_ip="10.9.9.9")])]))
both(I/EIGRP(opcode="Update", seq=3)/Raw(b""))
both(I/EIGRP(asn=100, tlvlist=[EIGRPParam(), EIGRPIntRoute(dst="10.7.0.0", prefixlen=16), EIGRPStub(flags="connected+static")]))
both(ISIS_CommonHdr()/ISIS_L2_LSP(tlvs=[ISIS_AreaTlv(areas=[ISIS_AreaEntry(areaid="49.0001")]), ISIS_DynamicHostnameTlv(hostname="r1"),
    ISIS_IpInterfaceAddressTlv(addresses=["10.0.0.1"]), ISIS_ExtendedIpReachabilityTlv(pfxs=[ISIS_ExtendedIpPrefix(metric=10, pfx="10.1.0.0/16")])]))
both(ISIS_CommonHdr()/ISIS_L1_LAN_Hello(tlvs=[ISIS_ProtocolsSupportedTlv(nlpids=["IPv4", "IPv6"]), ISIS_IsNeighbourTlv(neighbours=["02:00:00:00:00:01"])]))
both(ISIS_CommonHdr()/ISIS_L1_CSNP(tlvs=[ISIS_LspEntryTlv(entries=[ISIS_LspEntry(), ISIS_LspEntry(seqnum=9)])]))
both(I/UDP()/NetflowHeader()/NetflowHeaderV5(unixSecs=5)/NetflowRecordV5(src="10.1.1.1"))
# a template's field has the size that its type says, until another is given
for kind in (1, 4, 31, 59, 100, 400):
    print(kind, bytes(NetflowTemplateFieldV9(fieldType=kind)).hex(), bytes(NetflowTemplateFieldV9(fieldType=kind, fieldLength=7)).hex())
print(bytes(BGPCapGracefulRestart(entries=[BGPCapGracefulRestart.GRTuple(afi=1, safi=1)])).hex())
print(bytes(BGPCapORF(orf=[BGPCapORFBlock(afi=1, safi=1, entries=[BGPCapORFBlock.ORFTuple(orf_type=64)])])).hex())
