/* _collections: deque, a list that grows and shrinks quickly at both ends. The rest of collections is stdlib/collections.pkt.
 *
 *     items:  [ 3 | 4 | . | . | 0 | 1 | 2 ]      a ring; first == 4, count == 5 */
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "lang/guard.h"
#include "lang/modules.h"
#include "lang/sequence.h"
#include "lang/types.h"

struct deque {
	struct container head;
	value *items;
	size_t first, count, room;
	int64_t most;               /* maxlen; -1: none */
	uint32_t version;           /* changed with every addition and removal */
};

static struct deque *deque_of(value v) { return (struct deque *)v.o; }

static value *place(struct deque *d, size_t i)
{
	size_t at = d->first + i;
	return &d->items[at < d->room ? at : at - d->room];
}

static void make_room(struct deque *d)
{
	if (d->count < d->room)
		return;
	size_t room = d->room ? d->room * 2 : 8;
	value *items = mem_alloc(room * sizeof *items);
	for (size_t i = 0; i < d->count; i++)
		items[i] = *place(d, i);
	mem_free(d->items);
	d->items = items;
	d->first = 0;
	d->room = room;
}

static value take_first(struct deque *d)
{
	value v = *place(d, 0);

	d->first = d->first + 1 == d->room ? 0 : d->first + 1;
	d->count--;
	d->version++;
	return v;
}

static value take_last(struct deque *d)
{
	d->version++;
	return *place(d, --d->count);
}

static void add_last(struct deque *d, TAKES value v)
{
	if (d->most == 0) {
		value_drop(v);
		return;
	}
	make_room(d);
	*place(d, d->count++) = v;
	d->version++;
	if (d->most >= 0 && d->count > (size_t)d->most)
		value_drop(take_first(d));
}

static void add_first(struct deque *d, TAKES value v)
{
	if (d->most == 0) {
		value_drop(v);
		return;
	}
	make_room(d);
	d->first = d->first ? d->first - 1 : d->room - 1;
	d->count++;
	d->version++;
	*place(d, 0) = v;
	if (d->most >= 0 && d->count > (size_t)d->most)
		value_drop(take_last(d));
}

static bool add_all(struct vm *vm, struct deque *d, value iterable, void (*add)(struct deque *d, value v))
{
	value copied = iterable.tag == TAG_OBJECT && iterable.o == (struct object *)d ? list_from(vm, iterable) : value_keep(iterable);
	value items = is_unset(copied) ? copied : value_iterate(vm, copied), item;

	value_drop(copied);
	if (is_unset(items))
		return false;
	while (!is_unset(item = value_next(vm, items)))
		add(d, item);
	value_drop(items);
	return !vm_pending(vm);
}

static struct deque *deque_new(struct vm *vm, int64_t most)
{
	struct deque *d = object_new(vm->own->deque, 0);
	d->most = most;
	return d;
}

/* ---- methods ----------------------------------------------------------------------------------------------------------- */

static value deque_append(struct vm *vm, value *a) { add_last(deque_of(a[0]), value_keep(a[1])); return VALUE_NONE; }
static value deque_appendleft(struct vm *vm, value *a) { add_first(deque_of(a[0]), value_keep(a[1])); return VALUE_NONE; }
static value deque_extend(struct vm *vm, value *a) { return add_all(vm, deque_of(a[0]), a[1], add_last) ? VALUE_NONE : VALUE_UNSET; }
static value deque_extendleft(struct vm *vm, value *a) { return add_all(vm, deque_of(a[0]), a[1], add_first) ? VALUE_NONE : VALUE_UNSET; }

static value taken(struct vm *vm, value self, value (*take)(struct deque *d))
{
	if (!deque_of(self)->count)
		return vm_raise(vm, vm->errors.IndexError, "pop from an empty deque");
	return take(deque_of(self));
}
static value deque_pop(struct vm *vm, value *a) { return taken(vm, a[0], take_last); }
static value deque_popleft(struct vm *vm, value *a) { return taken(vm, a[0], take_first); }

static value deque_clear(struct vm *vm, value *a)
{
	while (deque_of(a[0])->count)
		value_drop(take_last(deque_of(a[0])));
	return VALUE_NONE;
}

