/* What is pasted, made into what would have been typed: prompts copied along and the blanks that a page indents its
 * examples with are taken away. */
#ifndef SHELL_PASTE_H
#define SHELL_PASTE_H

#include "base/buf.h"

/* Adds the cleaned text to `out`: CR LF and CR become LF, the first line's leading blanks go from every line, newlines at
 * the end go. Where the first line begins with ">>>" the paste is a session: prompts go, and lines without one are what
 * that session printed and go too. */
void paste_clean(const char *text, size_t len, struct buf *out);

/* The length of a prompt (">>> ", "... ", or either without its blank at the line's end) that the line begins with; 0: none.
 * `more`: "..." counts too. */
size_t paste_prompt(const char *line, size_t len, bool more);
size_t paste_blanks(const char *line, size_t len);      /* how many blanks and tabs it begins with */

#endif
