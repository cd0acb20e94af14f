#!/bin/bash
# Where a packet to a group, or a broadcast, comes from depends on the interface that it leaves by; the answer is known as one on the
# second interface too, and a neighbour there is found.
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
cat > "$work/run" <<'END'
. "$1"; between
nsenter -t $router -n sh -c 'echo 0 > /proc/sys/net/ipv4/icmp_echo_ignore_broadcasts'
"$PKTSH" -c '
def who(p): return p and p[IPv6 if IPv6 in p else IP].src.startswith(("fe80:", "10.3.0.254"))
for iface in ("w0", "eth0"):
    print(iface, who(sr1(IPv6(dst="ff02::1")/ICMPv6EchoRequest(), iface=iface, timeout=2, verbose=0)))
    ans, unans = srp(Ether()/IPv6(dst="ff02::1")/ICMPv6EchoRequest(id=[1, 2]), iface=iface, timeout=.3, verbose=0)
    print(iface, len(ans))
print(getmacbyip6("2001:db8:3::fe") is not None)
print(who(sr1(IP(dst="255.255.255.255")/ICMP(), iface="w0", timeout=2, verbose=0)))
'
echo "status $?"
kill $router
END
[ "$(id -u)" = 0 ] || { echo "namespaces behind namespaces want root"; exit 77; }
scripts/lab bash "$work/run" "$PWD/tests/net/between.inc" > "$work/said" 2> "$work/err"
[ $? != 77 ] || exit 77
diff -u --label expected <(printf '%s\n' 'w0 True' 'w0 2' 'eth0 True' 'eth0 2' True True 'status 0') --label said "$work/said" || { cat "$work/err"; exit 1; }
