/* re: patterns and the module's functions. */
#include <string.h>

#include "base/mem.h"
#include "lang/modules.h"
#include "lang/re.h"
#include "lang/str.h"

/* About a second of backtracking; what needs more is refused, not waited for. */
enum { MATCH_LIMIT = 20000000, HEAP_LIMIT_KIB = 64 << 10, CACHED = 256 };

static struct pattern *pattern_of(value v) { return (struct pattern *)v.o; }

/* ---- compiling --------------------------------------------------------------------------------------------------------- */

static uint32_t options_of(unsigned flags, bool text)
{
	uint32_t options = PCRE2_NEVER_BACKSLASH_C;

	if (text)
		options |= PCRE2_UTF | PCRE2_NO_UTF_CHECK;
	if (text && !(flags & RE_ASCII))
		options |= PCRE2_UCP;
	if (flags & RE_IGNORECASE)
		options |= PCRE2_CASELESS;
	if (flags & RE_MULTILINE)
		options |= PCRE2_MULTILINE;
	if (flags & RE_DOTALL)
		options |= PCRE2_DOTALL;
	if (flags & RE_VERBOSE)
		options |= PCRE2_EXTENDED;
	return options;
}

/* PCRE2's complaint in Python's words, where Python has some. */
static bool compile_error(struct vm *vm, value source, int code, size_t at)
{
	static const struct { int code; const char *words; } rows[] = {
		{ 106, "unterminated character set" }, { 108, "bad character range" }, { 109, "nothing to repeat" },
		{ 114, "missing ), unterminated subpattern" }, { 115, "unknown group name" }, { 122, "unbalanced parenthesis" },
		{ 125, "look-behind requires fixed-width pattern" }, { 104, "min repeat greater than max repeat" },
		{ 105, "the repetition number is too large" }, { 143, "redefinition of group name" },
	};
	PCRE2_UCHAR words[160];
	struct view view;

	size_t len = is_str(source) ? as_str(source)->len : value_to_view(vm, source, &view) ? view.len : 0;
	at = at > len ? len : at;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].code == code)
			return re_raise(vm, source, at && (code == 109 || code == 122) ? at - 1 : at, "%s", rows[i].words);
	pcre2_get_error_message(code, words, sizeof words);
	return re_raise(vm, source, at, "%s", (char *)words);
}

static void read_names(struct vm *vm, struct pattern *p)
{
	uint32_t count, size;
	const unsigned char *row;

	pcre2_pattern_info(p->code, PCRE2_INFO_NAMECOUNT, &count);
	pcre2_pattern_info(p->code, PCRE2_INFO_NAMEENTRYSIZE, &size);
	pcre2_pattern_info(p->code, PCRE2_INFO_NAMETABLE, &row);
	struct dict *d = dict_new(vm);
	/* the table is in the order of names; Python's is that of numbers */
	for (uint32_t number = 1; number <= p->groups; number++)
		for (uint32_t i = 0; i < count; i++)
			if ((uint32_t)(row[i * size] << 8 | row[i * size + 1]) == number)
				dict_set_str(vm, d, str_intern(vm, (const char *)row + i * size + 2), value_int(number));
	p->names = value_object(d);
}

static value compile(struct vm *vm, value source, unsigned flags)
{
	struct buf text = {0};
	int code;
	size_t at;
	bool is_text = is_str(source);

	if (!re_translate(vm, source, &text, &flags)) {
		buf_free(&text);
		return VALUE_UNSET;
	}
	pcre2_code *compiled = pcre2_compile((PCRE2_SPTR)buf_str(&text), text.len, options_of(flags, is_text), &code, &at, NULL);
	buf_free(&text);
	if (!compiled)
		return compile_error(vm, source, code, at), VALUE_UNSET;
	pcre2_jit_compile(compiled, PCRE2_JIT_COMPLETE);
	struct pattern *p = object_new(vm->own->pattern, 0);
	p->code = compiled;
	p->data = pcre2_match_data_create_from_pattern(compiled, NULL);
	p->limits = pcre2_match_context_create(NULL);
	pcre2_set_match_limit(p->limits, MATCH_LIMIT);
	pcre2_set_heap_limit(p->limits, HEAP_LIMIT_KIB);
	p->source = value_keep(source);
	p->flags = flags | (is_text && !(flags & RE_ASCII) ? RE_UNICODE : 0);
	pcre2_pattern_info(compiled, PCRE2_INFO_CAPTURECOUNT, &p->groups);
	read_names(vm, p);
	return value_object(p);
}

