/* What instructions do when it is not simple: the dispatch loop's helpers. */
#include "lang/ops.h"

#include <string.h>


bool op_unbound(struct vm *vm, struct frame *f, unsigned r)
{
	const struct code *code = f->code;
	const char *name = r < code->locals ? code->local_names[r]->data : "?";
	return vm_raise_ok(vm, vm->errors.UnboundLocalError,
		"cannot access local variable '%s' where it is not associated with a value", name);
}

/* A sequence of the machine's own type: subscripts and + of such run no code of the program's that could nest without end. */
static bool own_sequence(value v)
{
	return v.tag == TAG_OBJECT && v.o->kind >= KIND_STR && v.o->kind <= KIND_TUPLE && v.o->type->flags & TYPE_NATIVE;
}

/* ---- arithmetic and comparison ------------------------------------------------------------------------------------- */

/* The left operand may be changed in place when it is a temporary, or the variable that gets the result. */
static inline value binary(struct vm *vm, struct frame *f, int op, value a, value b)
{
	struct instruction i = op_of(f);
	bool reusable = i.b >= f->code->first_temp || (i.n && i.a == i.b);
	if (op == OP_ADD_ && own_sequence(a) && b.tag == TAG_OBJECT && a.o->type == b.o->type && !(i.n && a.o->type->slots.inplace))
		return a.o->type->slots.binary(vm, op, a, b, false, reusable);
	return i.n ? value_inplace(vm, op, a, b, reusable) : value_binary(vm, op, a, b, reusable);
}

bool op_binary(struct vm *vm, struct frame *f, int op)
{
	struct instruction i = op_of(f);
	value a = op_see(vm, f, i.b), b, result = VALUE_UNSET;
	if (is_unset(a) || is_unset(b = op_see(vm, f, i.c)))
		return false;
	result = binary(vm, f, op, a, b);
	op_done(f, i.b);
	op_done(f, i.c);
	return op_put(f, i.a, result);
}

bool op_binary_int(struct vm *vm, struct frame *f, int op)
{
	struct instruction i = op_of(f);
	value a = op_see(vm, f, i.b);
	if (is_unset(a))
		return false;
	value result = binary(vm, f, op, a, value_int((int16_t)i.c));
	op_done(f, i.b);
	return op_put(f, i.a, result);
}

bool op_unary(struct vm *vm, struct frame *f)
{
	struct instruction i = op_of(f);
	value a = op_see(vm, f, i.b);
	if (is_unset(a))
		return false;
	value result = value_unary(vm, i.n, a);
	op_done(f, i.b);
	return op_put(f, i.a, result);
}

static bool same_text(value a, value b)
{
	const struct str *x = as_str(a), *y = as_str(b);
	return x == y || (x->len == y->len && !memcmp(x->data, y->data, x->len));
}

static value compare(struct vm *vm, enum compare op, value a, value b)
{
	if ((op == CMP_EQ || op == CMP_NE) && a.tag == TAG_OBJECT && b.tag == TAG_OBJECT &&
			a.o->type == vm->types.str && b.o->type == vm->types.str)
		return value_bool(same_text(a, b) == (op == CMP_EQ));
	return value_compare(vm, op, a, b);
}

bool op_compare(struct vm *vm, struct frame *f)
{
	struct instruction i = op_of(f);
	value a = op_see(vm, f, i.b), b;
	if (is_unset(a) || is_unset(b = op_see(vm, f, i.c)))
		return false;
	value result = compare(vm, i.n, a, b);
	op_done(f, i.b);
	op_done(f, i.c);
	return op_put(f, i.a, result);
}

int op_truth_of(struct vm *vm, TAKES value v)
{
	bool yes = v.tag == TAG_BOOL && v.b;
	bool ok = v.tag == TAG_BOOL || (!is_unset(v) && value_truth(vm, v, &yes));
	value_drop(v);
	return ok ? yes : -1;
}

int op_jump_compare(struct vm *vm, struct frame *f, int op, bool with_int)
{
	struct instruction i = op_of(f);
	value a = op_see(vm, f, i.a), b = value_int((int16_t)i.b);
	if (is_unset(a) || (!with_int && is_unset(b = op_see(vm, f, i.b))))
		return -1;
	value result = compare(vm, op, a, b);
	op_done(f, i.a);
	if (!with_int)
		op_done(f, i.b);
	return op_truth_of(vm, result);
}

static int contains(struct vm *vm, struct frame *f, unsigned needle, unsigned in)
{
	bool found = false;
	value a = op_see(vm, f, needle), b;
	if (is_unset(a) || is_unset(b = op_see(vm, f, in)))
		return -1;
	bool ok = value_contains(vm, b, a, &found);
	op_done(f, needle);
	op_done(f, in);
	return ok ? found : -1;
}

