#!/bin/bash
# The ways of a traceroute as a picture, through Graphviz where it is present; without it the error says what to do.
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
cat > "$work/way.pkt" <<'END'
import sys, os
def hop(dst, ttl, who, back):
    return QueryAnswer((IP(dst=dst, ttl=ttl)/TCP(dport=80), IP(src=who, dst="10.0.2.1")/back))
late = ICMP(type=11)/IPerror()/TCPerror()
way = TracerouteResult([hop("10.9.0.1", 1, "10.0.2.5", late), hop("10.9.0.1", 3, "10.9.0.1", TCP(flags="SA")), hop("10.9.0.2", 1, "10.0.2.5", late),
                        hop("10.9.0.2", 2, "10.9.0.2", TCP(flags="RA"))])
name = sys.argv[1] + "/it's a way.svg"
try:
    print(way.graph(name) == name)
    text = open(name).read()
    print("<svg" in text, [text.count(">%s</text>" % one) for one in ("here", "10.0.2.5", "10.9.0.1", "10.9.0.2")], "hop 2 unknown" in text)
    print(open(way.graph(sys.argv[1] + "/way.pdf", type="pdf"), "rb").read(4))
except Scapy_Exception as e:
    print(e)
for one in (way.trace3D, way.world_trace):
    try: one()
    except Scapy_Exception as e: print(str(e).split(":")[0])
END
refused='trace3D() is not there
world_trace() is not there'
said=$(PATH=/nowhere "$PKTSH" "$work/way.pkt" "$work" 2>&1)
[ "$said" = "Graphviz's dot is not installed; graph(\"way.dot\", type=\"dot\") writes what it would draw
$refused" ] || { echo "$said"; exit 1; }
command -v dot > /dev/null || { echo "graphviz is missing"; exit 77; }
said=$("$PKTSH" "$work/way.pkt" "$work" 2>&1)
[ "$said" = "True
True [1, 1, 1, 1] True
b'%PDF'
$refused" ] || { echo "$said"; exit 1; }
