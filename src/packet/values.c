/* The value of a field: set, as it came, set by the payload, or the default. */
#include <string.h>

#include "base/mem.h"
#include "packet/asn1_field.h"
#include "packet/field_own.h"
#include "packet/packet.h"
#include "packet/world.h"

static enum field_state raw_state(const struct part *p, unsigned field)
{
	if (!p->dissected)
		return p->states ? (enum field_state)p->states[field] : STATE_DEFAULT;
	enum field_state state = p->states ? (enum field_state)p->states[field] : STATE_WIRE;
	if (state == STATE_WIRE && p->layer->first_line && p->spans.many[2 * field] & SPAN_ABSENT)
		return STATE_DEFAULT;
	if (state == STATE_WIRE && field >= p->layer->head_count)
		return p->trail ? STATE_WIRE : STATE_DEFAULT;
	return state == STATE_WIRE && field >= p->have ? STATE_DEFAULT : state;
}

unsigned part_next_given(const struct part *p, unsigned from)
{
	unsigned count = p->layer->count;
	if (!p->states)
		return count;
	if (from < 64 && p->given >> from)
		return from + (unsigned)__builtin_ctzll(p->given >> from);
	for (from = from < 64 ? 64 : from; from < count && p->states[from] == STATE_DEFAULT; from++)
		;
	return from < count ? from : count;
}

/* ---- as it came ---- */

/* Behind the payload the last declared comes first. */
static bool trail_span(const struct part *p, unsigned field, size_t *bit, size_t *bits)
{
	const struct layer *l = p->layer;
	*bits = l->fields[field]->bits;
	*bit = ((size_t)p->trail - 1) * 8;
	for (unsigned i = field + 1; p->trail && i < l->count; i++)
		*bit += l->fields[i]->bits;
	return p->trail != 0;
}

static inline bool span_of(const struct part *p, unsigned field, size_t *bit, size_t *bits)
{
	const struct layer *l = p->layer;
	if (!p->dissected || (field >= p->have && !(p->trail && field >= l->head_count)))
		return false;
	if (field >= l->head_count)
		return trail_span(p, field, bit, bits);
	if (layer_scattered(l))
		return asn1_span(p, field, bit, bits);
	if (field < l->fixed_count) {
		*bit = (size_t)p->start * 8 + (size_t)l->rows[field].offset;
		*bits = l->fields[field]->bits;
		return true;
	}
	const uint32_t *span = &part_spans(p)[field - l->fixed_count];
	*bit = span[0] & ~SPAN_ABSENT;
	*bits = (span[1] & ~SPAN_ABSENT) - *bit;
	return !(span[0] & SPAN_ABSENT);
}

bool part_span(struct stack *s, unsigned at, unsigned field, size_t *bit, size_t *bits)
{
	return span_of(&s->parts[at], field, bit, bits);
}

/* Does reading it run code of the user's, or read whole packets? */
static bool asks_functions(const struct field *f)
{
	const struct length *test;
	bool asks = f->plain || f->flags & FIELD_PACKETS || !is_unset(f->length_from.call) || !is_unset(f->count_from.call) || !is_unset(f->item_class) ||
	            (f->inner && asks_functions(f->inner));
	for (unsigned k = 0; !asks && (test = field_choice(f, k)); k++)
		asks = !is_unset(test->call) || asks_functions(field_choice_field(f, k));
	return asks;
}

/* The number in a field that stands at a fixed place, as it came. */
static inline bool fixed_word(const struct part *p, unsigned field, uint64_t *word)
{
	const struct layer *l = p->layer;
	if (part_placed(p, field, word))
		return true;
	if (!p->dissected || field >= l->fixed_count || field >= p->have || (p->states && p->states[field] != STATE_WIRE))
		return false;
	*word = word_read(l->fields[field], p->frame->bytes, p->frame->len, (size_t)p->start * 8 + (size_t)l->rows[field].offset);
	return true;
}

