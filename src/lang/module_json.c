/* _json: values to JSON text. stdlib/json.pkt is what programs see. */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "lang/guard.h"
#include "lang/int.h"
#include "lang/json.h"
#include "lang/modules.h"

struct encode {
	struct vm *vm;
	struct buf out;
	const char *item, *key;     /* separators */
	const char *indent;         /* NULL: all on one line */
	value fallback;             /* default(o), for what JSON has no form for */
	bool sort, ascii, skip, nan, check;
	unsigned depth;
};

static bool encode(struct encode *e, value v);

static void encode_text(struct encode *e, const struct str *s)
{
	static const char named[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";

	buf_char(&e->out, '"');
	for (size_t at = 0; at < s->len;) {
		size_t start = at;
		uint32_t c = utf8_next(s->data, s->len, &at);
		const char *known = c && c < 0x80 ? strchr(named, (int)c) : NULL;
		if (known)
			buf_print(&e->out, "\\%c", letters[known - named]);
		else if (c < 0x20 || (e->ascii && c > 0x7e)) {
			if (c > 0xffff)
				buf_print(&e->out, "\\u%04x\\u%04x", 0xd800 + ((c - 0x10000) >> 10), 0xdc00 + ((c - 0x10000) & 0x3ff));
			else
				buf_print(&e->out, "\\u%04x", c);
		} else
			buf_add(&e->out, s->data + start, at - start);
	}
	buf_char(&e->out, '"');
}

static bool encode_float(struct encode *e, double f)
{
	if (isfinite(f)) {
		text_float(&e->out, f);
		return true;
	}
	if (!e->nan)
		return vm_raise_ok(e->vm, e->vm->errors.ValueError, "Out of range float values are not JSON compliant");
	buf_text(&e->out, isnan(f) ? "NaN" : f > 0 ? "Infinity" : "-Infinity");
	return true;
}

static void new_line(struct encode *e)
{
	if (!e->indent)
		return;
	buf_char(&e->out, '\n');
	for (unsigned i = 0; i < e->depth; i++)
		buf_text(&e->out, e->indent);
}

static bool encode_list(struct encode *e, value v)
{
	const value *items;
	size_t count;

	if (!value_items(v, &items, &count) || !count) {
		buf_text(&e->out, "[]");
		return true;
	}
	buf_char(&e->out, '[');
	e->depth++;
	for (size_t i = 0; value_items(v, &items, &count) && i < count; i++) {
		if (i)
			buf_text(&e->out, e->item);
		new_line(e);
		value item = value_keep(items[i]);
		bool ok = encode(e, item);
		value_drop(item);
		if (!ok)
			return false;
	}
	e->depth--;
	new_line(e);
	buf_char(&e->out, ']');
	return true;
}

/* A key as a text: 1 done, 0 left out, -1 raised. */
static int encode_key(struct encode *e, value key)
{
	if (is_str(key)) {
		encode_text(e, as_str(key));
		return 1;
	}
	if (is_none(key) || is_int(key) || key.tag == TAG_FLOAT) {
		buf_char(&e->out, '"');
		bool ok = encode(e, key);
		buf_char(&e->out, '"');
		return ok ? 1 : -1;
	}
	if (e->skip)
		return 0;
	vm_raise(e->vm, e->vm->errors.TypeError, "keys must be str, int, float, bool or None, not %s", value_type_name(e->vm, key));
	return -1;
}

static bool encode_member(struct encode *e, value key, value item, bool *first)
{
	size_t before = e->out.len;

	if (!*first)
		buf_text(&e->out, e->item);
	new_line(e);
	int put = encode_key(e, key);
	if (put <= 0) {
		e->out.len = before;
		return put == 0;
	}
	*first = false;
	buf_text(&e->out, e->key);
	return encode(e, item);
}

static value sorted_keys(struct encode *e, value v)
{
	value keys = list_from(e->vm, v), done = VALUE_UNSET;

	if (!is_unset(keys) && e->sort && is_unset(done = value_call_method(e->vm, keys, str_intern(e->vm, "sort"), 0, NULL)))
		value_set(&keys, VALUE_UNSET);
	return keys;
}

static bool encode_dict(struct encode *e, value v)
{
	value keys = sorted_keys(e, v);
	bool ok = !is_unset(keys), first = true;

	if (ok && !as_list(keys)->count) {
		value_drop(keys);
		buf_text(&e->out, "{}");
		return true;
	}
	buf_char(&e->out, '{');
	e->depth++;
	for (size_t i = 0; ok && i < as_list(keys)->count; i++) {
		value item = value_keep(dict_get(e->vm, as_dict(v), as_list(keys)->items[i]));
		ok = is_unset(item) ? !vm_pending(e->vm) : encode_member(e, as_list(keys)->items[i], item, &first);
		value_drop(item);
	}
	value_drop(keys);
	e->depth--;
	if (ok && !first)
		new_line(e);
	buf_char(&e->out, '}');
	return ok;
}

static bool encode_other(struct encode *e, value v)
{
	value other = value_call_args(e->vm, e->fallback, 1, &v);
	bool ok = !is_unset(other) && encode(e, other);

	value_drop(other);
	return ok;
}

static bool encode_container(struct encode *e, value v)
{
	int entered = guard_print(e->vm, v.o);
	bool ok = false;

	if (entered == 0)
		return vm_raise_ok(e->vm, e->vm->errors.ValueError, "Circular reference detected");
	if (entered < 0)
		return false;
	if (is_kind(v, KIND_LIST) || is_kind(v, KIND_TUPLE))
		ok = encode_list(e, v);
	else if (is_kind(v, KIND_DICT))
		ok = encode_dict(e, v);
	else
		ok = encode_other(e, v);
	guard_printed(e->vm);
	return ok;
}

static bool encode(struct encode *e, value v)
{
	if (is_str(v))
		encode_text(e, as_str(v));
	else if (is_none(v))
		buf_text(&e->out, "null");
	else if (v.tag == TAG_BOOL)
		buf_text(&e->out, v.b ? "true" : "false");
	else if (is_int(v))
		int_print(&e->out, v);
	else if (v.tag == TAG_FLOAT)
		return encode_float(e, v.f);
	else if (v.tag != TAG_OBJECT)
		return encode_other(e, v);
	else
		return encode_container(e, v);
	return true;
}

/* (obj, default, indent, item separator, key separator, sort_keys, ensure_ascii, skipkeys, allow_nan) */
static value json_encode(struct vm *vm, value *a)
{
	struct encode e = { .vm = vm, .fallback = a[1], .indent = is_str(a[2]) ? as_str(a[2])->data : NULL };

	if (!is_str(a[3]) || !is_str(a[4]))
		return vm_raise(vm, vm->errors.TypeError, "separators must be two strs");
	e.item = as_str(a[3])->data;
	e.key = as_str(a[4])->data;
	if (!value_truth(vm, a[5], &e.sort) || !value_truth(vm, a[6], &e.ascii) || !value_truth(vm, a[7], &e.skip) || !value_truth(vm, a[8], &e.nan))
		return VALUE_UNSET;
	bool ok = encode(&e, a[0]);
	if (ok)
		return str_from_buf(vm, &e.out);
	buf_free(&e.out);
	return VALUE_UNSET;
}

static const struct native functions[] = {
	{ "parse", json_parse, "text, error, object_hook, object_pairs_hook, parse_float, parse_int, /", "JSON text to a value." },
	{ "encode", json_encode, "obj, default, indent, item, key, sort_keys, ensure_ascii, skipkeys, allow_nan, /", "A value to JSON text." },
	{0}
};

const struct module_spec module__json = { "_json", "What json has in C.", functions, NULL };
