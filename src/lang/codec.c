#include "lang/codec.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "lang/str.h"

enum encoding { UTF8, ASCII, LATIN1, UTF16, UTF16LE, UTF16BE, UTF32, UTF32LE, UTF32BE, UTF8_SIG, UNKNOWN };
enum errors { STRICT, IGNORE, REPLACE, BACKSLASHREPLACE, SURROGATEESCAPE, SURROGATEPASS, XMLCHARREFREPLACE, NO_HANDLER };

static const struct { const char *name; enum encoding encoding; } encodings[] = {
	{ "utf8", UTF8 }, { "u8", UTF8 }, { "utf", UTF8 }, { "cp65001", UTF8 }, { "ascii", ASCII }, { "usascii", ASCII }, { "646", ASCII },
	{ "latin1", LATIN1 }, { "latin", LATIN1 }, { "iso88591", LATIN1 }, { "l1", LATIN1 }, { "cp819", LATIN1 }, { "8859", LATIN1 },
	{ "iso8859", LATIN1 }, { "utf16", UTF16 }, { "u16", UTF16 }, { "utf16le", UTF16LE }, { "utf16be", UTF16BE }, { "utf32", UTF32 },
	{ "u32", UTF32 }, { "utf32le", UTF32LE }, { "utf32be", UTF32BE }, { "utf8sig", UTF8_SIG },
};
/* As errors name them. */
static const char *const shown[] = {
	"utf-8", "ascii", "latin-1", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "utf-8",
};
static const char *const handlers[] = {
	"strict", "ignore", "replace", "backslashreplace", "surrogateescape", "surrogatepass", "xmlcharrefreplace",
};

static bool find_encoding(struct vm *vm, value name, enum encoding *out)
{
	*out = UTF8;
	if (is_unset(name) || is_none(name))
		return true;
	if (!is_str(name))
		return vm_raise_ok(vm, vm->errors.TypeError, "argument 'encoding' must be str, not %s", value_type_name(vm, name));
	char plain[16];
	size_t n = 0;
	for (const char *p = as_str(name)->data; *p && n < sizeof plain - 1; p++)
		if (*p != '-' && *p != '_' && *p != ' ')
			plain[n++] = (char)(*p >= 'A' && *p <= 'Z' ? *p + 32 : *p);
	plain[n] = '\0';
	for (size_t i = 0; i < sizeof encodings / sizeof *encodings; i++) {
		if (!strcmp(encodings[i].name, plain)) {
			*out = encodings[i].encoding;
			return true;
		}
	}
	return vm_raise_ok(vm, vm->errors.LookupError, "unknown encoding: %s", as_str(name)->data);
}

static bool find_handler(struct vm *vm, value name, enum errors *out)
{
	*out = STRICT;
	if (is_unset(name) || is_none(name))
		return true;
	if (!is_str(name))
		return vm_raise_ok(vm, vm->errors.TypeError, "argument 'errors' must be str, not %s", value_type_name(vm, name));
	for (*out = STRICT; *out < NO_HANDLER; (*out)++)
		if (!strcmp(handlers[*out], as_str(name)->data))
			break;
	return true;        /* an unknown one is an error only when it is needed */
}

static value unknown_handler(struct vm *vm, value name)
{
	return vm_raise(vm, vm->errors.LookupError, "unknown error handler name '%s'", as_str(name)->data);
}

/* == Bytes to text =================================================================================================== */

struct decoder {
	struct vm *vm;
	struct view in;
	enum encoding encoding;
	enum errors errors;
	value handler;          /* its name */
	struct buf out;
};

/* The exception's own attributes: encoding, object, start, end, reason. */
static void add_attributes(struct vm *vm, const char *encoding, value object, size_t start, size_t end, const char *reason)
{
	value pending = vm_take_pending(vm);
	struct { const char *name; value v; } rows[] = {
		{ "encoding", str_value(vm, encoding) }, { "object", value_keep(object) }, { "start", value_int((int64_t)start) },
		{ "end", value_int((int64_t)end) }, { "reason", str_value(vm, reason) },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		value_set_attr(vm, pending, str_intern(vm, rows[i].name), rows[i].v);
		value_drop(rows[i].v);
	}
	vm_clear(vm);
	vm_raise_value(vm, pending);
}

