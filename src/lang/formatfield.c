/* str.format: "{0.name[key]!r:>{width}}". */
#include <string.h>

#include "lang/format.h"
#include "lang/int.h"
#include "lang/str.h"

struct fields {
	struct vm *vm;
	const value *args;
	size_t count;
	value mapping;              /* unset: none */
	const struct call *named;
	enum { UNDECIDED, AUTOMATIC, MANUAL } numbering;
	size_t next;
};

/* A run of digits as a number; SIZE_MAX: it is none. */
static size_t as_number(const char *text, size_t len)
{
	size_t n = 0;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9' || n > 100000000)
			return SIZE_MAX;
		n = n * 10 + (size_t)(text[i] - '0');
	}
	return len ? n : SIZE_MAX;
}

static value positional(struct fields *f, size_t n)
{
	if (!is_unset(f->mapping))
		return vm_raise(f->vm, f->vm->errors.ValueError, "Format string contains positional fields");
	if (n >= f->count)
		return vm_raise(f->vm, f->vm->errors.IndexError, "Replacement index %zu out of range for positional args tuple", n);
	return value_keep(f->args[n]);
}

static value by_name(struct fields *f, const char *text, size_t len)
{
	struct vm *vm = f->vm;
	struct str *name = str_new(vm, text, len);
	value found = VALUE_UNSET, key = value_object(name);
	if (!is_unset(f->mapping)) {
		found = value_item(vm, f->mapping, key);
	} else {
		for (uint32_t i = 0; f->named && i < f->named->named && is_unset(found); i++)
			if (f->named->names[i]->len == len && !memcmp(f->named->names[i]->data, name->data, len))
				found = value_keep(f->named->args[f->named->count + i]);
		if (is_unset(found))
			vm_raise_value(vm, exception_new(vm, vm->errors.KeyError, value_keep(key)));
	}
	object_drop(name);
	return found;
}

static value first_part(struct fields *f, const char *text, size_t len)
{
	size_t n = as_number(text, len);
	if (len && n == SIZE_MAX)
		return by_name(f, text, len);
	int mode = len ? MANUAL : AUTOMATIC;
	if (f->numbering != UNDECIDED && (int)f->numbering != mode)
		return vm_raise(f->vm, f->vm->errors.ValueError, len
		                ? "cannot switch from automatic field numbering to manual field specification"
		                : "cannot switch from manual field specification to automatic field numbering");
	f->numbering = mode;
	return positional(f, len ? n : f->next++);
}

static value subscript(struct fields *f, value v, const char *text, size_t len)
{
	size_t n = as_number(text, len);
	value key = n != SIZE_MAX ? value_int((int64_t)n) : str_owned(str_new(f->vm, text, len));
	value found = value_item(f->vm, v, key);
	value_drop(key);
	return found;
}

static value attribute(struct fields *f, value v, const char *text, size_t len)
{
	struct str *name = str_new(f->vm, text, len);
	value found = value_attr(f->vm, v, str_intern_str(f->vm, name));
	return found;
}

/* "0.name[key]" */
static value look_up(struct fields *f, const char *p, const char *end)
{
	struct vm *vm = f->vm;
	const char *start = p;
	while (p < end && *p != '.' && *p != '[')
		p++;
	value v = first_part(f, start, (size_t)(p - start));
	while (!is_unset(v) && p < end) {
		char open = *p++;
		start = p;
		while (p < end && (open == '[' ? *p != ']' : *p != '.' && *p != '['))
			p++;
		value next;
		if (open != '.' && open != '[')
			next = vm_raise(vm, vm->errors.ValueError, "Only '.' or '[' may follow ']' in format field specifier");
		else if (open == '[' && p == end)
			next = vm_raise(vm, vm->errors.ValueError, "Missing ']' in format string");
		else if (p == start)
			next = vm_raise(vm, vm->errors.ValueError, "Empty attribute in format string");
		else
			next = open == '[' ? subscript(f, v, start, (size_t)(p - start)) : attribute(f, v, start, (size_t)(p - start));
		p += open == '[' && p < end;
		value_set(&v, next);
	}
	return v;
}

