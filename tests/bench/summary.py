# As summary.pkt, under Scapy, on the first packets: microseconds a packet, on standard error.
import sys, time
from scapy.all import *

count, start = 0, time.perf_counter()
for p in PcapReader(sys.argv[1]):
    print(p.summary())
    count += 1
    if count == int(sys.argv[2]):
        break
print("%.3f" % ((time.perf_counter() - start) / count * 1e6), file=sys.stderr)
