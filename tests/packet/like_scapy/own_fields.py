from scapy.all import *
from scapy.fields import *

class Doubled(ByteField):
    def i2m(self, pkt, x):
        return (x or 0) * 2
    def m2i(self, pkt, x):
        return x // 2

class Named(ShortField):
    __slots__ = ["table"]
    def __init__(self, name, default, table):
        self.table = table
        ShortField.__init__(self, name, default)
    def any2i(self, pkt, x):
        if isinstance(x, str):
            for k, v in self.table.items():
                if v == x:
                    return k
        return x
    def i2repr(self, pkt, x):
        return self.table.get(x, "?%i" % (x or 0))

class Upper(StrLenField):
    def h2i(self, pkt, x):
        return x.upper()
    def i2h(self, pkt, x):
        return b"<" + x + b">"

class VarInt(Field):
    def __init__(self, name, default):
        Field.__init__(self, name, default, "B")
    def addfield(self, pkt, s, val):
        out = []
        val = val or 0
        while True:
            out.append(val & 127 | (128 if val > 127 else 0))
            val >>= 7
            if not val:
                break
        return s + bytes(out)
    def getfield(self, pkt, s):
        n = shift = 0
        for i, b in enumerate(s):
            n |= (b & 127) << shift
            shift += 7
            if not b & 128:
                return s[i + 1:], n
        return b"", n

class Plain(Field):
    def __init__(self, name, default):
        super(Plain, self).__init__(name, default, "<H")

class Pairs(FieldListField):
    def i2len(self, pkt, x):
        return 100 + len(x)

class Flip(BitField):
    def i2m(self, pkt, x):
        return x ^ 7
    def m2i(self, pkt, x):
        return x ^ 7

class P(Packet):
    name = "P"
    fields_desc = [
        Doubled("d", 3), Named("n", 2, {1: "one", 2: "two"}), ByteField("l", 3),
        Upper("load", b"abc", length_from=lambda p: p.l), VarInt("v", 300), Plain("p", 0x102), BitField("a", 1, 5), Flip("f", 2, 3),
        FieldLenField("c", None, length_of="q", fmt="B"), Pairs("q", [1, 2], ByteField("", 0), count_from=lambda p: 2),
        ConditionalField(Doubled("e", 9), lambda p: p.a == 1), FieldListField("w", [], VarInt("", 0)),
    ]

p = P()
print(raw(p))
p.show()
q = P(raw(P(n="one", load=b"xyz", v=70000, w=[1, 1000], f=5)))
print(q.d, q.n, q.load, q.v, q.p, q.a, q.f, q.c, q.q, q.e, q.w)
q.show()
print(repr(q))
q.d = 100
q.w = [5]
print(raw(q))
f = VarInt("x", 1)
print(f.addfield(None, b"ab", 129), f.getfield(None, b"\x81\x01rest"), f.name, f.default)
print(P().get_field("n").table)
b = BitField("x", 0, 5)
print(b.getfield(None, b"\xff\x0f"), b.getfield(None, (b"\xff\x0f", 5)), b.addfield(None, b"ab", 3), b.addfield(None, (b"ab", 5, 3), 9))
for f in (ByteField("a", 3), IntField("i", 5), LEShortField("s", 7), IPField("ip", "1.2.3.4"), StrField("t", b"abc"), ShortEnumField("e", 1, {1: "one"}),
          MACField("m", "00:11:22:33:44:55"), FieldListField("l", [1, 2], ShortField("", 0)), StrFixedLenField("x", b"ab", 4)):
    d = f.default
    print(type(f).__name__, f.name, d, f.i2m(p, d), f.m2i(p, f.i2m(p, d)) if not isinstance(d, list) else "", f.i2h(p, d), f.h2i(p, d), f.any2i(p, d), f.i2len(p, d), f.i2count(p, d), f.addfield(p, b">", d))