static bool decode_error(struct decoder *d, size_t start, size_t end, const char *reason)
{
	const char *name = shown[d->encoding];
	if (end - start == 1)
		vm_raise(d->vm, d->vm->errors.UnicodeDecodeError, "'%s' codec can't decode byte 0x%02x in position %zu: %s", name,
		         d->in.bytes[start], start, reason);
	else
		vm_raise(d->vm, d->vm->errors.UnicodeDecodeError, "'%s' codec can't decode bytes in position %zu-%zu: %s", name,
		         start, end - 1, reason);
	value object = bytes_value(d->vm, d->in.bytes, d->in.len);
	add_attributes(d->vm, name, object, start, end, reason);
	value_drop(object);
	return false;
}

/* What stands in [start, end) is no text: as the handler says. */
static bool bad_bytes(struct decoder *d, size_t start, size_t end, const char *reason)
{
	switch (d->errors) {
	case IGNORE:
		return true;
	case REPLACE:
		buf_utf8(&d->out, 0xfffd);
		return true;
	case BACKSLASHREPLACE:
		for (size_t i = start; i < end; i++)
			buf_print(&d->out, "\\x%02x", d->in.bytes[i]);
		return true;
	case SURROGATEESCAPE:
		for (size_t i = start; i < end; i++)
			if (d->in.bytes[i] < 0x80)
				return decode_error(d, start, end, reason);
		for (size_t i = start; i < end; i++)
			buf_utf8(&d->out, 0xdc00u + d->in.bytes[i]);
		return true;
	case NO_HANDLER:
		unknown_handler(d->vm, d->handler);
		return false;
	default:
		return decode_error(d, start, end, reason);
	}
}

/* The length of the well-formed sequence at `at`; 0: none, *bad bytes of it are to be refused for *reason. */
static size_t utf8_sequence(struct view in, size_t at, size_t *bad, const char **reason)
{
	const uint8_t *p = in.bytes + at;
	size_t left = in.len - at, need = p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : p[0] < 0xf5 ? 4 : 0;
	*bad = 1;
	*reason = "invalid start byte";
	if (!need)
		return 0;
	uint8_t low = p[0] == 0xe0 ? 0xa0 : p[0] == 0xf0 ? 0x90 : 0x80, high = p[0] == 0xed ? 0x9f : p[0] == 0xf4 ? 0x8f : 0xbf;
	for (size_t i = 1; i < need; i++) {
		if (i >= left) {
			*bad = left;
			*reason = "unexpected end of data";
			return 0;
		}
		if (p[i] < low || p[i] > high) {
			*bad = i;
			*reason = "invalid continuation byte";
			return 0;
		}
		low = 0x80;
		high = 0xbf;
	}
	return need;
}

static bool is_coded_surrogate(struct view in, size_t at)
{
	return in.len - at >= 3 && in.bytes[at] == 0xed && in.bytes[at + 1] >= 0xa0 && (in.bytes[at + 1] & 0xc0) == 0x80 &&
	       (in.bytes[at + 2] & 0xc0) == 0x80;
}

static bool decode_utf8(struct decoder *d)
{
	struct view in = d->in;
	for (size_t at = 0, bad; at < in.len; ) {
		const char *reason;
		size_t run = at;
		while (run < in.len && in.bytes[run] < 0x80)
			run++;
		buf_add(&d->out, in.bytes + at, run - at);
		at = run;
		if (at == in.len)
			break;
		size_t len = d->errors == SURROGATEPASS && is_coded_surrogate(in, at) ? 3 : utf8_sequence(in, at, &bad, &reason);
		if (len)
			buf_add(&d->out, in.bytes + at, len);
		else if (!bad_bytes(d, at, at + bad, reason))
			return false;
		at += len ? len : bad;
	}
	return true;
}

static bool decode_single(struct decoder *d)
{
	for (size_t i = 0; i < d->in.len; i++) {
		if (d->in.bytes[i] < 0x80 || d->encoding == LATIN1)
			buf_utf8(&d->out, d->in.bytes[i]);
		else if (!bad_bytes(d, i, i + 1, "ordinal not in range(128)"))
			return false;
	}
	return true;
}

static uint32_t unit(const uint8_t *p, size_t size, bool big)
{
	uint32_t n = 0;
	for (size_t i = 0; i < size; i++)
		n = n << 8 | p[big ? i : size - 1 - i];
	return n;
}

