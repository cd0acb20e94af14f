/* Signatures, the binding of calls, exceptions made by C. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

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

static void assert_raised(struct vm *vm, struct type *cls, const char *message, int blame)
{
	assert_true(vm_pending(vm));
	value e = vm_take_pending(vm), text = value_str(vm, e);
	assert_string_equal(as_str(text)->data, message);
	assert_ptr_equal(e.o->type, cls);
	assert_int_equal(as_exception(e)->blame, blame);
	value_drop(text);
	value_drop(e);
}

enum { MOST = 8 };

/* f(*args, **{names[i]: 100 + i}) with args 0, 1, 2 ... */
static bool bind(struct vm *vm, const struct signature *s, uint32_t count, const char *const *names, value *out)
{
	value args[MOST];
	struct str *interned[MOST];
	uint32_t named = 0;
	for (uint32_t i = 0; i < count; i++)
		args[i] = value_int(i);
	for (; names && names[named]; named++) {
		interned[named] = str_intern(vm, names[named]);
		args[count + named] = value_int(100 + named);
	}
	struct call call = { args, count, named, interned };
	return call_bind(vm, s, &call, out);
}

#define NAMES(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void arguments_find_their_places(void **state)
{
	struct vm *vm = *state;
	struct signature *s = signature_parse(vm, "f", "a, b=2, /, c=\"x, y\", *rest, key=None, deep=-1.5, **more");
	value out[MOST];
	assert_int_equal(signature_count(s), 7);
	assert_true(bind(vm, s, 5, NAMES("key", "other"), out));
	assert_int_equal(out[0].i, 0);
	assert_int_equal(out[2].i, 2);
	assert_int_equal(as_tuple(out[3])->count, 2);
	assert_int_equal(out[4].i, 100);
	assert_true(out[5].f == -1.5);
	assert_int_equal(as_dict(out[6])->used, 1);
	call_unbind(s, out);
	assert_true(bind(vm, s, 1, NULL, out));
	assert_int_equal(out[1].i, 2);
	assert_string_equal(as_str(out[2])->data, "x, y");
	assert_int_equal(as_tuple(out[3])->count, 0);
	assert_true(is_none(out[4]));
	call_unbind(s, out);
	signature_free(s);
}

static void what_was_not_given_is_unset(void **state)
{
	struct vm *vm = *state;
	struct signature *s = signature_parse(vm, "f", "a=..., b=(), c=True");
	value out[MOST];
	assert_true(bind(vm, s, 0, NULL, out));
	assert_true(is_unset(out[0]));
	assert_int_equal(as_tuple(out[1])->count, 0);
	assert_true(out[2].b);
	call_unbind(s, out);
	signature_free(s);
}

static void errors_say_which_argument(void **state)
{
	struct vm *vm = *state;
	struct type *type_error = vm->errors.TypeError;
	struct signature *s = signature_parse(vm, "f", "x, /, for_=0, *, strict=False");
	value out[MOST];
	assert_false(bind(vm, s, 0, NULL, out));
	assert_raised(vm, type_error, "f() missing required argument 'x'", -1);
	assert_false(bind(vm, s, 3, NULL, out));
	assert_raised(vm, type_error, "f() takes at most 2 positional arguments (3 given)", 2);
	assert_false(bind(vm, s, 1, NAMES("strikt"), out));
	assert_raised(vm, type_error, "f() got an unexpected keyword argument 'strikt'; did you mean 'strict'?", 1);
	assert_false(bind(vm, s, 2, NAMES("strict", "for_"), out));
	assert_raised(vm, type_error, "f() got multiple values for argument 'for_'", 3);
	assert_false(bind(vm, s, 1, NAMES("x"), out));
	assert_raised(vm, type_error, "f() got an unexpected keyword argument 'x'", 1);
	signature_free(s);
}

static void system_errors_choose_their_class(void **state)
{
	struct vm *vm = *state;
	value name = str_value(vm, "a b");
	vm_raise_os(vm, ENOENT, name);
	assert_raised(vm, vm->errors.FileNotFoundError, "[Errno 2] No such file or directory: 'a b'", -1);
	vm_raise_os(vm, EPERM, VALUE_UNSET);
	assert_raised(vm, vm->errors.PermissionError, "[Errno 1] Operation not permitted", -1);
	vm_raise_os(vm, ENETDOWN, VALUE_NONE);
	assert_raised(vm, vm->errors.OSError, "[Errno 100] Network is down", -1);
	value_drop(name);
}

static void a_base_error_becomes_an_exception(void **state)
{
	struct vm *vm = *state;
	struct error e = {0};
	struct source *source = source_new("t.pkt", "a\nbc\n", 5);
	error_set(&e, "SyntaxError", "not %s", "this");
	error_place(&e, source, (struct span){ 2, 3 });
	vm_raise_error(vm, &e);
	assert_null(e.kind);
	value line = value_attr(vm, vm->pending, str_intern(vm, "lineno"));
	assert_int_equal(line.i, 2);
	assert_raised(vm, vm->errors.SyntaxError, "not this", -1);
	source_drop(source);
}

static void interrupts_and_keys(void **state)
{
	struct vm *vm = *state;
	vm->interrupt = 1;
	assert_false(vm_poll(vm));
	assert_raised(vm, vm->errors.KeyboardInterrupt, "", -1);
	assert_true(vm_poll(vm));
	vm_raise_value(vm, exception_new(vm, vm->errors.KeyError, str_value(vm, "k")));
	assert_raised(vm, vm->errors.KeyError, "'k'", -1);
	vm_raise_value(vm, value_object(object_keep(vm->errors.EOFError)));
	assert_raised(vm, vm->errors.EOFError, "", -1);
	vm_raise_value(vm, value_int(3));
	assert_raised(vm, vm->errors.TypeError, "exceptions must derive from BaseException", -1);
}

static void wrong_self_is_refused(void **state)
{
	struct vm *vm = *state;
	value append = value_attr(vm, value_object(vm->types.list), str_intern(vm, "append")), args[] = { value_int(1), value_int(2) };
	assert_true(is_unset(value_call_args(vm, append, 2, args)));
	assert_raised(vm, vm->errors.TypeError, "descriptor 'append' for 'list' objects doesn't apply to a 'int' object", -1);
	assert_true(is_unset(value_call_args(vm, value_int(1), 0, NULL)));
	assert_raised(vm, vm->errors.TypeError, "'int' object is not callable", -1);
	value new = value_attr(vm, value_object(vm->types.object), vm->names.new_), list = value_object(vm->types.list);
	assert_true(is_unset(value_call_args(vm, new, 1, &list)));
	assert_raised(vm, vm->errors.TypeError, "object.__new__(list) is not safe, use list.__new__()", -1);
	value_drop(new);
	value_drop(append);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arguments_find_their_places), cmocka_unit_test(what_was_not_given_is_unset), cmocka_unit_test(errors_say_which_argument),
		cmocka_unit_test(system_errors_choose_their_class), cmocka_unit_test(a_base_error_becomes_an_exception),
		cmocka_unit_test(interrupts_and_keys), cmocka_unit_test(wrong_self_is_refused),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
