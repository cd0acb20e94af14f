#!/bin/bash
# The command line: what is run, what the status is.
set -u
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failed=0
is() {          # is WHAT EXPECTED GOT
	[ "$2" = "$3" ] && return
	printf '%s: expected %q, got %q\n' "$1" "$2" "$3"
	failed=1
}
is "-c" 3 "$("$PKTSH" -c 'print(1 + 2)')"
is "-c arguments" "['-c', 'a', '-b']" "$("$PKTSH" -c 'import sys; print(sys.argv)' a -b)"
is "-c without code" 2 "$("$PKTSH" -c > /dev/null 2>&1; echo $?)"
is "-cCODE" 4 "$("$PKTSH" -c'print(4)')"
is "unknown option" 2 "$("$PKTSH" --nothing > /dev/null 2>&1; echo $?)"
is "no such file" 2 "$("$PKTSH" "$folder/none.pkt" 2> /dev/null; echo $?)"
is "no such file, said" "pktsh: cannot open '$folder/none.pkt': No such file or directory" "$("$PKTSH" "$folder/none.pkt" 2>&1)"
is "a folder" 2 "$("$PKTSH" "$folder" 2> /dev/null; echo $?)"
is "--version" "pktsh 0.1" "$("$PKTSH" --version)"
is "--help" 0 "$("$PKTSH" --help > /dev/null; echo $?)"

printf '#!%s\nimport sys\nprint(__name__, __file__ == sys.argv[0], sys.argv[1:])\n' "$PKTSH" > "$folder/script.pkt"
chmod +x "$folder/script.pkt"
is "script" "__main__ True ['x', '--y']" "$("$PKTSH" "$folder/script.pkt" x --y)"
is "#!" "__main__ True ['x']" "$("$folder/script.pkt" x)"
is "standard input" "5" "$(echo 'print(5)' | "$PKTSH")"
is "- and arguments" "['-', 'a']" "$(echo 'import sys; print(sys.argv)' | "$PKTSH" - a)"
is "its name in errors" "<stdin>:1:1: ValueError: x" "$(echo 'raise ValueError("x")' | "$PKTSH" 2>&1 | head -1)"
is "beside the script" "7" "$(echo 'seven = 7' > "$folder/other.pkt"; echo 'import other; print(other.seven)' > "$folder/a.pkt"; "$PKTSH" "$folder/a.pkt")"
is "PKTSH_PATH" "7" "$(cd /; PKTSH_PATH=/nowhere:$folder "$PKTSH" -c 'import other; print(other.seven)')"

is "an error" 1 "$("$PKTSH" -c '1/0' 2> /dev/null; echo $?)"
is "a syntax error" 1 "$("$PKTSH" -c '1 +' 2> /dev/null; echo $?)"
is "sys.exit()" 0 "$("$PKTSH" -c 'import sys; sys.exit()'; echo $?)"
is "sys.exit(4)" 4 "$("$PKTSH" -c 'import sys; sys.exit(4)'; echo $?)"
is "sys.exit(text)" $'bye\n1' "$("$PKTSH" -c 'import sys; sys.exit("bye")' 2>&1; echo $?)"
is "sys.exit(-1)" 255 "$("$PKTSH" -c 'import sys; sys.exit(-1)'; echo $?)"
is "Ctrl-C" 130 "$(timeout --preserve-status -s INT 0.5 "$PKTSH" -c 'while True: pass' 2> /dev/null; echo $?)"
is "Ctrl-C in sleep" 130 "$(timeout --preserve-status -s INT 0.5 "$PKTSH" -c 'import time; time.sleep(9)' 2> /dev/null; echo $?)"
is "no colour in a pipe" "0" "$("$PKTSH" -c '1/0' 2>&1 | grep -c $'\033')"
exit $failed
