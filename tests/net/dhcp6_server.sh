#!/bin/bash
# dhcp6d() beside ISC's dhclient on the lab's other host: an address is asked for, given back, and a host asks for the rest alone.
command -v dhclient > /dev/null || { echo "dhclient is missing"; exit 77; }
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
printf '#!/bin/sh\necho $reason $new_ip6_address $new_dhcp6_name_servers $new_dhcp6_domain_search $new_preferred_life $new_max_life >> %s/out\n' "$work" > "$work/script"
chmod +x "$work/script"
cat > "$work/run" <<'END'
"$PKTSH" -c 'dhcp6d(startip="2001:db8:2::100", endip="2001:db8:2::1ff", dns="2001:db8:2::1", domain="lab.example", iface="eth0", timeout=30,
	started_callback=lambda: print("ready", flush=True))' > "$1/said" & server=$!
other() { nsenter -t "$LAB_OTHER" -n "$@"; }
for _ in $(seq 100); do grep -q ready "$1/said" && ! ip -6 addr show dev eth0 tentative | grep -q inet6 && ! other ip -6 addr show dev eth0 tentative | grep -q inet6 && break; sleep .05; done
client() { other timeout 10 dhclient -6 -lf "$1/lease" -pf "$1/$2" -sf "$1/script" ${@:3} eth0 2> /dev/null; }
client "$1" pid -1
client "$1" pid -r
client "$1" pid2 -1 -S
kill -INT $server
wait $server
echo "status $?"
END
[ "$(id -u)" = 0 ] || { echo "dhclient wants to be root"; exit 77; }
scripts/lab bash "$work/run" "$work" > "$work/status" 2> "$work/err"
[ $? != 77 ] || exit 77
{ sed 's/from fe80[^ ]*: /from a host: /' "$work/said"; cat "$work/out" "$work/status"; } > "$work/all"
cat > "$work/expected" <<'END'
ready
DHCPv6 Solicit Message from a host: DHCPv6 Advertise Message 2001:db8:2::100
DHCPv6 Request Message from a host: DHCPv6 Reply Message 2001:db8:2::100
DHCPv6 Release Message from a host: DHCPv6 Reply Message
DHCPv6 Information Request Message from a host: DHCPv6 Reply Message
PREINIT6
BOUND6 2001:db8:2::100 2001:db8:2::1 lab.example. 1125 1800
RELEASE6
RENEW6 2001:db8:2::1 lab.example.
status 0
END
diff -u --label expected "$work/expected" --label said "$work/all" || { cat "$work/err"; exit 1; }
