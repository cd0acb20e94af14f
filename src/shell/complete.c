#include "shell/complete.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "lang/machine.h"
#include "lang/types.h"
#include "shell/index.h"

static const char *const KEYWORDS[] = {
	"False", "None", "True", "and", "as", "assert", "break", "class", "continue", "def", "del", "elif", "else", "except",
	"finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise",
	"return", "try", "while", "with", "yield",
};

/* ---- the list of words ----------------------------------------------------------------------------------------------- */

static void add(struct completion *c, const char *prefix, const char *word, size_t len, const char *behind)
{
	size_t prefix_len = strlen(prefix);
	if (len < prefix_len || memcmp(word, prefix, prefix_len) || (word[0] == '_' && prefix[0] != '_'))
		return;
	if (c->count == c->room) {
		c->room = c->room ? 2 * c->room : 32;
		c->words = mem_resize(c->words, c->room * sizeof *c->words);
	}
	struct buf text = { 0 };
	buf_add(&text, word, len);
	buf_text(&text, behind);
	c->words[c->count++] = text.data;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort(struct completion *c)
{
	size_t kept = 0;
	if (c->count)
		qsort(c->words, c->count, sizeof *c->words, compare);
	for (size_t i = 0; i < c->count; i++) {
		if (kept && !strcmp(c->words[kept - 1], c->words[i]))
			mem_free(c->words[i]);
		else
			c->words[kept++] = c->words[i];
	}
	c->count = kept;
}

void completion_free(struct completion *c)
{
	for (size_t i = 0; i < c->count; i++)
		mem_free(c->words[i]);
	mem_free(c->words);
	*c = (struct completion){ 0 };
}

/* ---- reading the line ------------------------------------------------------------------------------------------------ */

static bool is_name(char c)
{
	return isalnum((unsigned char)c) || c == '_' || (c & 0x80);
}

static size_t name_start(const char *line, size_t end)
{
	while (end && is_name(line[end - 1]))
		end--;
	return end;
}

/* Where the brackets of a plain subscript that ends at `end` begin: a name, a number or a quoted text in them. `end`: none. */
static size_t subscript_start(const char *line, size_t end)
{
	size_t at = end - 1;
	while (at && (is_name(line[at - 1]) || strchr("\"'-. ", line[at - 1])))
		at--;
	return at && at < end - 1 && line[at - 1] == '[' ? at - 1 : end;
}

/* Where the chain of names, attributes and plain subscripts that ends at `end` begins: "f(a.b[0].c" -> a. `end`: there is
 * none, as behind "f().", whose value nothing but a call could tell. */
static size_t chain_start(const char *line, size_t end)
{
	for (size_t at = end, before;;) {
		for (; at && line[at - 1] == ']'; at = before)
			if ((before = subscript_start(line, at)) == at)
				return end;
		before = name_start(line, at);
		if (before == at)
			return end;
		at = before;
		if (!at || line[at - 1] != '.')
			return at;
		at--;
	}
}

bool complete_in_text(const char *line, size_t point, size_t *start)
{
	char quote = 0;
	bool triple = false;
	for (size_t i = 0; i < point; i++) {
		char c = line[i];
		if (!quote && c == '#') {
			size_t newline = strcspn(line + i, "\n");
			*start = i + 1;
			if (i + newline >= point)
				return true;
			i += newline;
		} else if (!quote && (c == '"' || c == '\'')) {
			triple = i + 2 < point && line[i + 1] == c && line[i + 2] == c;
			i += triple ? 2 : 0;
			*start = i + 1;
			quote = c;
		} else if (quote && c == '\\') {
			i++;
		} else if (quote && c == quote && (!triple || (i + 2 < point && line[i + 1] == c && line[i + 2] == c))) {
			i += triple ? 2 : 0;
			quote = 0;
		}
	}
	return quote != 0;
}

/* The innermost parenthesis still open before `end` that follows a name: where it is, or SIZE_MAX. */
static size_t open_call(const char *line, size_t end)
{
	size_t depth = 0, at[64], start;
	for (size_t i = 0; i < end; i++) {
		if ((line[i] == '"' || line[i] == '\'') && !complete_in_text(line, i, &start)) {
			while (++i < end && complete_in_text(line, i + 1, &start))
				;
		} else if (strchr("([{", line[i]) && depth < 64) {
			at[depth++] = i;
		} else if (strchr(")]}", line[i]) && depth) {
			depth--;
		}
	}
	if (!depth || line[at[depth - 1]] != '(' || !at[depth - 1] || !is_name(line[at[depth - 1] - 1]))
		return SIZE_MAX;
	return at[depth - 1];
}

/* ---- what the names stand for ---------------------------------------------------------------------------------------- */

static value look_up(struct vm *vm, struct dict *globals, const char *name, size_t len)
{
	struct str *s = str_new(vm, name, len);
	value found = value_keep(dict_get_str(globals, s));
	if (is_unset(found))
		found = value_keep(dict_get_str(vm->builtins, s));
	if (is_unset(found))
		found = index_find(vm, s);
	object_drop(s);
	return found;
}

static value attribute(struct vm *vm, value of, const char *name, size_t len)
{
	struct str *s = str_new(vm, name, len);
	value found = value_attr_or_unset(vm, of, s);
	object_drop(s);
	return found;
}

/* of[key], where that runs no code of a user's: in a packet, a list, a tuple, a dict. */
static value subscript(struct vm *vm, struct dict *globals, value of, const char *key, size_t len)
{
	value k;
	if (!is_kind(of, KIND_PACKET) && !is_kind(of, KIND_LIST) && !is_kind(of, KIND_TUPLE) && !is_kind(of, KIND_DICT))
		return VALUE_UNSET;
	if (len && (isdigit((unsigned char)key[0]) || key[0] == '-'))
		k = value_int(strtol(key, NULL, 10));
	else if (len > 1 && (key[0] == '"' || key[0] == '\''))
		k = value_object(str_new(vm, key + 1, len - 2));
	else
		k = look_up(vm, globals, key, len);
	value found = is_unset(k) ? k : value_item(vm, of, k);
	value_drop(k);
	return found;
}

/* One step of a chain from `of` (taken), at *at: ".name" or "[key]". */
static value step(struct vm *vm, struct dict *globals, TAKES value of, const char *chain, size_t len, size_t *at)
{
	bool dot = chain[*at] == '.';
	size_t begin = ++*at;
	while (*at < len && (dot ? is_name(chain[*at]) : chain[*at] != ']'))
		++*at;
	value next = dot ? attribute(vm, of, chain + begin, *at - begin) : subscript(vm, globals, of, chain + begin, *at - begin);
	*at += !dot;
	value_drop(of);
	return next;
}

/* The value of "a.b[0].c"; unset when there is none. */
static value evaluate(struct vm *vm, struct dict *globals, const char *chain, size_t len)
{
	size_t at = 0;
	while (at < len && is_name(chain[at]))
		at++;
	value v = at ? look_up(vm, globals, chain, at) : VALUE_UNSET;
	while (!is_unset(v) && at < len)
		v = step(vm, globals, v, chain, len, &at);
	vm_clear(vm);
	return v;
}

/* ---- the three sorts of words ---------------------------------------------------------------------------------------- */

static void add_keys(struct dict *d, const char *prefix, struct completion *out)
{
	value key, item;
	for (uint32_t i = 0; dict_next(d, &i, &key, &item);)
		if (is_str(key))
			add(out, prefix, as_str(key)->data, as_str(key)->len, "");
}

static void add_names(struct vm *vm, struct dict *globals, const char *prefix, struct completion *out)
{
	for (size_t i = 0; i < sizeof KEYWORDS / sizeof *KEYWORDS; i++)
		add(out, prefix, KEYWORDS[i], strlen(KEYWORDS[i]), "");
	add_keys(globals, prefix, out);
	add_keys(vm->builtins, prefix, out);
	for (size_t i = 0; i < index_count; i++)
		add(out, prefix, index_names[i].name, strlen(index_names[i].name), "");
}

static void add_attributes(struct vm *vm, value of, const char *prefix, struct completion *out)
{
	value dir = dict_get_text(vm, vm->builtins, "dir");
	value names = is_unset(dir) ? VALUE_UNSET : value_call_args(vm, dir, 1, &of);
	const value *items;
	size_t count;
	if (!is_unset(names) && value_items(names, &items, &count))
		for (size_t i = 0; i < count; i++)
			if (is_str(items[i]))
				add(out, prefix, as_str(items[i])->data, as_str(items[i])->len, "");
	value_drop(names);
	vm_clear(vm);
}

/* A layer class takes its fields: the names of what stands in its fields_desc. */
static void add_fields(struct vm *vm, value cls, const char *prefix, struct completion *out)
{
	value fields = value_attr_or_unset(vm, cls, str_intern(vm, "fields_desc"));
	const value *items;
	size_t count;
	if (!is_unset(fields) && value_items(fields, &items, &count))
		for (size_t i = 0; i < count; i++) {
			value name = value_attr_or_unset(vm, items[i], str_intern(vm, "name"));
			if (is_str(name))
				add(out, prefix, as_str(name)->data, as_str(name)->len, "=");
			value_drop(name);
		}
	value_drop(fields);
	vm_clear(vm);
}

/* The parameters in a signature's text, "(a, b=1, *args, key=None)": every name that stands where a parameter can. */
static void add_parameters(const char *text, const char *prefix, struct completion *out)
{
	int depth = 0;
	bool expected = true;
	for (const char *at = text; *at; at++) {
		if (depth <= 1 && expected && is_name(*at) && !isdigit((unsigned char)*at)) {
			size_t len = 0;
			while (is_name(at[len]))
				len++;
			bool starred = at > text && at[-1] == '*';
			if (!starred && !(len == 4 && !memcmp(at, "self", 4)))
				add(out, prefix, at, len, "=");
			at += len - 1;
			expected = false;
		} else if (*at == '(' || *at == '[' || *at == '{') {
			depth++;
		} else if (*at == ')' || *at == ']' || *at == '}') {
			depth--;
		} else if (*at == ',') {
			expected = true;
		} else if (*at == '\'' || *at == '"') {
			const char *end = strchr(at + 1, *at);
			at = end ? end : at + strlen(at) - 1;
		}
	}
}

/* The signature of what would run when v is called, as text; unset: not known. */
static value signature_of(struct vm *vm, value v)
{
	value inner = VALUE_UNSET, text = VALUE_UNSET;
	if (is_kind(v, KIND_FUNCTION))
		text = function_signature(vm, v);
	else if (is_kind(v, KIND_METHOD))
		inner = value_keep(((struct method *)v.o)->function);
	else if (is_kind(v, KIND_NATIVE) && ((struct native_function *)v.o)->spec->signature)
		text = str_value(vm, ((struct native_function *)v.o)->spec->signature);
	else if (is_kind(v, KIND_TYPE))
		inner = value_keep(type_find((struct type *)v.o, vm->names.init_));
	if (is_kind(inner, KIND_FUNCTION))
		text = function_signature(vm, inner);
	value_drop(inner);
	vm_clear(vm);
	return text;
}

static void add_arguments(struct vm *vm, value f, const char *prefix, struct completion *out)
{
	if (is_kind(f, KIND_TYPE))
		add_fields(vm, f, prefix, out);
	value signature = signature_of(vm, f);
	if (is_str(signature))
		add_parameters(as_str(signature)->data, prefix, out);
	value_drop(signature);
}

/* ---- all together ---------------------------------------------------------------------------------------------------- */

static void complete_attribute(struct vm *vm, struct dict *globals, const char *line, size_t start, const char *prefix,
	struct completion *out)
{
	size_t chain = chain_start(line, start - 1);
	value of = evaluate(vm, globals, line + chain, start - 1 - chain);
	if (!is_unset(of))
		add_attributes(vm, of, prefix, out);
	value_drop(of);
}

static void complete_call(struct vm *vm, struct dict *globals, const char *text, size_t end, const char *prefix,
	struct completion *out)
{
	size_t call = open_call(text, end);
	if (call == SIZE_MAX)
		return;
	size_t chain = chain_start(text, call);
	value f = evaluate(vm, globals, text + chain, call - chain);
	if (!is_unset(f))
		add_arguments(vm, f, prefix, out);
	value_drop(f);
}

/* Can a keyword argument stand here: behind "(" or ","? */
static bool argument_begins(const char *text, size_t end)
{
	while (end && isspace((unsigned char)text[end - 1]))
		end--;
	return end && (text[end - 1] == '(' || text[end - 1] == ',');
}

void complete(struct vm *vm, struct dict *globals, const char *before, const char *line, size_t point, struct completion *out)
{
	*out = (struct completion){ .start = name_start(line, point) };
	struct buf text = { 0 }, prefix = { 0 };
	buf_text(&text, before);
	buf_add(&text, line, point);
	buf_add(&prefix, line + out->start, point - out->start);
	size_t end = text.len - prefix.len, ignored;
	if (!complete_in_text(buf_str(&text), text.len, &ignored)) {
		if (out->start && line[out->start - 1] == '.') {
			complete_attribute(vm, globals, line, out->start, buf_str(&prefix), out);
		} else {
			if (argument_begins(buf_str(&text), end))
				complete_call(vm, globals, buf_str(&text), end, buf_str(&prefix), out);
			if (prefix.len || !out->count)
				add_names(vm, globals, buf_str(&prefix), out);
		}
	}
	sort(out);
	buf_free(&text);
	buf_free(&prefix);
}
