#!/bin/bash
# Answering machines beside real clients on the lab's other host: the kernel's ping and ARP, busybox' nslookup and udhcpc, an NTP
# client over a kernel socket, Scapy's probes.
command -v busybox > /dev/null || { echo "busybox is missing"; exit 77; }
/usr/bin/python3 -c 'import scapy' 2> /dev/null || { echo "python3-scapy is missing"; exit 77; }
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
cat > "$work/ntp.py" <<'END'
import socket, struct, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(5)
s.connect(("10.0.2.1", 123))
now = time.time() + 2208988800
s.send(struct.pack("!BBbb11I", 0x23, 0, 6, -20, 0, 0, 0, 0, 0, 0, 0, 0, 0, int(now), 77))
f = struct.unpack("!BBbb11I", s.recv(100))
print(f[0] >> 3 & 7, f[0] & 7, f[1], f[9] == int(now), f[10], round((f[13] - now) / 10))
END
cat > "$work/probe.py" <<'END'
import logging, sys, time
logging.disable(50)
from scapy.all import *
conf.verb = 0
def heard(filter, packet):
    a = AsyncSniffer(iface="eth0", filter=filter)
    a.start()
    time.sleep(0.6)
    send(packet)
    time.sleep(0.8)
    return a.stop()[-1]
if sys.argv[1] == "mdns":
    r = heard("udp port 5353", IP(dst="224.0.0.251")/UDP(sport=5353, dport=5353)/DNS(id=0, qd=DNSQR(qname="printer.local")))
    print(r[IP].dst, r[DNS].an.rdata, r[DNS].an.rclass)
if sys.argv[1] == "nbns":
    r = heard("udp port 137", IP(dst="10.0.2.255")/UDP(sport=137, dport=137)/NBNSHeader(NAME_TRN_ID=7)/NBNSQueryRequest(QUESTION_NAME="FILES"))
    print(r[NBNSHeader].NAME_TRN_ID, r[NBNSQueryResponse].ADDR_ENTRY[0].NB_ADDRESS, r[IP].src)
if sys.argv[1] == "llmnr":
    r = heard("udp port 5355 or udp port 4000", IP(dst="224.0.0.252")/UDP(sport=4000, dport=5355)/LLMNRQuery(id=5, qd=DNSQR(qname="foo")))
    print(r[UDP].dport, r[LLMNRResponse].id, r[LLMNRResponse].an.rdata)
if sys.argv[1] == "ping6":
    r = srp1(Ether(dst="02:00:00:00:02:01")/IPv6(dst="2001:db8:2::77")/ICMPv6EchoRequest(data=b"six", seq=4), iface="eth0", timeout=3)
    print(r[IPv6].src, r[ICMPv6EchoReply].seq, r[ICMPv6EchoReply].data)
END
printf '#!/bin/sh\n[ "$1" = bound ] && echo $ip $subnet $router $dns $ntpsrv $lease $serverid $domain\nexit 0\n' > "$work/bound"
chmod +x "$work/bound"
cat > "$work/other" <<'END'
case $2 in
farpd)  ping -c 2 -i 0.2 -W 2 10.0.2.9 | grep -c 'bytes from'; ip neigh show 10.0.2.9 | cut -d' ' -f1-5 ;;
dnsd)   busybox nslookup www.lab 10.0.2.1 | grep -A1 ^Name | grep Address
        busybox nslookup -type=srv _ntp._udp.lab 10.0.2.1 | grep service
        busybox nslookup 10.0.2.99 10.0.2.1 | grep name
        busybox nslookup no.lab 10.0.2.1 2>&1 | grep -m1 -o NXDOMAIN ;;
ntpd)   /usr/bin/python3 "$1/ntp.py" ;;
dhcpd)  for i in 1 2; do busybox udhcpc -f -q -n -i eth0 -s "$1/bound" 2> /dev/null; done ;;
*)      ip route add 224.0.0.0/4 dev eth0; /usr/bin/python3 "$1/probe.py" "$2" 2> /dev/null ;;
esac
END
cat > "$work/one" <<'END'
"$PKTSH" -c "$3" > "$1/answers" 2>> "$1/errors" &
machine=$!
for _ in $(seq 100); do grep -q ready "$1/answers" && break; sleep .05; done
nsenter -t "$LAB_OTHER" -n bash "$1/other" "$1" "$2"
kill -INT $machine
wait $machine
echo "status $?"
END
try() {
	echo "== $1"
	scripts/lab bash "$work/one" "$work" "$1" "def ready(): print('ready', flush=True)
options = {'iface': 'eth0', 'timeout': 15, 'started_callback': ready}
$2"
	status=$?
	[ $status != 77 ] || exit 77
}
{
	try farpd 'class Both(ARP_am):
    filter = "arp or icmp"
    def is_request(self, req): return ARP_am.is_request(self, req) or ICMPEcho_am.is_request(self, req)
    def make_reply(self, req): return ARP_am.make_reply(self, req) if ARP in req else ICMPEcho_am.make_reply(self, req)
Both(IP_addr="10.0.2.8/30", **options)()'
	try ping6 'icmpechod(**options)'
	try dnsd 'dnsd(match={"www.lab": ("10.0.2.77", "2001:db8::7")}, joker=False, srvmatch={"_ntp._udp.lab": (123, "ntp.lab")}, jokerarpa="host.lab", send_error=True, **options)'
	try ntpd 'ntpd(ahead=100, **options)'
	try dhcpd 'dhcpd(pool="10.0.2.64/28", network="10.0.2.0/24", gw="10.0.2.1", options=[("NTP_server", "10.0.2.5")], **options)'
	try mdns 'mdnsd(match={"printer.local": "10.0.2.77"}, joker=False, **options)'
	try nbns 'nbnsd(server_name="FILES", **options)'
	try llmnr 'llmnrd(joker="10.0.2.77", **options)'
} > "$work/said"
cat > "$work/expected" <<'END'
== farpd
2
10.0.2.9 dev eth0 lladdr 02:00:00:00:02:01
status 0
== ping6
2001:db8:2::77 4 b'six'
status 0
== dnsd
Address: 10.0.2.77
Address: 2001:db8::7
_ntp._udp.lab	service = 0 0 123 ntp.lab
99.2.0.10.in-addr.arpa	name = host.lab
NXDOMAIN
status 0
== ntpd
4 4 10 True 77 10
status 0
== dhcpd
10.0.2.64 255.255.255.0 10.0.2.1 10.0.2.1 10.0.2.5 1800 10.0.2.1 localnet
10.0.2.64 255.255.255.0 10.0.2.1 10.0.2.1 10.0.2.5 1800 10.0.2.1 localnet
status 0
== mdns
224.0.0.251 10.0.2.77 32769
status 0
== nbns
7 10.0.2.1 10.0.2.1
status 0
== llmnr
4000 5 10.0.2.77
status 0
END
diff -u --label expected "$work/expected" --label said "$work/said" || { cat "$work/errors"; exit 1; }
[ ! -s "$work/errors" ] || { cat "$work/errors"; exit 1; }
