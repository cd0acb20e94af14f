#!/bin/bash
# shell -> net -> packet -> lang -> base: an include never points upward.
cd "$(dirname "$0")/../.."
bad=0
for pair in base:lang base:packet base:net base:shell lang:packet lang:net lang:shell packet:net packet:shell net:shell; do
	grep -rnE "#include \"(\.\./)*${pair#*:}/" "src/${pair%:*}" && bad=1
done
exit $bad
