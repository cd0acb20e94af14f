/* What stands in classes besides functions: natives, computed attributes, static and class methods. */
#ifndef LANG_NATIVE_H
#define LANG_NATIVE_H

#include "lang/type.h"
#include "lang/types.h"

struct getset_object {
	struct container head;
	const struct getset *spec;
	struct type *owner;     /* kept */
};
struct wrapped_method {         /* KIND_STATICMETHOD, KIND_CLASSMETHOD */
	struct container head;
	value function;
};
struct super {
	struct container head;
	struct type *cls;       /* after which the search begins */
	struct type *start;     /* along whose mro */
	value self;             /* what is found is bound to it; unset: to `start` */
};

/* Is it a function that gets the instance when it is found in a class? */
static inline bool native_is_method(value v)
{
	const struct native_function *n = (const struct native_function *)v.o;
	return is_kind(v, KIND_NATIVE) && n->owner && !(n->spec->flags & (NATIVE_STATIC | NATIVE_CLASS));
}
/* f(self, *call): what a method does. */
value call_with_self(struct vm *vm, value f, value self, const struct call *call);
value getset_new(struct vm *vm, const struct getset *spec, struct type *owner);
value staticmethod_new(struct vm *vm, value function);
value classmethod_new(struct vm *vm, value function);

#endif