static value deque_copy(struct vm *vm, value *a)
{
	struct deque *d = deque_new(vm, deque_of(a[0])->most);

	for (size_t i = 0; i < deque_of(a[0])->count; i++)
		add_last(d, value_keep(*place(deque_of(a[0]), i)));
	return value_object(d);
}

static value deque_rotate(struct vm *vm, value *a)
{
	struct deque *d = deque_of(a[0]);
	int64_t n, most = d->most;

	if (!value_to_int64(vm, a[1], &n))
		return VALUE_UNSET;
	if (d->count < 2)
		return VALUE_NONE;
	n %= (int64_t)d->count;
	d->most = -1;               /* moved, not added */
	for (; n > 0; n--)
		add_first(d, take_last(d));
	for (; n < 0; n++)
		add_last(d, take_first(d));
	d->most = most;
	return VALUE_NONE;
}

static value deque_reverse(struct vm *vm, value *a)
{
	struct deque *d = deque_of(a[0]);

	for (size_t i = 0; i < d->count / 2; i++) {
		value *one = place(d, i), *two = place(d, d->count - 1 - i), kept = *one;
		*one = *two;
		*two = kept;
	}
	return VALUE_NONE;
}

/* The first item equal to `needle` from `from` on; d->count when there is none. false: raised. */
static bool find(struct vm *vm, struct deque *d, value needle, size_t from, size_t to, size_t *at)
{
	uint32_t version = d->version;
	bool equal = false;

	for (*at = from; *at < to; ++*at) {
		value item = value_keep(*place(d, *at));
		bool ok = value_equal(vm, item, needle, &equal);
		value_drop(item);
		if (!ok)
			return false;
		if (version != d->version)
			return vm_raise_ok(vm, vm->errors.RuntimeError, "deque mutated during iteration");
		if (equal)
			return true;
	}
	*at = d->count;
	return true;
}

static value deque_count(struct vm *vm, value *a)
{
	struct deque *d = deque_of(a[0]);
	int64_t n = 0;

	for (size_t at = 0; at < d->count; at++, n++) {
		if (!find(vm, d, a[1], at, d->count, &at))
			return VALUE_UNSET;
		if (at == d->count)
			break;
	}
	return value_int(n);
}

static value deque_index(struct vm *vm, value *a)
{
	struct deque *d = deque_of(a[0]);
	size_t from, to, at;

	if (!sequence_bounds(vm, a[2], a[3], d->count, &from, &to) || !find(vm, d, a[1], from, to, &at))
		return VALUE_UNSET;
	if (at < d->count)
		return value_int((int64_t)at);
	value shown = value_repr(vm, a[1]);
	if (!is_unset(shown))
		vm_raise(vm, vm->errors.ValueError, "%s is not in deque", as_str(shown)->data);
	value_drop(shown);
	return VALUE_UNSET;
}

static void remove_at(struct deque *d, size_t at)
{
	value v = *place(d, at);

	for (; at + 1 < d->count; at++)
		*place(d, at) = *place(d, at + 1);
	d->count--;
	d->version++;
	value_drop(v);
}

static value deque_remove(struct vm *vm, value *a)
{
	struct deque *d = deque_of(a[0]);
	size_t at;

	if (!find(vm, d, a[1], 0, d->count, &at))
		return VALUE_UNSET;
	if (at == d->count)
		return vm_raise(vm, vm->errors.ValueError, "deque.remove(x): x not in deque");
	remove_at(d, at);
	return VALUE_NONE;
}

static value deque_insert(struct vm *vm, value *a)
{
	struct deque *d = deque_of(a[0]);
	int64_t at;

	if (!value_to_int64(vm, a[1], &at))
		return VALUE_UNSET;
	if (d->most >= 0 && d->count >= (size_t)d->most)
		return vm_raise(vm, vm->errors.IndexError, "deque already at its maximum size");
	if (at < 0)
		at += (int64_t)d->count;
	if (at < 0)
		at = 0;
	make_room(d);
	add_last(d, VALUE_NONE);
	size_t i = d->count - 1;
	for (; i > (size_t)at; i--)
		*place(d, i) = *place(d, i - 1);
	*place(d, i) = value_keep(a[2]);
	return VALUE_NONE;
}

