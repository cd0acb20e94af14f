#!/bin/bash
# Without privilege: one line that says what is missing and what grants it; building, dissecting and capture files need none.
set -u
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failed=0
bare() {        # without any capability, root or not
	if [ "$(id -u)" = 0 ]; then
		setpriv --bounding-set=-all --inh-caps=-all -- "$PKTSH" "$@"
	else
		"$PKTSH" "$@"
	fi
}
refused() {     # refused WHAT CODE
	said=$(bare -c "$2" 2>&1)
	status=$?
	if [ $status != 1 ] || [ "$(wc -l <<< "$said")" != 1 ] ||
		[[ $said != "pktsh: "*" needs CAP_NET_"*": sudo setcap cap_net_raw,cap_net_admin+ep $PKTSH" ]]; then
		printf '%s: status %s, %s\n' "$1" $status "$said"
		failed=1
	fi
}
refused "send" 'send(IP(dst="127.0.0.1")/ICMP(), verbose=0)'
refused "sendp" 'sendp(Ether()/IP(dst="127.0.0.1")/ICMP(), iface="lo", verbose=0)'
refused "sr1" 'sr1(IP(dst="127.0.0.1")/ICMP(), timeout=1, verbose=0)'
refused "sniff" 'sniff(iface="lo", count=1, timeout=1)'
refused "no_rst" 'with no_rst(dst="10.0.2.5", dport=7): pass'
got=$(bare -c "p = IP(src='10.0.0.1', dst='10.0.0.2')/UDP()/NTP(); wrpcap('$folder/x.pcap', p); print(rdpcap('$folder/x.pcap')[0].summary())" 2>&1)
[ "$got" = "IP / UDP / NTP v4, client" ] || { printf 'files: %s\n' "$got"; failed=1; }
exit $failed
