/* Records: tuples whose items also have names (time.struct_time, os.stat_result, sys.version_info). A record's type is a
 * type_spec with RECORD_SPEC and a getset row for each field, in order: { "tm_year", record_get_0 }. */
#ifndef LANG_RECORD_H
#define LANG_RECORD_H

#include "lang/types.h"
#include "lang/vm.h"

value record_new(struct vm *vm, struct type *type, size_t count, TAKES const value *items);
value record_make(struct vm *vm, struct type *cls, const struct call *call);    /* from a sequence of as many items */
bool  record_repr(struct vm *vm, value self, struct buf *out);

#define RECORD_GETTERS(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9)
#define X(n) value record_get_##n(struct vm *vm, value self);
RECORD_GETTERS(X)
#undef X

#define RECORD_SPEC .kind = KIND_TUPLE, .size = sizeof(struct tuple), .dict_offset = offsetof(struct tuple, dict), \
	.flags = TYPE_CONTAINER | TYPE_HAS_DICT, .slots = { .make = record_make, .repr = record_repr }

#endif
