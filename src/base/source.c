#include "base/source.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

struct source *source_new(const char *name, const char *text, size_t len)
{
	struct source *s = mem_alloc(sizeof *s);
	*s = (struct source){.refs = 1, .name = mem_text(name), .len = len};
	s->text = mem_alloc(len + 1);
	if (len)
		memcpy(s->text, text, len);
	s->text[len] = 0;
	return s;
}

struct source *source_keep(struct source *s)
{
	s->refs++;
	return s;
}

void source_drop(struct source *s)
{
	if (--s->refs)
		return;
	mem_free(s->name);
	mem_free(s->text);
	mem_free(s);
}

static size_t line_start(const struct source *s, size_t offset)
{
	while (offset && s->text[offset - 1] != '\n')
		offset--;
	return offset;
}

/* Without its line break, be it LF or CRLF. */
static size_t line_end(const struct source *s, size_t start)
{
	const char *lf = memchr(s->text + start, '\n', s->len - start);
	size_t end = lf ? (size_t)(lf - s->text) : s->len;
	if (lf && end > start && s->text[end - 1] == '\r')
		end--;
	return end;
}

static unsigned line_number(const struct source *s, size_t offset)
{
	unsigned line = 1;
	const char *at = s->text, *stop = s->text + offset;
	while ((at = memchr(at, '\n', (size_t)(stop - at)))) {
		line++;
		at++;
	}
	return line;
}

bool source_of_library(const struct source *s)
{
	static const char folder[] = "<stdlib>/";
	return strncmp(s->name, folder, sizeof folder - 1) == 0;
}

struct place source_place(const struct source *s, uint32_t offset)
{
	size_t at = offset < s->len ? offset : s->len;
	size_t start = line_start(s, at);
	return (struct place){
		.line = line_number(s, at),
		.column = 1 + (unsigned)utf8_count(s->text + start, at - start),
	};
}

/* One character of the excerpt: what a terminal is shown for it, and how many columns that takes. */
struct glyph {
	char text[12];
	int columns;
	bool tab;
};

static struct glyph glyph_next(const char *text, size_t len, size_t *at)
{
	struct glyph g = {.columns = 1};
	size_t start = *at;
	uint32_t c = utf8_next(text, len, at);
	if (c == '\t') {
		g.text[0] = '\t';
		g.tab = true;
		return g;
	}
	struct buf shown = {0};
	text_safe(&shown, text + start, *at - start);
	snprintf(g.text, sizeof g.text, "%s", buf_str(&shown));
	bool escaped = shown.len != *at - start || memcmp(shown.data, text + start, shown.len) != 0;
	g.columns = escaped ? (int)shown.len : utf8_width(c);
	buf_free(&shown);
	return g;
}

enum { WINDOW = 160, LEAD = 60 };   /* columns shown of a long line, and how many of them before the span */

static size_t columns_of(const char *text, size_t from, size_t to)
{
	size_t columns = 0;
	for (size_t at = from; at < to; )
		columns += (size_t)glyph_next(text, to, &at).columns;
	return columns;
}

/* Where the window starts: at the line's start, or LEAD columns before the span when the line is too long. */
static size_t window_start(const char *line, size_t len, size_t span_start)
{
	if (columns_of(line, 0, len) <= WINDOW)
		return 0;
	size_t before = columns_of(line, 0, span_start), at = 0, passed = 0;
	while (at < len && passed + LEAD < before)
		passed += (size_t)glyph_next(line, len, &at).columns;
	return at;
}

static void caret(struct buf *marks, const struct glyph *g, bool inside)
{
	if (inside)
		buf_fill(marks, '^', (size_t)(g->columns > 0 ? g->columns : 0));
	else if (g->tab)
		buf_char(marks, '\t');
	else
		buf_fill(marks, ' ', (size_t)g->columns);
}

/* The line and its carets, side by side; start and end are offsets in the line. */
static void draw(const char *line, size_t len, size_t start, size_t end, struct buf *shown, struct buf *marks)
{
	size_t at = window_start(line, len, start), columns = 0;
	if (at) {
		buf_text(shown, "...");
		buf_text(marks, "   ");
	}
	while (at < len) {
		size_t here = at;
		struct glyph g = glyph_next(line, len, &at);
		columns += (size_t)g.columns;
		if (columns > WINDOW) {
			buf_text(shown, "...");
			break;
		}
		buf_text(shown, g.text);
		if (here < end || here <= start)
			caret(marks, &g, here >= start);
	}
	if (start >= len)
		buf_char(marks, '^');
}

void source_excerpt(const struct source *s, struct span span, struct buf *out)
{
	size_t start = span.start < s->len ? span.start : s->len;
	size_t from = line_start(s, start), to = line_end(s, from);
	if (start > to)
		start = to;
	size_t end = span.end > start ? span.end : start + 1;
	struct buf shown = {0}, marks = {0};
	draw(s->text + from, to - from, start - from, end - from, &shown, &marks);
	char number[16];
	int width = snprintf(number, sizeof number, "%3u", line_number(s, start));
	buf_print(out, "%s | %s\n%*s | %s\n", number, buf_str(&shown), width, "", buf_str(&marks));
	buf_free(&shown);
	buf_free(&marks);
}
