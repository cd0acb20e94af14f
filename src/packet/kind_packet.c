/* Packets in fields: one, one of a length, a list. Items look into the same frame as the packet that holds them. */
#include "packet/kinds.h"

#include <string.h>

#include "base/mem.h"
#include "packet/conf.h"
#include "packet/packet.h"
#include "packet/packet_methods.h"
#include "packet/world.h"

enum { ITEMS_FEW = 64 };        /* so many are read before anybody has asked for conf */
static const char more_items[] = "more items than conf.max_list_count: the rest are bytes";

/* choose=(offset, size, {number: "Class"}, "Else", mask), or rows of (text, "Class") */
struct choose {
	size_t offset, size;
	uint64_t mask;
	value table;
	struct str *otherwise;
	struct { struct str *name; struct type *cls; uint32_t round; } last;    /* the class found last: items of one kind follow each other */
};
/* autopad=("autopad", 2, 8, 0, 1): while that field is true, items stand where their class's `alignment` has them, counted from 2,
 * and the list ends at a multiple of 8: the gaps are filled with options of code 0 (one byte) or 1 (with a length). */
struct pads { struct str *name; int64_t start, multiple, one, many; };
struct packet_data {
	struct pads *pads;
	struct str *class_name;
	struct type *found;             /* ... once it is loaded */
	struct choose *choose;
	struct variants rows;
	struct length until;            /* holds of the list's last item, in that item's fields */
	struct length item_length;      /* how many bytes each item takes; its `x` is the item's number */
	bool calls_with_packet;
};

static struct packet_data *data_of(const struct field *f)
{
	return f->data;
}

/* ---- which class ---- */

struct type *packet_class_named(struct vm *vm, const struct str *name)
{
	struct type *cls = layer_load(vm, name->data);
	if (!cls && !vm_pending(vm))
		vm_raise(vm, vm->errors.NameError, "the class '%s' of a packet field is not there", name->data);
	return cls;
}

static struct type *chosen_class(struct vm *vm, struct choose *c, const struct cursor *at)
{
	uint64_t number = 0;
	bool there = c->offset + c->size <= cursor_left(at);
	for (size_t i = 0; there && i < c->size; i++)
		number = number << 8 | at->bytes[cursor_at(at) + c->offset + i];
	value name = there ? dict_get(vm, as_dict(c->table), value_int((int64_t)(number & c->mask))) : VALUE_UNSET;
	if (is_layer_class(name))
		return (struct type *)name.o;
	struct str *wanted = is_str(name) ? as_str(name) : c->otherwise;
	if (c->last.name != wanted || c->last.round != world_of(vm)->binding_round || !c->last.cls) {
		c->last.cls = packet_class_named(vm, wanted);
		struct str *before = c->last.name;
		c->last.name = object_keep(wanted);
		object_drop(before);
		c->last.round = world_of(vm)->binding_round;
	}
	return c->last.cls;
}

/* A callable of the user's: next_cls_cb(pkt, items, current, remaining), or pkt_cls(bytes). */
static value call_class(const struct site *s, const struct field *f, struct list *items, const struct cursor *c)
{
	struct vm *vm = s->vm;
	value rest = bytes_value(vm, c->bytes + cursor_at(c), cursor_left(c)), made;
	if (data_of(f)->calls_with_packet) {
		value packet = s->stack ? packet_object(s->stack, s->at) : VALUE_NONE, last = items && items->count ? items->items[items->count - 1] : VALUE_NONE;
		value args[] = { packet, items ? value_object(items) : VALUE_NONE, last, rest };
		made = value_call_args(vm, f->item_class, 4, args);
		value_drop(packet);
	} else {
		made = value_call_args(vm, f->item_class, 1, &rest);
	}
	value_drop(rest);
	return made;
}

