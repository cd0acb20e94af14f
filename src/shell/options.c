#include "shell/options.h"

#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char USAGE[] =
	"usage: pktsh [-i] [file.pkt | -c code | -] [arguments]\n"
	"       pktsh -i interface [-n] [-c count] [-w file] [filter]\n"
	"       pktsh --check file.pkt ...\n"
	"\n"
	"A packet shell: Scapy's language at C's speed. Without a file or -c it is a prompt; when standard input is no\n"
	"terminal, what it reads there is run.\n"
	"\n"
	"  -c code      run the code\n"
	"  -            run what standard input holds\n"
	"  -i           come to the prompt afterwards, with all that was defined\n"
	"  -i interface print what passes there (\"any\": everywhere), a line a packet, until Ctrl-C, which tells the counts; only\n"
	"               what the filter lets pass, in tcpdump's language. -n: numbers instead of services' names, -c: so many\n"
	"               packets, -w: into a capture file instead. (A file of that name is run as above.)\n"
	"  --check      reads programs without running them and says all that is wrong with them: syntax, unknown names,\n"
	"               layers, fields and arguments, values that no field can hold; status 1 when there is something\n"
	"  --disassemble  prints the instructions that programs are compiled to\n"
	"  --help       this text\n"
	"  --version    the version\n"
	"\n"
	"The status is 0, 1 after an error, 2 for a wrong command line, 130 after Ctrl-C, or what sys.exit() was given.\n"
	"PKTSH_PATH holds further folders, between colons, where import looks.\n";

static bool end(int *status, int with)
{
	*status = with;
	return false;
}

static bool misuse(int *status, const char *what, const char *option)
{
	fprintf(stderr, "pktsh: %s%s\n%.*s", what, option, (int)(strchr(USAGE, '\n') - USAGE + 1), USAGE);
	return end(status, 2);
}

static bool is(const char *arg, const char *option, const char *longer)
{
	return !strcmp(arg, option) || !strcmp(arg, longer);
}

static bool is_interface(const char *name)
{
	return name && (!strcmp(name, "any") || if_nametoindex(name)) && access(name, F_OK) < 0;
}

/* What remains belongs to the program that is run. */
static bool rest(struct options *o, enum options_mode mode, const char *name, int argc, char *const *argv)
{
	o->mode = mode;
	o->name = name;
	o->argc = argc;
	o->argv = argv;
	return true;
}

bool options_read(struct options *o, int argc, char *const *argv, int *status)
{
	*o = (struct options){ .mode = MODE_PROMPT, .name = "", .argv = argv };
	for (int i = 1; i < argc; i++) {
		const char *arg = argv[i];
		if (is(arg, "-h", "--help"))
			return fputs(USAGE, stdout), end(status, 0);
		if (is(arg, "-V", "--version"))
			return puts("pktsh " PKTSH_VERSION), end(status, 0);
		if (!strcmp(arg, "--check") || !strcmp(arg, "--disassemble")) {
			if (!argv[i + 1])
				return misuse(status, arg, " needs a file");
			return rest(o, !strcmp(arg, "--check") ? MODE_CHECK : MODE_DISASSEMBLE, arg, argc - i - 1, argv + i + 1);
		}
		if (!strcmp(arg, "-i") && is_interface(argv[i + 1])) {
			o->text = "import sys; sys.exit(live_command(sys.argv[1:]))";
			return rest(o, MODE_CODE, "pktsh", argc - i - 1, argv + i + 1);
		}
		if (!strcmp(arg, "-i")) {
			o->stay = true;
		} else if (!strncmp(arg, "-c", 2)) {
			o->text = arg[2] ? arg + 2 : argv[++i];
			if (i >= argc)
				return misuse(status, "-c needs the code to run", "");
			return rest(o, MODE_CODE, "-c", argc - i - 1, argv + i + 1);
		} else if (!strcmp(arg, "-")) {
			return rest(o, MODE_STDIN, "-", argc - i - 1, argv + i + 1);
		} else if (arg[0] != '-' || (!strcmp(arg, "--") && argv[i + 1])) {
			i += arg[0] == '-';
			o->text = argv[i];
			return rest(o, MODE_FILE, argv[i], argc - i - 1, argv + i + 1);
		} else {
			return misuse(status, "unknown option ", arg);
		}
	}
	if (!o->stay && !isatty(STDIN_FILENO))
		o->mode = MODE_STDIN;
	return true;
}
