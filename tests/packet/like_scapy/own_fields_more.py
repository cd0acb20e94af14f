from scapy.all import *
from scapy.fields import *

class SelfLength(FieldLenField):
    def addfield(self, pkt, s, val):
        if val is None:
            if self.length_of is not None:
                fld, fval = pkt.getfield_and_val(self.length_of)
                val = fld.i2len(pkt, fval)
            else:
                fld, fval = pkt.getfield_and_val(self.count_of)
                val = fld.i2count(pkt, fval)
            val = self.adjust(pkt, val)
        out = []
        while val:
            out.append(val & 127 | (128 if val > 127 else 0))
            val >>= 7
        return s + bytes(out or [0])
    def getfield(self, pkt, s):
        n = 0
        for i in range(len(s)):
            n |= (s[i] & 127) << (7 * i)
            if not s[i] & 128:
                return s[i + 1:], n
        return b"", n

class Item(Packet):
    fields_desc = [ByteField("t", 1), ByteField("v", 2)]
    def extract_padding(self, s):
        return b"", s

class Items(PacketListField):
    def getfield(self, pkt, s):
        lst = []
        remain = s
        while remain and remain[0] != 0:
            item = Item(remain[:2])
            lst.append(item)
            remain = remain[2:]
        return remain[1:], lst
    def addfield(self, pkt, s, val):
        return s + b"".join(raw(v) for v in val) + b"\x00"

class Ranged(StrLenField):
    def __init__(self, name, default, n):
        StrLenField.__init__(self, name, default, length_from=lambda p: n)
    def i2repr(self, pkt, x):
        return "<%s>" % x.decode()

class AnyLen(StrField):
    def getfield(self, pkt, s):
        return s[2:], s[:2]

class Seconds(IntField):
    def i2repr(self, pkt, x):
        return "%i s" % x
class Minutes(Seconds):
    def i2m(self, pkt, x):
        return Seconds.i2m(self, pkt, x) * 60
    def m2i(self, pkt, x):
        return super(Minutes, self).m2i(pkt, x) // 60
    def i2repr(self, pkt, x):
        return Seconds.i2repr(self, pkt, x * 60)

class P(Packet):
    name = "P"
    fields_desc = [
        SelfLength("n", None, length_of="data"), StrLenField("data", b"", length_from=lambda p: p.n),
        Items("items", [], Item), Ranged("load", b"abc", 3), AnyLen("value", b"zz"), Minutes("m", 2), Seconds("s", 3),
        SelfLength("c", None, count_of="l"), FieldListField("l", [1, 2, 3], ShortField("", 0), count_from=lambda p: p.c),
        PadField(Ranged("r", b"ab", 2), 4), ConditionalField(Minutes("e", 1), lambda p: p.s == 3),
        MultipleTypeField([(Minutes("k", 1), lambda p: p.s == 3)], ByteField("k", 4)),
    ]

p = P(data=b"q" * 130, items=[Item(t=5), Item(v=9)])
b = raw(p)
print(b)
q = P(b + b"tail")
q.show()
print(raw(q) == b + b"tail", q.items[1].v, q.m, q.k, q.n, q.c)
q.data = b"x"
q.n = None
q.items.append(Item(t=7, v=7))
q.m = 10
q.s = 4
print(raw(q))
print(repr(P(raw(q))))
