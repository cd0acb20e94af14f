print([q.summary() for q in IP(dst="10.0.2.0/30", ttl=[1, 2, (5, 9)])/TCP(dport=[80, 443])])
print([q.ttl for q in IP(dst="10.0.2.0/30", ttl=[1, 2, (5, 9)])])
print([repr(q) for q in Ether(dst="02:00:00:00:00:02", src=["02:00:00:00:00:0%i" % i for i in (3, 4)])/IP(id=(1, 3))])
print(len([q for q in IP(ttl=(1, 9, 2))/UDP(sport=[1, 2], dport=(1, 3))]))
p = IP(dst="10.0.0.0/30")/ICMP()
p.ttl = [3, 4]
print([(q.dst, q.ttl) for q in p])
print(repr(p), repr(Net("10.0.0.0/30")), len(Net("10.0.0.0/29")), "10.0.0.1" in Net("10.0.0.0/24"))
