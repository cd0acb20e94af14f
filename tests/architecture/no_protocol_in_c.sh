#!/bin/bash
# C knows field kinds, address families and link types, never a protocol: no class of stdlib/layers is named in the code of src/packet or src/net
# (comments may give examples), but for Raw and Padding, which hold what nothing else reads.
cd "$(dirname "$0")/../.."
names=$(sed -n 's/^class \([A-Za-z0-9_]*\).*/\1/p' stdlib/layers/*.pkt | grep -vxE 'Raw|Padding' | paste -sd '|')
[ -n "$names" ] || { echo "no classes found in stdlib/layers"; exit 1; }
bad=0
for file in src/packet/*.c src/net/*.c; do
	# code only: comments out, then a class's name as a whole word inside a string literal
	gcc -fpreprocessed -dD -E -P "$file" 2>/dev/null | grep -nE "\"($names)\"" | sed "s|^|$file: |" | grep . && bad=1
done
exit $bad
