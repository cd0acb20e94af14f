/* What most facts are, told from their trees: a field times a number plus a number, tests that must all hold. */
#include "lang/ast.h"
#include "packet/expr_terms.h"
#include "packet/packet.h"

static int loaded_field(const struct term *t, const struct layer *l)
{
	int field = t->kind == TERM_FIELD ? layer_field(l, t->name) : -1;
	return field >= 0 && l->rows[field].counted && l->fields[field]->bits < 64 ? field : -1;
}

bool expr_loads(const struct expr *e, const struct layer *layer, int *fields, unsigned *count, unsigned most)
{
	for (int i = 0; i < e->count; i++) {
		const struct term *t = &e->terms[i];
		if (t->kind == TERM_X || t->kind == TERM_LEFT || t->kind == TERM_HERE)
			return false;
		if (t->kind != TERM_FIELD)
			continue;
		int field = loaded_field(t, layer);
		unsigned k = 0;
		while (k < *count && fields[k] != field)
			k++;
		if (field < 0 || k == most)
			return false;
		fields[k] = field;
		*count += k == *count;
	}
	return !expr_wanders(e);
}

/* A number is a field times 0. */
static bool scaled(const struct expr *e, int at, const struct layer *l, struct fact *f)
{
	const struct term *t = &e->terms[at];
	struct fact a, b;
	*f = (struct fact){ .form = FACT_SCALED, .field = -1 };
	if (t->kind == TERM_NUMBER) {
		f->plus = t->number;
		return true;
	}
	if (t->kind == TERM_FIELD) {
		f->field = loaded_field(t, l);
		f->times = 1;
		return f->field >= 0;
	}
	if (t->kind != TERM_BINARY || !scaled(e, t->a, l, &a) || !scaled(e, t->b, l, &b) || (a.field >= 0 && b.field >= 0))
		return false;
	f->field = a.field >= 0 ? a.field : b.field;
	switch (t->op) {
	case OP_ADD_:
	case OP_SUB_:
		f->times = a.field >= 0 ? a.times : expr_binary(t->op, 0, b.times);
		f->plus = expr_binary(t->op, a.plus, b.plus);
		return true;
	case OP_MUL_:
		f->times = a.field >= 0 ? expr_binary(t->op, a.times, b.plus) : expr_binary(t->op, b.times, a.plus);
		f->plus = expr_binary(t->op, a.plus, b.plus);
		return true;
	default:
		return false;
	}
}

static bool add_test(struct fact *f, enum fact_test test, int field, int64_t number)
{
	if (f->count == FACT_TESTS)
		return false;
	f->tests[f->count].test = test;
	f->tests[f->count].field = field;
	f->tests[f->count++].number = number;
	return true;
}

static bool tested(const struct expr *e, int at, const struct layer *l, struct fact *f)
{
	static const enum fact_test tests[] = { [AST_EQ] = TEST_EQ, [AST_NE] = TEST_NE, [AST_LT] = TEST_LT, [AST_LE] = TEST_LE, [AST_GT] = TEST_GT, [AST_GE] = TEST_GE };
	const struct term *t = &e->terms[at];
	int field;
	switch (t->kind) {
	case TERM_AND:
		for (int i = 0; i < t->b; i++)
			if (!tested(e, t->a + i, l, f))
				return false;
		return true;
	case TERM_COMPARE:
		field = loaded_field(&e->terms[t->a], l);
		return field >= 0 && e->terms[t->b].kind == TERM_NUMBER && add_test(f, tests[t->op], field, e->terms[t->b].number);
	case TERM_UNDER_IS:
		return !t->name && add_test(f, TEST_UNDER_NONE, -1, 0);
	case TERM_FIELD:
		field = loaded_field(t, l);
		return field >= 0 && add_test(f, TEST_NE, field, 0);
	default:
		return false;
	}
}

struct fact expr_fact(const struct expr *e, const struct layer *layer)
{
	const struct term *root = &e->terms[e->root];
	struct fact f, amount;
	if (scaled(e, e->root, layer, &f))
		return f;
	bool chosen = root->kind == TERM_IF && scaled(e, root->b, layer, &amount);
	f = (struct fact){ .form = FACT_TESTED };
	if (!tested(e, chosen ? root->a : e->root, layer, &f))
		return (struct fact){ .form = FACT_OTHER };
	if (chosen) {
		f.form = FACT_CHOSEN;
		f.field = amount.field;
		f.times = amount.times;
		f.plus = amount.plus;
		f.else_left = e->terms[root->c].kind == TERM_LEFT;
	}
	return f;
}
