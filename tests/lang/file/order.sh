#!/bin/sh
# What was printed comes before what a child prints and before an error message, also when it goes to a file.
out=$("$PKTSH" /dev/stdin 2>&1 <<'PKT'
import os
print("one")
os.system("echo two")
print("three")
nothing
PKT
)
case $out in
one*two*three*NameError*) ;;
*) echo "$out"; exit 1 ;;
esac
