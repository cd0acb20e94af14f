/* Types at the prompt through a pseudo-terminal and looks at what comes back. Usage: pty PKTSH FILE.prompt
 *
 * One command a line; in texts \t \r \n \e \\ and \xNN are escapes:
 *     # TEXT            a comment
 *     start ARGUMENTS   starts the program (without arguments when the first command is another one)
 *     > TEXT            waits for the prompt ">>> ", types the text and Enter
 *     . TEXT            the same for the prompt "... "
 *     type TEXT         types the text, without Enter
 *     paste TEXT        pastes it, bracketed as terminals do
 *     see TEXT          waits until the text comes, behind what was seen last
 *     out TEXT          waits for a line that is exactly this
 *     not TEXT          what comes before the next thing seen does not hold this
 *     signal NUMBER     sends the signal to the program itself, as another program would
 *     cooked            the terminal echoes and joins lines, as it did before the program started
 *     wait SECONDS
 *     end STATUS        waits until the program has ended, with this status
 *     file PATH MODE TEXT   the file, under the home folder made for the test, has the mode and holds the text
 *     write PATH TEXT   makes it       link PATH TO    makes a symbolic link
 * Escape sequences and carriage returns are taken out of what is seen. Everything has 5 seconds. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE = 5000, ROOM = 1 << 20 };

static const char *program, *script;
static int line_number, terminal = -1;
static pid_t child;
static char home[128], screen[ROOM], forbidden[4096];
static size_t length, seen;
static bool closed;

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static void clean_up(void)
{
	if (child > 0)
		kill(child, SIGKILL);
	pid_t pid = fork();
	if (pid == 0) {
		execlp("rm", "rm", "-rf", "--", home, NULL);
		_exit(127);
	}
	if (pid > 0)
		waitpid(pid, NULL, 0);
}

static void __attribute__((format(printf, 1, 2), noreturn)) fail(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	printf("%s:%d: ", script, line_number);
	vprintf(format, args);
	va_end(args);
	printf("\n--- what came since the last thing seen ---\n%.*s\n---\n", (int)(length - seen), screen + seen);
	clean_up();
	exit(1);
}

/* ---- the screen ------------------------------------------------------------------------------------------------------ */

/* Takes escape sequences (CSI, OSC, two characters), bells and carriage returns out; state lives across reads. */
static void take_char(char c)
{
	static enum { TEXT, ESCAPE, CSI, OSC } state;
	switch (state) {
	case ESCAPE:
		state = c == '[' ? CSI : c == ']' ? OSC : TEXT;
		return;
	case CSI:
		if (c >= '@' && c <= '~')
			state = TEXT;
		return;
	case OSC:
		if (c == '\a')
			state = TEXT;
		return;
	case TEXT:
		if (c == '\033')
			state = ESCAPE;
		else if (c != '\r' && c != '\a' && length < ROOM - 1)
			screen[length++] = c;
	}
}

/* Waits for output at most `ms`; false: none came. */
static bool hear(int ms)
{
	char bytes[4096];
	struct pollfd p = { .fd = terminal, .events = POLLIN };
	if (closed || poll(&p, 1, ms) <= 0)
		return false;
	ssize_t n = read(terminal, bytes, sizeof bytes);
	closed = n <= 0;
	for (ssize_t i = 0; i < n; i++)
		take_char(bytes[i]);
	screen[length] = 0;
	return n > 0;
}

static void wait_for(const char *text, const char *shown)
{
	double until = now() + PATIENCE;
	char *at;
	while (!(at = strstr(screen + seen, text))) {
		int left = (int)(until - now());
		if (left <= 0 || (!hear(left) && closed && !strstr(screen + seen, text)))
			fail("'%s' did not come", shown);
	}
	if (forbidden[0]) {
		char *bad = strstr(screen + seen, forbidden);
		if (bad && bad < at)
			fail("'%s' came", forbidden);
		forbidden[0] = 0;
	}
	seen = at - screen + strlen(text);
}

static void wait_for_line(const char *text)
{
	char line[4200];
	snprintf(line, sizeof line, "\n%s\n", text);
	if (seen)
		seen--;         /* the newline of what was seen before may begin it */
	wait_for(line, text);
}

/* ---- typing ---------------------------------------------------------------------------------------------------------- */

static size_t unescape(char *text)
{
	char *to = text;
	for (char *at = text; *at; at++) {
		if (*at != '\\') {
			*to++ = *at;
			continue;
		}
		switch (*++at) {
		case 't': *to++ = '\t'; break;
		case 'r': *to++ = '\r'; break;
		case 'n': *to++ = '\n'; break;
		case 'e': *to++ = '\033'; break;
		case 'x': {
			char digits[3] = { at[1], at[1] ? at[2] : 0, 0 };
			*to++ = (char)strtol(digits, NULL, 16);
			at += strlen(digits);
			break;
		}
		default: *to++ = *at;
		}
	}
	*to = 0;
	return to - text;
}

static void type(const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(terminal, text, len);
		if (n < 0)
			fail("cannot type: %s", strerror(errno));
		text += n;
		len -= n;
	}
}

