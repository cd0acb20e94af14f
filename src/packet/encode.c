#include "packet/encode.h"

#include <string.h>

#include "base/mem.h"
#include "packet/asn1_field.h"
#include "packet/text_layer.h"
#include "packet/world.h"
#include "packet/warn.h"

void marks_begin(struct marks *m, unsigned count)
{
	m->count = count;
	m->at = count < sizeof m->few / sizeof *m->few ? m->few : mem_alloc((count + 1) * sizeof *m->at);
}

void marks_end(struct marks *m)
{
	if (m->at != m->few)
		mem_free(m->at);
}

static bool computes(const struct field *f)
{
	return f->computed.what == COMPUTE_LENGTH || f->computed.what == COMPUTE_COUNT || f->computed.what == COMPUTE_CHECKSUM;
}

bool left_to_compute(struct stack *s, unsigned at, unsigned field)
{
	const struct field *f = s->parts[at].layer->fields[field];
	return computes(f) && part_is_none(s, at, field) &&
	       part_state(s, at, field) != STATE_WIRE;
}

bool names_spread(struct stack *s, unsigned at)
{
	return world_of(s->vm)->spread_names && s->under && s->parts[at].dissected && s->parts[at].layer->points;
}

bool speaks_of_names(const struct layer *l, unsigned field)
{
	const struct row *row = &l->rows[field];
	if (l->fields[field]->computed.what != COMPUTE_LENGTH || row->of < 0)
		return false;
	for (int i = row->of; i <= row->of_last; i++)
		if (l->fields[i]->flags & FIELD_POINTS)
			return true;
	return false;
}

/* Was a list of packets in it changed, so that what follows it stands elsewhere? */
static bool moves(struct stack *s, unsigned at)
{
	const struct part *p = &s->parts[at];
	for (unsigned i = 0; p->dissected && p->states && i < p->layer->count; i++)
		if (p->layer->fields[i]->flags & FIELD_PACKETS && p->states[i] != STATE_WIRE && part_state(s, at, i) == STATE_SET)
			return true;
	return false;
}

/* Where the next bits go: `bit` counts from `start` in `out`. */
struct pen { const struct site *s; struct buf *out; size_t start, bit; };

static bool put_word(struct pen *p, const struct field *f, uint64_t word)
{
	size_t need = (p->bit + f->bits + 7) / 8, have = p->out->len - p->start;
	if (f->flags & FIELD_GROUPED && (p->bit - f->group_at) / 8 + f->group > need)
		need = (p->bit - f->group_at) / 8 + f->group;
	if (need > have)
		memset(buf_grow(p->out, need - have), 0, need - have);
	word_write(f, (uint8_t *)p->out->data + p->start, need > have ? need : have, p->bit, word);
	p->bit += f->bits;
	return true;
}

static bool aligned(struct pen *p, const struct field *f)
{
	struct buf label = {0};
	if (p->bit % 8 == 0)
		return true;
	vm_raise(p->s->vm, p->s->vm->errors.ValueError, "%s does not begin at a byte: the bits before it are %zu", field_label(f, &label), p->bit);
	buf_free(&label);
	return false;
}

static bool put_bytes(struct pen *p, const struct field *f, value v)
{
	/* a random default in the class's image: packets are drawn before they are built */
	if (field_is_volatile(v)) {
		buf_fill(p->out, 0, f->bits / 8);
		p->bit += f->bits;
		return true;
	}
	if (!aligned(p, f) || !field_encode(p->s, f, v, p->out))
		return false;
	p->bit = (p->out->len - p->start) * 8;
	return true;
}

/* A number wider than a word, at any bit: its bytes are right-aligned. */
static bool put_wide(struct pen *p, const struct field *f, value v)
{
	struct buf bytes = {0};
	struct field one = *f;
	struct site here = *p->s;
	here.begun = 0;
	bool done = field_encode(&here, f, v, &bytes);
	one.flags &= ~(unsigned)FIELD_LITTLE;
	for (size_t i = 0; done && i < bytes.len; i++) {
		one.bits = i == 0 && f->bits % 8 ? f->bits % 8 : 8;
		put_word(p, &one, (uint8_t)bytes.data[i]);
	}
	buf_free(&bytes);
	return done;
}

