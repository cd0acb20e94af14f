from scapy.all import *
from scapy.fields import *
from scapy.fields import MultiFlagsEntry
class T(Packet):
    fields_desc = [
        SecondsIntField("a", 3), SecondsIntField("b", 3500, use_msec=True), SecondsIntField("c", 3500, use_micro=True),
        UTCTimeField("d", 1500000000), UTCTimeField("e", 1500000000123, use_msec=True, fmt="Q"),
        UTCTimeField("f", 1500000000123000, use_micro=True, fmt="Q"), UTCTimeField("g", 100, epoch=[1904, 1, 1, 0, 0, 0, 0, 0, 0]),
        UTCTimeField("h", 15000000001230000, custom_scaling=1e7, fmt="<Q"), UTCTimeField("i", 100, strf="%Y"),
        MultiFlagsField("k", set(), 16, {0: {0: MultiFlagsEntry("A", "aaa"), 2: MultiFlagsEntry("B", "b")}, 1: {}}, depends_on=lambda p: p.a & 1),
        MultiFlagsField("l", {"A"}, 8, {3: {0: MultiFlagsEntry("A", "aaa"), 2: MultiFlagsEntry("B", "b")}, 1: {}}, depends_on=lambda p: p.a),
    ]
t = T(raw(T()))
t.show()
print(repr(t))
print(raw(t))
print(raw(T(l={"A", "B"}))[-1:], sorted(T(raw(T(l={"A", "B"}))).l), T(raw(T())[:-1] + b"\x09").l == {"A", "bit 3"})
