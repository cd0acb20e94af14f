#!/bin/bash
# The ways of a traceroute, and who talks to whom, as pictures, through Graphviz where it is present; without it the error says what to do.
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
talk = PacketList([IP(src="10.0.0.1", dst="10.0.0.2")/UDP(), IP(src="10.0.0.2", dst="10.0.0.1")/UDP(), IP(src='10.0.0.3', dst="10.0.0.1")/UDP()])
name = sys.argv[1] + "/who.svg"
try:
    print(talk.conversations(target="> " + name) == name)
    text = open(name).read()
    print("<svg" in text, [text.count(">%s</text>" % one) for one in ("10.0.0.1", "10.0.0.2", "10.0.0.3")], text.count('class="edge"'))
    print(talk.conversations(lambda p: ('a "b" \\\\', "c"), target=name) == name, 'a &quot;b&quot;' in open(name).read())
except Scapy_Exception as e:
    print(e)
print(open(talk.conversations(target=sys.argv[1] + "/who.dot", type="dot")).read().count("->"))
try: talk.conversations(target="| display")
except Scapy_Exception as e: print(e)
for one in (way.trace3D, way.world_trace):
    try: one()
    except Scapy_Exception as e: print(str(e).split(":")[0])
END
refused="3
a graph is written into a file, not to a program: '| display'
trace3D() is not there
world_trace() is not there"
said=$(PATH=/nowhere "$PKTSH" "$work/way.pkt" "$work" 2>&1)
[ "$said" = "Graphviz's dot is not installed; graph(\"way.dot\", type=\"dot\") writes what it would draw
Graphviz's dot is not installed; conversations(target=\"who.dot\", type=\"dot\") writes what it would draw
$refused" ] || { echo "$said"; exit 1; }
command -v dot > /dev/null || { echo "graphviz is missing"; exit 77; }
said=$("$PKTSH" "$work/way.pkt" "$work" 2>&1)
[ "$said" = "True
True [1, 1, 1, 1] True
b'%PDF'
True
True [1, 1, 1] 3
True True
$refused" ] || { echo "$said"; exit 1; }
