/* Types: order of bases, the layout of classes derived from native types, attributes and slots, without running code. */
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

static struct type *derive(struct vm *vm, const char *name, size_t count, struct type **bases)
{
	struct dict *attrs = dict_new(vm);
	struct str *text = str_text(vm, name);
	struct type *type = type_derive(vm, text, count, bases, attrs);
	object_drop(text);
	object_drop(attrs);
	return type;
}

static void assert_raised(struct vm *vm, struct type *cls, const char *message)
{
	assert_true(vm_pending(vm));
	assert_true(vm_pending_is(vm, cls));
	value e = vm_take_pending(vm), text = value_str(vm, e);
	assert_string_equal(as_str(text)->data, message);
	value_drop(text);
	value_drop(e);
}

static void the_order_is_c3(void **state)
{
	struct vm *vm = *state;
	struct type *object = vm->types.object;
	struct type *a = derive(vm, "A", 1, &object), *b = derive(vm, "B", 1, &a), *c = derive(vm, "C", 1, &a);
	struct type *d = derive(vm, "D", 2, (struct type *[]){ b, c });
	struct type *const expected[] = { d, b, c, a, object };
	assert_int_equal(d->mro_count, 5);
	assert_memory_equal(d->mro, expected, sizeof expected);
	assert_null(derive(vm, "E", 2, (struct type *[]){ a, b }));
	assert_raised(vm, vm->errors.TypeError, "Cannot create a consistent method resolution\norder (MRO) for bases A, B");
	assert_null(derive(vm, "F", 2, (struct type *[]){ a, a }));
	assert_raised(vm, vm->errors.TypeError, "duplicate base class A");
	assert_null(derive(vm, "G", 2, (struct type *[]){ vm->types.list, vm->types.dict }));
	assert_raised(vm, vm->errors.TypeError, "multiple bases have instance lay-out conflict");
	assert_null(derive(vm, "H", 1, &vm->types.bool_));
	assert_raised(vm, vm->errors.TypeError, "type 'bool' is not an acceptable base type");
	object_drop(a);
	object_drop(b);
	object_drop(c);
	object_drop(d);
}

static void check_dict(struct vm *vm, struct type *base)
{
	struct type *type = derive(vm, "Own", 1, &base);
	assert_non_null(type);
	value made = value_call_args(vm, value_object(type), 0, NULL);
	assert_false(vm_pending(vm));
	assert_int_equal(made.o->kind, base->kind);
	assert_true(value_set_attr(vm, made, str_intern(vm, "mark"), value_int(5)));
	value mark = value_attr(vm, made, str_intern(vm, "mark"));
	assert_int_equal(mark.i, 5);
	assert_true(value_set_attr(vm, made, str_intern(vm, "mark"), VALUE_UNSET));
	assert_true(is_unset(value_attr_or_unset(vm, made, str_intern(vm, "mark"))));
	value_drop(made);
	object_drop(type);
}

static void classes_of_native_types_have_a_dict(void **state)
{
	struct vm *vm = *state;
	struct type *const bases[] = { vm->types.object, vm->types.str, vm->types.list, vm->types.tuple, vm->types.dict, vm->types.int_, vm->errors.ValueError };
	for (size_t i = 0; i < sizeof bases / sizeof *bases; i++)
		check_dict(vm, bases[i]);
}

/* A native type in the manner of src/packet's: attributes that stand in no dict, the rest falls through. */
struct meter { struct container head; int64_t level; };

static value meter_attr(struct vm *vm, value self, struct str *name)
{
	return strcmp(name->data, "level") ? VALUE_UNSET : value_int(((struct meter *)self.o)->level);
}

static int meter_set_attr(struct vm *vm, value self, struct str *name, value to)
{
	if (strcmp(name->data, "level"))
		return 0;
	if (is_unset(to))
		return vm_raise_ok(vm, vm->errors.AttributeError, "the level stays"), -1;
	return value_to_int64(vm, to, &((struct meter *)self.o)->level) ? 1 : -1;
}

static value meter_make(struct vm *vm, struct type *cls, const struct call *call)
{
	return value_object(object_new(cls, 0));
}

static bool meter_init(struct vm *vm, value self, const struct call *call)
{
	for (uint32_t i = 0; i < call->named; i++)
		if (!value_set_attr(vm, self, call->names[i], call->args[call->count + i]))
			return false;
	return true;
}

