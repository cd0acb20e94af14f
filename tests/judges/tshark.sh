#!/bin/bash
# Frames of every layer, as tshark reads them: the fields have the values given, the sums are right, and it has nothing to object to.
#   tests/judges/tshark.sh [table ...]             else every table of tests/judges/tshark
# A table is a capture of its own (so its frames begin with layers of one link type); a line of it: a packet, " @ ", what tshark calls
# its fields and the values expected, "a=1 b=2", with \_ for a blank; a field that is not there is "". A line "! name=value" sets a
# preference of tshark's, "! -d ..." is an option of its own, "# ..." is a remark.
set -u
cd "$(dirname "$0")/../.."
PKTSH=${PKTSH:-build/pktsh}
command -v tshark >/dev/null || { echo "tshark is missing"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/write" <<'END'
import sys
E = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")
I = IP(src="10.0.0.1", dst="10.0.0.2", ttl=9, id=0x1234)
V = IPv6(src="fd00::1", dst="fd00::2", hlim=9)
def A(records): return DNS(id=7, qr=1, qd=[DNSQR(qname="a.example")], an=records)
packets = []
for line in open(sys.argv[1]):
    try:
        packets.append(eval(line.split(" @ ")[0]))
    except Exception as e:
        print(line.split(" @ ")[0] + ":", type(e).__name__ + ":", e)
        sys.exit(1)
wrpcap(sys.argv[2], packets)
END

cat >"$work/compare" <<'END'
import sys
rows = open(sys.argv[2]).read().split("\n")
names = rows[0].split("\t")
table = open(sys.argv[1]).read().strip().split("\n")
wrong = 0
if len(rows) - 2 != len(table):
    print("tshark read", len(rows) - 2, "frames of", len(table))
    wrong = 1
for n, line in enumerate(table):
    got = dict(zip(names, rows[n + 1].split("\t")))
    packet, fields = line.split(" @ ")
    for field in fields.split():
        name, value = field.split("=", 1)
        if got[name] not in (value.replace("\\_", " "), {"True": "1", "False": "0"}.get(value)):
            print(packet, ":", name, "is", repr(got[name]), "and not", value)
            wrong += 1
    severity = [int(s) for s in got["_ws.expert.severity"].split(",") if s]
    if got["_ws.malformed"] or any(s >= 0x600000 for s in severity):       # 0x600000: a warning, 0x800000: an error
        print(packet, ":", got["_ws.expert.message"] or got["_ws.malformed"])
        wrong += 1
sys.exit(1 if wrong else 0)
END

judge() {       # one table
	grep -v -e '^!' -e '^#' -e '^$' "$1" >"$work/table"
	options=$(sed -n -e "s/^! *-/-/p; t" -e "s/^! */-o /p" "$1")
	fields=$(sed 's/.* @ //' "$work/table" | tr ' ' '\n' | sed 's/=.*//' | sort -u)
	"$PKTSH" "$work/write" "$work/table" "$work/frames.pcap" || return 1
	# shellcheck disable=SC2046,SC2086
	tshark -n -r "$work/frames.pcap" -o ip.check_checksum:TRUE -o udp.check_checksum:TRUE -o tcp.check_checksum:TRUE $options \
		-T fields -E header=y -E occurrence=a $(printf -- '-e %s ' $fields) -e _ws.expert.severity -e _ws.expert.message -e _ws.malformed \
		>"$work/read" 2>"$work/tshark.err" || { cat "$work/tshark.err"; return 1; }
	"$PKTSH" "$work/compare" "$work/table" "$work/read"
}

failed=0
[ $# -gt 0 ] || set -- tests/judges/tshark/*.txt
for table; do
	judge "$table" || { echo "... in $table"; failed=1; }
done
exit $failed
