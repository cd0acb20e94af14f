#include "shell/prompt.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <readline/history.h>
#include <readline/readline.h>

#include "base/mem.h"
#include "lang/file.h"
#include "lang/types.h"
#include "net/wire.h"
#include "shell/complete.h"
#include "shell/history.h"
#include "shell/interrupt.h"
#include "shell/options.h"
#include "shell/paste.h"
#include "shell/report.h"
#include "shell/unit.h"

enum { INDENT = 4 };

struct prompt {
	struct vm *vm;
	struct dict *globals;
	struct unit unit;
	char *history;          /* the file; NULL: nowhere to keep it */
	bool history_failed;    /* said once */
	const char *way_out;    /* Ctrl-C: the line being edited is given up; the keys still to be told. NULL: not so */
	char *bell;             /* readline's bell-style meanwhile */
	struct completion completion;
	size_t shown;           /* of completion's words, handed to readline */
	sigset_t held;          /* signals that are let in only while it waits for keys */
	sigset_t waiting;       /* the mask while it waits */
};

static struct prompt *current;          /* readline's callbacks have no argument */
static volatile sig_atomic_t redraw;    /* the window changed, or the program was stopped and goes on */
static volatile sig_atomic_t reading;   /* readline has the terminal */

#define PASTE_BEGIN "\033[200~"
#define PASTE_END   "\033[201~"
static const char FIRST[] = ">>> ", MORE[] = "... ";

/* ---- readline's callbacks -------------------------------------------------------------------------------------------- */

/* A bracketed paste: everything up to the closing mark goes into the line as it is, newlines too, without prompts. */
static int take_paste(int count, int key)
{
	static const char END[] = PASTE_END;
	struct buf raw = { 0 }, clean = { 0 };
	for (int c; (c = rl_read_key()) >= 0;) {
		buf_char(&raw, (char)c);
		if (raw.len >= strlen(END) && !memcmp(raw.data + raw.len - strlen(END), END, strlen(END))) {
			raw.len -= strlen(END);
			break;
		}
	}
	size_t before = paste_blanks(rl_line_buffer, rl_point);
	if (before < (size_t)rl_point)          /* in the middle of a line: a piece of it */
		buf_add(&clean, buf_str(&raw), raw.len);
	else
		paste_clean(buf_str(&raw), raw.len, &clean);
	while (clean.len && strchr("\r\n", clean.data[clean.len - 1]))
		clean.data[--clean.len] = 0;
	rl_begin_undo_group();
	rl_insert_text(buf_str(&clean));
	rl_end_undo_group();
	buf_free(&raw);
	buf_free(&clean);
	return 0;
}

static const char *last_line(size_t *len)
{
	const char *start = rl_line_buffer;
	for (int i = 0; i < rl_point; i++)
		if (rl_line_buffer[i] == '\n')
			start = rl_line_buffer + i + 1;
	*len = rl_line_buffer + rl_point - start;
	return start;
}

/* Tab indents where only blanks stand before it, and completes elsewhere. */
static int take_tab(int count, int key)
{
	size_t len;
	const char *line = last_line(&len);
	if (paste_blanks(line, len) < len) {
		if (rl_last_func == take_tab)
			rl_last_func = rl_complete;     /* the second tab in a row lists what fits */
		return rl_complete(count, key);
	}
	char blanks[INDENT + 1] = "";
	memset(blanks, ' ', INDENT - len % INDENT);
	rl_insert_text(blanks);
	return 0;
}

static char *next_word(const char *text, int state)
{
	struct completion *c = &current->completion;
	if (state == 0)
		current->shown = 0;
	return current->shown < c->count ? strdup(c->words[current->shown++]) : NULL;
}

static char **complete_word(const char *text, int start, int end)
{
	struct prompt *p = current;
	size_t ignored;
	rl_completion_append_character = 0;
	rl_attempted_completion_over = 1;
	struct buf before = { 0 }, all = { 0 };
	if (p->unit.open)
		buf_print(&before, "%s\n", buf_str(&p->unit.text));
	buf_add(&all, buf_str(&before), before.len);
	buf_add(&all, rl_line_buffer, end);
	completion_free(&p->completion);
	if (complete_in_text(buf_str(&all), all.len, &ignored))
		rl_attempted_completion_over = 0;       /* the names of files */
	else
		complete(p->vm, p->globals, buf_str(&before), rl_line_buffer, end, &p->completion);
	interrupt_forget(p->vm);
	buf_free(&before);
	buf_free(&all);
	return p->completion.count ? rl_completion_matches(text, next_word) : NULL;
}