/* A pattern as given: compiled before, in the cache, or to be compiled. */
static value pattern_for(struct vm *vm, value source, value flags_value)
{
	int64_t flags;

	if (!value_to_int64(vm, flags_value, &flags))
		return VALUE_UNSET;
	if (source.tag == TAG_OBJECT && source.o->type == vm->own->pattern) {
		if (flags)
			return vm_raise(vm, vm->errors.ValueError, "cannot process flags argument with a compiled pattern");
		return value_keep(source);
	}
	if (!is_str(source) && !is_bytes(source) && !is_kind(source, KIND_BYTEARRAY))
		return vm_raise(vm, vm->errors.TypeError, "first argument must be string or compiled pattern");
	value key = tuple_of(vm, 3, (value[]){ source, value_int(flags), value_bool(is_str(source)) });
	value cached = is_kind(source, KIND_BYTEARRAY) ? VALUE_UNSET : dict_get(vm, as_dict(vm->own->re_cache), key);
	vm_clear(vm);
	if (is_unset(cached)) {
		cached = compile(vm, source, (unsigned)flags);
		if (as_dict(vm->own->re_cache)->used >= CACHED)
			value_set(&vm->own->re_cache, value_object(dict_new(vm)));
		if (!is_unset(cached) && !is_kind(source, KIND_BYTEARRAY))
			dict_set(vm, as_dict(vm->own->re_cache), key, value_keep(cached));
	} else
		value_keep(cached);
	value_drop(key);
	return cached;
}

/* ---- searching --------------------------------------------------------------------------------------------------------- */

bool re_subject(struct vm *vm, struct pattern *p, value subject, struct view *out)
{
	if (is_str(subject)) {
		*out = (struct view){ (const uint8_t *)as_str(subject)->data, as_str(subject)->len };
		return is_str(p->source) || vm_raise_ok(vm, vm->errors.TypeError, "cannot use a bytes pattern on a string-like object");
	}
	if (!is_bytes(subject) && !is_kind(subject, KIND_BYTEARRAY))
		return vm_raise_ok(vm, vm->errors.TypeError, "expected string or bytes-like object, got '%s'", value_type_name(vm, subject));
	if (is_str(p->source))
		return vm_raise_ok(vm, vm->errors.TypeError, "cannot use a string pattern on a bytes-like object");
	if (!value_to_view(vm, subject, out))
		return false;
	if (!out->bytes)
		out->bytes = (const uint8_t *)"";
	return true;
}

int re_search(struct vm *vm, struct pattern *p, const struct view *subject, size_t from, uint32_t options)
{
	int found = pcre2_match(p->code, (PCRE2_SPTR)subject->bytes, subject->len, from, options | PCRE2_NO_UTF_CHECK, p->data, p->limits);

	if (found >= 0)
		return 1;
	if (found == PCRE2_ERROR_NOMATCH)
		return 0;
	PCRE2_UCHAR words[160];
	pcre2_get_error_message(found, words, sizeof words);
	vm_raise(vm, vm->errors.RuntimeError, "the regular expression gave up: %s", (char *)words);
	return -1;
}

struct scan {
	struct pattern *p;
	value subject;
	struct view view;           /* cut at endpos */
	size_t pos, at;             /* where it may begin; where the next search does */
	bool advance;               /* the last match was empty: the next at the same place must not be */
};

static bool scan_begin(struct vm *vm, struct scan *s, struct pattern *p, value subject, value pos, value endpos)
{
	int64_t from = 0, to = INT64_MAX;

	*s = (struct scan){ .p = p, .subject = subject };
	if (!re_subject(vm, p, subject, &s->view) || (!is_none(pos) && !value_to_int64(vm, pos, &from))
		|| (!is_none(endpos) && !value_to_int64(vm, endpos, &to)))
		return false;
	s->pos = s->at = from > 0 ? re_offset(subject, from) : 0;
	if (to < INT64_MAX)
		s->view.len = re_offset(subject, to);
	return true;
}

