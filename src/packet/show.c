/* show() and repr: a packet's fields, named. Only fields whose condition holds are printed, as in Scapy. */
#include "packet/printing.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "packet/encode.h"
#include "packet/world.h"

enum { NAME_WIDTH = 10, MAX_NESTING = 100 };

struct printer {
	struct buf *out;
	const char *indent;             /* what a layer is indented by behind the one below it */
	struct buf label;               /* "   |" for each packet field it is inside of */
	struct buf level;               /* the indentation of this layer's fields */
	unsigned nesting;
	enum show_notes notes;
};

static bool show_layers(struct printer *p, struct stack *s, unsigned at);

bool show_as_it_came(struct stack *s, unsigned at, unsigned field, bool bare, struct buf *out)
{
	const struct part *p = &s->parts[at];
	const struct field *f = p->layer->fields[field];
	const struct codec *codec = f->kind->codec;
	uint64_t word;
	if (codec->show_word && (part_placed(p, field, &word) || part_came_word(p, field, &word)))
		return codec->show_word(s->vm, f, word, bare, out);
	const uint8_t *bytes = codec->show_bytes ? part_came_bytes(p, field) : NULL;
	return bytes && codec->show_bytes(s->vm, f, bytes, bare, out);
}

bool show_field(struct stack *s, unsigned at, unsigned field, struct buf *out)
{
	struct field *f = s->parts[at].layer->fields[field];
	bool present = true;
	if (show_as_it_came(s, at, field, false, out))
		return true;
	value v = part_look(s, at, field);
	if (is_unset(v) || (is_none(v) && !part_present(s, at, field, &present)))
		return false;
	if (!present && !is_unset(f->fallback)) /* as Scapy's sprintf() has it */
		v = value_keep(f->fallback);
	struct site site = { .vm = s->vm, .stack = s, .at = at };
	bool ok = field_show(&site, f, v, out);
	value_drop(v);
	return ok;
}

static void show_heading(struct printer *p, const struct layer *l)
{
	buf_add(p->out, p->label.data, p->label.len);
	buf_print(p->out, "###[ %s ]###\n", l->name->data);
}

static void show_name(struct printer *p, const struct field *f, bool packets)
{
	buf_add(p->out, p->label.data, p->label.len);
	buf_add(p->out, p->level.data, p->level.len);
	buf_text(p->out, packets ? "  \\" : "  ");
	buf_add(p->out, f->name->data, f->name->len);
	if (f->name->chars < NAME_WIDTH)
		buf_fill(p->out, ' ', NAME_WIDTH - f->name->chars);
	buf_text(p->out, packets ? "\\\n" : "= ");
}

/* The items of a field of packets, each a packet of its own behind a bar. */
static bool show_packets(struct printer *p, value v)
{
	size_t label = p->label.len, level = p->level.len;
	buf_add(&p->label, p->level.data, p->level.len);
	buf_text(&p->label, "   |");
	buf_clear(&p->level);
	const value *items = &v;
	size_t count = 1;
	if (!is_packet(v))
		value_items(v, &items, &count);
	bool ok = p->nesting++ < MAX_NESTING;
	for (size_t i = 0; ok && i < count; i++) {
		if (is_packet(items[i]))
			ok = show_layers(p, as_packet(items[i])->stack, as_packet(items[i])->at);
	}
	p->nesting--;
	buf_clear(&p->level);
	buf_fill(&p->level, ' ', level);
	p->label.len = label;
	return ok;
}

/* Every line of a value that has several stands under the first. */
static void show_indented(struct printer *p, const struct buf *text, size_t column)
{
	for (size_t i = 0; i < text->len; i++) {
		buf_char(p->out, text->data[i]);
		if (text->data[i] == '\n')
			buf_fill(p->out, ' ', column);
	}
	buf_char(p->out, '\n');
}

/* ---- numbers that no longer fit ---- */

/* A packet that was cut when captured, or quoted in an error, has the lengths and sums of the whole one; a cut header that of the whole header. */
static bool is_part_of_more(struct stack *s, unsigned at)
{
	int64_t quoted = 0;
	if (s->parts[at].dissected && s->parts[at].have < s->parts[at].layer->fixed_count)
		return true;
	if (s->about && s->about->wire_len && s->parts[0].frame && s->about->wire_len > s->parts[0].frame->len)
		return true;
	for (unsigned i = 0; i < at && !quoted; i++) {
		struct expr *quotes = s->parts[i].layer->quotes;
		if (quotes && !expr_run(&(struct site){ .vm = s->vm, .stack = s, .at = i }, quotes, 0, 0, &quoted))
			vm_clear(s->vm);
	}
	return quoted;
}

/* chksum = 0xb4e1 (stale: 0xb6e1) */
static void note_stale(struct stack *s, unsigned at, unsigned field, struct buf *text)
{
	struct field *f = s->parts[at].layer->fields[field];
	enum compute what = f->computed.what;
	int64_t is, should;
	if ((what != COMPUTE_LENGTH && what != COMPUTE_COUNT && what != COMPUTE_CHECKSUM) || part_state(s, at, field) == STATE_DEFAULT ||
	    !part_int(s, at, field, &is))
		return;
	if (what == COMPUTE_CHECKSUM && s->about && s->about->sum_left_to_card) {
		buf_text(text, " (left to the card)");
		return;
	}
	if (is_part_of_more(s, at) || !build_expected(s, at, field, &should) || is == should)
		return;
	buf_text(text, " (stale: ");
	if (!field_show(&(struct site){ .vm = s->vm, .stack = s, .at = at }, f, value_int(should), text))
		vm_clear(s->vm);
	buf_char(text, ')');
}

