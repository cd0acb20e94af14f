#!/bin/bash
# Every program of tests/packet/like_scapy runs here and under Debian's python3-scapy, in a network namespace of its own without
# routes; the outputs must be the same. What Scapy 2.7 prints differently from the 2.5 at hand is put right by the sed below; any
# other difference is a failure. doc/differences.md says what else differs on purpose.
set -u
cd "$(dirname "$0")/../.."
PKTSH=${PKTSH:-build/pktsh}
PYTHON=${PYTHON:-/usr/bin/python3}
"$PYTHON" -c 'import scapy' 2>/dev/null || { echo "python3-scapy is missing"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# 2.7: no blank behind a heading; bytes with their b, below
as_2_7() {
	sed -e 's/\]### $/]###/' "$1"
}
lab="unshare -n"
[ "$(id -u)" = 0 ] || lab="unshare -rn"
programs=${1:-tests/packet/like_scapy/*.py}

# Scapy is slow to start: one process, a child a program
$lab "$PYTHON" -c '
import os, sys
from scapy.all import *
conf.verb = 0
from scapy.fields import _StrField
_StrField.i2repr = lambda self, pkt, x: repr(x) if isinstance(x, bytes) else Field.i2repr(self, pkt, x)
for program in sys.argv[2:]:
    if os.fork() == 0:
        name = os.path.join(sys.argv[1], os.path.basename(program))
        os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT, 0o600), 1)
        exec(open(program).read())
        sys.stdout.flush()
        os._exit(0)
    os.wait()
' "$work" $programs 2>"$work/scapy.err"
failed=0
for program in $programs; do
	$lab "$PKTSH" "$program" >"$work/pktsh" 2>"$work/pktsh.err"
	as_2_7 "$work/${program##*/}" >"$work/expected"
	if [ ! -s "$work/expected" ] || ! diff -u --label "Scapy: $program" "$work/expected" --label pktsh "$work/pktsh"; then
		failed=1
		cat "$work/pktsh.err" "$work/scapy.err"
	fi
done
exit $failed