/* 1: the next match's offsets are in s->p->data; 0: no more; -1: raised. */
static int scan_next(struct vm *vm, struct scan *s)
{
	if (s->at > s->view.len)
		return 0;
	if (!vm_poll(vm))
		return -1;
	int found = re_search(vm, s->p, &s->view, s->at, s->advance ? PCRE2_NOTEMPTY_ATSTART : 0);
	const size_t *at = pcre2_get_ovector_pointer(s->p->data);
	if (found == 1) {
		s->at = at[1];
		s->advance = at[0] == at[1];
	}
	return found;
}

/* search, match and fullmatch differ in these options. */
static value find(struct vm *vm, struct pattern *p, value subject, value pos, value endpos, uint32_t options)
{
	struct scan s;

	if (!scan_begin(vm, &s, p, subject, pos, endpos))
		return VALUE_UNSET;
	int found = s.at > s.view.len ? 0 : re_search(vm, p, &s.view, s.at, options);
	return found < 0 ? VALUE_UNSET : found ? re_match_new(vm, p, subject, s.pos, s.view.len) : VALUE_NONE;
}

static value find_all(struct vm *vm, struct pattern *p, value subject, value pos, value endpos)
{
	struct list *all = list_new(vm, 0);
	struct scan s;
	int found = -1;

	if (scan_begin(vm, &s, p, subject, pos, endpos))
		while ((found = scan_next(vm, &s)) > 0) {
			const size_t *at = pcre2_get_ovector_pointer(p->data);
			struct tuple *t = p->groups > 1 ? tuple_new(vm, p->groups) : NULL;
			for (uint32_t g = p->groups > 0; g <= p->groups; g++) {
				size_t from = at[2 * g] == PCRE2_UNSET ? 0 : at[2 * g], to = at[2 * g] == PCRE2_UNSET ? 0 : at[2 * g + 1];
				value text = re_slice(vm, subject, from, to);
				if (t)
					t->items[g - 1] = text;
				else
					list_append(all, text);
			}
			if (t)
				list_append(all, value_object(t));
		}
	if (found == 0)
		return value_object(all);
	object_drop(all);
	return VALUE_UNSET;
}

/* The matches as a list: finditer gives an iterator over it. */
static value find_matches(struct vm *vm, struct pattern *p, value subject, value pos, value endpos)
{
	struct list *all = list_new(vm, 0);
	struct scan s;
	int found = -1;

	if (scan_begin(vm, &s, p, subject, pos, endpos))
		while ((found = scan_next(vm, &s)) > 0)
			list_append(all, re_match_new(vm, p, subject, s.pos, s.view.len));
	value it = found == 0 ? value_iterate(vm, value_object(all)) : VALUE_UNSET;
	object_drop(all);
	return it;
}

static value split(struct vm *vm, struct pattern *p, value subject, value most_value)
{
	struct list *parts = list_new(vm, 0);
	struct scan s;
	int64_t most, count = 0;
	size_t behind = 0;
	int found = -1;

	if (value_to_int64(vm, most_value, &most) && scan_begin(vm, &s, p, subject, VALUE_NONE, VALUE_NONE))
		while ((found = most > 0 && count >= most ? 0 : scan_next(vm, &s)) > 0) {
			const size_t *at = pcre2_get_ovector_pointer(p->data);
			list_append(parts, re_slice(vm, subject, behind, at[0]));
			for (uint32_t g = 1; g <= p->groups; g++)
				list_append(parts, at[2 * g] == PCRE2_UNSET ? VALUE_NONE : re_slice(vm, subject, at[2 * g], at[2 * g + 1]));
			behind = at[1];
			count++;
		}
	if (found == 0) {
		list_append(parts, re_slice(vm, subject, behind, s.view.len));
		return value_object(parts);
	}
	object_drop(parts);
	return VALUE_UNSET;
}

/* ---- substitution -------------------------------------------------------------------------------------------------------- */

