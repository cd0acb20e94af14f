/* The dispatch loop. What is not simple is a helper's (ops.c, names.c, call.c): it reads the instruction at f->ip again,
 * consumes its operands and puts its result. */
#include "lang/ops.h"

#include <string.h>

#include "base/mem.h"

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

struct handled *machine_current(struct machine *m)
{
	struct handled *h = m->handled;
	while (h && is_unset(h->exception))
		h = h->below;
	return h;
}

/* Two stores of 8 bytes and never one of 16: what was written in halves could not be read back at full speed. */
static inline void copy(value *to, const value *from)
{
	uint64_t head, body;
	__builtin_memcpy(&head, from, 8);
	__builtin_memcpy(&body, &from->i, 8);
	__asm__("" : "+r"(head));
	__builtin_memcpy(to, &head, 8);
	__builtin_memcpy(&to->i, &body, 8);
}

static inline void put_int(value *to, int64_t i)
{
	*to = (value){ .tag = TAG_INT, .i = i };
}

static inline void put_float(value *to, double number)
{
	*to = (value){ .tag = TAG_FLOAT, .f = number };
}

static inline bool both(const value *a, const value *b, enum tag tag)
{
	return a->tag == tag && b->tag == tag;
}

/* Numbers of either kind as doubles; false: something else is among them, or two ints. */
static inline bool mixed(const value *a, const value *b, double *x, double *y)
{
	if (a->tag == TAG_FLOAT)
		*x = a->f;
	else if (a->tag == TAG_INT && b->tag == TAG_FLOAT)
		*x = (double)a->i;
	else
		return false;
	if (b->tag == TAG_FLOAT)
		*y = b->f;
	else if (b->tag == TAG_INT)
		*y = (double)b->i;
	else
		return false;
	return true;
}

static inline int64_t floor_div(int64_t a, int64_t b)
{
	int64_t q = a / b;
	return q - ((a % b != 0) & ((a < 0) != (b < 0)));
}

static inline int64_t floor_mod(int64_t a, int64_t b)
{
	int64_t r = a % b;
	return r && (r < 0) != (b < 0) ? r + b : r;
}

static void stop_iteration_escaped(struct vm *vm)
{
	value was = vm_take_pending(vm);
	vm_raise(vm, vm->errors.RuntimeError, "generator raised StopIteration");
	struct exception *e = as_exception(vm->pending);
	value_set(&e->cause, value_keep(was));
	value_set(&e->context, was);
	e->suppress_context = true;
}

/* Leaves frames until one protects the place where it stands; NULL: `entry` was left too. */
static struct frame *unwind(struct vm *vm, struct frame *entry)
{
	struct machine *m = vm->machine;
	for (;;) {
		struct frame *f = m->frame;
		trace_add(vm, f);
		const struct handler *h = trace_handler(f);
		if (h) {
			frame_drop_temps(f, h->temp);
			f->regs[h->temp] = vm_take_pending(vm);
			f->ip = f->code->ops + h->handler;
			return f;
		}
		bool last = f == entry;
		if (f->flags & FRAME_GENERATOR) {
			struct generator *g = f->generator;
			generator_leave(vm, g);
			generator_finish(vm, g);
			if (vm_pending_is(vm, vm->errors.StopIteration))
				stop_iteration_escaped(vm);
		} else {
			frame_pop(vm);
		}
		if (last)
			return NULL;
	}
}

static value loop(struct vm *vm, struct frame *entry);

/* self stands in front, not written; the result is the new instance; the arguments stand above the frame. */
enum { CALL_SELF = 1, CALL_INIT = 2, CALL_ABOVE = 4 };

value machine_loop(struct vm *vm, struct frame *entry)
{
	vm->machine->nested++;
	value result = loop(vm, entry);
	vm->machine->nested--;
	return result;
}

#define CASE(name) op_##name
#define GO         goto *labels[ip->op]
#define NEXT       do { ip++; GO; } while (0)
#define A          (&R[ip->a])
#define B          (&R[ip->b])
#define C          (&R[ip->c])
#define INT_C      ((int16_t)ip->c)
#define FAIL(what) do { f->ip = ip; if (unlikely(!(what))) goto raised; NEXT; } while (0)
#define JUMP(by)   do { ip += (int32_t)(by) + 1; if (unlikely(vm->interrupt)) goto poll; GO; } while (0)
#define BRANCH(yes) do { if ((yes) == ip->n) JUMP(INT_C); NEXT; } while (0)
#define LOAD()     do { f = m->frame; R = f->regs; ip = f->ip; code = f->code; } while (0)
#define DROP(v)    do { if ((v).tag == TAG_OBJECT && --(v).o->refs == 0) object_release((v).o); } while (0)
/* A number may go where no object is. */
#define FREE(d)    likely((d)->tag != TAG_OBJECT)

