/* hashlib: message digests. */
#include <string.h>

#include "base/buf.h"
#include "lang/digest.h"
#include "lang/modules.h"
#include "lang/types.h"

struct hash {
	struct object head;
	struct digest digest;
};

static struct hash *hash_of(value v) { return (struct hash *)v.o; }

static const struct digest_facts *facts_of(value v) { return &digest_facts[hash_of(v)->digest.kind]; }

static bool add(struct vm *vm, struct hash *h, value data)
{
	struct view view;

	if (is_str(data))
		return vm_raise_ok(vm, vm->errors.TypeError, "Strings must be encoded before hashing");
	if (!value_to_view(vm, data, &view))
		return false;
	digest_add(&h->digest, view.bytes, view.len);
	return true;
}

static value hash_new(struct vm *vm, enum digest_kind kind, value data)
{
	struct hash *h = object_new(vm->own->hash, 0);

	digest_start(&h->digest, kind);
	if (is_unset(data) || add(vm, h, data))
		return value_object(h);
	object_drop(h);
	return VALUE_UNSET;
}

static value hash_update(struct vm *vm, value *a)
{
	return add(vm, hash_of(a[0]), a[1]) ? VALUE_NONE : VALUE_UNSET;
}

static value hash_digest(struct vm *vm, value *a)
{
	uint8_t out[64];

	digest_end(hash_of(a[0])->digest, out);
	return bytes_value(vm, out, facts_of(a[0])->size);
}

static value hash_hexdigest(struct vm *vm, value *a)
{
	uint8_t out[64];
	struct buf b = {0};

	digest_end(hash_of(a[0])->digest, out);
	for (unsigned i = 0; i < facts_of(a[0])->size; i++)
		buf_print(&b, "%02x", out[i]);
	return str_from_buf(vm, &b);
}

static value hash_copy(struct vm *vm, value *a)
{
	struct hash *h = object_new(vm->own->hash, 0);
	h->digest = hash_of(a[0])->digest;
	return value_object(h);
}

static bool hash_repr(struct vm *vm, value self, struct buf *out)
{
	buf_print(out, "<%s _hashlib.HASH object @ %p>", facts_of(self)->name, (void *)self.o);
	return true;
}

static value get_name(struct vm *vm, value self) { return str_value(vm, facts_of(self)->name); }
static value get_digest_size(struct vm *vm, value self) { return value_int(facts_of(self)->size); }
static value get_block_size(struct vm *vm, value self) { return value_int(facts_of(self)->block); }

static const struct native methods[] = {
	{ "update", hash_update, "obj, /", "Goes on with more bytes." },
	{ "digest", hash_digest, "", "The digest of what came so far, as bytes." },
	{ "hexdigest", hash_hexdigest, "", "The same in hexadecimal." },
	{ "copy", hash_copy, "", "Another one that goes on from here separately." },
	{0}
};
static const struct getset attrs[] = {
	{ "name", get_name, NULL, "The algorithm's name." }, { "digest_size", get_digest_size, NULL, "Bytes of a digest." },
	{ "block_size", get_block_size, NULL, "Bytes of a block." }, {0}
};
static const struct type_spec hash_spec = {
	.name = "HASH", .doc = "A message digest being made.", .size = sizeof(struct hash), .slots = { .repr = hash_repr },
	.methods = methods, .attrs = attrs,
};

static value do_md5(struct vm *vm, value *a) { return hash_new(vm, DIGEST_MD5, a[0]); }
static value do_sha1(struct vm *vm, value *a) { return hash_new(vm, DIGEST_SHA1, a[0]); }
static value do_sha224(struct vm *vm, value *a) { return hash_new(vm, DIGEST_SHA224, a[0]); }
static value do_sha256(struct vm *vm, value *a) { return hash_new(vm, DIGEST_SHA256, a[0]); }
static value do_sha384(struct vm *vm, value *a) { return hash_new(vm, DIGEST_SHA384, a[0]); }
static value do_sha512(struct vm *vm, value *a) { return hash_new(vm, DIGEST_SHA512, a[0]); }

static value do_new(struct vm *vm, value *a)
{
	if (!is_str(a[0]))
		return vm_raise(vm, vm->errors.TypeError, "new() argument 'name' must be str, not %s", value_type_name(vm, a[0]));
	for (int kind = 0; kind < DIGEST_COUNT; kind++)
		if (!strcasecmp(as_str(a[0])->data, digest_facts[kind].name))
			return hash_new(vm, (enum digest_kind)kind, a[1]);
	return vm_raise(vm, vm->errors.ValueError, "unsupported hash type %s", as_str(a[0])->data);
}

#define ARGS "string=..., *, usedforsecurity=True"
static const struct native functions[] = {
	{ "md5", do_md5, ARGS, "MD5 (RFC 1321)." },
	{ "sha1", do_sha1, ARGS, "SHA-1." },
	{ "sha224", do_sha224, ARGS, "SHA-224." },
	{ "sha256", do_sha256, ARGS, "SHA-256." },
	{ "sha384", do_sha384, ARGS, "SHA-384." },
	{ "sha512", do_sha512, ARGS, "SHA-512." },
	{ "new", do_new, "name, data=..., *, usedforsecurity=True", "The digest of that name." },
	{0}
};

static bool fill(struct vm *vm, struct dict *g)
{
	struct set *names[2] = { set_new(vm, false), set_new(vm, false) };

	vm->own->hash = module_new_type(vm, NULL, &hash_spec, "_hashlib");
	for (int kind = 0; kind < DIGEST_COUNT; kind++)
		for (int i = 0; i < 2; i++) {
			value name = str_value(vm, digest_facts[kind].name);
			set_add(vm, names[i], name);
			value_drop(name);
		}
	dict_set_text(vm, g, "algorithms_guaranteed", value_object(names[0]));
	dict_set_text(vm, g, "algorithms_available", value_object(names[1]));
	return true;
}

const struct module_spec module_hashlib = { "hashlib", "Message digests.", functions, fill };
