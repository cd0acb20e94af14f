#include "lang/record.h"

#include "base/buf.h"

value record_new(struct vm *vm, struct type *type, size_t count, TAKES const value *items)
{
	struct tuple *t = object_new(type, count * sizeof *items);

	t->count = count;
	for (size_t i = 0; i < count; i++)
		t->items[i] = items[i];
	return value_object(t);
}

static size_t fields_of(const struct type *type)
{
	size_t count = 0;

	while (type->spec->attrs[count].name)
		count++;
	return count;
}

value record_make(struct vm *vm, struct type *cls, const struct call *call)
{
	size_t count = fields_of(cls);

	if (call->count != 1 || call->named)
		return vm_raise(vm, vm->errors.TypeError, "%s() takes one sequence", cls->name->data);
	value items = tuple_from(vm, call->args[0]);
	if (is_unset(items))
		return items;
	struct tuple *t = as_tuple(items);
	value record = VALUE_UNSET;
	if (t->count != count)
		vm_raise(vm, vm->errors.TypeError, "%s() takes an at least %zu-sequence (%zu-sequence given)", cls->name->data, count, t->count);
	else {
		for (size_t i = 0; i < count; i++)
			value_keep(t->items[i]);
		record = record_new(vm, cls, count, t->items);
	}
	value_drop(items);
	return record;
}

bool record_repr(struct vm *vm, value self, struct buf *out)
{
	struct tuple *t = as_tuple(self);
	const struct getset *fields = t->head.head.type->spec->attrs;
	value module = type_find(t->head.head.type, vm->names.module_);

	if (is_str(module))
		buf_print(out, "%s.", as_str(module)->data);
	buf_print(out, "%s(", t->head.head.type->name->data);
	for (size_t i = 0; i < t->count; i++) {
		buf_print(out, "%s%s=", i ? ", " : "", fields[i].name);
		if (!value_repr_to(vm, t->items[i], out))
			return false;
	}
	buf_char(out, ')');
	return true;
}

#define X(n) value record_get_##n(struct vm *vm, value self) { return value_keep(as_tuple(self)->items[n]); }
RECORD_GETTERS(X)
#undef X
