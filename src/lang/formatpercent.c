/* "..." % values, for str and bytes. */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "base/mem.h"
#include "lang/format.h"
#include "lang/int.h"
#include "lang/str.h"

struct percent {
	struct vm *vm;
	bool bytes;
	const char *p, *start, *end;
	const value *args;          /* what is left of a tuple, or the one value */
	size_t count, used;
	value mapping;              /* unset: none */
	bool from_mapping;
	struct buf out;
};

struct conversion {
	bool left, plus, space, alternate, zero;
	int64_t width, precision;   /* -1: not given */
	char type;
	value arg;                  /* owned */
};

static bool next_arg(struct percent *f, value *out)
{
	if (f->used >= f->count)
		return vm_raise_ok(f->vm, f->vm->errors.TypeError, "not enough arguments for format string");
	*out = value_keep(f->args[f->used++]);
	return true;
}

/* "(name)": the value is the mapping's. */
static bool mapping_key(struct percent *f, value *out)
{
	struct vm *vm = f->vm;
	const char *start = ++f->p;
	for (int depth = 1; f->p < f->end; f->p++) {
		depth += *f->p == '(' ? 1 : *f->p == ')' ? -1 : 0;
		if (!depth)
			break;
	}
	if (f->p == f->end)
		return vm_raise_ok(vm, vm->errors.ValueError, "incomplete format key");
	if (is_unset(f->mapping))
		return vm_raise_ok(vm, vm->errors.TypeError, "format requires a mapping");
	size_t len = (size_t)(f->p++ - start);
	value key = f->bytes ? bytes_value(vm, start, len) : str_owned(str_new(vm, start, len));
	*out = value_item(vm, f->mapping, key);
	value_drop(key);
	f->from_mapping = true;
	return !is_unset(*out);
}

static bool star_or_number(struct percent *f, int64_t *out)
{
	if (f->p < f->end && *f->p == '*') {
		value v;
		f->p++;
		if (!next_arg(f, &v))
			return false;
		bool ok = int_small(v, out);
		value_drop(v);
		return ok || vm_raise_ok(f->vm, f->vm->errors.TypeError, "* wants int");
	}
	for (*out = 0; f->p < f->end && *f->p >= '0' && *f->p <= '9'; f->p++) {
		*out = *out * 10 + (*f->p - '0');
		if (*out > INT_MAX)
			return vm_raise_ok(f->vm, f->vm->errors.ValueError, "width too big");
	}
	return true;
}

static void flags(struct percent *f, struct conversion *c)
{
	for (; f->p < f->end; f->p++) {
		switch (*f->p) {
		case '-': c->left = true; continue;
		case '+': c->plus = true; continue;
		case ' ': c->space = true; continue;
		case '#': c->alternate = true; continue;
		case '0': c->zero = true; continue;
		}
		return;
	}
}

static bool read_conversion(struct percent *f, struct conversion *c)
{
	if (f->p < f->end && *f->p == '(' && !mapping_key(f, &c->arg))
		return false;
	flags(f, c);
	bool wide = f->p < f->end && (*f->p == '*' || (*f->p >= '0' && *f->p <= '9'));
	if (wide && !star_or_number(f, &c->width))
		return false;
	if (wide && c->width < 0) {
		c->left = true;
		c->width = -c->width;
	}
	if (f->p < f->end && *f->p == '.') {
		f->p++;
		if (!star_or_number(f, &c->precision))
			return false;
		if (c->precision < 0)
			c->precision = 0;
	}
	if (f->p < f->end && (*f->p == 'l' || *f->p == 'h' || *f->p == 'L'))
		f->p++;
	if (f->p == f->end)
		return vm_raise_ok(f->vm, f->vm->errors.ValueError, "incomplete format");
	c->type = *f->p++;
	if (c->width > 1 << 28 || c->precision > 1 << 28)
		return vm_raise_ok(f->vm, f->vm->errors.MemoryError, "a width of %lld", (long long)c->width);
	return true;
}

