# Makes the index of the standard library, three tables that shell/index.h and packet/layer.h declare:
# - which file defines a name at its top level. Read are lines beginning in the first column: `class NAME`, `def NAME`,
#   `NAME = `, `NAME: type = `, `A, B = `; names beginning with _ are the file's own, but for classes that a binding names.
#   Files directly in stdlib/ and those under stdlib/scapy/ are modules that a program imports by name; all others make up the
#   names that a program finds without import. A name in two files is an error.
# - which layer follows which: literal calls `carried_by(Lower, Upper, field=number, ...)` and its kin, each on one line. A
#   call with other values gets no row and is an error, unless the file itself defines the lower class: then it is executed
#   in time anyway.
#   What a layer's own page says comes before what others say of it: the first binding that fits counts.
# - which layer a capture's link type begins with: `link_type = 1` or `= (12, 101)` in a class.
# Usage: awk -f index.awk stdlib/a.pkt ... > index.c
function complain(what) {
	print path ":" line_number ": " what > "/dev/stderr"
	failed = 1
}
function insert(name,   i) {
	# in order, from behind: the names of one file mostly come in order
	for (i = ++count; i > 1 && sorted[i - 1] > name; i--)
		sorted[i] = sorted[i - 1]
	sorted[i] = name
}
function add(name) {
	if (name !~ /^[A-Za-z_][A-Za-z0-9_]*$/)
		return
	if (name ~ /^_/) {
		own[name] = own[name] " " path
		return
	}
	if (name in file) {
		if (file[name] != path)
			complain(name " is defined in " file[name] " too")
		return
	}
	file[name] = path
	insert(name)
}
function add_own(name) {
	if (name !~ /^_/ || name in file)
		return
	if (split(own[name], words, " ") != 1) {
		complain("the binding's " name " has to be defined in one file")
		return
	}
	file[name] = words[1]
	insert(name)
}
# A, B = C = ...: the names before each `=` that is no `==`.
function assigned(line,   left, n, i) {
	while (match(line, /^[A-Za-z_][A-Za-z0-9_, \t]*(:[^=]*)?=/) && substr(line, RLENGTH + 1, 1) != "=") {
		left = substr(line, 1, RLENGTH - 1)
		line = substr(line, RLENGTH + 1)
		sub(/^[ \t]+/, "", line)
		sub(/:.*/, "", left)
		gsub(/[ \t]/, "", left)
		n = split(left, words, ",")
		for (i = 1; i <= n; i++)
			add(words[i])
		if (line !~ /^[A-Za-z_][A-Za-z0-9_]*[ \t]*=[^=]/)
			break
	}
}
function scan(line) {
	if (line ~ /^(class|def)[ \t]/) {
		split(line, words, /[ \t(:]+/)
		add(words[2])
		if (words[1] == "class") {
			class = words[2]
			here[class] = path
		}
	} else if (line ~ /^(carried_by|bind_layers|found_in|bind_bottom_up)[ \t]*\(/) {
		bind(line)
	} else if (line ~ /^[ \t]+link_type[ \t]*=/) {
		link(line)
	} else if (line ~ /^[A-Za-z_]/) {
		assigned(line)
	}
}
function bind(line,   mode, i, n, fields) {
	mode = line ~ /^(carried_by|bind_layers)/ ? "b" : "u"
	sub(/[ \t]*(#.*)?$/, "", line)
	if (line !~ /\)$/) {
		complain("a binding has to stand on one line")
		return
	}
	sub(/^[^(]*\(/, "", line)
	sub(/\)$/, "", line)
	n = split(line, words, /[ \t]*,[ \t]*/)
	for (i = 3; i <= n; i++) {
		gsub(/[ \t]/, "", words[i])
		if (words[i] !~ /^[A-Za-z_][A-Za-z0-9_]*=(0x[0-9A-Fa-f]+|[0-9]+)$/) {
			if (here[words[1]] != path)
				complain("the value of " words[i] " has to be a number: what follows would be found too late")
			return
		}
		fields = fields (i > 3 ? "," : "") words[i]
	}
	if (n < 2 || words[1] !~ /^[A-Za-z_][A-Za-z0-9_]*$/ || words[2] !~ /^[A-Za-z_][A-Za-z0-9_]*$/) {
		complain("a binding names two classes first")
		return
	}
	lower[++bindings] = words[1]
	upper[bindings] = words[2]
	bound_in[bindings] = path
	row[bindings] = "\t{ \"" words[1] "\", \"" words[2] "\", \"" fields "\", '" mode "' },"
}
function link(line,   i, n) {
	sub(/#.*/, "", line)
	sub(/^[^=]*=/, "", line)
	gsub(/[() \t]/, "", line)
	n = split(line, words, ",")
	for (i = 1; i <= n; i++) {
		if (words[i] == "")
			continue
		if (words[i] !~ /^(0x[0-9A-Fa-f]+|[0-9]+)$/)
			complain("a link type has to be a number")
		links[++link_rows] = "\t{ " words[i] ", \"" class "\" },"
		linked[link_rows] = class
	}
}
# Triple-quoted texts may hold lines that look like definitions.
function quotes(line) {
	return gsub(/"""|'''/, "&", line) % 2
}
function read_file(name,   inside, line, status) {
	path = name
	sub(/^stdlib\//, "", path)
	if (path !~ /\// || path ~ /^scapy\//)
		return
	line_number = 0
	while ((status = (getline line < name)) > 0) {
		line_number++
		if (!inside)
			scan(line)
		if (quotes(line))
			inside = !inside
	}
	if (status < 0)
		complain("cannot be read")
	close(name)
}
function table(type, name, rows, n,   i) {
	print "\nconst struct " type " " name "[] = {"
	for (i = 1; i <= n; i++)
		print rows[i]
	print "\t{ 0 },\n};"
}
BEGIN {
	for (i = 1; i < ARGC; i++)
		read_file(ARGV[i])
	for (i = 1; i <= bindings; i++) {
		add_own(lower[i])
		add_own(upper[i])
	}
	for (i = 1; i <= link_rows; i++)
		add_own(linked[i])
	if (failed)
		exit 1
	for (own_page = 1; own_page >= 0; own_page--)
		for (i = 1; i <= bindings; i++)
			if ((file[lower[i]] == bound_in[i]) == own_page)
				ordered[++placed] = row[i]
	print "/* Generated by scripts/index.awk from stdlib. */"
	print "#include \"shell/index.h\""
	for (i = 1; i <= count; i++)
		names[i] = "\t{ \"" sorted[i] "\", \"" file[sorted[i]] "\" },"
	table("index_name", "index_names", names, count)
	print "const size_t index_count = " count + 0 ";"
	table("library_binding", "index_bindings", ordered, bindings)
	print "const size_t index_binding_count = " bindings + 0 ";"
	table("library_link", "index_links", links, link_rows)
	print "const size_t index_link_count = " link_rows + 0 ";"
}
