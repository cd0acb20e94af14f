load_contrib("mqtt")
load_contrib("coap")
p = MQTT(QOS=1)/MQTTPublish(topic="a/b", msgid=5, value="hi")
print(raw(p))
print(raw(MQTT()/MQTTConnect(protoname="MQTT", protolevel=4, clientId="c")), raw(MQTT(type=14)/MQTTDisconnect()), raw(MQTT(type=12)))
print(raw(MQTT(QOS=1, type=8)/MQTTSubscribe(msgid=1, topics=[MQTTTopicQOS(topic="a", QOS=1)])))
for c in [MQTTConnack, MQTTPuback, MQTTPubrec, MQTTPubrel, MQTTPubcomp, MQTTUnsuback]:
    print(raw(MQTT()/c()), repr(MQTT(raw(MQTT()/c()))))
p = CoAP(code=1, msg_id=7, token="ab", options=[("Uri-Path", "x"), ("Uri-Path", "yy"), ("Content-Format", b"\x32"), ("Uri-Query", "a"*20)], paymark=b"\xff")/"data"
print(raw(p), CoAP(raw(p)).options)
