#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "lang/modules.h"
#include "lang/re.h"

struct reader {
	struct vm *vm;
	value source;
	const char *text;
	size_t len, at;
	struct buf *out;
	unsigned *flags;
	bool bytes;
	size_t groups;              /* opened so far */
	struct buf open;            /* where each parenthesis that is open began: size_t after size_t */
};

bool re_raise(struct vm *vm, value pattern, size_t at, const char *format, ...)
{
	struct buf text = {0};
	va_list args;

	va_start(args, format);
	buf_vprint(&text, format, args);
	va_end(args);
	value plain = str_value(vm, buf_str(&text));
	size_t index = is_str(pattern) ? re_index(pattern, at) : at;
	buf_print(&text, " at position %zu", index);
	value error = exception_new(vm, vm->own->re_error, str_from_buf(vm, &text));
	struct dict *d = instance_dict(error.o, true);
	dict_set_text(vm, d, "msg", plain);
	dict_set_text(vm, d, "pattern", value_keep(pattern));
	dict_set_text(vm, d, "pos", value_int((int64_t)index));
	vm_raise_value(vm, error);
	return false;
}

static int peek(const struct reader *r, size_t ahead)
{
	return r->at + ahead < r->len ? (unsigned char)r->text[r->at + ahead] : -1;
}

static bool looking_at(const struct reader *r, const char *text)
{
	size_t len = strlen(text);
	return r->len - r->at >= len && !memcmp(r->text + r->at, text, len);
}

/* ---- escapes --------------------------------------------------------------------------------------------------------- */

