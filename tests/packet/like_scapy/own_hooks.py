from scapy.all import *
from scapy.fields import *

class Counted(Packet):
    name = "Counted"
    fields_desc = [ByteField("kind", 1), ByteField("len", None), ShortField("x", 5)]
    def post_build(self, p, pay):
        if self.len is None:
            p = p[:1] + bytes([len(pay)]) + p[2:]
        return p + pay
    def extract_padding(self, s):
        return s[:self.len], s[self.len:]

class OwnLoop(Packet):
    fields_desc = [ByteField("n", 0), StrLenField("load", b"", length_from=lambda p: p.n), BitField("a", 0, 4), BitField("b", 0, 12)]
    def do_dissect(self, s):
        for f in self.fields_desc:
            s, fval = f.getfield(self, s)
            self.fields[f.name] = fval
        return s

class ByHand(Packet):
    fields_desc = [ByteField("a", 1), ByteField("b", 2), ByteField("c", 3)]
    def do_dissect(self, s):
        self.a = s[0]
        self.c = s[1]
        return s[2:]
    def self_build(self, field_pos_list=None):
        return bytes([self.a, self.c])

class After(Packet):
    fields_desc = [ByteField("a", 1), ByteField("b", 2)]
    def do_dissect(self, s):
        s = super(After, self).do_dissect(s)
        self.seen = len(s) if False else None
        return s[1:]
    def guess_payload_class(self, payload):
        if payload[:1] == b"\x01":
            return Counted
        return Packet.guess_payload_class(self, payload)

class Whole(Packet):
    fields_desc = [ByteField("a", 1)]
    def do_build(self):
        return b"<" + super(Whole, self).do_build() + b">"

class Header(Packet):
    fields_desc = [ByteField("a", 1), ByteField("b", 2)]
    def self_build(self, *a, **k):
        return b"[" + Packet.self_build(self, *a, **k) + b"]"

class Inside(Packet):
    fields_desc = [ByteField("a", 1)]
    def do_build_payload(self):
        return Packet.do_build_payload(self)[::-1]
    def do_dissect_payload(self, s):
        Packet.do_dissect_payload(self, s[::-1])

class Base(Packet):
    fields_desc = [ByteField("t", 0)]
    @classmethod
    def dispatch_hook(cls, _pkt=None, *args, **kargs):
        if _pkt and _pkt[0] == 1 or kargs.get("t") == 1:
            return One
        return cls
class One(Base):
    fields_desc = [ByteField("t", 1), ShortField("more", 7)]
    def mysummary(self):
        return self.sprintf("One %One.more%"), [Counted]
    def default_payload_class(self, payload):
        return Counted

class Order(Packet):
    fields_desc = [ByteField("a", 1)]
    def pre_dissect(self, s):
        print("pre", s)
        return s
    def post_dissect(self, s):
        print("post", s, self.a)
        return s
    def post_dissection(self, pkt):
        print("all", pkt.summary())
    def hashret(self):
        return bytes([self.a]) + self.payload.hashret()
    def answers(self, other):
        return other.a == self.a + 1

print(raw(Counted() / b"abc"), raw(Counted(len=9) / b"abc"))
p = Counted(b"\x01\x02\x00\x07abcdef")
print(p.len, p.load, p[Padding].load)
q = OwnLoop(b"\x03xyz\x12\x34rest")
print(q.n, q.fields["load"], q.a, q.b, q[Raw].load)
q.n = 9
print(raw(q))
h = ByHand(b"\x0a\x0b\x0c")
print(h.a, h.b, h.c, raw(h), raw(h.payload))
h.a = 3
print(raw(h), raw(ByHand() / b"z"))
a = After(b"\x05\x06\x00\x01\x02\x00\x07abcd")
print(a.a, a.b, a.payload.__class__.__name__, a[Counted].load)
print(raw(Whole(a=65) / b"x"), raw(Ether(src="00:00:00:00:00:01", dst="00:00:00:00:00:02") / Whole() / b"yz"))
print(raw(Header() / b"x"), raw(IP(src="1.1.1.1", dst="2.2.2.2", proto=99) / Header()))
i = Inside() / b"abc"
print(raw(i), Inside(raw(i)).load)
print(Base(b"\x01\x00\x09").__class__.__name__, Base(b"\x02").__class__.__name__, Base(t=1).__class__.__name__, Base(t=2).__class__.__name__)
o = Base(b"\x01\x00\x09\x01\x01\x00\x00zz")
print(o.payload.__class__.__name__, o.summary(), (Ether() / One()).summary())
Order(b"\x01abc")
print(Order(a=1).answers(Order(a=2)), Order(a=1).answers(Order(a=3)), Order(a=7).hashret())
class Sub(Counted):
    def post_build(self, p, pay):
        return Counted.post_build(self, p, pay) + b"!"
    def extract_padding(self, s):
        return super(Sub, self).extract_padding(s)
print(raw(Sub() / b"ab"), Sub(b"\x01\x01\x00\x00ab").payload.load)
print(Raw().route(), IP(dst="127.0.0.1").route()[0] is not None)
