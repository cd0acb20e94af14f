#!/bin/bash
# A hundred thousand routes: they are asked for one at a time and never loaded, so that a program starts, routes and sends as with two;
# changes behind its back are seen; only conf.route, printed, reads them all.
program='
import os, time
began = time.monotonic()
os.system("""awk "BEGIN { for (i = 0; i < 100000; i++) printf \\"route add 20.%d.%d.%d/32 via 10.0.2.5\\\\n\\", i / 65536, i / 256 % 256, i % 256 }" | ip -batch -""")
print(len(os.popen("ip route").readlines()))
began = time.monotonic()
for i in range(1000):
    assert conf.route.route("20.0.3.%d" % (i % 250))[2] == "10.0.2.5"
r = sr1(IP(dst="10.0.2.5")/ICMP(), timeout=2, verbose=0)
print(r[ICMP].type, conf.iface, IP(dst="20.1.1.1").src)
print("soon" if time.monotonic() - began < 2 else time.monotonic() - began)
os.system("ip route change 20.0.3.7/32 via 10.0.2.9")
print(conf.route.route("20.0.3.7")[2], len(conf.route.routes))
'
said=$(timeout 60 scripts/lab "$PKTSH" -c "$program") || exit
expected='100002
0 eth0 10.0.2.1
soon
10.0.2.9 100003'
[ "$said" = "$expected" ] || { echo "$said"; exit 1; }