/* Exactly `digits` hexadecimal digits at `from`. */
static bool hex_digits(struct reader *r, size_t from, int digits, uint32_t *out)
{
	*out = 0;
	for (int i = 0; i < digits; i++) {
		int c = peek(r, from + (size_t)i);
		if (c < 0 || !isxdigit(c))
			return false;
		*out = *out << 4 | (uint32_t)(isdigit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	return true;
}

static bool hex_escape(struct reader *r, int digits)
{
	uint32_t code;
	size_t start = r->at;

	if (!hex_digits(r, 2, digits, &code))
		return re_raise(r->vm, r->source, start, "incomplete escape \\%c", peek(r, 1));
	if (code > 0x10ffff)
		return re_raise(r->vm, r->source, start, "bad escape \\%c", peek(r, 1));
	buf_print(r->out, "\\x{%x}", code);
	r->at += 2 + (size_t)digits;
	return true;
}

/* \0, \012, \123 are characters; \1 to \99 are groups. */
static bool number_escape(struct reader *r, bool in_class)
{
	int first = peek(r, 1), second = peek(r, 2), third = peek(r, 3);
	bool octal2 = second >= '0' && second <= '7', octal3 = octal2 && third >= '0' && third <= '7';

	if (first == '0' || (first <= '7' && octal3) || (in_class && first <= '7')) {
		size_t digits = octal3 ? 3 : octal2 ? 2 : 1;
		long code = 0;
		for (size_t i = 0; i < digits; i++)
			code = code * 8 + (peek(r, 1 + i) - '0');
		if (code > 0377)
			return re_raise(r->vm, r->source, r->at, "octal escape value \\%.3s outside of range 0-0o377", r->text + r->at + 1);
		buf_print(r->out, "\\x{%lx}", code);
		r->at += 1 + digits;
		return true;
	}
	if (in_class)
		return re_raise(r->vm, r->source, r->at, "bad escape \\%c", first);
	size_t number = (size_t)(first - '0'), digits = 1;
	if (second >= '0' && second <= '9')
		number = number * 10 + (size_t)(second - '0'), digits = 2;
	if (number > r->groups)
		return re_raise(r->vm, r->source, r->at + 1, "invalid group reference %zu", number);
	buf_print(r->out, "\\g{%zu}", number);
	r->at += 1 + digits;
	return true;
}

static bool escape(struct reader *r, bool in_class)
{
	int c = peek(r, 1);

	if (c < 0)
		return re_raise(r->vm, r->source, r->at, "bad escape (end of pattern)");
	if (isdigit(c))
		return number_escape(r, in_class);
	if (c == 'x' || (!r->bytes && (c == 'u' || c == 'U')))
		return hex_escape(r, c == 'x' ? 2 : c == 'u' ? 4 : 8);
	if (c == 'v' || c == 'Z')
		buf_text(r->out, c == 'v' ? "\\x0b" : "\\z");
	else if (isalpha(c) && !strchr(in_class ? "abdDsSwWfnrt" : "AbBdDsSwWafnrt", c))
		return re_raise(r->vm, r->source, r->at, "bad escape \\%c", c);
	else if (c >= 0x80)
		buf_add(r->out, r->text + r->at + 1, 1);        /* the rest of the character follows as it is */
	else {
		buf_char(r->out, '\\');
		buf_char(r->out, (char)c);
	}
	if (c == 'Z' && in_class)
		return re_raise(r->vm, r->source, r->at, "bad escape \\Z");
	r->at += 2;
	return true;
}

/* ---- character classes ------------------------------------------------------------------------------------------------- */

static bool class(struct reader *r)
{
	size_t start = r->at++;

	buf_char(r->out, '[');
	if (peek(r, 0) == '^') {
		buf_char(r->out, '^');
		r->at++;
	}
	for (bool first = true; first || peek(r, 0) != ']'; first = false) {
		int c = peek(r, 0);
		if (c < 0)
			return re_raise(r->vm, r->source, start, "unterminated character set");
		if (c == '\\') {
			if (!escape(r, true))
				return false;
			continue;
		}
		if (c == '[' || (c == ']' && first))            /* no [:alpha:] in Python */
			buf_char(r->out, '\\');
		buf_char(r->out, (char)c);
		r->at++;
	}
	buf_char(r->out, ']');
	r->at++;
	return true;
}

/* ---- groups ------------------------------------------------------------------------------------------------------------ */

static unsigned flag_of(int letter)
{
	static const struct { char letter; unsigned flag; } rows[] = {
		{ 'i', RE_IGNORECASE }, { 'L', RE_LOCALE }, { 'm', RE_MULTILINE }, { 's', RE_DOTALL }, { 'u', RE_UNICODE }, { 'x', RE_VERBOSE },
		{ 'a', RE_ASCII },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].letter == letter)
			return rows[i].flag;
	return 0;
}

/* (?ims) at the start, (?ims-x:...) anywhere. r->at stands behind "(?". */
static bool flag_group(struct reader *r, size_t start)
{
	struct buf letters = {0};
	unsigned flags = 0;
	bool minus = false, ok = true;
	int c;

	while ((c = peek(r, 0)) >= 0 && c != ')' && c != ':') {
		if (c == '-' && !minus)
			minus = true;
		else if (!flag_of(c))
			break;
		else if (!minus)
			flags |= flag_of(c);
		if (strchr("imsx-", c))
			buf_char(&letters, (char)c);
		r->at++;
	}
	if (c != ')' && c != ':')
		ok = re_raise(r->vm, r->source, r->at, c < 0 ? "missing -, : or )" : "unknown flag");
	else if (c == ')' && (start || minus))
		ok = re_raise(r->vm, r->source, start, "global flags not at the start of the expression");
	else if (c == ')')
		*r->flags |= flags;
	else
		buf_print(r->out, "(?%s:", buf_str(&letters));
	r->at++;
	buf_free(&letters);
	return ok;
}

/* A name up to `end`, copied to the output with it. */
static bool group_name(struct reader *r, char end)
{
	size_t start = r->at;
	const char *stop = memchr(r->text + r->at, end, r->len - r->at);

	if (!stop)
		return re_raise(r->vm, r->source, start, "missing %c, unterminated name", end);
	size_t len = (size_t)(stop - r->text) - start;
	if (!len)
		return re_raise(r->vm, r->source, start, "missing group name");
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)r->text[start + i];
		if (!(isalpha(c) || c == '_' || c >= 0x80 || (i && isdigit(c))) || len > 32)
			return re_raise(r->vm, r->source, start, "bad character in group name '%.*s'", (int)len, r->text + start);
	}
	buf_add(r->out, r->text + start, len);
	r->at = start + len + 1;
	return true;
}

static bool conditional(struct reader *r)
{
	const char *stop = memchr(r->text + r->at, ')', r->len - r->at);
	bool number = stop && isdigit((unsigned char)r->text[r->at]);

	if (number) {
		buf_print(r->out, "(?(%ld)", strtol(r->text + r->at, NULL, 10));
		r->at = (size_t)(stop - r->text) + 1;
		return true;
	}
	buf_text(r->out, "(?(<");
	if (!group_name(r, ')'))
		return false;
	buf_text(r->out, ">)");
	return true;
}