static value wire_value(struct stack *s, unsigned at, unsigned field)
{
	const struct part *p = &s->parts[at];
	const struct field *f = p->layer->fields[field];
	size_t bit, bits;
	uint64_t word;
	if (f->flags & FIELD_WORD && fixed_word(p, field, &word))
		return f->kind->codec->of_word(s->vm, f, word);
	if (!span_of(p, field, &bit, &bits))
		return VALUE_NONE;
	if (f->flags & FIELD_WORD && f->bits)
		return f->kind->codec->of_word(s->vm, f, word_read(f, p->frame->bytes, p->frame->len, bit));
	struct cursor c = cursor_over(p->frame->bytes, (bit + bits + 7) / 8);
	c.bit = bit;
	struct site site = { .vm = s->vm, .stack = s, .at = at, .cursor = &c };
	if (f->flags & FIELD_CHOICE && bits % 8) {
		f = field_active(&site, f);
		bool plain = f && f->flags & FIELD_WORD && f->bits == bits;
		return plain ? f->kind->codec->of_word(s->vm, f, word_read(f, p->frame->bytes, p->frame->len, bit)) : VALUE_NONE;
	}
	if (!p->states || !p->touched || asks_functions(f))
		return field_decode(&site, f, &c, bits);
	/* what decides its length or kind may have been set since: the bytes mean what they meant when they came */
	uint8_t *states = p->states;
	s->parts[at].states = NULL;
	value v = field_decode(&site, f, &c, bits);
	s->parts[at].states = states;
	return v;
}

bool part_came_word(const struct part *p, unsigned field, uint64_t *word)
{
	const struct field *f = p->layer->fields[field];
	size_t bit, bits;
	if (!(f->flags & FIELD_WORD))
		return false;
	if (fixed_word(p, field, word))
		return true;
	if (!f->bits || raw_state(p, field) != STATE_WIRE || !span_of(p, field, &bit, &bits))
		return false;
	*word = word_read(f, p->frame->bytes, p->frame->len, bit);
	return true;
}

const uint8_t *part_came_bytes(const struct part *p, unsigned field)
{
	const struct field *f = p->layer->fields[field];
	size_t bit, bits;
	if (!f->bits || f->flags & FIELD_WORD || raw_state(p, field) != STATE_WIRE || !span_of(p, field, &bit, &bits))
		return NULL;
	bool whole = bits == f->bits && !(bit % 8) && !(bits % 8) && (bit + bits) / 8 <= p->frame->len;
	return whole ? p->frame->bytes + bit / 8 : NULL;
}

bool part_is_wire_word(const struct part *p, unsigned field)
{
	const struct field *f = p->layer->fields[field];
	return p->dissected && field < p->have && (!p->states || p->states[field] == STATE_WIRE) && f->flags & FIELD_WORD && f->bits;
}

/* ---- the default ---- */

bool part_overload(struct stack *s, unsigned at, unsigned field, value *out)
{
	if (at + 1u >= s->count)
		return false;
	const struct overload *o = layer_overload(s->parts[at + 1].layer, s->parts[at].layer->type);
	for (unsigned i = 0; o && i < o->count; i++)
		if (o->sets[i].field == field) {
			*out = o->sets[i].is;
			return true;
		}
	return false;
}

/* BORROWED. */
static value default_value(struct stack *s, unsigned at, unsigned field)
{
	value v;
	const struct field *f = s->parts[at].layer->fields[field], *active = f;
	if (part_overload(s, at, field, &v))
		return v;
	if (f->flags & FIELD_CHOICE && !(active = field_active(&(struct site){ .vm = s->vm, .stack = s, .at = at }, f))) {
		vm_clear(s->vm);                /* a user's condition that fails is told where it decides something */
		active = f;
	}
	return active->fallback;
}

/* ---- reading ---- */

static bool can_change(const struct field *f, value v)
{
	return v.tag == TAG_OBJECT && (f->flags & (FIELD_MUTABLE | FIELD_LIST)) &&
	       (v.o->kind == KIND_LIST || v.o->kind == KIND_FLAGS || v.o->kind == KIND_PACKET || v.o->kind == KIND_DICT || is_asn1(v.o->type->vm, v));
}

/* A value that can change stays with its layer from here on, so that changing it reaches the wire. */
static value hand_out(struct stack *s, unsigned at, unsigned field, TAKES value v, enum field_state state)
{
	part_put(s, at, field, value_keep(v), state);
	return v;
}

