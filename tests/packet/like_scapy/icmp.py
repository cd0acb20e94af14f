for t in (0, 3, 5, 8, 11, 12, 17):
    p = IP(src="10.0.0.1", dst="10.0.0.2")/ICMP(type=t)
    print(raw(p), p.summary())
    IP(raw(p)).show()
e = IP(src="10.0.0.9", dst="10.0.0.1")/ICMP(type=3, code=3)/IPerror(src="10.0.0.1", dst="10.0.0.2")/UDPerror(sport=1, dport=2)
print(repr(IP(raw(e))))
print(IP(raw(e)).answers(IP(src="10.0.0.1", dst="10.0.0.2")/UDP(sport=1, dport=2)))
