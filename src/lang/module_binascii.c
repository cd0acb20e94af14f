/* binascii: bytes as hexadecimal and base64 text, and check sums. */
#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "lang/modules.h"
#include "lang/types.h"

/* Text to be read: str in ASCII, or bytes. */
static bool text_view(struct vm *vm, value v, struct view *out)
{
	if (!is_str(v))
		return value_to_view(vm, v, out);
	*out = (struct view){ (const uint8_t *)as_str(v)->data, as_str(v)->len };
	return as_str(v)->len == as_str(v)->chars || vm_raise_ok(vm, vm->errors.ValueError, "string argument should contain only ASCII characters");
}

static value bytes_from_buf(struct vm *vm, struct buf *b)
{
	value v = bytes_value(vm, buf_str(b), b->len);
	buf_free(b);
	return v;
}

static value failed(struct vm *vm, struct buf *b, const char *message)
{
	buf_free(b);
	return vm_raise(vm, vm->own->binascii_error, "%s", message);
}

/* ---- hexadecimal ----------------------------------------------------------------------------------------------------- */

static bool separator_of(struct vm *vm, value v, char *out)
{
	struct view view;

	*out = 0;
	if (is_unset(v))
		return true;
	if (!text_view(vm, v, &view))
		return false;
	if (view.len != 1)
		return vm_raise_ok(vm, vm->errors.ValueError, "sep must be length 1.");
	*out = (char)*view.bytes;
	return true;
}

/* hexlify(data, sep, bytes_per_sep): a separator every so many bytes, counted from the right (negative: from the left). */
static value do_hexlify(struct vm *vm, value *a)
{
	struct view view;
	struct buf b = {0};
	int64_t every;
	char separator;

	if (!value_to_view(vm, a[0], &view) || !separator_of(vm, a[1], &separator) || !value_to_int64(vm, a[2], &every))
		return VALUE_UNSET;
	uint64_t group = every < 0 ? (uint64_t)-every : (uint64_t)every;
	for (size_t i = 0; i < view.len; i++) {
		if (i && separator && group && (every < 0 ? i : view.len - i) % group == 0)
			buf_char(&b, separator);
		buf_char(&b, "0123456789abcdef"[view.bytes[i] >> 4]);
		buf_char(&b, "0123456789abcdef"[view.bytes[i] & 15]);
	}
	return bytes_from_buf(vm, &b);
}

static int digit(uint8_t c)
{
	return isdigit(c) ? c - '0' : isxdigit(c) ? (c | 0x20) - 'a' + 10 : -1;
}

static value do_unhexlify(struct vm *vm, value *a)
{
	struct view view;
	struct buf b = {0};

	if (!text_view(vm, a[0], &view))
		return VALUE_UNSET;
	if (view.len % 2)
		return failed(vm, &b, "Odd-length string");
	for (size_t i = 0; i < view.len; i += 2) {
		int high = digit(view.bytes[i]), low = digit(view.bytes[i + 1]);
		if (high < 0 || low < 0)
			return failed(vm, &b, "Non-hexadecimal digit found");
		buf_char(&b, (char)(high << 4 | low));
	}
	return bytes_from_buf(vm, &b);
}

/* ---- base64 (RFC 4648) ------------------------------------------------------------------------------------------------- */

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static value do_b2a_base64(struct vm *vm, value *a)
{
	struct view view;
	struct buf b = {0};
	bool newline;

	if (!value_to_view(vm, a[0], &view) || !value_truth(vm, a[1], &newline))
		return VALUE_UNSET;
	for (size_t i = 0; i < view.len; i += 3) {
		size_t left = view.len - i;
		uint32_t bits = (uint32_t)view.bytes[i] << 16 | (left > 1 ? (uint32_t)view.bytes[i + 1] << 8 : 0) | (left > 2 ? view.bytes[i + 2] : 0);
		buf_char(&b, letters[bits >> 18]);
		buf_char(&b, letters[bits >> 12 & 63]);
		buf_char(&b, left > 1 ? letters[bits >> 6 & 63] : '=');
		buf_char(&b, left > 2 ? letters[bits & 63] : '=');
	}
	if (newline)
		buf_char(&b, '\n');
	return bytes_from_buf(vm, &b);
}

