#!/bin/bash
# dhcp6d() behind a relay: dnsmasq on a router passes on what ISC's dhclient asks for, and brings it the answers.
for tool in dhclient dnsmasq; do command -v $tool > /dev/null || { echo "$tool is missing"; exit 77; }; done
[ "$(id -u)" = 0 ] || { echo "dhclient wants to be root"; exit 77; }
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
printf '#!/bin/sh\necho $reason $new_ip6_address $new_dhcp6_name_servers >> %s/out\n' "$work" > "$work/script"
chmod +x "$work/script"
cat > "$work/run" <<'END'
. "$2"; between
nsenter -t $router -n dnsmasq -k --port=0 --user=root --conf-file=/dev/null --pid-file= --dhcp-relay=2001:db8:4::fe,2001:db8:3::1 > "$1/relay" 2>&1 & relay=$!
"$PKTSH" -c 'dhcp6d(startip="2001:db8:4::100", endip="2001:db8:4::1ff", dns="2001:db8:3::1", iface="w0", timeout=30,
	started_callback=lambda: print("ready", flush=True))' > "$1/said" & server=$!
for _ in $(seq 100); do grep -q ready "$1/said" && grep -q 2001:db8:3::1 "$1/relay" && break; sleep .05; done
other timeout 10 dhclient -6 -lf "$1/lease" -pf "$1/pid" -sf "$1/script" -1 x0 2> "$1/dhclient"
other timeout 10 dhclient -6 -lf "$1/lease" -pf "$1/pid" -sf "$1/script" -r x0 2>> "$1/dhclient"
for _ in $(seq 100); do grep -q Release "$1/said" && break; sleep .05; done
kill -INT $server
wait $server
echo "status $?"
kill $relay $router
END
scripts/lab bash "$work/run" "$work" "$PWD/tests/net/between.inc" > "$work/status" 2> "$work/err"
[ $? != 77 ] || exit 77
cat "$work/said" "$work/out" "$work/status" > "$work/all"
cat > "$work/expected" <<'END'
ready
DHCPv6 Solicit Message from 2001:db8:3::fe by 1 relay: DHCPv6 Advertise Message 2001:db8:4::100
DHCPv6 Request Message from 2001:db8:3::fe by 1 relay: DHCPv6 Reply Message 2001:db8:4::100
DHCPv6 Release Message from 2001:db8:3::fe by 1 relay: DHCPv6 Reply Message
PREINIT6
BOUND6 2001:db8:4::100 2001:db8:3::1
RELEASE6
status 0
END
diff -u --label expected "$work/expected" --label said "$work/all" || { cat "$work/err" "$work/relay" "$work/dhclient"; exit 1; }