static value meter_binary(struct vm *vm, enum operator op, value a, value b, bool reflected, bool reusable)
{
	value self = reflected ? b : a, other = reflected ? a : b;
	if (op != OP_DIV_ || other.tag != TAG_INT)
		return VALUE_UNSUPPORTED;
	return value_int(((struct meter *)self.o)->level * 100 + other.i * 10 + reflected);
}

static value meter_class_attr(struct vm *vm, struct type *cls, struct str *name)
{
	return strcmp(name->data, "unit") ? VALUE_UNSET : str_value(vm, "metre");
}

static bool meter_subclassed(struct vm *vm, struct type *cls)
{
	return type_set_attr(vm, cls, str_intern(vm, "derived"), value_bool(true));
}

static const struct type_spec meter_spec = {
	.name = "Meter", .size = sizeof(struct meter), .flags = TYPE_CONTAINER | TYPE_SUBCLASSABLE | TYPE_OPEN,
	.slots = {
		.make = meter_make, .init = meter_init, .attr = meter_attr, .set_attr = meter_set_attr, .binary = meter_binary,
		.class_attr = meter_class_attr, .subclassed = meter_subclassed,
	},
};

static int64_t int_attr(struct vm *vm, value v, const char *name)
{
	value found = value_attr(vm, v, str_intern(vm, name));
	assert_int_equal(found.tag, TAG_INT);
	return found.i;
}

static void native_attributes_and_instance_attributes(void **state)
{
	struct vm *vm = *state;
	struct type *meter = type_new(vm, &meter_spec, NULL), *own = derive(vm, "Own", 1, &meter);
	struct str *level = str_intern(vm, "level");
	value args[] = { value_int(7), value_int(3) };
	struct str *names[] = { level, str_intern(vm, "extra") };
	struct call call = { args, 0, 2, names };
	value made = value_call(vm, value_object(own), &call);
	assert_false(vm_pending(vm));
	assert_int_equal(int_attr(vm, made, "level"), 7);
	assert_int_equal(int_attr(vm, made, "extra"), 3);
	assert_int_equal(instance_dict(made.o, false)->used, 1);
	assert_false(value_set_attr(vm, made, level, VALUE_UNSET));
	assert_raised(vm, vm->errors.AttributeError, "the level stays");
	assert_true(own->flags & TYPE_PLAIN_GET ? false : true);
	value unit = value_attr(vm, value_object(own), str_intern(vm, "unit"));
	assert_string_equal(as_str(unit)->data, "metre");
	value_drop(unit);
	value derived = value_attr(vm, value_object(own), str_intern(vm, "derived"));
	assert_int_equal(derived.tag, TAG_BOOL);
	value plain = value_call(vm, value_object(meter), &(struct call){ args, 0, 1, names });
	assert_false(value_set_attr(vm, plain, names[1], value_int(1)));
	assert_raised(vm, vm->errors.AttributeError, "'Meter' object has no attribute 'extra'");
	value_drop(plain);
	value_drop(made);
	object_drop(own);
	object_drop(meter);
}

static void operators_go_to_either_side(void **state)
{
	struct vm *vm = *state;
	struct type *meter = type_new(vm, &meter_spec, NULL), *own = derive(vm, "Own", 1, &meter);
	value made = value_call_args(vm, value_object(own), 0, NULL);
	assert_true(value_set_attr(vm, made, str_intern(vm, "level"), value_int(2)));
	assert_int_equal(value_binary(vm, OP_DIV_, made, value_int(5), false).i, 250);
	assert_int_equal(value_binary(vm, OP_DIV_, value_int(5), made, false).i, 251);
	assert_true(is_unset(value_binary(vm, OP_ADD_, made, value_int(5), false)));
	assert_raised(vm, vm->errors.TypeError, "unsupported operand type(s) for +: 'Own' and 'int'");
	assert_true(is_unset(value_compare(vm, CMP_LT, made, value_int(5))));
	assert_raised(vm, vm->errors.TypeError, "'<' not supported between instances of 'Own' and 'int'");
	value_drop(made);
	object_drop(own);
	object_drop(meter);
}

/* A class whose special methods are natives: slots must find them whenever they come. */
static value answer(struct vm *vm, value *a) { return value_int(42); }
static value text(struct vm *vm, value *a) { return str_value(vm, "<shown>"); }

static value function_of(struct vm *vm, const struct native *spec, struct type *owner)
{
	return native_new(vm, spec, owner);
}

