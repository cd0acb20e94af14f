#include "packet/cases.h"

#include "base/mem.h"

static bool add_number(void *state, int64_t number)
{
	struct cases *c = state;
	c->numbers = mem_resize(c->numbers, (c->count + 1) * sizeof *c->numbers);
	c->numbers[c->count].number = number;
	c->numbers[c->count++].row = c->rows;
	return true;
}

void cases_add(struct cases *c, struct expr *test)
{
	bool alike = test && c->alike == c->rows && (c->first ? expr_asks_same(test, c->first) : expr_asks_same(test, test));
	if (alike) {
		expr_numbers(test, add_number, c);
		c->first = c->first ? c->first : test;
		c->alike++;
	}
	c->rows++;
}

bool cases_find(const struct site *s, const struct cases *c, int64_t x, int64_t left, unsigned *row)
{
	int64_t number;
	*row = c->alike;
	if (!c->alike)
		return true;
	if (!expr_asked(s, c->first, x, left, &number))
		return false;
	for (unsigned i = 0; i < c->count; i++)
		if (c->numbers[i].number == number) {
			*row = c->numbers[i].row;
			break;
		}
	return true;
}

void cases_free(struct cases *c)
{
	mem_free(c->numbers);
}