/* What a function gives for the match just found. */
static bool add_called(struct vm *vm, struct scan *s, value function, struct buf *out)
{
	value match = re_match_new(vm, s->p, s->subject, s->pos, s->view.len);
	value text = value_call_args(vm, function, 1, &match);
	struct view view;

	value_drop(match);
	if (is_unset(text))
		return false;
	bool ok = is_none(text) || (is_str(text) != is_str(s->p->source)
		? vm_raise_ok(vm, vm->errors.TypeError, "sequence item 1: expected %s instance, %s found", is_str(s->p->source) ? "str" : "a bytes-like object",
			value_type_name(vm, text))
		: re_subject(vm, s->p, text, &view) && (buf_add(out, view.bytes, view.len), true));
	value_drop(text);
	return ok;
}

static bool substitute(struct vm *vm, struct scan *s, value function, const struct template *t, int64_t most, struct buf *out, int64_t *count)
{
	size_t behind = 0;
	int found = 0;

	for (*count = 0; (most <= 0 || *count < most) && (found = scan_next(vm, s)) > 0; ++*count) {
		const size_t *at = pcre2_get_ovector_pointer(s->p->data);
		size_t end = at[1];
		buf_add(out, s->view.bytes + behind, at[0] - behind);
		if (t)
			re_template_write(t, &s->view, at, out);
		else if (!add_called(vm, s, function, out))
			return false;
		behind = end;
	}
	buf_add(out, s->view.bytes + behind, s->view.len - behind);
	return found >= 0;
}

/* sub and subn: the new text, and how many were replaced. */
static value replace(struct vm *vm, struct pattern *p, value by, value subject, value most_value, bool counted)
{
	struct template t = {0};
	struct scan s;
	struct view text;
	struct buf out = {0};
	int64_t most, count = 0;
	bool function = value_is_callable(vm, by);

	if (!value_to_int64(vm, most_value, &most) || !scan_begin(vm, &s, p, subject, VALUE_NONE, VALUE_NONE))
		return VALUE_UNSET;
	if (!function && (!re_subject(vm, p, by, &text) || !re_template(vm, p, (const char *)text.bytes, text.len, !is_str(by), &t)))
		return VALUE_UNSET;
	bool ok = substitute(vm, &s, by, function ? NULL : &t, most, &out, &count);
	re_template_free(&t);
	value r = !ok ? VALUE_UNSET : !count ? value_keep(subject) : is_str(subject) ? value_object(str_new(vm, buf_str(&out), out.len))
		: bytes_value(vm, buf_str(&out), out.len);
	buf_free(&out);
	if (!counted || is_unset(r))
		return r;
	value pair = tuple_of(vm, 2, (value[]){ r, value_int(count) });
	value_drop(r);
	return pair;
}

/* ---- the pattern's methods, and the module's functions, which compile first --------------------------------------------- */

enum { ANCHORED = PCRE2_ANCHORED, WHOLE = PCRE2_ANCHORED | PCRE2_ENDANCHORED };

static value pattern_search(struct vm *vm, value *a) { return find(vm, pattern_of(a[0]), a[1], a[2], a[3], 0); }
static value pattern_match(struct vm *vm, value *a) { return find(vm, pattern_of(a[0]), a[1], a[2], a[3], ANCHORED); }
static value pattern_fullmatch(struct vm *vm, value *a) { return find(vm, pattern_of(a[0]), a[1], a[2], a[3], WHOLE); }
static value pattern_findall(struct vm *vm, value *a) { return find_all(vm, pattern_of(a[0]), a[1], a[2], a[3]); }
static value pattern_finditer(struct vm *vm, value *a) { return find_matches(vm, pattern_of(a[0]), a[1], a[2], a[3]); }
static value pattern_split(struct vm *vm, value *a) { return split(vm, pattern_of(a[0]), a[1], a[2]); }
static value pattern_sub(struct vm *vm, value *a) { return replace(vm, pattern_of(a[0]), a[1], a[2], a[3], false); }
static value pattern_subn(struct vm *vm, value *a) { return replace(vm, pattern_of(a[0]), a[1], a[2], a[3], true); }

