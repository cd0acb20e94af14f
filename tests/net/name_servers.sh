#!/bin/bash
# A DNS and DHCP server with none of our code in it (dnsmasq), on the lab's other host, answers what is asked here.
command -v dnsmasq > /dev/null || { echo "dnsmasq is missing"; exit 77; }
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
cat > "$work/dnsmasq.conf" <<'END'
no-resolv
no-hosts
interface=eth0
bind-interfaces
no-ping
address=/host.lab/192.0.2.7
address=/host.lab/2001:db8::7
mx-host=lab,mail.lab,10
txt-record=lab,"one","two"
srv-host=_ntp._udp.lab,ntp.lab,123,1,2
dhcp-range=10.0.2.50,10.0.2.60,1h
dhcp-range=2001:db8:2::50,2001:db8:2::60,64,1h
dhcp-option=option:classless-static-route,10.9.0.0/16,10.0.2.5
dhcp-option=option6:dns-server,[2001:db8:2::5]
enable-ra
domain=lab
END
cat > "$work/ask.pkt" <<'END'
server = "10.0.2.5"
print(sorted(r.rdata for r in dns_resolve("host.lab", server=server)), [r.rdata for r in dns_resolve("host.lab", "AAAA", server=server)])
print([(r.preference, r.exchange) for r in dns_resolve("lab", "MX", server=server)], dns_resolve("lab", "TXT", server=server)[0].rdata)
print([(r.port, r.target) for r in dns_resolve("_ntp._udp.lab", "SRV", server=server)], dns_resolve("not.lab", server=server))
a = sr1(IP(dst=server)/UDP(sport=4000)/DNS(id=77, qd=[DNSQR(qname="host.lab")], ar=[DNSRROPT(rclass=1232, z=0)]), verbose=0, timeout=3)
print(a[DNS].id, a[DNS].ar[0].type, bytes(IP(bytes(a[IP])).reencode() or a[IP]) == bytes(a[IP]))
offer = dhcp_request(iface="eth0", timeout=8, verbose=0)
print(offer[BOOTP].yiaddr.startswith("10.0.2.5"), [o for o in offer[DHCP].options if o[0] in ("message-type", "server_id", "lease_time", "classless_static_routes")])
lease = dhcp_request(iface="eth0", req_type="request", server_id=server, requested_addr=offer[BOOTP].yiaddr, hostname="me", timeout=8, verbose=0)
print([o for o in lease[DHCP].options if o[0] == "message-type"], lease[BOOTP].yiaddr == offer[BOOTP].yiaddr)
me = DHCP6OptClientId(duid=DUID_LL(lladdr="02:00:00:00:02:01"))
ask = Ether(dst="33:33:00:01:00:02", src="02:00:00:00:02:01")/IPv6(src="fe80::ff:fe00:201", dst="ff02::1:2")/UDP()
ask = ask/DHCP6_Solicit(trid=0x123456)/me/DHCP6OptIA_NA(iaid=7, T1=0, T2=0)/DHCP6OptOptReq(reqopts=[23, 24])/DHCP6OptElapsedTime()
six = srp1(ask, iface="eth0", timeout=8, verbose=0)
print(six[DHCP6_Advertise].trid == 0x123456, six[DHCP6OptIA_NA].iaid, six[DHCP6OptIAAddress].addr.startswith("2001:db8:2::"), six[DHCP6OptDNSServers].dnsservers)
print(bytes(Ether(bytes(six)).reencode() or six) == bytes(six))
END
cat > "$work/expected" <<'END'
['192.0.2.7'] ['2001:db8::7']
[(10, b'mail.lab.')] [b'one', b'two']
[(123, b'ntp.lab.')] None
77 41 True
True [('message-type', 2), ('server_id', '10.0.2.5'), ('lease_time', 3600), ('classless_static_routes', ['10.9.0.0/16:10.0.2.5'])]
[('message-type', 5)] True
True 7 True ['2001:db8:2::5']
True
END
cat > "$work/run" <<'END'
ip -6 addr add fe80::ff:fe00:201/64 dev eth0 nodad 2> /dev/null
nsenter -t "$LAB_OTHER" -n dnsmasq -k --user=root --log-facility=- -C "$1/dnsmasq.conf" --dhcp-leasefile="$1/leases" --pid-file= > "$1/server" 2>&1 &
server=$!
for _ in $(seq 50); do grep -q started "$1/server" && break; sleep .1; done
sleep 1
"$PKTSH" "$1/ask.pkt"
status=$?
kill $server
exit $status
END
scripts/lab bash "$work/run" "$work" > "$work/said" 2> "$work/err"
status=$?
[ $status = 77 ] && exit 77
diff -u --label expected "$work/expected" --label said "$work/said" || { cat "$work/err" "$work/server"; exit 1; }