static void slots_follow_the_class(void **state)
{
	static const struct native repr = { "__repr__", text, "" }, length = { "__len__", answer, "" };
	struct vm *vm = *state;
	struct type *object = vm->types.object, *a = derive(vm, "A", 1, &object), *b = derive(vm, "B", 1, &a);
	value made = value_call_args(vm, value_object(b), 0, NULL);
	size_t count;
	assert_false(value_length(vm, made, &count));
	assert_raised(vm, vm->errors.TypeError, "object of type 'B' has no len()");
	uint32_t before = b->version;
	value len = function_of(vm, &length, object), show = function_of(vm, &repr, object);
	assert_true(type_set_attr(vm, a, vm->names.len_, len));
	assert_true(type_set_attr(vm, a, vm->names.repr_, show));
	assert_int_not_equal(b->version, before);
	assert_true(value_length(vm, made, &count));
	assert_int_equal(count, 42);
	value shown = value_str(vm, made);
	assert_string_equal(as_str(shown)->data, "<shown>");
	value_drop(shown);
	assert_true(type_set_attr(vm, a, vm->names.len_, VALUE_UNSET));
	assert_false(value_length(vm, made, &count));
	vm_clear(vm);
	value_drop(len);
	value_drop(show);
	value_drop(made);
	object_drop(b);
	object_drop(a);
}

static void containers_in_themselves_are_shown(void **state)
{
	struct vm *vm = *state;
	struct list *list = list_new(vm, 2);
	list_append(list, value_int(1));
	list_append(list, value_object(object_keep(list)));
	value shown = value_repr(vm, value_object(list));
	assert_string_equal(as_str(shown)->data, "[1, [...]]");
	value_drop(shown);
	object_drop(list);
}

static value nest(struct vm *vm, int depth)
{
	value v = VALUE_NONE;
	while (depth--) {
		struct list *list = list_new(vm, 1);
		list_append(list, v);
		v = value_object(list);
	}
	return v;
}

static void too_deep_is_an_exception(void **state)
{
	struct vm *vm = *state;
	value deep = nest(vm, 100000), again = nest(vm, 100000);
	bool equal;
	assert_true(is_unset(value_repr(vm, deep)));
	assert_raised(vm, vm->errors.RecursionError, "maximum recursion depth exceeded while getting the repr of an object");
	assert_false(value_equal(vm, deep, again, &equal));
	assert_raised(vm, vm->errors.RecursionError, "maximum recursion depth exceeded in comparison");
	value_drop(deep);
	value_drop(again);
	value ok = nest(vm, 300), shown = value_repr(vm, ok);
	assert_false(is_unset(shown));
	value_drop(shown);
	value_drop(ok);
}

static void attribute_errors_name_the_nearest(void **state)
{
	struct vm *vm = *state;
	value text_value = str_value(vm, "x");
	struct list *list = list_new(vm, 0);
	assert_true(is_unset(value_attr(vm, text_value, str_intern(vm, "xyzzy_foo"))));
	assert_raised(vm, vm->errors.AttributeError, "'str' object has no attribute 'xyzzy_foo'");
	assert_true(is_unset(value_attr(vm, value_object(list), str_intern(vm, "appned"))));
	assert_raised(vm, vm->errors.AttributeError, "'list' object has no attribute 'appned'; did you mean 'append'?");
	object_drop(list);
	assert_true(is_unset(value_attr(vm, value_object(vm->types.int_), str_intern(vm, "xyzzy_foo"))));
	assert_raised(vm, vm->errors.AttributeError, "type object 'int' has no attribute 'xyzzy_foo'");
	assert_false(value_set_attr(vm, value_int(1), str_intern(vm, "xyzzy"), VALUE_NONE));
	assert_raised(vm, vm->errors.AttributeError, "'int' object has no attribute 'xyzzy'");
	assert_false(value_set_attr(vm, value_object(vm->types.str), str_intern(vm, "x"), VALUE_NONE));
	assert_raised(vm, vm->errors.TypeError, "cannot set 'x' attribute of immutable type 'str'");
	value_drop(text_value);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_order_is_c3), cmocka_unit_test(classes_of_native_types_have_a_dict), cmocka_unit_test(native_attributes_and_instance_attributes),
		cmocka_unit_test(operators_go_to_either_side), cmocka_unit_test(slots_follow_the_class), cmocka_unit_test(containers_in_themselves_are_shown),
		cmocka_unit_test(too_deep_is_an_exception), cmocka_unit_test(attribute_errors_name_the_nearest),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
