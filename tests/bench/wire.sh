#!/bin/bash
# Sending, asking and flooding, against trafgen (netsniff-ng), tcpreplay, nmap and a C program on libpcap, between two hosts in
# namespaces (scripts/lab, which removes them again), in one run on this machine. COUNT=100000 for a short run.
# Runs of ours and theirs take turns, each figure is the best of ROUNDS; each program's own clock counts, not its start.
# Floods go to a MAC address that nobody has, so that it is the sender that is measured and not the other host's refusals.
set -eu
cd "$(dirname "$0")/../.."
PKTSH=${PKTSH:-build/pktsh}
COUNT=${COUNT:-1000000}
ROUNDS=${ROUNDS:-3}
here=tests/bench
export PKTSH COUNT ROUNDS

if [ -z "${LAB_OTHER:-}" ]; then
	for tool in trafgen:netsniff-ng tcpreplay:tcpreplay nmap:nmap; do
		command -v "${tool%:*}" > /dev/null || { echo "bench: ${tool%:*} is missing (apt-get install ${tool#*:})" >&2; exit 1; }
	done
	exec scripts/lab "$0"
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
gcc -O2 -o "$work/ask" $here/ask.c -lpcap
gcc -O2 -o "$work/scan" $here/scan.c -lpcap

calc() { awk "BEGIN { printf \"$1\", $2 }"; }
row() { printf '%-46s %10s %10s %10s %10s  %-5s  %-30s\n' "$@"; }
larger() { awk -v a="$1" -v b="$2" 'BEGIN { print (a + 0 > b + 0 ? a : b) }'; }
smaller() { awk -v a="$1" -v b="$2" 'BEGIN { print (b == "" || a + 0 < b + 0 ? a : b) }'; }
# at least: "1.20 of trafgen, aim 1"; at most: "1.4 of C, aim 2"
least() { awk -v a="$1" -v b="$2" -v aim="$4" -v who="$3" 'BEGIN { r = a / b; printf "%.2f of %s, aim %s%s", r, who, aim, (r >= aim ? "" : ": missed") }'; }
most() { awk -v a="$1" -v b="$2" -v aim="$4" -v who="$3" 'BEGIN { r = a / b; printf "%.2f of %s, aim %s%s", r, who, aim, (r <= aim ? "" : ": missed") }'; }

# what reached the other host since this was asked last
arrived() { nsenter -t "$LAB_OTHER" -n awk '/eth0:/ { print $3 }' /proc/net/dev; }
arrives() {     # arrives COUNT COMMAND...: that many frames have to come out of the cable
	local before wanted=$1
	shift
	before=$(arrived)
	"$@"
	local got=$(($(arrived) - before))
	[ "$got" -ge "$wanted" ] || { echo "bench: of $wanted frames $got arrived: $*" >&2; exit 1; }
}

head='eth(da=02:00:00:00:02:99, sa=02:00:00:00:02:01)'
echo "{ $head ipv4(saddr=10.0.2.1, daddr=10.0.2.5, id=1, ttl=64) udp(sport=1000, dport=9) fill('x', 18) }" > "$work/same.cfg"
echo "{ $head ipv4(saddr=drnd(), daddr=10.0.2.5, id=1, ttl=64) udp(sport=1000, dport=dinc(1, 65535)) fill('x', 18) }" > "$work/set.cfg"
"$PKTSH" -c "wrpcap('$work/same.pcap', Ether(dst='02:00:00:00:02:99', src='02:00:00:00:02:01')/IP(src='10.0.2.1', dst='10.0.2.5')/UDP(sport=1000, dport=9)/Raw(b'x' * 18))"

trafgen_rate() {        # trafgen_rate CONFIG: frames a second, by its own clock
	arrives "$COUNT" trafgen -o eth0 -i "$1" -n "$COUNT" -P 1 > "$work/out" 2>&1
	awk -v n="$COUNT" '/ on CPU/ { sub(/\r/, ""); print n / ($1 + $3 / 1e6) }' "$work/out"
}
tcpreplay_rate() {
	arrives "$COUNT" tcpreplay -q -K --topspeed -i eth0 --loop "$COUNT" "$work/same.pcap" > "$work/out" 2>&1
	awk '/^Rated/ { print $(NF - 1) }' "$work/out"
}
our_rate() {            # our_rate PROGRAM: as many frames
	arrives "$COUNT" "$PKTSH" "$1" "$COUNT" > "$work/out"
	cat "$work/out"
}

