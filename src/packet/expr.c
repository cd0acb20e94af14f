#include "packet/expr.h"

#include <string.h>

#include "base/mem.h"
#include "lang/ast.h"
#include "lang/types.h"
#include "packet/expr_terms.h"
#include "packet/packet.h"

/* ---- from the syntax tree ---- */

struct making { struct vm *vm; struct expr *e; const struct ast *ast; };

static int term_new(struct expr *e, enum term_kind kind)
{
	if (e->count == e->room) {
		e->room = e->room ? e->room * 2 : 8;
		e->terms = mem_resize(e->terms, (size_t)e->room * sizeof *e->terms);
	}
	e->terms[e->count] = (struct term){ .kind = kind, .field = -1 };
	return e->count++;
}

static int refuse(struct making *m, const struct node *n)
{
	size_t len = n->span.end > n->span.start ? n->span.end - n->span.start : 0;
	vm_raise(m->vm, m->vm->errors.SyntaxError, "a fact is arithmetic on field names: \"%s\" has \"%.*s\"", m->e->text->data,
	         (int)(n->span.start + len <= m->e->text->len ? len : 0), m->e->text->data + (n->span.start <= m->e->text->len ? n->span.start : 0));
	return -1;
}

static int make(struct making *m, const struct node *n);

/* Operands in a row: each is made first, then copied, so that they stand next to each other. */
static int make_row(struct making *m, struct node *const *items, size_t count)
{
	int *made = mem_alloc((count + 1) * sizeof *made), first = -1;
	for (size_t i = 0; i < count; i++)
		if ((made[i] = make(m, items[i])) < 0)
			goto out;
	first = m->e->count;
	for (size_t i = 0; i < count; i++) {
		int at = term_new(m->e, TERM_NUMBER);
		m->e->terms[at] = m->e->terms[made[i]];
	}
out:
	mem_free(made);
	return first;
}

static int make_many(struct making *m, enum term_kind kind, const struct node_list *list, int c)
{
	int first = list ? make_row(m, list->items, list->count) : m->e->count;
	if (first < 0)
		return -1;
	int at = term_new(m->e, kind);
	m->e->terms[at].a = first;
	m->e->terms[at].b = list ? (int)list->count : 0;
	m->e->terms[at].c = c;
	return at;
}

static int make_number(struct making *m, const struct node *n)
{
	value number = int_parse(m->vm, n->text, strlen(n->text), 0);
	if (is_unset(number))
		return -1;
	if (number.tag != TAG_INT) {
		value_drop(number);
		return refuse(m, n);
	}
	int at = term_new(m->e, TERM_NUMBER);
	m->e->terms[at].number = number.i;
	return at;
}

static int make_constant(struct making *m, int64_t number)
{
	int at = term_new(m->e, TERM_NUMBER);
	m->e->terms[at].number = number;
	return at;
}

static int make_name(struct making *m, const char *name)
{
	static const struct { const char *name; enum term_kind kind; } own[] = { { "x", TERM_X }, { "left", TERM_LEFT }, { "payload", TERM_PAYLOAD }, { "here", TERM_HERE } };
	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		if (!strcmp(name, own[i].name))
			return term_new(m->e, own[i].kind);
	int at = term_new(m->e, TERM_FIELD);
	m->e->terms[at].name = str_intern(m->vm, name);
	return at;
}

/* under.proto, other.type, other.payload */
static int make_attribute(struct making *m, const struct node *n)
{
	bool under = n->a->kind == NODE_NAME && !strcmp(n->a->text, "under"), other = n->a->kind == NODE_NAME && !strcmp(n->a->text, "other");
	if (!under && !other)
		return refuse(m, n);
	int at = term_new(m->e, under ? TERM_UNDER : TERM_OTHER);
	m->e->terms[at].name = str_intern(m->vm, n->text);
	return at;
}

static int make_operands(struct making *m, enum term_kind kind, int op, struct node *x, struct node *y, struct node *z);

