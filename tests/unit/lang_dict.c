/* The table of dict: order, removal, growth, and that a walk through it always ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "lang/types.h"
#include "lang/vm.h"

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

static void names_are_found_again(void **state)
{
	struct vm *vm = *state;
	struct dict *d = dict_new(vm);
	char name[16];
	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof name, "n%d", i);
		dict_set_text(vm, d, name, value_int(i));
	}
	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof name, "n%d", i);
		assert_int_equal(dict_get_text(vm, d, name).i, i);
		struct str *other = str_text(vm, name);     /* another object of the same text */
		assert_int_equal(dict_get_str(d, other).i, i);
		object_drop(other);
	}
	assert_true(is_unset(dict_get_text(vm, d, "n1000")));
	assert_int_equal(d->used, 1000);
	object_drop(d);
}

static void order_is_that_of_insertion(void **state)
{
	struct vm *vm = *state;
	struct dict *d = dict_new(vm);
	bool was;
	for (int i = 0; i < 100; i++)
		assert_true(dict_set(vm, d, value_int(i * 37 % 101), value_int(i)));
	for (int i = 0; i < 100; i += 2)
		assert_true(dict_remove(vm, d, value_int(i * 37 % 101), &was) && was);
	assert_true(dict_remove(vm, d, value_int(5000), &was) && !was);
	assert_true(dict_set(vm, d, value_int(0), value_int(1000)));        /* was the first: now the last */
	value key, item;
	int64_t last = 0;
	size_t count = 0;
	for (uint32_t i = 0; dict_next(d, &i, &key, &item); count++) {
		assert_true(item.i > last);
		last = item.i;
	}
	assert_int_equal(count, 51);
	object_drop(d);
}

/* Adding and removing again uses up free places: the table has to be made anew before the last one goes. */
static void it_never_fills_with_what_was_removed(void **state)
{
	struct vm *vm = *state;
	struct dict *d = dict_new(vm);
	bool was;
	for (int i = 0; i < 100000; i++) {
		assert_true(dict_set(vm, d, value_int(i), value_int(i)));
		assert_true(dict_remove(vm, d, value_int(i), &was) && was);
	}
	assert_int_equal(d->used, 0);
	assert_true(is_unset(dict_get(vm, d, value_int(5))));
	assert_true(d->index_size <= 16);
	object_drop(d);
}

static void versions_change_with_keys_only(void **state)
{
	struct vm *vm = *state;
	struct dict *d = dict_new(vm);
	dict_set_text(vm, d, "a", value_int(1));
	uint32_t version = d->version;
	dict_set_text(vm, d, "a", value_int(2));
	assert_int_equal(d->version, version);
	dict_set_text(vm, d, "b", value_int(2));
	assert_int_not_equal(d->version, version);
	version = d->version;
	assert_true(dict_remove_str(d, str_intern(vm, "a")));
	assert_false(dict_remove_str(d, str_intern(vm, "a")));
	assert_int_not_equal(d->version, version);
	object_drop(d);
}

static void a_key_without_hash_is_refused_and_the_item_dropped(void **state)
{
	struct vm *vm = *state;
	struct dict *d = dict_new(vm);
	value list = value_object(list_new(vm, 0)), item = value_object(list_new(vm, 0));
	assert_false(dict_set(vm, d, list, value_keep(item)));
	assert_true(vm_pending_is(vm, vm->errors.TypeError));
	vm_clear(vm);
	assert_int_equal(item.o->refs, 1);
	assert_true(is_unset(dict_get(vm, d, list)));
	vm_clear(vm);
	value_drop(list);
	value_drop(item);
	object_drop(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(names_are_found_again, begin, end),
		cmocka_unit_test_setup_teardown(order_is_that_of_insertion, begin, end),
		cmocka_unit_test_setup_teardown(it_never_fills_with_what_was_removed, begin, end),
		cmocka_unit_test_setup_teardown(versions_change_with_keys_only, begin, end),
		cmocka_unit_test_setup_teardown(a_key_without_hash_is_refused_and_the_item_dropped, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
