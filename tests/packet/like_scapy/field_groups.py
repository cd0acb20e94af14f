from scapy.all import *
from scapy.fields import *
class G(Packet):
    fields_desc = [
        BitField("a", 5, 12, tot_size=-2), BitField("b", 0, 1), BitField("c", 1, 3, end_tot_size=-2), ByteField("d", 7),
        BitEnumField("e", 2, 20, {2: "two"}, tot_size=-4), BitField("f", 0x5a5, 12, end_tot_size=-4),
    ]
g = G()
print(raw(g))
h = G(b"\x12\x34\x56\x78\x9a\xbc\xde")
h.show()
h.b = 1
h.f = 0
print(raw(h))
print(raw(G(a=0xfff)))
