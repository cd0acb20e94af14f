#!/bin/bash
# Every layer that both Debian's python3-scapy and this program have: the same declared fields, the same default bytes, and over
# packets of random values, always the same ones, the same bytes built, the same show(), repr and summary of the bytes dissected, and
# bytes that come back whole. What differs on purpose is a row of doc/differences-by-layer.md; with -n 40 or more a row that is not needed
# is a fault as well, unless it says `rarely`.
#
#   tests/judges/scapy.sh [-n packets a layer] [-s seed] [-v] [class or scapy module ...]        -v: also what the table lists
#
# A line of a difference:  Class  aspect: what.  Aspects: fields, default, build, refused, show, repr, summary, returns, reencode.
set -u
cd "$(dirname "$0")/../.."
PKTSH=$(realpath "${PKTSH:-build/pktsh}")
PYTHON=${PYTHON:-/usr/bin/python3}
"$PYTHON" -c 'import scapy' 2>/dev/null || { echo "python3-scapy is missing"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
count=6 seed= verbose=
while getopts n:s:v option; do
	case $option in
	n) count=$OPTARG ;;
	s) seed=$OPTARG ;;
	v) verbose=1 ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
every=some
[ "$count" -lt 40 ] || [ $# -gt 0 ] || every=every
# One network for both, of fixed addresses: what a layer takes from the routes is the same
cat >"$work/lab" <<'END'
ip link set lo up
ip link add eth0 address 02:00:00:00:00:02 type veth peer name eth1
ip link set eth0 up; ip link set eth1 up
ip addr add 10.0.0.2/24 dev eth0; ip addr add fd00::2/64 dev eth0 nodad
ip route add default via 10.0.0.1; ip route add default via fd00::1
exec "$@"
END
as_root=
[ "$(id -u)" = 0 ] || as_root=-r
lab="unshare $as_root -n sh $work/lab"

$lab "$PYTHON" tests/judges/scapy_names.py >"$work/names" 2>"$work/err" || { cat "$work/err"; exit 1; }
$lab "$PKTSH" tests/judges/_known.pkt "$work/names" >"$work/known" || exit 1
$lab "$PYTHON" tests/judges/scapy_packets.py "$count" "$work/known" "$seed" "$@" >"$work/packets" 2>"$work/err" || { cat "$work/err"; exit 1; }
$lab "$PKTSH" tests/judges/_compare.pkt "$work/packets" doc/differences-by-layer.md "$every" $verbose
