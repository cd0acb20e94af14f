/* Signatures of natives: Python's notation, parsed once, and the binding of a call's arguments to it. */
#include "lang/type.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

#include "lang/types.h"
#include "lang/vm.h"

enum param_kind { PLAIN, POSITIONAL_ONLY, KEYWORD_ONLY, STAR, DOUBLE_STAR };

struct param {
	struct str *name;           /* interned */
	enum param_kind kind;
	bool optional;
	value initial;              /* owned; unset: `...` or none */
};

struct signature {
	char *function;
	size_t count, positional;   /* `positional`: how many can be given by place */
	int star, double_star;      /* index, or -1 */
	struct param params[];
};

/* ---- parsing ---- */

static void skip_blanks(const char **at)
{
	while (isspace((unsigned char)**at))
		(*at)++;
}

static value parse_quoted(struct vm *vm, const char **at)
{
	char quote = *(*at)++;
	const char *end = strchr(*at, quote);
	value text = value_object(str_new(vm, *at, (size_t)(end - *at)));
	*at = end + 1;
	return text;
}

static value parse_number(struct vm *vm, const char *text, size_t len)
{
	char *end;
	long long i = strtoll(text, &end, 0);
	if (end == text + len)
		return value_int(i);
	return value_float(strtod(text, NULL));
}

static value parse_default(struct vm *vm, const char **at)
{
	static const struct { const char *text; value is; } words[] = {
		{ "None", { .tag = TAG_NONE } }, { "True", { .tag = TAG_BOOL, .b = true } }, { "False", { .tag = TAG_BOOL } }, { "...", { .tag = TAG_UNSET } },
	};
	if (**at == '\'' || **at == '"')
		return parse_quoted(vm, at);
	if (strncmp(*at, "()", 2) == 0) {
		*at += 2;
		return tuple_of(vm, 0, NULL);
	}
	const char *text = *at;
	size_t len = strcspn(text, ", \t\n");
	*at += len;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strlen(words[i].text) == len && memcmp(words[i].text, text, len) == 0)
			return words[i].is;
	return parse_number(vm, text, len);
}

static size_t commas(const char *text)
{
	size_t count = 0;
	for (; *text; text++)
		count += *text == ',';
	return count;
}

static void slash(struct signature *s)
{
	for (size_t i = 0; i < s->count; i++)
		s->params[i].kind = POSITIONAL_ONLY;
}

static void add_param(struct vm *vm, struct signature *s, const char **at, enum param_kind kind)
{
	size_t len = strspn(*at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");
	struct param *p = &s->params[s->count];
	p->name = str_intern_str(vm, str_new(vm, *at, len));
	p->kind = kind;
	*at += len;
	skip_blanks(at);
	if (**at == '=') {
		(*at)++;
		skip_blanks(at);
		p->optional = true;
		p->initial = parse_default(vm, at);
	}
	if (kind == STAR)
		s->star = (int)s->count;
	if (kind == DOUBLE_STAR)
		s->double_star = (int)s->count;
	s->count++;
}

static void parse_params(struct vm *vm, struct signature *s, const char *at)
{
	enum param_kind kind = PLAIN;
	for (skip_blanks(&at); *at; skip_blanks(&at)) {
		if (*at == '/') {
			slash(s);
			at++;
		} else if (at[0] == '*' && at[1] == '*') {
			at += 2;
			add_param(vm, s, &at, DOUBLE_STAR);
		} else if (*at == '*') {
			at++;
			kind = KEYWORD_ONLY;
			if (*at != ',' && *at)
				add_param(vm, s, &at, STAR);
		} else {
			add_param(vm, s, &at, kind);
		}
		skip_blanks(&at);
		if (*at == ',')
			at++;
		else if (*at)
			break;
	}
}

struct signature *signature_parse(struct vm *vm, const char *function, const char *text)
{
	if (!text)
		text = "";
	struct signature *s = mem_zero(sizeof *s + (commas(text) + 1) * sizeof *s->params);
	s->function = mem_text(function);
	s->star = s->double_star = -1;
	parse_params(vm, s, text);
	while (s->positional < s->count && s->params[s->positional].kind <= POSITIONAL_ONLY)
		s->positional++;
	return s;
}

void signature_free(struct signature *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->count; i++)
		value_drop(s->params[i].initial);
	mem_free(s->function);
	mem_free(s);
}

size_t signature_count(const struct signature *s)
{
	return s->count;
}

/* ---- binding ---- */

static bool blame(struct vm *vm, size_t index)
{
	vm_blame_arg(vm, index);
	return false;
}

static bool too_many(struct vm *vm, const struct signature *s, const struct call *call)
{
	size_t least = 0;
	for (size_t i = 0; i < s->positional; i++)
		least += !s->params[i].optional;
	if (s->positional == 0)
		vm_raise(vm, vm->errors.TypeError, "%s() takes no %sarguments (%u given)", s->function, s->count ? "positional " : "", call->count);
	else
		vm_raise(vm, vm->errors.TypeError, "%s() takes %s %zu positional argument%s (%u given)", s->function, least == s->positional ? "exactly" : "at most",
		         s->positional, s->positional == 1 ? "" : "s", call->count);
	return blame(vm, s->positional);
}