bool op_contains(struct vm *vm, struct frame *f)
{
	struct instruction i = op_of(f);
	int found = contains(vm, f, i.b, i.c);
	return found >= 0 && op_put(f, i.a, value_bool(found == i.n));
}

int op_jump_in(struct vm *vm, struct frame *f)
{
	return contains(vm, f, op_of(f).a, op_of(f).b);
}

int op_truth(struct vm *vm, struct frame *f, unsigned r, bool keep)
{
	bool yes = false;
	value v = op_see(vm, f, r);
	bool ok = !is_unset(v) && value_truth(vm, v, &yes);
	if (!keep)
		op_done(f, r);
	return ok ? yes : -1;
}

/* ---- iteration ----------------------------------------------------------------------------------------------------- */

static bool iterate_range(const struct range *r, value *state)
{
	if (r->start.tag != TAG_INT || r->stop.tag != TAG_INT || r->step.tag != TAG_INT)
		return false;
	int64_t start = r->start.i, stop = r->stop.i, step = r->step.i;
	uint64_t count = 0;
	if (step > 0 && start < stop)
		count = ((uint64_t)stop - (uint64_t)start - 1) / (uint64_t)step + 1;
	else if (step < 0 && start > stop)
		count = ((uint64_t)start - (uint64_t)stop - 1) / (0 - (uint64_t)step) + 1;
	if (count > INT64_MAX)
		return false;
	state[0] = value_int(start);
	state[1] = value_int((int64_t)count);
	state[2] = value_int(step);
	return true;
}

bool op_iterate(struct vm *vm, struct frame *f)
{
	struct instruction i = op_of(f);
	value v = op_take(vm, f, i.a), *state = &f->regs[i.b];
	if (is_unset(v))
		return false;
	if (is_kind(v, KIND_RANGE) && iterate_range((struct range *)v.o, state)) {
		value_drop(v);
		return true;
	}
	state[1] = state[2] = VALUE_NONE;
	if (v.tag == TAG_OBJECT && (v.o->type == vm->types.list || v.o->type == vm->types.tuple)) {
		state[0] = v;
		state[1] = value_int(0);
		return true;
	}
	if (is_kind(v, KIND_GENERATOR)) {
		state[0] = v;
		return true;
	}
	value it = value_iterate(vm, v);
	value_drop(v);
	state[0] = it;
	return !is_unset(it);
}

static bool unpack_wrong(struct vm *vm, size_t want, size_t got, bool star)
{
	if (got > want && !star)
		return vm_raise_ok(vm, vm->errors.ValueError, "too many values to unpack (expected %zu)", want);
	return vm_raise_ok(vm, vm->errors.ValueError, "not enough values to unpack (expected %s%zu, got %zu)", star ? "at least " : "",
		want, got);
}

/* What is unpacked as a list or tuple, owned; `most` bounds what is read of an endless iterator. */
static value unpack_items(struct vm *vm, TAKES value v, size_t most)
{
	const value *items;
	size_t count;
	if (value_items(v, &items, &count))
		return v;
	struct type *type = value_type(vm, v);
	if (!type->slots.iterate && !type->slots.item) {
		vm_raise(vm, vm->errors.TypeError, "cannot unpack non-iterable %s object", value_type_name(vm, v));
		value_drop(v);
		return VALUE_UNSET;
	}
	value it = value_iterate(vm, v), item = VALUE_UNSET;
	value_drop(v);
	if (is_unset(it))
		return it;
	struct list *l = list_new(vm, 0);
	while (l->count < most && !is_unset(item = value_next(vm, it)))
		list_append(l, item);
	value_drop(it);
	if (!vm_pending(vm))
		return value_object(l);
	object_drop(l);
	return VALUE_UNSET;
}

bool op_unpack(struct vm *vm, struct frame *f)
{
	struct instruction i = op_of(f);
	const value *items;
	size_t count;
	value v = op_take(vm, f, i.b);
	if (is_unset(v) || is_unset(v = unpack_items(vm, v, (size_t)i.c + 1)))
		return false;
	value_items(v, &items, &count);
	bool ok = count == i.c || unpack_wrong(vm, i.c, count, false);
	for (size_t n = 0; ok && n < count; n++)
		f->regs[i.a + n] = value_keep(items[n]);
	value_drop(v);
	return ok;
}

