/* The anatomy of a packet: one row a field in the order of the wire, with its place in bits, its value, how it is shown, and what it
 * should be where the layer could work it out. What explain(), svgdump() and their kin are drawn from, in the language. */
#include <string.h>

#include "base/mem.h"
#include "packet/encode.h"
#include "packet/printing.h"
#include "packet/world.h"

enum { DEPTH_MAX = 20 };

struct anatomy {
	struct vm *vm;
	struct list *rows;
	const struct frame *frame;      /* places are counted in this one */
	size_t base;                    /* from this byte of it */
	unsigned depth;
};

struct entry {
	struct stack *s;
	unsigned at;
	const struct field *field;      /* NULL: the layer itself */
	const char *label, *text, *mark;/* mark: what is wrong, or NULL */
	size_t bit, bits;               /* in the frame */
	value is, expected;             /* BORROWED; unset: None */
};

static value text_or_none(struct vm *vm, const char *text)
{
	return text ? str_value(vm, text) : VALUE_NONE;
}

static value or_none(value v)
{
	return is_unset(v) ? VALUE_NONE : value_keep(v);
}

/* (depth, layer, field, label, bit, bits, value, text, expected, mark); bit is None for what lies in other bytes than the packet's. */
static void add_row(struct anatomy *a, const struct entry *e)
{
	const struct part *p = &e->s->parts[e->at];
	bool placed = p->frame == a->frame && e->bit >= a->base * 8;
	value row[] = {
		value_int(a->depth), packet_object(e->s, e->at), e->field ? value_object(object_keep((struct field *)e->field)) : VALUE_NONE,
		str_value(a->vm, e->label), placed ? value_int((int64_t)(e->bit - a->base * 8)) : VALUE_NONE, value_int((int64_t)e->bits),
		or_none(e->is), str_value(a->vm, e->text), or_none(e->expected), text_or_none(a->vm, e->mark),
	};
	enum { CELLS = sizeof row / sizeof *row };
	list_append(a->rows, tuple_of(a->vm, CELLS, row));
	for (unsigned i = 0; i < CELLS; i++)
		value_drop(row[i]);
}

static bool works_out(const struct field *f)
{
	enum compute what = f->computed.what;
	return what == COMPUTE_LENGTH || what == COMPUTE_COUNT || what == COMPUTE_CHECKSUM;
}

/* What building would put there, everything else as it is. Unset: not to be known. */
static value expected_value(struct stack *s, unsigned at, unsigned field, size_t bit)
{
	const struct field *f = s->parts[at].layer->fields[field];
	struct stack *copy = stack_copy(s, 0);
	struct buf out = {0};
	value v = VALUE_UNSET;
	size_t base = (size_t)s->parts[0].start * 8;
	bool built = copy && copy->parts[0].frame == s->parts[at].frame && part_set(copy, at, field, VALUE_NONE) && stack_encode(copy, 0, &out);
	if (built && bit >= base && bit - base + f->bits <= out.len * 8)
		v = f->kind->codec->of_word(s->vm, f, word_read(f, (const uint8_t *)out.data, out.len, bit - base));
	vm_clear(s->vm);                /* what can't be worked out is not told */
	buf_free(&out);
	if (copy)
		stack_drop(copy);
	return v;
}

static bool add_stack(struct anatomy *a, struct stack *s, unsigned at);

struct field_piece_place { struct anatomy *a; const struct entry *of; };

static bool add_piece(void *state, const struct field_piece *piece)
{
	const struct field_piece_place *place = state;
	struct entry e = *place->of;
	e.label = piece->label;
	e.text = piece->text;
	e.mark = piece->problem;
	e.bit = piece->start * 8;
	e.bits = (piece->end - piece->start) * 8;
	e.is = e.expected = VALUE_UNSET;
	place->a->depth++;
	add_row(place->a, &e);
	place->a->depth--;
	return true;
}

