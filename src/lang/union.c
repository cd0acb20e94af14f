#include "lang/union.h"

#include "base/buf.h"

#include "lang/cache.h"
#include "lang/makers.h"
#include "lang/types.h"

struct union_of {
	struct container head;
	value classes;          /* a tuple, each class once; None stands as its class */
};

static bool is_union(struct vm *vm, value v)
{
	return v.tag == TAG_OBJECT && v.o->type == vm->types.union_;
}

static struct tuple *classes_of(value v)
{
	return as_tuple(((struct union_of *)v.o)->classes);
}

static void add_one(struct list *list, value cls)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].o == cls.o)
			return;
	list_append(list, value_keep(cls));
}

static void add(struct vm *vm, struct list *list, value v)
{
	if (!is_union(vm, v)) {
		add_one(list, is_none(v) ? value_object(vm->types.none) : v);
		return;
	}
	for (size_t i = 0; i < classes_of(v)->count; i++)
		add_one(list, classes_of(v)->items[i]);
}

static bool can_stand(struct vm *vm, value v)
{
	return is_none(v) || is_kind(v, KIND_TYPE) || is_union(vm, v);
}

value union_binary(struct vm *vm, enum operator op, value a, value b, bool reflected, bool reusable)
{
	if (op != OP_OR_ || !can_stand(vm, a) || !can_stand(vm, b))
		return VALUE_UNSUPPORTED;
	struct list *list = list_new(vm, 4);
	add(vm, list, a);
	add(vm, list, b);
	value result;
	if (list->count == 1) {
		result = value_keep(list->items[0]);
	} else {
		struct union_of *u = object_new(vm->types.union_, 0);
		u->classes = tuple_of(vm, list->count, list->items);
		result = value_object(u);
	}
	object_drop(list);
	return result;
}

static void release(struct object *o)
{
	value_drop(((struct union_of *)o)->classes);
}

static void visit(struct object *o, visit_fn visit_held, void *state)
{
	visit_value(((struct union_of *)o)->classes, visit_held, state);
}

static bool repr(struct vm *vm, value self, struct buf *out)
{
	const struct tuple *classes = classes_of(self);
	for (size_t i = 0; i < classes->count; i++) {
		if (i)
			buf_text(out, " | ");
		if (classes->items[i].o == &vm->types.none->head.head)
			buf_text(out, "None");
		else
			type_add_full_name(vm, (struct type *)classes->items[i].o, out);
	}
	return true;
}

static bool holds(const struct tuple *classes, value cls)
{
	for (size_t i = 0; i < classes->count; i++)
		if (classes->items[i].o == cls.o)
			return true;
	return false;
}

static value compare(struct vm *vm, enum compare op, value a, value b)
{
	if ((op != CMP_EQ && op != CMP_NE) || !is_union(vm, b))
		return VALUE_UNSUPPORTED;
	const struct tuple *x = classes_of(a), *y = classes_of(b);
	bool equal = x->count == y->count;
	for (size_t i = 0; equal && i < x->count; i++)
		equal = holds(y, x->items[i]);
	return value_bool(equal == (op == CMP_EQ));
}

static bool hash(struct vm *vm, value self, uint64_t *out)
{
	*out = 0;
	for (size_t i = 0; i < classes_of(self)->count; i++)
		*out ^= (uintptr_t)classes_of(self)->items[i].o >> 4;
	return true;
}

value union_classes(struct vm *vm, value v)
{
	return is_union(vm, v) ? ((struct union_of *)v.o)->classes : VALUE_UNSET;
}

static value args(struct vm *vm, value self)
{
	return value_keep(((struct union_of *)self.o)->classes);
}

void type_make_union_(struct vm *vm)
{
	static const struct getset attrs[] = { { "__args__", args }, {0} };
	static const struct type_spec spec = {
		.name = "UnionType", .doc = "Classes to choose from: int | None.", .size = sizeof(struct union_of), .flags = TYPE_CONTAINER,
		.slots = { .release = release, .visit = visit, .repr = repr, .compare = compare, .hash = hash, .binary = union_binary },
		.attrs = attrs,
	};
	vm->types.union_ = type_new(vm, &spec, NULL);
}
