#!/bin/bash
# A script called as a folder of the library is not run when something of that folder is imported.
set -u
pktsh=$(realpath "${PKTSH:-build/pktsh}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
printf 'print("mine")\nprint(layers_udp().__name__)\n' >layers.pkt
printf 'def layers_udp():\n    import layers.udp\n    return layers.udp\n' >helper.pkt
sed -i '1i from helper import layers_udp' layers.pkt
[ "$("$pktsh" layers.pkt 2>&1)" = "$(printf 'mine\nlayers.udp')" ]
