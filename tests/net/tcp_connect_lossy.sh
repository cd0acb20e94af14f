#!/bin/bash
# Five megabytes each way, at the same time, between tcp_connect and a kernel socket, over a wire that loses one frame in a hundred
# and takes 5 ms: a relay between two cables, in a namespace of its own. What came is compared by its sums. LOSS, DELAY, BYTES: others.
command -v python3 > /dev/null || { echo "python3 is missing"; exit 77; }
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
cat > "$work/relay.py" <<'END'
# Frames from one interface to the other, late, some never. What the kernel says of a frame (sums left to the card, GSO) goes along.
import heapq, random, select, socket, sys, time
loss, delay = float(sys.argv[1]) / 100, float(sys.argv[2]) / 1000
random.seed(7)
def door(name):
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    s.setsockopt(263, 15, 1)                              # PACKET_VNET_HDR
    s.setsockopt(socket.SOL_SOCKET, 33, 1 << 24)
    s.bind((name, 3))
    return s
one, two = door("w1"), door("x1")
other, waiting, count = {one: two, two: one}, [], 0
print("ready", flush=True)
while True:
    now = time.monotonic()
    while waiting and waiting[0][0] <= now:
        _, _, to, frame = heapq.heappop(waiting)
        to.send(frame)
    left = max(0, waiting[0][0] - time.monotonic()) if waiting else None
    for s in select.select([one, two], [], [], left)[0]:
        frame, about = s.recvfrom(70000)
        count += 1
        if about[2] != 4 and (frame[10 + 12:10 + 14] == b"\x08\x06" or random.random() >= loss):      # 4: what left here; ARP passes
            heapq.heappush(waiting, (time.monotonic() + delay, count, other[s], frame))
END
cat > "$work/server.py" <<'END'
import hashlib, random, socket, sys, threading
count = int(sys.argv[1])
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("10.3.0.2", 5000))
s.listen()
print("ready", flush=True)
c, _ = s.accept()
ours = random.Random(1).randbytes(count)
got = hashlib.sha256()
def read():
    while True:
        part = c.recv(65536)
        if not part:
            return
        got.update(part)
t = threading.Thread(target=read)
t.start()
c.sendall(ours)
t.join()
print(got.hexdigest(), hashlib.sha256(ours).hexdigest(), flush=True)
END
cat > "$work/client.pkt" <<'END'
import hashlib, random, sys, threading, time
count = int(sys.argv[1])
c = tcp_connect("10.3.0.2", 5000, verbose=0, timeout=20)
options = [o[0] for o in c.packets[0][TCP].options], [o[0] for o in c.packets[1][TCP].options]
print(*["WScale" in o and "SAckOK" in o for o in options])
got, size = hashlib.sha256(), [0]
def read():
    while size[0] < count:
        part = c.recv()
        got.update(part)
        size[0] += len(part)
t = threading.Thread(target=read)
start = time.monotonic()
t.start()
random.seed(2)
ours = bytes([random.getrandbits(8) for i in range(65536)]) * (count // 65536 + 1)
ours = ours[:count]
c.send(ours)
t.join()
took = time.monotonic() - start
c.close()
print(c.state, size[0] == count)
print(got.hexdigest(), hashlib.sha256(ours).hexdigest(), file=open(sys.argv[2], "w"))
largest = max([p[TCP].window << c._shift for p in c.packets if p.src == c.src and "S" not in p[TCP].flags])
print("a window of more than 65535:", largest > 65535, len(c.packets.retransmissions()) > 0)
print("%.1f s, %d segments" % (took, len(c.packets)), file=sys.stderr)
END
cat > "$work/run" <<'END'
other() { nsenter -t "$LAB_OTHER" -n "$@"; }
nsenter -t "$LAB_OTHER" -n unshare -n sleep 100 & far=$!
here=$(readlink /proc/self/ns/net) there=$(readlink /proc/$LAB_OTHER/ns/net)
for _ in $(seq 100); do
	net=$(readlink /proc/$far/ns/net)
	[ "$net" != "$here" ] && [ "$net" != "$there" ] && break
	sleep .02
done
ip link add w0 type veth peer name w1 netns $far
other ip link add x0 type veth peer name x1 netns $far
nsenter -t $far -n sh -c 'ip link set w1 up; ip link set x1 up'
ip addr add 10.3.0.1/24 dev w0; ip link set w0 up
other ip addr add 10.3.0.2/24 dev x0; other ip link set x0 up
nsenter -t $far -n python3 "$1/relay.py" "$2" "$3" > "$1/relay" & relay=$!
other python3 "$1/server.py" "$4" > "$1/server" & server=$!
for _ in $(seq 200); do grep -q ready "$1/relay" && grep -q ready "$1/server" && break; sleep .02; done
timeout 60 "$PKTSH" "$1/client.pkt" "$4" "$1/sums"
status=$?
echo "status $status"
[ $status = 0 ] || kill $server
wait $server
kill $relay $far
read -r came sent < "$1/sums"
[ "$(tail -1 "$1/server")" = "$sent $came" ] && echo the same
END
scripts/lab bash "$work/run" "$work" "${LOSS:-1}" "${DELAY:-5}" "${BYTES:-5000000}" > "$work/said" 2> "$work/err"
[ $? != 77 ] || exit 77
cat > "$work/expected" <<'END'
True True
CLOSED True
a window of more than 65535: True True
status 0
the same
END
[ -z "$SAY" ] || cat "$work/err"
diff -u --label expected "$work/expected" --label said "$work/said" || { cat "$work/err"; exit 1; }