/* ---- the type ---------------------------------------------------------------------------------------------------------- */

static value deque_make(struct vm *vm, struct type *cls, const struct call *call)
{
	struct deque *d = object_new(cls, 0);
	d->most = -1;
	return value_object(d);
}

static bool deque_init(struct vm *vm, value self, const struct call *call)
{
	struct deque *d = deque_of(self);
	int64_t most = -1;
	value a[2];

	if (!call_bind(vm, vm->own->deque->signature, call, a))
		return false;
	bool ok = is_none(a[1]) || value_to_int64(vm, a[1], &most);
	if (ok && !is_none(a[1]) && most < 0)
		ok = vm_raise_ok(vm, vm->errors.ValueError, "maxlen must be non-negative");
	if (ok) {
		deque_clear(vm, &self);
		d->most = most;
		ok = is_unset(a[0]) || add_all(vm, d, a[0], add_last);
	}
	call_unbind(vm->own->deque->signature, a);
	return ok;
}

static void deque_release(struct object *o)
{
	struct deque *d = (struct deque *)o;

	for (size_t i = 0; i < d->count; i++)
		value_drop(*place(d, i));
	mem_free(d->items);
}

static void deque_visit(struct object *o, visit_fn visit, void *state)
{
	struct deque *d = (struct deque *)o;

	for (size_t i = 0; i < d->count; i++)
		visit_value(*place(d, i), visit, state);
}

static bool deque_repr(struct vm *vm, value self, struct buf *out)
{
	int entered = guard_print(vm, self.o);

	if (entered <= 0) {
		buf_text(out, "[...]");
		return entered == 0;
	}
	value list = list_from(vm, self);
	buf_print(out, "%s(", self.o->type->name->data);
	bool ok = !is_unset(list) && sequence_repr(vm, list, "[", "]", out);
	guard_printed(vm);
	if (deque_of(self)->most >= 0)
		buf_print(out, ", maxlen=%lld", (long long)deque_of(self)->most);
	buf_char(out, ')');
	value_drop(list);
	return ok;
}

static bool deque_length(struct vm *vm, value self, size_t *out)
{
	*out = deque_of(self)->count;
	return true;
}

static value deque_item(struct vm *vm, value self, value key)
{
	size_t at;
	return sequence_index(vm, key, deque_of(self)->count, "sequence", "deque index out of range", &at) ? value_keep(*place(deque_of(self), at))
		: VALUE_UNSET;
}

static bool deque_set_item(struct vm *vm, value self, value key, value to)
{
	size_t at;

	if (!sequence_index(vm, key, deque_of(self)->count, "sequence", "deque index out of range", &at))
		return false;
	if (is_unset(to))
		remove_at(deque_of(self), at);
	else
		value_set(place(deque_of(self), at), value_keep(to));
	return true;
}

static bool deque_contains(struct vm *vm, value self, value needle, bool *out)
{
	size_t at;

	if (!find(vm, deque_of(self), needle, 0, deque_of(self)->count, &at))
		return false;
	*out = at < deque_of(self)->count;
	return true;
}

static value deque_step(struct vm *vm, struct iterator *it)
{
	struct deque *d = deque_of(it->over);

	if ((int64_t)d->version != it->extra.i)
		return vm_raise(vm, vm->errors.RuntimeError, "deque mutated during iteration");
	return it->at < d->count ? value_keep(*place(d, it->at++)) : VALUE_UNSET;
}

static value deque_iterate(struct vm *vm, value self)
{
	value it = iterator_new(vm, self, deque_step);
	((struct iterator *)it.o)->extra = value_int(deque_of(self)->version);
	return it;
}

static value backwards_step(struct vm *vm, struct iterator *it)
{
	struct deque *d = deque_of(it->over);

	if ((int64_t)d->version != it->extra.i)
		return vm_raise(vm, vm->errors.RuntimeError, "deque mutated during iteration");
	return it->at < d->count ? value_keep(*place(d, d->count - 1 - it->at++)) : VALUE_UNSET;
}

static value deque_reversed(struct vm *vm, value *a)
{
	value it = iterator_new(vm, a[0], backwards_step);
	((struct iterator *)it.o)->extra = value_int(deque_of(a[0])->version);
	return it;
}