static int make_call(struct making *m, const struct node *n)
{
	static const struct { const char *name; int bytes; } peeks[] = { { "byte", 1 }, { "short", 2 }, { "long", 4 } };
	if (n->a->kind != NODE_NAME || !n->args || !n->args->count)
		return refuse(m, n);
	if (!strcmp(n->a->text, "sum") && n->args->count == 1)
		return make_operands(m, TERM_SUM, 0, n->args->items[0], NULL, NULL);
	if (!strcmp(n->a->text, "min") || !strcmp(n->a->text, "max"))
		return make_many(m, n->a->text[1] == 'i' ? TERM_MIN : TERM_MAX, n->args, 0);
	for (size_t i = 0; i < sizeof peeks / sizeof *peeks; i++)
		if (!strcmp(n->a->text, peeks[i].name) && n->args->count == 1) {
			int a = make(m, n->args->items[0]), at = a < 0 ? -1 : term_new(m->e, TERM_PEEK);
			if (at >= 0) {
				m->e->terms[at].a = a;
				m->e->terms[at].op = peeks[i].bytes;
			}
			return at;
		}
	return refuse(m, n);
}

/* {8: 0, 13: 14}[other.type] */
static int make_table(struct making *m, const struct node *n)
{
	if (n->a->kind != NODE_DICT || !n->a->list)
		return refuse(m, n);
	size_t count = n->a->list->count;
	struct node **pairs = mem_alloc(2 * count * sizeof *pairs);
	for (size_t i = 0; i < count; i++) {
		pairs[2 * i] = n->a->list->items[i];
		pairs[2 * i + 1] = n->a->list2->items[i];
	}
	int key = make(m, n->b), first = key < 0 ? -1 : make_row(m, pairs, 2 * count);
	mem_free(pairs);
	if (first < 0)
		return -1;
	int at = term_new(m->e, TERM_TABLE);
	m->e->terms[at].a = first;
	m->e->terms[at].b = (int)count;
	m->e->terms[at].c = key;
	return at;
}

static bool is_name(const struct node *n, const char *name)
{
	return n->kind == NODE_NAME && !strcmp(n->text, name);
}

static int make_negated(struct making *m, int of)
{
	int at = of < 0 ? -1 : term_new(m->e, TERM_NOT);
	if (at >= 0)
		m->e->terms[at].a = of;
	return at;
}

static int make_comparison(struct making *m, struct node *left, struct node *right, int op)
{
	int at;
	if ((op == AST_IS || op == AST_IS_NOT) && is_name(left, "under") && right->kind == NODE_NAME) {
		at = term_new(m->e, TERM_UNDER_IS);
		m->e->terms[at].name = str_intern(m->vm, right->text);
		return op == AST_IS ? at : make_negated(m, at);
	}
	if ((op == AST_IS || op == AST_IS_NOT) && is_name(left, "under") && right->kind == NODE_NONE) {
		at = term_new(m->e, TERM_UNDER_IS);
		return op == AST_IS ? at : make_negated(m, at);
	}
	int a = make(m, left);
	if (a < 0)
		return -1;
	if (op == AST_IN || op == AST_NOT_IN) {
		if (right->kind != NODE_TUPLE && right->kind != NODE_LIST && right->kind != NODE_SET)
			return refuse(m, right);
		at = make_many(m, TERM_IN, right->list, a);
		return op == AST_IN ? at : make_negated(m, at);
	}
	int b = make(m, right);
	if (b < 0)
		return -1;
	at = term_new(m->e, TERM_COMPARE);
	m->e->terms[at].a = a;
	m->e->terms[at].b = b;
	m->e->terms[at].op = op == AST_IS ? AST_EQ : op == AST_IS_NOT ? AST_NE : op;
	return at;
}

static int make_compare(struct making *m, const struct node *n)
{
	struct node *left = n->a;
	int made = -1;
	for (size_t i = 0; i < n->list->count; i++) {
		int one = make_comparison(m, left, n->list->items[i], n->ops[i]);
		if (one < 0)
			return -1;
		if (made >= 0) {
			/* a < b < c: both, side by side for AND */
			int row = term_new(m->e, TERM_NUMBER);
			m->e->terms[row] = m->e->terms[made];
			int row2 = term_new(m->e, TERM_NUMBER);
			m->e->terms[row2] = m->e->terms[one];
			one = term_new(m->e, TERM_AND);
			m->e->terms[one].a = row;
			m->e->terms[one].b = 2;
		}
		made = one;
		left = n->list->items[i];
	}
	return made;
}

