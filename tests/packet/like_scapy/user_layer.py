class Disney(Packet):
    name = "DisneyPacket "
    fields_desc = [ShortField("mickey", 5), XByteField("minnie", 3), IntEnumField("donald", 1, {1: "happy", 2: "cool", 3: "angry"})]
d = Disney(mickey=1)
ls(d)
ls(Disney)
d.show()
print(raw(d), repr(d), len(d))
d.donald = "cool"
print(d.donald, raw(d))
bind_layers(UDP, Disney, dport=4242)
p = IP(src="10.0.0.1", dst="10.0.0.2")/UDP()/d
print(repr(p), raw(p))
print(repr(IP(raw(p))))
