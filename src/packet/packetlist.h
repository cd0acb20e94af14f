/* The store under PacketList; what C does with packet lists is in packet.h. */
#ifndef PACKET_PACKETLIST_H
#define PACKET_PACKETLIST_H

#include "packet/packet.h"

void packetlist_add_type(struct vm *vm);        /* PacketStore, as a name of the language */

#endif
