#!/bin/bash
# Listening: sniff() with a prn that counts in the language, beside `tcpdump -w /dev/null`, while trafgen on the other host offers
# frames, at rates up to all that it can. Aim: nothing lost at any rate at which tcpdump loses nothing, the memory flat.
# SECONDS_EACH=1 for a short run; FRAMES=10000000 RATES=100000 for a long one at one rate.
set -eu
cd "$(dirname "$0")/../.."
export PKTSH=${PKTSH:-build/pktsh} SECONDS_EACH=${SECONDS_EACH:-2}
if [ -z "${LAB_OTHER:-}" ]; then
	for tool in trafgen:netsniff-ng tcpdump:tcpdump; do
		command -v "${tool%:*}" > /dev/null || { echo "bench: ${tool%:*} is missing (apt-get install ${tool#*:})" >&2; exit 1; }
	done
	exec scripts/lab "$0"
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
echo "{ eth(da=02:00:00:00:02:01, sa=02:00:00:00:02:05) ipv4(saddr=10.0.2.5, daddr=10.0.2.1, id=1, ttl=64) udp(sport=1000, dport=9) fill('x', 18) }" > "$work/frame"
offer() {       # offer COUNT RATE: what really left, a second
	nsenter -t "$LAB_OTHER" -n trafgen -o eth0 -i "$work/frame" -n "$1" -P 1 $([ "$2" = all ] || echo "-b ${2}pps") > "$work/out" 2>&1
	awk -v n="$1" '/ on CPU/ { sub(/\r/, ""); printf "%.0f", n / ($1 + $3 / 1e6) }' "$work/out"
}
ready() { for _ in $(seq 100); do grep -q "$1" "$2" && return; sleep .05; done; echo "bench: nobody listens" >&2; exit 1; }
printf '%-12s %12s %12s %14s %14s %20s\n' "frames/s" offered "rate" "pktsh lost" "tcpdump lost" "pktsh's memory (MB)"
for rate in ${RATES:-50000 100000 200000 400000 all}; do
	count=${FRAMES:-$([ "$rate" = all ] && echo 1000000 || echo $((rate * SECONDS_EACH)))}
	: > "$work/ours"
	"$PKTSH" tests/bench/listen.pkt "$count" $((20 + count / 50000)) > "$work/ours" &
	ours=$!
	ready ready "$work/ours"
	real=$(offer "$count" "$rate")
	wait $ours
	set -- $(tail -1 "$work/ours")
	tcpdump -i eth0 -c "$count" -w /dev/null udp dst port 9 2> "$work/dump" &
	theirs=$!
	ready listening "$work/dump"
	offer "$count" "$rate" > /dev/null
	lost=$((count - $1)) early=$3 held=$4
	for _ in $(seq 40); do kill -0 $theirs 2> /dev/null || break; sleep .05; done
	kill -INT $theirs 2> /dev/null || true
	wait $theirs || true
	captured=$(awk '/packets captured/ { print $1 }' "$work/dump")
	theirs_lost=$((count - captured))
	printf '%-12s %12s %12s %14s %14s %20s%s\n' "$rate" "$count" "$real" "$lost" "$theirs_lost" "$((early / 1024)) to $((held / 1024))" "$([ $lost -gt 0 ] && [ $theirs_lost = 0 ] && echo '  missed')"
done
