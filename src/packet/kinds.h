/* What the kind_*.c files share: the facts that every kind takes, and their tables, which together are the table of kinds. */
#ifndef PACKET_KINDS_H
#define PACKET_KINDS_H

#include <time.h>

#include "packet/field.h"

/* The keyword-only arguments of every kind, and of every number kind: facts_take and number_facts_take read them. */
#define FACTS        ", *, present=None"
#define FACTS_COUNT  1
#define NUMBER_FACTS ", *, present=None, length_of=None, count_of=None, adjust=None, checksum_of=None, pseudo_header=None, zero_as=None, " \
	"checksum=None, checksum_skips=None, checksum_length=None, checksum_when=None, pseudo_family=None"

#define KIND_TABLES(X) \
	X(number) X(wide) X(real) X(flags) X(multiflags) X(address) \
	X(text) X(coded) X(uuid) X(wrap) X(packet) X(list) X(options) X(attributes) \
	X(dns) X(time) X(clock) \
	X(prefix) X(hexgroups) X(network) \
	X(asn1) X(pair) X(lines) X(delta) X(decimal) \
	X(odd) X(note)
#define X(noun) extern const struct field_kind kinds_##noun[];
KIND_TABLES(X)
#undef X

extern const struct codec codec_mac;            /* MACField's */
extern const struct native wrap_functions[];    /* ConditionalField, ActionField, Emph */
extern const struct native asn1_functions[];    /* ASN1F_optional */
void options_add(struct vm *vm);                /* Option */

bool facts_take(struct vm *vm, struct field *f, const value *facts);
bool number_facts_take(struct vm *vm, struct field *f, const value *facts);
bool number_make(struct vm *vm, struct field *f, const value *a);
bool number_take_format(struct vm *vm, struct field *f, value format);       /* struct letters: width, sign, order */
bool length_take(struct vm *vm, struct length *l, value given, const char *argument);   /* a fact text, a callable or None */
void length_drop(struct length *l);
void length_visit(struct length *l, visit_fn visit, void *state);

bool number_take_bits(struct vm *vm, struct field *f, value size);
bool number_take_scapy_length(struct vm *vm, struct field *f, value length_of, value count_of, value adjust);
bool number_widen(struct vm *vm, struct field *f);      /* f->bits are more than a word has */

value number_accept(struct vm *vm, const struct field *f, value given);
value number_of_word(struct vm *vm, const struct field *f, uint64_t word);
bool  number_accept_word(struct vm *vm, const struct field *f, value given, value *accepted, uint64_t *word);
bool  number_to_word(struct vm *vm, const struct field *f, value v, uint64_t *word);
bool  number_show(const struct site *s, const struct field *f, value v, struct buf *out);

/* What strings of bytes share: their extents, making, accepting. */
bool  text_to_end(const struct site *s, const struct field *f, const struct cursor *c, size_t *bytes, const char **problem);
bool  text_takes_all(const struct field *f);                                     /* of a field whose extent is text_to_end */
bool  text_by_length(const struct site *s, const struct field *f, const struct cursor *c, size_t *bytes, const char **problem);
bool  text_fixed(const struct site *s, const struct field *f, const struct cursor *c, size_t *bytes, const char **problem);
bool  text_to_stop(const struct site *s, const struct field *f, const struct cursor *c, size_t *bytes, const char **problem);
bool  text_fit(const struct site *s, const struct field *f, size_t from, struct buf *out);
value bytes_accept(struct vm *vm, const struct field *f, value given);
bool  text_take_remain(struct vm *vm, struct field *f, value given);
bool  text_fixed_make(struct vm *vm, struct field *f, const value *a);
bool  text_null_make(struct vm *vm, struct field *f, const value *a);
void  text_release(struct field *f);

/* An item of a list field, or of any field that holds packets: [start, end) of the cursor's bytes. NULL: raised. Nested deeper
 * than ITEM_DEPTH it is Raw. */
enum { ITEM_DEPTH = 40 };
struct stack *packet_item_read(const struct site *s, struct type *cls, const struct cursor *c, size_t start, size_t end);
struct type *packet_class_named(struct vm *vm, const struct str *name);      /* NULL: raised */
const struct field_kind *field_kind_of(const struct type *cls);              /* a class of fields, or one derived from it; NULL: none */

/* Dates, as strftime's format says them. */
#define CLOCK_FORMAT "%a, %d %b %Y %H:%M:%S +0000"
struct timespec clock_now(void);
void clock_date(int64_t unix_seconds, const char *format, struct buf *out);

/* Raises: "IP.ttl takes WHAT, got REPR". */
value field_refuse(struct vm *vm, const struct field *f, value given, const char *what, ...) __attribute__((format(printf, 4, 5)));

#endif
