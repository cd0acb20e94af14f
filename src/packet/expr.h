/* Fact expressions: the small arithmetic in which the library's declarations say lengths, counts and conditions, as text:
 * length_from="ihl*4 - 20", present="flags & 8 and version > 1". Parsed once with the language's own parser, then run on field
 * values without entering the machine. Names are fields of the layer; `x` is the number being adjusted; `under.name` is
 * a field of the layer below, `payload` the count of payload bytes, `left` the count of bytes from the cursor to the end of what the layer may take. Numbers are 64-bit; a division by zero gives 0. */
#ifndef PACKET_EXPR_H
#define PACKET_EXPR_H

#include "lang/vm.h"

struct expr;
struct site;

struct expr *expr_parse(struct vm *vm, struct str *text);       /* NULL: SyntaxError with its place in the text */
void expr_free(struct expr *e);
/* Finds its field names in the class; false: AttributeError with the nearest name. */
struct layer;
bool expr_resolve(struct vm *vm, struct expr *e, const struct layer *layer);
bool expr_run(const struct site *s, const struct expr *e, int64_t x, int64_t left, int64_t *out);
const char *expr_text(const struct expr *e);

#endif
