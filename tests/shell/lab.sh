#!/bin/bash
# The lab: two hosts, servers that answer, the command's status, nothing left behind.
set -u
scripts/lab --possible || exit 77
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export TMPDIR=$folder
failed=0
is() {
	[ "$2" = "$3" ] && return
	printf '%s: expected %q, got %q\n' "$1" "$2" "$3"
	failed=1
}
is "TCP 7 echoes" "hello" "$(scripts/lab sh -c 'echo hello | busybox nc -w 2 10.0.2.5 7')"
is "TCP 80 serves a page" "It works." "$(scripts/lab busybox wget -q -O - http://10.0.2.5/)"
is "its address" "10.0.2.1/24" "$(scripts/lab ip -br -4 addr show dev eth0 | awk '{ print $3 }')"
is "IPv6 at once" "0" "$(scripts/lab busybox ping6 -c 1 -W 2 2001:db8:2::5 > /dev/null; echo $?)"
is "the other host" "10.0.2.5/24" "$(scripts/lab sh -c 'nsenter -t $LAB_OTHER -n ip -br -4 addr show dev eth0' | awk '{ print $3 }')"
is "the command's status" 3 "$(scripts/lab sh -c 'exit 3'; echo $?)"
is "standard input" "in" "$(echo in | scripts/lab cat)"
# killed outright: the servers end with it
scripts/lab sleep 60 &
lab=$!
sleep 0.5
kill -9 $lab
wait $lab 2> /dev/null
sleep 0.2
is "nothing is left" "" "$(grep -lasF -f - /proc/[0-9]*/cmdline <<< "$folder")"
exit $failed
