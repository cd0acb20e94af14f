/* str from C: counting characters, bytes that are no UTF-8, interning, growing in place; and a Decimal that prints plainly. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

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

static void ascii_exactly_when_chars_are_bytes(void **state)
{
	struct vm *vm = *state;
	struct str *a = str_text(vm, "abc"), *b = str_text(vm, "h\xc3\xa9llo"), *c = str_text(vm, "");
	assert_int_equal(a->chars, a->len);
	assert_int_equal(b->chars, 5);
	assert_int_equal(b->len, 6);
	assert_int_equal(c->chars, 0);
	object_drop(a);
	object_drop(b);
	object_drop(c);
}

static void no_utf8_becomes_surrogates(void **state)
{
	struct vm *vm = *state;
	struct str *s = str_new(vm, "a\xff\xc3", 3);
	assert_int_equal(s->chars, 3);
	assert_memory_equal(s->data, "a\xed\xb3\xbf\xed\xb3\x83", 8);
	object_drop(s);
}

static void the_same_text_is_interned_once(void **state)
{
	struct vm *vm = *state;
	struct str *a = str_intern(vm, "some_name"), *b = str_intern_str(vm, str_text(vm, "some_name"));
	assert_ptr_equal(a, b);
	assert_true(a->head.flags & STR_INTERNED);
	for (int i = 0; i < 5000; i++) {
		struct str *s = str_intern_str(vm, str_printf(vm, "name%d", i));
		assert_ptr_equal(s, str_intern(vm, s->data));
	}
	assert_ptr_equal(a, str_intern(vm, "some_name"));
}

/* `reusable` says that the caller gives its reference up: then, and only then, the same object may come back longer. */
static void what_nobody_else_has_grows_in_place(void **state)
{
	struct vm *vm = *state;
	value s = str_value(vm, "0123456789012345678901234567890123456789"), more = str_value(vm, "abcdefghijklmnopqrstuvwxyz");
	size_t moved = 0;
	for (int i = 0; i < 1000; i++) {
		value longer = value_binary(vm, OP_ADD_, s, more, true);
		moved += longer.o != s.o;
		value_drop(s);
		s = longer;
	}
	assert_int_equal(as_str(s)->len, 26040);
	assert_true(moved < 20);
	value seen = value_keep(s), longer = value_binary(vm, OP_ADD_, s, more, true);
	assert_ptr_not_equal(longer.o, s.o);
	assert_int_equal(as_str(seen)->len, 26040);
	value_drop(seen);
	value_drop(longer);
	value_drop(s);
	value_drop(more);
}

static void assert_repr(struct vm *vm, value v, const char *text)
{
	value shown = value_repr(vm, v);
	assert_string_equal(as_str(shown)->data, text);
	value_drop(shown);
}

static void a_plain_decimal_stays_plain(void **state)
{
	struct vm *vm = *state;
	value d = decimal_parse(vm, "3870454811.123456789", 20);
	assert_repr(vm, d, "Decimal('3870454811.123456789')");
	d.o->flags |= DECIMAL_PLAIN;
	assert_repr(vm, d, "3870454811.123456789");
	value later = value_binary(vm, OP_ADD_, d, value_int(1), false), apart = value_binary(vm, OP_SUB_, value_int(0), d, false);
	assert_repr(vm, later, "3870454812.123456789");
	assert_repr(vm, apart, "-3870454811.123456789");
	value_drop(later);
	value_drop(apart);
	value_drop(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(ascii_exactly_when_chars_are_bytes, begin, end),
		cmocka_unit_test_setup_teardown(no_utf8_becomes_surrogates, begin, end),
		cmocka_unit_test_setup_teardown(the_same_text_is_interned_once, begin, end),
		cmocka_unit_test_setup_teardown(what_nobody_else_has_grows_in_place, begin, end),
		cmocka_unit_test_setup_teardown(a_plain_decimal_stays_plain, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
