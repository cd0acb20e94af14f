#!/bin/bash
# dnsd(relay=True): what it does not know itself it asks this machine's name server (dnsmasq on the other host), for busybox' client
# there. Its own questions to that server are not answered by itself, though joker would.
command -v dnsmasq > /dev/null || { echo "dnsmasq is missing"; exit 77; }
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
cat > "$work/dnsmasq.conf" <<'END'
no-resolv
no-hosts
interface=eth0
bind-interfaces
address=/host.lab/192.0.2.7
address=/host.lab/2001:db8::7
mx-host=lab,mail.lab,10
txt-record=lab,"one two"
local=/lab/
END
cat > "$work/run" <<'END'
other() { nsenter -t "$LAB_OTHER" -n "$@"; }
other dnsmasq -k --user=root --log-facility=- --log-queries -C "$1/dnsmasq.conf" --pid-file= > "$1/server" 2>&1 & server=$!
echo nameserver 10.0.2.5 > "$1/resolv"
mount --bind "$1/resolv" /etc/resolv.conf || exit 77
"$PKTSH" -c 'dnsd(match={"own.lab": "10.0.2.77"}, joker=False, relay=True, iface="eth0", timeout=30, verbose=0,
	started_callback=lambda: print("ready", flush=True))' > "$1/answers" 2>&1 & machine=$!
for _ in $(seq 100); do grep -q ready "$1/answers" && grep -q started "$1/server" && break; sleep .05; done
ask() { other timeout 5 busybox nslookup -type=$1 $2 10.0.2.1 2>&1 | grep -E "^Address.*[0-9]$|exchanger|text =|NXDOMAIN|No answer" | grep -v :53; }
ask a own.lab
ask a host.lab
ask aaaa host.lab
ask mx lab
ask txt lab
ask a missing.lab
kill -TERM $server
wait $server
ask a own.lab
kill -INT $machine
wait $machine
echo "status $?"
grep -c 'query\[' "$1/server"
cat "$1/answers"
END
cat > "$work/expected" <<'END'
Address: 10.0.2.77
Address: 192.0.2.7
Address: 2001:db8::7
lab	mail exchanger = 10 mail.lab
lab	text = "one two"
** server can't find missing.lab: NXDOMAIN
Address: 10.0.2.77
status 0
5
ready
END
scripts/lab bash "$work/run" "$work" > "$work/said" 2> "$work/err"
[ $? != 77 ] || exit 77
diff -u --label expected "$work/expected" --label said "$work/said" || { cat "$work/err"; exit 1; }
