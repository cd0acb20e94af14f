#include "net/capfiles.h"

#include <pcap/dlt.h>
#include <string.h>

#include "lang/file.h"
#include "lang/types.h"

#include "packet/packet.h"

#include "net/arrival.h"
#include "net/chunk.h"
#include "net/deadline.h"
#include "net/pcapfile.h"
#include "net/pcapwriter.h"
#include "net/wire.h"

enum { POLL_EVERY = 1024 };

static bool raise_error(struct vm *vm, struct error *e)
{
	vm_raise_error(vm, e);
	return false;
}

/* ---- reading ---------------------------------------------------------------------------------------------------------- */

struct pcap_reader {
	struct object head;
	struct pcapfile *file;           /* NULL: closed */
	struct buf path;
};

struct pcapfile *capfiles_open(struct vm *vm, const char *path)
{
	struct error e = {0};
	struct pcapfile *f = pcapfile_open(path, &e);
	if (f)
		return f;
	if (!e.code) {
		vm_raise_error(vm, &e);
		return NULL;
	}
	value name = str_value(vm, path);        /* as open() says it */
	vm_raise_os(vm, e.code, name);
	value_drop(name);
	error_clear(&e);
	return NULL;
}

static void warn_end(struct vm *vm, const char *path, const struct pcapfile *f)
{
	if (pcapfile_warning(f))
		packet_warn(vm, "%s: %s", path, pcapfile_warning(f));
}

static bool add_frame(struct vm *vm, value list, struct chunk *chunk, const struct capture_frame *f)
{
	uint32_t start;
	struct frame *block = chunk_add(chunk, f->bytes, f->len, &start);
	if (!block)
		return vm_raise_ok(vm, vm->errors.MemoryError, "no memory for the packets of a capture file");
	return packetlist_add_frame(vm, list, block, start, f->len, &(struct arrived){ .time = f->time, .wire_len = f->wire_len,
	                            .link_type = f->link_type, .direction = f->direction, .iface = f->iface });
}

static bool add_packet(struct vm *vm, value list, const struct capture_frame *f)
{
	value packet = arrival_packet(vm, f, f->link_type, f->iface);
	return !is_unset(packet) && packetlist_add(vm, list, packet);
}

/* Up to `count` records as frames of a list; -1: all. */
static bool read_frames(struct vm *vm, struct pcapfile *f, int64_t count, value list)
{
	struct chunk chunk = {0};
	struct capture_frame record;
	bool ok = true;
	for (int64_t n = 0; ok && n != count && pcapfile_next(f, &record) == CAPTURE_FRAME; n++) {
		ok = record.comment ? add_packet(vm, list, &record) : add_frame(vm, list, &chunk, &record);
		ok = ok && (n % POLL_EVERY || vm_poll(vm));
	}
	chunk_end(&chunk);
	return ok;
}

static value read_list(struct vm *vm, const char *path, struct pcapfile *f, int64_t count)
{
	const char *slash = strrchr(path, '/');
	value list = packetlist_new(vm, slash ? slash + 1 : path);
	if (!is_unset(list) && !read_frames(vm, f, count, list)) {
		value_drop(list);
		return VALUE_UNSET;
	}
	if (!is_unset(list))
		warn_end(vm, path, f);
	return list;
}

value capfiles_rdpcap(struct vm *vm, value *a)
{
	struct buf path = {0};
	int64_t count;
	value list = VALUE_UNSET;
	if (wire_whole(vm, "rdpcap", "count", a[1], &count) && file_path(vm, a[0], &path)) {
		struct pcapfile *f = capfiles_open(vm, buf_str(&path));
		if (f)
			list = read_list(vm, buf_str(&path), f, count);
		pcapfile_close(f);
	}
	buf_free(&path);
	return list;
}

static struct pcap_reader *open_reader(struct vm *vm, value self)
{
	struct pcap_reader *r = (struct pcap_reader *)self.o;
	if (!r->file)
		vm_raise(vm, vm->errors.ValueError, "the capture file is closed");
	return r->file ? r : NULL;
}

