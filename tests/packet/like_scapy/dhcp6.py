# DHCPv6: messages, options inside options, identifiers, relays, answers
h = IPv6(src="fe80::1", dst="fe80::2")
c = DHCP6OptClientId(duid=DUID_LLT(timeval=100, lladdr="02:00:00:00:00:01"))
s = h/UDP()/DHCP6_Solicit(trid=7)/c/DHCP6OptIA_NA(iaid=5, T1=1, T2=2)/DHCP6OptOptReq()/DHCP6OptElapsedTime(elapsedtime=150)
print(raw(s))
print(s.summary())
q = IPv6(raw(s))
print(q.summary())
q[DHCP6OptClientId].show()
print(q[DHCP6OptOptReq].reqopts, q[DHCP6OptElapsedTime].elapsedtime, q[DHCP6_Solicit].trid)
a = IPv6(src="fe80::2", dst="fe80::1")/UDP()/DHCP6_Advertise(trid=7)/c/DHCP6OptServerId(duid=DUID_LL(lladdr="02:00:00:00:00:02"))
a = IPv6(raw(a/DHCP6OptIA_NA(iaid=5, T1=1, T2=2, ianaopts=[DHCP6OptIAAddress(addr="2001:db8::9", preflft=100, validlft=200)])))
print(bool(a.answers(q)), bool(q.answers(a)))
a[DHCP6OptIA_NA].show()
r = IPv6(raw(IPv6(src="fe80::2", dst="fe80::1")/UDP()/DHCP6_Reply(trid=8)))
print(bool(r.answers(q)), r[UDP].sport, r[UDP].dport)
for made in (DHCP6_Request, DHCP6_Confirm, DHCP6_Renew, DHCP6_Rebind, DHCP6_Release, DHCP6_Decline, DHCP6_Reconf, DHCP6_InfoRequest):
    p = IPv6(raw(h/UDP()/made(trid=1)))
    print(p.summary(), p.lastlayer().msgtype, p[UDP].sport, p[UDP].dport)
f = DHCP6_RelayForward(hopcount=1, linkaddr="2001:db8::1", peeraddr="fe80::9")/DHCP6OptIfaceId(ifaceid=b"eth0")/DHCP6OptRelayMsg(message=DHCP6_Solicit(trid=9)/DHCP6OptPref())
g = IPv6(raw(h/UDP()/f))
print(g.summary())
print(g[DHCP6OptRelayMsg].message.trid, type(g[DHCP6OptRelayMsg].message).__name__)
print(bool(IPv6(raw(h/UDP()/DHCP6_RelayReply(hopcount=1, linkaddr="2001:db8::1", peeraddr="fe80::9"))).lastlayer().answers(g[DHCP6_RelayForward])))
options = [DHCP6OptDNSServers(dnsservers=["2001:db8::53", "2001:db8::54"]), DHCP6OptDNSDomains(dnsdomains=["lab.example.", "example."]),
           DHCP6OptStatusCode(statuscode=2, statusmsg=b"none"), DHCP6OptRapidCommit(), DHCP6OptServerUnicast(srvaddr="2001:db8::1"),
           DHCP6OptAuth(authinfo=b"1234"), DHCP6OptReconfMsg(), DHCP6OptReconfAccept(), DHCP6OptSNTPServers(sntpservers=["2001:db8::7"]),
           DHCP6OptInfoRefreshTime(), DHCP6OptRemoteID(enterprisenum=9, remoteid=b"x"), DHCP6OptSubscriberID(subscriberid=b"me"),
           DHCP6OptClientFQDN(flags="S", fqdn=b"host.example."), DHCP6OptClientArchType(archtypes=[7, 9]), DHCP6OptClientNetworkInterId(iitype=1),
           DHCP6OptBootFileUrl(optdata=b"tftp://x"), DHCP6OptClientLinkLayerAddr(clladdr="02:00:00:00:00:01"), DHCP6OptNISDomain(nisdomain=b"nis."),
           DHCP6OptIA_PD(iaid=1, T1=1, T2=2, iapdopt=[DHCP6OptIAPrefix(prefix="2001:db8:1::", plen=56)]), DHCP6OptIA_TA(iaid=3),
           DHCP6OptServerId(duid=DUID_EN(enterprisenum=9, id=b"abc")), DHCP6OptUserClass(userclassdata=[USER_CLASS_DATA(data=b"lab")]),
           DHCP6OptVendorClass(enterprisenum=311, vcdata=[VENDOR_CLASS_DATA(data=b"one")]),
           DHCP6OptVendorSpecificInfo(enterprisenum=9, vso=[VENDOR_SPECIFIC_OPTION(optcode=1, optdata=b"z")]), DHCP6OptMudUrl(mudstring=b"https://m")]
for option in options:
    p = DHCP6_Solicit(raw(DHCP6_Solicit(trid=1)/option))
    print(raw(p))
    p.payload.show()
