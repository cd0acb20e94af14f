#!/bin/bash
# Thousands of random programs of the language, always the same ones: none ends pktsh, whatever they do wrong. (What they print
# is compared with CPython's by tests/judges/programs.py, which tells the differences that are left.)
cd "$(dirname "$0")/../.." || exit 2
exec /usr/bin/python3 tests/judges/programs.py 1 8 ends
