#include "shell/unit.h"

#include <ctype.h>
#include <string.h>

#include "shell/paste.h"

static const char NAME[] = "<prompt>";

void unit_init(struct unit *u)
{
	*u = (struct unit){ .feeder = feeder_new(NAME) };
}

void unit_free(struct unit *u)
{
	feeder_free(u->feeder);
	buf_free(&u->text);
}

void unit_drop(struct unit *u)
{
	feeder_free(u->feeder);
	u->feeder = feeder_new(NAME);
	u->open = false;
	buf_clear(&u->text);
}

/* "x?" or "x.y[0]?" asks for help; anything with other signs in it is left to the parser. */
static bool asks_help(const char *line, size_t len, size_t *subject)
{
	while (len && isspace((unsigned char)line[len - 1]))
		len--;
	if (len < 2 || line[len - 1] != '?')
		return false;
	while (len && (line[len - 1] == '?' || line[len - 1] == ' '))
		len--;
	*subject = len;
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)line[i]) && !strchr("_.[]\"'", line[i]) && !(line[i] & 0x80))
			return false;
	return len > 0;
}

/* What stands before the line's own text: blanks and a copied prompt. */
static size_t leading(struct unit *u, const char *line, size_t len)
{
	size_t blanks = paste_blanks(line, len);
	if (!u->open) {
		u->indent = blanks;
		size_t prompt = paste_prompt(line + blanks, len - blanks, false);
		u->prompts = prompt > 0;
		return blanks + prompt;
	}
	size_t skip = blanks < u->indent ? blanks : u->indent;
	return skip + (u->prompts ? paste_prompt(line + skip, len - skip, true) : 0);
}

enum feed unit_line(struct unit *u, const char *line)
{
	size_t len = strlen(line), skip, subject;
	bool paste = memchr(line, '\n', len) != NULL;
	if (!u->open)
		buf_clear(&u->text);
	else
		buf_char(&u->text, '\n');
	skip = paste ? 0 : leading(u, line, len);
	if (paste)
		u->indent = 0, u->prompts = false;
	size_t begun = u->text.len;
	if (!u->open && !paste && asks_help(line + skip, len - skip, &subject))
		buf_print(&u->text, "help(%.*s)", (int)subject, line + skip);
	else
		buf_add(&u->text, line + skip, len - skip);
	buf_char(&u->text, '\n');
	enum feed state = feeder_line(u->feeder, u->text.data + begun, u->text.len - begun, paste);
	u->text.data[--u->text.len] = 0;
	u->open = state == FEED_MORE;
	return state;
}
