#!/bin/bash
# Packets sent in quick succession leave while the program makes the next ones (src/net/outbox.h). Nobody can tell: all of them leave, in
# order, before anything that the program does next, however it ends, and what could not leave is an error that says how many.
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
cat > "$work/flood.pkt" <<'END'
import os, signal, socket, subprocess, sys, time
how = sys.argv[1]
p = IP(src="1.2.3.4", dst="10.0.2.5")/UDP(sport=1000, dport=9)
def flood(count, first=0):
    for i in range(count):
        p[IP].id = (first + i) & 0xffff
        p[UDP].sport = (first + i) >> 16
        send(p, verbose=0)
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range(3):
    if how == "order":                          # another socket, a question, another way out
        flood(3000, i * 3000)
        s.sendto(b"x", ("10.0.2.5", 1))
        flood(700, i * 700)
        sr1(IP(dst="10.0.2.5")/ICMP(id=i), verbose=0)
        flood(700, i * 700)
        os.system("ping -c 1 -W 1 10.0.2.5 > " + os.devnull)
if how == "exit":
    flood(20000)
    sys.exit(3)
if how == "error":
    flood(20000)
    raise ValueError("here")
if how == "_exit":
    flood(20000)
    os._exit(0)
if how == "end":
    flood(20000)
if how == "print":
    flood(20000)
    print("done", flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
if how == "interrupt":
    n = 0
    subprocess.Popen(["sh", "-c", "sleep .3; kill -INT %d" % os.getpid()])
    try:
        while True:
            p[IP].id = n & 0xffff
            p[UDP].sport = n >> 16
            n += 1
            send(p, verbose=0)
    except KeyboardInterrupt:
        print(n)
if how in ("down", "small"):
    n = 0
    p = IP(src="1.2.3.4", dst="10.0.2.5", flags="DF")/UDP(sport=1000, dport=9)/("x" * 100)
    subprocess.Popen(["sh", "-c", "sleep .3; ip link set eth0 " + ("down" if how == "down" else "mtu 68")])
    try:
        while True:
            p[IP].id = n & 0xffff
            p[UDP].sport = n >> 16
            send(p, verbose=0)
            n += 1
    except OSError as e:
        print(n, e.errno, e.strerror)
    try:
        send(p, verbose=0)
    except OSError as e:
        print(e.errno)
END
cat > "$work/run" <<'END'
work=$1
hear() {
	rm -f "$work/err"
	nsenter -t "$LAB_OTHER" -n tcpdump -i eth0 --immediate-mode -Q in -U -s 60 -B 65536 -w "$work/$1.pcap" "$2" 2> "$work/err" &
	dump=$!
	for _ in $(seq 50); do grep -q listening "$work/err" && break; sleep .1; done
}
heard() {
	sleep .3
	kill $dump
	wait $dump 2> /dev/null
	grep -q '^0 packets dropped' "$work/err" || { echo "$how: tcpdump lost some"; exit 1; }
}
dropped() { cat /sys/class/net/eth0/statistics/tx_dropped; }
for how in order exit error _exit end print interrupt small down; do
	filter='src 1.2.3.4'
	[ $how = order ] && filter='ip and not tcp'
	for _ in 1 2 3 4 5; do                  # a busy machine's kernel drops frames on such a cable, and counts them
		ip link set eth0 up mtu 1500
		hear $how "$filter"
		before=$(dropped)
		{ "$PKTSH" "$work/flood.pkt" $how > "$work/$how.out" 2> "$work/$how.err"; } 2> /dev/null
		status=$?
		heard
		[ $how = down ] || [ "$(dropped)" = "$before" ] && break
	done
	echo "$how: status $status" >> "$work/statuses"
done
END
scripts/lab bash "$work/run" "$work" || exit
cat > "$work/judge.pkt" <<'END'
import re, sys
work = sys.argv[1]
def numbers(name):
    return [p[UDP].sport << 16 | p[IP].id for p in rdpcap(work + "/" + name + ".pcap")]
for how in ("exit", "error", "_exit", "end", "print"):
    got = numbers(how)
    print(how, got == list(range(20000)) or (len(got), [i for i, n in enumerate(got) if i != n][:3], got[:3], got[-3:]))
print(open(work + "/statuses").read().split("\n")[1:6])
print("here" in open(work + "/error.err").read(), open(work + "/print.out").read())
n, got = int(open(work + "/interrupt.out").read()), numbers("interrupt")
print("interrupt", got == list(range(len(got))), n - len(got) in (0, 1), n > 1000)
# what comes between the floods stands where it was sent
seen, line = [], []
for p in rdpcap(work + "/order.pcap"):
    if p[IP].src == "1.2.3.4":
        line.append(p[UDP].sport << 16 | p[IP].id)
    else:
        seen.append((len(line), line == sorted(line)))
        line = []
print(seen, line)
# while an interface goes down the kernel takes some and drops them; what does not fit it refuses, each
for how in ("small", "down"):
    said, got = open(work + "/" + how + ".out").read().split("\n"), numbers(how)
    n, code, lost = int(said[0].split()[0]), said[0].split()[1], re.search(r"\((\d+) frames? sent before did not leave\)", said[0])
    left = n - int(lost.group(1) if lost else 0)
    fits = (code, said[1]) == ("90", "90") and "eth0 (68)" in said[0] if how == "small" else {code, said[1]} <= {"100", "101"}
    print(how, fits or said, got == list(range(len(got))), how == "down" or left == len(got) or (left, len(got)))
END
"$PKTSH" "$work/judge.pkt" "$work" > "$work/said" 2>&1
diff "$work/said" - <<'END'
exit True
error True
_exit True
end True
print True
['exit: status 3', 'error: status 1', '_exit: status 0', 'end: status 0', 'print: status 137']
True done

interrupt True True True
[(3000, True), (700, True), (700, True), (3000, True), (700, True), (700, True), (3000, True), (700, True), (700, True)] []
small True True True
down True True True
END
