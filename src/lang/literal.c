/* The text of literals: escapes of strings and bytes, underscores of numbers. What an escape stands for is never longer
 * than the escape, so the decoded text is written into a room of the literal's own length. */
#include <string.h>

#include "lang/parse.h"

struct decoder {
	struct ast *ast;
	const char *text;
	uint32_t at, end;           /* offsets in text */
	char *out;
	unsigned flags;
};

static void put_utf8(struct decoder *d, uint32_t c)
{
	if (c < 0x80) {
		*d->out++ = (char)c;
		return;
	}
	int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
	static const unsigned char lead[] = {0, 0xc0, 0xe0, 0xf0};
	*d->out++ = (char)(lead[more] | c >> (6 * more));
	while (more--)
		*d->out++ = (char)(0x80 | (c >> (6 * more) & 0x3f));
}

static void put(struct decoder *d, uint32_t c)
{
	if (d->flags & LITERAL_BYTES)
		*d->out++ = (char)c;
	else
		put_utf8(d, c);
}

static int digit_of(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : 16;
}

static void octal(struct decoder *d)
{
	uint32_t c = 0;
	for (int i = 0; i < 3 && d->at < d->end && digit_of(d->text[d->at]) < 8; i++)
		c = c * 8 + (uint32_t)digit_of(d->text[d->at++]);
	put(d, d->flags & LITERAL_BYTES ? c & 0xff : c);
}

/* d->at is behind the letter x, u or U. */
static void hexadecimal(struct decoder *d, int digits)
{
	uint32_t start = d->at - 2, c = 0;
	int i = 0;
	for (; i < digits && d->at < d->end && digit_of(d->text[d->at]) < 16; i++)
		c = c << 4 | (uint32_t)digit_of(d->text[d->at++]);
	struct span at = {start, d->at};
	if (i == digits && c <= 0x10ffff)
		put(d, c);
	else if (i == digits)
		ast_error(d->ast, "SyntaxError", at, "(unicode error) illegal Unicode character");
	else if (d->flags & LITERAL_BYTES)
		ast_error(d->ast, "SyntaxError", at, "(value error) invalid \\x escape");
	else
		ast_error(d->ast, "SyntaxError", at, "(unicode error) truncated \\%c%.*s escape", d->text[start + 1], digits, "XXXXXXXX");
}

static bool simple(struct decoder *d, char letter)
{
	static const char from[] = "\\'\"abfnrtv", to[] = "\\'\"\a\b\f\n\r\t\v";
	const char *found = letter ? strchr(from, letter) : NULL;
	if (found)
		*d->out++ = to[found - from];
	return found;
}

/* d->at is behind the backslash. */
static void escape(struct decoder *d)
{
	char letter = d->at < d->end ? d->text[d->at] : 0;
	bool text = !(d->flags & LITERAL_BYTES);
	if (letter >= '0' && letter <= '7') {
		octal(d);
		return;
	}
	if (letter == '\r' && d->at + 1 < d->end && d->text[d->at + 1] == '\n')
		d->at++;
	d->at++;
	if (simple(d, letter) || letter == '\n' || letter == '\r')
		return;
	if (letter == 'x' || (text && (letter == 'u' || letter == 'U'))) {
		hexadecimal(d, letter == 'x' ? 2 : letter == 'u' ? 4 : 8);
	} else if (text && letter == 'N') {
		ast_error(d->ast, "SyntaxError", (struct span){d->at - 2, d->at}, "an escape by character name (\\N{...}) is not in the language");
	} else {
		*d->out++ = '\\';       /* unknown: both stay; what follows is taken as it is, in the next round */
		d->at--;
	}
}

static void one(struct decoder *d)
{
	char c = d->text[d->at++];
	bool pair = d->at < d->end;
	if (c == '\\' && !(d->flags & LITERAL_RAW)) {
		escape(d);
		return;
	}
	if (c == '\r' && pair && d->text[d->at] == '\n')
		c = d->text[d->at++];
	else if ((c == '{' || c == '}') && d->flags & LITERAL_BRACES && pair && d->text[d->at] == c)
		d->at++;
	else if ((unsigned char)c >= 0x80 && d->flags & LITERAL_BYTES)
		ast_error(d->ast, "SyntaxError", (struct span){d->at - 1, d->at}, "bytes can only contain ASCII literal characters");
	*d->out++ = c;
}

struct node *literal_string(struct ast *ast, const char *text, struct span body, struct span whole, unsigned flags)
{
	struct node *n = ast_node(ast, flags & LITERAL_BYTES ? NODE_BYTES : NODE_STR, whole);
	char *room = ast_room(ast, body.end - body.start + 1);
	struct decoder d = {.ast = ast, .text = text, .at = body.start, .end = body.end, .out = room, .flags = flags};
	while (d.at < d.end)
		one(&d);
	*d.out = 0;
	n->text = room;
	n->size = (size_t)(d.out - room);
	return n;
}

const char *literal_number(struct ast *ast, const char *text, size_t len)
{
	char *digits = ast_room(ast, len + 1), *out = digits;
	for (size_t i = 0; i < len; i++)
		if (text[i] != '_')
			*out++ = text[i];
	return digits;
}
