#!/bin/bash
# An interface that goes away while it is listened to: said, and what was captured is kept; Ctrl-C ends within 100 ms and keeps it
# too; the kernel's stripped VLAN tag is there again.
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
cat > "$work/gone.pkt" <<'END2'
import os
def go():
    sendp(Ether(dst="02:00:00:00:00:02")/Dot1Q(vlan=7)/IP(dst="10.9.9.9")/UDP(dport=5)/("x" * 40), iface="v0", count=3, verbose=0)
    os.system("(sleep .3; ip link del v0) &")
pkts = sniff(iface="v1", prn=lambda p: None, lfilter=lambda p: UDP in p, started_callback=go)
print(len(pkts), [p[Dot1Q].vlan for p in pkts], [len(p) for p in pkts], pkts.stats.interfaces["v1"]["received"] >= 3)
END2
cat > "$work/interrupt.pkt" <<'END2'
import os, time, sys
def go():
    send(IP(dst="10.0.2.5")/UDP(dport=9), count=5, verbose=0)
    os.system("(sleep .5; kill -INT %d; date +%%s.%%N > %s/when) &" % (os.getpid(), sys.argv[1]))
pkts = sniff(iface="eth0", filter="udp dst port 9", started_callback=go)
now = time.time()
time.sleep(.2)
print(len(pkts), now - float(open(sys.argv[1] + "/when").read()) < 0.1)
END2
cat > "$work/run" <<'END2'
ip link add v0 type veth peer name v1 && ip link set v0 up && ip link set v1 up || exit 77
"$PKTSH" "$1/gone.pkt" 2>&1
"$PKTSH" "$1/interrupt.pkt" "$1" 2>&1
END2
cat > "$work/expected" <<'END2'
WARNING: interface v1 is gone
3 [7, 7, 7] [86, 86, 86] True
5 True
END2
scripts/lab bash "$work/run" "$work" > "$work/said" 2> "$work/err"
status=$?
[ $status = 77 ] && exit 77
diff -u --label expected "$work/expected" --label said "$work/said" || { cat "$work/err"; exit 1; }