/* A header that was cut short shows defaults for what it has no bytes for, as in Scapy. */
static void note_missing(struct stack *s, unsigned at, unsigned field, struct buf *text)
{
	const struct part *p = &s->parts[at];
	const struct field *f = p->layer->fields[field];
	bool came = f->flags & FIELD_TRAILS ? p->trail : field < p->have;
	if (p->dissected && !p->by_hook && f->bits && !came && part_state(s, at, field) == STATE_DEFAULT)
		buf_text(text, " (not in the bytes)");
}

static bool show_value(struct printer *p, struct stack *s, unsigned at, unsigned field)
{
	struct field *f = s->parts[at].layer->fields[field];
	struct buf text = { 0 };
	bool ok = show_field(s, at, field, &text);
	if (ok && p->notes == SHOW_STALE) {
		note_stale(s, at, field, &text);
		note_missing(s, at, field, &text);
	}
	if (ok) {
		show_name(p, f, false);
		show_indented(p, &text, p->label.len + p->level.len + f->name->chars + 4);
	}
	buf_free(&text);
	return ok;
}

static bool holds_packets(const struct field *f, value v)
{
	return is_packet(v) || ((f->flags & FIELD_PACKETS) && is_kind(v, KIND_LIST));
}

static bool show_one(struct printer *p, struct stack *s, unsigned at, unsigned field)
{
	struct field *f = s->parts[at].layer->fields[field];
	bool present;
	if (!part_present(s, at, field, &present))
		return false;
	if (!present)
		return true;
	if (!(f->flags & FIELD_PACKETS))
		return show_value(p, s, at, field);
	value v = part_get(s, at, field);
	if (is_unset(v))
		return false;
	bool packets = holds_packets(f, v), ok = true;
	if (packets) {
		show_name(p, f, true);
		ok = show_packets(p, v);
	}
	value_drop(v);
	return packets ? ok : show_value(p, s, at, field);
}

/* Fields that were set although their condition is false: said behind the layer, for people only. */
static bool show_not_sent(struct printer *p, struct stack *s, unsigned at)
{
	for (unsigned f = 0; f < s->parts[at].layer->count; f++) {
		bool present = true;
		if (was_given(s, at, f) && !part_present(s, at, f, &present))
			return false;
		if (present)
			continue;
		buf_add(p->out, p->label.data, p->label.len);
		buf_add(p->out, p->level.data, p->level.len);
		buf_text(p->out, "  (");
		not_sent_text(s, at, f, p->out);
		buf_text(p->out, ")\n");
	}
	return true;
}

static bool show_layers(struct printer *p, struct stack *s, unsigned at)
{
	size_t level = p->level.len;
	for (unsigned i = at; i < s->count; i++) {
		show_heading(p, s->parts[i].layer);
		for (unsigned f = 0; f < s->parts[i].layer->count; f++) {
			if (!show_one(p, s, i, f))
				return false;
		}
		if (p->notes && !show_not_sent(p, s, i))
			return false;
		if (!s->parts[i].layer->flat)
			buf_text(&p->level, p->indent);
	}
	p->level.len = level;
	return true;
}

bool stack_show(struct stack *s, unsigned at, enum show_notes notes, const char *indent, struct buf *out)
{
	struct printer p = { .out = out, .indent = indent, .notes = notes };
	bool ok = show_layers(&p, s, at);
	buf_free(&p.label);
	buf_free(&p.level);
	return ok;
}

/* ---- repr: <IP  frag=0 proto=udp |<UDP  |>> ---- */

static bool is_empty_container(value v)
{
	size_t count = 0;
	const value *items;
	if (is_kind(v, KIND_DICT))
		return as_dict(v)->used == 0;
	if (is_kind(v, KIND_SET))
		return ((struct set *)v.o)->used == 0;
	return is_kind(v, KIND_LIST) && value_items(v, &items, &count) && count == 0;
}

static bool repr_field(struct stack *s, unsigned at, unsigned field, struct buf *out)
{
	struct field *f = s->parts[at].layer->fields[field];
	bool present;
	if (part_is_default(s, at, field))
		return true;
	if (!part_present(s, at, field, &present))
		return false;
	if (!present)
		return true;
	size_t start = out->len;
	buf_char(out, ' ');
	buf_add(out, f->name->data, f->name->len);
	buf_char(out, '=');
	if (show_as_it_came(s, at, field, false, out))
		return true;
	out->len = start;
	value v = part_get(s, at, field);
	if (is_unset(v))
		return false;
	bool ok = true;
	if (!is_empty_container(v)) {
		struct site site = { .vm = s->vm, .stack = s, .at = at };
		buf_print(out, " %s=", f->name->data);
		ok = field_show(&site, f, v, out);
	}
	value_drop(v);
	return ok;
}

bool stack_repr(struct stack *s, unsigned at, struct buf *out)
{
	unsigned last = at;
	for (unsigned i = at; i < s->count; i++, last++) {
		buf_print(out, "<%s ", layer_class_name(s->parts[i].layer));
		for (unsigned f = 0; f < s->parts[i].layer->count; f++) {
			if (!repr_field(s, i, f, out))
				return false;
		}
		buf_text(out, " |");
	}
	buf_fill(out, '>', last - at);
	return true;
}
