#!/bin/bash
# A protocol is one file in stdlib/layers and nothing else: the page of doc/protocols.md, put there, makes a program that knows it.
set -u
cd "$(dirname "$0")/../.."
build=$(dirname "${PKTSH:-build/pktsh}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cp -r stdlib "$work/"
sed -n '/<!-- lamp.pkt -->/,/<!-- end -->/s/^    //p' doc/protocols.md >"$work/stdlib/layers/lamp.pkt"
[ -s "$work/stdlib/layers/lamp.pkt" ] || { echo "doc/protocols.md has no page"; exit 1; }

# What make does with the library: its text and its index, linked with the program as it is
library=$(cd "$work" && find stdlib -name '*.pkt' | LC_ALL=C sort)
for part in embed:stdlib index:index; do
	# shellcheck disable=SC2086
	root=$PWD && (cd "$work" && LC_ALL=C awk -f "$root/scripts/${part%:*}.awk" $library) >"$work/${part#*:}.c" || exit 1
done
objects=$(find "$build/src" "$build/grammar" -name "*.o" ! -path "*/shell/main.o")
sanitize=
! grep -q __asan_init "$build/pktsh" || sanitize="-fsanitize=address,undefined"
# shellcheck disable=SC2046,SC2086
${CC:-cc} -std=gnu17 -D_GNU_SOURCE -Isrc $sanitize -o "$work/pktsh" "$work/stdlib.c" "$work/index.c" "$build/src/shell/main.o" \
	$objects $(sed -n 's/^LIBS *= *//p' Makefile) || exit 1

cat >"$work/use.pkt" <<'END'
p = Ether()/IP(src="10.0.0.1", dst="10.0.0.2")/UDP(sport=5000)/Lamp(kind="set", flags="on+dimmed", id=7, until=60, readings=[LampReading(value=b"\7")])
print(p.summary())
print(p[UDP].dport, raw(p[Lamp]).hex())
q = Ether(raw(p))
q[Lamp].show()
print(q.reencode() == raw(p), checksum(raw(q[Lamp])))
answer = IP(src="10.0.0.2", dst="10.0.0.1")/UDP(sport=7007, dport=5000)/Lamp(kind="tell", id=7)
print(IP(raw(answer)).answers(p[IP]), IP(raw(answer/b"x")).haslayer(Lamp), answer[Lamp].answers(Lamp(id=8)))
try:
    Lamp(kind="sett")
except ValueError as e:
    print(e)
END
"$work/pktsh" "$work/use.pkt" >"$work/said" 2>&1
diff -u - "$work/said" <<'END'
Ether / IP / UDP / Lamp set 7
7007 1303000f0007e4a90000003c010107
###[ Lamp ]###
  version   = 1
  kind      = set
  flags     = on+dimmed
  len       = 15
  id        = 7
  chksum    = 0xe4a9
  until     = 60
  \readings  \
   |###[ Lamp reading ]###
   |  what      = brightness
   |  len       = 1
   |  value     = b'\x07'

True 0
1 True 0
Lamp.kind has no name 'sett'; did you mean 'set'?
END