static bool add_pieces(struct anatomy *a, const struct entry *e)
{
	const struct part *p = &e->s->parts[e->at];
	struct cursor c = cursor_over(p->frame->bytes, (e->bit + e->bits) / 8);
	struct site site = { .vm = a->vm, .stack = e->s, .at = e->at, .cursor = &c };
	const struct field *f = field_active(&site, e->field);
	c.bit = e->bit;
	if (!f || !f->kind->codec->pieces || e->bit % 8 || e->bits % 8)
		return f != NULL;
	return f->kind->codec->pieces(&site, f, &c, e->bits / 8, add_piece, &(struct field_piece_place){ a, e });
}

/* The packets of a field, each drawn as a packet of its own. */
static bool add_packets(struct anatomy *a, value v)
{
	const value *items = &v;
	size_t count = is_packet(v);
	bool ok = a->depth < DEPTH_MAX;
	if (!count)
		value_items(v, &items, &count);
	a->depth++;
	for (size_t i = 0; ok && i < count; i++)
		if (is_packet(items[i]) && as_packet(items[i])->stack->parts[as_packet(items[i])->at].frame == a->frame)
			ok = add_stack(a, as_packet(items[i])->stack, as_packet(items[i])->at);
	a->depth--;
	return ok;
}

static bool add_field(struct anatomy *a, struct stack *s, unsigned at, unsigned field)
{
	const struct field *f = s->parts[at].layer->fields[field];
	struct entry e = { .s = s, .at = at, .field = f, .label = f->name->data, .is = VALUE_UNSET, .expected = VALUE_UNSET };
	struct buf text = {0};
	if (!part_span(s, at, field, &e.bit, &e.bits))
		return true;
	value v = part_get(s, at, field);
	bool packets = (f->flags & FIELD_PACKETS) && (is_packet(v) || is_kind(v, KIND_LIST));
	bool ok = !is_unset(v) && (packets || show_field(s, at, field, &text));
	if (ok && works_out(f) && f->bits)
		e.expected = expected_value(s, at, field, e.bit);
	if (ok) {
		e.is = v;
		e.text = buf_str(&text);
		add_row(a, &e);
		ok = packets ? add_packets(a, v) : add_pieces(a, &e);
	}
	value_drop(e.expected);
	value_drop(v);
	buf_free(&text);
	return ok;
}

/* Bytes of the header behind its last field. */
static void add_rest(struct anatomy *a, struct stack *s, unsigned at, size_t from)
{
	const struct part *p = &s->parts[at];
	if (from / 8 < p->header_end)
		add_row(a, &(struct entry){ .s = s, .at = at, .label = "padding", .text = "", .bit = from, .bits = (size_t)p->header_end * 8 - from,
			.is = VALUE_UNSET, .expected = VALUE_UNSET });
}

static bool add_layer(struct anatomy *a, struct stack *s, unsigned at)
{
	const struct part *p = &s->parts[at];
	size_t end = (size_t)p->start * 8, bit, bits;
	add_row(a, &(struct entry){ .s = s, .at = at, .label = "", .text = p->layer->name->data, .mark = p->problem, .bit = end,
		.bits = (size_t)(p->header_end - p->start) * 8, .is = VALUE_UNSET, .expected = VALUE_UNSET });
	for (unsigned f = 0; f < p->layer->count; f++) {
		if (!add_field(a, s, at, f))
			return false;
		if (part_span(s, at, f, &bit, &bits) && bit + bits > end)
			end = bit + bits;
	}
	add_rest(a, s, at, end);
	return true;
}

static bool add_stack(struct anatomy *a, struct stack *s, unsigned at)
{
	bool ok = true;
	for (unsigned i = at; ok && i < s->count && s->parts[i].dissected; i++)
		ok = add_layer(a, s, i);
	return ok;
}

