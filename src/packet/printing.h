/* How packets are printed: the forms that Scapy's users know, and the functions and methods of the language that give them. */
#ifndef PACKET_PRINTING_H
#define PACKET_PRINTING_H

#include "packet/packet.h"

void printing_add(struct vm *vm);               /* show, summary, sprintf ... of packets; ls, hexdump ... */
void anatomy_add(struct vm *vm);                /* _anatomy and kin: what the tools in the language draw packets from */
void hexdump_one_line(const void *bytes, size_t len, bool hex, bool text, struct buf *out);

/* The same of a field that is as it came, when its kind needs no value for it; `bare`: as str() of the value. false: nothing was written. */
bool show_as_it_came(struct stack *s, unsigned at, unsigned field, bool bare, struct buf *out);
/* One field as show prints it, from where it is now. */
bool show_field(struct stack *s, unsigned at, unsigned field, struct buf *out);

bool ls_class(struct vm *vm, struct type *cls, bool verbose, struct buf *out);      /* verbose: the names of numbers and bits, too */
bool ls_packet(struct stack *s, unsigned at, bool verbose, struct buf *out);

/* A summary template, parsed when its class is made (layer.c); text: a str, or a tuple of them. NULL: raised. */
struct summary *summary_parse(struct vm *vm, value text);
void summary_free(struct summary *summary);

#endif
