/* JSON (RFC 8259) to values. Deep nesting is RecursionError, as in Python. */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "lang/guard.h"
#include "lang/json.h"
#include "lang/str.h"

struct parse {
	struct vm *vm;
	struct str *text;
	size_t at;
	value error, hook, pairs_hook, parse_float, parse_int;
};

static value parse_value(struct parse *p);

static char now(const struct parse *p)
{
	return p->text->data[p->at];            /* NUL at the end */
}

static value refused(struct parse *p, const char *what, size_t at)
{
	value args[] = { str_value(p->vm, what), value_object(p->text), value_int((int64_t)str_index(p->text, at)) };
	value error = value_call_args(p->vm, p->error, 3, args);

	value_drop(args[0]);
	return is_unset(error) ? error : vm_raise_value(p->vm, error);
}

static void blanks(struct parse *p)
{
	while (now(p) && strchr(" \t\n\r", now(p)))
		p->at++;
}

/* ---- strings ----------------------------------------------------------------------------------------------------------- */

/* Four hexadecimal digits; -1: they are not there. */
static int32_t hex4(const struct parse *p, size_t at)
{
	int32_t n = 0;

	for (int i = 0; i < 4; i++) {
		char c = at + (size_t)i < p->text->len ? p->text->data[at + (size_t)i] : 0;
		if (!isxdigit((unsigned char)c))
			return -1;
		n = n << 4 | (isdigit((unsigned char)c) ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	return n;
}

/* \uXXXX, and the second half of a surrogate pair. */
static bool unicode_escape(struct parse *p, struct buf *out)
{
	int32_t code = hex4(p, p->at + 2), low;

	if (code < 0) {
		refused(p, "Invalid \\uXXXX escape", p->at + 1);
		return false;
	}
	p->at += 6;
	if (code >= 0xd800 && code < 0xdc00 && now(p) == '\\' && p->text->data[p->at + 1] == 'u') {
		low = hex4(p, p->at + 2);
		if (low >= 0xdc00 && low < 0xe000) {
			code = 0x10000 + ((code - 0xd800) << 10 | (low - 0xdc00));
			p->at += 6;
		}
	}
	buf_utf8(out, (uint32_t)code);
	return true;
}

static bool escape(struct parse *p, struct buf *out)
{
	static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
	char c = p->text->data[p->at + 1];
	const char *known = c ? strchr(letters, c) : NULL;

	if (c == 'u')
		return unicode_escape(p, out);
	if (!known) {
		refused(p, "Invalid \\escape", p->at);
		return false;
	}
	buf_char(out, meant[known - letters]);
	p->at += 2;
	return true;
}

static value parse_string(struct parse *p)
{
	size_t start = p->at++, from = p->at;
	struct buf out = {0};

	for (;;) {
		size_t plain = p->at;
		while (p->at < p->text->len && now(p) != '"' && now(p) != '\\' && (unsigned char)now(p) >= 0x20)
			p->at++;
		if (now(p) == '"' && !out.len) {
			p->at++;
			return value_object(str_new(p->vm, p->text->data + from, p->at - 1 - from));
		}
		buf_add(&out, p->text->data + plain, p->at - plain);
		if (now(p) == '"') {
			p->at++;
			return str_from_buf(p->vm, &out);
		}
		if (now(p) == '\\' && escape(p, &out)) {
			from = p->at;
			if (!out.len)
				buf_clear(&out);
			continue;
		}
		buf_free(&out);
		if (vm_pending(p->vm))
			return VALUE_UNSET;
		return p->at >= p->text->len ? refused(p, "Unterminated string starting at", start) : refused(p, "Invalid control character at", p->at);
	}
}

/* ---- numbers and words ------------------------------------------------------------------------------------------------- */

static value converted(struct parse *p, value with, size_t from)
{
	value text = value_object(str_new(p->vm, p->text->data + from, p->at - from));
	value v = value_call_args(p->vm, with, 1, &text);

	value_drop(text);
	return v;
}

static void digits(struct parse *p)
{
	while (isdigit((unsigned char)now(p)))
		p->at++;
}

static value parse_number(struct parse *p)
{
	size_t from = p->at;
	const char *text = p->text->data;
	bool whole = true;

	p->at += now(p) == '-';
	if (!isdigit((unsigned char)now(p)))
		return p->at = from, refused(p, "Expecting value", from);
	if (now(p) == '0')
		p->at++;
	else
		digits(p);
	if (now(p) == '.' && isdigit((unsigned char)text[p->at + 1])) {
		p->at++;
		digits(p);
		whole = false;
	}
	if ((now(p) | 0x20) == 'e') {
		size_t sign = text[p->at + 1] == '+' || text[p->at + 1] == '-';
		if (isdigit((unsigned char)text[p->at + 1 + sign])) {
			p->at += 1 + sign;
			digits(p);
			whole = false;
		}
	}
	if (!is_none(whole ? p->parse_int : p->parse_float))
		return converted(p, whole ? p->parse_int : p->parse_float, from);
	return whole ? int_parse(p->vm, text + from, p->at - from, 10) : value_float(strtod(text + from, NULL));
}

static bool word(struct parse *p, const char *text)
{
	if (strncmp(p->text->data + p->at, text, strlen(text)))
		return false;
	p->at += strlen(text);
	return true;
}

/* ---- arrays and objects ------------------------------------------------------------------------------------------------- */

static value parse_array(struct parse *p)
{
	struct list *l = list_new(p->vm, 0);

	p->at++;
	blanks(p);
	if (now(p) == ']') {
		p->at++;
		return value_object(l);
	}
	for (;;) {
		blanks(p);
		value item = parse_value(p);
		if (is_unset(item))
			break;
		list_append(l, item);
		blanks(p);
		if (now(p) == ']') {
			p->at++;
			return value_object(l);
		}
		if (now(p) != ',') {
			refused(p, "Expecting ',' delimiter", p->at);
			break;
		}
		p->at++;
	}
	object_drop(l);
	return VALUE_UNSET;
}

/* One "name": value. */
static bool parse_member(struct parse *p, value *key, value *item)
{
	*key = *item = VALUE_UNSET;
	if (now(p) != '"') {
		refused(p, "Expecting property name enclosed in double quotes", p->at);
		return false;
	}
	*key = parse_string(p);
	if (is_unset(*key))
		return false;
	blanks(p);
	if (now(p) != ':')
		refused(p, "Expecting ':' delimiter", p->at);
	else {
		p->at++;
		blanks(p);
		*item = parse_value(p);
	}
	return !is_unset(*item);
}

static value hooked(struct parse *p, TAKES value object)
{
	value hook = !is_none(p->pairs_hook) ? p->pairs_hook : p->hook;

	if (is_none(hook) || is_unset(object))
		return object;
	value v = value_call_args(p->vm, hook, 1, &object);
	value_drop(object);
	return v;
}

static bool add_member(struct parse *p, value object, TAKES value key, TAKES value item)
{
	bool ok = true;

	if (is_kind(object, KIND_LIST)) {
		list_append(as_list(object), tuple_of(p->vm, 2, (value[]){ key, item }));
		value_drop(item);
	} else
		ok = dict_set(p->vm, as_dict(object), key, item);
	value_drop(key);
	return ok;
}

static value parse_object(struct parse *p)
{
	value object = !is_none(p->pairs_hook) ? value_object(list_new(p->vm, 0)) : value_object(dict_new(p->vm)), key, item;

	p->at++;
	blanks(p);
	if (now(p) == '}') {
		p->at++;
		return hooked(p, object);
	}
	for (;;) {
		blanks(p);
		if (!parse_member(p, &key, &item)) {
			value_drop(key);
			break;
		}
		if (!add_member(p, object, key, item))
			break;
		blanks(p);
		if (now(p) == '}') {
			p->at++;
			return hooked(p, object);
		}
		if (now(p) != ',') {
			refused(p, "Expecting ',' delimiter", p->at);
			break;
		}
		p->at++;
	}
	value_drop(object);
	return VALUE_UNSET;
}

static value parse_inside(struct parse *p)
{
	switch (now(p)) {
	case '"':
		return parse_string(p);
	case '[':
		return parse_array(p);
	case '{':
		return parse_object(p);
	}
	if (word(p, "null"))
		return VALUE_NONE;
	if (word(p, "true"))
		return value_bool(true);
	if (word(p, "false"))
		return value_bool(false);
	if (word(p, "NaN"))
		return value_float(NAN);
	if (word(p, "Infinity"))
		return value_float(INFINITY);
	if (word(p, "-Infinity"))
		return value_float(-INFINITY);
	return parse_number(p);
}

static value parse_value(struct parse *p)
{
	if (!guard_enter(p->vm, " while decoding a JSON array or object")) {
		guard_leave(p->vm);
		return VALUE_UNSET;
	}
	value v = parse_inside(p);
	guard_leave(p->vm);
	return v;
}

value json_parse(struct vm *vm, value *a)
{
	if (!is_str(a[0]))
		return vm_raise(vm, vm->errors.TypeError, "the JSON object must be str, bytes or bytearray, not %s", value_type_name(vm, a[0]));
	struct parse p = { .vm = vm, .text = as_str(a[0]), .error = a[1], .hook = a[2], .pairs_hook = a[3], .parse_float = a[4], .parse_int = a[5] };
	blanks(&p);
	value v = parse_value(&p);
	if (is_unset(v))
		return v;
	blanks(&p);
	if (p.at == p.text->len)
		return v;
	value_drop(v);
	return refused(&p, "Extra data", p.at);
}