/* The class of the n-th item, which begins at the cursor. NULL: no more items (or raised). */
static struct type *item_class(const struct site *s, const struct field *f, struct list *items, const struct cursor *c, size_t n)
{
	const struct packet_data *d = data_of(f);
	if (d->rows.count) {
		struct site at = *s;
		at.cursor = c;
		struct type *cls = variants_choose(&at, &d->rows, (int64_t)n, (int64_t)cursor_left(c));
		if (cls || vm_pending(s->vm))
			return cls;
	}
	if (d->choose)
		return chosen_class(s->vm, d->choose, c);
	if (f->packets)
		return f->packets;
	if (d->class_name) {
		if (!d->found)
			data_of(f)->found = packet_class_named(s->vm, d->class_name);
		return d->found;
	}
	if (is_unset(f->item_class))
		return world_of(s->vm)->raw ? world_of(s->vm)->raw : layer_load(s->vm, "Raw");
	value got = call_class(s, f, items, c);
	struct type *cls = is_layer_class(got) ? (struct type *)got.o : NULL;
	if (is_packet(got))
		cls = got.o->type;              /* pkt_cls(bytes) made the packet already; its class is dissected again here */
	if (!cls && !is_none(got) && !is_unset(got))
		vm_raise(s->vm, s->vm->errors.TypeError, "'%s': the class of an item is a layer class, not %s", f->name->data, value_type_name(s->vm, got));
	value_drop(got);
	return cls;
}

/* ---- reading ---- */

static uint32_t message_of(const struct site *s)
{
	const struct part *p = &s->stack->parts[s->at];
	int64_t from = 0;
	if (s->stack->under)
		return s->stack->message;
	if (p->layer->message_start && !expr_run(s, p->layer->message_start, 0, 0, &from))
		vm_clear(s->vm);
	return p->start + (uint32_t)(from > 0 && from < 64 ? from : 0);
}

/* Packets in packets, each within a field of the one before. */
static bool too_deep(const struct stack *s)
{
	unsigned depth = 0;
	while (s && s->under && depth < ITEM_DEPTH) {
		s = s->under->stack;
		depth++;
	}
	return depth == ITEM_DEPTH;
}

struct stack *packet_item_read(const struct site *s, struct type *cls, const struct cursor *c, size_t start, size_t end)
{
	struct vm *vm = s->vm;
	bool shared = s->stack && s->stack->parts[s->at].frame && s->stack->parts[s->at].frame->bytes == c->bytes;
	if (too_deep(s->stack) && !(cls = world_of(vm)->raw ? world_of(vm)->raw : layer_load(vm, "Raw")))
		return NULL;
	struct stack *item = stack_new(vm, layer_of(cls));
	if (s->stack)
		item->under = stack_tie(s->stack, s->at);
	if (shared)
		item->message = message_of(s);
	bool done = shared ? dissect_into(item, frame_keep(s->stack->parts[s->at].frame), start, end)
	                   : dissect_into(item, frame_new(c->bytes + start, end - start), 0, end - start);
	if (done)
		return item;
	stack_drop(item);
	return NULL;
}

/* What the item left behind itself is Padding at its end: the next item's. */
static size_t item_end(struct stack *item, size_t start, size_t end)
{
	size_t left = 0;
	unsigned keep = item->count;
	while (keep > 1 && item->parts[keep - 1].layer->is_padding) {
		keep--;
		left += item->parts[keep].end - item->parts[keep].start;
	}
	stack_cut(item, keep);
	return end - left > start ? end - left : start;
}

/* Where the n-th item, which begins at the cursor, ends at the latest. false: raised. */
static bool item_room(const struct site *s, const struct field *f, const struct cursor *c, size_t n, size_t *end)
{
	struct expr *length = data_of(f)->item_length.expr;
	struct site at = *s;
	int64_t bytes;
	*end = c->end;
	if (!length)
		return true;
	at.cursor = c;
	if (!expr_run(&at, length, (int64_t)n, (int64_t)cursor_left(c), &bytes))
		return false;
	*end = cursor_at(c) + (size_t)(bytes < 0 ? 0 : bytes < (int64_t)cursor_left(c) ? bytes : (int64_t)cursor_left(c));
	return true;
}

