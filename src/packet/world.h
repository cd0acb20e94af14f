/* What packets add to a vm: their types, the resolver, conf. vm->host points to it. */
#ifndef PACKET_WORLD_H
#define PACKET_WORLD_H

#include "lang/vm.h"

/* Reading never sends: these look at kernel tables only. src/net installs the real one, tests a fake. Addresses are in
 * network order, 4 or 16 bytes by `family`. Each returns false when it is not known. */
struct resolver {
	void *state;
	/* the route to dst: interface name (room IFNAMSIZ), preferred source address */
	bool (*route)(void *state, unsigned family, const uint8_t *dst, char *iface, uint8_t *source, uint8_t *gateway, bool *has_gateway);
	bool (*iface_mac)(void *state, const char *iface, uint8_t mac[6]);
	bool (*neighbour)(void *state, const char *iface, unsigned family, const uint8_t *address, uint8_t mac[6]);
	bool (*lookup)(void *state, unsigned family, const char *name, uint8_t *address);     /* a host name (this one may ask the resolver library) */
	const char *(*default_iface)(void *state);	const char *scope;               /* while `route` is called: the interface that the address names ("fe80::1%eth0"); NULL: none */
};

/* Names that C looks up often on packets. */
#define WORLD_NAMES(X) \
	X(fields_desc) X(name) X(summary) X(summary_covers) X(payload_length) X(payload) X(dispatch) X(addresses) X(protocol) \
	X(reverses) X(aliastypes) X(echoes) X(quoted) X(answers) X(quotes) X(link_type) X(overload_fields) X(match_subclass) X(load) X(decode) X(self)

/* `fields` of the packet whose do_dissect is running: what is put there is its fields' (Scapy's hooks fill it). */
struct stack;
struct open_fields { struct stack *stack; unsigned at; value fields; };

struct library_binding;
struct library_link;
struct layer;
struct world {
	struct type *packet, *field, *flag_value, *net, *volatile_, *packetlist, *later, *answered, *raw_val;
	struct type *stack, *members, *no_payload, *packet_items;     /* packet_items: the list of a PacketListField */
	value nothing;                          /* the one NoPayload */
	struct type *asn1_object, **asn1_types; /* asn1.c's: one a row of ASN1_TYPES */
	uint32_t binding_round;                 /* counts changed bindings and new classes: what layer_overload remembers holds for one round */
	uint32_t image_round;                   /* counts changed defaults: layers whose image is older make it again */
	struct {
#define X(name) struct str *name;
		WORLD_NAMES(X)
#undef X
	} names;
	struct layer **layers;                  /* every class made, in order */
	size_t layer_count, layer_room;
	const struct library_link *links;
	size_t link_count;
	struct { int type; uint32_t round; struct type *found; } link;          /* link_layer's last answer: a file's packets are of one type */
	struct resolver *resolver;              /* NULL: nothing is known */
	void *wire;                             /* what src/net keeps for this machine (wire.h); packet never looks */
	struct stack *spare;                    /* kept: of a packet that was read and dropped, for the next one; NULL (stack.c) */
	struct type *raw, *padding;             /* the library's Raw and Padding, loaded on first use by name */
	const struct library_binding *index;
	size_t index_count;
	struct layout *layout;                  /* libnet's context for building, kept between packets */
	struct buf *scratch;
	struct buf text;                        /* room for a text that becomes a str, kept between texts; empty while it is in use */
	struct templates *templates;            /* template.c's; NULL: none made */
	bool reading_runs_code;                 /* some class of the user's has hooks or functions: reading a packet may be noticed (dissect.c) */
	bool quiet;                             /* a packet is made a second time, to be compared: its warnings were told (warn.c) */
	bool reads_generally;                   /* no layer is read the quick way (tests compare the two) */
	const struct field *misfit;             /* BORROWED: of the last header that was cut short, the field with too few bytes; NULL */
	struct reading *reading;                /* whose do_dissect is running; NULL */
	struct open_fields open;
	struct builder *builder;                /* the build that is going on; NULL */
	bool spread_names;                      /* a message is being built whose parts moved: compressed names in it are written out (encode.c) */
	value conf;                             /* the conf object */
	struct conf_name { const char *text; struct str *name; } conf_names[16];        /* of its flags (conf.c); both BORROWED */
	value (*find)(struct vm *vm, struct str *name);     /* a name of the standard library, its file loaded when need be; the shell's. NULL: none */
};
static inline struct world *world_of(const struct vm *vm) { return vm->host; }
bool world_make(struct vm *vm);             /* types, field kinds, functions */
void world_free(struct world *w);           /* after vm_free: types look at it to the end */

#endif
