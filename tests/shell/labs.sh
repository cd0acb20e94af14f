#!/bin/bash
# The main job: both labs of scripts/try, against another's NTP server and the kernel's TCP.
set -u
scripts/lab --possible || exit 77
failed=0
expect() {      # expect WHAT PATTERN TEXT
	grep -Eq -- "$2" <<< "$3" && return
	printf '%s: nothing like %s in\n%s\n' "$1" "$2" "$3"
	failed=1
}
ntp() {         # the clock's offset as the lab worked it out
	LAB_CLOCK_AHEAD=$1 LAB_CHRONYD=${2-} scripts/lab "$PKTSH" scripts/labs/ntp_by_hand.pkt 2>&1
}
ahead=$(ntp 1.5)
expect "NTP" '^###\[ NTPHeader \]###$' "$ahead"
expect "the answer" 'mode +=? server$' "$ahead"
expect "the clock that is ahead" 'clock is 1\.(4|5)[0-9]+ seconds ahead of this' "$ahead"
expect "the clock that is behind" 'clock is 3599\.9[0-9]+ seconds behind this|clock is 3600\.0[0-9]+ seconds behind this' "$(ntp -3600)"
expect "the server in the language" "clock is 1\.(4|5)[0-9]+ seconds ahead of this" "$(LAB_NTP= ntp 1.5)"
if [ -n "${CHRONYD:-}" ]; then
	expect "chrony" 'clock is 0\.0[0-9]+ seconds (ahead of|behind) this' "$(ntp 0 "$CHRONYD")"
fi

ladder=$(scripts/lab "$PKTSH" scripts/labs/tcp_by_hand.pkt 2>&1 | sed 's/^\(10.0.2.1:\)[0-9]*  */\1PORT  /')
read -r -d '' expected <<'LADDER'
The server echoed b'Hello from pktsh\n'

10.0.2.1:PORT  10.0.2.5:7
    |------------------- SYN ------------------->|  seq 0
    |<---------------- SYN, ACK -----------------|  seq 0  ack 1
    |------------------- ACK ------------------->|  seq 1  ack 1
    |----------- PSH, ACK, 17 bytes ------------>|  seq 1..18  ack 1
    |<------------------- ACK -------------------|  seq 1  ack 18
    |<----------- PSH, ACK, 17 bytes ------------|  seq 1..18  ack 18
    |------------------- ACK ------------------->|  seq 18  ack 18
    |---------------- FIN, ACK ----------------->|  seq 18  ack 18
    |<---------------- FIN, ACK -----------------|  seq 18  ack 19
    |------------------- ACK ------------------->|  seq 19  ack 19
LADDER
if [ "$ladder" != "$expected" ]; then
	diff <(echo "$expected") <(echo "$ladder")
	failed=1
fi
expect "nobody there" "does not answer on port|refuses port" "$(scripts/lab "$PKTSH" scripts/labs/tcp_by_hand.pkt 10.0.2.5 9 2>&1)"
exit $failed
