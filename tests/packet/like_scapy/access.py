p = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")/IP(src="10.0.0.1", dst="10.0.0.2")/UDP(sport=1, dport=2)/"hello"
print(UDP in p, TCP in p, p.haslayer(UDP), p.haslayer("TCP"))
print(p[UDP].sport, p.sport, p[IP].payload.dport, p["UDP"].dport, p.getlayer(UDP).sport, p.getlayer(TCP))
print(p[Raw].load, len(p), bytes(p[UDP]))
print([l.__name__ for l in p.layers()], p.lastlayer().__class__.__name__)
p.dport = 99
print(p[UDP].dport, p[IP].ttl)
q = p.copy()
q[IP].ttl = 3
print(p[IP].ttl, q[IP].ttl, p == q, p == p.copy())
f = TCP(flags="SA").flags
print(f, f == "SA", "S" in f, f.S, f.R, int(f), repr(f))
t = TCP()
t.flags |= "P"
print(t.flags)
t.flags = "FA"
print(t.flags, t.flags & 1)
x = IP(raw(IP(src="1.1.1.1", dst="2.2.2.2")/TCP()/"abc"))
x.ttl = 9
print(raw(x))
del x.chksum
print(raw(x), x[IP].chksum)
x[TCP].payload = Raw(b"longer payload")
print(raw(x))
del x[IP].len, x[TCP].chksum
print(raw(x))
print(repr(x[TCP].underlayer), p[UDP].underlayer.name)
# a tunnel's headers: conf.checkIPinIP
inner, back = IP(src="10.1.0.1", dst="10.1.0.2")/UDP(sport=5, dport=6), IP(src="10.1.0.2", dst="10.1.0.1")/UDP(sport=6, dport=5)
pairs = [(IP(src="10.0.0.1", dst="10.0.0.2")/inner, IP(src="10.0.0.9", dst="10.0.0.1")/back),
         (IP(src="10.0.0.1", dst="10.0.0.2")/inner, IP(src="10.0.0.2", dst="10.0.0.1")/back),
         (IP(src="10.0.0.1", dst="10.0.0.2")/inner, back),
         (inner, IP(src="10.0.0.2", dst="10.0.0.1")/back),
         (IP(src="10.0.0.1", dst="10.0.0.2")/IPv6(src="fd00::1", dst="fd00::2")/UDP(sport=5, dport=6), IP(src="10.0.0.9", dst="10.0.0.1")/IPv6(src="fd00::2", dst="fd00::1")/UDP(sport=6, dport=5))]
for conf.checkIPinIP in (True, False):
    print([(bool(r.answers(s)), r.hashret() == s.hashret()) for s, r in pairs])
conf.checkIPinIP = True
