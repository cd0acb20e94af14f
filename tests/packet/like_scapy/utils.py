p = Ether(src="02:00:00:00:00:01", dst="ff:ff:ff:ff:ff:ff")/IP(src="10.0.2.1", dst="10.0.2.5", id=3)/TCP(sport=1234, flags="SA")/"hello"
p.time = 1000000.25
q = p.copy()
q[IP].ttl = 3
q[TCP].sport = 4321
hexdiff(p, q)
print(hexdump(p, dump=True))
chexdump(p)
print(chexdump(b"ab", dump=True))
linehexdump(p)
print(linehexdump(b"ab", dump=True))
print(hexstr(b"hello\0"), hexstr(b"ab", onlyhex=1), hexstr(b"ab", onlyasc=1))
print(bytes_hex(b"ab"), hex_bytes(b"6162"))
for f in ("%IP.src%", "%-15s,IP.src%|", "%r,TCP.flags%", "%TCP.flags%", "%IP.ttl%", "%r,IP.proto%", "%IP.proto%", "%.time%", "%Ether.src% %%", "%(x%)",
          "{IP:%IP.src% {TCP:tcp %TCP.dport%}{UDP:udp}}", "{!UDP:no udp}", "%IP:1.src%", "%TCP.payload%", "%r,Raw.load%", "%DNS.id%", "%UDP.sport%",
          "%5s,TCP.dport%|", "%04xr,IP.id%", "{IP:{!UDP:not}{UDP:yes}}", "%-8s,IP.proto%|%3s,IP.ttl%|", "%02xr,IP.tos%"):
    print(f, p.sprintf(f))
two = IP(src="1.1.1.1", dst="2.2.2.2")/IP(src="3.3.3.3", dst="4.4.4.4")/UDP()
print(two.sprintf("%IP.src% %IP:2.src% %IP:3.src%"))
print(ltoa(0x01020304), atol("1.2.3.4"), mac2str("01:02:03:04:05:06"), str2mac(b"\1\2\3\4\5\6"), checksum(b"hello"), strxor(b"ab", b"  "), strand(b"ab", b"\x5f\x5f"))
print(itom(24), fletcher16_checksum(b"abcdefg"), fletcher16_checkbytes(b"abcdefg", 2), mac2str("ff:ff:ff:ff:ff:ff"))
print(lhex(20), lhex([1, 2, (3, 4)]), sane("ab\0c"))
print(in4_chksum(17, IP(src="1.2.3.4", dst="5.6.7.8"), b"hello"), in6_chksum(58, IPv6(src="::1", dst="::2"), b"hello"))
print(inet_aton("1.2.3.4"), inet_ntoa(b"\1\2\3\4"), inet_pton(10, "::1"), inet_ntop(2, b"\1\2\3\4"))
print(valid_mac("00:11:22:33:44:55"), valid_ip("1.2.3.4"), valid_ip6("::1"), valid_net("1.2.3.0/24"), valid_mac("zz"))
print(orb(b"a"[0]), chb(65), plain_str(b"ab"), bytes_encode("x"), bytes_base64(b"a"), base64_bytes("YQ=="), binrepr(5), tex_escape("a_b%"))
print(ETHER_BROADCAST, ETHER_ANY, ETH_P_IP, ETH_P_ARP, MTU)
g = incremental_label("x%i")
print(next(g), next(g))
print(import_hexcap(hexdump(p, dump=True)) == bytes(p), import_hexcap("0000   61 62 63 64   abcd") == b"abcd")
