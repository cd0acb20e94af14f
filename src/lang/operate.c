#include "lang/operate.h"

#include <math.h>
#include <string.h>

#include "lang/dunder.h"
#include "lang/guard.h"
#include "lang/types.h"

const char *const operator_signs[] = {
	[OP_ADD_] = "+", [OP_SUB_] = "-", [OP_MUL_] = "*", [OP_DIV_] = "/", [OP_FLOORDIV_] = "//", [OP_MOD_] = "%", [OP_POW_] = "** or pow()",
	[OP_LSHIFT_] = "<<", [OP_RSHIFT_] = ">>", [OP_AND_] = "&", [OP_OR_] = "|", [OP_XOR_] = "^", [OP_MATMUL_] = "@",
};
const char *const compare_signs[] = { [CMP_LT] = "<", [CMP_LE] = "<=", [CMP_EQ] = "==", [CMP_NE] = "!=", [CMP_GT] = ">", [CMP_GE] = ">=" };

/* ---- numbers, without slots ---- */

static bool divide_floor(int64_t a, int64_t b, enum operator op, value *out)
{
	if (b == 0 || b == -1)
		return false;
	int64_t quotient = a / b, rest = a % b;
	if (rest && (rest < 0) != (b < 0)) {
		quotient--;
		rest += b;
	}
	*out = value_int(op == OP_FLOORDIV_ ? quotient : rest);
	return true;
}

static bool divide_exact(int64_t a, int64_t b, value *out)
{
	const int64_t most = INT64_C(1) << 53;
	if (b == 0 || a > most || a < -most || b > most || b < -most)
		return false;
	*out = value_float((double)a / (double)b);
	return true;
}

/* false: the slot of int decides (it overflows, divides by zero, is rare). */
static bool ints(enum operator op, int64_t a, int64_t b, value *out)
{
	int64_t i;
	switch (op) {
	case OP_ADD_: return !__builtin_add_overflow(a, b, &i) && (*out = value_int(i), true);
	case OP_SUB_: return !__builtin_sub_overflow(a, b, &i) && (*out = value_int(i), true);
	case OP_MUL_: return !__builtin_mul_overflow(a, b, &i) && (*out = value_int(i), true);
	case OP_AND_: return *out = value_int(a & b), true;
	case OP_OR_:  return *out = value_int(a | b), true;
	case OP_XOR_: return *out = value_int(a ^ b), true;
	case OP_RSHIFT_: return b >= 0 && (*out = value_int(a >> (b > 63 ? 63 : b)), true);
	case OP_LSHIFT_: return b >= 0 && b < 62 && a >= 0 && a < (INT64_C(1) << (62 - b)) && (*out = value_int(a << b), true);
	case OP_FLOORDIV_: case OP_MOD_: return divide_floor(a, b, op, out);
	case OP_DIV_: return divide_exact(a, b, out);
	default: return false;
	}
}

static bool floats(enum operator op, double a, double b, value *out)
{
	switch (op) {
	case OP_ADD_: return *out = value_float(a + b), true;
	case OP_SUB_: return *out = value_float(a - b), true;
	case OP_MUL_: return *out = value_float(a * b), true;
	case OP_DIV_: return b != 0 && (*out = value_float(a / b), true);
	default: return false;
	}
}

/* A float beside an int that it can hold exactly. */
static bool as_floats(value a, value b, double *x, double *y)
{
	const int64_t most = INT64_C(1) << 53;
	if (a.tag == TAG_INT && (a.i > most || a.i < -most))
		return false;
	if (b.tag == TAG_INT && (b.i > most || b.i < -most))
		return false;
	*x = a.tag == TAG_INT ? (double)a.i : a.f;
	*y = b.tag == TAG_INT ? (double)b.i : b.f;
	return true;
}

static bool is_number(value v)
{
	return v.tag == TAG_INT || v.tag == TAG_FLOAT;
}

static bool numbers(enum operator op, value a, value b, value *out)
{
	double x, y;
	if (a.tag == TAG_INT && b.tag == TAG_INT)
		return ints(op, a.i, b.i, out);
	return is_number(a) && is_number(b) && as_floats(a, b, &x, &y) && floats(op, x, y, out);
}

/* ---- binary ---- */

static bool identical(value a, value b)
{
	if (a.tag != b.tag)
		return false;
	switch (a.tag) {
	case TAG_OBJECT: return a.o == b.o;
	case TAG_BOOL:   return a.b == b.b;
	case TAG_INT:    return a.i == b.i;
	case TAG_FLOAT:  return memcmp(&a.f, &b.f, sizeof a.f) == 0;
	default:         return true;
	}
}