static int make_operands(struct making *m, enum term_kind kind, int op, struct node *x, struct node *y, struct node *z)
{
	int a = make(m, x), b = a < 0 || !y ? 0 : make(m, y), c = a < 0 || b < 0 || !z ? 0 : make(m, z);
	if (a < 0 || b < 0 || c < 0)
		return -1;
	int at = term_new(m->e, kind);
	struct term *t = &m->e->terms[at];
	t->op = op;
	t->a = a;
	t->b = b;
	t->c = c;
	return at;
}

static int make(struct making *m, const struct node *n)
{
	if (m->e->count > 4000)
		return refuse(m, n);
	switch (n->kind) {
	case NODE_INT:       return make_number(m, n);
	case NODE_TRUE:      return make_constant(m, 1);
	case NODE_FALSE:     return make_constant(m, 0);
	case NODE_NONE:      return term_new(m->e, TERM_NONE);
	case NODE_NAME:      return make_name(m, n->text);
	case NODE_ATTRIBUTE: return make_attribute(m, n);
	case NODE_CALL:      return make_call(m, n);
	case NODE_SUBSCRIPT: return make_table(m, n);
	case NODE_COMPARE:   return make_compare(m, n);
	case NODE_AND:       return make_many(m, TERM_AND, n->list, 0);
	case NODE_OR:        return make_many(m, TERM_OR, n->list, 0);
	case NODE_NOT:       return make_operands(m, TERM_NOT, 0, n->a, NULL, NULL);
	case NODE_UNARY:     return make_operands(m, TERM_UNARY, (int)n->number, n->a, NULL, NULL);
	case NODE_BINARY:    return make_operands(m, TERM_BINARY, n->op, n->a, n->b, NULL);
	case NODE_IF_ELSE:   return make_operands(m, TERM_IF, 0, n->a, n->b, n->c);
	default:             return refuse(m, n);
	}
}

struct expr *expr_parse(struct vm *vm, struct str *text)
{
	struct expr *e = mem_zero(sizeof *e);
	e->text = object_keep(text);
	struct source *source = source_new("<fact>", text->data, text->len);
	struct ast *ast = ast_parse(source, AST_EVAL);
	source_drop(source);
	e->root = -1;
	if (ast->error.kind)
		vm_raise_error(vm, &ast->error);
	else if (ast->body && ast->body->count == 1)
		e->root = make(&(struct making){ vm, e, ast }, ast->body->items[0]->a);
	ast_free(ast);
	if (e->root >= 0)
		return e;
	if (!vm_pending(vm))
		vm_raise(vm, vm->errors.SyntaxError, "a fact is one expression: \"%s\"", text->data);
	expr_free(e);
	return NULL;
}

void expr_free(struct expr *e)
{
	if (!e)
		return;
	object_drop(e->text);
	mem_free(e->terms);
	mem_free(e);
}

const char *expr_text(const struct expr *e)
{
	return e->text->data;
}

