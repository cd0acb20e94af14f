/* Ints from C: what is inline and what is not, rounding to doubles, bytes, sizes refused before they are computed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

#include "lang/int.h"
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

static value number(struct vm *vm, const char *text)
{
	value v = int_parse(vm, text, strlen(text), 10);
	assert_false(is_unset(v));
	return v;
}

static void assert_prints(struct vm *vm, TAKES value v, const char *text)
{
	struct buf out = {0};
	int_print(&out, v);
	assert_string_equal(buf_str(&out), text);
	buf_free(&out);
	value_drop(v);
}

static void inline_exactly_when_64_bits_do(void **state)
{
	struct vm *vm = *state;
	static const struct { const char *text; bool is_inline; } rows[] = {
		{ "9223372036854775807", true }, { "9223372036854775808", false }, { "-9223372036854775808", true },
		{ "-9223372036854775809", false }, { "0", true }, { "123456789012345678901234567890", false },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		value v = number(vm, rows[i].text);
		assert_int_equal(v.tag == TAG_INT, rows[i].is_inline);
		assert_prints(vm, v, rows[i].text);
	}
}

static void results_come_back_inline(void **state)
{
	struct vm *vm = *state;
	value big = int_arithmetic(vm, OP_ADD_, value_int(INT64_MAX), value_int(1));
	assert_true(is_kind(big, KIND_BIGINT));
	value back = int_arithmetic(vm, OP_SUB_, big, value_int(1));
	assert_int_equal(back.tag, TAG_INT);
	assert_int_equal(back.i, INT64_MAX);
	value_drop(big);
	assert_prints(vm, int_arithmetic(vm, OP_FLOORDIV_, value_int(INT64_MIN), value_int(-1)), "9223372036854775808");
	assert_prints(vm, int_arithmetic(vm, OP_MUL_, value_int(INT64_MIN), value_int(INT64_MIN)), "85070591730234615865843651857942052864");
	assert_prints(vm, int_negative(vm, value_int(INT64_MIN)), "9223372036854775808");
}

static void doubles_are_rounded_to_the_nearest(void **state)
{
	struct vm *vm = *state;
	static const struct { const char *text; double d; } rows[] = {
		{ "9007199254740993", 9007199254740992.0 }, { "9007199254740995", 9007199254740996.0 }, { "18446744073709551615", 18446744073709551616.0 },
		{ "10000000000000000000000", 1e22 }, { "-18446744073709551617", -18446744073709551616.0 },
	};
	double d;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		value v = number(vm, rows[i].text);
		assert_true(int_to_double(vm, v, &d));
		assert_true(d == rows[i].d);
		value_drop(v);
	}
	value huge = int_arithmetic(vm, OP_LSHIFT_, value_int(1), value_int(1024));
	assert_false(int_to_double(vm, huge, &d));
	assert_true(vm_pending_is(vm, vm->errors.OverflowError));
	vm_clear(vm);
	value_drop(huge);
}

static void bytes_in_both_orders(void **state)
{
	struct vm *vm = *state;
	static const uint8_t bytes[] = { 0xff, 0, 0, 0, 0, 0, 0, 0, 1 };
	assert_prints(vm, int_from_bytes(vm, bytes, 9, false, false), "4703919738795935662081");
	assert_prints(vm, int_from_bytes(vm, bytes, 9, false, true), "-18446744073709551615");
	assert_prints(vm, int_from_bytes(vm, bytes, 9, true, false), "18446744073709551871");
	assert_prints(vm, int_from_bytes(vm, bytes, 8, false, false), "18374686479671623680");
	assert_prints(vm, int_from_bytes(vm, bytes, 1, false, true), "-1");
	assert_prints(vm, int_from_bytes(vm, bytes, 0, false, true), "0");
	uint64_t u;
	value most = int_from_u64(vm, UINT64_MAX);
	assert_true(int_to_u64(most, &u) && u == UINT64_MAX);
	assert_false(int_to_u64(value_int(-1), &u));
	value_drop(most);
}

static void too_large_is_refused_at_once(void **state)
{
	struct vm *vm = *state;
	value ten = int_arithmetic(vm, OP_POW_, value_int(10), value_int(10));
	assert_true(is_unset(int_arithmetic(vm, OP_POW_, value_int(10), ten)));
	assert_true(vm_pending_is(vm, vm->errors.MemoryError));
	vm_clear(vm);
	assert_true(is_unset(int_arithmetic(vm, OP_LSHIFT_, value_int(1), ten)));
	assert_true(vm_pending_is(vm, vm->errors.MemoryError));
	vm_clear(vm);
	assert_int_equal(int_arithmetic(vm, OP_POW_, value_int(-1), ten).i, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(inline_exactly_when_64_bits_do, begin, end),
		cmocka_unit_test_setup_teardown(results_come_back_inline, begin, end),
		cmocka_unit_test_setup_teardown(doubles_are_rounded_to_the_nearest, begin, end),
		cmocka_unit_test_setup_teardown(bytes_in_both_orders, begin, end),
		cmocka_unit_test_setup_teardown(too_large_is_refused_at_once, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