static value try_binary(struct vm *vm, const struct type *type, enum operator op, value a, value b, bool reflected, bool reusable)
{
	return type->slots.binary ? type->slots.binary(vm, op, a, b, reflected, reusable) : VALUE_UNSUPPORTED;
}

static bool is_unsupported(value v)
{
	return v.tag == TAG_NOT_IMPLEMENTED;
}

/* A class derived from the left one that has its own reflected method goes first. */
static bool right_goes_first(struct vm *vm, enum operator op, struct type *left, struct type *right)
{
	if (left == right || !right->slots.binary || !type_is(right, left))
		return false;
	struct str *name = dunder_operator(vm, op, true);
	return !identical(type_find(right, name), type_find(left, name));
}

static value settle(struct vm *vm, enum operator op, value a, value b, bool reusable)
{
	struct type *left = value_type(vm, a), *right = value_type(vm, b);
	value result = VALUE_UNSUPPORTED;
	bool right_first = right_goes_first(vm, op, left, right);
	if (right_first)
		result = try_binary(vm, right, op, a, b, true, false);
	if (is_unsupported(result))
		result = try_binary(vm, left, op, a, b, false, reusable);
	if (is_unsupported(result) && left != right && !right_first)
		result = try_binary(vm, right, op, a, b, true, false);
	return result;
}

static value cannot_concat(struct vm *vm, value a, value b)
{
	const char *left = value_type_name(vm, a), *right = value_type_name(vm, b);
	if (is_bytes(a) || is_kind(a, KIND_BYTEARRAY))
		return vm_raise(vm, vm->errors.TypeError, "can't concat %s to %s", right, left);
	return vm_raise(vm, vm->errors.TypeError, "can only concatenate %s (not \"%s\") to %s", left, right, left);
}

static bool is_sequence(value v)
{
	return v.tag == TAG_OBJECT && v.o->kind >= KIND_STR && v.o->kind <= KIND_TUPLE;
}

static value unsupported(struct vm *vm, enum operator op, value a, value b, const char *in_place)
{
	if (op == OP_ADD_ && is_sequence(a))
		return cannot_concat(vm, a, b);
	if (op == OP_MUL_ && (is_sequence(a) || is_sequence(b)))
		return vm_raise(vm, vm->errors.TypeError, "can't multiply sequence by non-int of type '%s'", value_type_name(vm, is_sequence(a) ? b : a));
	const char *sign = op == OP_POW_ && *in_place ? "**" : operator_signs[op];
	return vm_raise(vm, vm->errors.TypeError, "unsupported operand type(s) for %s%s: '%s' and '%s'", sign, in_place, value_type_name(vm, a), value_type_name(vm, b));
}

static value binary(struct vm *vm, enum operator op, value a, value b, bool reusable, const char *in_place)
{
	if (!guard_enter(vm, ""))
		return VALUE_UNSET;
	value result = settle(vm, op, a, b, reusable);
	guard_leave(vm);
	return is_unsupported(result) ? unsupported(vm, op, a, b, in_place) : result;
}

value value_binary(struct vm *vm, enum operator op, value a, value b, bool reusable)
{
	value result;
	return numbers(op, a, b, &result) ? result : binary(vm, op, a, b, reusable, "");
}

value value_inplace(struct vm *vm, enum operator op, value a, value b, bool reusable)
{
	value result;
	if (numbers(op, a, b, &result))
		return result;
	const struct type *type = value_type(vm, a);
	if (type->slots.inplace) {
		if (!guard_enter(vm, ""))
			return VALUE_UNSET;
		result = type->slots.inplace(vm, op, a, b, reusable);
		guard_leave(vm);
		if (!is_unsupported(result))
			return result;
	}
	return binary(vm, op, a, b, reusable, "=");
}

value value_unary(struct vm *vm, enum unary op, value v)
{
	static const char *const signs[] = { [UNARY_NEG] = "-", [UNARY_POS] = "+", [UNARY_INVERT] = "~" };
	if (v.tag == TAG_INT && v.i != INT64_MIN)
		return value_int(op == UNARY_NEG ? -v.i : op == UNARY_POS ? v.i : ~v.i);
	if (v.tag == TAG_FLOAT && op != UNARY_INVERT)
		return value_float(op == UNARY_NEG ? -v.f : v.f);
	const struct type *type = value_type(vm, v);
	value result = VALUE_UNSUPPORTED;
	if (type->slots.unary) {
		if (!guard_enter(vm, ""))
			return VALUE_UNSET;
		result = type->slots.unary(vm, op, v);
		guard_leave(vm);
	}
	if (is_unsupported(result))
		return vm_raise(vm, vm->errors.TypeError, "bad operand type for unary %s: '%s'", signs[op], type->name->data);
	return result;
}