static bool is_deque(struct vm *vm, value v)
{
	return value_is_a(vm, v, vm->own->deque);
}

static value deque_compare(struct vm *vm, enum compare op, value a, value b)
{
	if (!is_deque(vm, b))
		return VALUE_UNSUPPORTED;
	value one = list_from(vm, a), two = list_from(vm, b);
	value r = is_unset(one) || is_unset(two) ? VALUE_UNSET : value_compare(vm, op, one, two);
	value_drop(one);
	value_drop(two);
	return r;
}

static value deque_binary(struct vm *vm, enum operator op, value a, value b, bool reflected, bool reusable)
{
	int64_t times;

	if (op == OP_ADD_ && is_deque(vm, a) && is_deque(vm, b)) {
		value sum = deque_copy(vm, &a);
		if (add_all(vm, deque_of(sum), b, add_last))
			return sum;
		value_drop(sum);
		return VALUE_UNSET;
	}
	value self = is_deque(vm, a) ? a : b, by = is_deque(vm, a) ? b : a;
	if (op != OP_MUL_ || !is_int(by))
		return VALUE_UNSUPPORTED;
	if (!value_to_int64(vm, by, &times))
		return VALUE_UNSET;
	if (times > 0 && deque_of(self)->count && (uint64_t)times > ((size_t)1 << 26) / deque_of(self)->count)
		return vm_raise(vm, vm->errors.MemoryError, "the deque would be too long");
	struct deque *d = deque_new(vm, deque_of(self)->most);
	for (int64_t i = 0; i < times && deque_of(self)->count; i++)
		add_all(vm, d, self, add_last);
	return value_object(d);
}

static value get_maxlen(struct vm *vm, value self)
{
	return deque_of(self)->most < 0 ? VALUE_NONE : value_int(deque_of(self)->most);
}

static const struct native methods[] = {
	{ "append", deque_append, "x, /", "Adds x at the end." },
	{ "appendleft", deque_appendleft, "x, /", "Adds x at the start." },
	{ "extend", deque_extend, "iterable, /", "Adds every item at the end." },
	{ "extendleft", deque_extendleft, "iterable, /", "Adds every item at the start, one after the other." },
	{ "pop", deque_pop, "", "Removes and gives the last item." },
	{ "popleft", deque_popleft, "", "Removes and gives the first item." },
	{ "clear", deque_clear, "", "Removes every item." },
	{ "copy", deque_copy, "", "Another deque with the same items." },
	{ "__copy__", deque_copy, "", "Another deque with the same items." },
	{ "rotate", deque_rotate, "n=1, /", "Moves n items from the end to the start." },
	{ "reverse", deque_reverse, "", "Turns the order round." },
	{ "count", deque_count, "x, /", "How many items equal x." },
	{ "index", deque_index, "x, start=..., stop=..., /", "Where the first item that equals x stands." },
	{ "insert", deque_insert, "i, x, /", "Puts x before the i-th item." },
	{ "remove", deque_remove, "x, /", "Removes the first item that equals x." },
	{ "__reversed__", deque_reversed, "", "An iterator from the last item to the first." },
	{0}
};
static const struct getset attrs[] = { { "maxlen", get_maxlen, NULL, "How many items it holds at most." }, {0} };

static const struct type_spec deque_spec = {
	.name = "deque", .doc = "A list that grows and shrinks quickly at both ends.", .size = sizeof(struct deque),
	.flags = TYPE_CONTAINER | TYPE_SUBCLASSABLE, .signature = "iterable=..., maxlen=None",
	.slots = {
		.make = deque_make, .init = deque_init, .release = deque_release, .visit = deque_visit, .repr = deque_repr,
		.length = deque_length, .item = deque_item, .set_item = deque_set_item, .contains = deque_contains, .iterate = deque_iterate,
		.compare = deque_compare, .binary = deque_binary,
	},
	.methods = methods, .attrs = attrs,
};

static bool fill(struct vm *vm, struct dict *g)
{
	vm->own->deque = module_new_type(vm, g, &deque_spec, "collections");
	return true;
}

const struct module_spec module__collections = { "_collections", "What collections has in C.", NULL, fill };
