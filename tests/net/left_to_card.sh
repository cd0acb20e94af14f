#!/bin/bash
# What a kernel left to its card is finished when it is sent: the other host's kernel takes the sum, and a frame larger than the MTU
# arrives as segments that are right, over IPv4 and IPv6.
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
cat > "$work/udp.pkt" <<'END'
import os, socket, subprocess
def counters():
    text = subprocess.run(["nsenter", "-t", os.environ["LAB_OTHER"], "-n", "cat", "/proc/net/snmp"], capture_output=True, text=True).stdout
    names, numbers = [line.split() for line in text.splitlines() if line.startswith("Udp:")]
    d = dict(zip(names[1:], [int(n) for n in numbers[1:]]))
    return d["NoPorts"], d["InCsumErrors"]
def more(what):
    before = counters()
    what()
    time.sleep(.1)
    after = counters()
    return after[0] - before[0], after[1] - before[1]
import time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
pkts = sniff(iface="eth0", filter="udp dst port 99", count=1, started_callback=lambda: s.sendto(b"hello", ("10.0.2.5", 99)), timeout=5)
p = pkts[0]
print("sent as it came:", more(lambda: sendp(p, iface="eth0", verbose=0)), more(lambda: send(p[IP], verbose=0)))
print("its bytes:", more(lambda: sendp(Ether(bytes(p)), iface="eth0", verbose=0)))
q = p.copy()
q[Raw].load = b"other"
print("with another load:", more(lambda: sendp(q, iface="eth0", verbose=0)))
q = p.copy()
q[UDP].chksum = 0x1234
print("with a sum of mine:", more(lambda: sendp(q, iface="eth0", verbose=0)))
print("in a list:", more(lambda: sendp([p] * 3, iface="eth0", verbose=0)), "asked with:", more(lambda: sr1(p[IP], timeout=1, verbose=0)))
print("changed by sending:", bytes(p) != bytes(Ether(bytes(p))))
END
cat > "$work/tcp.pkt" <<'END'
import socket, sys, time
data = bytes(i * 7 % 251 for i in range(20000))
for n, host in enumerate(("10.0.2.5", "2001:db8:2::5")):
    s = socket.create_connection((host, 7))
    a = AsyncSniffer(iface="eth0", filter="tcp dst port 7")
    a.start()
    s.sendall(data)
    time.sleep(.3)
    whole = [p for p in a.stop() if Raw in p and len(p) > 4000][0]
    with open(sys.argv[1] + "/load%d" % n, "wb") as f:
        f.write(bytes(whole[TCP].payload))
    whole.dst = "02:00:00:00:02:99"
    whole[TCP].sport = 5000 + n
    whole[TCP].flags = "FPAC"
    sendp(whole, iface="eth0", verbose=0)
    s.close()
END
cat > "$work/odd.pkt" <<'END'
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(17, 103, 1000)                     # UDP_SEGMENT: the card was to make datagrams of it
p = sniff(iface="eth0", filter="udp dst port 99", count=1, started_callback=lambda: s.sendto(b"x" * 5000, ("10.0.2.5", 99)), timeout=5)[0]
try:
    sendp(p, iface="eth0", verbose=0)
except OSError as e:
    print(len(p), e.errno, e.strerror)
END
cat > "$work/run" <<'END'
"$PKTSH" "$1/udp.pkt"
"$PKTSH" "$1/odd.pkt"
nsenter -t "$LAB_OTHER" -n tcpdump -i eth0 --immediate-mode -Q in -U -B 16384 -w "$1/got.pcap" 'ether dst 02:00:00:00:02:99' 2> "$1/err" &
dump=$!
for _ in $(seq 50); do grep -q listening "$1/err" && break; sleep .1; done
"$PKTSH" "$1/tcp.pkt" "$1"
sleep .3
kill $dump
wait $dump
exit 0
END
cat > "$work/judge.pkt" <<'END'
import sys
work = sys.argv[1]
def sum_of(data):
    data += b"\0" * (len(data) % 2)
    total = sum(int.from_bytes(data[i:i + 2], "big") for i in range(0, len(data), 2))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total
got = [bytes(p) for p in rdpcap(work + "/got.pcap")]
for n, (kind, at, addresses) in enumerate(((b"\x08\x00", 34, slice(26, 34)), (b"\x86\xdd", 54, slice(22, 54)))):
    mine = [b for b in got if b[12:14] == kind]
    load = open(work + "/load%d" % n, "rb").read()
    seqs = [int.from_bytes(b[at + 4:at + 8], "big") for b in mine]
    heads = [(b[at + 12] >> 4) * 4 for b in mine]
    print(len(mine) > 3, max(len(b) for b in mine) <= 1514, all(len(b) == 1514 for b in mine[:-1]))
    print(b"".join(b[at + h:] for b, h in zip(mine, heads)) == load, all(s + len(b) - at - h == t for s, t, b, h in zip(seqs, seqs[1:], mine, heads)))
    print({sum_of(b[addresses] + bytes([0, 6]) + (len(b) - at).to_bytes(2, "big") + b[at:]) for b in mine})
    print([hex(b[at + 13]) for b in (mine[0], mine[1], mine[-1])], all(b[at + 13] == 0x10 for b in mine[1:-1]))
    if n == 0:
        ids = [int.from_bytes(b[18:20], "big") for b in mine]
        print([(i - ids[0]) & 0xffff for i in ids] == list(range(len(ids))), {sum_of(b[14:34]) for b in mine}, all(int.from_bytes(b[16:18], "big") == len(b) - 14 for b in mine))
    else:
        print(all(int.from_bytes(b[18:20], "big") == len(b) - 54 for b in mine))
END
{ scripts/lab bash "$work/run" "$work" && "$PKTSH" "$work/judge.pkt" "$work"; } > "$work/said" 2>&1
diff "$work/said" - <<'END'
sent as it came: (1, 0) (1, 0)
its bytes: (0, 1)
with another load: (1, 0)
with a sum of mine: (0, 1)
in a list: (3, 0) asked with: (1, 0)
changed by sending: False
5042 90 5042 bytes do not fit the MTU (1500), and how the card was to cut them cannot be told: only TCP is cut here (before capturing: ethtool -K IFACE tso off gso off)
True True True
True True
{65535}
['0x90', '0x10', '0x19'] True
True {65535} True
True True True
True True
{65535}
['0x90', '0x10', '0x19'] True
True
END
