for layer in (UDP, Dot1Q, IPv6, Ether):
    rfc(layer)
rfc(UDP, legend=False)
print(rfc(UDP, ret=True)[:70])
ls(UDP)
ls(IP, verbose=True)
ls(Dot1Q, verbose=True)
ls(Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")/Dot1Q(vlan=3)/Raw("x"))
