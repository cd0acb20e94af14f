/* Values of ASN.1: what the fields of an ASN1_Packet hold. Each knows its type, and by it its tag and how its contents are
 * written: ASN1_INTEGER(5), ASN1_OID("1.3.6.1"), ASN1_STRING(b"public"). A field's declared type and the type of its value
 * agree, but for a field that takes any. */
#ifndef PACKET_ASN1_H
#define PACKET_ASN1_H

#include "packet/ber.h"

enum asn1_form { ASN1_WHOLE, ASN1_TRUTH, ASN1_BITS, ASN1_TEXT, ASN1_NOTHING, ASN1_IDENTIFIER, ASN1_ITEMS, ASN1_ADDRESS, ASN1_TIME, ASN1_AS_IT_IS };

/* One row a type: its name behind ASN1_ and ASN1F_, its tag, how the contents are written. */
#define ASN1_TYPES(X) \
	X(BOOLEAN, 0x01, TRUTH) X(INTEGER, 0x02, WHOLE) X(BIT_STRING, 0x03, BITS) X(STRING, 0x04, TEXT) X(NULL, 0x05, NOTHING) \
	X(OID, 0x06, IDENTIFIER) X(ENUMERATED, 0x0a, WHOLE) X(UTF8_STRING, 0x0c, TEXT) X(SEQUENCE, 0x30, ITEMS) X(SET, 0x31, ITEMS) \
	X(NUMERIC_STRING, 0x12, TEXT) X(PRINTABLE_STRING, 0x13, TEXT) X(T61_STRING, 0x14, TEXT) X(VIDEOTEX_STRING, 0x15, TEXT) \
	X(IA5_STRING, 0x16, TEXT) X(UTC_TIME, 0x17, TIME) X(GENERALIZED_TIME, 0x18, TIME) X(ISO646_STRING, 0x1a, TEXT) \
	X(GENERAL_STRING, 0x1b, TEXT) X(UNIVERSAL_STRING, 0x1c, TEXT) X(BMP_STRING, 0x1e, TEXT) X(IPADDRESS, 0x40, ADDRESS) \
	X(COUNTER32, 0x41, WHOLE) X(GAUGE32, 0x42, WHOLE) X(TIME_TICKS, 0x43, WHOLE) X(OPAQUE, 0x44, TEXT) X(COUNTER64, 0x46, WHOLE) \
	X(force, 0, AS_IT_IS)                   /* an element of another tag, with its tag and length */

struct asn1_type { const char *name; unsigned tag; enum asn1_form form; };

struct asn1_value {
	struct container head;
	const struct asn1_type *is;
	value val;
};

void asn1_add(struct vm *vm);                                           /* the types as names of the language */
const struct asn1_type *asn1_named(const char *name);                   /* "INTEGER"; NULL: none */
bool  is_asn1(struct vm *vm, value v);
static inline struct asn1_value *as_asn1(value v) { return (struct asn1_value *)v.o; }
value asn1_new(struct vm *vm, const struct asn1_type *is, TAKES value val);
value asn1_copy(struct vm *vm, value v);
bool  asn1_command(struct vm *vm, value v, struct buf *out);             /* the text that makes it: ASN1_INTEGER(5) */

/* A plain value in the form that this type keeps: text of addresses and identifiers checked, numbers numbers. Unset: it does not
 * fit; `*takes` says what would (nothing is raised). */
value asn1_accept(struct vm *vm, const struct asn1_type *is, value given, const char **takes);
const struct asn1_type *asn1_for(value plain);                          /* the type that a plain value has where any may stand */

/* Contents, without tag and length. */
value asn1_get(struct vm *vm, const struct asn1_type *is, const uint8_t *bytes, size_t len, unsigned depth);      /* an ASN.1 value */
bool  asn1_put(struct vm *vm, const struct asn1_type *is, value val, struct buf *out, unsigned depth);
/* A whole element of any type; what the table does not have is kept as it is. */
value asn1_get_any(struct vm *vm, const uint8_t *bytes, size_t len, unsigned depth);
bool  asn1_put_any(struct vm *vm, value v, struct buf *out, unsigned depth);

#endif
