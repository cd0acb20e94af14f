#include "packet/text_layer.h"

#include <string.h>
#include <strings.h>

#include "base/mem.h"

/* ---- lines ---- */

/* One line of bytes: `end` without its line end, `next` behind it. */
struct line { size_t start, end, next; size_t name_end, value; };

static bool next_line(const uint8_t *bytes, size_t at, size_t end, struct line *out)
{
	if (at >= end)
		return false;
	const uint8_t *newline = memchr(bytes + at, '\n', end - at);
	out->start = at;
	out->next = newline ? (size_t)(newline - bytes) + 1 : end;
	out->end = newline ? out->next - 1 : end;
	if (newline && out->end > at && bytes[out->end - 1] == '\r')
		out->end--;
	const uint8_t *colon = memchr(bytes + at, ':', out->end - at);
	out->name_end = colon ? (size_t)(colon - bytes) : out->end;
	out->value = colon ? out->name_end + 1 : out->end;
	while (out->value < out->end && (bytes[out->value] == ' ' || bytes[out->value] == '\t'))
		out->value++;
	return true;
}

static bool is_name(const struct field *f, const uint8_t *name, size_t len)
{
	if (f->name->len != len)
		return false;
	for (size_t i = 0; i < len; i++) {
		char a = f->name->data[i] == '_' ? '-' : f->name->data[i], b = name[i] == '_' ? '-' : (char)name[i];
		if (strncasecmp(&a, &b, 1))
			return false;
	}
	return true;
}

/* The field that a line is for; the last field: none of its own. */
static unsigned field_of(const struct layer *l, const uint8_t *bytes, const struct line *line)
{
	unsigned i = l->first_line;
	while (i + 1 < l->count && !is_name(l->fields[i], bytes + line->start, line->name_end - line->start))
		i++;
	return i;
}

/* ---- reading ---- */

/* The words of the first line, the last of which takes the rest. */
static bool measure_words(const struct layer *l, uint32_t *spans, const uint8_t *bytes, const struct line *line)
{
	size_t at = line->start;
	for (unsigned i = 0; i < l->first_line; i++) {
		size_t from = at;
		while (at < line->end && (i + 1 == l->first_line || bytes[at] != ' '))
			at++;
		if (at == from && (i == 0 || i + 1 < l->first_line))
			return false;
		spans[2 * i] = (uint32_t)from * 8;
		spans[2 * i + 1] = (uint32_t)at * 8;
		if (i + 1 < l->first_line && at == line->end)
			return false;
		while (at < line->end && bytes[at] == ' ')
			at++;
	}
	return true;
}

bool text_measure(struct stack *s, unsigned at, const uint8_t *bytes, size_t start, size_t end)
{
	struct part *p = &s->parts[at];
	const struct layer *l = p->layer;
	struct line line;
	uint32_t *spans = p->spans.many = mem_alloc(2 * l->count * sizeof *spans);
	p->own_spans = true;
	for (unsigned i = 0; i < 2 * l->count; i++)
		spans[i] = (uint32_t)(start * 8) | SPAN_ABSENT;
	if (!next_line(bytes, start, end, &line) || (!measure_words(l, spans, bytes, &line) && s->count > 1))
		return false;                   /* made from these bytes outright, it has what words there are */
	size_t here = line.next;
	for (; next_line(bytes, here, end, &line) && line.end > line.start; here = line.next) {
		unsigned i = field_of(l, bytes, &line);
		if (i + 1 < l->count && spans[2 * i] & SPAN_ABSENT) {
			spans[2 * i] = (uint32_t)line.value * 8;
			spans[2 * i + 1] = (uint32_t)line.end * 8;
			continue;
		}
		i = l->count - 1;
		if (spans[2 * i] & SPAN_ABSENT)
			spans[2 * i] = (uint32_t)line.start * 8;
		spans[2 * i + 1] = (uint32_t)line.next * 8;
	}
	p->header_end = (uint32_t)(here < end ? line.next : end);
	return true;
}

static size_t lines_begin(const struct part *p)
{
	struct line first = { .next = p->start };
	next_line(p->frame->bytes, p->start, p->header_end, &first);
	return first.next;
}

/* Is this line the one whose value the field has? A second one of the same name is not. */
static bool is_fields_own(const struct part *p, unsigned field, const struct line *line)
{
	return field + 1 < p->layer->count && p->spans.many[2 * field] == (uint32_t)line->value * 8;
}

