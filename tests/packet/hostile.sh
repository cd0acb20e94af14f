#!/bin/bash
# Every layer of the library reads whatever it is given (tests/packet/_hostile.pkt).
cd "$(dirname "$0")/../.."
# shellcheck disable=SC2046
"$PKTSH" tests/packet/_hostile.pkt ${*:-$("$PKTSH" -c 'ls()' | cut -d ' ' -f 1)} 2>&1 | grep -v '^WARNING'
exit "${PIPESTATUS[0]}"