static value reader_make(struct vm *vm, struct type *cls, const struct call *call)
{
	value a[3];
	if (!call_bind(vm, cls->signature, call, a))
		return VALUE_UNSET;
	struct pcap_reader *r = object_new(cls, 0);
	if (file_path(vm, a[0], &r->path))
		r->file = capfiles_open(vm, buf_str(&r->path));
	call_unbind(cls->signature, a);
	if (r->file)
		return value_object(r);
	value_drop(value_object(r));
	return VALUE_UNSET;
}

static void reader_release(struct object *o)
{
	struct pcap_reader *r = (struct pcap_reader *)o;
	pcapfile_close(r->file);
	buf_free(&r->path);
}

/* Unset with nothing pending: the end. */
static value reader_next(struct vm *vm, value self)
{
	struct capture_frame record;
	struct pcap_reader *r = open_reader(vm, self);
	if (!r)
		return VALUE_UNSET;
	if (pcapfile_next(r->file, &record) != CAPTURE_FRAME) {
		warn_end(vm, buf_str(&r->path), r->file);
		return VALUE_UNSET;
	}
	return arrival_packet(vm, &record, record.link_type, record.iface);
}

static value reader_iterate(struct vm *vm, value self)
{
	return value_keep(self);
}

static value method_read_packet(struct vm *vm, value *a)
{
	value packet = reader_next(vm, a[0]);
	if (is_unset(packet) && !vm_pending(vm))
		return vm_raise(vm, vm->errors.EOFError, "no more packets");
	return packet;
}

static value method_read_all(struct vm *vm, value *a)
{
	int64_t count;
	struct pcap_reader *r = open_reader(vm, a[0]);
	if (!r || !value_to_int64(vm, a[1], &count))
		return VALUE_UNSET;
	return read_list(vm, buf_str(&r->path), r->file, count);
}

static value method_reader_close(struct vm *vm, value *a)
{
	struct pcap_reader *r = (struct pcap_reader *)a[0].o;
	pcapfile_close(r->file);
	r->file = NULL;
	return VALUE_NONE;
}

static value reader_enter(struct vm *vm, value self)
{
	return value_keep(self);
}

static value reader_leave(struct vm *vm, value self, value exception)
{
	method_reader_close(vm, &self);
	return value_bool(false);
}

static value reader_link_type(struct vm *vm, value self)
{
	struct pcap_reader *r = open_reader(vm, self);
	return r ? value_int(pcapfile_link_type(r->file)) : VALUE_UNSET;
}

struct type *capfiles_reader_type(struct vm *vm)
{
	static const struct native methods[] = {
		{ "read_packet", method_read_packet, "", "The next packet; EOFError at the end." },
		{ "next", method_read_packet, "", "The next packet; EOFError at the end." },
		{ "recv", method_read_packet, "size=65535", "The next packet; EOFError at the end." },
		{ "read_all", method_read_all, "count=-1", "The packets that are left, or `count` of them, as a list." },
		{ "close", method_reader_close, "", "Close the file." },
		{ 0 },
	};
	static const struct getset attrs[] = {
		{ "linktype", reader_link_type, NULL, "The link type (DLT) of its packets." },
		{ 0 },
	};
	static const struct type_spec spec = {
		.name = "PcapReader", .doc = "The packets of a capture file, one after the other.", .size = sizeof(struct pcap_reader), .flags = TYPE_OUTSIDE,
		.signature = "filename, fdesc=None, magic=None", .methods = methods, .attrs = attrs,
		.slots = { .make = reader_make, .release = reader_release, .iterate = reader_iterate, .next = reader_next,
		           .enter = reader_enter, .leave = reader_leave },
	};
	return type_new(vm, &spec, NULL);
}

/* ---- writing ---------------------------------------------------------------------------------------------------------- */

struct pcap_writer {
	struct object head;
	struct pcapwriter *file;         /* NULL: nothing written yet, or closed */
	struct buf path;
	struct pcapwriter_options options;
	bool link_type_known, sync, closed;
};