static bool decode_wide(struct decoder *d, size_t size, bool big)
{
	struct view in = d->in;
	size_t at = 0;
	if (d->encoding == UTF16 || d->encoding == UTF32) {
		uint32_t mark = in.len >= size ? unit(in.bytes, size, false) : 0;
		big = mark == (size == 2 ? 0xfffeu : 0xfffe0000u);
		at = mark == 0xfeff || big ? size : 0;
		d->encoding = (enum encoding)(d->encoding + (big ? 2 : 1));
	}
	while (at < in.len) {
		bool ok = true;
		size_t used = size;
		if (in.len - at < size) {
			return bad_bytes(d, at, in.len, "truncated data");
		}
		uint32_t c = unit(in.bytes + at, size, big);
		uint32_t low = size == 2 && in.len - at >= 4 ? unit(in.bytes + at + 2, 2, big) : 0;
		bool pair = low >= 0xdc00 && low < 0xe000;
		if (size == 2 && c >= 0xd800 && c < 0xdc00 && (pair || d->errors != SURROGATEPASS)) {
			used = pair ? 4 : 2;
			if (in.len - at < 4)
				return bad_bytes(d, at, in.len, "unexpected end of data");
			if (used == 4)
				buf_utf8(&d->out, 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00));
			else
				ok = bad_bytes(d, at, at + 2, "illegal UTF-16 surrogate");
		} else if (c >= 0xd800 && c < 0xe000 && d->errors != SURROGATEPASS) {
			ok = bad_bytes(d, at, at + size, size == 2 ? "illegal encoding" : "code point in surrogate code point range(0xd800, 0xe000)");
		} else if (c > 0x10ffff) {
			ok = bad_bytes(d, at, at + size, "code point not in range(0x110000)");
		} else {
			buf_utf8(&d->out, c);
		}
		if (!ok)
			return false;
		at += used;
	}
	return true;
}

static bool is_ascii(struct view in)
{
	for (size_t i = 0; i < in.len; i++)
		if (in.bytes[i] >= 0x80)
			return false;
	return true;
}

value codec_decode(struct vm *vm, struct view bytes, value encoding, value errors)
{
	struct decoder d = { .vm = vm, .in = bytes, .handler = errors };
	if (!find_encoding(vm, encoding, &d.encoding) || !find_handler(vm, errors, &d.errors))
		return VALUE_UNSET;
	if (d.encoding == UTF8_SIG && bytes.len >= 3 && !memcmp(bytes.bytes, "\xef\xbb\xbf", 3)) {
		d.in.bytes += 3;
		d.in.len -= 3;
	}
	if ((d.encoding <= LATIN1 || d.encoding == UTF8_SIG) && is_ascii(d.in))
		return str_owned(str_ascii(vm, (const char *)d.in.bytes, d.in.len));
	bool ok;
	switch (d.encoding) {
	case UTF8: case UTF8_SIG: ok = decode_utf8(&d); break;
	case ASCII: case LATIN1: ok = decode_single(&d); break;
	case UTF16: case UTF16LE: ok = decode_wide(&d, 2, false); break;
	case UTF16BE: ok = decode_wide(&d, 2, true); break;
	case UTF32BE: ok = decode_wide(&d, 4, true); break;
	default: ok = decode_wide(&d, 4, false); break;
	}
	if (ok)
		return str_from_buf(vm, &d.out);
	buf_free(&d.out);
	return VALUE_UNSET;
}

value codec_str(struct vm *vm, value object, value encoding, value errors)
{
	struct view view;
	if (is_unset(object))
		return str_owned(str_empty(vm));
	if (is_str(object))
		return vm_raise(vm, vm->errors.TypeError, "decoding str is not supported");
	if (!value_to_view(vm, object, &view)) {
		if (!vm_pending_is(vm, vm->errors.TypeError))
			return VALUE_UNSET;
		vm_clear(vm);
		return vm_raise(vm, vm->errors.TypeError, "decoding to str: need a bytes-like object, %s found", value_type_name(vm, object));
	}
	return codec_decode(vm, view, encoding, errors);
}

/* == Text to bytes =================================================================================================== */

struct encoder {
	struct vm *vm;
	struct str *text;
	enum encoding encoding;
	enum errors errors;
	value handler;
	struct buf out;
};

static void put_unit(struct encoder *e, uint32_t c, size_t size, bool big)
{
	for (size_t i = 0; i < size; i++)
		buf_char(&e->out, (char)(c >> 8 * (big ? size - 1 - i : i)));
}