static bool put_value(struct pen *p, const struct field *f, value v)
{
	struct vm *vm = p->s->vm;
	uint64_t word = 0;
	f = field_active(p->s, f);
	if (!f)
		return false;
	if (f->bits && !(f->flags & FIELD_WORD) && (f->bits % 8 || p->bit % 8) && !is_raw_val(vm, v))
		return put_wide(p, f, v);
	if (!(f->flags & FIELD_WORD) || !f->bits || is_raw_val(vm, v))
		return put_bytes(p, f, v);
	if ((!is_none(v) || f->computed.what == COMPUTE_TIME) && !is_unset(v) && !field_is_volatile(v) && !field_is_set(f, v) && !f->kind->codec->to_word(vm, f, v, &word))
		return false;
	return put_word(p, f, word);
}

/* As it came, bit for bit. */
static bool put_wire(struct pen *p, const struct field *f, const struct part *part, size_t bit, size_t bits)
{
	struct cursor c = cursor_over(part->frame->bytes, part->frame->len);
	c.bit = bit;
	if (f->flags & FIELD_GROUPED)
		return put_word(p, f, word_read(f, part->frame->bytes, part->frame->len, bit));
	if (p->bit % 8 == 0 && bit % 8 == 0 && bits % 8 == 0) {
		const uint8_t *bytes = cursor_take(&c, bits / 8);
		if (bits && bytes)
			buf_add(p->out, bytes, bits / 8);
		p->bit += bits;
		return true;
	}
	struct field one = *f;
	one.flags &= ~(unsigned)FIELD_LITTLE;
	while (bits > 0) {
		one.bits = bits > 64 ? 64 : (uint32_t)bits;
		put_word(p, &one, cursor_bits(&c, one.bits));
		bits -= one.bits;
	}
	return true;
}

/* From the value. Where one value has several forms, it keeps the one that it came in; so does what was cut short or is
 * otherwise malformed, which the layer is marked with. */
static bool put_again(struct pen *p, unsigned i, size_t bit, size_t bits)
{
	struct stack *stack = p->s->stack;
	const struct part *part = &stack->parts[p->s->at];
	const struct field *f = part->layer->fields[i], *active = NULL;
	size_t from = p->out->len;
	value v = part_get(stack, p->s->at, i);
	active = is_unset(v) ? NULL : field_active(p->s, f);
	bool pointed = active && active->flags & FIELD_POINTS && is_bytes(v) && as_bytes(v)->len + 1 > bits / 8;     /* shorter than the name is written out */
	bool done = active && !pointed && put_value(p, f, v);
	value_drop(v);
	if (!active || !(active->flags & FIELD_FORMS || part->problem) || active->flags & FIELD_GROUPED || bit % 8 || bits % 8)
		return done;
	vm_clear(p->s->vm);
	if (done && p->out->len - from == bits / 8 && (!bits || !memcmp(p->out->data + from, part->frame->bytes + bit / 8, bits / 8)))
		return true;
	p->out->len = from;
	p->bit = (from - p->start) * 8;
	return put_wire(p, f, part, bit, bits);
}

/* Names that moved, and the lists that hold some. What is malformed stays as it came. */
static bool is_spread(const struct site *s, const struct field *f)
{
	if (!world_of(s->vm)->spread_names || s->stack->parts[s->at].problem)
		return false;
	if (!(f->flags & FIELD_POINTS))
		return f->flags & FIELD_PACKETS;
	const struct field *active = field_active(s, f);
	return active && active->flags & FIELD_POINTS && names_spread(s->stack, s->at);
}

