from scapy.all import *
from scapy.fields import *
E1 = {1: "one", 2: "two"}
p = IP()
data = bytes(range(33, 33 + 9))
def t(f, d):
    out = [type(f).__name__, f.name, f.default]
    for call in (lambda: f.addfield(p, b">", d), lambda: f.getfield(p, data), lambda: f.i2repr(p, d), lambda: f.any2i(p, d), lambda: f.i2h(p, d), lambda: f.i2len(p, d), lambda: f.i2count(p, d), lambda: f.m2i(p, f.i2m(p, d))):
        try:
            out.append(repr(call()))
        except Exception as e:
            out.append("raises")
    print(out)
for kind in (ByteField, XByteField, SignedByteField, OByteField, ShortField, XShortField, SignedShortField, LEShortField, XLEShortField, LESignedShortField, IntField, XIntField, SignedIntField,
             LEIntField, XLEIntField, LESignedIntField, LongField, XLongField, SignedLongField, LELongField, XLELongField, LESignedLongField, YesNoByteField, SecondsIntField, LSBExtendedField):
    t(kind("f", 2), 2)
for kind in (ByteEnumField, XByteEnumField, ShortEnumField, XShortEnumField, LEShortEnumField, IntEnumField, SignedIntEnumField, LEIntEnumField, LELongEnumField, ByteEnumKeysField, ShortEnumKeysField, IntEnumKeysField):
    t(kind("f", 1, E1), 1)
    t(kind("f", 1, E1), 5)
for f, d in [(BitField("f", 3, 16), 3), (XBitField("f", 3, 8), 3), (BitEnumField("f", 1, 8, E1), 1), (FlagsField("f", 3, 8, "abcdefgh"), FlagsField("f", 3, 8, "abcdefgh").default),
             (IPField("f", "1.2.3.4"), "1.2.3.4"), (MACField("f", "00:11:22:33:44:55"), "00:11:22:33:44:55"), (EnumField("f", 1, E1, "B"), 1), (FieldLenField("f", 3), 3), (LenField("f", 3), 3),
             (XStrFixedLenField("f", b"abc", 3), b"abc"), (XStrLenField("f", b"abc", length_from=lambda p: 4), b"abc"), (FieldListField("f", [1, 2], ShortField("", 0), count_from=lambda p: 2), [1, 2]),
             (FieldListField("f", [1, 2], ByteField("", 0), length_from=lambda p: 3), [1, 2]), (IEEEFloatField("f", 1.5), 1.5), (UTCTimeField("f", 5), 5), (Field("f", 1, "H"), 1), (Field("f", 2, "<I"), 2)]:
    t(f, d)
print(PadField(StrLenField("f", b"abc", length_from=lambda p: 3), 4).addfield(p, b">", b"abc"))
print(StrField("s", b"x").getfield(p, b"abc"), StrNullField("s", b"x").getfield(p, b"ab\0c"), StrFixedLenField("s", b"x", 2).addfield(p, b"", b"a"), StrNullField("s", b"x").i2len(p, b"abc"))