static value ascii_repr(struct vm *vm, value v)
{
	value text = value_repr(vm, v);
	if (is_unset(text) || str_is_ascii(as_str(text)))
		return text;
	struct buf out = {0};
	for (size_t at = 0; at < as_str(text)->len; ) {
		uint32_t c = char_next(as_str(text)->data, &at);
		if (c < 128)
			buf_char(&out, (char)c);
		else
			buf_print(&out, c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x", c);
	}
	value_drop(text);
	return str_from_buf(vm, &out);
}

static value convert(struct vm *vm, TAKES value v, uint32_t conversion)
{
	value made = conversion == 'r' ? value_repr(vm, v) : conversion == 's' ? value_str(vm, v) : conversion == 'a' ? ascii_repr(vm, v)
	             : vm_raise(vm, vm->errors.ValueError, conversion > 32 && conversion < 127 ? "Unknown conversion specifier %c"
	                        : "Unknown conversion specifier \\x%x", conversion);
	value_drop(v);
	return made;
}

static bool expand(struct fields *f, const char *p, const char *end, unsigned depth, struct buf *out);

/* What stands between braces: a name, a conversion, a spec that may hold fields itself. */
static bool field(struct fields *f, const char *p, const char *end, unsigned depth, struct buf *out)
{
	struct vm *vm = f->vm;
	const char *name_end = p;
	uint32_t conversion = 0;
	for (bool in_brackets = false; name_end < end; name_end++) {
		if (*name_end == '[')
			in_brackets = true;
		else if (*name_end == ']')
			in_brackets = false;
		else if (!in_brackets && (*name_end == '!' || *name_end == ':'))
			break;
		else if (*name_end == '{')
			return vm_raise_ok(vm, vm->errors.ValueError, "unexpected '{' in field name");
	}
	const char *rest = name_end;
	if (rest < end && *rest == '!') {
		size_t at = 0;
		if (++rest == end)
			return vm_raise_ok(vm, vm->errors.ValueError, "unmatched '{' in format spec");
		conversion = char_next(rest, &at);
		rest += at;
		if (rest < end && *rest != ':')
			return vm_raise_ok(vm, vm->errors.ValueError, "expected ':' after conversion specifier");
	}
	rest += rest < end;
	value v = look_up(f, p, name_end);
	if (!is_unset(v) && conversion)
		v = convert(vm, v, conversion);
	if (is_unset(v))
		return false;
	struct buf spec = {0};
	value text = VALUE_UNSET;
	if (expand(f, rest, end, depth - 1, &spec)) {
		value spec_value = str_owned(str_new(vm, buf_str(&spec), spec.len));
		text = value_format(vm, v, spec_value);
		value_drop(spec_value);
	}
	buf_free(&spec);
	value_drop(v);
	if (is_unset(text))
		return false;
	buf_add(out, as_str(text)->data, as_str(text)->len);
	value_drop(text);
	return true;
}

/* The brace that closes the one before p; NULL: none. Brackets hide braces, as a key may hold any character. */
static const char *closing(const char *p, const char *end)
{
	unsigned depth = 1;
	bool bracket = false, in_name = true;
	for (; p < end; p++) {
		if (in_name && *p == '[')
			bracket = true;
		else if (*p == ']')
			bracket = false;
		else if (!bracket && (*p == ':' || *p == '!'))
			in_name = false;
		else if (!bracket && *p == '{')
			depth++, in_name = true;
		else if (!bracket && *p == '}' && --depth == 0)
			return p;
	}
	return NULL;
}

static bool expand(struct fields *f, const char *p, const char *end, unsigned depth, struct buf *out)
{
	struct vm *vm = f->vm;
	bool top = depth == 2;
	while (p < end) {
		const char *brace = p;
		while (brace < end && *brace != '{' && *brace != '}')
			brace++;
		buf_add(out, p, (size_t)(brace - p));
		if (brace == end)
			break;
		p = brace + 1;
		if (top && p < end && *p == *brace) {
			buf_char(out, *p++);
			continue;
		}
		if (*brace == '}')
			return vm_raise_ok(vm, vm->errors.ValueError, "Single '}' encountered in format string");
		if (p == end)
			return vm_raise_ok(vm, vm->errors.ValueError, "Single '{' encountered in format string");
		if (!depth)
			return vm_raise_ok(vm, vm->errors.ValueError, "Max string recursion exceeded");
		const char *close = closing(p, end);
		if (!close)
			return vm_raise_ok(vm, vm->errors.ValueError, "expected '}' before end of string");
		if (!field(f, p, close, depth, out))
			return false;
		p = close + 1;
	}
	return true;
}

value format_fields(struct vm *vm, struct str *format, const value *args, size_t count, value mapping, const struct call *named)
{
	struct fields f = { .vm = vm, .args = args, .count = count, .mapping = mapping, .named = named };
	struct buf out = {0};
	if (expand(&f, format->data, format->data + format->len, 2, &out))
		return str_from_buf(vm, &out);
	buf_free(&out);
	return VALUE_UNSET;
}
