/* Identifiers of bytes, written as groups of hexadecimal digits: 0102.0304.0506.07-08, 49.0001.0002. */
#include "packet/kinds.h"

#include <ctype.h>
#include <string.h>

#include "base/mem.h"

enum { BYTES_MAX = 255 };

static const char *pattern_of(const struct field *f)
{
	return f->data;
}

/* The separator that stands before byte i in the pattern; beyond its end groups of two bytes go on. 0: none. */
static char separator(const char *pattern, size_t i)
{
	size_t byte = 0;
	for (const char *p = pattern; *p; p++) {
		if (*p != 'x')
			continue;
		if (byte == i)
			return p > pattern && p[-1] != 'x' ? p[-1] : 0;
		byte++;
		p++;
	}
	return (i - byte) % 2 ? 0 : '.';
}

static value text_of(struct vm *vm, const struct field *f, const uint8_t *bytes, size_t len)
{
	struct buf text = {0};
	for (size_t i = 0; i < len; i++) {
		char between = separator(pattern_of(f), i);
		if (between)
			buf_char(&text, between);
		buf_print(&text, "%02X", bytes[i]);
	}
	return str_from_buf(vm, &text);
}

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : isxdigit((unsigned char)c) ? (c | 32) - 'a' + 10 : -1;
}

static bool bytes_of(const struct field *f, value v, uint8_t bytes[BYTES_MAX], size_t *len)
{
	int half = -1;
	*len = 0;
	for (const char *p = is_str(v) ? as_str(v)->data : "?"; *p; p++) {
		int number = digit(*p);
		if (number < 0 && strchr(".-", *p) && half < 0)
			continue;
		if (number < 0 || *len == BYTES_MAX)
			return false;
		if (half >= 0)
			bytes[(*len)++] = (uint8_t)(half << 4 | number);
		half = half < 0 ? number : -1;
	}
	return half < 0 && (!f->limit || *len == (size_t)f->limit);
}

static bool extent(const struct site *s, const struct field *f, const struct cursor *c, size_t *bytes, const char **problem)
{
	struct site at = *s;
	int64_t length = f->limit;
	at.cursor = c;
	if (field_has_length(&f->length_from) && !field_length(&at, &f->length_from, (int64_t)cursor_left(c), &length))
		return false;
	*bytes = length < 0 ? 0 : (size_t)length;
	return true;
}

static value decode(const struct site *s, const struct field *f, struct cursor *c, size_t bytes)
{
	size_t left = cursor_left(c), have = bytes < left ? bytes : left;
	const uint8_t *p = cursor_take(c, have);
	return text_of(s->vm, f, p, p ? have : 0);
}

static value accept(struct vm *vm, const struct field *f, value given)
{
	uint8_t bytes[BYTES_MAX];
	size_t len;
	if (bytes_of(f, given, bytes, &len))
		return text_of(vm, f, bytes, len);
	return field_refuse(vm, f, given, "hexadecimal digits in groups, like %s", pattern_of(f));
}

static bool encode(const struct site *s, const struct field *f, value v, struct buf *out)
{
	uint8_t bytes[BYTES_MAX] = {0};
	size_t len = (size_t)f->limit;
	if (!is_none(v) && !bytes_of(f, v, bytes, &len))
		return field_refuse(s->vm, f, v, "hexadecimal digits in groups, like %s", pattern_of(f)), false;
	buf_add(out, bytes, len);
	return true;
}

static size_t pattern_bytes(const char *pattern)
{
	size_t digits = 0;
	for (; *pattern; pattern++)
		digits += *pattern == 'x';
	return digits / 2;
}

/* HexGroupsField(name, default, pattern, length_from): without a length, as many bytes as the pattern has */
static bool make(struct vm *vm, struct field *f, const value *a)
{
	if (!is_str(a[2]) || !pattern_bytes(as_str(a[2])->data))
		return vm_raise_ok(vm, vm->errors.TypeError, "%s: the pattern is a text like 'xxxx.xx'", f->name->data);
	f->data = mem_copy(as_str(a[2])->data, as_str(a[2])->len + 1);
	if (!length_take(vm, &f->length_from, a[3], "length_from"))
		return false;
	if (!field_has_length(&f->length_from)) {
		f->limit = (int64_t)pattern_bytes(pattern_of(f));
		f->bits = (uint32_t)f->limit * 8;
	}
	return facts_take(vm, f, a + 4);
}

static void release(struct field *f)
{
	mem_free(f->data);
	f->data = NULL;
}

static const struct codec groups_codec = {
	.extent = extent, .decode = decode, .encode = encode, .accept = accept, .release = release,
};

const struct field_kind kinds_hexgroups[] = {
	{ "HexGroupsField", "name, default, pattern, length_from=None" FACTS, "bytes as groups of hexadecimal digits", &groups_codec, make, 0, 0 },
	{ 0 },
};
