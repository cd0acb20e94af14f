/* Layers of text: a first line of words, lines "Name: value" in any order, an empty line. A class says so with first_line = 3, how
 * many of its fields are the first line's words; each of the others is a line of its name, _ in it standing for -, and the
 * last one takes the lines that no field is for. What came is kept as it was spelled; what is set is written in its place,
 * or behind the others. */
#ifndef PACKET_TEXT_LAYER_H
#define PACKET_TEXT_LAYER_H

#include "packet/encode.h"

bool text_measure(struct stack *s, unsigned at, const uint8_t *bytes, size_t start, size_t end);      /* false: these are no such lines */
bool text_encode(const struct site *s, struct buf *out, struct marks *marks, bool (*put)(void *state, unsigned field), void *state);
value text_other_lines(const struct site *s);                           /* a dict of the lines that no field is for */

#endif
