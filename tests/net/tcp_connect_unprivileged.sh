#!/bin/bash
# Without the privilege for a firewall rule a conversation by hand is held from an address that nobody has, which is said.
said=$(scripts/lab setpriv --bounding-set=-net_admin "$PKTSH" -c '
c = tcp_connect("10.0.2.5", 7, verbose=1)
c.send(b"hello")
print(c.recv())
c.close()') || exit
[ "$said" = "tcp_connect: sent from 10.0.2.254, which the kernel does not have; its neighbours are answered from here
b'hello'" ] || { echo "$said"; exit 1; }
