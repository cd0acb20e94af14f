#include "shell/paste.h"

#include <string.h>

size_t paste_blanks(const char *line, size_t len)
{
	size_t n = 0;
	while (n < len && (line[n] == ' ' || line[n] == '\t'))
		n++;
	return n;
}

size_t paste_prompt(const char *line, size_t len, bool more)
{
	if (len < 3 || (memcmp(line, ">>>", 3) && !(more && !memcmp(line, "...", 3))))
		return 0;
	if (len == 3)
		return 3;
	return line[3] == ' ' ? 4 : 0;
}

static void unify_newlines(const char *text, size_t len, struct buf *out)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\r' && i + 1 < len && text[i + 1] == '\n')
			continue;
		if (text[i])
			buf_char(out, text[i] == '\r' ? '\n' : text[i]);
	}
	while (out->len && out->data[out->len - 1] == '\n')
		out->len--;
}

/* Where the line at `at` ends. */
static size_t line_end(const struct buf *b, size_t at)
{
	const char *newline = at < b->len ? memchr(b->data + at, '\n', b->len - at) : NULL;
	return newline ? (size_t)(newline - b->data) : b->len;
}

static void clean_line(const char *line, size_t len, size_t indent, bool session, struct buf *out)
{
	size_t blanks = paste_blanks(line, len), skip = blanks < indent ? blanks : indent;
	if (session) {
		size_t prompt = paste_prompt(line + skip, len - skip, true);
		if (!prompt)
			return;
		skip += prompt;
	}
	buf_add(out, line + skip, len - skip);
	buf_char(out, '\n');
}

void paste_clean(const char *text, size_t len, struct buf *out)
{
	struct buf lines = { 0 };
	unify_newlines(text, len, &lines);
	size_t first = 0, end, begun = out->len;
	while (first < lines.len && paste_blanks(lines.data + first, line_end(&lines, first) - first) == line_end(&lines, first) - first)
		first = line_end(&lines, first) + 1;
	if (first < lines.len) {
		size_t size = line_end(&lines, first) - first, indent = paste_blanks(lines.data + first, size);
		bool session = paste_prompt(lines.data + first + indent, size - indent, false) > 0;
		for (size_t at = first; at < lines.len; at = end + 1) {
			end = line_end(&lines, at);
			clean_line(lines.data + at, end - at, indent, session, out);
		}
	}
	while (out->len > begun && out->data[out->len - 1] == '\n')
		out->data[--out->len] = 0;
	buf_free(&lines);
}
