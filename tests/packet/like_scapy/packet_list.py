a=PacketList([Ether(bytes(Ether(src="02:00:00:00:00:01",dst="02:00:00:00:00:02")/IP(src="10.0.0.%d"%(i%3+1),dst="10.0.1.%d"%(i%2+1),id=i)/p)) for i,p in enumerate([TCP(sport=1000,dport=80,flags="S"),UDP(sport=5000,dport=5001)/"abc",ICMP(),TCP(sport=1000,dport=80)/"hello",UDP(sport=7,dport=7777)/"xx"])],"mine")
for i,p in enumerate(a): p.time=1000000+i*0.5
a.append(Ether(bytes(Ether(src="02:00:00:00:00:01",dst="02:00:00:00:00:02")/IP(src="10.0.0.9",dst="10.0.1.9")/ICMP())+b"\0"*6)); a[-1].time=5
a.append(Ether(bytes(Ether(src="02:00:00:00:00:01",dst="02:00:00:00:00:02")/IP(src="10.0.0.9",dst="10.0.1.9")/ICMP())+b"abc")); a[-1].time=6
a.append(Ether(bytes(Ether(src="02:00:00:00:00:01",dst="02:00:00:00:00:02")/ARP(psrc="1.1.1.1",hwsrc="02:00:00:00:00:01",hwdst="02:00:00:00:00:02",pdst="1.1.1.2")))); a[-1].time=6
print(a)
b=PacketList([p for p in a if IP in p])
print("table"); b.make_table(lambda p:(p[IP].dst,p[IP].src,p[IP].proto))
print("lined"); b.make_lined_table(lambda p:(p[IP].dst,p[IP].src,p[IP].proto))
print("tex"); b.make_tex_table(lambda p:(p[IP].dst,p[IP].src,p[IP].proto))
print("hexraw"); a.hexraw()
print("rawhexdump"); a.rawhexdump()
print("padding"); a.padding(); print("nz"); a.nzpadding()
print("sessions")
for k,v in a.sessions().items(): print(k, len(v), v)
print("replace"); r=a.replace(IP.src,"10.0.0.1","9.9.9.9"); print(r, [p[IP].src for p in r if IP in p]); 
r=a.replace((IP.src,"10.0.0.2","8.8.8.8"),(IP.ttl,64,3)); print([(p[IP].src,p[IP].ttl) for p in r if IP in p])
r=a.replace(IP.src,"7.7.7.7");print([(p[IP].src) for p in r if IP in p]); print(a[IP], a[TCP][0].summary())
a.nsummary(); a.summary(lfilter=lambda p: TCP in p); a.nsummary(prn=lambda p:p.time)
