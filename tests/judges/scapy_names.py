# Prints what of Scapy's layers there is to compare: a line "Class module" each.
import importlib, os
import scapy.contrib, scapy.layers
from scapy.all import Packet

def modules(package):
    folder = os.path.dirname(package.__file__)
    for entry in sorted(os.listdir(folder)):
        name, ext = os.path.splitext(entry)
        path = os.path.join(folder, entry)
        if ext == ".py" and name not in ("__init__", "all", "can", "smbclient", "smbserver") and not name.startswith("cansocket"):
            yield package.__name__ + "." + name
    for deeper in ("tls.record", "tls.handshake", "tls.extensions", "tls.keyexchange", "tls.basefields", "tls.cert"):
        if package is scapy.layers: yield "scapy.layers." + deeper

seen = {}
for package in (scapy.layers, scapy.contrib):
    for module in modules(package):
        try:
            loaded = importlib.import_module(module)
        except Exception:
            continue
        for name, found in vars(loaded).items():
            if isinstance(found, type) and issubclass(found, Packet) and found.__module__ == module and name == found.__name__:
                seen.setdefault(name, module)
for name in ("Raw", "Padding", "NoPayload"): seen.setdefault(name, "scapy.packet")
for name in sorted(seen): print(name, seen[name])
