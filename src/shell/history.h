/* The prompt's history file: one entry a line, a newline inside an entry written as \n and a backslash as \\. It is opened
 * without following a link and used only when it is the user's own plain file. */
#ifndef SHELL_HISTORY_H
#define SHELL_HISTORY_H

#include <stdbool.h>

enum { HISTORY_KEEP = 10000 };          /* entries */

/* $XDG_STATE_HOME/pktsh/history or ~/.local/state/pktsh/history; folders are made, for the user alone. Owned; NULL: no place. */
char *history_path(void);
void  history_read(const char *path, void (*add)(const char *entry));
/* Adds one entry at the file's end at once: what was typed outlives a crash, and two shells keep both of theirs. false: errno. */
bool  history_append(const char *path, const char *entry);

#endif
