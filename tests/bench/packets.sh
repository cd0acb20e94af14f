#!/bin/bash
# Start, build, read, summaries and whole captures, against libtins (libtins-dev), tcpdump and Scapy (Debian's python3-scapy),
# in one run on this machine, on captures that it makes itself. COUNT=100000 for a short run.
# Each figure is the best of several; the ratio is what to quote, since machines differ and drift.
set -eu
cd "$(dirname "$0")/../.."
PKTSH=${PKTSH:-build/pktsh}
PYTHON=${PYTHON:-/usr/bin/python3}
COUNT=${COUNT:-1000000}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$PYTHON" -c 'import scapy' 2>/dev/null || { echo "bench: python3-scapy is missing (apt-get install python3-scapy)" >&2; exit 1; }
command -v tcpdump >/dev/null || { echo "bench: tcpdump is missing (apt-get install tcpdump)" >&2; exit 1; }
g++ -O2 -o "$work/tins" tests/bench/tins.cpp -ltins 2>"$work/err" || { echo "bench: libtins-dev or g++ is missing" >&2; cat "$work/err" >&2; exit 1; }
gcc -O2 -o "$work/start" tests/bench/start.c

calc() { awk "BEGIN { printf \"$1\", $2 }"; }
row() { printf '%-46s %9s %9s %9s %9s  %-5s  %-30s\n' "$@"; }
# "2.94 libtins (aim 1.5)": ours as a multiple of theirs, and whether that is what was aimed at
verdict() { awk -v a="$1" -v b="$2" -v aim="$4" -v who="$3" 'BEGIN { r = a / b; printf "%.2f of %s, aim %s%s", r, who, aim, r <= aim ? "" : ": missed" }'; }

# the best of three, in microseconds a packet, of a command that goes through $mixed; start and end of the program included
best() {
	local least=
	for i in 1 2 3; do
		local from=$EPOCHREALTIME
		"$@" >"$work/out" 2>"$work/err"
		least=$(awk -v a="$from" -v b="$EPOCHREALTIME" -v least="$least" -v n="$COUNT" 'BEGIN { us = (b - a) * 1e6 / n; print least == "" || us < least ? us : least }')
	done
	calc %.3f "$least"
}

# least OURS THEIRS: the least that each of the two commands prints in three turns, taken alternately: the machine's speed drifts
least() {
	local ours= theirs=
	for i in 1 2 3; do
		ours="$ours $($1)"
		theirs="$theirs $($2)"
	done
	printf '%s\n' $ours | sort -g | head -1
	printf '%s\n' $theirs | sort -g | head -1
}

mixed=$work/mixed.pcap
"$work/tins" write "$work/ntp.pcap" 200000
"$PKTSH" tests/bench/mixed.pkt "$mixed" "$COUNT"
file_mb=$(calc %.1f "$(stat -c %s "$mixed") / 1048576")

set -- $("$work/start" 40 "$PKTSH" -c pass)
start_ms=$1 start_mb=$2
set -- $("$work/start" 3 "$PYTHON" -c 'from scapy.all import *')
scapy_ms=$1 scapy_mb=$2
set -- $(least "$PKTSH tests/bench/build.pkt 100000" "$work/tins build 500000")
build_ours=$1 build_tins=$2
set -- $(least "$PKTSH tests/bench/build_each.pkt 100000" "$work/tins each 500000")
each_ours=$1 each_tins=$2
set -- $(least "$PKTSH tests/bench/dissect.pkt $work/ntp.pcap" "$work/tins dissect $work/ntp.pcap")
read_ours=$1 read_tins=$2
set -- $(least "$PKTSH tests/bench/fields.pkt $mixed" "$work/tins fields $mixed")
fields_ours=$1 fields_tins=$2
build_scapy=$("$PYTHON" tests/bench/build.py 1000)
read_scapy=$("$PYTHON" tests/bench/dissect.py "$work/ntp.pcap" 3000)
fields_scapy=$("$PYTHON" tests/bench/fields.py "$mixed" 3000)
summary_ours=$(best "$PKTSH" tests/bench/summary.pkt "$mixed")
summary_tcpdump=$(best tcpdump -nn -r "$mixed")
summary_scapy=$("$PYTHON" tests/bench/summary.py "$mixed" 3000 2>&1 >/dev/null | tail -1)
set -- $("$PKTSH" tests/bench/rdpcap.pkt "$mixed")
list_s=$1 list_mb=$2
set -- $("$PYTHON" tests/bench/rdpcap.py "$mixed" 3000)
list_scapy_s=$(calc %.1f "$1 * $COUNT") list_scapy_mb=$(calc %.0f "$2 * $COUNT")

echo "$COUNT mixed frames, $file_mb MB; Scapy on 3000 of them, its whole lists reckoned from that"
row "work" pktsh libtins tcpdump Scapy unit "ratio"
row "start, the whole library there" "$start_ms" - - "$scapy_ms" ms "$(verdict "$start_ms" 10 "10 ms" 1)"
row "  peak memory" "$start_mb" - - "$scapy_mb" MB ""
row "build Ether/IP/UDP/NTP, addresses as texts" "$build_ours" "$build_tins" - "$build_scapy" us "$(verdict "$build_ours" "$build_tins" libtins 1.5)"
row "  another id and port in each" "$each_ours" "$each_tins" - - us "$(verdict "$each_ours" "$each_tins" libtins 1.5)"
row "read NTP packets, ask each for two fields" "$read_ours" "$read_tins" - "$read_scapy" us "$(verdict "$read_ours" "$read_tins" libtins 1)"
row "read mixed frames, ask each for two fields" "$fields_ours" "$fields_tins" - "$fields_scapy" us "$(verdict "$fields_ours" "$fields_tins" libtins 1)"
row "print every packet's summary" "$summary_ours" - "$summary_tcpdump" "$summary_scapy" us "$(verdict "$summary_ours" "$summary_tcpdump" tcpdump 0.5)"
row "rdpcap of all" "$list_s" - - "$list_scapy_s" s "$(verdict "$list_s" 1 "1 s" 1)"
row "  memory beyond the start's" "$list_mb" - - "$list_scapy_mb" MB "$(verdict "$list_mb" "$file_mb" "the file" 1.2)"
