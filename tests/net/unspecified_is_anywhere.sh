#!/bin/bash
# 0.0.0.0 is no destination: what asks the routes for it gets the default route's answer, as in Scapy, not loopback's.
said=$(scripts/lab "$PKTSH" -c \
	'print(conf.route.route("0.0.0.0"), ARP().psrc, ARP().hwsrc, IP(dst="0.0.0.0").src)') || exit
[ "$said" = "('eth0', '10.0.2.1', '10.0.2.5') 10.0.2.1 02:00:00:00:02:01 10.0.2.1" ] || { echo "$said"; exit 1; }
