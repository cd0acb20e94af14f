/* What the files about bytes and bytearray share. */
#ifndef LANG_BYTES_H
#define LANG_BYTES_H

#include "base/buf.h"

#include "lang/vm.h"
#include "lang/types.h"

value bytearray_value(struct vm *vm, const void *bytes, size_t len);
/* Adds what bytes(source) would hold: an int gives so many zeros, text needs an encoding. */
bool  bytes_gather(struct vm *vm, const char *name, value source, value encoding, value errors, struct buf *out);
bool  byte_of(struct vm *vm, value v, const char *what, uint8_t *out);     /* "byte must be in range(0, 256)" */
static inline struct buf *bytearray_buf(value v) { return ((struct bytearray *)v.o)->buf; }

/* Slots that work on either. */
value bytes_item(struct vm *vm, value self, value key);
bool  bytes_contains(struct vm *vm, value self, value needle, bool *out);
value bytes_compare(struct vm *vm, enum compare op, value a, value b);
value bytes_iterate(struct vm *vm, value self);
bool  bytes_view(struct vm *vm, value self, struct view *out);
bool  bytes_length(struct vm *vm, value self, size_t *out);
bool  bytes_truth(struct vm *vm, value self, bool *out);
value bytes_binary(struct vm *vm, enum operator op, value a, value b, bool reflected, bool reusable);

extern const struct native bytes_methods[], bytearray_methods[];

#endif
