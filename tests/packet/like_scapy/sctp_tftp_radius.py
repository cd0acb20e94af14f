from scapy.layers.sctp import *
p = SCTP(sport=1, dport=2, tag=3)/SCTPChunkSACK(gap_ack_list=["1:3", "5:9"], dup_tsn_list=[7])
print(raw(p))
SCTP(raw(p)).show()
p = SCTP()/SCTPChunkInit(params=[SCTPChunkParamSupportedAddrTypes(), SCTPChunkParamIPv4Addr()])/SCTPChunkShutdown()
print(raw(p))
SCTP(raw(p)).show()
print(p.summary(), (IP(src="10.0.0.1", dst="10.0.0.2")/p).summary())
for c in [SCTPChunkInitAck, SCTPChunkHeartbeatReq, SCTPChunkHeartbeatAck, SCTPChunkAbort, SCTPChunkShutdown, SCTPChunkShutdownAck, SCTPChunkError, SCTPChunkCookieEcho,
          SCTPChunkCookieAck, SCTPChunkShutdownComplete, SCTPChunkAuthentication, SCTPChunkAddressConf, SCTPChunkAddressConfAck]:
    print(raw(c()), repr(SCTP(raw(SCTP()/c()))))
p = Radius(attributes=[RadiusAttr_NAS_Port(value=7), RadiusAttr_Service_Type(value=2), RadiusAttr_NAS_IP_Address(value="1.2.3.4"), RadiusAttr_State(value=b"abc")])
print(raw(p))
Radius(raw(p)).show()
print(raw(Radius(attributes=[RadiusAttr_Vendor_Specific(vendor_id=9, vendor_type=1, value="x"), RadiusAttribute(type=32, value=b"nas")])))
print(raw(RTP(sync=[1, 2], marker=1)/"x"), repr(RTP(raw(RTP(extension=1)/RTPExtension(header=[1, 2])))))
for p in [TFTP()/TFTP_RRQ(filename="a")/TFTP_Options(options=[TFTP_Option(oname="blksize", value="512")]), TFTP()/TFTP_ERROR(errorcode=1, errormsg="no"),
          TFTP()/TFTP_OACK()/TFTP_Options(options=[TFTP_Option(oname="blksize", value="512")])]:
    print(raw(p), TFTP(raw(p)).layers() == p.layers())
print((IP(src="10.0.0.1", dst="10.0.0.2")/UDP(sport=1, dport=69)/TFTP()/TFTP_ACK(block=4)).summary())
print(bool(TFTP(raw(TFTP()/TFTP_ACK(block=4))).answers(TFTP(raw(TFTP()/TFTP_DATA(block=4))))), bool(TFTP(raw(TFTP()/TFTP_DATA(block=1))).answers(TFTP(raw(TFTP()/TFTP_RRQ())))))
print(raw(L2TP(hdr="length+sequence", ns=5)))
