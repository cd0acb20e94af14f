/* The command line. */
#ifndef SHELL_OPTIONS_H
#define SHELL_OPTIONS_H

#include <stdbool.h>

enum options_mode { MODE_PROMPT, MODE_FILE, MODE_CODE, MODE_STDIN, MODE_CHECK, MODE_DISASSEMBLE };

struct options {
	enum options_mode mode;
	bool stay;                      /* -i: the prompt afterwards */
	const char *text;               /* MODE_CODE: the code; MODE_FILE: the path */
	const char *name;               /* sys.argv[0] */
	int argc;                       /* what follows: sys.argv[1:]; MODE_CHECK, MODE_DISASSEMBLE: the files */
	char *const *argv;
};

/* false: the program ends now, with *status (help, version or a wrong option; what was to be said is said). */
bool options_read(struct options *o, int argc, char *const *argv, int *status);

#define PKTSH_VERSION "0.1"

#endif
