#!/bin/bash
# show() on a terminal marks lengths and sums that no longer fit, and fields that a cut header has no bytes for, at the line's end; never in dumped text, nor where output is a file.
set -u
cd "$(dirname "$0")/../.."
command -v script >/dev/null || { echo "script is missing"; exit 77; }
export PKTSH=${PKTSH:-build/pktsh}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/use.pkt" <<'END'
p = Ether(raw(Ether(src="00:00:00:00:00:01", dst="00:00:00:00:00:02")/IP(src="10.0.0.1", dst="10.0.0.2")/UDP(sport=1,dport=2)/b"abc"))
p.show()
p[IP].ttl = 3
p[UDP].load = b"abcd"
p.show()
print("dumped", "stale" in p.show(dump=True))
del p[UDP].chksum, p[UDP].len, p[IP].len, p[IP].chksum
p.show()
IP(raw(IP(src="10.0.0.1", dst="10.0.0.2")/ICMP(type=3, code=3)/IPerror(len=900)/UDPerror(len=800, chksum=1))).show()
cut = Ether(raw(Ether(src="00:00:00:00:00:01", dst="00:00:00:00:00:02", type=0x800)/IP(src="10.0.0.1", dst="10.0.0.2"))[:16])
cut.show()
print("dumped", "bytes" in cut.show(dump=True))
cut[IP].ttl = 9
cut[IP].show()
END
script -qec "$PKTSH $work/use.pkt" /dev/null | tr -d '\r' | grep 'stale\|dumped\|not in\|ttl       = 9' >"$work/said"
echo "in a file: $("$PKTSH" "$work/use.pkt" | grep -c "stale\|not in")" >>"$work/said"
diff -u - "$work/said" <<'END'
     len       = 31 (stale: 32)
     chksum    = 0x66cb (stale: 0xa3cb)
        len       = 11 (stale: 12)
        chksum    = 0x2770 (stale: 0x270c)
dumped False
     len       = None (not in the bytes)
     id        = 1 (not in the bytes)
     flags     =  (not in the bytes)
     frag      = 0 (not in the bytes)
     ttl       = 64 (not in the bytes)
     proto     = hopopt (not in the bytes)
     chksum    = None (not in the bytes)
     src       = 127.0.0.1 (not in the bytes)
     dst       = 127.0.0.1 (not in the bytes)
dumped False
  len       = None (not in the bytes)
  id        = 1 (not in the bytes)
  flags     =  (not in the bytes)
  frag      = 0 (not in the bytes)
  ttl       = 9
  proto     = hopopt (not in the bytes)
  chksum    = None (not in the bytes)
  src       = 127.0.0.1 (not in the bytes)
  dst       = 127.0.0.1 (not in the bytes)
in a file: 0
END