value part_get(struct stack *s, unsigned at, unsigned field)
{
	struct part *p = &s->parts[at];
	const struct field *f = p->layer->fields[field];
	value v;
	switch (raw_state(p, field)) {
	case STATE_WIRE:
		v = wire_value(s, at, field);
		return can_change(f, v) ? hand_out(s, at, field, v, STATE_READ_WIRE) : v;
	case STATE_DEFAULT:
		v = default_value(s, at, field);
		if (!can_change(f, v))
			return value_keep(v);
		v = field_copy_value(s->vm, f, v);
		return is_unset(v) ? v : hand_out(s, at, field, v, STATE_READ_DEFAULT);
	default:
		v = value_keep(p->values[field]);
		v.spare = 0;
		return v;
	}
}

value part_look(struct stack *s, unsigned at, unsigned field)
{
	const struct part *p = &s->parts[at];
	switch (raw_state(p, field)) {
	case STATE_WIRE:    return wire_value(s, at, field);
	case STATE_DEFAULT: return value_keep(default_value(s, at, field));
	default:            return part_get(s, at, field);
	}
}

/* Was the value that was handed out changed since? Compared with a fresh one. */
static bool changed(struct stack *s, unsigned at, unsigned field, bool on_wire)
{
	const struct part *p = &s->parts[at];
	value now = p->values[field], fresh = on_wire ? wire_value(s, at, field) : value_keep(default_value(s, at, field));
	bool same = false;
	if (is_unset(fresh) || !value_equal(s->vm, now, fresh, &same))
		vm_clear(s->vm);
	value_drop(fresh);
	return !same;
}

enum field_state part_state(struct stack *s, unsigned at, unsigned field)
{
	enum field_state state = raw_state(&s->parts[at], field);
	if (state == STATE_READ_WIRE)
		return changed(s, at, field, true) ? STATE_SET : STATE_WIRE;
	if (state == STATE_READ_DEFAULT)
		return changed(s, at, field, false) ? STATE_SET : STATE_DEFAULT;
	return state;
}

bool part_as_it_came(struct stack *s, unsigned at)
{
	const struct part *p = &s->parts[at];
	if (!p->dissected || !p->touched)
		return p->dissected;
	for (unsigned i = 0; p->states && i < p->layer->count; i++)
		if (p->states[i] != STATE_WIRE && part_state(s, at, i) != (i < p->have ? STATE_WIRE : STATE_DEFAULT))
			return false;
	return true;
}

bool part_is_default(struct stack *s, unsigned at, unsigned field)
{
	value unused;
	return part_state(s, at, field) == STATE_DEFAULT && !part_overload(s, at, field, &unused);
}

bool part_is_empty(struct stack *s, unsigned at, unsigned field)
{
	const struct part *p = &s->parts[at];
	size_t bit, bits;
	value fallback = p->layer->fields[field]->fallback;
	if (!(p->layer->fields[field]->flags & FIELD_LIST))
		return false;
	switch (raw_state(p, field)) {
	case STATE_WIRE:    return !span_of(p, field, &bit, &bits) || bits == 0;
	case STATE_DEFAULT: return is_none(fallback) || (is_kind(fallback, KIND_LIST) && as_list(fallback)->count == 0);
	default:            return false;
	}
}

bool part_steered(struct stack *s, unsigned at)
{
	const struct layer *l = s->parts[at].layer;
	for (unsigned i = 0; i < l->count; i++)
		if (l->rows[i].steers && part_state(s, at, i) == STATE_SET)
			return true;
	return false;
}

bool part_present(struct stack *s, unsigned at, unsigned field, bool *out)
{
	size_t bit, bits;
	struct part *p = &s->parts[at];
	if (layer_scattered(p->layer)) {                   /* what is not there is None */
		*out = true;
		return true;
	}
	if (p->dissected && field < p->have && (!p->touched || (!p->layer->wanders && !part_steered(s, at)))) {
		*out = span_of(p, field, &bit, &bits);
		return true;
	}
	return field_present(&(struct site){ .vm = s->vm, .stack = s, .at = at }, p->layer->fields[field], out);
}

/* ---- numbers, quickly ---- */

static bool number_of(value v, int64_t *out)
{
	uint64_t number;
	if (v.tag == TAG_OBJECT && is_asn1(v.o->type->vm, v))
		v = as_asn1(v)->val;
	if (v.tag == TAG_INT)
		*out = v.i;
	else if (v.tag == TAG_BOOL)
		*out = v.b;
	else if (is_kind(v, KIND_FLAGS))
		*out = (int64_t)((struct flag_value *)v.o)->number;
	else if (v.tag == TAG_OBJECT && is_kind(v, KIND_BIGINT) && int_to_u64(v, &number))
		*out = (int64_t)number;
	else
		return false;
	return true;
}

