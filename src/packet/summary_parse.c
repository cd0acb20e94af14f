/* Parsing summary templates: summary_template.h says what they are. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "packet/printing.h"
#include "packet/summary_template.h"
#include "packet/world.h"

struct parser {
	struct vm *vm;
	const char *at, *end;
	unsigned depth;
};

static bool parse_pieces(struct parser *p, struct piece **pieces, unsigned *count);

static void pieces_free(struct piece *pieces, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		mem_free(pieces[i].text);
		expr_free(pieces[i].test);
		pieces_free(pieces[i].inside, pieces[i].count);
	}
	mem_free(pieces);
}

static struct piece *piece_add(struct piece **pieces, unsigned *count, enum piece_kind kind)
{
	*pieces = mem_resize(*pieces, (*count + 1) * sizeof **pieces);
	struct piece *piece = &(*pieces)[(*count)++];
	*piece = (struct piece){ .kind = kind };
	return piece;
}

static char *text_of(const char *start, const char *end)
{
	char *text = mem_alloc((size_t)(end - start) + 1);
	memcpy(text, start, (size_t)(end - start));
	text[end - start] = 0;
	return text;
}

static void piece_text(struct piece *piece, const char *start, const char *end)
{
	piece->text = text_of(start, end);
	piece->len = (size_t)(end - start);
}

static bool parse_error(struct parser *p, const char *what)
{
	return vm_raise_ok(p->vm, p->vm->errors.ValueError, "summary template: %s", what);
}

/* Behind "{:": the condition to '?', then pieces to '}'. */
static bool parse_if(struct parser *p, struct piece *piece)
{
	const char *question = memchr(p->at, '?', (size_t)(p->end - p->at));
	if (!question)
		return parse_error(p, "'{:' without '?'");
	struct str *text = str_new(p->vm, p->at, (size_t)(question - p->at));
	piece->test = expr_parse(p->vm, text);
	object_drop(text);
	if (!piece->test)
		return false;
	p->at = question + 1;
	struct piece *inside = NULL;
	unsigned count = 0;
	bool ok = ++p->depth < 8 && parse_pieces(p, &inside, &count);
	p->depth--;
	piece->inside = inside;
	piece->count = count;
	if (!ok)
		return vm_pending(p->vm) ? false : parse_error(p, "nested too deep");
	if (p->at == p->end)
		return parse_error(p, "'{' without '}'");
	p->at++;
	return true;
}

/* name[option], name[0].item, name[*].item */
static void take_item(struct vm *vm, struct piece *piece, char *path, char *open, char *close)
{
	bool item = close[1] == '.';
	piece->nth = (size_t)strtoul(open + 1, NULL, 10);
	piece->way = !item ? PATH_OPTION : open[1] == '*' ? PATH_ALL : PATH_ITEM;
	if (item)
		piece->item.name = str_intern(vm, close + 2);
	else
		piece_text(piece, open + 1, close);
	*open = 0;
	piece->at.name = str_intern(vm, path);
}

static bool take_path(struct parser *p, struct piece *piece, char *path)
{
	char *open = strchr(path, '['), *close = open ? strchr(open, ']') : NULL;
	if (open && !close)
		return parse_error(p, "'[' without ']'");
	if (open) {
		take_item(p->vm, piece, path, open, close);
		return true;
	}
	bool under = strncmp(path, "under.", strlen("under.")) == 0;
	piece->way = !strcmp(path, "from") ? PATH_FROM : !strcmp(path, "to") ? PATH_TO : under ? PATH_UNDER : PATH_HERE;
	piece->at.name = str_intern(p->vm, under ? path + strlen("under.") : path);
	return true;
}

static bool parse_field(struct parser *p, struct piece *piece)
{
	const char *close = memchr(p->at, '}', (size_t)(p->end - p->at));
	if (!close)
		return parse_error(p, "'{' without '}'");
	const char *end = close;
	if (end - p->at > 2 && end[-2] == '!') {
		piece->how = end[-1];
		end -= 2;
	}
	char *path = text_of(p->at, end);
	bool ok = take_path(p, piece, path);
	mem_free(path);
	p->at = close + 1;
	return ok;
}

static bool parse_pieces(struct parser *p, struct piece **pieces, unsigned *count)
{
	while (p->at < p->end && *p->at != '}') {
		if (*p->at != '{') {
			const char *start = p->at;
			while (p->at < p->end && *p->at != '{' && *p->at != '}')
				p->at++;
			piece_text(piece_add(pieces, count, PIECE_TEXT), start, p->at);
			continue;
		}
		bool conditional = ++p->at < p->end && *p->at == ':';
		p->at += conditional;
		struct piece *piece = piece_add(pieces, count, conditional ? PIECE_IF : PIECE_FIELD);
		if (!(conditional ? parse_if(p, piece) : parse_field(p, piece)))
			return false;
	}
	return true;
}

static bool template_parse(struct vm *vm, value text, struct template *t)
{
	if (!is_str(text))
		return vm_raise_ok(vm, vm->errors.TypeError, "summary is a text or a tuple of texts, not %s", value_type_name(vm, text));
	struct parser p = { .vm = vm, .at = as_str(text)->data, .end = as_str(text)->data + as_str(text)->len };
	if (!parse_pieces(&p, &t->pieces, &t->count))
		return false;
	return p.at == p.end || parse_error(&p, "'}' without '{'");
}

struct summary *summary_parse(struct vm *vm, value text)
{
	const value *items = &text;
	size_t count = 1;
	if (!is_str(text) && !value_items(text, &items, &count)) {
		vm_raise(vm, vm->errors.TypeError, "summary is a text or a tuple of texts, not %s", value_type_name(vm, text));
		return NULL;
	}
	struct summary *summary = mem_zero(sizeof *summary + count * sizeof summary->templates[0]);
	for (; summary->count < count; summary->count++) {
		if (!template_parse(vm, items[summary->count], &summary->templates[summary->count])) {
			summary->count++;
			summary_free(summary);
			return NULL;
		}
	}
	return summary;
}

void summary_free(struct summary *summary)
{
	for (unsigned i = 0; summary && i < summary->count; i++)
		pieces_free(summary->templates[i].pieces, summary->templates[i].count);
	mem_free(summary);
}