bool expr_check(struct vm *vm, const struct expr *e, const struct layer *layer)
{
	for (int i = 0; i < e->count; i++) {
		const struct term *t = &e->terms[i];
		if (t->kind != TERM_FIELD || layer_field(layer, t->name) >= 0)
			continue;
		const char *near = layer_nearest(layer, t->name->data);
		return vm_raise_ok(vm, vm->errors.AttributeError, "%s has no field '%s', named in \"%s\"%s%s%s", layer_class_name(layer), t->name->data,
		                   e->text->data, near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
	}
	return true;
}

bool expr_names(const struct expr *e, const struct str *field)
{
	for (int i = 0; i < e->count; i++)
		if (e->terms[i].kind == TERM_FIELD && e->terms[i].name == field)
			return true;
	return false;
}

bool expr_is_of_x(const struct expr *e)
{
	for (int i = 0; i < e->count; i++)
		switch (e->terms[i].kind) {
		case TERM_FIELD: case TERM_LEFT: case TERM_HERE: return false;
		default: break;
		}
	return !expr_wanders(e);
}

bool expr_wanders(const struct expr *e)
{
	for (int i = 0; i < e->count; i++)
		switch (e->terms[i].kind) {
		case TERM_UNDER: case TERM_UNDER_IS: case TERM_OTHER: case TERM_PAYLOAD: case TERM_PEEK: case TERM_SUM: return true;
		default: break;
		}
	return false;
}

/* ---- running ---- */

struct run {
	const struct site *s;
	struct expr *e;
	int64_t x, left;
};

static int64_t run(struct run *r, int at);
static bool holds(struct run *r, int at);
static int64_t field_of(struct run *r, struct term *t, struct stack *stack, unsigned at);

/* A number or a field is not worth a turn. */
static inline int64_t operand(struct run *r, int at)
{
	struct term *t = &r->e->terms[at];
	if (t->kind == TERM_NUMBER)
		return t->number;
	return t->kind == TERM_FIELD && r->s->stack ? field_of(r, t, r->s->stack, r->s->at) : run(r, at);
}

static int64_t plain(int64_t v)
{
	return v == NOTHING ? 0 : v;
}

/* Which field of that layer it is; -1: none. */
static int field_in(struct term *t, const struct layer *layer)
{
	if (t->layer != layer) {
		t->layer = layer;
		t->field = layer_field(layer, t->name);
	}
	return t->field;
}

static int64_t field_of(struct run *r, struct term *t, struct stack *stack, unsigned at)
{
	int64_t number;
	uint64_t word;
	const struct layer *layer = stack->parts[at].layer;
	if (field_in(t, layer) < 0)
		return 0;
	if (layer->rows[t->field].counted && part_placed(&stack->parts[at], (unsigned)t->field, &word))
		return (int64_t)word;
	if (part_int(stack, at, (unsigned)t->field, &number))
		return number;
	return part_is_none(stack, at, (unsigned)t->field) ? NOTHING : part_weight(stack, at, (unsigned)t->field);
}

/* Is there anything in the field? Items need not be made to tell that there are some. */
static bool field_holds(struct run *r, struct term *t)
{
	struct stack *stack = r->s->stack;
	int field = stack ? field_in(t, stack->parts[r->s->at].layer) : -1;
	return field >= 0 && (part_has_items(stack, r->s->at, (unsigned)field) || plain(field_of(r, t, stack, r->s->at)));
}

/* The layer below; for an item of a list field, the layer that holds it. */
static bool below(const struct site *s, struct stack **stack, unsigned *at)
{
	if (!s->stack)
		return false;
	*stack = s->stack;
	*at = s->at - 1;
	if (s->at > 0)
		return true;
	struct tie *tie = s->stack->under;
	if (!tie || !tie->stack || tie->at >= tie->stack->count)
		return false;
	*stack = tie->stack;
	*at = tie->at;
	return true;
}

static int64_t payload_of(const struct site *s)
{
	if (s->payload)
		return *s->payload;
	return s->stack ? (int64_t)part_payload_length(s->stack, s->at) : 0;
}

/* Bytes of the layer before this place. */
static int64_t here(const struct site *s)
{
	if (!s->cursor || !s->stack || !s->stack->parts[s->at].frame)
		return 0;
	return (int64_t)cursor_at(s->cursor) - (int64_t)s->stack->parts[s->at].start;
}

static int64_t peek(struct run *r, struct term *t)
{
	int64_t skip = plain(run(r, t->a)), number = 0;
	const struct cursor *c = r->s->cursor;
	if (!c || skip < -(int64_t)cursor_at(c) || skip > (int64_t)cursor_left(c) - t->op)
		return 0;
	for (int i = 0; i < t->op; i++)
		number = number << 8 | c->bytes[(int64_t)cursor_at(c) + skip + i];
	return number;
}

/* The internet checksum of what is left from there on: 0 when it is right. */
static int64_t sum_of(struct run *r, struct term *t)
{
	int64_t skip = plain(run(r, t->a));
	const struct cursor *c = r->s->cursor;
	if (!c || skip < 0 || (uint64_t)skip >= cursor_left(c))
		return -1;
	return checksum_of(c->bytes + cursor_at(c) + skip, cursor_left(c) - (size_t)skip);
}

static int64_t shift(int64_t a, int64_t b, bool left)
{
	if (b < 0 || b > 63)
		return left || a >= 0 ? 0 : -1;
	return left ? (int64_t)((uint64_t)a << b) : a >> b;
}

static int64_t divide(int64_t a, int64_t b, bool rest)
{
	if (b == 0 || (b == -1 && !rest))
		return b ? (int64_t)(0 - (uint64_t)a) : 0;
	if (b == -1)
		return 0;
	int64_t q = a / b, m = a % b;
	if (m && (m < 0) != (b < 0)) {
		q--;
		m += b;
	}
	return rest ? m : q;
}

int64_t expr_binary(int op, int64_t a, int64_t b)
{
	switch (op) {
	case OP_ADD_:      return (int64_t)((uint64_t)a + (uint64_t)b);
	case OP_SUB_:      return (int64_t)((uint64_t)a - (uint64_t)b);
	case OP_MUL_:      return (int64_t)((uint64_t)a * (uint64_t)b);
	case OP_DIV_:
	case OP_FLOORDIV_: return divide(a, b, false);
	case OP_MOD_:      return divide(a, b, true);
	case OP_LSHIFT_:   return shift(a, b, true);
	case OP_RSHIFT_:   return shift(a, b, false);
	case OP_AND_:      return a & b;
	case OP_OR_:       return a | b;
	case OP_XOR_:      return a ^ b;
	default:           return 0;
	}
}

static int64_t compare(int op, int64_t a, int64_t b)
{
	if (op == AST_EQ || op == AST_NE)
		return (a == b) == (op == AST_EQ);
	a = plain(a);
	b = plain(b);
	return op == AST_LT ? a < b : op == AST_LE ? a <= b : op == AST_GT ? a > b : a >= b;
}

static int64_t least_or_most(struct run *r, const struct term *t)
{
	int64_t best = plain(run(r, t->a));
	for (int i = 1; i < t->b; i++) {
		int64_t v = plain(run(r, t->a + i));
		if (t->kind == TERM_MIN ? v < best : v > best)
			best = v;
	}
	return best;
}

static int64_t table(struct run *r, const struct term *t)
{
	int64_t key = run(r, t->c);
	for (int i = 0; i < t->b; i++)
		if (operand(r, t->a + 2 * i) == key)
			return run(r, t->a + 2 * i + 1);
	return -1;
}

static int64_t any_of(struct run *r, const struct term *t)
{
	int64_t needle = run(r, t->c);
	for (int i = 0; i < t->b; i++)
		if (operand(r, t->a + i) == needle)
			return 1;
	return 0;
}

static int64_t and_or(struct run *r, const struct term *t)
{
	int64_t v = t->kind == TERM_AND;
	for (int i = 0; i < t->b; i++) {
		v = plain(run(r, t->a + i));
		if ((v != 0) == (t->kind == TERM_OR))
			break;
	}
	return v;
}

static int64_t under(struct run *r, struct term *t)
{
	struct stack *stack;
	unsigned at;
	return below(r->s, &stack, &at) ? field_of(r, t, stack, at) : 0;
}

static bool under_is(struct run *r, const struct term *t)
{
	struct stack *stack;
	unsigned at;
	if (!below(r->s, &stack, &at))
		return !t->name;
	for (const struct type *c = stack->parts[at].layer->type; c && t->name; c = c->base)
		if (c->name == t->name || !strcmp(c->name->data, t->name->data))
			return true;
	return false;
}

static int64_t other(struct run *r, struct term *t)
{
	const struct site *o = r->s->other;
	if (!o || !o->stack)
		return 0;
	if (!strcmp(t->name->data, "payload"))
		return payload_of(o);
	return field_of(r, t, o->stack, o->at);
}

static int64_t unary(int op, int64_t v)
{
	return op == UNARY_NEG ? (int64_t)(0 - (uint64_t)v) : op == UNARY_INVERT ? ~v : v;
}

static bool all_or_any_holds(struct run *r, const struct term *t)
{
	bool all = t->kind == TERM_AND;
	for (int i = 0; i < t->b; i++)
		if (holds(r, t->a + i) != all)
			return !all;
	return all;
}

static bool holds(struct run *r, int at)
{
	struct term *t = &r->e->terms[at];
	switch (t->kind) {
	case TERM_FIELD: return field_holds(r, t);
	case TERM_NOT:   return !holds(r, t->a);
	case TERM_AND:
	case TERM_OR:    return all_or_any_holds(r, t);
	default:         return plain(run(r, at)) != 0;
	}
}

static int64_t run(struct run *r, int at)
{
	struct term *t = &r->e->terms[at];
	switch (t->kind) {
	case TERM_NUMBER:   return t->number;
	case TERM_NONE:     return NOTHING;
	case TERM_X:        return r->x;
	case TERM_LEFT:     return r->left;
	case TERM_HERE:     return here(r->s);
	case TERM_PAYLOAD:  return payload_of(r->s);
	case TERM_FIELD:    return r->s->stack ? field_of(r, t, r->s->stack, r->s->at) : 0;
	case TERM_UNDER:    return under(r, t);
	case TERM_OTHER:    return other(r, t);
	case TERM_PEEK:     return peek(r, t);
	case TERM_SUM:      return sum_of(r, t);
	case TERM_UNDER_IS: return under_is(r, t);
	case TERM_UNARY:    return unary(t->op, plain(run(r, t->a)));
	case TERM_NOT:      return !holds(r, t->a);
	case TERM_BINARY: {
		int64_t a = plain(operand(r, t->a));
		return expr_binary(t->op, a, plain(operand(r, t->b)));
	}
	case TERM_COMPARE: {
		int64_t a = operand(r, t->a);
		return compare(t->op, a, operand(r, t->b));
	}
	case TERM_AND:
	case TERM_OR:       return and_or(r, t);
	case TERM_IF:       return holds(r, t->a) ? run(r, t->b) : run(r, t->c);
	case TERM_IN:       return any_of(r, t);
	case TERM_TABLE:    return table(r, t);
	case TERM_MIN:
	case TERM_MAX:      return least_or_most(r, t);
	}
	return 0;
}

bool expr_run(const struct site *s, struct expr *e, int64_t x, int64_t left, int64_t *out)
{
	struct run r = { s, e, x, left };
	const struct term *root = &e->terms[e->root];
	*out = root->kind == TERM_COMPARE ? compare(root->op, operand(&r, root->a), operand(&r, root->b)) : plain(run(&r, e->root));
	return !vm_pending(s->vm);
}

bool expr_holds(const struct site *s, struct expr *e, int64_t x, int64_t left, bool *out)
{
	struct run r = { s, e, x, left };
	*out = holds(&r, e->root);
	return !vm_pending(s->vm);
}

/* ---- conditions that ask something for its number ---- */

static bool all_numbers(const struct expr *e, int first, int count)
{
	for (int i = 0; i < count; i++)
		if (e->terms[first + i].kind != TERM_NUMBER)
			return false;
	return true;
}

/* What is asked; NULL: it is no such condition. */
static const struct term *asked(const struct expr *e)
{
	const struct term *t = &e->terms[e->root];
	if (t->kind == TERM_COMPARE && t->op == AST_EQ && all_numbers(e, t->b, 1))
		return &e->terms[t->a];
	return t->kind == TERM_IN && all_numbers(e, t->a, t->b) ? &e->terms[t->c] : NULL;
}

bool expr_asks_same(const struct expr *e, const struct expr *as)
{
	const struct term *a = asked(e), *b = asked(as);
	if (!a || !b || a->kind != b->kind)
		return false;
	switch (a->kind) {
	case TERM_X:
	case TERM_LEFT:  return true;
	case TERM_FIELD:
	case TERM_UNDER: return a->name == b->name;
	case TERM_PEEK:  return a->op == b->op && all_numbers(e, a->a, 1) && all_numbers(as, b->a, 1) && e->terms[a->a].number == as->terms[b->a].number;
	default:         return false;
	}
}

void expr_numbers(const struct expr *e, bool (*each)(void *state, int64_t number), void *state)
{
	const struct term *t = &e->terms[e->root];
	int first = t->kind == TERM_IN ? t->a : t->b, count = t->kind == TERM_IN ? t->b : 1;
	for (int i = 0; i < count && each(state, e->terms[first + i].number); i++)
		;
}

bool expr_asked(const struct site *s, struct expr *e, int64_t x, int64_t left, int64_t *out)
{
	struct run r = { s, e, x, left };
	const struct term *t = &e->terms[e->root];
	*out = operand(&r, t->kind == TERM_IN ? t->c : t->a);
	return !vm_pending(s->vm);
}
