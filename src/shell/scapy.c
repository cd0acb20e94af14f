#include "shell/scapy.h"

#include <string.h>

#include "lang/machine.h"
#include "lang/types.h"
#include "shell/index.h"

/* Scapy's own modules, as scripts name them. Those of a protocol only when the library has it: the others are an error. */
static const char *const MODULES[] = {
	"scapy", "scapy.all", "scapy.ansmachine", "scapy.arch", "scapy.arch.linux", "scapy.as_resolvers", "scapy.automaton",
	"scapy.base_classes", "scapy.config", "scapy.compat", "scapy.consts", "scapy.data", "scapy.error", "scapy.fields",
	"scapy.contrib", "scapy.interfaces", "scapy.layers", "scapy.layers.all", "scapy.layers.dhcp", "scapy.layers.dns", "scapy.layers.inet",
	"scapy.layers.inet6", "scapy.layers.l2", "scapy.layers.ntp", "scapy.main", "scapy.packet", "scapy.pipetool", "scapy.plist",
	"scapy.route", "scapy.route6", "scapy.scapypipes", "scapy.sendrecv", "scapy.sessions", "scapy.supersocket", "scapy.themes",
	"scapy.tools", "scapy.utils", "scapy.utils6", "scapy.volatile",
	/* the internet layer */
	"scapy.contrib.erspan", "scapy.contrib.etherip", "scapy.contrib.geneve", "scapy.contrib.icmp_extensions", "scapy.contrib.igmp", "scapy.contrib.igmpv3",
	"scapy.contrib.ikev2", "scapy.contrib.nsh", "scapy.contrib.wireguard", "scapy.layers.ipsec", "scapy.layers.isakmp", "scapy.layers.vxlan",
	/* routing */
	"scapy.contrib.bfd", "scapy.contrib.bgp", "scapy.contrib.eigrp", "scapy.contrib.isis",
	"scapy.contrib.ospf", "scapy.contrib.pim", "scapy.contrib.ripng",
	"scapy.layers.hsrp", "scapy.layers.tuntap", "scapy.layers.netflow", "scapy.layers.rip", "scapy.layers.vrrp",
	"scapy.asn1", "scapy.asn1.asn1", "scapy.asn1.ber", "scapy.asn1fields", "scapy.asn1packet", "scapy.layers.snmp",
	"scapy.layers.http", "scapy.layers.l2tp", "scapy.layers.ldap", "scapy.layers.dhcp6", "scapy.layers.llmnr", "scapy.layers.netbios", "scapy.layers.radius", "scapy.layers.rtp",
	"scapy.layers.sctp", "scapy.layers.smb2", "scapy.layers.tftp", "scapy.layers.tls", "scapy.layers.tls.all", "scapy.layers.tls.extensions",
	"scapy.layers.tls.handshake", "scapy.layers.tls.record", "scapy.contrib.coap", "scapy.contrib.modbus", "scapy.contrib.mqtt",
	"scapy.contrib.rtcp", "scapy.contrib.tacacs",
	"scapy.contrib.etherip", "scapy.contrib.igmpv3", "scapy.modules",
	/* link layers */
	"scapy.contrib.cdp", "scapy.contrib.chdlc", "scapy.contrib.dtp", "scapy.contrib.lacp", "scapy.contrib.lldp", "scapy.contrib.mpls",
	"scapy.contrib.slowprot", "scapy.contrib.vtp", "scapy.contrib.wpa_eapol", "scapy.contrib.avs", "scapy.layers.dot11", "scapy.layers.eap", "scapy.layers.ppp",
};

/* What Scapy's star brings along of Python's. */
static const char *const STAR[] = {
	"collections", "copy", "functools", "io", "itertools", "logging", "math", "os", "random", "re", "select", "socket", "string",
	"struct", "subprocess", "sys", "threading", "time",
};

static bool listed(const char *name, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(list[i], name))
			return true;
	return false;
}
#define LISTED(name, list) listed(name, list, sizeof list / sizeof *list)

value scapy_star(struct vm *vm, struct str *name)
{
	if (!LISTED(name->data, STAR) || is_unset(dict_get_text(vm, vm->modules, "scapy.all")))
		return VALUE_UNSET;
	return vm_import(vm, name->data);
}