static bool extension(struct reader *r)
{
	static const char *const plain[] = { "(?:", "(?=", "(?!", "(?<=", "(?<!", "(?>" };
	size_t start = r->at;

	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
		if (looking_at(r, plain[i])) {
			buf_text(r->out, plain[i]);
			r->at += strlen(plain[i]);
			return true;
		}
	if (looking_at(r, "(?#")) {
		const char *end = memchr(r->text + r->at, ')', r->len - r->at);
		if (!end)
			return re_raise(r->vm, r->source, start, "missing ), unterminated comment");
		r->at = (size_t)(end - r->text) + 1;
		return true;
	}
	if (looking_at(r, "(?P<")) {
		r->groups++;
		r->at += 4;
		buf_text(r->out, "(?P<");
		return group_name(r, '>') && (buf_char(r->out, '>'), true);
	}
	if (looking_at(r, "(?P=")) {
		r->at += 4;
		buf_text(r->out, "(?P=");
		return group_name(r, ')') && (buf_char(r->out, ')'), true);
	}
	if (looking_at(r, "(?(")) {
		r->at += 3;
		return conditional(r);
	}
	int c = peek(r, 2);
	if (c == '-' || flag_of(c)) {
		r->at += 2;
		return flag_group(r, start);
	}
	if (c == 'P' || c == '<')
		return re_raise(r->vm, r->source, start + 1, "unknown extension ?%c%c", c, peek(r, 3) < 0 ? ' ' : peek(r, 3));
	return c < 0 ? re_raise(r->vm, r->source, start + 1, "unexpected end of pattern")
		: re_raise(r->vm, r->source, start + 1, "unknown extension ?%c", c);
}

static void opened(struct reader *r, size_t at)
{
	buf_add(&r->open, &at, sizeof at);
}

static bool closed(struct reader *r)
{
	if (!r->open.len)
		return re_raise(r->vm, r->source, r->at, "unbalanced parenthesis");
	r->open.len -= sizeof(size_t);
	buf_char(r->out, ')');
	r->at++;
	return true;
}

/* Whether what extension() just read stands open: not a comment, a flag group or (?P=name). */
static bool extended(struct reader *r)
{
	size_t start = r->at, before = r->out->len;
	bool whole = looking_at(r, "(?P=");

	if (!extension(r))
		return false;
	if (r->out->len > before && !whole)
		opened(r, start);
	return true;
}

static bool group(struct reader *r)
{
	if (peek(r, 1) == '?')
		return extended(r);
	if (peek(r, 1) == '*')                          /* PCRE2's verbs */
		return re_raise(r->vm, r->source, r->at + 1, "nothing to repeat");
	r->groups++;
	opened(r, r->at);
	buf_char(r->out, '(');
	r->at++;
	return true;
}

static bool one(struct reader *r)
{
	switch (peek(r, 0)) {
	case '\\':
		return escape(r, false);
	case '[':
		return class(r);
	case '(':
		return group(r);
	case ')':
		return closed(r);
	case '{':
		if (peek(r, 1) == ',' && (isdigit(peek(r, 2)) || peek(r, 2) == '}')) {         /* {,n} is {0,n} */
			buf_text(r->out, "{0,");
			r->at += 2;
			return true;
		}
	}
	buf_char(r->out, r->text[r->at++]);
	return true;
}

bool re_translate(struct vm *vm, value source, struct buf *out, unsigned *flags)
{
	struct reader r = { .vm = vm, .source = source, .out = out, .flags = flags, .bytes = !is_str(source) };
	struct view view;

	if (is_str(source))
		view = (struct view){ (const uint8_t *)as_str(source)->data, as_str(source)->len };
	else if (!value_to_view(vm, source, &view))
		return false;
	r.text = (const char *)view.bytes;
	r.len = view.len;
	bool ok = true;
	while (ok && r.at < r.len)
		ok = one(&r);
	if (ok && r.open.len) {
		size_t innermost;
		memcpy(&innermost, r.open.data + r.open.len - sizeof innermost, sizeof innermost);
		ok = re_raise(vm, source, innermost, "missing ), unterminated subpattern");
	}
	buf_free(&r.open);
	return ok;
}