/* Of a number that is not one word: its width varies, or it is padded. */
static bool wire_int(struct stack *s, unsigned at, unsigned field, int64_t *out)
{
	value v = wire_value(s, at, field);
	bool is = !is_unset(v) && number_of(v, out);
	value_drop(v);
	return is;
}

bool part_int(struct stack *s, unsigned at, unsigned field, int64_t *out)
{
	const struct part *p = &s->parts[at];
	const struct field *f = p->layer->fields[field];
	uint64_t word;
	if ((f->flags & (FIELD_NUMBER | FIELD_SIGNED)) == FIELD_NUMBER && fixed_word(p, field, &word)) {
		*out = (int64_t)word;
		return true;
	}
	enum field_state state = raw_state(p, field);
	size_t bit, bits;
	if (state == STATE_DEFAULT)
		return number_of(default_value(s, at, field), out);
	if (state != STATE_WIRE)
		return number_of(p->values[field], out);
	if (f->flags & (FIELD_NUMBER | FIELD_CHOICE) && !(f->flags & FIELD_WORD && f->bits))
		return wire_int(s, at, field, out);
	if (!(f->flags & FIELD_NUMBER) || !span_of(p, field, &bit, &bits))
		return false;
	word = word_read(f, p->frame->bytes, p->frame->len, bit);
	*out = f->flags & FIELD_SIGNED ? (int64_t)(word << (64 - f->bits)) >> (64 - f->bits) : (int64_t)word;
	return true;
}

bool part_word(struct stack *s, unsigned at, unsigned field, uint64_t *word)
{
	const struct part *p = &s->parts[at];
	const struct field *f = p->layer->fields[field];
	size_t bit, bits;
	if (fixed_word(p, field, word))
		return true;
	enum field_state state = raw_state(p, field);
	if (state == STATE_WIRE) {
		if (!span_of(p, field, &bit, &bits))
			return false;
		*word = word_read(f, p->frame->bytes, p->frame->len, bit);
		return true;
	}
	if (state == STATE_SET && part_worded(p, field)) {
		*word = p->words[field];
		return true;
	}
	value v = state == STATE_DEFAULT ? default_value(s, at, field) : p->values[field];
	if (is_none(v) || is_unset(v) || field_is_set(f, v) || is_raw_val(s->vm, v) || field_is_volatile(v))
		return false;
	if (f->kind->codec->to_word(s->vm, f, v, word))
		return true;
	vm_clear(s->vm);
	return false;
}

bool part_is_none(struct stack *s, unsigned at, unsigned field)
{
	const struct part *p = &s->parts[at];
	size_t bit, bits;
	switch (raw_state(p, field)) {
	case STATE_WIRE:    return !span_of(p, field, &bit, &bits);
	case STATE_DEFAULT: return is_none(default_value(s, at, field));
	default:            return is_none(p->values[field]);
	}
}

/* A list that nobody has read yet, nor changed anything on which it depends. */
static bool is_list_as_it_came(const struct part *p, unsigned field, size_t *bit, size_t *bits)
{
	return p->layer->fields[field]->flags & FIELD_PACKETS && !p->touched && raw_state(p, field) == STATE_WIRE && span_of(p, field, bit, bits);
}

bool part_has_items(struct stack *s, unsigned at, unsigned field)
{
	const struct field *f = s->parts[at].layer->fields[field];
	size_t bit, bits;
	return f->kind->codec->full && is_list_as_it_came(&s->parts[at], field, &bit, &bits) && bits && f->kind->codec->full(f);
}

value part_item(struct stack *s, unsigned at, unsigned field, size_t nth)
{
	const struct part *p = &s->parts[at];
	const struct field *f = p->layer->fields[field];
	const value *items;
	size_t bit, bits, count;
	if (f->kind->codec->item && is_list_as_it_came(p, field, &bit, &bits)) {
		struct cursor c = cursor_over(p->frame->bytes, (bit + bits + 7) / 8);
		c.bit = bit;
		return f->kind->codec->item(&(struct site){ .vm = s->vm, .stack = s, .at = at, .cursor = &c }, f, &c, bits / 8, nth);
	}
	value list = part_look(s, at, field), item = VALUE_UNSET;
	if (!is_unset(list) && value_items(list, &items, &count) && nth < count)
		item = value_keep(items[nth]);
	value_drop(list);
	return item;
}

