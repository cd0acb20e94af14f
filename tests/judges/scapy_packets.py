# Packets of random values of the classes of a file, as lines of JSON: the text that makes each, and what Scapy makes of it.
import importlib, json, random, sys, signal, time
from scapy.all import *
from scapy.fields import *
from scapy.fields import _StrField, _EnumField
from scapy.layers.dns import DNSRRField, DNSStrField, DNSTextField
from scapy.volatile import VolatileValue
conf.verb = 0
conf.manufdb = None                              # names of makers depend on what else is installed

# What 2.7 prints and 2.5 does not: bytes as bytes
_StrField.i2repr = lambda self, pkt, x: repr(x) if isinstance(x, bytes) else Field.i2repr(self, pkt, x)
XStr = tuple(c for c in (XStrField, XStrLenField, XStrFixedLenField) if c)

R = random.Random()
COMPUTED = (FieldLenField, BitFieldLenField, LenField)

# What says which class or how long these bytes are stays as the class has it: random there, the bytes are another layer's
STRUCTURE = {"type", "otype", "option", "copy_flag", "optclass", "optcode", "msgtype", "len", "length", "optlen", "plen", "ihl", "dataofs", "nh", "version"}

class Skip(Exception): pass

def plain(v, deep=0):
    """v as text of the language, the same in both; Skip when there is none."""
    if isinstance(v, VolatileValue): v = v._fix()
    if isinstance(v, FlagValue): v = int(v)
    if v is None or type(v) in (bool, int, str, bytes): return repr(v)
    if type(v) is bytearray: return repr(bytes(v))
    if isinstance(v, Packet): return v.command()
    if type(v) is float: return repr(v)
    if type(v) in (list, tuple) and deep < 3:
        inner = ", ".join(plain(x, deep + 1) for x in v)
        return "[%s]" % inner if type(v) is list else "(%s%s)" % (inner, "," if len(v) == 1 else "")
    raise Skip

def words(n): return bytes(R.choice(b"abcdefghijklmnop") for _ in range(n))
def ip4(): return "%d.%d.%d.%d" % (1 + R.randrange(223), R.randrange(256), R.randrange(256), R.randrange(256))
def ip6(): return "2001:db8:" + ":".join("%x" % (1 + R.randrange(65535)) for _ in range(6))
def mac(): return "02:" + ":".join("%02x" % R.randrange(256) for _ in range(5))

def value(f, pkt, depth=0):
    """The text of a value for a field."""
    if isinstance(f, ConditionalField):
        return value(f.fld, pkt, depth)
    if isinstance(f, (Emph, PadField, ReversePadField)): return value(f.fld if hasattr(f, "fld") else f._fld, pkt, depth)
    if isinstance(f, MultipleTypeField):
        return value(f._find_fld_pkt(pkt), pkt, depth)
    if isinstance(f, FieldListField):
        if f.count_from or f.length_from: return "[%s]" % ", ".join(value(f.field, pkt, depth) for _ in range(R.randrange(4)))
        raise Skip
    if isinstance(f, (PacketListField, PacketField)):
        cls = getattr(f, "cls", None)
        if not (isinstance(cls, type) and issubclass(cls, Packet)) or depth > 1 or cls in (Raw, Packet): raise Skip
        if isinstance(f, PacketListField):
            if isinstance(f, PacketLenField): raise Skip
            return "[%s]" % ", ".join(source(cls, depth + 1) for _ in range(R.randrange(3)))
        return source(cls, depth + 1)
    if isinstance(f, (DNSRRField, DNSTextField)): raise Skip
    if isinstance(f, DNSStrField): return repr(b".".join(words(1 + R.randrange(9)) for _ in range(1 + R.randrange(3))) + b".")
    if isinstance(f, (IP6Field,)): return repr(ip6())
    if isinstance(f, (IPField,)): return repr(ip4())
    if isinstance(f, (MACField,)): return repr(mac())
    if isinstance(f, FlagsField): return repr(R.randrange(1 << f.size))
    if isinstance(f, NetBIOSNameField): return repr(words(1 + R.randrange(15)))
    if isinstance(f, StrFixedLenField):
        n = f.length_from(pkt)
        if n is None: raise Skip                 # as long as another field says, which is not given
        return repr(words(n)) if n <= 64 else "b''"
    if type(f) in (StrLenField, StrField, XStrField, XStrLenField, StrNullField): return repr(words(R.randrange(12)))
    if isinstance(f, _EnumField) and hasattr(f, "i2s") and isinstance(f.i2s, dict) and f.i2s and R.random() < .7:
        known = [k for k in f.i2s if isinstance(k, int)]
        if known: return repr(R.choice(sorted(known)))
    if isinstance(f.default, (list, Packet)): raise Skip         # a kind of its own for a list
    text = plain(f.randval())
    if isinstance(f, (ThreeBytesField, LEThreeBytesField)): text = repr(int(text) & 0xffffff)   # its random values are of four bytes
    return text

