# NetBIOS: names, node status, registration
def hexed(p): return raw(p).hex() if hasattr(raw(p), "hex") else ""
u = IP(src="10.0.0.1", dst="10.0.0.2")/UDP()
for p in (NBNSQueryRequest(QUESTION_NAME="FILESERVER"), NBNSQueryResponse(RR_NAME="FILESERVER", ADDR_ENTRY=[NBNS_ADD_ENTRY(NB_ADDRESS="1.2.3.4")]),
          NBNSNodeStatusRequest(), NBNSRegistrationRequest(QUESTION_NAME="ME"), NBNSWackResponse(RR_NAME="X"),
          NBNSNodeStatusResponse(RR_NAME="X", MAC_ADDRESS="02:00:00:00:00:01", NODE_NAME=[NBNSNodeStatusResponseService(), NBNSNodeStatusResponseService(SUFFIX=0x20)])):
    made = raw(u/NBNSHeader(NAME_TRN_ID=7)/p)
    print(hexed(made))
    q = IP(made)
    print(q[UDP].sport, q[UDP].dport, q.lastlayer().__class__.__name__)
    print(q[NBNSHeader].NM_FLAGS, q[NBNSHeader].OPCODE, q[NBNSHeader].QDCOUNT, q[NBNSHeader].ANCOUNT, q[NBNSHeader].RESPONSE)
print(IP(raw(u/NBNSHeader()/NBNSQueryRequest(QUESTION_NAME="FILE"))).summary())
print(IP(raw(u/NBNSHeader()/NBNSQueryResponse(RR_NAME="FILE"))).summary())
print(hexed(NBTDatagram(SourceName="A", DestinationName="B")))
print(hexed(NetBIOS_DS(srcname="A", dstname="B")/Raw(b"xyz")))
print(hexed(IP(src="10.0.0.1", dst="10.0.0.2")/TCP()/NBTSession(TYPE=0x85)))