/* == Putting it down ================================================================================================= */

static void put_text(struct percent *f, const struct conversion *c, const char *text, size_t len, size_t chars)
{
	size_t pad = c->width > (int64_t)chars ? (size_t)c->width - chars : 0;
	if (!c->left)
		buf_fill(&f->out, ' ', pad);
	buf_add(&f->out, text, len);
	if (c->left)
		buf_fill(&f->out, ' ', pad);
}

static void put_number(struct percent *f, const struct conversion *c, bool negative, const char *prefix, const char *digits)
{
	char sign[2] = { negative ? '-' : c->plus ? '+' : c->space ? ' ' : '\0' };
	size_t len = strlen(digits), around = strlen(sign) + strlen(prefix);
	size_t zeros = c->width > (int64_t)(around + len) && c->zero && !c->left ? (size_t)c->width - around - len : 0;
	struct buf text = {0};
	buf_text(&text, sign);
	buf_text(&text, prefix);
	buf_fill(&text, '0', zeros);
	buf_text(&text, digits);
	put_text(f, c, buf_str(&text), text.len, text.len);
	buf_free(&text);
}

static bool put_value_text(struct percent *f, const struct conversion *c)
{
	struct vm *vm = f->vm;
	if (c->type == 's' && c->width < 0 && c->precision < 0)
		return value_str_to(vm, c->arg, &f->out);
	value text = c->type == 's' ? value_str(vm, c->arg) : value_repr(vm, c->arg);
	if (is_unset(text))
		return false;
	if (c->type == 'a' || (f->bytes && c->type == 'r')) {
		struct buf ascii = {0};
		for (size_t at = 0; at < as_str(text)->len; ) {
			uint32_t ch = char_next(as_str(text)->data, &at);
			if (ch < 128)
				buf_char(&ascii, (char)ch);
			else
				buf_print(&ascii, ch < 0x100 ? "\\x%02x" : ch < 0x10000 ? "\\u%04x" : "\\U%08x", ch);
		}
		value_set(&text, str_from_buf(vm, &ascii));
	}
	struct str *s = as_str(text);
	size_t chars = c->precision >= 0 && (size_t)c->precision < s->chars ? (size_t)c->precision : s->chars;
	put_text(f, c, s->data, str_offset(s, chars), chars);
	value_drop(text);
	return true;
}

static bool put_bytes(struct percent *f, const struct conversion *c)
{
	struct vm *vm = f->vm;
	struct view view;
	value made = VALUE_UNSET;
	if (is_str(c->arg) || !value_to_view(vm, c->arg, &view)) {
		vm_clear(vm);
		if (c->arg.tag == TAG_OBJECT && !is_unset(type_find(value_type(vm, c->arg), vm->names.bytes_)))
			made = value_call_method(vm, c->arg, vm->names.bytes_, 0, NULL);
		else
			vm_raise(vm, vm->errors.TypeError, "%%b requires a bytes-like object, or an object that implements __bytes__, not '%s'",
			         value_type_name(vm, c->arg));
		if (is_unset(made) || !value_to_view(vm, made, &view)) {
			value_drop(made);
			return false;
		}
	}
	size_t len = c->precision >= 0 && (size_t)c->precision < view.len ? (size_t)c->precision : view.len;
	put_text(f, c, (const char *)view.bytes, len, len);
	value_drop(made);
	return true;
}