bool op_unpack_star(struct vm *vm, struct frame *f)
{
	struct instruction i = op_of(f);
	const value *items;
	size_t count, before = i.n, after = i.c;
	value v = op_take(vm, f, i.b);
	if (is_unset(v) || is_unset(v = unpack_items(vm, v, SIZE_MAX)))
		return false;
	value_items(v, &items, &count);
	bool ok = count >= before + after || unpack_wrong(vm, before + after, count, true);
	if (ok) {
		struct list *l = list_new(vm, count - before - after);
		for (size_t n = 0; n < before; n++)
			f->regs[i.a + n] = value_keep(items[n]);
		for (size_t n = before; n < count - after; n++)
			list_append(l, value_keep(items[n]));
		f->regs[i.a + before] = value_object(l);
		for (size_t n = 0; n < after; n++)
			f->regs[i.a + before + 1 + n] = value_keep(items[count - after + n]);
	}
	value_drop(v);
	return ok;
}

/* ---- items --------------------------------------------------------------------------------------------------------- */

/* The machine's own sequences look at a slice and forget it, so that it need not be an object of the heap. */
static value slice_item(struct vm *vm, value of, value *parts)
{
	if (own_sequence(of)) {
		struct slice s = { .start = parts[0], .stop = parts[1], .step = parts[2] };
		*(struct object *)&s = (struct object){ .refs = 1, .kind = KIND_SLICE, .type = vm->types.slice };
		return of.o->type->slots.item(vm, of, value_object(&s));
	}
	value key = slice_new(vm, parts[0], parts[1], parts[2]), result = value_item(vm, of, key);
	value_drop(key);
	return result;
}

bool op_slice(struct vm *vm, struct frame *f)
{
	struct instruction i = op_of(f);
	value of = op_see(vm, f, i.b), *parts = &f->regs[i.c];
	if (is_unset(of))
		return false;
	value result = slice_item(vm, of, parts);
	op_done(f, i.b);
	op_drop_row(parts, 3);
	return op_put(f, i.a, result);
}

bool op_item(struct vm *vm, struct frame *f, bool with_int)
{
	struct instruction i = op_of(f);
	value of = op_see(vm, f, i.b), key = value_int((int16_t)i.c);
	if (is_unset(of) || (!with_int && is_unset(key = op_see(vm, f, i.c))))
		return false;
	value result = own_sequence(of) ? of.o->type->slots.item(vm, of, key) : value_item(vm, of, key);
	op_done(f, i.b);
	if (!with_int)
		op_done(f, i.c);
	return op_put(f, i.a, result);
}

bool op_set_item(struct vm *vm, struct frame *f)
{
	struct instruction i = op_of(f);
	value of = op_see(vm, f, i.a), key, to;
	if (is_unset(of) || is_unset(key = op_see(vm, f, i.b)) || is_unset(to = op_see(vm, f, i.c)))
		return false;
	bool ok = value_set_item(vm, of, key, to);
	op_done(f, i.a);
	op_done(f, i.b);
	op_done(f, i.c);
	return ok;
}

bool op_delete_item(struct vm *vm, struct frame *f)
{
	struct instruction i = op_of(f);
	value of = op_see(vm, f, i.a), key;
	if (is_unset(of) || is_unset(key = op_see(vm, f, i.b)))
		return false;
	bool ok = value_set_item(vm, of, key, VALUE_UNSET);
	op_done(f, i.a);
	op_done(f, i.b);
	return ok;
}

/* ---- the prompt, annotations --------------------------------------------------------------------------------------- */

static bool show_plainly(struct vm *vm, value v)
{
	struct buf b = { 0 };
	bool ok = value_repr_to(vm, v, &b);
	buf_char(&b, '\n');
	ok = ok && !is_unset(vm_write(vm, b.data, b.len));
	buf_free(&b);
	return ok;
}

bool op_show(struct vm *vm, struct frame *f)
{
	value v = op_take(vm, f, op_of(f).a);
	bool ok = !is_unset(v);
	if (ok && !is_none(v)) {
		ok = (vm->hooks.display ? vm->hooks.display : show_plainly)(vm, v);
		dict_set_str(vm, vm->builtins, str_intern(vm, "_"), value_keep(v));
	}
	value_drop(v);
	return ok;
}

bool op_annotate(struct vm *vm, struct frame *f)
{
	struct instruction i = op_of(f);
	struct dict *space = f->flags & FRAME_SPACE ? f->space : f->function->globals;
	value v = op_take(vm, f, i.a), annotations = dict_get_str(space, vm->names.annotations_);
	if (is_unset(v))
		return false;
	if (is_unset(annotations)) {
		annotations = value_object(dict_new(vm));
		dict_set_str(vm, space, vm->names.annotations_, annotations);
	}
	if (is_kind(annotations, KIND_DICT))
		dict_set_str(vm, as_dict(annotations), f->code->names[i.b], v);
	else
		value_drop(v);
	return true;
}