#define ARITHMETIC(name, overflow, operator) \
	CASE(name): { \
		value *x = B, *y = C, *d = A; \
		double p, q; \
		int64_t r; \
		if (likely(both(x, y, TAG_INT)) && FREE(d) && likely(!overflow(x->i, y->i, &r))) { \
			put_int(d, r); \
			NEXT; \
		} \
		if (FREE(d) && mixed(x, y, &p, &q)) { \
			put_float(d, p operator q); \
			NEXT; \
		} \
		FAIL(op_binary(vm, f, OP_##name##_)); \
	}

#define ARITHMETIC_INT(name, base, overflow, operator) \
	CASE(name): { \
		value *x = B, *d = A; \
		int64_t r; \
		if (likely(x->tag == TAG_INT) && FREE(d) && likely(!overflow(x->i, (int64_t)INT_C, &r))) { \
			put_int(d, r); \
			NEXT; \
		} \
		if (FREE(d) && x->tag == TAG_FLOAT) { \
			put_float(d, x->f operator (double)INT_C); \
			NEXT; \
		} \
		FAIL(op_binary_int(vm, f, OP_##base##_)); \
	}

#define BITS(name, operator) \
	CASE(name): { \
		value *x = B, *y = C, *d = A; \
		if (likely(both(x, y, TAG_INT)) && FREE(d)) { \
			put_int(d, x->i operator y->i); \
			NEXT; \
		} \
		FAIL(op_binary(vm, f, OP_##name##_)); \
	}

#define DIVISION(name, function) \
	CASE(name): { \
		value *x = B, *y = C, *d = A; \
		if (likely(both(x, y, TAG_INT)) && FREE(d) && likely(y->i > 0)) { \
			put_int(d, function(x->i, y->i)); \
			NEXT; \
		} \
		FAIL(op_binary(vm, f, OP_##name##_)); \
	} \
	CASE(name##_INT): { \
		value *x = B, *d = A; \
		if (likely(x->tag == TAG_INT) && FREE(d) && INT_C > 0) { \
			put_int(d, function(x->i, (int64_t)INT_C)); \
			NEXT; \
		} \
		FAIL(op_binary_int(vm, f, OP_##name##_)); \
	}

/* Texts are compared for equality on the spot. */
#define TEXT_CASE(equal) \
		if (x->tag == TAG_OBJECT && y->tag == TAG_OBJECT && x->o->type == vm->types.str && y->o->type == vm->types.str) { \
			found = same_text((struct str *)x->o, (struct str *)y->o) == (equal); \
			op_done(f, ip->a); \
			op_done(f, ip->b); \
			BRANCH(found); \
		}
#define NO_CASE

#define JUMP_COMPARE(name, operator, case_) \
	CASE(JUMP_##name): { \
		value *x = A, *y = B; \
		double p, q; \
		if (likely(both(x, y, TAG_INT))) \
			BRANCH(x->i operator y->i); \
		if (mixed(x, y, &p, &q)) \
			BRANCH(p operator q); \
		case_ \
		f->ip = ip; \
		found = op_jump_compare(vm, f, CMP_##name, false); \
		goto branch_found; \
	} \
	CASE(JUMP_##name##_INT): { \
		value *x = A; \
		if (likely(x->tag == TAG_INT)) \
			BRANCH(x->i operator (int16_t)ip->b); \
		if (x->tag == TAG_FLOAT) \
			BRANCH(x->f operator (double)(int16_t)ip->b); \
		f->ip = ip; \
		found = op_jump_compare(vm, f, CMP_##name, true); \
		goto branch_found; \
	}

static inline bool same(const value *a, const value *b)
{
	if (a->tag != b->tag)
		return false;
	switch (a->tag) {
	case TAG_BOOL: return a->b == b->b;
	case TAG_INT: return a->i == b->i;
	case TAG_FLOAT: return a->i == b->i;
	case TAG_OBJECT: return a->o == b->o;
	default: return true;
	}
}

static inline bool same_text(const struct str *a, const struct str *b)
{
	return a == b || (a->len == b->len && !memcmp(a->data, b->data, a->len));
}

static inline bool compare_ints(unsigned op, int64_t a, int64_t b)
{
	switch (op) {
	case CMP_LT: return a < b;
	case CMP_LE: return a <= b;
	case CMP_EQ: return a == b;
	case CMP_NE: return a != b;
	case CMP_GT: return a > b;
	default:     return a >= b;
	}
}

/* Does entry `at` of a dict hold this name? */
static inline bool entry_is(const struct dict *d, uint32_t at, const struct str *name)
{
	return at < d->filled && d->entries[at].key.tag == TAG_OBJECT && d->entries[at].key.o == &name->head;
}

static inline struct dict *dict_of(const struct object *o)
{
	return *(struct dict *const *)(const void *)((const char *)o + o->type->dict_offset);
}

static value loop(struct vm *vm, struct frame *entry)
{
	static const void *const labels[] = {
#define X(name, operands, effect) &&op_##name,
		OPCODES(X)
#undef X
	};
	struct machine *m = vm->machine;
	struct frame *f;
	const struct instruction *ip;
	struct code *code;
	value *R, result, *callee, *args;
	unsigned count, how, named;
	const struct call_shape *shape;
	int found;
	struct function *fn;
	value instance = VALUE_UNSET;

	LOAD();
	if (unlikely(vm_pending(vm)))           /* a generator that is thrown into */
		goto raised;
	GO;

	/* ---- moving ---- */
	CASE(MOVE): {
		value *s = B, *d = A;
		if (FREE(d)) {
			copy(d, s);
			s->tag = TAG_UNSET;
			NEXT;
		}
		value old = *d;
		copy(d, s);
		s->tag = TAG_UNSET;
		DROP(old);
		NEXT;
	}
	CASE(COPY): {
		value *s = B, *d = A, old = *d;
		if (s->tag == TAG_OBJECT)
			s->o->refs++;
		else if (unlikely(s->tag == TAG_UNSET))
			goto unbound_b;
		copy(d, s);
		DROP(old);
		NEXT;
	}
	CASE(CONST): {
		const value *s = &code->consts[ip->b];
		value *d = A, old = *d;
		if (s->tag == TAG_OBJECT)
			s->o->refs++;
		*d = *s;
		DROP(old);
		NEXT;
	}
	CASE(INT): {
		value *d = A, old = *d;
		put_int(d, far_of(*ip));
		DROP(old);
		NEXT;
	}
	CASE(CLEAR): {
		value old = *A;
		A->tag = TAG_UNSET;
		DROP(old);
		NEXT;
	}
	CASE(DELETE):
		if (unlikely(A->tag == TAG_UNSET)) {
			f->ip = ip;
			op_unbound(vm, f, ip->a);
			goto raised;
		}
		/* fall through */
	CASE(UNBIND):
		value_set(A, VALUE_UNSET);
		NEXT;

	/* ---- variables ---- */
	CASE(LOAD_GLOBAL): {
		const struct global_slot *slot = &code->slots[ip->c];
		struct str *name = code->names[ip->b];
		struct dict *d = f->function->globals;
		if (slot->missed) {
			if (unlikely(slot->missed != d || slot->version != d->version))
				FAIL(op_load_global(vm, f));
			d = vm->builtins;
		}
		if (likely(entry_is(d, slot->at, name))) {
			value v = value_keep(d->entries[slot->at].item), old = *A;
			*A = v;
			DROP(old);
			NEXT;
		}
		FAIL(op_load_global(vm, f));
	}
	CASE(STORE_GLOBAL): {
		const struct global_slot *slot = &code->slots[ip->c];
		struct dict *d = f->function->globals;
		value *s = A;
		if (likely(!slot->missed && entry_is(d, slot->at, code->names[ip->b]) && s->tag != TAG_UNSET)) {
			value *place = &d->entries[slot->at].item, old = *place;
			if (ip->a < code->first_temp)
				*place = value_keep(*s);
			else {
				copy(place, s);
				s->tag = TAG_UNSET;
			}
			DROP(old);
			NEXT;
		}
		FAIL(op_store_global(vm, f));
	}
	CASE(DELETE_GLOBAL): FAIL(op_delete_global(vm, f));
	CASE(LOAD_NAME):     FAIL(op_load_name(vm, f));
	CASE(STORE_NAME):
		f->ip = ip;
		result = op_take(vm, f, ip->a);
		if (is_unset(result))
			goto raised;
		dict_set_str(vm, f->flags & FRAME_SPACE ? f->space : f->function->globals, code->names[ip->b], result);
		NEXT;
	CASE(DELETE_NAME):   FAIL(op_delete_name(vm, f));
	CASE(MAKE_CELL): {
		value held = VALUE_UNSET;
		if (ip->n) {
			held = *B;
			B->tag = TAG_UNSET;
		}
		*A = value_object(cell_new(vm, held));
		NEXT;
	}
	CASE(LOAD_CELL): {
		value v = value_keep(((struct cell *)B->o)->held);
		if (unlikely(is_unset(v)))
			goto unbound_cell;
		value_set(A, v);
		NEXT;
	}
	CASE(LOAD_FREE): {
		value v = value_keep(f->function->cells[ip->b]->held);
		if (unlikely(is_unset(v)))
			goto unbound_free;
		value_set(A, v);
		NEXT;
	}
	CASE(STORE_CELL):
		f->ip = ip;
		result = op_take(vm, f, ip->a);
		if (unlikely(is_unset(result)))
			goto raised;
		value_set(&((struct cell *)B->o)->held, result);
		NEXT;
	CASE(STORE_FREE):
		f->ip = ip;
		result = op_take(vm, f, ip->a);
		if (unlikely(is_unset(result)))
			goto raised;
		value_set(&f->function->cells[ip->b]->held, result);
		NEXT;
	CASE(DELETE_CELL):
		if (unlikely(!ip->n && is_unset(((struct cell *)B->o)->held)))
			goto unbound_cell;
		value_set(&((struct cell *)B->o)->held, VALUE_UNSET);
		NEXT;
	CASE(DELETE_FREE):
		if (unlikely(!ip->n && is_unset(f->function->cells[ip->b]->held)))
			goto unbound_free;
		value_set(&f->function->cells[ip->b]->held, VALUE_UNSET);
		NEXT;
	CASE(LOAD_CLASS_FREE): FAIL(op_load_class_free(vm, f));

	/* ---- arithmetic ---- */
	ARITHMETIC(ADD, __builtin_add_overflow, +)
	ARITHMETIC(SUB, __builtin_sub_overflow, -)
	ARITHMETIC(MUL, __builtin_mul_overflow, *)
	ARITHMETIC_INT(ADD_INT, ADD, __builtin_add_overflow, +)
	ARITHMETIC_INT(SUB_INT, SUB, __builtin_sub_overflow, -)
	ARITHMETIC_INT(MUL_INT, MUL, __builtin_mul_overflow, *)
	DIVISION(FLOORDIV, floor_div)
	DIVISION(MOD, floor_mod)
	BITS(AND, &)
	BITS(OR, |)
	BITS(XOR, ^)
	CASE(DIV): {
		double p, q;
		if (FREE(A) && mixed(B, C, &p, &q) && likely(q != 0)) {
			put_float(A, p / q);
			NEXT;
		}
		FAIL(op_binary(vm, f, OP_DIV_));
	}
	CASE(POW):    FAIL(op_binary(vm, f, OP_POW_));
	CASE(MATMUL): FAIL(op_binary(vm, f, OP_MATMUL_));
	CASE(LSHIFT): FAIL(op_binary(vm, f, OP_LSHIFT_));
	CASE(RSHIFT):
		if (both(B, C, TAG_INT) && FREE(A) && C->i >= 0) {
			put_int(A, B->i >> (C->i > 63 ? 63 : C->i));
			NEXT;
		}
		FAIL(op_binary(vm, f, OP_RSHIFT_));
	CASE(LSHIFT_INT): {
		int64_t r;
		if (B->tag == TAG_INT && FREE(A) && ip->c < 63 && !__builtin_mul_overflow(B->i, INT64_C(1) << ip->c, &r)) {
			put_int(A, r);
			NEXT;
		}
		FAIL(op_binary_int(vm, f, OP_LSHIFT_));
	}
	CASE(RSHIFT_INT):
		if (likely(B->tag == TAG_INT) && FREE(A) && INT_C >= 0) {
			put_int(A, B->i >> (ip->c > 63 ? 63 : ip->c));
			NEXT;
		}
		FAIL(op_binary_int(vm, f, OP_RSHIFT_));
	CASE(AND_INT):
		if (likely(B->tag == TAG_INT) && FREE(A)) {
			put_int(A, B->i & (int64_t)INT_C);
			NEXT;
		}
		FAIL(op_binary_int(vm, f, OP_AND_));
	CASE(UNARY): FAIL(op_unary(vm, f));
	CASE(NOT):
		f->ip = ip;
		found = op_truth(vm, f, ip->b, false);
		if (unlikely(found < 0))
			goto raised;
		value_set(A, value_bool(!found));
		NEXT;
	CASE(COMPARE):
		if (both(B, C, TAG_INT) && FREE(A)) {
			*A = value_bool(compare_ints(ip->n, B->i, C->i));
			NEXT;
		}
		FAIL(op_compare(vm, f));
	CASE(IS): {
		if (unlikely(B->tag == TAG_UNSET))
			goto unbound_b;
		if (unlikely(C->tag == TAG_UNSET))
			goto unbound_c;
		bool yes = same(B, C) == ip->n;
		op_done(f, ip->b);
		op_done(f, ip->c);
		value_set(A, value_bool(yes));
		NEXT;
	}
	CASE(IN): FAIL(op_contains(vm, f));

	/* ---- jumps ---- */
	CASE(JUMP): JUMP(far_of(*ip));
	CASE(JUMP_IF):
		if (A->tag == TAG_BOOL)
			BRANCH(A->b);
		if (A->tag == TAG_INT)
			BRANCH(A->i != 0);
		f->ip = ip;
		found = op_truth(vm, f, ip->a, false);
		goto branch_found;
	CASE(JUMP_OR_CLEAR):
		f->ip = ip;
		found = op_truth(vm, f, ip->a, true);
		if (unlikely(found < 0))
			goto raised;
		if (found != ip->n)
			value_set(A, VALUE_UNSET);
		BRANCH(found);
	CASE(JUMP_NONE):
		if (unlikely(A->tag == TAG_UNSET))
			goto unbound_a;
		found = A->tag == TAG_NONE;
		op_done(f, ip->a);
		BRANCH(found);
	JUMP_COMPARE(LT, <, NO_CASE)
	JUMP_COMPARE(LE, <=, NO_CASE)
	JUMP_COMPARE(EQ, ==, TEXT_CASE(true))
	JUMP_COMPARE(NE, !=, TEXT_CASE(false))
	JUMP_COMPARE(GT, >, NO_CASE)
	JUMP_COMPARE(GE, >=, NO_CASE)
	CASE(JUMP_IS):
		if (unlikely(A->tag == TAG_UNSET))
			goto unbound_a;
		if (unlikely(B->tag == TAG_UNSET))
			goto unbound_b;
		found = same(A, B);
		op_done(f, ip->a);
		op_done(f, ip->b);
		BRANCH(found);
	CASE(JUMP_IN):
		f->ip = ip;
		if (likely(A->tag != TAG_UNSET && B->tag == TAG_OBJECT) && B->o->type->slots.contains) {
			bool inside = false;
			found = B->o->type->slots.contains(vm, *B, *A, &inside) ? inside : -1;
			op_done(f, ip->a);
			op_done(f, ip->b);
			goto branch_found;
		}
		found = op_jump_in(vm, f);
branch_found:
		if (unlikely(found < 0))
			goto raised;
		BRANCH(found);

	/* ---- iteration ---- */
	CASE(ITER): FAIL(op_iterate(vm, f));
	CASE(FOR): {
		value *s = B, *d = A, item;
		if (s->tag == TAG_INT) {                        /* a range: number, how many more, step */
			if (s[1].i <= 0)
				NEXT;
			s[1].i--;
			item = value_int(s->i);
			s->i = (int64_t)((uint64_t)s->i + (uint64_t)s[2].i);
			if (FREE(d)) {
				put_int(d, item.i);
				JUMP(INT_C);
			}
			goto got_item;
		}
		if (s[1].tag == TAG_INT) {                      /* a list or tuple and an index */
			const value *items;
			size_t length;
			if (s->o->kind == KIND_LIST) {
				items = ((struct list *)s->o)->items;
				length = ((struct list *)s->o)->count;
			} else {
				items = ((struct tuple *)s->o)->items;
				length = ((struct tuple *)s->o)->count;
			}
			if ((size_t)s[1].i >= length)
				goto for_end;
			item = value_keep(items[s[1].i++]);
			goto got_item;
		}
		f->ip = ip;
		if (s->o->kind == KIND_GENERATOR) {
			if (as_generator(*s)->state == GENERATOR_DONE)
				goto for_end;
			if (!generator_enter(vm, as_generator(*s), VALUE_NONE))
				goto raised;
			LOAD();
			GO;
		}
		item = s->o->type->slots.next ? s->o->type->slots.next(vm, *s) : value_next(vm, *s);
		if (likely(!is_unset(item)))
			goto got_item;
		if (unlikely(vm_pending(vm)))
			goto raised;
for_end:
		s = B;
		item = *s;
		s->tag = TAG_UNSET;
		DROP(item);
		NEXT;
got_item:
		d = A;
		value old = *d;
		*d = item;
		DROP(old);
		JUMP(INT_C);
	}
	CASE(UNPACK): {
		value *s = B, *d = A;
		const value *items = NULL;
		size_t length = 0;
		if (s->tag == TAG_OBJECT && s->o->type == vm->types.tuple) {
			items = as_tuple(*s)->items;
			length = as_tuple(*s)->count;
		} else if (s->tag == TAG_OBJECT && s->o->type == vm->types.list) {
			items = as_list(*s)->items;
			length = as_list(*s)->count;
		}
		if (likely(items && length == ip->c)) {
			result = *s;
			if (ip->b >= code->first_temp)
				s->tag = TAG_UNSET;
			for (unsigned i = 0; i < length; i++)
				d[i] = value_keep(items[i]);
			if (ip->b >= code->first_temp)
				DROP(result);
			NEXT;
		}
		FAIL(op_unpack(vm, f));
	}
	CASE(UNPACK_STAR): FAIL(op_unpack_star(vm, f));

	/* ---- attributes and items ---- */
	CASE(LOAD_ATTR): {
		const struct attr_site *site = &code->sites[ip->c];
		value *s = B;
		if (likely(s->tag == TAG_OBJECT && s->o->type->version == site->version)) {
			const struct dict *d = s->o->type->dict_offset ? dict_of(s->o) : NULL;
			if (site->what == SITE_INSTANCE) {
				if (likely(d && entry_is(d, site->at, site->name))) {
					result = value_keep(d->entries[site->at].item);
					goto got_attr;
				}
			} else if (site->what == SITE_PROPERTY) {
				fn = as_function(((struct property *)site->found.o)->get);
				goto call_getter;
			} else if (site->what == SITE_CLASS || site->what == SITE_STATIC) {
				if (!d || is_unset(dict_get_str((struct dict *)d, site->name))) {
					result = value_keep(site->found);
					goto got_attr;
				}
			}
		} else if (s->tag == TAG_OBJECT && s->o->kind == KIND_TYPE && ((struct type *)s->o)->version == site->version &&
				site->what & SITE_OF_TYPE && site->what != (SITE_OF_TYPE | SITE_CLASSMETHOD)) {
			result = value_keep(site->found);
			goto got_attr;
		} else if (s->tag == TAG_OBJECT && s->o->kind == KIND_MODULE &&
				entry_is(((struct module *)s->o)->globals, site->at, site->name)) {
			result = value_keep(((struct module *)s->o)->globals->entries[site->at].item);
			goto got_attr;
		}
		if (s->tag == TAG_OBJECT && s->o->type->version != site->version) {
			site_learn(vm, &code->sites[ip->c], *s);
			if (s->o->type->version == site->version && site->what == SITE_PROPERTY) {
				fn = as_function(((struct property *)site->found.o)->get);
				goto call_getter;
			}
		}
		FAIL(op_load_attr(vm, f));
got_attr:
		op_done(f, ip->b);
		value_set(A, result);
		NEXT;
call_getter:
		/* The getter's window stands above all that this frame may hold. */
		f->ip = ip;
		args = frame_top(f);
		if (unlikely(m->segment->end - args < 1))
			FAIL(op_load_attr(vm, f));
		result = op_take(vm, f, ip->b);
		if (unlikely(is_unset(result)))
			goto raised;
		*args = result;
		(void)object_keep(fn);
		count = 1;
		shape = NULL;
		how = CALL_SELF | CALL_ABOVE;
		goto call_function;
	}
	CASE(STORE_ATTR): {
		const struct attr_site *site = &code->sites[ip->c];
		value *s = A;
		if (likely(s->tag == TAG_OBJECT && s->o->type->version == site->version && B->tag != TAG_UNSET)) {
			struct dict *d = dict_of(s->o);
			if (likely(d && entry_is(d, site->at, site->name))) {
				value *place = &d->entries[site->at].item, old = *place;
				if (ip->b < code->first_temp)
					*place = value_keep(*B);
				else {
					*place = *B;
					B->tag = TAG_UNSET;
				}
				DROP(old);
				op_done(f, ip->a);
				NEXT;
			}
		}
		FAIL(op_store_attr(vm, f));
	}
	CASE(DELETE_ATTR): FAIL(op_delete_attr(vm, f));
	CASE(LOAD_METHOD): {
		const struct attr_site *site = &code->sites[ip->c];
		value *s = B, *d = A;
		if (unlikely(s->tag != TAG_OBJECT))
			FAIL(op_load_method(vm, f));
		if (likely(s->o->type->version == site->version)) {
			const struct dict *own = s->o->type->dict_offset ? dict_of(s->o) : NULL;
			if (site->what == SITE_METHOD && likely(!own || is_unset(dict_get_str((struct dict *)own, site->name)))) {
				value self = *s;
				if (ip->b < code->first_temp)
					self.o->refs++;
				else
					s->tag = TAG_UNSET;
				site->found.o->refs++;
				d[0] = site->found;
				d[1] = self;
				NEXT;
			}
		} else if (s->o->kind == KIND_TYPE && ((struct type *)s->o)->version == site->version && site->what & SITE_OF_TYPE) {
			value self = site->what == (SITE_OF_TYPE | SITE_CLASSMETHOD) ? value_keep(*s) : VALUE_UNSET;
			op_done(f, ip->b);
			d[0] = value_keep(site->found);
			d[1] = self;
			NEXT;
		} else if (s->o->kind == KIND_MODULE && entry_is(((struct module *)s->o)->globals, site->at, site->name)) {
			result = value_keep(((struct module *)s->o)->globals->entries[site->at].item);
			op_done(f, ip->b);
			d[0] = result;
			d[1].tag = TAG_UNSET;
			NEXT;
		}
		FAIL(op_load_method(vm, f));
	}
	CASE(LOAD_SUPER): FAIL(op_load_super(vm, f));
	CASE(LOAD_ITEM): {
		value *s = B, *k = C;
		if (s->tag == TAG_OBJECT && k->tag == TAG_INT) {
			uint64_t at = (uint64_t)k->i;
			if (s->o->type == vm->types.list && at < ((struct list *)s->o)->count)
				result = value_keep(((struct list *)s->o)->items[at]);
			else if (s->o->type == vm->types.tuple && at < ((struct tuple *)s->o)->count)
				result = value_keep(((struct tuple *)s->o)->items[at]);
			else if (s->o->type == vm->types.bytes && at < ((struct bytes *)s->o)->len)
				result = value_int(((struct bytes *)s->o)->data[at]);
			else
				FAIL(op_item(vm, f, false));
			op_done(f, ip->b);
			value_set(A, result);
			NEXT;
		}
		if (s->tag == TAG_OBJECT && s->o->type == vm->types.dict && k->tag == TAG_OBJECT && k->o->type == vm->types.str) {
			result = dict_get_str((struct dict *)s->o, (struct str *)k->o);
			if (likely(result.tag != TAG_UNSET)) {
				result = value_keep(result);
				op_done(f, ip->b);
				op_done(f, ip->c);
				value_set(A, result);
				NEXT;
			}
		}
		if (s->tag == TAG_OBJECT && s->o->type->slots.item_attr && ip[1].op == OP_LOAD_ATTR && ip[1].b == ip->a && ip->a >= code->first_temp) {
			const struct attr_site *site = &code->sites[ip[1].c];
			f->ip = ip;
			result = s->o->type->slots.item_attr(vm, *s, *k, site->name, site->version);
			if (result.tag != TAG_UNSET) {
				op_done(f, ip->b);
				op_done(f, ip->c);
				ip++;
				value_set(A, result);
				NEXT;
			}
		}
		FAIL(op_item(vm, f, false));
	}
	CASE(LOAD_ITEM_INT): {
		value *s = B;
		const value *items;
		size_t length;
		if (s->tag == TAG_OBJECT && (s->o->type == vm->types.list || s->o->type == vm->types.tuple) && value_items(*s, &items, &length)) {
			size_t at = INT_C < 0 ? length + (size_t)(int64_t)INT_C : (size_t)INT_C;
			if (at < length) {
				result = value_keep(items[at]);
				op_done(f, ip->b);
				value_set(A, result);
				NEXT;
			}
		} else if (s->tag == TAG_OBJECT && s->o->type == vm->types.bytes && (uint64_t)INT_C < ((struct bytes *)s->o)->len) {
			result = value_int(((struct bytes *)s->o)->data[INT_C]);
			op_done(f, ip->b);
			value_set(A, result);
			NEXT;
		}
		FAIL(op_item(vm, f, true));
	}
	CASE(LOAD_SLICE): FAIL(op_slice(vm, f));
	CASE(STORE_ITEM): {
		value *s = A, *k = B;
		if (s->tag == TAG_OBJECT && s->o->type == vm->types.list && k->tag == TAG_INT && (uint64_t)k->i < ((struct list *)s->o)->count &&
				C->tag != TAG_UNSET && ip->a < code->first_temp) {
			value *place = &((struct list *)s->o)->items[k->i], old = *place;
			if (ip->c < code->first_temp)
				*place = value_keep(*C);
			else {
				*place = *C;
				C->tag = TAG_UNSET;
			}
			DROP(old);
			NEXT;
		}
		if (s->tag == TAG_OBJECT && s->o->type == vm->types.dict && k->tag == TAG_OBJECT && k->o->type == vm->types.str && C->tag != TAG_UNSET) {
			value *place = dict_place_str((struct dict *)s->o, (struct str *)k->o);
			if (place) {
				value old = *place;
				*place = op_take(vm, f, ip->c);
				DROP(old);
				op_done(f, ip->a);
				op_done(f, ip->b);
				NEXT;
			}
		}
		FAIL(op_set_item(vm, f));
	}
	CASE(DELETE_ITEM): FAIL(op_delete_item(vm, f));

	/* ---- making ---- */
	CASE(SLICE):
	CASE(LIST):
	CASE(TUPLE):
	CASE(SET):
	CASE(DICT):
	CASE(JOIN): FAIL(op_build(vm, f));
	CASE(APPEND):
		f->ip = ip;
		result = op_take(vm, f, ip->b);
		if (unlikely(is_unset(result)))
			goto raised;
		list_append(as_list(*A), result);
		NEXT;
	CASE(EXTEND):
	CASE(SET_ADD):
	CASE(SET_UPDATE):
	CASE(DICT_SET):
	CASE(DICT_UPDATE):
	CASE(DICT_MERGE):
	CASE(LIST_TUPLE): FAIL(op_extend(vm, f));
	CASE(SPREAD):
		if (B->tag == TAG_OBJECT && (B->o->type == vm->types.tuple || B->o->type == vm->types.list)) {
			f->ip = ip;
			op_put(f, ip->a, op_take(vm, f, ip->b));
			NEXT;
		}
		FAIL(op_spread(vm, f));
	CASE(FORMAT):     FAIL(op_format(vm, f));
	CASE(FUNCTION):   FAIL(op_function(vm, f));
	CASE(CLASS):      FAIL(op_class(vm, f));

	/* ---- calls ---- */
	CASE(CALL_METHOD):
		callee = B;
		shape = NULL;
		count = ip->c;
		if (callee[1].tag == TAG_UNSET) {
			args = callee + 2;
		} else {
			args = callee + 1;
			count++;
		}
		goto call;
	CASE(CALL):
		callee = B;
		args = callee + 1;
		shape = NULL;
		count = ip->c;
call:
		f->ip = ip;
		how = 0;
		if (unlikely(callee->tag != TAG_OBJECT))
			goto call_other;
		switch (callee->o->kind) {
		case KIND_FUNCTION:
			fn = (struct function *)callee->o;
			callee->tag = TAG_UNSET;
			goto call_function;
		case KIND_NATIVE: {
			struct native_function *native = (struct native_function *)callee->o;
			named = shape ? shape->named : 0;
			if (named)
				result = native_call(vm, native, &(struct call){ .args = args, .count = count, .named = named, .names = shape->names });
			else if (!call_native_plain(vm, native, args, count, &result))
				result = native_call(vm, native, &(struct call){ .args = args, .count = count });
call_done:;
			value old;
			for (unsigned i = 0; i < count + named; i++) {
				old = args[i];
				args[i].tag = TAG_UNSET;
				DROP(old);
			}
			struct object *called = callee->o;
			callee->tag = TAG_UNSET;
			if (--called->refs == 0)
				object_release(called);
			if (unlikely(is_unset(result)))
				goto raised;
			goto returned;
		}
		case KIND_METHOD: {
			struct method *method = (struct method *)callee->o;
			if (!is_kind(method->function, KIND_FUNCTION))
				break;
			fn = object_keep(as_function(method->function));
			callee->tag = TAG_UNSET;
			*--args = value_keep(method->self);
			count++;
			how = CALL_SELF;
			object_drop(method);
			goto call_function;
		}
		case KIND_TYPE: {
			struct type *cls = (struct type *)callee->o;
			if (cls->flags & TYPE_NATIVE) {
				named = shape ? shape->named : 0;
				result = cls->head.head.type->slots.call(vm, *callee, &(struct call){ .args = args, .count = count, .named = named,
					.names = named ? shape->names : NULL });
				goto call_done;
			}
			if (!(cls->flags & TYPE_PLAIN_NEW))
				break;
			value init = type_find(cls, vm->names.init_);
			if (!is_kind(init, KIND_FUNCTION) || as_function(init)->code->flags & CODE_GENERATOR)
				break;
			fn = object_keep(as_function(init));
			instance = value_object(instance_new(cls));
			callee->tag = TAG_UNSET;
			*--args = value_keep(instance);
			count++;
			how = CALL_SELF | CALL_INIT;
			object_drop(cls);
			goto call_function;
		}
		}
call_other:
		found = call_any(vm, f, callee, args,
			(struct call){ .count = count, .named = shape ? shape->named : 0, .names = shape ? shape->names : NULL }, &result);
entered:
		if (found == ENTER_FRAME) {
			LOAD();
			if (unlikely(vm->interrupt))
				goto poll;
			GO;
		}
		if (unlikely(found == ENTER_RAISED))
			goto raised;
		goto returned;
call_function: {
		/* The window begins at the arguments; a generator's registers lie elsewhere, so that they have to move. */
		value *window = unlikely(f->flags & FRAME_GENERATOR) && !(how & CALL_ABOVE) ? f->top : args;
		const struct code *to = fn->code;
		unsigned total = count + (shape ? shape->named : 0);
		if (likely(!(to->flags & CODE_GENERATOR) && m->depth < m->limit && m->segment->end - window >= to->registers &&
				m->segment->end - window >= total && m->spare)) {
			if (unlikely(window != args))
				for (unsigned i = 0; i < total; i++) {
					copy(&window[i], &args[i]);
					args[i].tag = TAG_UNSET;
				}
			if (unlikely(shape)) {
				if (!function_fill_named(vm, fn, &(struct call){ .count = count, .named = shape->named, .names = shape->names }, window))
					goto call_unbound;
			} else if (unlikely(count != to->params || !(to->flags & CODE_SIMPLE))) {
				if (!function_fill(vm, fn, count, window))
					goto call_unbound;
			}
			struct frame *up = f;
			f = m->spare;
			m->spare = f->up;
			f->up = up;
			f->flags = 0;
			f->function = fn;
			f->code = code = fn->code;
			f->regs = R = window;
			for (unsigned i = to->params; i < to->locals; i++)
				R[i].tag = TAG_UNSET;
			m->depth++;
			m->frame = f;
			ip = code->ops;
			if (unlikely(how & CALL_INIT)) {
				f->flags = FRAME_INIT;
				f->instance = instance;
			}
			if (unlikely(vm->interrupt))
				goto poll;
			GO;
		}
		if (how & CALL_ABOVE)
			found = call_function_above(vm, fn, args, count, &result);
		else
			found = call_function(vm, fn, args, (struct call){ .args = args, .count = count, .named = total - count, .names = shape ?
				shape->names : NULL }, &result);
		if (found == ENTER_FRAME && how & CALL_INIT) {
			m->frame->flags |= FRAME_INIT;
			m->frame->instance = instance;
		}
		if (likely(found != ENTER_RAISED))
			goto entered;
		goto call_failed;
call_unbound:
		object_drop(fn);
call_failed:
		if (how & CALL_INIT)
			value_drop(instance);
		if (how & CALL_SELF || ((ip->op == OP_CALL_METHOD || (shape && ip->n)) && args == B + 1))
			call_blame_without_self(vm);
		goto raised;
	}
	CASE(CALL_NAMED):
		shape = &code->shapes[ip->c];
		callee = B;
		count = shape->count;
		args = callee + 1;
		if (ip->n) {
			if (callee[1].tag == TAG_UNSET)
				args = callee + 2;
			else
				count++;
		}
		goto call;
	CASE(CALL_SPREAD):
		f->ip = ip;
		if (is_kind(*B, KIND_FUNCTION) && !ip->n) {
			const value *items;
			size_t length;
			value spread = B[1];
			args = frame_top(f);
			if (value_items(spread, &items, &length) && (size_t)(m->segment->end - args) > length) {
				for (size_t i = 0; i < length; i++)
					args[i] = value_keep(items[i]);
				B[1].tag = TAG_UNSET;
				fn = as_function(*B);
				B->tag = TAG_UNSET;
				object_drop(spread.o);
				count = (unsigned)length;
				shape = NULL;
				how = CALL_ABOVE;
				goto call_function;
			}
		}
		found = call_spread(vm, f, &result);
		goto entered;

	CASE(RETURN): {
		value *s = A;
		if (unlikely(s->tag == TAG_UNSET))
			goto unbound_a;
		copy(&result, s);
		s->tag = TAG_UNSET;
		if (unlikely(f->flags))
			goto return_specially;
		for (value *v = R, *end = R + code->first_temp; v < end; v++)
			if (v->tag == TAG_OBJECT) {
				v->tag = TAG_UNSET;
				if (--v->o->refs == 0)
					object_release(v->o);
			}
		struct frame *up = f->up;
		fn = f->function;
		f->up = m->spare;
		m->spare = f;
		m->frame = up;
		m->depth--;
		if (--fn->head.head.refs == 0)
			object_release(&fn->head.head);
		LOAD();
returned:
		s = A;
		if (FREE(s)) {
			copy(s, &result);
			NEXT;
		}
		value old = *s;
		*s = result;
		DROP(old);
		NEXT;
	}
return_specially: {
		unsigned flags = f->flags;
		if (flags & FRAME_GENERATOR) {
			struct generator *g = f->generator;
			generator_leave(vm, g);
			generator_finish(vm, g);
			if (flags & FRAME_ENTRY) {
				g->result = result;
				return VALUE_UNSET;
			}
			LOAD();
			value done = *B;
			B->tag = TAG_UNSET;
			if (ip->op == OP_YIELD_FROM) {
				C->tag = TAG_UNSET;
				DROP(done);
				goto returned;
			}
			DROP(result);
			DROP(done);
			NEXT;
		}
		if (flags & FRAME_INIT) {
			if (unlikely(!is_none(result))) {
				f->ip = ip;
				vm_raise(vm, vm->errors.TypeError, "__init__() should return None, not '%s'", value_type_name(vm, result));
				value_drop(result);
				goto raised;
			}
			result = f->instance;
			f->instance = VALUE_UNSET;
		}
		frame_pop(vm);
		if (flags & FRAME_ENTRY)
			return result;
		LOAD();
		goto returned;
	}

	/* ---- generators ---- */
	CASE(YIELD):
		f->ip = ip;
		result = op_take(vm, f, ip->b);
		if (unlikely(is_unset(result)))
			goto raised;
yield: {
		struct generator *g = f->generator;
		unsigned flags = f->flags;
		g->state = GENERATOR_WAITING;
		generator_leave(vm, g);
		if (flags & FRAME_ENTRY)
			return result;
		LOAD();
		if (ip->op != OP_FOR)           /* YIELD_FROM hands it on */
			goto yield;
		value old = *A;
		*A = result;
		DROP(old);
		JUMP(INT_C);
	}
	CASE(YIELD_ITER): {
		f->ip = ip;
		value v = op_take(vm, f, ip->b);
		if (is_unset(v))
			goto raised;
		if (is_kind(v, KIND_GENERATOR) || (ip->n && (is_kind(v, KIND_RANGE) || (v.tag == TAG_OBJECT &&
				(v.o->type == vm->types.list || v.o->type == vm->types.tuple))))) {
			value_set(A, v);
			NEXT;
		}
		result = value_iterate(vm, v);
		value_drop(v);
		if (is_unset(result))
			goto raised;
		value_set(A, result);
		NEXT;
	}
	CASE(YIELD_FROM): {
		value from = *B, sent = *C;
		C->tag = TAG_UNSET;
		f->ip = ip;
		if (is_kind(from, KIND_GENERATOR) && as_generator(from)->state != GENERATOR_DONE) {
			if (!generator_enter(vm, as_generator(from), sent))
				goto raised;
			LOAD();
			GO;
		}
		if (is_none(sent))
			result = value_next(vm, from);
		else
			result = value_call_method(vm, from, str_intern(vm, "send"), 1, &sent);
		value_drop(sent);
		if (!is_unset(result))
			goto yield;
		if (vm_pending(vm)) {
			if (!vm_pending_is(vm, vm->errors.StopIteration))
				goto raised;
			value stop = vm_take_pending(vm);
			result = value_attr(vm, stop, str_intern(vm, "value"));
			value_drop(stop);
			if (is_unset(result))
				goto raised;
		} else {
			result = VALUE_NONE;
		}
		B->tag = TAG_UNSET;
		DROP(from);
		goto returned;
	}

	/* ---- exceptions ---- */
	CASE(RAISE):
		f->ip = ip;
		op_raise(vm, f);
		goto raised;
	CASE(RERAISE):
		f->ip = ip;
		result = *A;
		A->tag = TAG_UNSET;
		vm_raise_value(vm, result);
		m->again = true;
		goto raised;
	CASE(HANDLE):
		A[1] = m->handled->exception;
		m->handled->exception = value_keep(A[0]);
		NEXT;
	CASE(UNHANDLE): {
		value was = m->handled->exception, old = *A;
		m->handled->exception = A[1];
		A[0].tag = A[1].tag = TAG_UNSET;
		DROP(was);
		DROP(old);
		NEXT;
	}
	CASE(MATCH):
		f->ip = ip;
		found = op_match(vm, f);
		if (unlikely(found < 0))
			goto raised;
		if (!found)
			JUMP(INT_C);
		NEXT;
	CASE(ASSERT):
		f->ip = ip;
		op_assert(vm, f);
		goto raised;
	CASE(ENTER): FAIL(op_enter(vm, f));
	CASE(LEAVE): FAIL(op_leave(vm, f));
	CASE(LEAVE_RAISED):
		f->ip = ip;
		found = op_leave_raised(vm, f);
		if (unlikely(found < 0))
			goto raised;
		if (found)
			JUMP(INT_C);
		NEXT;

	/* ---- the rest ---- */
	CASE(IMPORT):
		FAIL(op_put(f, ip->a, import_dotted(vm, code->names[ip->b], ip->c, ip->n)));
	CASE(IMPORT_FROM):
		FAIL(op_put(f, ip->a, import_name(vm, *B, code->names[ip->c])));
	CASE(IMPORT_STAR): {
		f->ip = ip;
		result = op_take(vm, f, ip->a);
		bool ok = import_star(vm, result, f->flags & FRAME_SPACE ? f->space : f->function->globals);
		value_drop(result);
		if (!ok)
			goto raised;
		NEXT;
	}
	CASE(SHOW):     FAIL(op_show(vm, f));
	CASE(ANNOTATE): FAIL(op_annotate(vm, f));

	/* ---- where things go wrong ---- */
unbound_a:
	f->ip = ip;
	op_unbound(vm, f, ip->a);
	goto raised;
unbound_b:
	f->ip = ip;
	op_unbound(vm, f, ip->b);
	goto raised;
unbound_c:
	f->ip = ip;
	op_unbound(vm, f, ip->c);
	goto raised;
unbound_cell:
	f->ip = ip;
	op_cell_unbound(vm, code->cell_names[ip->b - code->locals], false);
	goto raised;
unbound_free:
	f->ip = ip;
	op_cell_unbound(vm, code->free_names[ip->b], true);
	goto raised;
poll:
	f->ip = ip;
	if (vm_poll(vm))
		GO;
raised:
	if (!unwind(vm, entry))
		return VALUE_UNSET;
	LOAD();
	GO;
}