/* How many items a list is read into: conf.max_list_count, none of which is no bound. Conf is loaded for long lists only. */
static bool items_most(struct vm *vm, size_t n, int64_t *most)
{
	*most = INT64_MAX;
	if (is_unset(world_of(vm)->conf) && n < ITEMS_FEW)
		return true;
	value said = conf_get(vm, "max_list_count");
	bool done = !is_unset(said) && (is_none(said) || value_to_int64(vm, said, most));
	value_drop(said);
	return done;
}

/* What a list has beyond that: one item of bytes, which says why. */
static bool rest_item(const struct site *s, const struct cursor *c, size_t start, size_t end, struct list *items)
{
	struct vm *vm = s->vm;
	struct type *raw = world_of(vm)->raw ? world_of(vm)->raw : layer_load(vm, "Raw");
	struct stack *item = raw ? packet_item_read(s, raw, c, start, end) : NULL;
	if (!item)
		return false;
	item->parts[0].problem = more_items;
	item->parts[0].problem_at = item->parts[0].start;
	list_append(items, packet_object(item, 0));
	stack_drop(item);
	return true;
}

/* Items from the cursor on, to `end` or a count. `items` may be NULL: only how far they go. */
static bool read_items(const struct site *s, const struct field *f, const struct cursor *c, size_t end, int64_t count, struct list *items, size_t *reached)
{
	size_t at = cursor_at(c), n = 0, room;
	int64_t most;
	bool sized = data_of(f)->item_length.expr;
	if (!items_most(s->vm, 0, &most))
		return false;
	while (at < end && (count < 0 || (int64_t)n < count) && (!f->limit || (int64_t)n < f->limit)) {
		struct cursor here = cursor_over(c->bytes, end);
		here.bit = at * 8;
		if (n == ITEMS_FEW && !items_most(s->vm, n, &most))
			return false;
		if ((int64_t)n >= most) {
			*reached = end;
			return !items || rest_item(s, c, at, end, items);
		}
		if (!item_room(s, f, &here, n, &room) || room <= at)
			break;
		struct type *cls = item_class(s, f, items, &here, n);
		if (!cls)
			break;
		if (sized && !items) {
			at = room;
			n++;
			continue;
		}
		struct stack *item = packet_item_read(s, cls, c, at, room);
		if (!item)
			return false;
		size_t next = sized ? room : item_end(item, at, room);
		int64_t last = 0;
		if (data_of(f)->until.expr && !expr_run(&(struct site){ .vm = s->vm, .stack = item }, data_of(f)->until.expr, (int64_t)n, 0, &last)) {
			stack_drop(item);
			return false;
		}
		if (items)
			list_append(items, packet_object(item, 0));
		stack_drop(item);
		if (next <= at)
			break;
		at = next;
		n++;
		if (last)
			break;
	}
	*reached = at;
	return !vm_pending(s->vm);
}

static bool length_or_rest(const struct site *s, const struct field *f, const struct cursor *c, size_t *bytes, const char **problem)
{
	int64_t length;
	*bytes = cursor_left(c);
	if (!field_has_length(&f->length_from))
		return true;
	if (!field_length(s, &f->length_from, (int64_t)*bytes, &length))
		return false;
	if (length < 0)
		*problem = "a length below zero";
	*bytes = length < 0 ? 0 : (size_t)length;
	return true;
}

static bool count_of(const struct site *s, const struct field *f, const struct cursor *c, int64_t *count)
{
	*count = -1;
	return !field_has_length(&f->count_from) || field_length(s, &f->count_from, (int64_t)cursor_left(c), count);
}

static bool list_extent(const struct site *s, const struct field *f, const struct cursor *c, size_t *bytes, const char **problem)
{
	int64_t count;
	size_t end;
	if (!length_or_rest(s, f, c, bytes, problem) || !count_of(s, f, c, &count))
		return false;
	bool walked = !is_unset(f->item_class) || data_of(f)->item_length.expr || data_of(f)->until.expr;
	if (count < 0 && (field_has_length(&f->length_from) || !walked))
		return true;
	size_t left = cursor_left(c), room = *bytes < left ? *bytes : left;
	/* A callable that wants to see the items gets them. */
	struct list *items = is_unset(f->item_class) ? NULL : list_new(s->vm, 0);
	bool done = read_items(s, f, c, cursor_at(c) + room, count, items, &end);
	object_drop(items);
	*bytes = end - cursor_at(c);
	return done;
}

