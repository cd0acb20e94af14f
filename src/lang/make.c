/* What instructions do that make values: displays, arguments of calls, text, functions and classes. */
#include "lang/ops.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "lang/set.h"

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

static value make_set(struct vm *vm, value *row, size_t count)
{
	struct set *s = set_new(vm, false);
	bool ok = true;
	for (size_t i = 0; i < count && ok; i++)
		ok = set_add(vm, s, row[i]);
	op_drop_row(row, count);
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
	op_drop_row(row, 2 * pairs);
	if (ok)
		return value_object(d);
	object_drop(d);
	return VALUE_UNSET;
}

static value make_slice(struct vm *vm, value *row)
{
	value v = slice_new(vm, row[0], row[1], row[2]);
	op_drop_row(row, 3);
	return v;
}

static size_t join_room(const value *row, size_t count)
{
	size_t room = 0;
	for (size_t i = 0; i < count; i++)
		room += row[i].tag == TAG_INT ? DECIMAL_ROOM : as_str(row[i])->len;
	return room;
}

/* Texts, and whole numbers as FORMAT leaves them. */
static value join(struct vm *vm, value *row, size_t count)
{
	char few[512], *text, *at;
	if (count == 1 && row[0].tag == TAG_OBJECT && row[0].o->type == vm->types.str) {
		value whole = row[0];
		row[0].tag = TAG_UNSET;
		return whole;
	}
	few[0] = 0;
	size_t room = join_room(row, count);
	text = at = room <= sizeof few ? few : mem_alloc(room);
	for (size_t i = 0; i < count; i++) {
		if (row[i].tag == TAG_INT) {
			at += text_decimal(at, row[i].i);
			continue;
		}
		const struct str *s = as_str(row[i]);
		memcpy(at, s->data, s->len);
		at += s->len;
	}
	op_drop_row(row, count);
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
	return vm_raise_ok(vm, vm->errors.TypeError, "%s() argument after * must be an iterable, not %s", callee_name(vm, f->regs[i.c]),
		type->name->data);
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

/* The class itself; the statement's keywords go to __init_subclass__. */
static struct type *derive_from(struct vm *vm, struct function *body, struct type **bases, size_t count, struct dict *space, value keywords)
{
	if (!is_kind(keywords, KIND_DICT))
		return type_derive_with(vm, body->name, count, bases, space, NULL);
	value *args = mem_alloc(as_dict(keywords)->used * sizeof *args), key, item;
	struct str **names = mem_alloc(as_dict(keywords)->used * sizeof *names);
	struct call call = { .args = args, .names = names };
	for (uint32_t at = 0; dict_next(as_dict(keywords), &at, &key, &item); call.named++) {
		args[call.named] = item;
		names[call.named] = as_str(key);
	}
	struct type *made = type_derive_with(vm, body->name, count, bases, space, &call);
	mem_free(args);
	mem_free(names);
	return made;
}

static value derive(struct vm *vm, struct function *body, const value *bases, size_t count, struct dict *space, value keywords)
{
	struct type **types = mem_alloc((count + 1) * sizeof *types), *made = NULL;
	size_t n = 0;
	for (; n < count && is_kind(bases[n], KIND_TYPE); n++)
		types[n] = (struct type *)bases[n].o;
	if (n < count) {
		vm_raise(vm, vm->errors.TypeError, "a base of a class must be a class, not %s", value_type_name(vm, bases[n]));
		vm_blame_arg(vm, n);
	} else {
		made = derive_from(vm, body, types, count, space, keywords);
	}
	mem_free(types);
	return made ? value_object(made) : VALUE_UNSET;
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
	op_drop_row(row, i.c + 1 + i.n);
	return op_put(f, i.a, made);
}