static value re_find(struct vm *vm, value *a, uint32_t options)
{
	value p = pattern_for(vm, a[0], a[2]);
	value r = is_unset(p) ? p : find(vm, pattern_of(p), a[1], VALUE_NONE, VALUE_NONE, options);
	value_drop(p);
	return r;
}
static value re_search_function(struct vm *vm, value *a) { return re_find(vm, a, 0); }
static value re_match(struct vm *vm, value *a) { return re_find(vm, a, ANCHORED); }
static value re_fullmatch(struct vm *vm, value *a) { return re_find(vm, a, WHOLE); }
static value re_compile(struct vm *vm, value *a) { return pattern_for(vm, a[0], a[1]); }

static value re_findall(struct vm *vm, value *a)
{
	value p = pattern_for(vm, a[0], a[2]);
	value r = is_unset(p) ? p : find_all(vm, pattern_of(p), a[1], VALUE_NONE, VALUE_NONE);
	value_drop(p);
	return r;
}

static value re_finditer(struct vm *vm, value *a)
{
	value p = pattern_for(vm, a[0], a[2]);
	value r = is_unset(p) ? p : find_matches(vm, pattern_of(p), a[1], VALUE_NONE, VALUE_NONE);
	value_drop(p);
	return r;
}

static value re_split(struct vm *vm, value *a)
{
	value p = pattern_for(vm, a[0], a[3]);
	value r = is_unset(p) ? p : split(vm, pattern_of(p), a[1], a[2]);
	value_drop(p);
	return r;
}

static value re_replace(struct vm *vm, value *a, bool counted)
{
	value p = pattern_for(vm, a[0], a[4]);
	value r = is_unset(p) ? p : replace(vm, pattern_of(p), a[1], a[2], a[3], counted);
	value_drop(p);
	return r;
}
static value re_sub(struct vm *vm, value *a) { return re_replace(vm, a, false); }
static value re_subn(struct vm *vm, value *a) { return re_replace(vm, a, true); }

static value re_escape(struct vm *vm, value *a)
{
	struct buf b = {0};
	struct view view;

	if (is_str(a[0]))
		view = (struct view){ (const uint8_t *)as_str(a[0])->data, as_str(a[0])->len };
	else if (!value_to_view(vm, a[0], &view))
		return VALUE_UNSET;
	for (size_t i = 0; i < view.len; i++) {
		if (view.bytes[i] && strchr("()[]{}?*+-|^$\\.&~# \t\n\r\v\f", view.bytes[i]))
			buf_char(&b, '\\');
		buf_char(&b, (char)view.bytes[i]);
	}
	if (is_str(a[0]))
		return str_from_buf(vm, &b);
	value v = bytes_value(vm, buf_str(&b), b.len);
	buf_free(&b);
	return v;
}

static value re_purge(struct vm *vm, value *a)
{
	value_set(&vm->own->re_cache, value_object(dict_new(vm)));
	return VALUE_NONE;
}

/* ---- the type ---------------------------------------------------------------------------------------------------------- */

static void pattern_release(struct object *o)
{
	struct pattern *p = (struct pattern *)o;
	pcre2_code_free(p->code);
	pcre2_match_data_free(p->data);
	pcre2_match_context_free(p->limits);
	value_drop(p->source);
	value_drop(p->names);
}

static void pattern_visit(struct object *o, visit_fn visit, void *state)
{
	visit_value(((struct pattern *)o)->names, visit, state);
	visit_value(((struct pattern *)o)->source, visit, state);
}

static bool pattern_repr(struct vm *vm, value self, struct buf *out)
{
	static const struct { unsigned flag; const char *name; } rows[] = {
		{ RE_IGNORECASE, "re.IGNORECASE" }, { RE_MULTILINE, "re.MULTILINE" }, { RE_DOTALL, "re.DOTALL" }, { RE_VERBOSE, "re.VERBOSE" },
		{ RE_ASCII, "re.ASCII" },
	};
	struct pattern *p = pattern_of(self);
	const char *before = ", ";

	buf_text(out, "re.compile(");
	if (!value_repr_to(vm, p->source, out))
		return false;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (p->flags & rows[i].flag) {
			buf_print(out, "%s%s", before, rows[i].name);
			before = "|";
		}
	buf_char(out, ')');
	return true;
}