enum { LINKTYPE, GZ, ENDIANNESS, APPEND, SYNC, NANO, SNAPLEN, BUFSZ };

static bool flag(struct vm *vm, value v, bool *out)
{
	return value_truth(vm, v, out);
}

/* "": this machine's; "<" little, ">" big, "=" this machine's again, "!" the network's, as in struct. */
static bool byte_order(struct vm *vm, value v, bool *swapped)
{
	static const bool big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
	const char *text = is_str(v) ? as_str(v)->data : NULL;
	if (!text || strlen(text) > 1 || (*text && !strchr("<>=@!", *text)))
		return vm_raise_ok(vm, vm->errors.ValueError, "endianness is '<', '>' or '', not %s", text ? text : "that");
	*swapped = *text == '<' ? big : (*text == '>' || *text == '!') && !big;
	return true;
}

static bool read_options(struct vm *vm, const value *a, struct pcap_writer *w)
{
	int64_t link_type = 0, snap;
	w->link_type_known = !is_none(a[LINKTYPE]);
	if (w->link_type_known && !value_to_int64(vm, a[LINKTYPE], &link_type))
		return false;
	if (link_type < 0 || link_type > 65535)
		return vm_raise_ok(vm, vm->errors.ValueError, "linktype is 0 to 65535, not %lld", (long long)link_type);
	w->options.link_type = (int)link_type;
	if (!value_to_int64(vm, a[SNAPLEN], &snap))
		return false;
	if (snap < 0 || snap > 262144)
		return vm_raise_ok(vm, vm->errors.ValueError, "snaplen is 0 to 262144, not %lld", (long long)snap);
	w->options.snap = (uint32_t)snap;
	if (!byte_order(vm, a[ENDIANNESS], &w->options.swapped))
		return false;
	return flag(vm, a[GZ], &w->options.compress) && flag(vm, a[APPEND], &w->options.append) && flag(vm, a[SYNC], &w->sync)
	       && flag(vm, a[NANO], &w->options.nanoseconds);
}

/* The link type of a file whose first packet this is. */
static int link_type_of(const struct packet *p)
{
	const struct circumstances *about = p->stack->about;
	const struct layer *first = packet_part(p)->layer;
	if (about && about->link_type >= 0 && p->at == 0)
		return about->link_type;
	return first->link_type_count ? (int)first->link_types[0] : DLT_EN10MB;
}

static bool open_file(struct vm *vm, struct pcap_writer *w, value packet)
{
	struct error e = {0};
	if (w->closed)
		return vm_raise_ok(vm, vm->errors.ValueError, "the capture file is closed");
	if (w->file)
		return true;
	if (!w->link_type_known)
		w->options.link_type = is_packet(packet) ? link_type_of(as_packet(packet)) : DLT_EN10MB;
	w->file = pcapwriter_open(buf_str(&w->path), &w->options, &e);
	if (!w->file)
		return raise_error(vm, &e);
	if (pcapwriter_warning(w->file))
		packet_warn(vm, "%s", pcapwriter_warning(w->file));
	return true;
}

/* What was assigned to .time, else when it was captured or sent, else now. */
static bool time_of(struct vm *vm, const struct packet *p, int64_t *out)
{
	const struct circumstances *about = p->stack->about;
	double seconds;
	*out = 0;
	if (about && !is_unset(about->time_value)) {
		if (!value_to_double(vm, about->time_value, &seconds))
			return false;
		*out = (int64_t)(seconds * 1e6) * 1000;
	} else if (about && about->time != INT64_MIN && about->time != 0) {
		*out = about->time;
	} else if (about && about->sent_time != INT64_MIN && about->sent_time != 0) {
		*out = about->sent_time;
	} else {
		*out = deadline_wall_clock();
	}
	return true;
}

static bool put_frame(struct vm *vm, struct pcap_writer *w, const struct capture_frame *f)
{
	struct error e = {0};
	if (!pcapwriter_put(w->file, f, &e) || (w->sync && !pcapwriter_show(w->file, &e)))
		return raise_error(vm, &e);
	return true;
}

