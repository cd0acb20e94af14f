# As rdpcap.pkt, under Scapy, on the first packets: seconds and MB for each.
import resource, sys, time
from scapy.all import *

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

before = peak()
start = time.perf_counter()
packets = rdpcap(sys.argv[1], int(sys.argv[2]))
taken = time.perf_counter() - start
print("%.9f %.9f" % (taken / len(packets), (peak() - before) / len(packets)))