static bool put_char(struct percent *f, const struct conversion *c)
{
	struct vm *vm = f->vm;
	int64_t i;
	struct view view;
	if (f->bytes) {
		if ((is_bytes(c->arg) || is_kind(c->arg, KIND_BYTEARRAY)) && value_to_view(vm, c->arg, &view) && view.len == 1) {
			put_text(f, c, (const char *)view.bytes, 1, 1);
			return true;
		}
		if (!is_int(c->arg))
			return vm_raise_ok(vm, vm->errors.TypeError, "%%c requires an integer in range(256) or a single byte");
		if (!int_small(c->arg, &i) || i < 0 || i > 255)
			return vm_raise_ok(vm, vm->errors.OverflowError, "%%c arg not in range(256)");
		put_text(f, c, (char[]){ (char)i }, 1, 1);
		return true;
	}
	if (is_str(c->arg) && as_str(c->arg)->chars == 1) {
		put_text(f, c, as_str(c->arg)->data, as_str(c->arg)->len, 1);
		return true;
	}
	if (!is_int(c->arg))
		return vm_raise_ok(vm, vm->errors.TypeError, "%%c requires int or char");
	if (!int_small(c->arg, &i) || i < 0 || i > 0x10ffff)
		return vm_raise_ok(vm, vm->errors.OverflowError, "%%c arg not in range(0x110000)");
	struct str *s = str_char(vm, (uint32_t)i);
	put_text(f, c, s->data, s->len, 1);
	object_drop(s);
	return true;
}

static bool has_method(struct vm *vm, value v, struct str *name)
{
	return v.tag == TAG_OBJECT && !is_unset(type_find(value_type(vm, v), name));
}

/* The int that %d and its like print: exact for x and o, truncated for d. */
static value whole(struct percent *f, const struct conversion *c)
{
	struct vm *vm = f->vm;
	value v = c->arg;
	bool decimal = c->type == 'd' || c->type == 'i' || c->type == 'u';
	if (is_int(v))
		return int_plain(vm, v);
	if (has_method(vm, v, vm->names.index_))
		return int_index(vm, v);
	if (decimal && v.tag == TAG_FLOAT)
		return int_from_double(vm, v.f);
	if (decimal && !is_str(v) && has_method(vm, v, vm->names.int_))
		return value_call_args(vm, value_object(vm->types.int_), 1, &v);
	return vm_raise(vm, vm->errors.TypeError, "%%%c format: %s is required, not %s", c->type == 'i' && f->bytes ? 'd' : c->type, decimal ? "a real number" : "an integer",
	                value_type_name(vm, v));
}

/* %d and %s alone, as most are written, go straight to the result. */
static bool is_bare(const struct conversion *c)
{
	return c->width < 0 && c->precision < 0 && !c->plus && !c->space && !c->alternate;
}

static bool put_int(struct percent *f, const struct conversion *c)
{
	if (c->arg.tag == TAG_INT && c->type == 'd' && is_bare(c)) {
		int_print(&f->out, c->arg);
		return true;
	}
	value n = whole(f, c);
	if (is_unset(n))
		return false;
	struct buf text = {0}, padded = {0};
	int base = c->type == 'x' || c->type == 'X' ? 16 : c->type == 'o' ? 8 : 10;
	base == 10 ? int_print(&text, n) : int_print_base(&text, n, base, c->type == 'X');
	bool negative = text.data[0] == '-';
	const char *digits = text.data + negative;
	if (c->precision > (int64_t)strlen(digits))
		buf_fill(&padded, '0', (size_t)c->precision - strlen(digits));
	buf_text(&padded, digits);
	put_number(f, c, negative, !c->alternate ? "" : base == 8 ? "0o" : base == 16 ? (c->type == 'X' ? "0X" : "0x") : "", padded.data);
	buf_free(&text);
	buf_free(&padded);
	value_drop(n);
	return true;
}

static bool put_double(struct percent *f, const struct conversion *c)
{
	double x;
	struct vm *vm = f->vm;
	if (is_str(c->arg) || !value_to_double(vm, c->arg, &x)) {
		if (!vm_pending(vm) || vm_pending_is(vm, vm->errors.TypeError)) {
			vm_clear(vm);
			vm_raise(vm, vm->errors.TypeError, f->bytes ? "float argument required, not %s" : "must be real number, not %s",
			         value_type_name(vm, c->arg));
		}
		return false;
	}
	struct buf text = {0};
	double_digits(&text, x, (unsigned char)c->type, c->precision < 0 ? 6 : (int)c->precision, c->alternate, false);
	put_number(f, c, signbit(x) && !isnan(x), "", text.data);
	buf_free(&text);
	return true;
}

