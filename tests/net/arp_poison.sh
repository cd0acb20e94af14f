#!/bin/bash
# arpcachepoison() and arp_mitm() against the kernel of the other host: it is misled while they run, and believes the truth again however
# they end: Ctrl-C, SIGTERM, the terminal's end. In a thread they run too.
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
cat > "$work/run" <<'END'
other() { nsenter -t "$LAB_OTHER" -n "$@"; }
where() { other ip neigh show 10.0.2.1 | cut -d' ' -f5; }
once() {        # signal, what to run
	other ping -c 1 -W 1 10.0.2.1 > /dev/null
	"$PKTSH" -c "$2" > "$3/out" 2>&1 & pid=$!
	for _ in $(seq 60); do [ "$(where)" = 02:00:00:00:66:66 ] && break; sleep .05; done
	echo "$1 misled: $(where)"
	kill -$1 $pid
	wait $pid
	echo "status $? after: $(where)"
	grep -v -E '^(MITM|Restoring)' "$3/out"
}
poison='arpcachepoison("10.0.2.5", ("10.0.2.1", "02:00:00:00:66:66"), interval=0.2); print("ended")'
once INT "$poison" "$1"
once TERM "$poison" "$1"
once HUP "$poison" "$1"
once TERM 'arp_mitm("10.0.2.1", "10.0.2.5", mac1="02:00:00:00:02:01", target_mac="02:00:00:00:66:66", iface="eth0", inter=0.2); print("ended")' "$1"
once INT 'import threading
t = threading.Thread(target=arpcachepoison, args=(["10.0.2.5"], [("10.0.2.1", "02:00:00:00:66:66")], 0.2), daemon=True)
t.start()
try: t.join()
except KeyboardInterrupt: arpcachepoison
print("a thread runs on")' "$1" | sed 's/after:.*/after: whatever/'
END
cat > "$work/expected" <<'END'
INT misled: 02:00:00:00:66:66
status 0 after: 02:00:00:00:02:01
ended
TERM misled: 02:00:00:00:66:66
status 0 after: 02:00:00:00:02:01
ended
HUP misled: 02:00:00:00:66:66
status 0 after: 02:00:00:00:02:01
ended
TERM misled: 02:00:00:00:66:66
status 0 after: 02:00:00:00:02:01
ended
INT misled: 02:00:00:00:66:66
status 0 after: whatever
a thread runs on
END
scripts/lab bash -m "$work/run" "$work" > "$work/said" 2> "$work/err"
[ $? != 77 ] || exit 77
diff -u --label expected "$work/expected" --label said "$work/said" || { cat "$work/err"; exit 1; }
