/* The heap: release without recursion, cycles, everything freed at the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lang/gc.h"
#include "lang/types.h"

static int begin(void **state)
{
	*state = vm_new();
	return 0;
}

static int end(void **state)
{
	vm_free(*state);
	return 0;
}

static value list_with(struct vm *vm, value item)
{
	struct list *list = list_new(vm, 1);
	list_append(list, item);
	return value_object(list);
}

static void deep_nesting_is_released(void **state)
{
	struct vm *vm = *state;
	size_t before = heap_containers(vm);
	value inner = VALUE_NONE;
	for (int i = 0; i < 300000; i++)
		inner = list_with(vm, inner);
	assert_int_equal(heap_containers(vm), before + 300000);
	value_drop(inner);
	assert_int_equal(heap_containers(vm), before);
}

static void a_list_in_itself_is_collected(void **state)
{
	struct vm *vm = *state;
	vm_collect(vm);
	size_t before = heap_containers(vm);
	struct list *list = list_new(vm, 1);
	list_append(list, value_object(object_keep(list)));
	object_drop(list);
	assert_int_equal(heap_containers(vm), before + 1);
	assert_int_equal(vm_collect(vm), 1);
	assert_int_equal(heap_containers(vm), before);
}

static void what_is_held_survives(void **state)
{
	struct vm *vm = *state;
	vm_collect(vm);
	struct list *list = list_new(vm, 2);
	list_append(list, value_object(object_keep(list)));
	list_append(list, list_with(vm, str_value(vm, "held")));
	assert_int_equal(vm_collect(vm), 0);
	assert_string_equal(as_str(as_list(list->items[1])->items[0])->data, "held");
	object_drop(list);
	assert_int_equal(vm_collect(vm), 2);
}

static struct type *derive(struct vm *vm, const char *name, struct type *base)
{
	struct dict *attrs = dict_new(vm);
	struct str *text = str_text(vm, name);
	struct type *type = type_derive(vm, text, 1, &base, attrs);
	object_drop(text);
	object_drop(attrs);
	return type;
}

static void a_class_goes_with_its_last_instance(void **state)
{
	struct vm *vm = *state;
	vm_collect(vm);
	size_t before = heap_containers(vm);
	struct type *type = derive(vm, "Point", vm->types.object);
	struct str *self = str_intern(vm, "self");
	value point = value_call_args(vm, value_object(type), 0, NULL);
	assert_true(value_set_attr(vm, point, self, point));
	object_drop(type);
	value_drop(point);
	assert_true(vm_collect(vm) >= 3);
	assert_int_equal(heap_containers(vm), before);
}

static void many_small_ones_reuse_their_blocks(void **state)
{
	struct vm *vm = *state;
	value first = list_with(vm, VALUE_NONE);
	struct object *at = first.o;
	value_drop(first);
	for (int i = 0; i < 1000; i++) {
		value again = list_with(vm, VALUE_NONE);
#if !defined(__SANITIZE_ADDRESS__)
		assert_ptr_equal(again.o, at);
#else
		(void)at;
#endif
		value_drop(again);
	}
}

static void a_collection_is_asked_for(void **state)
{
	struct vm *vm = *state;
	assert_true(vm_poll(vm));
	size_t before = heap_containers(vm);
	for (int i = 0; i < 100000 && !vm->interrupt; i++) {
		struct list *list = list_new(vm, 1);
		list_append(list, value_object(list));
	}
	assert_true(vm->interrupt);
	assert_true(vm_poll(vm));
	assert_false(vm_pending(vm));
	assert_true(heap_containers(vm) <= before);
}

static void too_much_is_an_exception(void **state)
{
	struct vm *vm = *state;
	assert_null(object_try(vm->types.list, SIZE_MAX / 4));
	assert_true(vm_pending_is(vm, vm->errors.MemoryError));
	vm_clear(vm);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(deep_nesting_is_released), cmocka_unit_test(a_list_in_itself_is_collected), cmocka_unit_test(what_is_held_survives),
		cmocka_unit_test(a_class_goes_with_its_last_instance), cmocka_unit_test(many_small_ones_reuse_their_blocks),
		cmocka_unit_test(a_collection_is_asked_for), cmocka_unit_test(too_much_is_an_exception),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
