# As build.pkt, under Scapy: builds Ether/IP/UDP/NTP from the language, addresses as texts, every computed field computed: microseconds a packet, best of five.
import sys, time
from scapy.all import *

def once(count):
    start = time.perf_counter()
    for i in range(count):
        raw(Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")/IP(src="10.0.2.1", dst="10.0.2.5")/UDP(sport=123, dport=123)/NTP(sent=1, orig=0))
    return (time.perf_counter() - start) / count * 1e6

count = int(sys.argv[1])
print("%.3f" % min([once(count // 5) for i in range(5)]))