int64_t part_weight(struct stack *s, unsigned at, unsigned field)
{
	if (part_is_empty(s, at, field))
		return 0;
	value v = part_get(s, at, field);
	size_t length = 0;
	int64_t number = 0;
	bool truth = false;
	if (is_unset(v))
		return 0;
	if (number_of(v, &number))
		length = (size_t)number;
	else if (v.tag == TAG_OBJECT && !is_packet(v) && value_length(s->vm, v, &length))
		;
	else
		length = value_truth(s->vm, v, &truth) && truth;
	vm_clear(s->vm);
	value_drop(v);
	return (int64_t)length;
}

size_t part_payload_length(struct stack *s, unsigned at)
{
	const struct part *p = &s->parts[at];
	unsigned last = at + 1u;
	while (last < s->count && !part_pads(s, last))
		last++;
	if (last == at + 1u)
		return p->dissected && s->count == at + 1u ? p->end - p->header_end : 0;
	bool as_it_came = p->dissected;
	for (unsigned i = at + 1u; i < last; i++)
		as_it_came &= s->parts[i].dissected && !s->parts[i].touched && s->parts[i].frame == p->frame;
	if (as_it_came)
		return p->end - p->header_end;
	struct buf out = {0};
	size_t length = 0;
	for (unsigned i = at + 1u; i <= at + 1u; i++)
		length = stack_encode(s, i, &out) ? out.len : 0;
	for (unsigned i = last; i < s->count; i++) {
		buf_clear(&out);
		length -= stack_encode(s, i, &out) && out.len <= length ? out.len : 0;
		break;
	}
	vm_clear(s->vm);
	buf_free(&out);
	return length;
}

/* ---- setting ---- */

/* The order in which Scapy keeps fields: those with a list as default from the start; what the constructor was given or the
 * wire had, as declared; then one after the other. A field set again keeps its place. */
enum { ORDER_DECLARED = 1 << 15, ORDER_SET = 1 << 16 };

static bool holds_list(const struct field *f)
{
	return is_packet(f->fallback) || (is_kind(f->fallback, KIND_LIST) && (f->inner || f->flags & FIELD_PACKETS));
}

static uint32_t declared_order(const struct layer *l, unsigned field)
{
	return holds_list(l->fields[field]) ? field + 1 : ORDER_DECLARED + field;
}

static uint32_t order_of(struct stack *s, unsigned at, unsigned field)
{
	const struct part *p = &s->parts[at];
	if (p->states && p->states[field] == STATE_SET)
		return p->values[field].spare ? p->values[field].spare : declared_order(p->layer, field);
	if (p->dissected || holds_list(p->layer->fields[field]))
		return declared_order(p->layer, field);
	return ORDER_SET + ++s->sets;
}

unsigned part_given(struct stack *s, unsigned at, unsigned *order)
{
	const struct part *p = &s->parts[at];
	unsigned count = 0;
	for (unsigned i = 0; i < p->layer->count; i++) {
		enum field_state state = part_state(s, at, i);
		if (state == STATE_DEFAULT)
			continue;
		uint32_t own = state == STATE_SET && p->values[i].spare ? p->values[i].spare : declared_order(p->layer, i);
		unsigned k = count++;
		for (; k > 0; k--) {
			uint32_t before = p->values && p->values[order[k - 1]].spare ? p->values[order[k - 1]].spare : declared_order(p->layer, order[k - 1]);
			if (before <= own)
				break;
			order[k] = order[k - 1];
		}
		order[k] = i;
	}
	return count;
}

/* A list that came from a wire is read by its count: before the count is given up, the list is read and kept. */
static bool read_counted(struct stack *s, unsigned at, unsigned field)
{
	const struct part *p = &s->parts[at];
	const struct computed *c = &p->layer->fields[field]->computed;
	int of = p->layer->rows[field].of;
	if (!p->dissected || c->what != COMPUTE_COUNT || of < 0 || part_state(s, at, (unsigned)of) == STATE_SET)
		return true;
	value v = part_get(s, at, (unsigned)of);
	value_drop(v);
	return !is_unset(v);
}