static value get_pattern(struct vm *vm, value self) { return value_keep(pattern_of(self)->source); }
static value get_flags(struct vm *vm, value self) { return value_int(pattern_of(self)->flags); }
static value get_groups(struct vm *vm, value self) { return value_int(pattern_of(self)->groups); }
static value get_groupindex(struct vm *vm, value self) { return value_keep(pattern_of(self)->names); }

#define PLACE "string, pos=None, endpos=None"
static const struct native pattern_methods[] = {
	{ "search", pattern_search, PLACE, "The first match anywhere, or None." },
	{ "match", pattern_match, PLACE, "The match at the start, or None." },
	{ "fullmatch", pattern_fullmatch, PLACE, "The match of the whole text, or None." },
	{ "findall", pattern_findall, PLACE, "All matches: texts, or tuples of groups." },
	{ "finditer", pattern_finditer, PLACE, "All matches as Match objects." },
	{ "split", pattern_split, "string, maxsplit=0", "The parts between the matches." },
	{ "sub", pattern_sub, "repl, string, count=0", "The text with matches replaced by repl, a text or a function of the match." },
	{ "subn", pattern_subn, "repl, string, count=0", "The same, and how many were replaced." },
	{0}
};
static const struct getset pattern_attrs[] = {
	{ "pattern", get_pattern, NULL, "The pattern as given." }, { "flags", get_flags, NULL, "Its flags." },
	{ "groups", get_groups, NULL, "How many groups it has." }, { "groupindex", get_groupindex, NULL, "Their names and numbers." }, {0}
};
const struct type_spec re_pattern_spec = {
	.name = "Pattern", .doc = "A compiled regular expression.", .size = sizeof(struct pattern), .flags = TYPE_CONTAINER,
	.slots = { .release = pattern_release, .visit = pattern_visit, .repr = pattern_repr }, .methods = pattern_methods,
	.attrs = pattern_attrs,
};

static const struct native functions[] = {
	{ "compile", re_compile, "pattern, flags=0", "A pattern to be used several times." },
	{ "search", re_search_function, "pattern, string, flags=0", "The first match anywhere, or None." },
	{ "match", re_match, "pattern, string, flags=0", "The match at the start, or None." },
	{ "fullmatch", re_fullmatch, "pattern, string, flags=0", "The match of the whole text, or None." },
	{ "findall", re_findall, "pattern, string, flags=0", "All matches: texts, or tuples of groups." },
	{ "finditer", re_finditer, "pattern, string, flags=0", "All matches as Match objects." },
	{ "split", re_split, "pattern, string, maxsplit=0, flags=0", "The parts between the matches." },
	{ "sub", re_sub, "pattern, repl, string, count=0, flags=0", "The text with matches replaced by repl, a text or a function of the match." },
	{ "subn", re_subn, "pattern, repl, string, count=0, flags=0", "The same, and how many were replaced." },
	{ "escape", re_escape, "pattern", "The text with everything escaped that means something in a pattern." },
	{ "purge", re_purge, "", "Forgets compiled patterns." },
	{0}
};

static bool fill(struct vm *vm, struct dict *g)
{
	static const struct module_number flags[] = {
		{ "I", RE_IGNORECASE }, { "IGNORECASE", RE_IGNORECASE }, { "L", RE_LOCALE }, { "LOCALE", RE_LOCALE }, { "M", RE_MULTILINE },
		{ "MULTILINE", RE_MULTILINE }, { "S", RE_DOTALL }, { "DOTALL", RE_DOTALL }, { "U", RE_UNICODE }, { "UNICODE", RE_UNICODE },
		{ "X", RE_VERBOSE }, { "VERBOSE", RE_VERBOSE }, { "A", RE_ASCII }, { "ASCII", RE_ASCII }, { "NOFLAG", 0 }, {0}
	};

	vm->own->re_error = module_new_error(vm, g, "re", "error", vm->errors.Exception);
	vm->own->pattern = module_new_type(vm, g, &re_pattern_spec, "re");
	vm->own->match = module_new_type(vm, g, &re_match_spec, "re");
	vm->own->re_cache = value_object(dict_new(vm));
	module_add_numbers(vm, g, flags);
	return true;
}

const struct module_spec module_re = { "re", "Regular expressions.", functions, fill };