static bool encode_error(struct encoder *e, size_t at, size_t end, const char *reason)
{
	const char *name = shown[e->encoding];
	size_t offset = str_offset(e->text, at);
	uint32_t c = char_next(e->text->data, &offset);
	struct buf escaped = {0};
	buf_print(&escaped, c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x", c);
	if (end - at == 1)
		vm_raise(e->vm, e->vm->errors.UnicodeEncodeError, "'%s' codec can't encode character '%s' in position %zu: %s", name,
		         buf_str(&escaped), at, reason);
	else
		vm_raise(e->vm, e->vm->errors.UnicodeEncodeError, "'%s' codec can't encode characters in position %zu-%zu: %s", name,
		         at, end - 1, reason);
	buf_free(&escaped);
	add_attributes(e->vm, name, value_object(e->text), at, end, reason);
	return false;
}

static void put_ascii(struct encoder *e, const char *text)
{
	size_t size = e->encoding >= UTF16 && e->encoding <= UTF16BE ? 2 : e->encoding >= UTF32 && e->encoding <= UTF32BE ? 4 : 1;
	for (; *text; text++)
		put_unit(e, (unsigned char)*text, size, e->encoding == UTF16BE || e->encoding == UTF32BE);
}

static bool bad_char(struct encoder *e, size_t at, size_t end, uint32_t c, const char *reason)
{
	char text[16];
	switch (e->errors) {
	case IGNORE:
		return true;
	case REPLACE:
		put_ascii(e, "?");
		return true;
	case BACKSLASHREPLACE:
		snprintf(text, sizeof text, c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x", c);
		put_ascii(e, text);
		return true;
	case XMLCHARREFREPLACE:
		snprintf(text, sizeof text, "&#%u;", c);
		put_ascii(e, text);
		return true;
	case SURROGATEESCAPE:
		if (c < 0xdc80 || c > 0xdcff)
			return encode_error(e, at, end, reason);
		buf_char(&e->out, (char)(c - 0xdc00));
		return true;
	case NO_HANDLER:
		unknown_handler(e->vm, e->handler);
		return false;
	default:
		return encode_error(e, at, end, reason);
	}
}

static void put_char(struct encoder *e, uint32_t c)
{
	switch (e->encoding) {
	case UTF16: case UTF16LE: case UTF16BE:
		if (c >= 0x10000) {
			put_unit(e, 0xd800 + ((c - 0x10000) >> 10), 2, e->encoding == UTF16BE);
			c = 0xdc00 + ((c - 0x10000) & 0x3ff);
		}
		put_unit(e, c, 2, e->encoding == UTF16BE);
		break;
	case UTF32: case UTF32LE: case UTF32BE:
		put_unit(e, c, 4, e->encoding == UTF32BE);
		break;
	case ASCII: case LATIN1:
		buf_char(&e->out, (char)c);
		break;
	default:
		buf_utf8(&e->out, c);
		break;
	}
}

static bool refused(const struct encoder *e, uint32_t c)
{
	if (e->encoding == ASCII || e->encoding == LATIN1)
		return c >= (e->encoding == ASCII ? 0x80u : 0x100u);
	return c >= 0xd800 && c < 0xe000 && e->errors != SURROGATEPASS;
}

static bool encode(struct encoder *e)
{
	const char *reason = e->encoding == ASCII ? "ordinal not in range(128)" : e->encoding == LATIN1 ? "ordinal not in range(256)"
	                                                                                                : "surrogates not allowed";
	size_t at = 0;
	for (size_t i = 0; i < e->text->chars; i++) {
		uint32_t c = char_next(e->text->data, &at);
		if (!refused(e, c)) {
			put_char(e, c);
			continue;
		}
		size_t end = i + 1;
		for (size_t ahead = at; end < e->text->chars && refused(e, char_next(e->text->data, &ahead)); )
			end++;
		if (!bad_char(e, i, end, c, reason))
			return false;
	}
	return true;
}

static bool has_surrogates(const struct str *s)
{
	for (size_t i = 0; i + 1 < s->len; i++)
		if ((unsigned char)s->data[i] == 0xed && (unsigned char)s->data[i + 1] >= 0xa0)
			return true;
	return false;
}

value codec_encode(struct vm *vm, struct str *text, value encoding, value errors)
{
	struct encoder e = { .vm = vm, .text = text, .handler = errors };
	if (!find_encoding(vm, encoding, &e.encoding) || !find_handler(vm, errors, &e.errors))
		return VALUE_UNSET;
	if ((e.encoding <= LATIN1 && str_is_ascii(text)) || (e.encoding == UTF8 && !has_surrogates(text)))
		return bytes_value(vm, text->data, text->len);
	if (e.encoding == UTF8_SIG)
		buf_text(&e.out, "\xef\xbb\xbf");
	if (e.encoding == UTF16 || e.encoding == UTF32)
		put_unit(&e, 0xfeff, e.encoding == UTF16 ? 2 : 4, false);
	value made = encode(&e) ? bytes_value(vm, e.out.data, e.out.len) : VALUE_UNSET;
	buf_free(&e.out);
	return made;
}
