#include "shell/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/privilege.h"
#include "lang/file.h"
#include "lang/types.h"

static const char HEADING[] = "\033[1;31m", CARETS[] = "\033[31m", PLAIN[] = "\033[0m";

bool report_colour(int fd)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
	return isatty(fd) && !(no && *no) && term && strcmp(term, "dumb");
}

static const char *line_end(const char *at)
{
	return at + strcspn(at, "\n");
}

/* The caret line of an excerpt: "    |      ^^^^". */
static bool is_carets(const char *line, size_t len)
{
	size_t signs = strspn(line, " \t|^~");
	return signs >= len && memchr(line, '^', len) && memchr(line, '|', len);
}

/* The last line that is not indented says what happened; it and the carets stand out. */
static void paint(const char *text, struct buf *out)
{
	const char *heading = text;
	for (const char *at = text; *at; at = *line_end(at) ? line_end(at) + 1 : line_end(at))
		if (*at != ' ' && *at != '\n')
			heading = at;
	for (const char *at = text, *end; *at; at = *end ? end + 1 : end) {
		end = line_end(at);
		const char *colour = at == heading ? HEADING : is_carets(at, end - at) ? CARETS : NULL;
		if (colour)
			buf_text(out, colour);
		buf_add(out, at, end - at);
		if (colour)
			buf_text(out, PLAIN);
		if (*end)
			buf_char(out, '\n');
	}
}

/* To sys.stderr as the program left it; to the descriptor when that fails too. */
static void print_error(struct vm *vm, const char *text, size_t len)
{
	if (!file_flush_standard(vm))
		vm_clear(vm);
	value to = file_standard(vm, 2);
	if (!is_unset(to) && file_write(vm, to, text, len) && file_flush_standard(vm))
		return;
	vm_clear(vm);
	fwrite(text, 1, len, stderr);
}

/* A missing privilege is one line that says what is missing and the command that grants it. */
static bool format_refusal(struct vm *vm, value exception, struct buf *out)
{
	struct buf message = { 0 };
	bool is = value_is_a(vm, exception, vm->errors.PermissionError) && value_str_to(vm, exception, &message) &&
		privilege_is_refusal(buf_str(&message));
	if (is)
		buf_print(out, "pktsh: %s\n", buf_str(&message));
	vm_clear(vm);
	buf_free(&message);
	return is;
}

static void report(struct vm *vm, value exception)
{
	struct buf text = { 0 }, painted = { 0 };
	if (!format_refusal(vm, exception, &text))
		vm_format_exception(vm, exception, &text);
	if (report_colour(STDERR_FILENO))
		paint(buf_str(&text), &painted);
	struct buf *shown = painted.len ? &painted : &text;
	print_error(vm, buf_str(shown), shown->len);
	buf_free(&text);
	buf_free(&painted);
}

/* sys.exit(): None is 0, a number is the status, anything else is said and is status 1. */
static int exit_status(struct vm *vm, value exception)
{
	struct tuple *args = as_tuple(as_exception(exception)->args);
	value code = args->count ? args->items[0] : VALUE_NONE;
	if (is_none(code))
		return STATUS_OK;
	if (code.tag == TAG_INT)
		return (int)(code.i & 0xff);
	if (code.tag == TAG_BOOL)
		return code.b;
	struct buf text = { 0 };
	if (value_str_to(vm, code, &text)) {
		buf_char(&text, '\n');
		print_error(vm, text.data, text.len);
	}
	vm_clear(vm);
	buf_free(&text);
	return STATUS_ERROR;
}

int report_pending(struct vm *vm, bool *leave)
{
	value exception = vm_take_pending(vm);
	int status = STATUS_ERROR;
	if (value_is_a(vm, exception, vm->errors.SystemExit)) {
		status = exit_status(vm, exception);
		*leave = true;
	} else {
		if (value_is_a(vm, exception, vm->errors.KeyboardInterrupt))
			status = STATUS_INTERRUPTED;
		report(vm, exception);
	}
	value_drop(exception);
	return status;
}