static int letter_value(uint8_t c)
{
	const char *at = c ? strchr(letters, c) : NULL;
	return at ? (int)(at - letters) : -1;
}

/* Characters that are none of the alphabet are skipped, unless strict. */
static value do_a2b_base64(struct vm *vm, value *a)
{
	struct view view;
	struct buf b = {0};
	uint32_t bits = 0;
	size_t held = 0, pads = 0;
	bool strict;

	if (!text_view(vm, a[0], &view) || !value_truth(vm, a[1], &strict))
		return VALUE_UNSET;
	for (size_t i = 0; i < view.len; i++) {
		int n = letter_value(view.bytes[i]);
		if (view.bytes[i] == '=') {
			if (strict && held < 2)
				return failed(vm, &b, i ? "Discontinuous padding not allowed" : "Leading padding not allowed");
			if (held >= 2 && held + ++pads >= 4) {
				if (strict && i + 1 < view.len)
					return failed(vm, &b, "Excess data after padding");
				return bytes_from_buf(vm, &b);
			}
			continue;
		}
		if (n < 0 && strict)
			return failed(vm, &b, "Only base64 data is allowed");
		if (n < 0)
			continue;
		if (strict && pads)
			return failed(vm, &b, "Discontinuous padding not allowed");
		pads = 0;
		bits = bits << 6 | (uint32_t)n;
		if (held++)
			buf_char(&b, (char)(bits >> (held == 2 ? 4 : held == 3 ? 2 : 0)));
		held %= 4;
	}
	if (held == 1) {
		size_t count = b.len / 3 * 4 + 1;
		buf_free(&b);
		return vm_raise(vm, vm->own->binascii_error, "Invalid base64-encoded string: number of data characters (%zu) cannot be 1 more "
			"than a multiple of 4", count);
	}
	return held ? failed(vm, &b, "Incorrect padding") : bytes_from_buf(vm, &b);
}

/* ---- sums ----------------------------------------------------------------------------------------------------------------- */

/* CRC-CCITT with polynomial 0x1021. */
static value do_crc_hqx(struct vm *vm, value *a)
{
	struct view view;
	uint32_t crc;

	if (!module_sum_args(vm, a, &view, &crc))
		return VALUE_UNSET;
	crc &= 0xffff;
	for (size_t i = 0; i < view.len; i++) {
		crc ^= (uint32_t)view.bytes[i] << 8;
		for (int bit = 0; bit < 8; bit++)
			crc = (crc << 1 ^ (crc & 0x8000 ? 0x1021 : 0)) & 0xffff;
	}
	return value_int(crc);
}

static const struct native functions[] = {
	{ "hexlify", do_hexlify, "data, sep=..., bytes_per_sep=1", "Bytes as hexadecimal digits." },
	{ "b2a_hex", do_hexlify, "data, sep=..., bytes_per_sep=1", "Bytes as hexadecimal digits." },
	{ "unhexlify", do_unhexlify, "hexstr, /", "Hexadecimal digits as bytes." },
	{ "a2b_hex", do_unhexlify, "hexstr, /", "Hexadecimal digits as bytes." },
	{ "b2a_base64", do_b2a_base64, "data, /, *, newline=True", "Bytes as base64." },
	{ "a2b_base64", do_a2b_base64, "data, /, *, strict_mode=False", "Base64 as bytes." },
	{ "crc32", module_crc32, "data, crc=0, /", "The CRC-32 of bytes, going on from crc." },
	{ "crc_hqx", do_crc_hqx, "data, crc, /", "The CRC-CCITT of bytes, going on from crc." },
	{0}
};

static bool fill(struct vm *vm, struct dict *g)
{
	vm->own->binascii_error = module_new_error(vm, g, "binascii", "Error", vm->errors.ValueError);
	return true;
}

const struct module_spec module_binascii = { "binascii", "Bytes as text and back.", functions, fill };
