/* What instructions do when it is not simple: the dispatch loop's helpers. */
#include "lang/ops.h"

#include <string.h>

#include "base/mem.h"

#include "lang/set.h"

bool op_unbound(struct vm *vm, struct frame *f, unsigned r)
{
	const struct code *code = f->code;
	const char *name = r < code->locals ? code->local_names[r]->data : "?";
	return vm_raise_ok(vm, vm->errors.UnboundLocalError, "cannot access local variable '%s' where it is not associated with a value", name);
}

/* ---- arithmetic and comparison ------------------------------------------------------------------------------------- */

/* The left operand may be changed in place when it is a temporary, or the variable that gets the result. */
static value binary(struct vm *vm, struct frame *f, int op, value a, value b)
{
	struct instruction i = op_of(f);
	bool reusable = i.b >= f->code->first_temp || (i.n && i.a == i.b);
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

static int truth_of(struct vm *vm, TAKES value v)
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
	return truth_of(vm, result);
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
	return vm_raise_ok(vm, vm->errors.ValueError, "not enough values to unpack (expected %s%zu, got %zu)", star ? "at least " : "", want, got);
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

bool op_item(struct vm *vm, struct frame *f, bool with_int)
{
	struct instruction i = op_of(f);
	value of = op_see(vm, f, i.b), key = value_int((int16_t)i.c);
	if (is_unset(of) || (!with_int && is_unset(key = op_see(vm, f, i.c))))
		return false;
	value result = value_item(vm, of, key);
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

/* ---- making -------------------------------------------------------------------------------------------------------- */

static value take_row(struct vm *vm, value *row, size_t count, bool tuple)
{
	value *items;
	value made;
	if (tuple) {
		struct tuple *t = tuple_new(vm, count);
		items = t->items;
		made = value_object(t);
	} else {
		struct list *l = list_new(vm, count);
		items = l->items;
		l->count = count;
		made = value_object(l);
	}
	for (size_t i = 0; i < count; i++) {
		items[i] = row[i];
		row[i].tag = TAG_UNSET;
	}
	return made;
}

static void drop_row(value *row, size_t count)
{
	for (size_t i = 0; i < count; i++)
		value_set(&row[i], VALUE_UNSET);
}

static value make_set(struct vm *vm, value *row, size_t count)
{
	struct set *s = set_new(vm, false);
	bool ok = true;
	for (size_t i = 0; i < count && ok; i++)
		ok = set_add(vm, s, row[i]);
	drop_row(row, count);
	if (ok)
		return value_object(s);
	object_drop(s);
	return VALUE_UNSET;
}

static value make_dict(struct vm *vm, value *row, size_t pairs)
{
	struct dict *d = dict_new(vm);
	bool ok = true;
	for (size_t i = 0; i < pairs && ok; i++) {
		ok = dict_set(vm, d, row[2 * i], row[2 * i + 1]);
		row[2 * i + 1].tag = TAG_UNSET;
	}
	drop_row(row, 2 * pairs);
	if (ok)
		return value_object(d);
	object_drop(d);
	return VALUE_UNSET;
}

static value make_slice(struct vm *vm, value *row)
{
	value v = slice_new(vm, row[0], row[1], row[2]);
	drop_row(row, 3);
	return v;
}

static size_t join_room(const value *row, size_t count)
{
	size_t room = 0;
	for (size_t i = 0; i < count; i++)
		room += row[i].tag == TAG_INT ? 20 : as_str(row[i])->len;
	return room;
}

static char *put_decimal(char *at, int64_t number)
{
	char digits[20];
	size_t n = 0;
	uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
	do
		digits[n++] = '0' + rest % 10;
	while (rest /= 10);
	if (number < 0)
		*at++ = '-';
	while (n)
		*at++ = digits[--n];
	return at;
}

/* Texts, and whole numbers as FORMAT leaves them. */
static value join(struct vm *vm, value *row, size_t count)
{
	char few[512], *text, *at;
	size_t room = join_room(row, count);
	text = at = room <= sizeof few ? few : mem_alloc(room);
	for (size_t i = 0; i < count; i++) {
		if (row[i].tag == TAG_INT) {
			at = put_decimal(at, row[i].i);
			continue;
		}
		const struct str *s = as_str(row[i]);
		memcpy(at, s->data, s->len);
		at += s->len;
	}
	drop_row(row, count);
	value joined = value_object(str_new(vm, text, at - text));
	if (text != few)
		mem_free(text);
	return joined;
}

bool op_build(struct vm *vm, struct frame *f)
{
	struct instruction i = op_of(f);
	value *row = &f->regs[i.b], made;
	switch (i.op) {
	case OP_LIST:  made = take_row(vm, row, i.c, false); break;
	case OP_TUPLE: made = take_row(vm, row, i.c, true); break;
	case OP_SET:   made = make_set(vm, row, i.c); break;
	case OP_DICT:  made = make_dict(vm, row, i.c); break;
	case OP_SLICE: made = make_slice(vm, row); break;
	default:       made = join(vm, row, i.c); break;
	}
	return op_put(f, i.a, made);
}

static const char *callee_name(struct vm *vm, value callee)
{
	if (is_kind(callee, KIND_FUNCTION))
		return as_function(callee)->qualname->data;
	if (is_kind(callee, KIND_METHOD))
		return callee_name(vm, ((struct method *)callee.o)->function);
	if (is_kind(callee, KIND_NATIVE))
		return ((struct native_function *)callee.o)->spec->name;
	return is_kind(callee, KIND_TYPE) ? ((struct type *)callee.o)->name->data : value_type_name(vm, callee);
}

static bool merge_failed(struct vm *vm, value callee, value key, const char *what)
{
	const char *name = callee_name(vm, callee);
	if (!what)
		return vm_raise_ok(vm, vm->errors.TypeError, "%s() got multiple values for keyword argument '%s'", name, as_str(key)->data);
	return vm_raise_ok(vm, vm->errors.TypeError, "%s() %s", name, what);
}

/* The pairs of a **argument. */
static bool merge(struct vm *vm, struct dict *into, value from, value callee)
{
	struct dict *d = NULL;
	value key, item;
	if (is_kind(from, KIND_DICT)) {
		d = object_keep(as_dict(from));
	} else {
		d = dict_new(vm);
		if (!dict_update(vm, d, from)) {
			object_drop(d);
			vm_clear(vm);
			return vm_raise_ok(vm, vm->errors.TypeError, "%s() argument after ** must be a mapping, not %s",
				callee_name(vm, callee), value_type_name(vm, from));
		}
	}
	bool ok = true;
	for (uint32_t at = 0; ok && dict_next(d, &at, &key, &item);) {
		if (!is_str(key))
			ok = merge_failed(vm, callee, key, "keywords must be strings");
		else if (!is_unset(dict_get_str(into, as_str(key))))
			ok = merge_failed(vm, callee, key, NULL);
		else
			dict_set_str(vm, into, as_str(key), value_keep(item));
	}
	object_drop(d);
	return ok;
}

static bool extend_list(struct vm *vm, struct frame *f, value list, value v)
{
	struct instruction i = op_of(f);
	struct type *type = value_type(vm, v);
	if (type->slots.iterate || type->slots.item)
		return list_extend(vm, as_list(list), v);
	if (!i.n)
		return vm_raise_ok(vm, vm->errors.TypeError, "Value after * must be an iterable, not %s", type->name->data);
	return vm_raise_ok(vm, vm->errors.TypeError, "%s() argument after * must be an iterable, not %s", callee_name(vm, f->regs[i.c]), type->name->data);
}

bool op_spread(struct vm *vm, struct frame *f)
{
	struct instruction i = op_of(f);
	value v = op_take(vm, f, i.b);
	if (is_unset(v))
		return false;
	struct list *l = list_new(vm, 0);
	bool ok = extend_list(vm, f, value_object(l), v);
	value_drop(v);
	if (ok)
		return op_put(f, i.a, value_object(l));
	object_drop(l);
	return false;
}

static bool update_dict(struct vm *vm, value dict, value v)
{
	if (!is_kind(v, KIND_DICT)) {
		value keys = value_attr_or_unset(vm, v, str_intern(vm, "keys"));
		value_drop(keys);
		if (vm_pending(vm))
			return false;
		if (is_unset(keys))
			return vm_raise_ok(vm, vm->errors.TypeError, "'%s' object is not a mapping", value_type_name(vm, v));
	}
	return dict_update(vm, as_dict(dict), v);
}

bool op_extend(struct vm *vm, struct frame *f)
{
	struct instruction i = op_of(f);
	value into = f->regs[i.a], v = op_take(vm, f, i.b), item, result;
	bool ok = !is_unset(v);
	if (!ok)
		return false;
	switch (i.op) {
	case OP_APPEND:      list_append(as_list(into), v); return true;
	case OP_EXTEND:      ok = extend_list(vm, f, into, v); break;
	case OP_SET_ADD:     ok = set_add(vm, (struct set *)into.o, v); break;
	case OP_SET_UPDATE:  ok = set_update(vm, (struct set *)into.o, v); break;
	case OP_DICT_SET:
		item = op_take(vm, f, i.c);
		ok = !is_unset(item) && dict_set(vm, as_dict(into), v, item);
		break;
	case OP_DICT_UPDATE: ok = update_dict(vm, into, v); break;
	case OP_DICT_MERGE:  ok = merge(vm, as_dict(into), v, f->regs[i.c]); break;
	default:
		result = tuple_from(vm, v);
		value_drop(v);
		return op_put(f, i.a, result);
	}
	value_drop(v);
	return ok;
}

/* ---- text ---------------------------------------------------------------------------------------------------------- */

static value convert(struct vm *vm, TAKES value v, int conversion)
{
	value made = VALUE_UNSET, ascii;
	switch (conversion) {
	case 'r': made = value_repr(vm, v); break;
	case 's': made = value_str(vm, v); break;
	case 'a':
		ascii = dict_get_text(vm, vm->builtins, "ascii");
		made = value_call_args(vm, ascii, 1, &v);
		break;
	default: return v;
	}
	value_drop(v);
	return made;
}

bool op_format(struct vm *vm, struct frame *f)
{
	struct instruction i = op_of(f);
	value v = op_take(vm, f, i.b), spec = VALUE_UNSET, made;
	if (i.n & 128)
		spec = op_take(vm, f, i.b + 1);
	if (!is_unset(v))
		v = convert(vm, v, i.n & 127);
	if (is_unset(v)) {
		value_drop(spec);
		return false;
	}
	if (is_unset(spec) && (v.tag == TAG_INT || (v.tag == TAG_OBJECT && v.o->type == vm->types.str)))
		return op_put(f, i.a, v);
	if (is_unset(spec))
		spec = str_value(vm, "");
	made = value_format(vm, v, spec);
	value_drop(v);
	value_drop(spec);
	return op_put(f, i.a, made);
}

/* ---- functions and classes ----------------------------------------------------------------------------------------- */

bool op_function(struct vm *vm, struct frame *f)
{
	struct instruction i = op_of(f);
	struct code *code = (struct code *)f->code->consts[i.c].o;
	value made = function_new(vm, code, f->function->globals), *parts = &f->regs[i.b];
	struct function *fn = as_function(made);
	for (unsigned n = 0; n < code->free_count; n++) {
		struct capture c = code->captures[n];
		fn->cells[n] = object_keep(c.free ? f->function->cells[c.at] : (struct cell *)f->regs[c.at].o);
	}
	void **places[] = { (void **)&fn->defaults, (void **)&fn->keyword_defaults, (void **)&fn->annotations };
	for (int n = 0; n < 3; n++)
		if (i.n & 1 << n) {
			*places[n] = parts[n].o;
			parts[n].tag = TAG_UNSET;
		}
	return op_put(f, i.a, made);
}

static bool run_body(struct vm *vm, struct function *body, struct dict *space)
{
	if (vm->machine->nested >= NESTED_LIMIT)
		return frame_deep(vm);
	struct frame *f = frame_push(vm, body, 0);
	if (!f)
		return false;
	f->flags |= FRAME_ENTRY | FRAME_SPACE;
	f->space = object_keep(space);
	value done = machine_loop(vm, f);
	value_drop(done);
	return !is_unset(done);
}

static value derive(struct vm *vm, struct function *body, const value *bases, size_t count, struct dict *space, value keywords)
{
	struct type **types = mem_alloc((count + 1) * sizeof *types);
	value made = VALUE_UNSET;
	size_t n = 0;
	for (; n < count && is_kind(bases[n], KIND_TYPE); n++)
		types[n] = (struct type *)bases[n].o;
	if (n < count) {
		vm_raise(vm, vm->errors.TypeError, "a base of a class must be a class, not %s", value_type_name(vm, bases[n]));
		vm_blame_arg(vm, n);
	} else {
		struct call call = { 0 };
		value args[32];
		struct str *names[32];
		value key, item;
		for (uint32_t at = 0; is_kind(keywords, KIND_DICT) && call.named < 32 && dict_next(as_dict(keywords), &at, &key, &item); call.named++) {
			args[call.named] = item;
			names[call.named] = as_str(key);
		}
		call.args = args;
		call.names = names;
		struct type *type = type_derive_with(vm, body->name, count, types, space, call.named ? &call : NULL);
		if (type)
			made = value_object(type);
	}
	mem_free(types);
	return made;
}

/* The body leaves the cell that its methods find __class__ in as `__classcell__` of its namespace. */
bool op_class(struct vm *vm, struct frame *f)
{
	struct instruction i = op_of(f);
	value *row = &f->regs[i.b], made = VALUE_UNSET, cell = VALUE_UNSET;
	struct function *body = as_function(row[0]);
	struct dict *space = dict_new(vm);
	dict_set_str(vm, space, vm->names.module_, is_unset(body->module) ? VALUE_NONE : value_keep(body->module));
	dict_set_str(vm, space, vm->names.qualname_, value_object(object_keep(body->qualname)));
	if (run_body(vm, body, space)) {
		struct str *key = str_intern(vm, "__classcell__");
		cell = value_keep(dict_get_str(space, key));
		dict_remove_str(space, key);
		made = derive(vm, body, row + 1, i.c, space, i.n ? row[i.c + 1] : VALUE_UNSET);
	}
	if (!is_unset(made) && is_kind(cell, KIND_CELL))
		value_set(&((struct cell *)cell.o)->held, value_keep(made));
	value_drop(cell);
	object_drop(space);
	drop_row(row, i.c + 1 + i.n);
	return op_put(f, i.a, made);
}

/* ---- exceptions ---------------------------------------------------------------------------------------------------- */

static value as_instance(struct vm *vm, TAKES value v, const char *wrong)
{
	if (is_kind(v, KIND_TYPE) && type_is((struct type *)v.o, vm->errors.BaseException)) {
		value made = value_call_args(vm, v, 0, NULL);
		value_drop(v);
		v = made;
	}
	if (is_unset(v) || is_kind(v, KIND_EXCEPTION))
		return v;
	value_drop(v);
	return vm_raise(vm, vm->errors.TypeError, "%s", wrong);
}

static bool raise_again(struct vm *vm)
{
	struct handled *h = machine_current(vm->machine);
	if (!h)
		return vm_raise_ok(vm, vm->errors.RuntimeError, "No active exception to reraise");
	vm_raise_value(vm, value_keep(h->exception));
	vm->machine->again = true;
	return false;
}

bool op_raise(struct vm *vm, struct frame *f)
{
	struct instruction i = op_of(f);
	if (!i.n)
		return raise_again(vm);
	value e = op_take(vm, f, i.a), cause = VALUE_UNSET;
	if (is_unset(e) || is_unset(e = as_instance(vm, e, "exceptions must derive from BaseException")))
		return false;
	if (i.n == 2) {
		cause = op_take(vm, f, i.b);
		if (!is_unset(cause) && !is_none(cause))
			cause = as_instance(vm, cause, "exception causes must derive from BaseException");
		if (is_unset(cause)) {
			value_drop(e);
			return false;
		}
		as_exception(e)->suppress_context = true;
		value_set(&as_exception(e)->cause, is_none(cause) ? VALUE_UNSET : cause);
	}
	vm_raise_value(vm, e);
	trace_raise(vm);
	return false;
}

static int match_one(struct vm *vm, value e, value class)
{
	if (is_kind(class, KIND_TYPE) && type_is((struct type *)class.o, vm->errors.BaseException))
		return type_is(e.o->type, (struct type *)class.o);
	vm_raise(vm, vm->errors.TypeError, "catching classes that do not inherit from BaseException is not allowed");
	return -1;
}

static int match(struct vm *vm, value e, value class)
{
	if (!is_kind(class, KIND_TUPLE))
		return match_one(vm, e, class);
	int found = 0;
	for (size_t n = 0; n < as_tuple(class)->count && !found; n++)
		found = match(vm, e, as_tuple(class)->items[n]);
	return found;
}

int op_match(struct vm *vm, struct frame *f)
{
	struct instruction i = op_of(f);
	value class = op_see(vm, f, i.b);
	int found = is_unset(class) ? -1 : match(vm, f->regs[i.a], class);
	op_done(f, i.b);
	return found;
}

bool op_assert(struct vm *vm, struct frame *f)
{
	struct instruction i = op_of(f);
	value message = i.n ? op_take(vm, f, i.a) : VALUE_UNSET;
	if (i.n && is_unset(message))
		return false;
	value e = value_call_args(vm, value_object(vm->errors.AssertionError), i.n, &message);
	value_drop(message);
	if (!is_unset(e))
		vm_raise_value(vm, e);
	return false;
}

bool op_enter(struct vm *vm, struct frame *f)
{
	struct instruction i = op_of(f);
	value manager = f->regs[i.b];
	struct type *type = value_type(vm, manager);
	if (!type->slots.enter)
		return vm_raise_ok(vm, vm->errors.TypeError, "'%s' object does not support the context manager protocol", type->name->data);
	if (!type->slots.leave)
		return vm_raise_ok(vm, vm->errors.TypeError, "'%s' object does not support the context manager protocol (missed __exit__ method)", type->name->data);
	return op_put(f, i.a, type->slots.enter(vm, manager));
}

bool op_leave(struct vm *vm, struct frame *f)
{
	value manager = op_take(vm, f, op_of(f).a);
	value done = value_type(vm, manager)->slots.leave(vm, manager, VALUE_NONE);
	bool ok = !is_unset(done);
	value_drop(manager);
	value_drop(done);
	return ok;
}

int op_leave_raised(struct vm *vm, struct frame *f)
{
	struct instruction i = op_of(f);
	value manager = op_take(vm, f, i.a);
	value done = value_type(vm, manager)->slots.leave(vm, manager, f->regs[i.b]);
	value_drop(manager);
	return is_unset(done) ? -1 : truth_of(vm, done);
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
		ok = (vm->machine->display ? vm->machine->display : show_plainly)(vm, v);
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