static value function_anatomy(struct vm *vm, value *args)
{
	if (!is_packet(args[0]) || !packet_part(as_packet(args[0]))->dissected)
		return vm_raise(vm, vm->errors.TypeError, "_anatomy() takes a packet that was dissected, not %s", value_type_name(vm, args[0]));
	struct packet *p = as_packet(args[0]);
	struct anatomy a = { .vm = vm, .rows = list_new(vm, 64), .frame = packet_part(p)->frame, .base = packet_part(p)->start };
	if (add_stack(&a, p->stack, p->at))
		return value_object(a.rows);
	object_drop(a.rows);
	return VALUE_UNSET;
}

/* ---- what a declaration says of a field ---- */

static const char *const WHAT[] = {
	[COMPUTE_NOTHING] = "", [COMPUTE_LENGTH] = "length", [COMPUTE_COUNT] = "count", [COMPUTE_CHECKSUM] = "checksum",
	[COMPUTE_ROUTE] = "route", [COMPUTE_TIME] = "time",
};
static const char *const OF[] = {
	[OF_FIELD] = "field", [OF_LAYER] = "layer", [OF_PAYLOAD] = "payload", [OF_LAYER_AND_PAYLOAD] = "layer+payload",
};

/* {"what": "length", "of": "layer+payload", "adjust": "x // 4", ...} */
static value function_facts(struct vm *vm, value *args)
{
	if (!is_field(args[0]))
		return vm_raise(vm, vm->errors.TypeError, "_field_facts() takes a field, not %s", value_type_name(vm, args[0]));
	const struct field *f = as_field(args[0]);
	const struct computed *c = &f->computed;
	struct dict *d = dict_new(vm);
	dict_set_text(vm, d, "what", str_value(vm, WHAT[c->what]));
	dict_set_text(vm, d, "of", c->of_name ? value_object(object_keep(c->of_name)) : str_value(vm, OF[c->of]));
	dict_set_text(vm, d, "adjust", text_or_none(vm, c->adjust ? expr_text(c->adjust) : NULL));
	dict_set_text(vm, d, "pseudo_header", c->what == COMPUTE_CHECKSUM ? value_int(c->pseudo_header) : VALUE_NONE);
	dict_set_text(vm, d, "zero_as", value_int(c->zero_as));
	dict_set_text(vm, d, "present", text_or_none(vm, f->condition.expr ? expr_text(f->condition.expr) : NULL));
	dict_set_text(vm, d, "conditional", value_bool(field_has_length(&f->condition)));
	dict_set_text(vm, d, "length_from", text_or_none(vm, f->length_from.expr ? expr_text(f->length_from.expr) : NULL));
	dict_set_text(vm, d, "count_from", text_or_none(vm, f->count_from.expr ? expr_text(f->count_from.expr) : NULL));
	dict_set_text(vm, d, "bits", value_int(f->bits));
	dict_set_text(vm, d, "limit", value_int(f->limit));
	dict_set_text(vm, d, "signed", value_bool(f->flags & FIELD_SIGNED));
	dict_set_text(vm, d, "little", value_bool(f->flags & FIELD_LITTLE));
	dict_set_text(vm, d, "number", value_bool(f->flags & FIELD_NUMBER));
	dict_set_text(vm, d, "hex", value_bool(f->flags & FIELD_HEX));
	dict_set_text(vm, d, "packets", f->packets ? value_object(object_keep(f->packets)) : VALUE_NONE);
	return value_object(d);
}