static bool write_packet(struct vm *vm, struct pcap_writer *w, struct packet *p)
{
	int64_t time;
	const struct circumstances *about = p->stack->about;
	if (!time_of(vm, p, &time))
		return false;
	struct frame *frame = build_frame(p->stack, p->at);
	if (!frame)
		return false;
	bool cut = about && p->at == 0 && about->wire_len > frame->len;
	struct capture_frame f = { .bytes = frame->bytes, .len = frame->len, .wire_len = cut ? about->wire_len : frame->len, .time = time,
	                           .link_type = w->link_type_known ? w->options.link_type : link_type_of(p) };
	if (about) {
		f.direction = about->direction;
		f.iface = is_str(about->sniffed_on) ? as_str(about->sniffed_on)->data : NULL;
		f.comment = is_bytes(about->comment) ? (const char *)as_bytes(about->comment)->data : is_str(about->comment) ? as_str(about->comment)->data : NULL;
	}
	bool ok = put_frame(vm, w, &f);
	frame_drop(frame);
	return ok;
}

static bool write_any(struct vm *vm, struct pcap_writer *w, value v);

static bool write_items(struct vm *vm, struct pcap_writer *w, value items)
{
	value it = value_iterate(vm, items), item;
	if (is_unset(it) && vm_pending_is(vm, vm->errors.TypeError)) {
		vm_clear(vm);
		return vm_raise_ok(vm, vm->errors.TypeError, "a capture file holds packets or bytes, not %s", value_type_name(vm, items));
	}
	bool ok = !is_unset(it);
	while (ok && (item = value_next(vm, it), !is_unset(item))) {
		ok = write_any(vm, w, item) && vm_poll(vm);
		value_drop(item);
	}
	value_drop(it);
	return ok && !vm_pending(vm);
}

/* A set is written member by member, as it would be sent. */
static bool write_set(struct vm *vm, struct pcap_writer *w, struct packet *p)
{
	struct walk *walk = walk_new(p->stack, p->at);
	struct stack *member;
	bool ok = walk != NULL;
	while (ok && (member = walk_next(walk))) {
		value packet = packet_object(member, 0);
		ok = write_packet(vm, w, as_packet(packet));
		value_drop(packet);
		stack_drop(member);
	}
	if (walk)
		walk_free(walk);
	return ok && !vm_pending(vm);
}

static bool write_any(struct vm *vm, struct pcap_writer *w, value v)
{
	struct view view;
	if (is_packet(v)) {
		struct packet *p = as_packet(v);
		return open_file(vm, w, v) && (stack_is_set(p->stack, p->at) ? write_set(vm, w, p) : write_packet(vm, w, p));
	}
	if (is_bytes(v) || is_kind(v, KIND_BYTEARRAY))
		return open_file(vm, w, v) && value_to_view(vm, v, &view)
		       && put_frame(vm, w, &(struct capture_frame){ .bytes = view.bytes, .len = (uint32_t)view.len, .wire_len = (uint32_t)view.len,
		                                                    .time = deadline_wall_clock(), .link_type = w->options.link_type });
	if (is_str(v))
		return vm_raise_ok(vm, vm->errors.TypeError, "a capture file holds packets or bytes, not str");
	return write_items(vm, w, v);
}

/* `whole`: the file is what it was told to be, so an empty one replaces another. */
static bool finish(struct vm *vm, struct pcap_writer *w, bool whole)
{
	struct error e = {0};
	if (w->closed)
		return true;
	if (!w->file && whole && !w->options.append && !open_file(vm, w, VALUE_NONE))
		return false;
	w->closed = true;
	struct pcapwriter *file = w->file;
	w->file = NULL;
	return !file || pcapwriter_close(file, whole, &e) || raise_error(vm, &e);
}

static bool writer_begin(struct vm *vm, struct pcap_writer *w, value path, const value *options)
{
	return file_path(vm, path, &w->path) && read_options(vm, options, w);
}

