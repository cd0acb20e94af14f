p = SNMP(version=0, community="private", PDU=SNMPget(id=300, varbindlist=[SNMPvarbind(oid=ASN1_OID("1.3.6.1.2.1.1.1.0")), SNMPvarbind(oid="1.2", value=ASN1_STRING("hey"))]))
print(repr(p))
print(raw(p))
q = SNMP(raw(p))
print(repr(q))
q.show()
print(q.version.val, q.PDU.id.val, q.PDU.varbindlist[0].oid.val, q.community == b"private", q.version == 0)
ls(SNMP)
ls(SNMPget)
print((IP(src="10.0.0.1", dst="10.0.0.2")/UDP()/SNMP()).summary())
print(raw(IP(src="10.0.0.1", dst="10.0.0.2")/UDP()/SNMP()))
for pdu in [SNMPget, SNMPnext, SNMPresponse, SNMPset, SNMPbulk, SNMPinform, SNMPtrapv2]:
    print(raw(SNMP(PDU=pdu())), repr(SNMP(raw(SNMP(PDU=pdu()))).PDU))
t = SNMP(PDU=SNMPtrapv1(enterprise="1.3.6.1.4.1.9", agent_addr="10.0.0.9", generic_trap=3, time_stamp=5))
print(raw(t), repr(SNMP(raw(t)).PDU))
ask = SNMP(PDU=SNMPget(id=7))
print(SNMP(raw(SNMP(PDU=SNMPresponse(id=7)))).answers(SNMP(raw(ask))), SNMP(raw(SNMP(PDU=SNMPresponse(id=8)))).answers(SNMP(raw(ask))))
values = [ASN1_INTEGER(-300), ASN1_INTEGER(2**70), ASN1_INTEGER(-2**100), ASN1_STRING(b"a\x00"), ASN1_OID("1.3.6.1.2.1.1.1.0"), ASN1_NULL(0), ASN1_BIT_STRING("0110"),
          ASN1_BIT_STRING("0" * 40), ASN1_BOOLEAN(1), ASN1_IPADDRESS("1.2.3.4"), ASN1_COUNTER32(5), ASN1_GAUGE32(2**32 - 1), ASN1_TIME_TICKS(128),
          ASN1_SEQUENCE([ASN1_INTEGER(1), ASN1_SET([])]), ASN1_UTC_TIME("230101000000Z"), ASN1_UTC_TIME("xx"), ASN1_GENERALIZED_TIME("20230101000000Z"), ASN1_ENUMERATED(3),
          ASN1_UTF8_STRING("x"), ASN1_PRINTABLE_STRING("x")]
for v in values:
    print(repr(v), bytes(v), v.command(), repr(SNMPvarbind(raw(SNMPvarbind(value=v))).value))
# a class of one's own
class T(ASN1_Packet):
    ASN1_codec = ASN1_Codecs.BER
    ASN1_root = ASN1F_SEQUENCE(
        ASN1F_INTEGER("a", 1), ASN1F_optional(ASN1F_STRING("b", None, implicit_tag=0x80)), ASN1F_BOOLEAN("c", True),
        ASN1F_ENUMERATED("d", 1, {1: "one", 2: "two"}), ASN1F_SEQUENCE(ASN1F_OID("e", "1.2.3"), ASN1F_NULL("f", 0)),
        ASN1F_optional(ASN1F_INTEGER("g", None, explicit_tag=0xa1)), ASN1F_SEQUENCE_OF("h", [], ASN1F_INTEGER),
        ASN1F_BIT_STRING("i", "0101", default_readable=False), ASN1F_SET_OF("j", [], ASN1F_STRING), ASN1F_CHOICE("k", ASN1_INTEGER(3), ASN1F_INTEGER, ASN1F_STRING))
T().show()
for p in [T(), T(a=-5, b=b"hi", g=77, h=[ASN1_INTEGER(1), ASN1_INTEGER(2)], j=[ASN1_STRING("x")], k=ASN1_STRING("yy"), d=2)]:
    print(raw(p))
    T(raw(p)).show()
    print(repr(T(raw(p))))
class P(ASN1_Packet):
    ASN1_codec = ASN1_Codecs.BER
    ASN1_root = ASN1F_SEQUENCE(ASN1F_PACKET("t", T(), T, explicit_tag=0xa3), ASN1F_optional(ASN1F_PACKET("u", None, T, implicit_tag=0xa4)))
for p in [P(), P(u=T(a=9))]:
    print(raw(p), repr(P(raw(p))))