static value function_layer_facts(struct vm *vm, value *args)
{
	const struct layer *l = is_kind(args[0], KIND_TYPE) ? layer_of((struct type *)args[0].o) : NULL;
	if (!l)
		return vm_raise(vm, vm->errors.TypeError, "_layer_facts() takes a layer class, not %s", value_type_name(vm, args[0]));
	struct dict *d = dict_new(vm);
	struct list *rows = list_new(vm, l->binding_count);
	for (unsigned i = 0; i < l->binding_count; i++) {
		const struct binding *b = &l->bindings[i];
		struct dict *values = dict_new(vm);
		for (unsigned k = 0; k < b->count; k++)
			dict_set_str(vm, values, l->fields[b->matches[k].field]->name, value_keep(b->matches[k].is));
		value row[] = { str_value(vm, b->upper ? b->upper->name->data : b->upper_name), value_object(values) };
		list_append(rows, tuple_of(vm, 2, row));
		value_drop(row[0]);
		value_drop(row[1]);
	}
	dict_set_text(vm, d, "carries", value_object(rows));
	dict_set_text(vm, d, "library", value_bool(l->library));
	dict_set_text(vm, d, "quotes", value_bool(l->quotes != NULL));
	dict_set_text(vm, d, "padding", value_bool(l->is_padding));
	dict_set_text(vm, d, "raw", value_bool(l->is_raw));
	return value_object(d);
}

/* Is the payload of this layer the start of the packet that it is an error about? */
static value function_quotes(struct vm *vm, value *args)
{
	int64_t holds = 0;
	if (!is_packet(args[0]))
		return value_bool(false);
	struct packet *p = as_packet(args[0]);
	struct expr *quotes = packet_part(p)->layer->quotes;
	if (quotes && !expr_run(&(struct site){ .vm = vm, .stack = p->stack, .at = p->at }, quotes, 0, 0, &holds))
		return VALUE_UNSET;
	return value_bool(holds != 0);
}

/* The library's bindings, as written: ("IP", "UDP", "frag=0,proto=17", reading only). */
static value function_index(struct vm *vm, value *args)
{
	const struct world *w = world_of(vm);
	struct list *rows = list_new(vm, w->index_count);
	for (size_t i = 0; i < w->index_count; i++) {
		const struct library_binding *b = &w->index[i];
		value row[] = { str_value(vm, b->lower), str_value(vm, b->upper), str_value(vm, b->fields), value_bool(b->mode != 'b') };
		list_append(rows, tuple_of(vm, 4, row));
		for (unsigned k = 0; k < 3; k++)
			value_drop(row[k]);
	}
	return value_object(rows);
}

static value function_classes(struct vm *vm, value *args)
{
	const struct world *w = world_of(vm);
	struct list *all = list_new(vm, w->layer_count);
	for (size_t i = 0; i < w->layer_count; i++)
		list_append(all, value_keep(value_object(w->layers[i]->type)));
	return value_object(all);
}

/* Does this layer have the field now, by its condition? */
static value function_is_there(struct vm *vm, value *args)
{
	bool there = false;
	struct packet *p = is_packet(args[0]) ? as_packet(args[0]) : NULL;
	int field = p && is_str(args[1]) ? layer_field(packet_part(p)->layer, as_str(args[1])) : -1;
	if (field < 0)
		return vm_raise(vm, vm->errors.TypeError, "_is_there() takes a packet and the name of a field");
	return part_present(p->stack, p->at, (unsigned)field, &there) ? value_bool(there) : VALUE_UNSET;
}

static const struct native functions[] = {
	{ "_is_there", function_is_there, "p, name", "Does this layer have the field now, by its condition?" },
	{ "_anatomy", function_anatomy, "p, /", "Rows of a dissected packet: (depth, layer, field, label, bit, bits, value, text, expected, mark)." },
	{ "_field_facts", function_facts, "field, /", "What a declaration says of a field." },
	{ "_layer_facts", function_layer_facts, "cls, /", "What a layer class carries, and what it is." },
	{ "_index_bindings", function_index, "", "The library's bindings: (lower, upper, fields, reading only)." },
	{ "_layer_classes", function_classes, "", "Every layer class made so far." },
	{ "_quotes", function_quotes, "p, /", "Is its payload the start of what it is an error about?" },
	{ 0 },
};

void anatomy_add(struct vm *vm)
{
	vm_add_builtins(vm, functions);
}
