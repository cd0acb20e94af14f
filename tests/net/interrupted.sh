#!/bin/bash
# Ctrl-C ends sending and asking within a moment and keeps what came; an interface that goes down or away is named, at once.
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
cat > "$work/run" <<'END'
stopped() {     # stopped PROGRAM EXPECTED
	"$PKTSH" -c "$1" > "$work/out" 2>&1 &
	program=$!
	sleep 0.5
	began=$EPOCHREALTIME
	kill -INT $program
	wait $program
	said="$(cat "$work/out")$(awk -v a=$began -v b=$EPOCHREALTIME 'BEGIN { if (b - a > 1) print " after", b - a, "s" }')"
	[ "$said" = "$2" ] || { echo "$1: $said"; exit 1; }
}
stopped 'a, u = sr(IP(dst="10.0.2.5")/TCP(dport=(1, 60000)), timeout=20, verbose=0); print(len(a) > 10)' True
stopped 'a, u = sr(IP(dst="10.0.2.5")/UDP(dport=9), timeout=20, verbose=0, filter="tcp"); print(len(a), len(u))' '0 1'
stopped 'send(IP(dst="10.0.2.5")/TCP(dport=(1, 60000)), loop=1, verbose=0); print("ended")' ended
stopped 'send(IP(dst="10.0.2.5")/TCP(dport=80), loop=1, inter=5, verbose=0); print("ended")' ended
stopped 'a, u = srloop(IP(dst="10.0.2.5")/ICMP(), verbose=0); print(len(a))' 1
stopped 'a, u = srflood(IP(dst="10.0.2.5")/ICMP(), verbose=0); print(len(a) > 10)' True
gone() {        # gone WHAT-HAPPENS PROGRAM EXPECTED
	(sleep 0.3; $1) &
	said=$(timeout 5 "$PKTSH" -c "$2" 2>&1)
	case $said in *"$3"*) ;; *) echo "$2: $said"; exit 1 ;; esac
	wait
}
flood='sendp(Ether(dst="02:00:00:00:02:05")/IP(dst="10.0.2.5", src="10.0.2.1")/UDP(dport=(1, 60000)), loop=1, verbose=0, iface="eth0")'
gone 'ip link set eth0 down' "$flood" 'interface eth0 is down: ip link set eth0 up'
ip link set eth0 up
gone 'ip link del eth0' "$flood" 'interface eth0 is '        # down first, then gone: which one is met is chance
END
export work
scripts/lab bash "$work/run"
