/* Capture files in the language: rdpcap, wrpcap, PcapReader, PcapWriter. */
#ifndef NET_CAPFILES_H
#define NET_CAPFILES_H

#include "lang/vm.h"

struct pcapfile;
struct pcapfile *capfiles_open(struct vm *vm, const char *path);     /* NULL: raised */
value capfiles_rdpcap(struct vm *vm, value *a);
value capfiles_wrpcap(struct vm *vm, value *a);
value capfiles_wrpcapng(struct vm *vm, value *a);
struct type *capfiles_reader_type(struct vm *vm);        /* PcapReader; owned */
struct type *capfiles_writer_type(struct vm *vm);        /* PcapWriter; owned */
struct type *capfiles_ng_writer_type(struct vm *vm, struct type *writer);        /* PcapNgWriter; owned */

#define WRITER_ARGUMENTS "linktype=None, gz=False, endianness='', append=False, sync=False, nano=True, snaplen=65535, bufsz=4096"

#endif
