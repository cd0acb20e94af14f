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
#include "shell/complete.h"
#include "shell/history.h"
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
	char *line;             /* what readline handed over, to be run when it has let the terminal go */
	bool ready, ended;      /* a line (or the end) is there */
	struct completion completion;
	size_t shown;           /* of completion's words, handed to readline */
	sigset_t held;          /* signals that are let in only while it waits for keys */
	sigset_t waiting;       /* the mask while it waits */
};

static struct prompt *current;          /* readline's callbacks have no argument */
static volatile sig_atomic_t redraw;    /* the window changed, or the program was stopped and goes on */
static volatile sig_atomic_t reading;   /* readline has the terminal */

static const char FIRST[] = ">>> ", MORE[] = "... ";

/* ---- readline's callbacks -------------------------------------------------------------------------------------------- */

/* A line is complete: the handler is removed at once, so that the terminal is as it was while the program runs. */
static void take_line(char *line)
{
	current->line = line;
	current->ended = line == NULL;
	current->ready = true;
	rl_callback_handler_remove();
}

/* A bracketed paste: everything up to the closing mark goes into the line as it is, newlines too, without prompts. */
static int take_paste(int count, int key)
{
	static const char END[] = "\033[201~";
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
	struct buf before = { 0 };
	if (p->unit.open)
		buf_print(&before, "%s\n", buf_str(&p->unit.text));
	buf_add(&before, rl_line_buffer, end);
	bool in_text = complete_in_text(before.data, before.len, &ignored);
	before.len -= end;
	before.data[before.len] = 0;
	completion_free(&p->completion);
	if (in_text)
		rl_attempted_completion_over = 0;       /* the names of files */
	else
		complete(p->vm, p->globals, before.data, rl_line_buffer, end, &p->completion);
	p->vm->interrupt = 0;
	buf_free(&before);
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

static void show_prompt(struct prompt *p)
{
	rl_callback_handler_install(p->unit.open ? MORE : FIRST, take_line);
}

/* Ctrl-C: the line and the unfinished unit go, and a new line begins. */
static void drop_line(struct prompt *p)
{
	p->vm->interrupt = 0;
	rl_callback_sigcleanup();
	rl_free_line_state();
	rl_point = rl_end;
	rl_redisplay();
	rl_callback_handler_remove();
	fputs("\nKeyboardInterrupt\n", stdout);
	fflush(stdout);
	rl_replace_line("", 0);
	unit_drop(&p->unit);
	show_prompt(p);
}

static void draw_again(void)
{
	if (redraw == SIGCONT) {
		rl_prep_terminal(1);
		rl_forced_update_display();
	}
	rl_resize_terminal();
	redraw = 0;
}

/* Signals come only while ppoll waits, so that none is lost between looking at its flag and waiting. */
static void read_line(struct prompt *p)
{
	struct pollfd keys = { .fd = STDIN_FILENO, .events = POLLIN };
	p->ready = p->ended = false;
	p->line = NULL;
	sigprocmask(SIG_BLOCK, &p->held, &p->waiting);
	reading = true;
	show_prompt(p);
	while (!p->ready) {
		int n = ppoll(&keys, 1, NULL, &p->waiting);
		if (p->vm->interrupt)
			drop_line(p);
		else if (redraw)
			draw_again();
		else if (n > 0)
			rl_callback_read_char();
		else if (n < 0 && errno != EINTR)
			take_line(NULL);
	}
	reading = false;
	sigprocmask(SIG_SETMASK, &p->waiting, NULL);
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
	p->vm->interrupt = 0;
	if (ast->error.kind)
		vm_raise_error(p->vm, &ast->error);
	else
		value_drop(vm_run_ast(p->vm, ast, p->globals, VM_SHOW));
	ast_free(ast);
	p->vm->interrupt = 0;
	if (!vm_pending(p->vm) && file_flush_standard(p->vm))
		return false;
	int code = report_pending(p->vm, &leave);
	if (leave)
		*status = code;
	return leave;
}

static bool run_line(struct prompt *p, int *status)
{
	bool leave = false;
	if (p->unit.open || p->line[strspn(p->line, " \t\n")])
		leave = unit_line(&p->unit, p->line) != FEED_MORE && run_unit(p, status);
	free(p->line);
	return leave;
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
	rl_catch_signals = 0;
	rl_catch_sigwinch = 0;
	rl_change_environment = 0;
	rl_attempted_completion_function = complete_word;
	rl_completion_word_break_hook = word_breaks;
	rl_completer_quote_characters = "";
	rl_initialize();
	rl_bind_keyseq("\033[200~", take_paste);
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
	value_drop(vm_import(vm, "scapy.all"));         /* as at Scapy's prompt, time, os and their like are there */
	if (welcome)
		puts("pktsh " PKTSH_VERSION "   help() for help, Ctrl-D leaves");
	fflush(stdout);
	for (bool leave = false; !leave;) {
		read_line(&p);
		if (p.ended) {
			putchar('\n');
			break;
		}
		leave = run_line(&p, &status);
	}
	fflush(stdout);
	unit_free(&p.unit);
	completion_free(&p.completion);
	mem_free(p.history);
	clear_history();
	current = NULL;
	return status;
}
