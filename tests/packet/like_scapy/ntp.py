# NTP: headers, the authenticator, control and private messages
import struct
h = NTPHeader(leap=1, version=3, mode=4, stratum=1, ref_id=b"GPS ", delay=1.5, dispersion=0.25, ref=3900000000, orig=1, recv=2, sent=3)
print(raw(h))
print(repr(NTP(raw(NTPHeader(ref=1, orig=1, recv=2, sent=3900000000)))))
print(NTP in IP(raw(IP(src="1.2.3.4", dst="1.2.3.4")/UDP()/h)))
q = NTP(raw(h))
print(type(q).__name__, q.stratum, q.ref_id, int(q.ref), int(q.sent))
q = NTP(raw(h/NTPAuthenticator(key_id=7, dgst=b"0123456789abcdef")))
print(q[NTPAuthenticator].key_id, q[NTPAuthenticator].dgst)
for op, association in ((1, 0), (1, 5), (2, 0), (2, 5), (3, 0), (4, 0), (8, 0)):
    p = NTP(raw(NTPControl(response=1, op_code=op, association_id=association, sequence=9, status_word=NTPStatusPacket(status=0x1234), count=4, data=b"abcd")))
    print(type(p).__name__, type(p.status_word).__name__, p.sprintf("%NTPControl.op_code% %NTPControl.sequence%"), p.count)
    p.status_word.show()
NTP(raw(NTPControl(response=1, err=1, op_code=2, status_word=NTPErrorStatusPacket(error_code=4), count=0))).status_word.show()
items = {0: NTPInfoPeerList(addr="1.2.3.4", port=123, hmode=3), 2: NTPInfoPeer(srcport=123, stratum=2, reach=255, refid="1.1.1.1"),
         3: NTPInfoPeerStats(srcport=123, sent=5), 4: NTPInfoSys(peer="1.2.3.4", stratum=2), 5: NTPInfoSysStats(processed=5),
         6: NTPInfoIOStats(sent=9), 8: NTPInfoLoop(watchdog_timer=5), 9: NTPInfoTimerStats(alarms=5),
         28: NTPInfoAuth(numkeys=3), 34: NTPInfoControl(numctlreq=3), 38: NTPInfoKernel(jitter=3), 42: NTPInfoMonitor1(count=3, port=123)}
for code in sorted(items):
    item = items[code]
    p = NTP(raw(NTPPrivate(response=1, mode=7, implementation=3, request_code=code, nb_items=2, data_item_size=len(item), data=[item, item])))
    print(type(p).__name__, p.sprintf("%NTPPrivate.request_code%"), len(p.data), type(p.data[1]).__name__)
    if code != 2: p.data[1].show()                       # 2.5 fails to show its lists
for code, item in ((10, NTPConfPeer(peeraddr="1.2.3.4", keystr=b"key")), (11, NTPConfUnpeer(peeraddr="1.2.3.4")), (17, NTPConfRestrict(mask="255.0.0.0"))):
    p = NTP(raw(NTPPrivate(mode=7, implementation=3, request_code=code, nb_items=1, data_item_size=len(item), req_data=[item])))
    print(p.sprintf("%NTPPrivate.request_code%"), type(p.req_data[0]).__name__)
    p.req_data[0].show()
for code in (44, 45):
    item = NTPInfoIfStatsIPv6(unaddr="2001:db8::1", v6_flag=1, ifname=b"eth0") if code == 44 else NTPInfoIfStatsIPv4(unaddr="1.2.3.4", ifname=b"eth1")
    p = NTP(raw(NTPPrivate(response=1, mode=7, request_code=code, nb_items=1, data_item_size=len(item), data=[item])))
    print(type(p.data[0]).__name__, p.data[0].unaddr, p.data[0].ifname[:4])
