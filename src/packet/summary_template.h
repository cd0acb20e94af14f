/* A summary template in pieces: "UDP {from}:{sport} > {to}:{dport}" is parsed once, when its class is made (summary_parse.c), and filled
 * for each packet (summary_fill.c).
 *
 *      {name}  {under.name}  {from}  {to}  {name[option]}  {name[0].item}  {name[*].item}      behind the name, how: {name!v}
 *      {:condition?pieces} */
#ifndef PACKET_SUMMARY_TEMPLATE_H
#define PACKET_SUMMARY_TEMPLATE_H

#include "packet/packet.h"

enum path { PATH_HERE, PATH_UNDER, PATH_FROM, PATH_TO, PATH_OPTION, PATH_ITEM, PATH_ALL };
enum piece_kind { PIECE_TEXT, PIECE_FIELD, PIECE_IF };

/* A field by its name (interned; NULL: none), and in which class it was looked for last: field -1: that one has none. */
struct name_place { struct str *name; const struct layer *layer; int field; };

struct piece {
	enum piece_kind kind;
	enum path way;                  /* FIELD: where it is found, */
	char how;                       /*      and how it is written: 0 as shown, 'v' bare, 't' bytes as text without blanks around it, 'j' a list's items, 'c' capitalised */
	char *text;                     /* TEXT: itself; OPTION: the option's name */
	size_t len;
	struct name_place at, item;          /* FIELD: by which name; of an item: the list's and then its own */
	size_t nth;                     /*      of which item */
	struct expr *test;              /* IF: when */
	struct piece *inside;           /* IF: what */
	unsigned count;
};
struct template {
	struct piece *pieces;
	unsigned count;
};
struct summary {
	unsigned count;
	struct template templates[];
};

/* Appends the first template of which every name is there. MISSING: none, nothing is written. */
enum filled { FILLED, MISSING, RAISED };
enum filled summary_fill(struct summary *summary, struct stack *s, unsigned at, struct buf *out);

#endif
