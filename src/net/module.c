#include "net/module.h"

#include "lang/types.h"

#include "net/capfiles.h"
#include "net/exchange.h"
#include "net/linksocket.h"
#include "net/norst.h"
#include "net/send.h"
#include "net/sniff.h"
#include "net/sockdiag.h"
#include "net/tables.h"
#include "net/wire.h"

/* ---- the table -------------------------------------------------------------------------------------------------------- */

static const struct native functions[] = {
	{ "send", send_layer3, SEND_ARGUMENTS, "Send packets of layer 3 where the kernel's routes lead." },
	{ "sendp", send_layer2, SEND_ARGUMENTS, "Send frames on an interface as they are." },
	{ "sr", exchange_sr, EXCHANGE_ARGUMENTS, "Send packets of layer 3 and match what comes back: (answered, unanswered).", .flags = NATIVE_OUTSIDE },
	{ "sr1", exchange_sr1, EXCHANGE_ARGUMENTS, "Send packets of layer 3 and return the first answer, or None.", .flags = NATIVE_OUTSIDE },
	{ "srp", exchange_srp, EXCHANGE_ARGUMENTS, "Send frames and match what comes back: (answered, unanswered).", .flags = NATIVE_OUTSIDE },
	{ "srp1", exchange_srp1, EXCHANGE_ARGUMENTS, "Send frames and return the first answer, or None.", .flags = NATIVE_OUTSIDE },
	{ "sniff", sniff_run, SNIFF_ARGUMENTS, "Capture packets, hand each to prn, and return them as a list.", .flags = NATIVE_OUTSIDE },
	{ "rdpcap", capfiles_rdpcap, "filename, count=-1", "The packets of a capture file as a list.", .flags = NATIVE_OUTSIDE },
	{ "wrpcapng", capfiles_wrpcapng, "filename, pkt, " WRITER_ARGUMENTS, "Write packets to a capture file in the pcapng format.", .flags = NATIVE_OUTSIDE },
	{ "wrpcap", capfiles_wrpcap, "filename, pkt, " WRITER_ARGUMENTS, "Write packets to a capture file.", .flags = NATIVE_OUTSIDE },
	{ 0 },
};

static bool add_type(struct vm *vm, struct type **place, struct type *type)
{
	*place = type;
	if (type)
		dict_set_text(vm, vm->builtins, type->name->data, value_object(object_keep(type)));
	return type != NULL;
}

/* Scapy's names for readers of one format: ours reads both. */
static bool add_reader_names(struct vm *vm, struct type *reader)
{
	dict_set_text(vm, vm->builtins, "PcapNgReader", value_object(object_keep(reader)));
	return true;
}

bool module_make(struct vm *vm)
{
	struct wire *w = wire_of(vm);
	vm_add_builtins(vm, functions);
	vm_add_builtins(vm, tables_functions);
	vm_add_builtins(vm, sockdiag_functions);
	return add_type(vm, &w->no_rst, norst_type(vm)) && add_type(vm, &w->reader, capfiles_reader_type(vm))
	       && add_type(vm, &w->writer, capfiles_writer_type(vm))
	       && add_type(vm, &w->ng_writer, capfiles_ng_writer_type(vm, w->writer)) && add_reader_names(vm, w->reader)
	       && add_type(vm, &w->link_socket, linksocket_type(vm));
}
