from scapy.all import *
from scapy.fields import *
class T(Packet):
    fields_desc = [ByteField("b", 1), FCSField("f", 0x11223344, fmt="I")]
class U(Packet):
    fields_desc = [ByteField("b", 1), StrLenField("load", b"xy", length_from=lambda p: p.b), TrailerField(XShortField("f", 0x1122)), TrailerField(XByteField("g", 0x33))]
print(raw(T() / b"abcd"), raw(T(f=5) / b"abcd" / Padding(b"pad")))
y = T(b"abcdefghij")
y.show()
print(repr(y), raw(y))
y.b = 1
print(raw(y))
y.f = 2
print(raw(y), y.load)
print(raw(U(b=2) / b"abcd"))
z = U(b"\x02xyABCDEFG")
z.show()
z.g = 1
print(raw(z), z.f, z.g)
print(raw(Ether(src="00:00:00:00:00:01", dst="00:00:00:00:00:02") / T() / T(f=1) / b"abcd"))
print(len(T() / b"abcd"), raw(IP(src="1.1.1.1", dst="2.2.2.2", proto=99) / T()))
