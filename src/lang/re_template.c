/* Replacement texts of sub() and expand(). */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "lang/modules.h"
#include "lang/re.h"

struct reading {
	struct vm *vm;
	struct pattern *pattern;
	const char *text;
	size_t len, at;
	struct template *out;
	struct buf held;            /* plain text so far */
};

static void add_piece(struct template *t, char *text, size_t len, uint32_t group)
{
	t->pieces = mem_resize(t->pieces, (t->count + 1) * sizeof *t->pieces);
	t->pieces[t->count++] = (struct template_piece){ text, len, group };
}

static void add_held(struct reading *r)
{
	if (r->held.len)
		add_piece(r->out, mem_copy(r->held.data, r->held.len), r->held.len, 0);
	buf_clear(&r->held);
}

static bool failed(struct reading *r, size_t at, const char *what)
{
	value text = value_object(str_new(r->vm, r->text, r->len));
	re_raise(r->vm, text, at, "%s", what);
	value_drop(text);
	return false;
}

static bool add_group(struct reading *r, size_t number, size_t at)
{
	char message[64];

	if (number > r->pattern->groups) {
		snprintf(message, sizeof message, "invalid group reference %zu", number);
		return failed(r, at, message);
	}
	add_held(r);
	add_piece(r->out, NULL, 0, (uint32_t)number);
	return true;
}

/* \g<1>, \g<name> */
static bool named_group(struct reading *r)
{
	size_t start = r->at + 3;
	const char *end = start < r->len ? memchr(r->text + start, '>', r->len - start) : NULL;

	if (r->at + 2 >= r->len || r->text[r->at + 2] != '<')
		return failed(r, r->at + 2, "missing <");
	if (!end)
		return failed(r, start, "missing >, unterminated name");
	size_t len = (size_t)(end - r->text) - start;
	if (!len)
		return failed(r, start, "missing group name");
	r->at = start + len + 1;
	if (isdigit((unsigned char)r->text[start]))
		return add_group(r, strtoul(r->text + start, NULL, 10), start);
	value name = value_object(str_new(r->vm, r->text + start, len)), number = dict_get(r->vm, as_dict(r->pattern->names), name);
	if (is_unset(number))
		vm_raise(r->vm, r->vm->errors.IndexError, "unknown group name '%s'", as_str(name)->data);
	value_drop(name);
	return !is_unset(number) && add_group(r, (size_t)number.i, start);
}

static int digit_at(const struct reading *r, size_t at, int most)
{
	int c = at < r->len ? r->text[at] : 0;
	return c >= '0' && c <= '0' + most ? c - '0' : -1;
}

/* \0 and three octal digits are a character, else \1 to \99 a group. */
static bool numbered(struct reading *r)
{
	int one = digit_at(r, r->at + 1, 9), two = digit_at(r, r->at + 2, 9), three = digit_at(r, r->at + 3, 7);
	bool octal = one == 0 || (one <= 3 && two >= 0 && two <= 7 && three >= 0);
	size_t start = r->at + 1;

	if (!octal) {
		r->at += two < 0 ? 2 : 3;
		return add_group(r, (size_t)(two < 0 ? one : one * 10 + two), start);
	}
	uint32_t code = 0;
	r->at++;
	for (int i = 0; i < 3 && digit_at(r, r->at, 7) >= 0; i++)
		code = code * 8 + (uint32_t)digit_at(r, r->at++, 7);
	if (is_str(r->pattern->source))
		buf_utf8(&r->held, code);
	else
		buf_char(&r->held, (char)code);
	return true;
}

static bool escape(struct reading *r)
{
	static const char letters[] = "abfnrtv\\", meant[] = "\a\b\f\n\r\t\v\\";
	int c = r->at + 1 < r->len ? (unsigned char)r->text[r->at + 1] : -1;
	const char *known = c > 0 ? strchr(letters, c) : NULL;

	if (c < 0)
		return failed(r, r->at, "bad escape (end of pattern)");
	if (c == 'g')
		return named_group(r);
	if (isdigit(c))
		return numbered(r);
	if (!known && isalpha(c)) {
		char message[] = "bad escape \\x";
		message[sizeof message - 2] = (char)c;
		return failed(r, r->at, message);
	}
	if (known)
		buf_char(&r->held, meant[known - letters]);
	else
		buf_add(&r->held, r->text + r->at, 2);
	r->at += 2;
	return true;
}

bool re_template(struct vm *vm, struct pattern *p, const char *text, size_t len, bool bytes, struct template *out)
{
	struct reading r = { .vm = vm, .pattern = p, .text = text, .len = len, .out = out };
	bool ok = true;

	*out = (struct template){0};
	while (ok && r.at < len)
		if (text[r.at] == '\\')
			ok = escape(&r);
		else
			buf_char(&r.held, text[r.at++]);
	add_held(&r);
	buf_free(&r.held);
	if (!ok)
		re_template_free(out);
	return ok;
}

void re_template_free(struct template *t)
{
	for (size_t i = 0; i < t->count; i++)
		mem_free(t->pieces[i].text);
	mem_free(t->pieces);
	*t = (struct template){0};
}

void re_template_write(const struct template *t, const struct view *subject, const size_t *at, struct buf *out)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct template_piece *p = &t->pieces[i];
		if (p->text)
			buf_add(out, p->text, p->len);
		else if (at[2 * p->group] != PCRE2_UNSET)
			buf_add(out, subject->bytes + at[2 * p->group], at[2 * p->group + 1] - at[2 * p->group]);
	}
}