static struct list *items_new(struct vm *vm)
{
	return object_new(world_of(vm)->packet_items, 0);
}

static value list_decode(const struct site *s, const struct field *f, struct cursor *c, size_t bytes)
{
	struct list *items = items_new(s->vm);
	size_t reached, end = cursor_at(c) + (bytes < cursor_left(c) ? bytes : cursor_left(c));
	/* How far it goes was found when the packet was dissected: the count may have been set since. */
	if (read_items(s, f, c, end, -1, items, &reached)) {
		c->bit = end * 8;
		return value_object(items);
	}
	object_drop(items);
	return VALUE_UNSET;
}

static bool list_full(const struct field *f)
{
	return is_unset(f->item_class) && !data_of(f)->item_length.expr;
}

static value list_item(const struct site *s, const struct field *f, struct cursor *c, size_t bytes, size_t nth)
{
	struct list *items = list_new(s->vm, 0);
	size_t reached, end = cursor_at(c) + (bytes < cursor_left(c) ? bytes : cursor_left(c));
	bool done = read_items(s, f, c, end, (int64_t)nth + 1, items, &reached);
	value item = done && nth < items->count ? value_keep(items->items[nth]) : VALUE_UNSET;
	object_drop(items);
	return item;
}

/* One packet takes what its own class takes of the room. */
static bool one_extent(const struct site *s, const struct field *f, const struct cursor *c, size_t *bytes, const char **problem)
{
	if (!length_or_rest(s, f, c, bytes, problem) || field_has_length(&f->length_from))
		return !vm_pending(s->vm);
	size_t reached;
	bool done = read_items(s, f, c, c->end, 1, NULL, &reached);
	*bytes = reached - cursor_at(c);
	return done;
}

static value one_decode(const struct site *s, const struct field *f, struct cursor *c, size_t bytes)
{
	size_t start = cursor_at(c), end = start + (bytes < cursor_left(c) ? bytes : cursor_left(c));
	struct type *cls = item_class(s, f, NULL, c, 0);
	if (!cls)
		return vm_pending(s->vm) ? VALUE_UNSET : VALUE_NONE;
	struct stack *item = packet_item_read(s, cls, c, start, end);
	if (!item)
		return VALUE_UNSET;
	if (!field_has_length(&f->length_from))
		item_end(item, start, end);
	value v = packet_object(item, 0);
	stack_drop(item);
	return v;
}

/* ---- writing ---- */

static bool encode_item(const struct site *s, const struct field *f, value v, struct buf *out)
{
	struct view view;
	if (is_packet(v))
		return (s->values_only ? stack_encode_values : stack_encode)(as_packet(v)->stack, as_packet(v)->at, out);
	if (is_none(v))
		return true;
	if (is_raw_val(s->vm, v))
		return field_encode(s, f, v, out);
	if (!value_to_view(s->vm, v, &view))
		return false;
	buf_add(out, view.bytes, view.len);
	return true;
}

/* Is it padded here? */
static bool pads_now(const struct site *s, const struct pads *p, bool *on)
{
	int at = p && p->name && s->stack ? layer_field(s->stack->parts[s->at].layer, p->name) : -1;
	*on = p && at < 0;
	if (at < 0)
		return true;
	value v = part_effective(s->stack, s->at, (unsigned)at);
	bool done = !is_unset(v) && value_truth(s->vm, v, on);
	value_drop(v);
	return done;
}

/* Up to the next place that is `offset` beyond a multiple of `multiple`; places count from the list's own start. */
static void add_pads(const struct pads *p, size_t from, int64_t multiple, int64_t offset, struct buf *out)
{
	int64_t place = (int64_t)(out->len - from) + p->start;
	int64_t gap = multiple > 1 ? ((offset - place) % multiple + multiple) % multiple : 0;
	if (gap == 1) {
		buf_char(out, (char)p->one);
	} else if (gap > 1) {
		buf_char(out, (char)p->many);
		buf_char(out, (char)(gap - 2));
		buf_fill(out, 0, (size_t)gap - 2);
	}
}