/* ---- comparison ---- */

static bool order(enum compare op, int sign)
{
	switch (op) {
	case CMP_LT: return sign < 0;
	case CMP_LE: return sign <= 0;
	case CMP_EQ: return sign == 0;
	case CMP_NE: return sign != 0;
	case CMP_GT: return sign > 0;
	case CMP_GE: return sign >= 0;
	}
	return false;
}

static bool compare_doubles(enum compare op, double a, double b)
{
	switch (op) {
	case CMP_LT: return a < b;
	case CMP_LE: return a <= b;
	case CMP_EQ: return a == b;
	case CMP_NE: return a != b;
	case CMP_GT: return a > b;
	case CMP_GE: return a >= b;
	}
	return false;
}

static int compare_texts(const struct str *a, const struct str *b)
{
	size_t shorter = a->len < b->len ? a->len : b->len;
	int sign = memcmp(a->data, b->data, shorter);
	return sign ? sign : (a->len > b->len) - (a->len < b->len);
}

static bool compare_strs(enum compare op, const struct str *a, const struct str *b)
{
	if (op == CMP_EQ || op == CMP_NE) {
		bool equal = a == b || (a->len == b->len && !memcmp(a->data, b->data, a->len));
		return equal == (op == CMP_EQ);
	}
	return order(op, compare_texts(a, b));
}

/* false: slots decide. */
static bool compare_fast(struct vm *vm, enum compare op, value a, value b, bool *out)
{
	double x, y;
	if (a.tag == TAG_INT && b.tag == TAG_INT)
		return *out = order(op, (a.i > b.i) - (a.i < b.i)), true;
	if (is_number(a) && is_number(b) && as_floats(a, b, &x, &y))
		return *out = compare_doubles(op, x, y), true;
	if (a.tag != TAG_OBJECT || b.tag != TAG_OBJECT || a.o->type != vm->types.str || b.o->type != vm->types.str)
		return false;
	*out = compare_strs(op, (struct str *)a.o, (struct str *)b.o);
	return true;
}

static value try_compare(struct vm *vm, const struct type *type, enum compare op, value a, value b)
{
	return type->slots.compare ? type->slots.compare(vm, op, a, b) : VALUE_UNSUPPORTED;
}

static value compare_slots(struct vm *vm, enum compare op, value a, value b)
{
	static const enum compare swapped[] = { [CMP_LT] = CMP_GT, [CMP_LE] = CMP_GE, [CMP_EQ] = CMP_EQ, [CMP_NE] = CMP_NE, [CMP_GT] = CMP_LT, [CMP_GE] = CMP_LE };
	struct type *left = value_type(vm, a), *right = value_type(vm, b);
	value result = VALUE_UNSUPPORTED;
	bool right_first = left != right && type_is(right, left);
	if (right_first)
		result = try_compare(vm, right, swapped[op], b, a);
	if (is_unsupported(result))
		result = try_compare(vm, left, op, a, b);
	if (is_unsupported(result) && !right_first)
		result = try_compare(vm, right, swapped[op], b, a);
	if (is_unsupported(result) && (op == CMP_EQ || op == CMP_NE))
		return value_bool(identical(a, b) == (op == CMP_EQ));
	return result;
}

value value_compare(struct vm *vm, enum compare op, value a, value b)
{
	bool fast;
	if (compare_fast(vm, op, a, b, &fast))
		return value_bool(fast);
	if (!guard_enter(vm, " in comparison"))
		return VALUE_UNSET;
	value result = compare_slots(vm, op, a, b);
	guard_leave(vm);
	if (!is_unsupported(result))
		return result;
	return vm_raise(vm, vm->errors.TypeError, "'%s' not supported between instances of '%s' and '%s'", compare_signs[op], value_type_name(vm, a), value_type_name(vm, b));
}

bool value_equal(struct vm *vm, value a, value b, bool *out)
{
	if (identical(a, b)) {
		*out = true;
		return true;
	}
	value result = value_compare(vm, CMP_EQ, a, b);
	if (result.tag == TAG_BOOL) {
		*out = result.b;
		return true;
	}
	bool ok = !is_unset(result) && value_truth(vm, result, out);
	value_drop(result);
	return ok;
}
