/* zlib: deflate (RFC 1951) with zlib's, gzip's or no header, as wbits says. */
#include <zlib.h>

#include "base/buf.h"
#include "lang/modules.h"
#include "lang/types.h"

enum { PART = 64 << 10, MOST = 1 << 30 };

static value failed(struct vm *vm, const z_stream *z, int code, const char *doing)
{
	const char *said = code == Z_BUF_ERROR ? "incomplete or truncated stream" : z->msg ? z->msg : zError(code);
	return vm_raise(vm, vm->own->zlib_error, "Error %d while %s: %s", code, doing, said);
}

static value bytes_from_buf(struct vm *vm, struct buf *b)
{
	value v = bytes_value(vm, buf_str(b), b->len);
	buf_free(b);
	return v;
}

/* Runs deflate or inflate over all of the input (and with Z_FINISH to the end), adding to `out`, at most `most` bytes.
 * The code of zlib that stopped it. */
static int run(struct vm *vm, z_stream *z, int (*step)(z_stream *z, int flush), int flush, size_t most, struct buf *out)
{
	int code;

	do {
		size_t room = most - out->len < PART ? most - out->len : PART, before = out->len;
		buf_reserve(out, room);
		z->next_out = (Bytef *)out->data + before;
		z->avail_out = (uInt)room;
		code = step(z, flush);
		out->len = before + room - z->avail_out;
		out->data[out->len] = 0;
		if (!vm_poll(vm))
			return Z_ERRNO;
	} while ((code == Z_OK || (code == Z_BUF_ERROR && !z->avail_out)) && !z->avail_out && out->len < most);
	return code;
}

static bool window_arg(struct vm *vm, value v, int *wbits)
{
	int64_t n;

	if (!value_to_int64(vm, v, &n))
		return false;
	*wbits = n < -15 || n > 47 ? 99 : (int)n;
	return true;
}