static bool list_encode(const struct site *s, const struct field *f, value v, struct buf *out)
{
	const value *items;
	size_t count, from = out->len;
	bool padded;
	const struct pads *pads = data_of(f)->pads;
	if (!pads_now(s, pads, &padded))
		return false;
	if (!value_items(v, &items, &count)) {
		items = &v;
		count = 1;
	}
	for (size_t i = 0; i < count; i++) {
		const struct layer *l = padded && is_packet(items[i]) ? packet_part(as_packet(items[i]))->layer : NULL;
		if (l)
			add_pads(pads, from, l->align, l->align_at, out);
		if (!encode_item(s, f, items[i], out))
			return false;
	}
	if (padded)
		add_pads(pads, from, pads->multiple, 0, out);
	return true;
}

static value raw_item(struct vm *vm, value bytes)
{
	struct type *raw = world_of(vm)->raw ? world_of(vm)->raw : layer_load(vm, "Raw");
	value packet = raw ? value_call_args(vm, value_object(raw), 0, NULL) : VALUE_UNSET;
	if (!is_unset(packet) && !part_set(as_packet(packet)->stack, 0, 0, bytes)) {
		value_drop(packet);
		return VALUE_UNSET;
	}
	return packet;
}

static value accept_item(struct vm *vm, const struct field *f, value given)
{
	if (is_packet(given) || is_raw_val(vm, given))
		return value_keep(given);
	if (is_bytes(given))
		return raw_item(vm, given);
	const struct packet_data *d = data_of(f);
	if (f->packets || d->class_name)
		return field_refuse(vm, f, given, "a packet, like %s(...)", f->packets ? f->packets->name->data : d->class_name->data);
	return field_refuse(vm, f, given, "a packet");
}

static value list_accept(struct vm *vm, const struct field *f, value given)
{
	const value *from;
	size_t count = 1;
	if (!value_items(given, &from, &count))
		from = &given;
	struct list *items = items_new(vm);
	for (size_t i = 0; i < count; i++) {
		value item = accept_item(vm, f, from[i]);
		if (is_unset(item)) {
			object_drop(items);
			return item;
		}
		list_append(items, item);
	}
	return value_object(items);
}

static bool show(const struct site *s, const struct field *f, value v, struct buf *out)
{
	return value_repr_to(s->vm, v, out);
}

/* ---- making ---- */

static bool take_class(struct vm *vm, struct field *f, value cls)
{
	struct packet_data *d = f->data = mem_zero(sizeof *d);
	if (is_layer_class(cls))
		f->packets = (struct type *)cls.o;
	else if (is_str(cls))
		d->class_name = str_intern(vm, as_str(cls)->data);
	else if (value_is_callable(vm, cls))
		f->item_class = value_keep(cls);
	else if (!is_none(cls))
		return vm_raise_ok(vm, vm->errors.TypeError, "%s: the class of its packets is a layer class, not %s", f->name->data, value_type_name(vm, cls));
	return true;
}

static bool take_choose(struct vm *vm, struct field *f, value given)
{
	const value *a;
	size_t count;
	int64_t offset, size, mask = -1;
	if (is_none(given))
		return true;
	if (is_kind(given, KIND_LIST))
		return variants_take(vm, &data_of(f)->rows, given, NULL, "choose");
	if (!value_items(given, &a, &count) || count < 4 || count > 5 || !is_kind(a[2], KIND_DICT) || !is_str(a[3]))
		return vm_raise_ok(vm, vm->errors.TypeError, "%s: choose is (offset, size, {number: \"Class\"}, \"Else\")", f->name->data);
	if (!value_to_int64(vm, a[0], &offset) || !value_to_int64(vm, a[1], &size) || (count == 5 && !value_to_int64(vm, a[4], &mask)))
		return false;
	if (offset < 0 || offset > 4096 || size < 1 || size > 8)
		return vm_raise_ok(vm, vm->errors.ValueError, "%s: choose looks at 1 to 8 bytes", f->name->data);
	struct choose *c = data_of(f)->choose = mem_zero(sizeof *c);
	*c = (struct choose){ .offset = (size_t)offset, .size = (size_t)size, .mask = (uint64_t)mask, .table = value_keep(a[2]),
	                      .otherwise = str_intern(vm, as_str(a[3])->data) };
	return true;
}