static bool put_field(struct pen *p, unsigned i)
{
	struct stack *stack = p->s->stack;
	unsigned at = p->s->at;
	const struct field *f = stack->parts[at].layer->fields[i];
	size_t bit, bits;
	bool spread = is_spread(p->s, f) || (f->flags & FIELD_SIZED && part_steered(stack, at));
	if (part_state(stack, at, i) == STATE_WIRE && part_span(stack, at, i, &bit, &bits) && !spread)
		return p->s->values_only ? put_again(p, i, bit, bits) : put_wire(p, f, &stack->parts[at], bit, bits);
	if (left_to_compute(stack, at, i))
		return put_value(p, f, VALUE_NONE);
	value v = part_state(stack, at, i) == STATE_WIRE && !spread ? value_keep(f->fallback) : part_effective(stack, at, i);
	bool done = !is_unset(v) && put_value(p, f, v);
	value_drop(v);
	return done;
}

static bool present_now(struct pen *p, unsigned i, bool *out)
{
	const struct part *part = &p->s->stack->parts[p->s->at];
	/* a header that came cut short stays so, but for what was set in it since */
	bool behind = i >= part->layer->head_count;
	if (part->dissected && !part->by_hook && (behind ? !part->trail : i >= part->have) && part_state(p->s->stack, p->s->at, i) != STATE_SET) {
		*out = false;
		return true;
	}
	if (part->dissected && (!part->touched || p->s->values_only))
		return part_present(p->s->stack, p->s->at, i, out);
	return field_present(p->s, part->layer->fields[i], out);
}

bool was_given(struct stack *s, unsigned at, unsigned field)
{
	return part_state(s, at, field) == STATE_SET && !is_none(s->parts[at].values[field]);
}

/* A value given to a field that is not there in this packet: Scapy drops it without a word. */
static void warn_not_sent(const struct site *s, unsigned i)
{
	struct buf text = {0};
	not_sent_text(s->stack, s->at, i, &text);
	packet_warn(s->vm, "%s", buf_str(&text));
	buf_free(&text);
}

void not_sent_text(struct stack *s, unsigned at, unsigned field, struct buf *out)
{
	const struct layer *l = s->parts[at].layer;
	const struct field *f = l->fields[field];
	buf_print(out, "%s.%s is set but not sent: ", layer_class_name(l), f->name->data);
	if (f->condition.expr)
		buf_print(out, "it is there only when %s", expr_text(f->condition.expr));
	else
		buf_text(out, "its condition does not hold");
}

static bool put_leaf(void *state, unsigned field)
{
	struct pen *p = state;
	p->bit = (p->out->len - p->start) * 8;
	return put_field(p, field);
}

static bool encode_each(const struct site *site, struct buf *out, struct marks *marks)
{
	const struct layer *l = site->stack->parts[site->at].layer;
	struct site here = *site, *s = &here;
	struct pen p = { s, out, out->len, 0 };
	here.begun = out->len;
	if (l->root)
		return asn1_encode(s, out, marks, put_leaf, &p);
	if (l->first_line)
		return text_encode(s, out, marks, put_leaf, &p);
	for (unsigned n = 0; n < l->count; n++) {
		unsigned i = n < l->head_count ? n : l->count - 1 - (n - l->head_count);
		bool present;
		if (!present_now(&p, i, &present))
			return false;
		marks->at[i] = (uint32_t)p.bit | (present ? 0 : SPAN_ABSENT);
		if (!present && !s->values_only && was_given(s->stack, s->at, i))
			warn_not_sent(s, i);
		if (present && !put_field(&p, i))
			return false;
	}
	marks->at[l->count] = (uint32_t)p.bit;
	size_t len = out->len - p.start;
	int64_t pads = l->header_pad && len % l->header_pad;
	if (pads && l->header_pad_when && !expr_run(s, l->header_pad_when, 0, 0, &pads))
		return false;
	if (pads && (!s->stack->parts[s->at].dissected || part_state(s->stack, s->at, l->count - 1) == STATE_SET))
		buf_fill(out, 0, l->header_pad - len % l->header_pad);
	return true;
}

bool encode_fields(const struct site *s, struct buf *out, struct marks *marks)
{
	struct world *w = world_of(s->vm);
	bool before = w->spread_names;
	w->spread_names = before || (!s->values_only && moves(s->stack, s->at));
	bool done = encode_each(s, out, marks);
	w->spread_names = before;
	return done;
}
