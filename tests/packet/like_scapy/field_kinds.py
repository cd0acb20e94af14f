from scapy.all import *
from scapy.fields import *
import uuid
class A(Packet):
    name = "A"
    fields_desc = [
        BitField("w", 1, 128), BitField("h", 3, 4), BitField("u", 5, 76),
        IEEEFloatField("f", 1.5), IEEEDoubleField("d", -2.25), ScalingField("s", 0.5, 0.1, "V", 0.3, 2, "H"), BitScalingField("bs", 6, 16, 2, "m"),
        YesNoByteField("yn", 1), YesNoByteField("yc", 3, config={"no": 0, "foo": (1, 22), "yes": 23, "bar": [24, 25]}),
        UUIDField("u0", None), UUIDField("u1", "01234567-89ab-cdef-0123-456789abcdef", 1), UUIDField("u2", "01234567-89ab-cdef-0123-456789abcdef", 2),
        UUIDEnumField("ue", uuid.UUID("01234567-89ab-cdef-0123-456789abcdef"), {uuid.UUID("01234567-89ab-cdef-0123-456789abcdef"): "known"}),
        MSBExtendedField("m", 300), LSBExtendedField("l", 300), BCDFloatField("bcd", 1.5),
        LEFieldLenField("ln", None, length_of="sx"), XLEStrLenField("sx", b"abcd", length_from=lambda p: p.ln),
        NetBIOSNameField("file", b"FOO            "), ByteEnumKeysField("ek", 1, {1: "one"}),
        BitMultiEnumField("bm", 1, 8, {0: {1: "a"}, 1: {1: "b"}}, depends_on=lambda p: p.h & 1),
        ReversePadField(StrFixedLenField("data", b"xyz", 3), 4), Emph(ByteField("em", 9)),
    ]
a = A()
print(raw(a))
b = A(raw(a))
b.show()
print(raw(b) == raw(a))
print(repr(b))
print(b.u1, b.w, b.u, b.f, b.s)
b.w = 2 ** 127
b.u = 2 ** 75 + 1
print(raw(b))