static value write_list(struct vm *vm, value *a, bool ng)
{
	struct pcap_writer w = { .options = { .ng = ng, .at_once = true } };
	bool ok = writer_begin(vm, &w, a[0], a + 2) && write_any(vm, &w, a[1]);
	if (ok)
		ok = finish(vm, &w, true);
	else if (w.file)
		pcapwriter_abandon(w.file);
	buf_free(&w.path);
	return ok ? VALUE_NONE : VALUE_UNSET;
}

value capfiles_wrpcap(struct vm *vm, value *a)
{
	return write_list(vm, a, false);
}

value capfiles_wrpcapng(struct vm *vm, value *a)
{
	return write_list(vm, a, true);
}

static value writer_make(struct vm *vm, struct type *cls, const struct call *call)
{
	value a[1 + BUFSZ + 1];
	if (!call_bind(vm, cls->signature, call, a))
		return VALUE_UNSET;
	struct pcap_writer *w = object_new(cls, 0);
	w->options.ng = type_is(cls, wire_of(vm)->ng_writer);
	struct error e = {0};
	bool ok = writer_begin(vm, w, a[0], a + 1) && (pcapwriter_possible(buf_str(&w->path), &e) || raise_error(vm, &e));
	call_unbind(cls->signature, a);
	if (ok)
		return value_object(w);
	value_drop(value_object(w));
	return VALUE_UNSET;
}

/* Forgotten without close(): what was written stays. */
static void writer_release(struct object *o)
{
	struct pcap_writer *w = (struct pcap_writer *)o;
	struct error e = {0};
	if (w->file)
		pcapwriter_close(w->file, false, &e);
	error_clear(&e);
	buf_free(&w->path);
}

static value method_write(struct vm *vm, value *a)
{
	return write_any(vm, (struct pcap_writer *)a[0].o, a[1]) ? VALUE_NONE : VALUE_UNSET;
}

static value method_flush(struct vm *vm, value *a)
{
	struct error e = {0};
	struct pcap_writer *w = (struct pcap_writer *)a[0].o;
	if (!w->file || pcapwriter_show(w->file, &e))
		return VALUE_NONE;
	return vm_raise_error(vm, &e);
}

static value method_close(struct vm *vm, value *a)
{
	return finish(vm, (struct pcap_writer *)a[0].o, false) ? VALUE_NONE : VALUE_UNSET;
}

static value writer_enter(struct vm *vm, value self)
{
	return value_keep(self);
}

static value writer_leave(struct vm *vm, value self, value exception)
{
	return finish(vm, (struct pcap_writer *)self.o, false) ? value_bool(false) : VALUE_UNSET;
}

struct type *capfiles_ng_writer_type(struct vm *vm, struct type *writer)
{
	static const struct type_spec spec = {
		.name = "PcapNgWriter", .doc = "A pcapng file being written: packets of any link types, their interfaces' names and comments.",
		.size = sizeof(struct pcap_writer), .flags = TYPE_OUTSIDE, .signature = "filename, " WRITER_ARGUMENTS, .slots = { .make = writer_make, .release = writer_release },
	};
	return type_new(vm, &spec, writer);
}

struct type *capfiles_writer_type(struct vm *vm)
{
	static const struct native methods[] = {
		{ "write", method_write, "pkt, /", "Write a packet, bytes, or all of a list." },
		{ "write_packet", method_write, "pkt, /", "Write a packet, bytes, or all of a list." },
		{ "send", method_write, "pkt, /", "Write a packet, bytes, or all of a list." },
		{ "flush", method_flush, "", "Hand what was written to the system; the file has its name from now on." },
		{ "close", method_close, "", "Finish the file; it has its name from now on." },
		{ 0 },
	};
	static const struct type_spec spec = {
		.name = "PcapWriter", .doc = "A capture file being written. It takes its name when it is closed, whole, or with the first flush().",
		.size = sizeof(struct pcap_writer), .flags = TYPE_OUTSIDE, .signature = "filename, " WRITER_ARGUMENTS, .methods = methods,
		.slots = { .make = writer_make, .release = writer_release, .enter = writer_enter, .leave = writer_leave },
	};
	return type_new(vm, &spec, NULL);
}