static bool bind_positional(struct vm *vm, const struct signature *s, const struct call *call, value *out)
{
	size_t direct = call->count < s->positional ? call->count : s->positional;
	for (size_t i = 0; i < direct; i++)
		out[i] = value_keep(call->args[i]);
	if (s->star >= 0)
		out[s->star] = tuple_of(vm, call->count - direct, call->args + direct);
	else if (call->count > direct)
		return too_many(vm, s, call);
	return true;
}

struct walk { const struct signature *s; size_t at; };

static const char *next_param(void *state)
{
	struct walk *walk = state;
	while (walk->at < walk->s->count) {
		const struct param *p = &walk->s->params[walk->at++];
		if (p->kind == PLAIN || p->kind == KEYWORD_ONLY)
			return p->name->data;
	}
	return NULL;
}

static bool unexpected(struct vm *vm, const struct signature *s, const struct str *name)
{
	struct walk walk = { s, 0 };
	const char *near = text_nearest(name->data, next_param, &walk);
	walk.at = 0;
	if (!next_param(&walk))
		return vm_raise_ok(vm, vm->errors.TypeError, "%s() takes no keyword arguments", s->function);
	return vm_raise_ok(vm, vm->errors.TypeError, "%s() got an unexpected keyword argument '%s'%s%s%s", s->function, name->data,
	                   near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static int find_param(const struct signature *s, const struct str *name)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct param *p = &s->params[i];
		if ((p->kind == PLAIN || p->kind == KEYWORD_ONLY) && (p->name == name || strcmp(p->name->data, name->data) == 0))
			return (int)i;
	}
	return -1;
}

static bool bind_named(struct vm *vm, const struct signature *s, const struct call *call, uint32_t n, value *out)
{
	struct str *name = call->names[n];
	value given = call->args[call->count + n];
	int i = find_param(s, name);
	if (i < 0 && s->double_star >= 0) {
		dict_set_str(vm, as_dict(out[s->double_star]), name, value_keep(given));
		return true;
	}
	if (i < 0)
		return unexpected(vm, s, name) || blame(vm, call->count + n);
	if (!is_unset(out[i])) {
		vm_raise(vm, vm->errors.TypeError, "%s() got multiple values for argument '%s'", s->function, name->data);
		return blame(vm, call->count + n);
	}
	out[i] = value_keep(given);
	return true;
}

static bool missing(struct vm *vm, const struct signature *s, size_t first)
{
	while (s->params[first].optional)
		first++;
	return vm_raise_ok(vm, vm->errors.TypeError, "%s() missing required argument '%s'", s->function, s->params[first].name->data);
}

static bool fill_defaults(struct vm *vm, const struct signature *s, value *out)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct param *p = &s->params[i];
		if (!is_unset(out[i]))
			continue;
		if (!p->optional && p->kind < STAR)
			return missing(vm, s, i);
		out[i] = value_keep(p->initial);
	}
	return true;
}

/* Arguments by place only, and as many as fit. */
static bool bind_simple(struct vm *vm, const struct signature *s, const struct call *call, value *out)
{
	size_t i = 0;
	for (; i < call->count; i++)
		out[i] = value_keep(call->args[i]);
	for (; i < s->count; i++) {
		if (!s->params[i].optional) {
			while (i-- > 0)
				value_drop(out[i]);
			return missing(vm, s, call->count);
		}
		out[i] = value_keep(s->params[i].initial);
	}
	return true;
}

bool signature_fits(const struct signature *s, size_t count)
{
	return count == s->count && s->positional == count;
}

bool signature_is_plain(const struct signature *s, size_t *least, size_t *most)
{
	*least = 0;
	*most = s->positional;
	while (*least < s->positional && !s->params[*least].optional)
		++*least;
	for (size_t i = *least; i < s->count; i++)
		if (!s->params[i].optional)
			return false;
	return s->star < 0 && s->double_star < 0;
}

void signature_defaults(const struct signature *s, size_t from, value *out)
{
	for (size_t i = from; i < s->count; i++)
		out[i] = s->params[i].initial;
}

bool call_bind(struct vm *vm, const struct signature *s, const struct call *call, value *out)
{
	if (!call->named && call->count <= s->positional && s->star < 0 && s->double_star < 0)
		return bind_simple(vm, s, call, out);
	for (size_t i = 0; i < s->count; i++)
		out[i] = VALUE_UNSET;
	if (s->double_star >= 0)
		out[s->double_star] = value_object(dict_new(vm));
	bool ok = bind_positional(vm, s, call, out);
	for (uint32_t n = 0; ok && n < call->named; n++)
		ok = bind_named(vm, s, call, n, out);
	if (ok && fill_defaults(vm, s, out))
		return true;
	call_unbind(s, out);
	return false;
}

void call_unbind(const struct signature *s, value *out)
{
	for (size_t i = 0; i < s->count; i++)
		value_drop(out[i]);
}