static bool put(struct percent *f, const struct conversion *c)
{
	switch (c->type) {
	case 's':
		return f->bytes ? put_bytes(f, c) : put_value_text(f, c);
	case 'b':
		if (f->bytes)
			return put_bytes(f, c);
		break;
	case 'r': case 'a':
		return put_value_text(f, c);
	case 'c':
		return put_char(f, c);
	case 'd': case 'i': case 'u': case 'x': case 'X': case 'o':
		return put_int(f, c);
	case 'e': case 'E': case 'f': case 'F': case 'g': case 'G':
		return put_double(f, c);
	}
	size_t at = utf8_count(f->start, (size_t)(f->p - 1 - f->start)), here = (size_t)(f->p - 1 - f->start);
	uint32_t ch = f->bytes ? (unsigned char)c->type : utf8_next(f->start, (size_t)(f->end - f->start), &here);
	struct buf shown = {0};
	buf_utf8(&shown, ch < 32 || ch == 127 ? '?' : ch);
	vm_raise(f->vm, f->vm->errors.ValueError, "unsupported format character '%s' (0x%x) at index %zu", buf_str(&shown), ch, at);
	buf_free(&shown);
	return false;
}

static bool one(struct percent *f)
{
	struct conversion c = { .width = -1, .precision = -1 };
	if (f->p < f->end && *f->p == '%') {
		buf_char(&f->out, *f->p++);
		return true;
	}
	bool ok = read_conversion(f, &c);
	if (ok)
		ok = (!is_unset(c.arg) || next_arg(f, &c.arg)) && put(f, &c);
	value_drop(c.arg);
	return ok;
}

static bool is_mapping(struct vm *vm, value v, bool bytes)
{
	return v.tag == TAG_OBJECT && !is_str(v) && !is_kind(v, KIND_TUPLE) && !(bytes && (is_bytes(v) || is_kind(v, KIND_BYTEARRAY))) &&
	       value_type(vm, v)->slots.item;
}

value format_percent(struct vm *vm, value format, value args, bool bytes)
{
	struct view text = { 0 };
	if (bytes) {
		if (!value_to_view(vm, format, &text))
			return VALUE_UNSET;
	} else {
		text = (struct view){ (const uint8_t *)as_str(format)->data, as_str(format)->len };
	}
	struct percent f = { .vm = vm, .bytes = bytes, .p = (const char *)text.bytes, .args = &args, .count = 1 };
	f.start = f.p;
	f.end = f.p + text.len;
	if (is_kind(args, KIND_TUPLE))
		value_items(args, &f.args, &f.count);
	else if (is_mapping(vm, args, bytes))
		f.mapping = args;
	bool ok = true;
	buf_reserve(&f.out, text.len + 32);
	while (ok && f.p < f.end) {
		const char *percent = memchr(f.p, '%', (size_t)(f.end - f.p));
		const char *to = percent ? percent : f.end;
		buf_add(&f.out, f.p, (size_t)(to - f.p));
		f.p = percent ? percent + 1 : f.end;
		if (percent)
			ok = one(&f);
	}
	if (ok && f.used < f.count && is_unset(f.mapping))
		ok = vm_raise_ok(vm, vm->errors.TypeError, "not all arguments converted during %s formatting", bytes ? "bytes" : "string");
	value made = VALUE_UNSET;
	if (ok && bytes)
		made = bytes_value(vm, buf_str(&f.out), f.out.len);
	else if (ok)
		return str_from_buf(vm, &f.out);
	buf_free(&f.out);
	return made;
}
