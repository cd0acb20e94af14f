from scapy.all import *
from scapy.layers.eap import *
A, B = "02:00:00:00:00:01", "02:00:00:00:00:02"
for p in [Ether(src=A)/EAPOL(type=1), Ether(src=A, dst=B)/EAPOL()/EAP(code=1, id=1, type=1),
          Ether(src=A, dst=B)/EAPOL()/EAP(code=2, id=1, type=1, identity="user"), Ether(src=A, dst=B)/EAPOL()/EAP(code=3, id=9),
          EAPOL(version=2)/EAP_MD5(id=2, value="0123456789abcdef", optional_name="srv"), EAPOL()/EAP_TLS(id=3, S=1),
          EAPOL()/EAP_TLS(code=2, id=3, L=1, tls_message_len=4, tls_data="\x16\x03\x01\0"), EAPOL()/EAP_PEAP(id=4), EAPOL()/EAP_TTLS(id=4, data="x"),
          EAPOL()/EAP_FAST(id=5), EAPOL()/LEAP(id=6, challenge_response="12345678", username="me"),
          EAPOL()/MKAPDU(basic_param_set=MKABasicParamSet(param_set_body_len=31, SCI=MACsecSCI(system_identifier=A), cak_name="abc"),
                         parameter_sets=[MKAICVSet(param_set_body_len=16, icv="i" * 16)])]:
    b = raw(p)
    q = p.__class__(b)
    print(b.hex())
    print(repr(q))
    print(q.summary())
    q.show()
    print(EAP in q)
print(bool(EAP(code=2, id=1, type=4).answers(EAP(code=1, id=1, type=4))), bool(EAP(code=3, id=1).answers(EAP(code=2, id=1, type=4))))