/* PacketField(name, default, pkt_cls), choose= */
static bool one_make(struct vm *vm, struct field *f, const value *a)
{
	return take_class(vm, f, a[2]) && facts_take(vm, f, a + 3) && take_choose(vm, f, a[3 + FACTS_COUNT]);
}

/* TruncPktLenField: what is beyond a multiple of 8 bytes is cut off. */
static bool cut_encode(const struct site *s, const struct field *f, value v, struct buf *out)
{
	size_t from = out->len;
	if (!encode_item(s, f, v, out))
		return false;
	out->len -= (out->len - from) % 8;
	return true;
}

/* PacketLenField(name, default, cls, length_from), choose= */
static bool len_make(struct vm *vm, struct field *f, const value *a)
{
	return take_class(vm, f, a[2]) && length_take(vm, &f->length_from, a[3], "length_from") && facts_take(vm, f, a + 4) &&
	       take_choose(vm, f, a[4 + FACTS_COUNT]);
}

static bool take_text(struct vm *vm, struct field *f, struct length *to, const char *argument, value given)
{
	if (!is_none(given) && !is_str(given))
		return vm_raise_ok(vm, vm->errors.TypeError, "%s: %s is a text", f->name->data, argument);
	return length_take(vm, to, given, argument);
}

static bool take_pads(struct vm *vm, struct field *f, value given)
{
	const value *a;
	size_t count;
	if (is_none(given))
		return true;
	if (!value_items(given, &a, &count) || count != 5 || (!is_str(a[0]) && !is_none(a[0])))
		return vm_raise_ok(vm, vm->errors.TypeError, "%s: autopad is (\"field\", start, multiple, code of one byte, code of more)", f->name->data);
	struct pads *p = data_of(f)->pads = mem_zero(sizeof *p);
	p->name = is_str(a[0]) ? str_intern(vm, as_str(a[0])->data) : NULL;
	return value_to_int64(vm, a[1], &p->start) && value_to_int64(vm, a[2], &p->multiple) && value_to_int64(vm, a[3], &p->one) &&
	       value_to_int64(vm, a[4], &p->many);
}

/* PacketListField(name, default, pkt_cls, count_from, length_from, next_cls_cb, max_count), choose=, item_length=, autopad= */
static bool list_make(struct vm *vm, struct field *f, const value *a)
{
	if (!take_class(vm, f, a[2]) || !length_take(vm, &f->count_from, a[3], "count_from") || !length_take(vm, &f->length_from, a[4], "length_from") ||
	    (!is_none(a[6]) && !value_to_int64(vm, a[6], &f->limit)) || !facts_take(vm, f, a + 7) || !take_choose(vm, f, a[7 + FACTS_COUNT]) ||
	    !take_text(vm, f, &data_of(f)->item_length, "item_length", a[8 + FACTS_COUNT]) ||
	    !take_text(vm, f, &data_of(f)->until, "until", a[10 + FACTS_COUNT]) || !take_pads(vm, f, a[9 + FACTS_COUNT]))
		return false;
	if (!is_none(a[5])) {
		value_set(&f->item_class, value_keep(a[5]));
		data_of(f)->calls_with_packet = true;
		f->packets = NULL;
	}
	return true;
}

static void release(struct field *f)
{
	struct packet_data *d = f->data;
	if (d && d->choose) {
		value_drop(d->choose->table);
		object_drop(d->choose->last.name);
	}
	if (d) {
		mem_free(d->choose);
		mem_free(d->pads);
		variants_free(&d->rows);
		length_drop(&d->item_length);
		length_drop(&d->until);
	}
	mem_free(d);
	f->data = NULL;
}

static void visit(struct field *f, visit_fn see, void *state)
{
	struct packet_data *d = f->data;
	if (d && d->choose)
		see(d->choose->table.o, state);
}