/* Inside a text a word is a file's path; elsewhere it is a name. */
static char *word_breaks(void)
{
	static char in_text[] = "\"'", outside[] = " \t\n\"\\'`@$><=;|&{(.,:[]})+-*/%^~!";
	size_t ignored;
	return complete_in_text(rl_line_buffer, rl_point, &ignored) ? in_text : outside;
}

static void on_redraw(int signal)
{
	redraw = signal;
}

/* Ended from outside: the terminal is left as it was found. While readline has it, signals come only while it waits for
 * keys and is in no function of its own, so that it can be called from here. */
static void on_end(int number)
{
	if (reading)
		rl_deprep_terminal();
	signal(number, SIG_DFL);
	raise(number);
}

/* ---- reading a line -------------------------------------------------------------------------------------------------- */

static void draw_again(void)
{
	if (redraw == SIGCONT) {
		rl_prep_terminal(1);
		rl_forced_update_display();
	}
	rl_resize_terminal();
	redraw = 0;
}

/* Ctrl-C is told to readline in keys that it knows, so that it leaves whatever it is in by its own way out: a paste that
 * has not ended ends, Ctrl-G leaves a search, a key sequence or an argument, and then Enter until it gives the line back. */
static void give_up(struct prompt *p)
{
	interrupt_forget(p->vm);
	p->way_out = PASTE_END "\007";
	p->bell = mem_text(rl_variable_value("bell-style"));
	rl_variable_bind("bell-style", "none");
}

/* readline's source of keys. Signals come only while ppoll waits, so that none is lost between looking at its flag and
 * waiting. */
static int read_key(FILE *stream)
{
	struct prompt *p = current;
	struct pollfd keys = { .fd = fileno(stream), .events = POLLIN };
	unsigned char key;
	while (!p->way_out) {
		int there = VM_WAIT(p->vm, ppoll(&keys, 1, NULL, &p->waiting));
		if (redraw)
			draw_again();
		if (p->vm->interrupt & INTERRUPT_KEY) {
			give_up(p);
			break;
		}
		ssize_t n = there > 0 ? read(keys.fd, &key, 1) : there;
		if (n > 0)
			return key;
		if (n == 0 || (errno != EINTR && errno != EAGAIN))
			return EOF;
	}
	return *p->way_out ? *p->way_out++ : '\n';
}

/* The line, to be freed; NULL at the end. After Ctrl-C the line and the unfinished unit are gone, and the next is read. */
static char *read_line(struct prompt *p)
{
	char *line;
	sigprocmask(SIG_BLOCK, &p->held, &p->waiting);
	reading = true;
	while (wire_rest(p->vm), (line = readline(p->unit.open ? MORE : FIRST), p->way_out)) {
		free(line);
		rl_variable_bind("bell-style", p->bell);
		mem_free(p->bell);
		p->way_out = NULL;
		unit_drop(&p->unit);
		puts("KeyboardInterrupt");
	}
	reading = false;
	sigprocmask(SIG_SETMASK, &p->waiting, NULL);
	return line;
}

/* ---- running --------------------------------------------------------------------------------------------------------- */

/* What an expression statement gives: None is not shown; all else is kept as `_` and its repr printed. */
static bool display(struct vm *vm, value shown)
{
	if (is_none(shown))
		return true;
	struct buf text = { 0 };
	bool ok = value_repr_to(vm, shown, &text);
	if (ok) {
		dict_set_text(vm, vm->builtins, "_", value_keep(shown));
		buf_char(&text, '\n');
		vm_write(vm, text.data, text.len);
	}
	buf_free(&text);
	return ok && !vm_pending(vm);
}

static void remember(struct prompt *p)
{
	const char *entry = buf_str(&p->unit.text);
	HIST_ENTRY *last = history_length ? history_get(history_base + history_length - 1) : NULL;
	if (!entry[strspn(entry, " \t\n")] || (last && !strcmp(last->line, entry)))
		return;
	add_history(entry);
	if (p->history && !p->history_failed && !history_append(p->history, entry)) {
		p->history_failed = true;
		fprintf(stderr, "pktsh: the history is not kept: %s: %s\n", p->history, strerror(errno));
	}
}

