#include "base/error.h"

#include <stdarg.h>
#include <string.h>

#include "base/mem.h"

static void fill(struct error *e, const char *kind, int code, struct buf *message)
{
	e->kind = kind;
	e->code = code;
	e->message = message->data ? message->data : mem_text("");
}

bool error_set(struct error *e, const char *kind, const char *format, ...)
{
	if (e->kind)
		return false;
	struct buf message = {0};
	va_list args;
	va_start(args, format);
	buf_vprint(&message, format, args);
	va_end(args);
	fill(e, kind, 0, &message);
	return false;
}

bool error_system(struct error *e, int code, const char *format, ...)
{
	if (e->kind)
		return false;
	struct buf message = {0};
	va_list args;
	va_start(args, format);
	buf_vprint(&message, format, args);
	va_end(args);
	buf_print(&message, ": %s", strerror(code));
	fill(e, "OSError", code, &message);
	return false;
}

/* Who places first knows best: a later, wider place does not replace it. */
void error_place(struct error *e, struct source *source, struct span span)
{
	if (e->source || !source)
		return;
	e->source = source_keep(source);
	e->span = span;
}

void error_clear(struct error *e)
{
	mem_free(e->message);
	if (e->source)
		source_drop(e->source);
	*e = (struct error){0};
}
