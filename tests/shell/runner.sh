#!/bin/bash
# The test runner itself: what passes, what fails, what it counts. /bin/sh stands in for pktsh, so its "programs" are shell's.
set -u
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
runner=$(dirname "$PKTSH")/tests/runner
failed=0

case_is() {     # case_is EXPECTED-COUNT NAME CONTENT
	mkdir -p "$folder/tests"
	printf '%s\n' "$3" > "$folder/tests/$2"
	case $2 in *.sh) chmod +x "$folder/tests/$2" ;; esac
	got=$(cd "$folder" && CI=${ci:-} PKTSH=/bin/sh "$runner" tests 2>&1)
	status=$?
	rm "$folder/tests/$2"
	if [ "$(tail -n 1 <<< "$got")" != "$1" ]; then
		printf '%s\nexpected %s, got %s\n' "$3" "$1" "$got"
		failed=1
	fi
	wanted=0
	case $1 in *" 0 failed, 0 skipped") ;; *" 0 failed, 1 skipped") [ "${ci:-}" = true ] && wanted=1 ;; *) wanted=1 ;; esac
	[ $status = $wanted ] || { echo "$3: status $status"; failed=1; }
}
good='1 passed, 0 failed, 0 skipped'
bad='0 passed, 1 failed, 0 skipped'
skip='0 passed, 0 failed, 1 skipped'

case_is "$good" a.pkt $'echo one\n# expect: one'
case_is "$good" a.pkt $'echo one # expect: one\necho two # expect: two'
case_is "$bad" a.pkt $'echo one\n# expect: two'
case_is "$bad" a.pkt $'echo one\n# expect: one\n# expect: two'
case_is "$bad" a.pkt $'echo one; echo two\n# expect: one'
case_is "$bad" a.pkt $'printf one\n# expect: one'
case_is "$bad" a.pkt 'echo unexpected'
case_is "$good" a.pkt 'true'
case_is "$bad" a.pkt 'false'
case_is "$good" a.pkt $'exit 3\n# exit: 3'
case_is "$bad" a.pkt $'exit 0\n# exit: 3'
case_is "$good" a.pkt $'echo wrong >&2; exit 1\n# expect error: wrong'
case_is "$bad" a.pkt $'echo right >&2; exit 1\n# expect error: wrong'
case_is "$bad" a.pkt $'echo wrong >&2\n# expect error: wrong'
case_is "$bad" a.pkt 'echo noise >&2'
case_is "$bad" a.pkt 'kill -9 $$'
case_is "$bad" a.pkt $'sleep 5\n# timeout: 1'
case_is "$good" a.pkt $'read line; echo "$line $1"\n# stdin: in\n# args: arg\n# expect: in arg'
case_is "$good" a.sh $'#!/bin/sh\nexit 0'
case_is "$bad" a.sh $'#!/bin/sh\nexit 1'
case_is "$skip" a.sh $'#!/bin/sh\nexit 77'
ci=true case_is "$skip" a.sh $'#!/bin/sh\nexit 77'
case_is '0 passed, 0 failed, 0 skipped' _helper.pkt 'false'
exit $failed
