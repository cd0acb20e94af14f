#!/bin/sh
# Our trees beside CPython's: the samples here, every program and library page of ours, and a part of CPython's own library.
# timeout: 60
folder=$(dirname "$PKTSH")
python=/usr/bin/python3
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || exit 77
[ -f "$folder/libpktsh.a" ] || make -s B="$folder" "$folder/libpktsh.a" || exit 1
mkdir -p "$folder/tests/grammar"
sanitize=$(nm "$folder/libpktsh.a" 2> /dev/null | grep -q __asan_init && echo -fsanitize=address,undefined)
${CC:-cc} -std=gnu17 $sanitize -Isrc -I"$folder" -o "$folder/tests/grammar/dump" tests/grammar/_dump.c "$folder/libpktsh.a" -lm || exit 1
library=$("$python" -c 'import os; print(os.path.dirname(os.__file__))')
exec "$python" tests/grammar/_judge.py "$folder/tests/grammar/dump" tests/grammar/*.py $(find stdlib scripts tests -name '*.pkt' ! -path '*/refused/*' 2> /dev/null) \
	"$library"/[a-c]*.py
