import random

def show(o):
    random.seed(7)
    text = o.command()
    random.seed(7)
    print(repr(o), text, [repr(o._fix()) for _ in range(3)])

for o in (RandByte(), RandSByte(), RandShort(), RandSShort(), RandInt(), RandSInt(), RandLong(), RandSLong(), RandNum(1, 5)):
    show(o)
for o in (RandNumGauss(5, 2), RandNumExpo(0.1), RandNumExpo(0.1, 3), RandString(), RandString(5), RandString(5, b"ab"), RandBin(), RandBin(4)):
    show(o)
for o in (RandIP(), RandIP("10.0.0.0/8"), RandMAC(), RandMAC("00:01:02:*"), RandMAC("00:*:11:20-30"), RandOID(), RandOID("1.2.*.0-28")):
    show(o)
for o in (CorruptedBytes(b"ABCDEFGHIJ"), CorruptedBits(b"ABCDEFGHIJ"), CorruptedBytes("ABCDEFGHIJ", p=0.5), CorruptedBits("ABCDEFGHIJ", n=3)):
    show(o)
for o in (DelayedEval("1+2"), IncrementalValue(), IncrementalValue(5, 2), IncrementalValue(5, 2, 11)):
    show(o)
random.seed(7)
print(RandNum(0, 5) + 1, 1 + RandNum(0, 5), RandByte() * 3, RandNum(1, 3) << 2, RandNum(0, 7) & 3, RandNum(3, 3) == 3, RandNum(3, 3) < 4)
print(int(RandNum(4, 4)), str(RandNum(4, 4)), bytes(RandString(4)), len(RandString(4)), RandChoice("a").upper())
print(corrupt_bytes(b"hello world"), corrupt_bits(b"hello world"), corrupt_bytes(b"abc", n=3))
p = IP(src="10.0.0.1", dst="10.0.0.2", ttl=RandByte()) / UDP(sport=RandShort(), dport=53)
print(p[UDP].command())
p = IP(src="10.0.0.1", dst="10.0.0.2") / UDP(sport=RandShort(), dport=53)
random.seed(7)
print([UDP(bytes(p)[20:]).sport for _ in range(3)])
random.seed(7)
print(all(RandRegExp("[a-c]{3}x")._fix()[3] == "x" for _ in range(20)), sorted(RandEnum(1, 9)._fix() in range(1, 10) for _ in range(3)))
e = RandEnum(1, 200)
print(sorted(e._fix() for _ in range(200)) == list(range(1, 201)))
print(isinstance(RandNumExpo(1), RandNum), isinstance(RandEnumByte(), VolatileValue), isinstance(RandSingByte(), RandSingularity))
