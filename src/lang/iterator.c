/* Iterators over whatever C can step through. */
#include "lang/makers.h"
#include "lang/types.h"

value iterator_new(struct vm *vm, value over, value (*step)(struct vm *vm, struct iterator *it))
{
	struct iterator *it = object_new(vm->types.iterator, 0);
	it->over = value_keep(over);
	it->step = step;
	return value_object(it);
}

static struct iterator *as_iterator(value v)
{
	return (struct iterator *)v.o;
}

static value iterator_itself(struct vm *vm, value self)
{
	return value_keep(self);
}

static value iterator_next(struct vm *vm, value self)
{
	return as_iterator(self)->step(vm, as_iterator(self));
}

static void iterator_release(struct object *o)
{
	struct iterator *it = (struct iterator *)o;
	value_drop(it->over);
	value_drop(it->extra);
}

static void iterator_visit(struct object *o, visit_fn visit, void *state)
{
	struct iterator *it = (struct iterator *)o;
	visit_value(it->over, visit, state);
	visit_value(it->extra, visit, state);
}

void type_make_iterator(struct vm *vm)
{
	static const struct type_spec spec = {
		.name = "iterator", .doc = "What steps through the items of something.", .size = sizeof(struct iterator), .flags = TYPE_CONTAINER,
		.slots = { .release = iterator_release, .visit = iterator_visit, .iterate = iterator_itself, .next = iterator_next },
	};
	vm->types.iterator = type_new(vm, &spec, NULL);
}
