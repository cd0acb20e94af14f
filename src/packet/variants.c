/* Which class it is: rows of a condition and a class's name, in `dispatch`, `payload` and `choose=`. */
#include "base/mem.h"
#include "packet/packet.h"
#include "packet/world.h"

static bool refuse_rows(struct vm *vm, const char *what)
{
	return vm_raise_ok(vm, vm->errors.TypeError, "%s is a list of (text, class name)", what);
}

bool variants_take(struct vm *vm, struct variants *v, value given, const struct layer *l, const char *what)
{
	const value *items, *pair;
	size_t count, two;
	if (!value_items(given, &items, &count))
		return refuse_rows(vm, what);
	v->rows = mem_zero((count + 1) * sizeof *v->rows);
	for (size_t i = 0; i < count; i++) {
		if (!value_items(items[i], &pair, &two) || two != 2 || !is_str(pair[0]) || !is_str(pair[1]))
			return refuse_rows(vm, what);
		struct variant *row = &v->rows[v->count++];
		row->name = str_intern(vm, as_str(pair[1])->data);
		if (!(row->test = expr_parse(vm, as_str(pair[0]))) || (l && !expr_check(vm, row->test, l)))
			return false;
		cases_add(&v->cases, row->test);
	}
	return true;
}

static struct type *class_of(struct vm *vm, struct variant *row)
{
	if (!row->to)
		row->to = layer_load(vm, row->name->data);
	if (!row->to && !vm_pending(vm))
		vm_raise(vm, vm->errors.NameError, "the class '%s' is not there", row->name->data);
	return row->to;
}

struct type *variants_choose(const struct site *s, const struct variants *v, int64_t x, int64_t left)
{
	unsigned row;
	if (!cases_find(s, &v->cases, x, left, &row))
		return NULL;
	for (bool holds = row < v->cases.alike; row < v->count; row++) {
		if (!holds && !expr_holds(s, v->rows[row].test, x, left, &holds))
			return NULL;
		if (holds)
			return class_of(s->vm, &v->rows[row]);
	}
	return NULL;
}

void variants_free(struct variants *v)
{
	for (unsigned i = 0; i < v->count; i++)
		expr_free(v->rows[i].test);
	mem_free(v->rows);
	cases_free(&v->cases);
}
