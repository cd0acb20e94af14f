/* Field classes of the user's: which methods they override, and the kind that calls those.
 *
 * A field of such a class holds `plain`, a field of the kind that it derives from, made of the same arguments; the engine works
 * with the outer one, whose codec calls the overridden methods and leaves the rest to `plain`. A class that overrides nothing
 * has no such pair: its fields are its kind's. */
#ifndef PACKET_FIELD_OWN_H
#define PACKET_FIELD_OWN_H

#include "packet/field.h"

#define OWN_METHODS(X) X(getfield) X(addfield) X(i2m) X(m2i) X(any2i) X(h2i) X(i2h) X(i2repr) X(i2len) X(i2count) X(randval)
enum own_method {
#define X(name) OWN_##name,
	OWN_METHODS(X)
#undef X
	OWN_COUNT
};

struct own { struct field_kind kind; unsigned methods; };       /* of a class: a bit for each method that it overrides */

const struct own *own_of(const struct type *cls);               /* NULL: it overrides nothing */
bool  own_subclassed(struct vm *vm, struct type *cls);
bool  own_take(struct vm *vm, struct field *f, const struct own *own);  /* f->plain is made: f becomes the field around it */
bool  own_has(const struct field *f, enum own_method method);
value own_call(struct vm *vm, const struct field *f, enum own_method method, size_t count, const value *args);
static inline const struct field *field_plain(const struct field *f) { return f->plain ? f->plain : f; }

/* What Field's getfield, addfield and i2repr do: by the kind, through m2i, i2m and i2h where these are overridden. */
value own_read(const struct site *s, const struct field *f, struct cursor *c);
bool  own_write(const struct site *s, const struct field *f, value v, struct buf *out);     /* a run of bits: right-aligned in whole bytes */
bool  own_print(const struct site *s, const struct field *f, value v, struct buf *out);
bool  own_is_text(const struct field *plain);
value own_machine(const struct site *s, const struct field *plain, value v);                /* a number, or bytes */
value own_internal(const struct site *s, const struct field *plain, value machine);
bool  own_extent(const struct site *s, const struct field *f, const struct cursor *c, size_t *bits, const char **problem);
bool  own_accept(const struct site *s, const struct field *f, value given, value *out);     /* any2i, told of the packet */
value own_shown(const struct site *s, const struct field *f, TAKES value v);                /* i2h: what reading the attribute gives */

extern const struct getset field_attrs[];
extern const struct native field_methods[];
extern const struct field_kind kind_field;
value field_randval(struct vm *vm, value *a);

#endif