/* _PhantomAutoPadField(name, default): on or off; nothing of it is on the wire. */
static bool switch_make(struct vm *vm, struct field *f, const value *a)
{
	return facts_take(vm, f, a + 2);
}

static bool switch_extent(const struct site *s, const struct field *f, const struct cursor *c, size_t *bytes, const char **problem)
{
	*bytes = 0;
	return true;
}

static value switch_decode(const struct site *s, const struct field *f, struct cursor *c, size_t bytes)
{
	return value_int(1);
}

static bool switch_encode(const struct site *s, const struct field *f, value v, struct buf *out)
{
	return true;
}

static value switch_accept(struct vm *vm, const struct field *f, value given)
{
	bool on = given.tag == TAG_BOOL ? given.b : given.i != 0;
	if (given.tag != TAG_BOOL && given.tag != TAG_INT)
		return field_refuse(vm, f, given, "True or False");
	return value_int(on);
}

static bool switch_show(const struct site *s, const struct field *f, value v, struct buf *out)
{
	bool on = false;
	bool done = value_truth(s->vm, v, &on);
	buf_text(out, on ? "On" : "Off");
	return done;
}

static const struct codec cut_codec = {
	.extent = one_extent, .decode = one_decode, .encode = cut_encode, .accept = accept_item, .show = show, .release = release, .visit = visit,
};
static const struct codec switch_codec = {
	.extent = switch_extent, .decode = switch_decode, .encode = switch_encode, .accept = switch_accept, .show = switch_show,
};
static const struct codec one_codec = {
	.extent = one_extent, .said = true, .decode = one_decode, .encode = encode_item, .accept = accept_item, .show = show, .release = release, .visit = visit,
};
static const struct codec list_codec = {
	.extent = list_extent, .said = true, .decode = list_decode, .encode = list_encode, .accept = list_accept, .show = show, .release = release, .visit = visit,
	.full = list_full, .item = list_item,
};

#define PACKETS (FIELD_PACKETS | FIELD_MUTABLE | FIELD_FORMS)

const struct field_kind kinds_packet[] = {
	{ "PacketField", "name, default, pkt_cls=None" FACTS ", choose=None", "a packet", &one_codec, one_make, PACKETS, 0 },
	{ "_PhantomAutoPadField", "name, default" FACTS, "whether options are padded to their places; on no wire", &switch_codec, switch_make, 0, 0 },
	{ "TruncPktLenField", "name, default, cls=None, length_from=None" FACTS ", choose=None", "a packet, cut to a multiple of 8 bytes", &cut_codec, len_make,
	  PACKETS, 0 },
	{ "PacketLenField", "name, default, cls=None, length_from=None" FACTS ", choose=None", "a packet, of a length said elsewhere", &one_codec, len_make, PACKETS, 0 },
	{ "PacketListField", "name, default, pkt_cls=None, count_from=None, length_from=None, next_cls_cb=None, max_count=None" FACTS ", choose=None, item_length=None, autopad=None, until=None",
	  "packets, one after the other", &list_codec, list_make, PACKETS | FIELD_LIST, 0 },
	{ 0 },
};

/* ---- the list: p[DNS].qd.qname is the first item's, as in Scapy before 2.6 ---- */

static value first_item(value self)
{
	return as_list(self)->count ? as_list(self)->items[0] : VALUE_NONE;
}

static value items_attr(struct vm *vm, value self, struct str *name)
{
	if (name->data[0] == '_' || !is_unset(type_find(self.o->type, name)) || !is_packet(first_item(self)))
		return VALUE_UNSET;
	return value_attr(vm, first_item(self), name);
}

static int items_set_attr(struct vm *vm, value self, struct str *name, value to)
{
	if (!is_packet(first_item(self)))
		return 0;
	return value_set_attr(vm, first_item(self), name, to) ? 1 : -1;
}

const struct type_spec packet_items_spec = {
	.name = "list", .doc = "The packets of a list field; attributes are the first one's.", .kind = KIND_LIST, .size = sizeof(struct list),
	.flags = TYPE_CONTAINER, .slots = { .attr = items_attr, .set_attr = items_set_attr },
};
