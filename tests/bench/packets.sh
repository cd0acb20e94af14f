#!/bin/bash
# Start, build and dissect, against Scapy (Debian's python3-scapy) and libtins (libtins-dev), in one run on this machine.
# Each figure is the best of several; the ratio is what to quote, since machines differ and drift.
set -eu
cd "$(dirname "$0")/../.."
PKTSH=${PKTSH:-build/pktsh}
PYTHON=${PYTHON:-/usr/bin/python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$PYTHON" -c 'import scapy' 2>/dev/null || { echo "bench: python3-scapy is missing (apt-get install python3-scapy)" >&2; exit 1; }
g++ -O2 -o "$work/tins" tests/bench/tins.cpp -ltins 2>"$work/err" || { echo "bench: libtins-dev or g++ is missing" >&2; cat "$work/err" >&2; exit 1; }
gcc -O2 -o "$work/start" tests/bench/start.c

# rows: "work<TAB>pktsh<TAB>Scapy<TAB>libtins<TAB>unit"
"$work/tins" write "$work/frames.pcap" 200000
row() { printf '%-52s %10s %10s %10s   %s\n' "$@"; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { if (b > 0) printf "%.2f", a / b; else printf "-" }'; }

set -- $("$work/start" 40 "$PKTSH" -c pass)
start_ms=$1 start_mb=$2
set -- $("$work/start" 3 "$PYTHON" -c 'from scapy.all import *')
scapy_ms=$1 scapy_mb=$2
build_ours=$("$PKTSH" tests/bench/build.pkt 100000)
build_scapy=$("$PYTHON" tests/bench/build.py 1000)
build_tins=$("$work/tins" build 500000)
read_ours=$("$PKTSH" tests/bench/dissect.pkt "$work/frames.pcap")
read_scapy=$("$PYTHON" tests/bench/dissect.py "$work/frames.pcap" 3000)
read_tins=$("$work/tins" dissect "$work/frames.pcap")

row "work" pktsh Scapy libtins "unit"
row "start to -c 'pass', the whole library there" "$start_ms" "$scapy_ms" - ms
row "  peak memory" "$start_mb" "$scapy_mb" - MB
row "build Ether/IP/UDP/NTP, all fields computed" "$build_ours" "$build_scapy" "$build_tins" "us a packet"
row "read a frame from a file, ask for two fields" "$read_ours" "$read_scapy" "$read_tins" "us a packet"
printf 'ratios: start %s of Scapy; build %s of libtins, %s of Scapy; read %s of libtins, %s of Scapy\n' \
	"$(ratio "$start_ms" "$scapy_ms")" "$(ratio "$build_ours" "$build_tins")" "$(ratio "$build_ours" "$build_scapy")" \
	"$(ratio "$read_ours" "$read_tins")" "$(ratio "$read_ours" "$read_scapy")"