same_ours=0 same_trafgen=0 same_tcpreplay=0 set_ours=0 set_trafgen=0
for ((i = 0; i < ROUNDS; i++)); do
	same_trafgen=$(larger "$(trafgen_rate "$work/same.cfg")" $same_trafgen)
	same_ours=$(larger "$(our_rate $here/send_same.pkt)" $same_ours)
	same_tcpreplay=$(larger "$(tcpreplay_rate)" $same_tcpreplay)
	set_trafgen=$(larger "$(trafgen_rate "$work/set.cfg")" $set_trafgen)
	set_ours=$(larger "$(our_rate $here/send_set.pkt)" $set_ours)
done

# every address of a net behind the other host, which has them all
ip route add 10.9.0.0/16 via 10.0.2.5
nsenter -t "$LAB_OTHER" -n ip route add local 10.9.0.0/16 dev lo

scan_ours='' scan_nmap='' scan_c='' missed=0 sweep_ours='' sweep_nmap='' flood=0 ask_ours='' ask_c=''
for ((i = 0; i < ROUNDS; i++)); do
	set -- $("$PKTSH" $here/scan.pkt)
	scan_ours=$(smaller "$1" "$scan_ours")
	missed=$((missed + $2))
	nmap -sS -n -T5 -p 1-65535 10.0.2.5 > "$work/out" 2>&1
	scan_c=$(smaller "$("$work/scan" eth0 | cut -d' ' -f1)" "$scan_c")
	scan_nmap=$(smaller "$(awk '/^Nmap done/ { print $(NF - 1) }' "$work/out")" "$scan_nmap")
	set -- $("$PKTSH" $here/sweep.pkt)
	sweep_ours=$(smaller "$1" "$sweep_ours")
	missed=$((missed + $2))
	nmap -sS -n -T5 -Pn -p 80 10.9.0.0/16 > "$work/out" 2>&1
	sweep_nmap=$(smaller "$(awk '/^Nmap done/ { print $(NF - 1) }' "$work/out")" "$sweep_nmap")
	flood=$(larger "$("$PKTSH" $here/flood.pkt 200000)" $flood)
	ask_c=$(smaller "$("$work/ask" eth0 2000)" "$ask_c")
	ask_ours=$(smaller "$("$PKTSH" $here/ask.pkt 2000)" "$ask_ours")
done

million() { calc %.3f "$1 / 1e6"; }
row "work" pktsh trafgen tcpreplay others unit "ratio"
row "send the same frame" "$(million "$same_ours")" "$(million "$same_trafgen")" "$(million "$same_tcpreplay")" - M/s "$(least "$same_ours" "$same_trafgen" trafgen 1)"
row "send a set, every packet different" "$(million "$set_ours")" "$(million "$set_trafgen")" - - M/s "$(least "$set_ours" "$set_trafgen" trafgen 1)"
row "SYN scan of 65,535 ports with answers" "$(calc %.3f "$scan_ours")" - - "$scan_nmap" s "$(least "$scan_nmap" "$scan_ours" "nmap's time" 5)"
row "  the least in C: no stamps, no packets" "$(calc %.3f "$scan_ours")" - - "$(calc %.3f "$scan_c")" s "$(awk -v a="$scan_ours" -v b="$scan_c" 'BEGIN { printf "%.2f of C", a / b }')"
row "SYN scan of 65,536 targets with answers" "$(calc %.3f "$sweep_ours")" - - "$sweep_nmap" s "$(least "$sweep_nmap" "$sweep_ours" "nmap's time" 5)"
row "  answers missed in $ROUNDS of each" "$missed" - - - "" "$([ "$missed" = 0 ] && echo "aim 0" || echo "aim 0: missed")"
row "a student's SYN flood, packet by packet" "$(million "$flood")" - - - M/s "$(least "$flood" 300000 "300,000/s" 1)"
row "sr1, one round trip" "$ask_ours" - - "$ask_c" us "$(most "$ask_ours" "$ask_c" "C and libpcap" 2)"
