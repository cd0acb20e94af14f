#!/bin/bash
# pktsh --check: all that is wrong with a program is said, none of it is run, and nothing is said of programs that are right.
set -u
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/wrong.pkt" <<'END'
import sys, sockett, helper
from struct import pack, unpak
from helper import *
import socket as sk
print("this is not run")
p = IP(dst="10.0.0.1", tll=5)/TCP(dport="httpp")
p[IP].ttl = 300
p.sumary()
r = sr1(IP(dst=sys.argv[1], src="10.0.0.300")/ICMP(), timeot=2)
sk.socket(sk.AF_INETT)
for i in rang(3): given(i)
def f(a): return a + bb
END
echo 'def given(x): pass' >"$work/helper.pkt"

"$PKTSH" --check "$work/wrong.pkt" >"$work/out" 2>"$work/err"
status=$?
[ $status = 1 ] && [ ! -s "$work/out" ] || { echo "status $status"; cat "$work/out"; exit 1; }
sed -n "s|^$work/||p" "$work/err" >"$work/said"
diff -u - "$work/said" <<'END' || exit 1
wrong.pkt:1:13: ModuleNotFoundError: No module named 'sockett'; did you mean 'socket'?
wrong.pkt:2:26: ImportError: cannot import name 'unpak' from 'struct'; did you mean 'unpack'?
wrong.pkt:6:24: AttributeError: IP has no field 'tll'; did you mean 'ttl'?
wrong.pkt:6:35: ValueError: TCP.dport has no name 'httpp'; did you mean 'http'?
wrong.pkt:7:7: ValueError: IP.ttl takes 0 to 255, got 300
wrong.pkt:8:3: AttributeError: IP has no field or attribute 'sumary'
wrong.pkt:9:29: ValueError: IP.src takes an IPv4 address like 10.0.2.5, a network like 10.0.2.0/24 or a host name, got '10.0.0.300'
wrong.pkt:9:55: TypeError: sr1() got an unexpected keyword argument 'timeot'; did you mean 'timeout'?
wrong.pkt:10:14: AttributeError: module 'socket' has no attribute 'AF_INETT'; did you mean 'AF_INET'?
wrong.pkt:11:10: NameError: name 'rang' is not defined; did you mean 'range'?
wrong.pkt:12:22: NameError: name 'bb' is not defined
END
grep -q '^  *|  *\^\^\^$' "$work/err" || { echo "no carets"; exit 1; }

printf 'p = IP(\n' >"$work/syntax.pkt"
"$PKTSH" --check "$work/syntax.pkt" 2>&1 | grep -q SyntaxError || { echo "a syntax error is not said"; exit 1; }
"$PKTSH" --check "$work/none.pkt" 2>"$work/err"; [ $? = 2 ] || { echo "a file that is not there"; exit 1; }

# Programs that are right, and do not try what is refused: nothing to say
# shellcheck disable=SC2046
"$PKTSH" --check scripts/labs/*.pkt tests/packet/like_scapy/*.py $(grep -L '^ *except' tests/packet/semantics/*.pkt) tests/lang/program/*.pkt || exit 1
"$PKTSH" --disassemble scripts/labs/ntp_by_hand.pkt | grep -q 'CALL_NAMED' || { echo "no disassembly"; exit 1; }