/* Which of several fields one is may depend on what is set now: where functions of the user's say so, it is read before. */
static bool read_chosen(struct stack *s, unsigned at, unsigned field)
{
	const struct part *p = &s->parts[at];
	if (!p->dissected || !p->layer->choices || !p->layer->rows[field].steers)
		return true;
	for (unsigned i = 0; i < p->layer->count; i++, p = &s->parts[at]) {
		const struct field *f = p->layer->fields[i];
		if (i == field || !(f->flags & FIELD_CHOICE) || raw_state(p, i) != STATE_WIRE || !asks_functions(f))
			continue;
		value v = part_get(s, at, i);
		if (is_unset(v))
			return false;
		part_put(s, at, i, v, STATE_READ_WIRE);
	}
	return true;
}

static bool set(struct stack *s, unsigned at, unsigned field, value given, bool made)
{
	struct part *p = &s->parts[at];
	value accepted;
	const struct field *f = p->layer->fields[field];
	uint64_t word = 0;
	bool worded = f->kind->codec->accept_word && f->kind->codec->accept_word(s->vm, f, given, &accepted, &word);
	if (worded && made && field < 64) {
		part_put_word(s, at, field, accepted, word);
		return true;
	}
	if (!worded && (f->plain ? !own_accept(&(struct site){ .vm = s->vm, .stack = s, .at = at }, f, given, &accepted)
	                         : !field_accept(s->vm, f, given, &accepted)))
		return false;
	if (!made && ((is_none(accepted) && !read_counted(s, at, field)) || !read_chosen(s, at, field))) {
		value_drop(accepted);
		return false;
	}
	p = &s->parts[at];                      /* accepting may have run code of the user's */
	accepted.spare = made ? declared_order(p->layer, field) : order_of(s, at, field);
	p->unsteady |= !worded && (field_is_volatile(accepted) || field_is_set(f, accepted));
	part_put(s, at, field, accepted, STATE_SET);
	p->words[field] = word;
	p->worded |= worded && field < 64 ? UINT64_C(1) << field : 0;
	return true;
}

/* ActionField: the packet is told before the value is there, as in Scapy. */
static bool told(struct stack *s, unsigned at, unsigned field, value given)
{
	struct field *f = s->parts[at].layer->fields[field];
	if (is_unset(f->action))
		return true;
	value packet = packet_object(s, at);
	bool done = field_act(s->vm, f, packet, given);
	value_drop(packet);
	return done;
}

bool part_set(struct stack *s, unsigned at, unsigned field, value given)
{
	return told(s, at, field, given) && set(s, at, field, given, false);
}

bool part_set_word(struct stack *s, unsigned at, unsigned field, uint64_t word)
{
	const struct field *f = s->parts[at].layer->fields[field];
	value v = f->kind->codec->of_word(s->vm, f, word);
	bool ok = !is_unset(v) && part_set(s, at, field, v);
	value_drop(v);
	return ok;
}

bool part_make(struct stack *s, unsigned at, unsigned field, value given)
{
	return told(s, at, field, given) && set(s, at, field, given, true);
}

/* Values of fields that depend on others are accepted when those are known: at the end of the constructor, or of the
 * assignment. A value that does not fit is dropped again; *field says which one. */
bool part_settle(struct stack *s, unsigned at, unsigned *field)
{
	struct vm *vm = s->vm;
	for (unsigned i = 0; s->parts[at].layer->choices && s->parts[at].states && i < s->parts[at].layer->count; i++) {
		const struct field *f = s->parts[at].layer->fields[i];
		value accepted, now = s->parts[at].values[i];
		if (!(f->flags & FIELD_CHOICE) || s->parts[at].states[i] != STATE_SET || is_none(now))
			continue;
		const struct field *active = field_active(&(struct site){ .vm = vm, .stack = s, .at = at }, f);
		if (!active || !field_accept(vm, active, now, &accepted)) {
			*field = i;
			part_delete(s, at, i);
			return false;
		}
		accepted.spare = s->parts[at].values[i].spare;
		s->parts[at].unsteady |= field_is_volatile(accepted) || field_is_set(active, accepted);
		part_put(s, at, i, accepted, STATE_SET);
	}
	return true;
}

bool part_delete(struct stack *s, unsigned at, unsigned field)
{
	if (!read_counted(s, at, field))
		return false;
	part_put(s, at, field, VALUE_UNSET, STATE_DEFAULT);
	return true;
}