static void start(char *arguments)
{
	char *argv[32] = { (char *)program };
	int count = 1;
	for (char *word = strtok(arguments, " "); word && count < 31; word = strtok(NULL, " "))
		argv[count++] = word;
	struct winsize size = { .ws_row = 24, .ws_col = 120 };
	child = forkpty(&terminal, NULL, NULL, &size);
	if (child < 0)
		fail("forkpty: %s", strerror(errno));
	if (child == 0) {
		setenv("TERM", "xterm", 1);
		setenv("NO_COLOR", "1", 0);
		setenv("HOME", home, 1);
		unsetenv("XDG_STATE_HOME");
		setenv("INPUTRC", "/dev/null", 1);
		if (chdir(home) == 0)
			execv(program, argv);
		_exit(127);
	}
}

static void check_cooked(void)
{
	struct termios mode;
	for (double until = now() + PATIENCE; now() < until; hear(20))
		if (tcgetattr(terminal, &mode) == 0 && (mode.c_lflag & (ECHO | ICANON)) == (ECHO | ICANON))
			return;
	fail("the terminal is not as it was");
}

static void end(int expected)
{
	double until = now() + PATIENCE;
	int status;
	pid_t done;
	while ((done = waitpid(child, &status, WNOHANG)) == 0) {
		if (now() > until)
			fail("it has not ended");
		hear(20);
	}
	while (hear(0))
		;
	child = 0;
	int got = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	if (got != expected)
		fail("ended with status %d instead of %d", got, expected);
	close(terminal);
	closed = false;
	seen = length;
}

/* ---- files ----------------------------------------------------------------------------------------------------------- */

static char *word(char **text)
{
	char *at = *text, *blank = strchr(at, ' ');
	*text = blank ? blank + 1 : at + strlen(at);
	if (blank)
		*blank = 0;
	return at;
}

static void check_file(char *text)
{
	char path[512], content[65536];
	char *name = word(&text), *mode = word(&text);
	struct stat st;
	snprintf(path, sizeof path, "%s/%s", home, name);
	int fd = open(path, O_RDONLY);
	if (fd < 0 || fstat(fd, &st) < 0)
		fail("%s: %s", name, strerror(errno));
	ssize_t n = S_ISDIR(st.st_mode) ? 0 : read(fd, content, sizeof content - 1);
	close(fd);
	content[n > 0 ? n : 0] = 0;
	if ((st.st_mode & 07777) != (mode_t)strtol(mode, NULL, 8))
		fail("%s has mode %o", name, st.st_mode & 07777);
	unescape(text);
	if (!strstr(content, text))
		fail("%s holds\n%s", name, content);
}

static void make_folders(char *path)
{
	for (char *slash = path + strlen(home) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = 0;
		mkdir(path, 0700);
		*slash = '/';
	}
}

static void make_file(char *text, bool link)
{
	char path[512];
	snprintf(path, sizeof path, "%s/%s", home, word(&text));
	make_folders(path);
	size_t len = unescape(text);
	int fd = link ? symlink(text, path) : open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || (!link && write(fd, text, len) != (ssize_t)len))
		fail("%s: %s", path, strerror(errno));
	if (!link)
		close(fd);
}

/* ---- commands -------------------------------------------------------------------------------------------------------- */

static void answer_prompt(const char *prompt, char *text)
{
	wait_for(prompt, prompt);
	size_t len = unescape(text);
	type(text, len);
	type("\r", 1);
}

static void run(char *command)
{
	char *text = command, *name = word(&text);
	if (!strcmp(name, "write") || !strcmp(name, "link")) {
		make_file(text, name[0] == 'l');
		return;
	}
	if (!strcmp(name, "file")) {
		check_file(text);
		return;
	}
	if (!child)
		start(strcmp(name, "start") ? (char[]){ "" } : text);
	if (!strcmp(name, "start"))
		return;
	if (!strcmp(name, ">"))
		answer_prompt(">>> ", text);
	else if (!strcmp(name, "."))
		answer_prompt("... ", text);
	else if (!strcmp(name, "type"))
		type(text, unescape(text));
	else if (!strcmp(name, "paste"))
		type("\033[200~", 6), type(text, unescape(text)), type("\033[201~", 6);
	else if (!strcmp(name, "see"))
		unescape(text), wait_for(text, text);
	else if (!strcmp(name, "out"))
		unescape(text), wait_for_line(text);
	else if (!strcmp(name, "not"))
		unescape(text), snprintf(forbidden, sizeof forbidden, "%s", text);
	else if (!strcmp(name, "signal"))
		kill(child, atoi(text));
	else if (!strcmp(name, "cooked"))
		check_cooked();
	else if (!strcmp(name, "wait"))
		for (double until = now() + atof(text) * 1000; now() < until;)
			hear((int)(until - now()) + 1);
	else if (!strcmp(name, "end"))
		end(atoi(text));
	else
		fail("unknown command '%s'", name);
}

int main(int argc, char **argv)
{
	char line[8192];
	const char *folder = getenv("TMPDIR");
	FILE *file = argc == 3 ? fopen(argv[2], "r") : NULL;
	if (!file) {
		fprintf(stderr, "usage: pty PKTSH FILE.prompt\n");
		return 2;
	}
	program = argv[1];
	script = argv[2];
	snprintf(home, sizeof home, "%s/pty-XXXXXX", folder ? folder : "/tmp");
	if (!mkdtemp(home))
		fail("%s: %s", home, strerror(errno));
	while (fgets(line, sizeof line, file)) {
		line_number++;
		line[strcspn(line, "\n")] = 0;
		if (line[0] && line[0] != '#')
			run(line);
	}
	fclose(file);
	if (child)
		fail("the program still runs: say how it ends");
	clean_up();
	return 0;
}
