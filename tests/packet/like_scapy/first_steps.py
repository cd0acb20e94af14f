a = IP(ttl=10)
print(repr(a), a.src)
a.dst = "192.168.1.1"
print(repr(a))
del a.ttl
print(repr(a), a.ttl)
print(repr(IP()/TCP()))
print(repr(Ether()/IP()/TCP()))
print(repr(IP()/TCP()/"GET / HTTP/1.0\r\n\r\n"))
print(repr(Ether()/IP()/IP()/UDP()))
print(repr(IP(proto=55)/TCP()))
print(raw(IP()))
print(repr(IP(raw(IP()))))
b = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")/IP(dst="10.0.2.5")/TCP()/"GET /index.html HTTP/1.0 \n\n"
hexdump(b)
c = Ether(raw(b))
print(repr(c))
c.hide_defaults()
print(repr(c))