/* Runs the complete unit. true: the prompt ends, with *status. */
static bool run_unit(struct prompt *p, int *status)
{
	bool leave = false;
	struct ast *ast = feeder_take(p->unit.feeder);
	remember(p);
	interrupt_forget(p->vm);
	if (ast->error.kind)
		vm_raise_error(p->vm, &ast->error);
	else
		value_drop(vm_run_ast(p->vm, ast, p->globals, VM_SHOW));
	ast_free(ast);
	interrupt_forget(p->vm);
	if (!vm_pending(p->vm) && vm_settle(p->vm) && file_flush_standard(p->vm))
		return false;
	int code = report_pending(p->vm, &leave);
	if (!vm_settle(p->vm) && !leave)
		code = report_pending(p->vm, &leave);
	if (leave)
		*status = code;
	return leave;
}

static bool run_line(struct prompt *p, const char *line, int *status)
{
	if (!p->unit.open && !line[strspn(line, " \t\n")])
		return false;
	return unit_line(&p->unit, line) != FEED_MORE && run_unit(p, status);
}

/* ---- beginning and end ----------------------------------------------------------------------------------------------- */

static void add_entry(const char *entry)
{
	add_history(entry);
}

static void prepare_readline(void)
{
	rl_readline_name = "pktsh";
	rl_variable_bind("show-all-if-ambiguous", "on");        /* a user's inputrc, read by rl_initialize, has the last word */
	rl_getc_function = read_key;
	rl_catch_signals = 0;
	rl_catch_sigwinch = 0;
	rl_change_environment = 0;
	rl_attempted_completion_function = complete_word;
	rl_completion_word_break_hook = word_breaks;
	rl_completer_quote_characters = "";
	rl_initialize();
	rl_bind_keyseq(PASTE_BEGIN, take_paste);
	rl_bind_key('\t', take_tab);
	stifle_history(HISTORY_KEEP);
}

static void hold(struct prompt *p, int number, void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler };
	sigaddset(&p->held, number);
	if (handler)
		sigaction(number, &action, NULL);
}

static void prepare_signals(struct prompt *p)
{
	sigemptyset(&p->held);
	hold(p, SIGINT, NULL);          /* interrupt.c's */
	hold(p, SIGWINCH, on_redraw);
	hold(p, SIGCONT, on_redraw);
	hold(p, SIGTERM, on_end);
	hold(p, SIGHUP, on_end);
}

/* As at Scapy's prompt, time, os and their like are there; conf.interactive tells the library that somebody looks. */
static void begin(struct vm *vm)
{
	value all = vm_import(vm, "scapy.all"), conf = is_unset(all) ? VALUE_UNSET : value_attr(vm, all, str_intern(vm, "conf"));
	if (is_unset(conf) || !value_set_attr(vm, conf, str_intern(vm, "interactive"), value_bool(true)))
		report_pending(vm, &(bool){ false });
	value_drop(conf);
	value_drop(all);
}

int prompt_run(struct vm *vm, struct dict *globals, bool welcome)
{
	struct prompt p = { .vm = vm, .globals = globals, .history = history_path() };
	int status = STATUS_OK;
	current = &p;
	unit_init(&p.unit);
	prepare_readline();
	prepare_signals(&p);
	if (p.history)
		history_read(p.history, add_entry);
	vm_set_display(vm, display);
	begin(vm);
	if (welcome)
		puts("pktsh " PKTSH_VERSION "   help() for help, Ctrl-D leaves");
	fflush(stdout);
	for (bool leave = false; !leave;) {
		char *line = read_line(&p);
		leave = !line || run_line(&p, line, &status);
		if (!line)
			putchar('\n');
		free(line);
	}
	if (!threads_finish(vm) || !file_flush_standard(vm))
		report_pending(vm, &(bool){ false });
	fflush(stdout);
	unit_free(&p.unit);
	completion_free(&p.completion);
	mem_free(p.history);
	clear_history();
	current = NULL;
	return status;
}
