# As fields.pkt, under Scapy, on the first packets only: it is slow.
import sys, time
from scapy.all import *

count, total, start = 0, 0, time.perf_counter()
for p in PcapReader(sys.argv[1]):
    if IP in p:
        total += p[IP].ttl
    if UDP in p:
        total += p[UDP].dport
    count += 1
    if count == int(sys.argv[2]):
        break
assert total > 0
print("%.3f" % ((time.perf_counter() - start) / count * 1e6))