def source(cls, depth=0):
    """The text that makes one packet of the class, some fields given."""
    pkt = cls()
    given = {}
    for f in cls.fields_desc:
        inner = f.fld if isinstance(f, ConditionalField) else f
        if f.name in STRUCTURE and f.default not in (None, 0): continue
        if depth and R.random() < .3: continue
        if f.default is None and R.random() < .9: continue
        if isinstance(inner, COMPUTED) or R.random() < .15: continue
        try:
            if isinstance(f, ConditionalField) and not f._evalcond(pkt): continue
            text = value(f, pkt, depth)
            if f.name in ("payload", "name"): continue
            pkt.setfieldval(f.name, eval(text))
            given[f.name] = text
        except Skip: continue
        except Exception: continue
    # a field that decides whether another is there may have come after it
    for f in cls.fields_desc:
        try:
            if f.name in given and isinstance(f, ConditionalField) and not f._evalcond(pkt): del given[f.name]
        except Exception: given.pop(f.name, None)
    return "%s(%s)" % (cls.__name__, ", ".join("%s=%s" % kv for kv in given.items()))

def below(cls, deep=0):
    """The text of layers that carry the class, or nothing."""
    lowers = sorted((l for l in (cls.overload_fields if isinstance(cls.overload_fields, dict) else {}) if globals().get(l.__name__) is l and l.__name__ in KNOWN), key=lambda l: l.__name__)
    if not lowers or deep > 3: return ""
    lower = R.choice(lowers)
    return (below(lower, deep + 1) if R.random() < .8 else "") + lower.__name__ + "()/"

def printed(p):
    return {"show": p.show(dump=True).replace("]### \n", "]###\n"), "repr": repr(p), "summary": p.summary()}

class Late(BaseException): pass
def late(*_): raise Late
signal.signal(signal.SIGALRM, late)

def raw_later(text):
    """What it would be made a minute later, of other drawn numbers: what some fields are when nobody says."""
    now = time.time
    time.time = lambda: now() + 60
    try:
        random.seed(2)
        return raw(eval(text))
    finally:
        time.time = now

def judge(cls, text):
    signal.setitimer(signal.ITIMER_REAL, 2)
    try:
        random.seed(1)
        made = raw(eval(text))
        row = {"source": text, "bytes": made.hex(), "timed": raw_later(text) != made}
        try: row.update(printed(globals()[text.split("(")[0]](made)))
        except Exception as e: row["unread"] = repr(e)
        return row
    except (Exception, Late):
        return None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)

count, seed, asked = int(sys.argv[1]), sys.argv[3], set(sys.argv[4:])
classes, KNOWN = [], set()
for line in open(sys.argv[2]):
    name, module = line.split()
    KNOWN.add(name)
    try: cls = getattr(importlib.import_module(module), name)
    except Exception: continue
    globals()[name] = cls
    if not asked or name in asked or module in asked or module.split(".")[-1] in asked: classes.append(cls)

for cls in classes:
    R.seed(cls.__name__ + seed)
    name = cls.__name__
    entry = {"class": name, "fields": [f.name for f in cls.fields_desc], "packets": []}
    texts = [name + "()"]
    for k in range(count):
        try: text = source(cls)
        except Exception: continue
        if k % 3 == 2: text += "/Raw(%r)" % words(1 + R.randrange(9))
        if k % 3 == 1: text = below(cls) + text
        if text not in texts: texts.append(text)
    for text in texts:
        random.seed(text)
        row = judge(cls, text)
        if row: entry["packets"].append(row)
    print(json.dumps(entry))
