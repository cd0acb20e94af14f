/* Summary lines: "IP / TCP 10.0.0.1:ftp_data > 10.0.2.5:http S".
 *
 * As in Scapy, only the uppermost layer that has a template (summary_template.h) is described by it; the layers below give their class's
 * name. A class of the user's with a mysummary method is asked instead; it may return (text, [classes]): the classes below that are to
 * describe themselves as well. */
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "packet/summary_template.h"

/* A user's mysummary: a text, or (text, [classes]); the classes are kept in *needed (owned, or unset). */
static enum filled describe_method(struct stack *s, unsigned at, value *needed, struct buf *out)
{
	struct vm *vm = s->vm;
	value self = packet_object(s, at);
	value got = value_call_method(vm, self, str_intern(vm, "mysummary"), 0, NULL);
	value_drop(self);
	if (is_unset(got))
		return RAISED;
	const value *items;
	size_t count;
	enum filled done = MISSING;
	if (is_str(got)) {
		buf_add(out, as_str(got)->data, as_str(got)->len);
		done = as_str(got)->len ? FILLED : MISSING;
	} else if (value_items(got, &items, &count) && count == 2 && is_str(items[0])) {
		buf_add(out, as_str(items[0])->data, as_str(items[0])->len);
		done = as_str(items[0])->len ? FILLED : MISSING;
		value_set(needed, value_keep(items[1]));
	}
	value_drop(got);
	return done;
}

static bool is_needed(struct stack *s, unsigned at, value needed)
{
	const value *items;
	size_t count;
	if (is_unset(needed) || !value_items(needed, &items, &count))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (is_str(items[i]) && !strcmp(as_str(items[i])->data, layer_class_name(s->parts[at].layer)))
			return true;
		if (is_kind(items[i], KIND_TYPE) && part_matches(&s->parts[at], (struct type *)items[i].o))
			return true;
	}
	return false;
}

static enum filled describe(struct stack *s, unsigned at, value *needed, struct buf *out)
{
	const struct layer *l = s->parts[at].layer;
	if (l->hooks & (1u << HOOK_mysummary))
		return describe_method(s, at, needed, out);
	size_t start = out->len;
	enum filled done = l->summary ? summary_fill(l->summary, s, at, out) : MISSING;
	if (done == FILLED && out->len == start)
		done = MISSING;                 /* none of its parts holds */
	if (done == FILLED && !is_unset(l->summary_covers))
		value_set(needed, value_keep(l->summary_covers));
	return done;
}

/* Uppermost layer first, since it decides whether the ones below describe themselves: what they say stands behind `out` one behind the
 * other, in that order, each with where it ends. */
static bool say_all(struct stack *s, unsigned at, size_t *ends, struct buf *out)
{
	value needed = VALUE_UNSET;
	bool found = false, ok = true;
	for (unsigned i = s->count; ok && i-- > at;) {
		enum filled done = MISSING;
		size_t start = out->len;
		if (!found || is_needed(s, i, needed))
			done = describe(s, i, &needed, out);
		ok = done != RAISED;
		found |= done == FILLED;
		if (done == MISSING) {
			const struct str *name = s->parts[i].layer->type->name;
			out->len = start;
			buf_add(out, name->data, name->len);
		}
		ends[i - at] = out->len;
	}
	value_drop(needed);
	return ok;
}

/* What was said from `start` on, lowest layer first. */
static void put_in_order(struct buf *out, size_t start, const size_t *ends, size_t count)
{
	enum { ESCAPED = 4, ESCAPE_ROOM = 64 };  /* a character is at most so long escaped; what one asks for beforehand */
	size_t said = out->len, room = said - start + count * strlen(" / ");
	bool plain = text_is_plain(out->data + start, said - start);
	buf_reserve(out, plain ? room : ESCAPED * room + ESCAPE_ROOM);  /* what is read must not move while it is copied */
	for (size_t i = 0; i < count; i++) {
		size_t from = i + 1 < count ? ends[i + 1] : start;
		buf_text(out, i ? " / " : "");
		if (plain)
			buf_add(out, out->data + from, ends[i] - from);
		else
			text_safe(out, out->data + from, ends[i] - from);
	}
	memmove(out->data + start, out->data + said, out->len - said);
	out->len -= said - start;
}

bool stack_summary(struct stack *s, unsigned at, struct buf *out)
{
	enum { USUAL = 16 };
	size_t few[USUAL], count = s->count - at, *ends = count <= USUAL ? few : mem_alloc(count * sizeof *ends), start = out->len;
	bool ok = say_all(s, at, ends, out);
	if (ok)
		put_in_order(out, start, ends, count);
	if (ends != few)
		mem_free(ends);
	return ok;
}
