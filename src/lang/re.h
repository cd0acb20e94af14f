/* re: Python's regular expressions over PCRE2. A pattern is translated into PCRE2's notation: what only one of the two has
 * is refused or rewritten, so that a pattern means what it means in Python. Matching is bounded by PCRE2's limits. */
#ifndef LANG_RE_H
#define LANG_RE_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/buf.h"
#include "lang/types.h"
#include "lang/vm.h"

enum re_flags {
	RE_IGNORECASE = 2, RE_LOCALE = 4, RE_MULTILINE = 8, RE_DOTALL = 16, RE_UNICODE = 32, RE_VERBOSE = 64, RE_DEBUG = 128, RE_ASCII = 256,
};

struct pattern {
	struct container head;
	pcre2_code *code;
	pcre2_match_data *data;     /* lent to the search that runs */
	pcre2_match_context *limits;
	value source;               /* a str or bytes */
	unsigned flags;
	uint32_t groups;
	value names;                /* a dict: group name -> number */
};

/* One match: byte offsets into the subject, a pair a group, PCRE2_UNSET where a group took no part. */
struct match {
	struct container head;
	struct pattern *pattern;
	value subject;
	size_t pos, end;            /* where the search could look */
	uint32_t last;              /* the last group that closed; 0: none */
	size_t at[];
};

/* The subject of a search as bytes; TypeError when pattern and subject are not of one kind. */
bool re_subject(struct vm *vm, struct pattern *p, value subject, struct view *out);
/* Searches [from, end) of the subject. 1 found (offsets are in p->data), 0 not, -1 raised. */
int  re_search(struct vm *vm, struct pattern *p, const struct view *subject, size_t from, uint32_t options);
value re_match_new(struct vm *vm, struct pattern *p, value subject, size_t pos, size_t end);     /* of what re_search found */
value re_slice(struct vm *vm, value subject, size_t from, size_t to);
size_t re_index(value subject, size_t offset);      /* a byte offset as an index */
size_t re_offset(value subject, int64_t index);     /* and back, cut to the length */
/* The group that a number or name means; false: IndexError "no such group". */
bool re_group(struct vm *vm, struct pattern *p, value key, uint32_t *out);

/* Python's notation to PCRE2's. Inline flags at the start are put into *flags. false: re.error raised. */
bool re_translate(struct vm *vm, value source, struct buf *out, unsigned *flags);
bool re_raise(struct vm *vm, value pattern, size_t at, const char *format, ...) __attribute__((format(printf, 4, 5)));

/* A replacement text with \1 and \g<name>: read once, written for every match. */
struct template_piece {
	char *text;                 /* NULL: a group */
	size_t len;
	uint32_t group;
};
struct template {
	struct template_piece *pieces;
	size_t count;
};
bool re_template(struct vm *vm, struct pattern *p, const char *text, size_t len, bool bytes, struct template *out);
void re_template_free(struct template *t);
void re_template_write(const struct template *t, const struct view *subject, const size_t *at, struct buf *out);

extern const struct type_spec re_match_spec, re_pattern_spec;

#endif