value text_other_lines(const struct site *s)
{
	const struct part *p = &s->stack->parts[s->at];
	const uint8_t *bytes = p->frame->bytes;
	struct dict *others = dict_new(s->vm);
	struct line line;
	for (size_t at = lines_begin(p); next_line(bytes, at, p->header_end, &line) && line.end > line.start; at = line.next) {
		if (is_fields_own(p, field_of(p->layer, bytes, &line), &line))
			continue;
		value name = bytes_value(s->vm, bytes + line.start, line.name_end - line.start);
		dict_set(s->vm, others, name, bytes_value(s->vm, bytes + line.value, line.end - line.value));
		value_drop(name);
	}
	return value_object(others);
}

/* ---- writing ---- */

struct writing {
	const struct site *s;
	const struct part *part;
	struct buf *out;
	struct marks *marks;
	bool (*put)(void *state, unsigned field);
	void *state;
	size_t start;
};

static bool put_field(struct writing *w, unsigned field)
{
	w->marks->at[field] = (uint32_t)((w->out->len - w->start) * 8);
	return w->put(w->state, field);
}

static void put_name(struct writing *w, const char *name)
{
	for (; *name; name++)
		buf_char(w->out, *name == '_' ? '-' : *name);
	buf_text(w->out, ": ");
}

static bool put_own_line(struct writing *w, unsigned field)
{
	if (part_is_none(w->s->stack, w->s->at, field))
		return true;
	if (field + 1 < w->part->layer->count)
		put_name(w, w->part->layer->fields[field]->name->data);
	bool done = put_field(w, field);
	if (field + 1 < w->part->layer->count)
		buf_text(w->out, "\r\n");
	return done;
}

static void put_wire(struct writing *w, size_t from, size_t to)
{
	buf_add(w->out, w->part->frame->bytes + from, to - from);
}

static bool put_words(struct writing *w)
{
	const struct layer *l = w->part->layer;
	size_t bit, bits, at = w->part->start;
	for (unsigned i = 0; i < l->first_line; i++) {
		bool came = w->part->dissected && part_span(w->s->stack, w->s->at, i, &bit, &bits);
		if (w->part->dissected && !came && part_state(w->s->stack, w->s->at, i) != STATE_SET)
			continue;
		if (came)
			put_wire(w, at, bit / 8);
		else if (i)
			buf_char(w->out, ' ');
		if (!put_field(w, i))
			return false;
		at = came ? (bit + bits) / 8 : at;
	}
	if (w->part->dissected)
		put_wire(w, at, lines_begin(w->part));
	else
		buf_text(w->out, "\r\n");
	return true;
}

/* The lines as they came, with the values as they are now. */
static bool put_lines_again(struct writing *w)
{
	const struct part *p = w->part;
	const uint8_t *bytes = p->frame->bytes;
	unsigned last = p->layer->count - 1;
	bool others = part_state(w->s->stack, w->s->at, last) != STATE_SET;
	struct line line;
	for (size_t at = lines_begin(p); next_line(bytes, at, p->header_end, &line) && line.end > line.start; at = line.next) {
		unsigned i = field_of(p->layer, bytes, &line);
		if (!is_fields_own(p, i, &line)) {
			if (others)
				put_wire(w, line.start, line.next);
		} else if (!part_is_none(w->s->stack, w->s->at, i)) {
			put_wire(w, line.start, line.value);
			if (!put_field(w, i))
				return false;
			put_wire(w, line.end, line.next);
		}
	}
	return true;
}

/* What stands on no line yet. */
static bool put_new_lines(struct writing *w)
{
	const struct layer *l = w->part->layer;
	for (unsigned i = l->first_line; i < l->count; i++) {
		bool came = w->part->dissected && !(w->part->spans.many[2 * i] & SPAN_ABSENT) && (i + 1 < l->count || part_state(w->s->stack, w->s->at, i) != STATE_SET);
		if (!came && !put_own_line(w, i))
			return false;
	}
	return true;
}

bool text_encode(const struct site *s, struct buf *out, struct marks *marks, bool (*put)(void *state, unsigned field), void *state)
{
	const struct part *p = &s->stack->parts[s->at];
	struct writing w = { s, p, out, marks, put, state, out->len };
	for (unsigned i = 0; i < p->layer->count; i++)
		marks->at[i] = SPAN_ABSENT;
	if (!put_words(&w) || (p->dissected && !put_lines_again(&w)) || !put_new_lines(&w))
		return false;
	struct line line;
	bool closed = false;
	for (size_t at = p->dissected ? lines_begin(p) : 0; p->dissected && !closed && next_line(p->frame->bytes, at, p->header_end, &line); at = line.next)
		if ((closed = line.end == line.start))
			put_wire(&w, line.start, line.next);
	if (!p->dissected)
		buf_text(out, "\r\n");
	marks->at[p->layer->count] = (uint32_t)((out->len - w.start) * 8);
	return true;
}
