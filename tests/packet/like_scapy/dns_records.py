# Records of DNSSEC and others, the options of EDNS0: bytes, and the values read back
records = [
    DNSRRSOA(rrname="a.example.", mname="ns.", rname="root.", serial=1, refresh=2, retry=3, expire=4, minimum=5),
    DNSRRMX(rrname="a.example.", type=15, preference=10, exchange="mail.example."), DNSRRSRV(rrname="_a._b.", priority=1, weight=2, port=3, target="t."),
    DNSRRDNSKEY(rrname="a.", flags=257, algorithm=8, publickey=b"key"), DNSRRDS(rrname="a.", keytag=7, algorithm=8, digesttype=2, digest=b"digest"),
    DNSRRDLV(rrname="a.", keytag=7, digest=b"d"), DNSRRNSEC(rrname="a.", nextname="b.", typebitmaps=[1, 2, 15, 46, 1234]),
    DNSRRRSIG(rrname="a.", typecovered=1, labels=1, originalttl=9, expiration=1700000000, inception=1690000000, keytag=5, signersname="e.", signature=b"sig"),
    DNSRRNSEC3(rrname="a.", hashalg=1, iterations=2, saltlength=4, salt=b"salt", hashlength=4, nexthashedownername=b"next", typebitmaps=[1, 46]),
    DNSRRNSEC3PARAM(rrname="a.", hashalg=1, iterations=2, saltlength=4, salt=b"salt"),
    DNSRRTSIG(rrname="k.", time_signed=1700000000, fudge=300, mac_data=b"m" * 20, original_id=7),
]
for record in records:
    wire = raw(record)
    print(type(record).__name__, wire)
    again = type(record)(wire)
    for name in [f.name for f in record.fields_desc if f.name not in ("cacheflush", "rrname")]:
        value = getattr(again, name)
        print(name, int(value) if name == "flags" else value)
print(DNSRRNSEC(raw(records[6])).sprintf("%typebitmaps%"), DNSRRRSIG(raw(records[7])).sprintf("%expiration% %typecovered% %algorithm%"))
for option in (EDNS0TLV(optcode=3, optdata=b"name"), EDNS0ClientSubnet(), EDNS0ClientSubnet(address="10.1.2.0"), EDNS0ClientSubnet(family=2, address="2001:db8:1::")):
    print(raw(option), option.optcode)
opt = raw(DNSRROPT(rclass=1232, rdata=[EDNS0TLV(optcode=3, optdata=b"x"), EDNS0ClientSubnet(address="192.0.2.0")]))
print(opt, [type(o).__name__ for o in DNSRROPT(opt).rdata], DNSRROPT(opt).rdata[1].source_plen, DNSRROPT(opt).rdata[1].address)
p = IP(src="1.2.3.4", dst="1.2.3.5")/TCP(sport=53)/DNS(id=9, qd=DNSQR(qname="x.example."))
print(raw(p), IP(raw(p))[DNS].length)
