from scapy.all import *
from scapy.layers.dot11 import *
A, B, C = "02:00:00:00:00:01", "02:00:00:00:00:02", "02:00:00:00:00:03"
R = RadioTap(present="Flags+Rate+Channel+dBm_AntSignal+Antenna", Flags=0, Rate=2, ChannelFrequency=2412, ChannelFlags="CCK+2GHz", dBm_AntSignal=-40)
for p in [
        R/Dot11(addr1="ff:ff:ff:ff:ff:ff", addr2=A, addr3=A)/Dot11Beacon(cap="ESS+privacy")/Dot11Elt(ID="SSID", info="lab")/Dot11EltRates(rates=[0x82, 0x84, 0x16])/
        Dot11EltDSSSet(channel=6)/Dot11EltCountry(country_string="DE ", descriptors=[Dot11EltCountryConstraintTriplet(num_channels=13, mtp=20)])/Dot11EltERP(Use_Protection=1)/
        Dot11Elt(ID=5, info=b"\0\1\0\0"),
        RadioTap(present="TSFT+Flags+Rate+MCS", mac_timestamp=12345, Flags="ShortPreamble", Rate=5.5)/Dot11(type=1, subtype=13, addr1=A),
        RadioTap(present="TSFT+Flags+RXFlags+A_MPDU", mac_timestamp=1, Flags=0, A_MPDU_ref=7)/Dot11(type=1, subtype=11, addr1=A, addr2=B),
        RadioTap(present="Flags+VHT", KnownVHT="Bandwidth")/Dot11(type=1, subtype=8, addr1=A, addr2=B),
        RadioTap()/Dot11FCS(addr1=A, addr2=B, addr3=C)/Dot11Deauth(reason=7),
        Dot11(addr1=A, addr2=B, addr3=C)/Dot11Auth(seqnum=1),
        Dot11(addr1=A, addr2=B, addr3=C)/Dot11AssoReq(cap="ESS")/Dot11Elt(ID=0, info="x"),
        Dot11(addr1=A, addr2=B, addr3=C)/Dot11AssoResp(AID=1, status=0)/Dot11EltRates(ID=50),
        Dot11(addr1=A, addr2=B, addr3=C)/Dot11ProbeReq()/Dot11Elt(ID=0),
        Dot11(addr1=A, addr2=B, addr3=C)/Dot11Disas(),
        Dot11(type=2, subtype=8, FCfield="to-DS", addr1=A, addr2=B, addr3=C)/Dot11QoS(TID=5)/LLC()/b"data",
        Dot11(type=2, FCfield="from-DS", addr1=A, addr2=B, addr3=C)/LLC(dsap=0xaa, ssap=0xaa, ctrl=3)/b"x",
        Dot11(type=2, FCfield="protected+to-DS", addr1=A, addr2=B, addr3=C)/Dot11CCMP(PN0=1, ext_iv=1, data="secret bytes"),
        Dot11(type=2, FCfield="protected+to-DS", addr1=A, addr2=B, addr3=C)/Dot11TKIP(TSC1=1, WEPSeed=0x21, ext_iv=1, data="secret bytes"),
        Dot11(type=1, subtype=6, cfe=6, addr1=A, addr2=B, addr3=C),
        Dot11(type=1, subtype=12, addr1=A, ID=77)]:
    b = raw(p)
    q = p.__class__(b)
    print(b.hex())
    print(q.summary())
    print([layer.__name__ for layer in q.layers()])
    q.show()
    print(raw(q) == b)
beacon = RadioTap(raw(R/Dot11(addr1="ff:ff:ff:ff:ff:ff", addr2=A, addr3=A)/Dot11Beacon(cap="ESS")/Dot11Elt(ID="SSID", info="lab")/Dot11EltDSSSet(channel=6)))
print(beacon[Dot11Elt].info, beacon[Dot11Elt:2].channel, beacon[Dot11].addr2, beacon.Rate, beacon.dBm_AntSignal, Dot11EltDSSSet in beacon)
stats = beacon[Dot11Beacon].network_stats()
print(stats["ssid"], stats["channel"], stats["crypto"], beacon[Dot11].address_meaning(1))
