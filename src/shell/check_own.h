/* What check.c and check_calls.c share. */
#ifndef SHELL_CHECK_OWN_H
#define SHELL_CHECK_OWN_H

#include "lang/ast.h"
#include "lang/types.h"

struct finding {
	uint64_t at;                    /* line, column */
	char *text;                     /* as an uncaught exception is printed */
};

struct check {
	struct vm *vm;
	struct ast *ast;
	struct dict *stored;            /* name -> how many places of the program bind it */
	struct dict *by_import;         /* name -> how many of these are imports of library modules */
	struct dict *imported;          /* what those imports bound */
	struct dict *stacks;            /* name bound once, to layers -> int: its node, see check_calls.c */
	bool open;                      /* names may come from where this cannot look (exec(), the star of an unknown module) or are expected to be missing */
	bool grows;                     /* payloads are set by hand: which layers a packet has is not known */
	bool moves;                     /* sys.path is touched: any module may be found */
	unsigned trying;                /* depth of try bodies: what stands there may fail */
	struct finding *findings;
	size_t count, room;
};

/* Runs a statement of the program, or one made of its nodes, with these globals. false: it raised, and that is a finding now. */
bool check_run(struct check *c, struct node *statement, struct dict *globals);
void check_found(struct check *c);                                      /* the pending exception is a finding */
struct node *check_node(struct check *c, enum node_kind kind, const struct node *like);     /* a new node with its place */
/* The value of a name that the program leaves alone or imports from the library; BORROWED, unset: its own or unknown. */
value check_known(struct check *c, const char *name);
void check_habits(struct check *c, struct node *root);                  /* sets open, grows, moves */
void check_expressions(struct check *c, struct node *root);             /* calls, fields, attributes */

#endif
