#include "packet/ber.h"

#include <endian.h>
#include <string.h>

#include "lang/vm.h"

/* ---- identifier and length ---- */

static bool read_tag(const uint8_t *bytes, size_t left, size_t *at, unsigned *tag)
{
	if (left == 0)
		return false;
	*tag = bytes[0];
	*at = 1;
	if ((bytes[0] & 0x1f) != 0x1f)
		return true;
	for (unsigned more = 0; more < 3 && *at < left; more++) {
		uint8_t byte = bytes[(*at)++];
		*tag = *tag << 8 | byte;
		if (!(byte & 0x80))
			return true;
	}
	return false;
}

static bool read_at(const uint8_t *bytes, size_t left, unsigned depth, struct ber *out);

/* Elements up to two zero bytes. */
static bool find_end(const uint8_t *bytes, size_t left, unsigned depth, size_t *content)
{
	struct ber inner;
	for (*content = 0; *content + 2 <= left; *content += ber_size(&inner)) {
		if (bytes[*content] == 0 && bytes[*content + 1] == 0)
			return true;
		if (!read_at(bytes + *content, left - *content, depth + 1, &inner))
			return false;
	}
	return false;
}

static bool read_at(const uint8_t *bytes, size_t left, unsigned depth, struct ber *out)
{
	size_t at;
	*out = (struct ber){ .length_bytes = 1 };
	if (depth > BER_DEPTH || !read_tag(bytes, left, &at, &out->tag) || at >= left)
		return false;
	uint8_t first = bytes[at++];
	out->indefinite = first == 0x80;
	out->content = first;
	if (first > 0x80) {
		size_t more = first & 0x7f;
		if (more > 8 || at + more > left)
			return false;
		out->content = 0;
		for (size_t i = 0; i < more; i++)
			out->content = out->content << 8 | bytes[at++];
		out->length_bytes += (unsigned)more;
	}
	out->header = at;
	if (!out->indefinite)
		return out->content <= left - at;
	out->trailer = 2;
	return find_end(bytes + at, left - at, depth, &out->content);
}

bool ber_read(const uint8_t *bytes, size_t left, struct ber *out)
{
	return read_at(bytes, left, 0, out);
}

static unsigned length_needs(size_t length)
{
	unsigned bytes = 1;
	if (length < 0x80)
		return bytes;
	for (; length; length >>= 8)
		bytes++;
	return bytes;
}

static size_t put_tag(uint8_t *at, unsigned tag)
{
	size_t count = 0;
	for (int shift = 24; shift >= 0; shift -= 8)
		if (tag >> shift || shift == 0)
			at[count++] = (uint8_t)(tag >> shift);
	return count;
}

void ber_wrap(struct buf *out, size_t from, unsigned tag, const struct ber *like)
{
	size_t content = out->len - from;
	enum { TAG_MOST = 4, LENGTH_MOST = 1 + 8 };
	uint8_t header[TAG_MOST + LENGTH_MOST];
	size_t count = put_tag(header, tag);
	unsigned bytes = length_needs(content);
	if (like && like->length_bytes > bytes)
		bytes = like->length_bytes < LENGTH_MOST ? like->length_bytes : LENGTH_MOST;
	if (like && like->indefinite)
		header[count++] = 0x80;
	else if (bytes == 1)
		header[count++] = (uint8_t)content;
	else
		header[count++] = (uint8_t)(0x80 | (bytes - 1));
	if (bytes > 1 && !(like && like->indefinite)) {
		uint64_t length = htobe64(content);
		memcpy(header + count, (const uint8_t *)&length + sizeof length - (bytes - 1), bytes - 1);
		count += bytes - 1;
	}
	buf_grow(out, count);
	memmove(out->data + from + count, out->data + from, content);
	memcpy(out->data + from, header, count);
	if (like && like->indefinite)
		buf_fill(out, 0, 2);
}

/* ---- contents ---- */

value ber_get_int(struct vm *vm, const uint8_t *bytes, size_t len)
{
	return int_from_bytes(vm, bytes, len, false, true);
}

/* As few bytes as keep its sign. */
bool ber_put_int(struct vm *vm, value number, struct buf *out)
{
	mpz_t n;
	mpz_init(n);
	bool done = int_to_mpz(number, n);
	if (!done) {
		vm_raise(vm, vm->errors.TypeError, "an int is expected, not %s", value_type_name(vm, number));
	} else {
		bool negative = mpz_sgn(n) < 0;
		if (negative)
			mpz_com(n, n);
		size_t bits = mpz_sgn(n) ? mpz_sizeinbase(n, 2) : 0, bytes = bits / 8 + 1, from = out->len, count = 0;
		uint8_t *at = (uint8_t *)buf_grow(out, bytes);
		memset(at, 0, bytes);
		mpz_export(at + bytes - (bits + 7) / 8, &count, 1, 1, 1, 0, n);
		for (size_t i = from; negative && i < out->len; i++)
			out->data[i] = (char)~out->data[i];
	}
	mpz_clear(n);
	return done;
}

/* An arc beyond 64 bits is not read on: what is there by then is told. */
static size_t read_arc(const uint8_t *bytes, size_t len, uint64_t *arc)
{
	size_t at = 0;
	for (*arc = 0; at < len; at++) {
		*arc = *arc << 7 | (bytes[at] & 0x7f);
		if (!(bytes[at] & 0x80))
			return at + 1;
	}
	return at;
}

value ber_get_oid(struct vm *vm, const uint8_t *bytes, size_t len)
{
	struct buf text = { 0 };
	uint64_t arc;
	for (size_t at = 0; at < len;) {
		bool first = at == 0;
		at += read_arc(bytes + at, len - at, &arc);
		uint64_t root = arc < 40 ? 0 : arc < 80 ? 1 : 2;
		if (first)
			buf_print(&text, "%llu.%llu", (unsigned long long)root, (unsigned long long)(arc - 40 * root));
		else
			buf_print(&text, ".%llu", (unsigned long long)arc);
	}
	return str_from_buf(vm, &text);
}

static void put_arc(uint64_t arc, struct buf *out)
{
	for (int shift = 63; shift > 0; shift -= 7)
		if (arc >> shift)
			buf_char(out, (char)(0x80 | (arc >> shift & 0x7f)));
	buf_char(out, (char)(arc & 0x7f));
}

static bool take_arc(const char **at, uint64_t *arc)
{
	const char *from = *at;
	for (*arc = 0; **at >= '0' && **at <= '9'; (*at)++)
		if (__builtin_mul_overflow(*arc, 10, arc) || __builtin_add_overflow(*arc, (uint64_t)(**at - '0'), arc))
			return false;
	return *at > from;
}

bool ber_put_oid(const char *text, struct buf *out)
{
	uint64_t arc, root = 0;
	if (*text == '.')
		text++;
	for (unsigned n = 0;; n++) {
		if (!take_arc(&text, &arc) || (n == 0 && arc > 2) || (n == 1 && ((root < 2 && arc > 39) || arc > UINT64_MAX - 80)))
			return false;
		if (n == 0 && *text == '.')
			root = arc;
		else
			put_arc(n == 1 ? root * 40 + arc : arc, out);
		if (*text == 0)
			return true;
		if (*text++ != '.')
			return false;
	}
}