/* A module's __getattr__: every name is looked for where a program's own global names are. */
static value attribute(struct vm *vm, value *a)
{
	struct str *name = as_str(a[0]);
	value found = VALUE_UNSET;
	if (!is_str(a[0]))
		return vm_raise(vm, vm->errors.TypeError, "the name has to be a str, not %s", value_type_name(vm, a[0]));
	if (strncmp(name->data, "__", 2))
		found = value_keep(dict_get_str(vm->builtins, name));
	if (is_unset(found) && strncmp(name->data, "__", 2))
		found = index_find(vm, name);
	if (!is_unset(found) || vm_pending(vm))
		return found;
	const char *near = index_nearest(vm, name->data);
	return vm_raise(vm, vm->errors.AttributeError, near ? "scapy has no '%s' here; did you mean '%s'?" : "scapy has no '%s' here",
		name->data, near);
}

static const struct native GETATTR = { "__getattr__", attribute, "name", "What pktsh knows by that name." };

/* Layers that Scapy leaves out until their module is loaded: TCP's port 80 is bytes before. */
static const struct { const char *module, *name; } LATE[] = {
	{ "scapy.layers.http", "HTTP" }, { "scapy.layers.tls", "TLS" }, { "scapy.layers.tls.all", "TLS" }, { "scapy.layers.tls.record", "TLS" },
	{ "scapy.layers.tls.handshake", "TLS" }, { "scapy.layers.tls.extensions", "TLS" },
};

static bool load_late(struct vm *vm, const char *module)
{
	for (size_t i = 0; i < sizeof LATE / sizeof *LATE; i++)
		if (!strcmp(LATE[i].module, module)) {
			value found = index_find(vm, str_intern(vm, LATE[i].name));
			value_drop(found);
			return !vm_pending(vm);
		}
	return true;
}

/* scapy.layers.X and scapy.contrib.X where the library has a file of that name. */
static bool in_library(const char *name)
{
	static const char *const folders[] = { "scapy.layers.", "scapy.contrib." };
	for (size_t f = 0; f < 2; f++) {
		size_t len = strlen(folders[f]), rest = strlen(name) - (strlen(name) < len ? strlen(name) : len);
		for (size_t i = 0; rest && !strncmp(name, folders[f], len) && i < index_count; i++) {
			const char *path = index_names[i].path;
			if (!strncmp(path, "layers/", 7) && !strncmp(path + 7, name + len, rest) && !strcmp(path + 7 + rest, ".pkt"))
				return true;
		}
	}
	return false;
}

static value find_module(struct vm *vm, const char *name)
{
	if (!(LISTED(name, MODULES) || in_library(name)) || !load_late(vm, name))
		return VALUE_UNSET;
	struct module *module = module_new(vm, name);
	dict_set_str(vm, module->globals, vm->names.name_, str_value(vm, name));
	dict_set_str(vm, module->globals, vm->names.getattr_, native_new(vm, &GETATTR, NULL));
	dict_set_str(vm, module->globals, vm->names.all_, value_object(list_new(vm, 0)));
	return value_object(module);
}

/* load_layer("http"): the module scapy.layers.http; what is there already stays silent. */
static value load(struct vm *vm, value name, const char *where)
{
	if (!is_str(name))
		return vm_raise(vm, vm->errors.TypeError, "the name of a module is a text, not %s", value_type_name(vm, name));
	struct buf full = { 0 };
	buf_print(&full, "scapy.%s.%s", where, as_str(name)->data);
	value module = vm_import(vm, buf_str(&full));
	buf_free(&full);
	value_drop(module);
	return is_unset(module) ? module : VALUE_NONE;
}

static value load_layer(struct vm *vm, value *a)
{
	return load(vm, a[0], "layers");
}

static value load_contrib(struct vm *vm, value *a)
{
	return load(vm, a[0], "contrib");
}

static value load_module(struct vm *vm, value *a)
{
	return load(vm, a[0], "modules");
}

static const struct native LOADERS[] = {
	{ .name = "load_module", .fn = load_module, .signature = "name, globals_dict=None, symb_list=None", .doc = "Load a module of scapy.modules." },
	{ .name = "load_layer", .fn = load_layer, .signature = "name, globals_dict=None, symb_list=None", .doc = "Load a module of scapy.layers." },
	{ .name = "load_contrib", .fn = load_contrib, .signature = "name, globals_dict=None, symb_list=None", .doc = "Load a module of scapy.contrib." },
	{ 0 },
};

void scapy_install(struct vm *vm)
{
	vm_add_builtins(vm, LOADERS);
	vm_set_module_finder(vm, find_module);
}