static value do_compress(struct vm *vm, value *a)
{
	struct view view;
	struct buf out = {0};
	z_stream z = {0};
	int64_t level;
	int wbits;

	if (!value_to_view(vm, a[0], &view) || !value_to_int64(vm, a[1], &level) || !window_arg(vm, a[2], &wbits))
		return VALUE_UNSET;
	if (level < -1 || level > 9 || deflateInit2(&z, (int)level, Z_DEFLATED, wbits, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return vm_raise(vm, vm->own->zlib_error, "Bad compression level");
	z.next_in = (Bytef *)view.bytes;
	z.avail_in = (uInt)view.len;
	int code = run(vm, &z, deflate, Z_FINISH, MOST, &out);
	deflateEnd(&z);
	if (code == Z_STREAM_END)
		return bytes_from_buf(vm, &out);
	buf_free(&out);
	return vm_pending(vm) ? VALUE_UNSET : failed(vm, &z, code, "compressing data");
}

static value do_decompress(struct vm *vm, value *a)
{
	struct view view;
	struct buf out = {0};
	z_stream z = {0};
	int wbits;

	if (!value_to_view(vm, a[0], &view) || !window_arg(vm, a[1], &wbits))
		return VALUE_UNSET;
	if (inflateInit2(&z, wbits) != Z_OK)
		return vm_raise(vm, vm->own->zlib_error, "Invalid initialization option");
	z.next_in = (Bytef *)view.bytes;
	z.avail_in = (uInt)view.len;
	int code = run(vm, &z, inflate, Z_SYNC_FLUSH, MOST, &out);
	value r = VALUE_UNSET;
	if (code == Z_STREAM_END)
		r = bytes_from_buf(vm, &out);
	else if (!vm_pending(vm))
		failed(vm, &z, code == Z_OK ? Z_BUF_ERROR : code, "decompressing data");
	buf_free(&out);
	inflateEnd(&z);
	return r;
}

bool module_sum_args(struct vm *vm, value *a, struct view *view, uint32_t *start)
{
	int64_t n;

	if (!value_to_view(vm, a[0], view) || !value_to_int64(vm, a[1], &n))
		return false;
	*start = (uint32_t)n;
	return true;
}

value module_crc32(struct vm *vm, value *a)
{
	struct view view;
	uint32_t start;
	return module_sum_args(vm, a, &view, &start) ? value_int((int64_t)crc32_z(start, view.bytes, view.len)) : VALUE_UNSET;
}

static value do_adler32(struct vm *vm, value *a)
{
	struct view view;
	uint32_t start;
	return module_sum_args(vm, a, &view, &start) ? value_int((int64_t)adler32_z(start, view.bytes, view.len)) : VALUE_UNSET;
}

/* ---- in parts ---------------------------------------------------------------------------------------------------------- */

struct flow {
	struct object head;
	z_stream z;
	bool packs, ended;
	value unused, tail;         /* bytes behind the end; input that max_length left over */
};

static struct flow *flow_of(value v) { return (struct flow *)v.o; }

static value flow_new(struct vm *vm, bool packs)
{
	struct flow *f = object_new(packs ? vm->own->compressor : vm->own->decompressor, 0);
	f->packs = packs;
	f->unused = bytes_value(vm, "", 0);
	f->tail = bytes_value(vm, "", 0);
	return value_object(f);
}

static void flow_release(struct object *o)
{
	struct flow *f = (struct flow *)o;
	(f->packs ? deflateEnd : inflateEnd)(&f->z);
	value_drop(f->unused);
	value_drop(f->tail);
}

static value do_compressobj(struct vm *vm, value *a)
{
	int64_t level;
	int wbits;

	if (!value_to_int64(vm, a[0], &level) || !window_arg(vm, a[2], &wbits))
		return VALUE_UNSET;
	value v = flow_new(vm, true);
	if (deflateInit2(&flow_of(v)->z, (int)level, Z_DEFLATED, wbits, 8, Z_DEFAULT_STRATEGY) == Z_OK)
		return v;
	value_drop(v);
	return vm_raise(vm, vm->errors.ValueError, "Invalid initialization option");
}

static value do_decompressobj(struct vm *vm, value *a)
{
	int wbits;

	if (!window_arg(vm, a[0], &wbits))
		return VALUE_UNSET;
	value v = flow_new(vm, false);
	if (inflateInit2(&flow_of(v)->z, wbits) == Z_OK)
		return v;
	value_drop(v);
	return vm_raise(vm, vm->errors.ValueError, "Invalid initialization option");
}

static value compressed(struct vm *vm, struct flow *f, struct view view, int flush)
{
	struct buf out = {0};

	f->z.next_in = (Bytef *)view.bytes;
	f->z.avail_in = (uInt)view.len;
	int code = run(vm, &f->z, deflate, flush, MOST, &out);
	if (code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR)
		return bytes_from_buf(vm, &out);
	buf_free(&out);
	return vm_pending(vm) ? VALUE_UNSET : failed(vm, &f->z, code, "compressing data");
}

static value flow_compress(struct vm *vm, value *a)
{
	struct view view;
	return value_to_view(vm, a[1], &view) ? compressed(vm, flow_of(a[0]), view, Z_NO_FLUSH) : VALUE_UNSET;
}

static value flow_flush(struct vm *vm, value *a)
{
	int64_t mode;
	return value_to_int64(vm, a[1], &mode) ? compressed(vm, flow_of(a[0]), (struct view){0}, (int)mode) : VALUE_UNSET;
}

static value flow_decompress(struct vm *vm, value *a)
{
	struct flow *f = flow_of(a[0]);
	struct view view;
	struct buf out = {0};
	int64_t most;

	if (!value_to_view(vm, a[1], &view) || !value_to_int64(vm, a[2], &most))
		return VALUE_UNSET;
	if (most < 0)
		return vm_raise(vm, vm->errors.ValueError, "max_length must be non-negative");
	f->z.next_in = (Bytef *)view.bytes;
	f->z.avail_in = (uInt)view.len;
	int code = f->ended ? Z_STREAM_END : run(vm, &f->z, inflate, Z_SYNC_FLUSH, most && most < MOST ? (size_t)most : MOST, &out);
	if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) {
		buf_free(&out);
		return vm_pending(vm) ? VALUE_UNSET : failed(vm, &f->z, code, "decompressing data");
	}
	f->ended = code == Z_STREAM_END;
	value left = bytes_value(vm, f->z.avail_in ? f->z.next_in : (const Bytef *)"", f->z.avail_in);
	value_set(f->ended ? &f->unused : &f->tail, left);
	return bytes_from_buf(vm, &out);
}

static value flow_rest(struct vm *vm, value *a) { return bytes_value(vm, "", 0); }
static value get_eof(struct vm *vm, value self) { return value_bool(flow_of(self)->ended); }
static value get_unused(struct vm *vm, value self) { return value_keep(flow_of(self)->unused); }
static value get_tail(struct vm *vm, value self) { return value_keep(flow_of(self)->tail); }

static const struct native compressor_methods[] = {
	{ "compress", flow_compress, "data, /", "Takes more bytes; gives what is ready." },
	{ "flush", flow_flush, "mode=4, /", "Gives what was held back; by default that is the end." },
	{0}
};
static const struct native decompressor_methods[] = {
	{ "decompress", flow_decompress, "data, /, max_length=0", "Takes more bytes; gives what they say." },
	{ "flush", flow_rest, "length=16384, /", "Nothing: all was given already." },
	{0}
};
static const struct getset decompressor_attrs[] = {
	{ "eof", get_eof, NULL, "Whether the end was reached." }, { "unused_data", get_unused, NULL, "What came behind the end." },
	{ "unconsumed_tail", get_tail, NULL, "What max_length left over." }, {0}
};
static const struct type_spec compressor_spec = {
	.name = "Compress", .doc = "Compression in parts.", .size = sizeof(struct flow), .slots = { .release = flow_release },
	.methods = compressor_methods,
};
static const struct type_spec decompressor_spec = {
	.name = "Decompress", .doc = "Decompression in parts.", .size = sizeof(struct flow), .slots = { .release = flow_release },
	.methods = decompressor_methods, .attrs = decompressor_attrs,
};

static const struct native functions[] = {
	{ "compress", do_compress, "data, /, level=-1, wbits=15", "Bytes, compressed." },
	{ "decompress", do_decompress, "data, /, wbits=15, bufsize=16384", "Compressed bytes as they were." },
	{ "compressobj", do_compressobj, "level=-1, method=8, wbits=15, memLevel=8, strategy=0", "Compression in parts." },
	{ "decompressobj", do_decompressobj, "wbits=15", "Decompression in parts." },
	{ "crc32", module_crc32, "data, value=0, /", "The CRC-32 of bytes." },
	{ "adler32", do_adler32, "data, value=1, /", "The Adler-32 of bytes." },
	{0}
};

static bool fill(struct vm *vm, struct dict *g)
{
	static const struct module_number numbers[] = {
		{ "MAX_WBITS", 15 }, { "DEFLATED", 8 }, { "Z_BEST_COMPRESSION", 9 }, { "Z_BEST_SPEED", 1 }, { "Z_DEFAULT_COMPRESSION", -1 },
		{ "Z_FINISH", Z_FINISH }, { "Z_NO_FLUSH", Z_NO_FLUSH }, { "Z_SYNC_FLUSH", Z_SYNC_FLUSH }, { "Z_FULL_FLUSH", Z_FULL_FLUSH },
		{ "DEF_MEM_LEVEL", 8 }, {0}
	};

	vm->own->zlib_error = module_new_error(vm, g, "zlib", "error", vm->errors.Exception);
	vm->own->compressor = module_new_type(vm, NULL, &compressor_spec, "zlib");
	vm->own->decompressor = module_new_type(vm, NULL, &decompressor_spec, "zlib");
	module_add_numbers(vm, g, numbers);
	dict_set_text(vm, g, "ZLIB_VERSION", str_value(vm, zlibVersion()));
	return true;
}

const struct module_spec module_zlib = { "zlib", "Compression.", functions, fill };
