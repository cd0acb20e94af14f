#!/usr/bin/python3
"""Random small programs of the language, under pktsh and CPython. programs.py [SEED [SECONDS [ends]]]
ends: only those that pktsh does not survive count.

A template's $letter stands for a random expression of a type: $i int, $f float, $n number, $b bool, $s str, $y bytes, $l list,
$t tuple, $d dict, $e set of ints, $x anything, $k small int, $p small count, $S slice, $m format spec, $v a variable there is.
"""
import random
import re
import sys

from _differ import judge

INTS = ["0", "1", "-1", "2", "3", "7", "-7", "10", "255", "256", "65535", "2**31", "2**63 - 1", "2**63", "-2**63", "2**64 + 1",
        "10**20", "-10**30 + 7", "0xff", "0b101", "0o17", "1_000", "True", "123456789012345678901234567890"]
FLOATS = ["0.0", "-0.0", "1.5", "-2.5", "0.1", "1e16", "1e-7", "1e300", "5e-324", "float('inf')", "float('nan')", "-1e22", "123456789.125",
          "1/3", "2.675", "1e15", "0.0001", "1e-5", "3.0", "-7.5", "1.7976931348623157e308", "9007199254740993.0", "0.5", "99.95"]
STRS = ["''", "'a'", "'abc'", "'Hello World'", "'  pad\\t'", "'äöü'", "'ß'", "'x,y,,z'", "'12'", "'-3.5'", "'日本'", "'a\\nb\\r\\nc'",
        "'\\x00\\x7f'", '"it\'s"', "'\"q\"'", "'\\u2028'", "'ǆ'", "'𝔘x'", "'aaaa'", "'A b C'", "'3'", "'\\\\'", "'{}'", "'%s'", "'x=1'",
        "'a b  c'", "'TitleCase'", "'naïve café'", "'ΑΣ'", "'\\xa0x\\xa0'", "'1_0'", "'٣'", "'²'", "'if'", "'_x1'", "'a-b'", "'tab\\tx'"]
BYTES = ["b''", "b'a'", "b'abc'", "b'\\x00\\xff'", "b'Hello World'", "b' x '", "b'a,b,,c'", "b'12'", "bytearray(b'xyz')", "bytes(3)",
         "b'\\r\\n\\t'", "b\"it's\"", "bytes(range(5))", "b'aaaa'"]

EXPRESSIONS = {
    "i": ["$i + $i", "$i - $i", "$i * $i", "$i // $i", "$i % $i", "$i & $i", "$i | $i", "$i ^ $i", "~$i", "-$i", "+$i", "$i << $p",
          "$i >> $p", "abs($i)", "$k ** $p", "pow($i, $p, $i)", "len($s)", "len($l)", "int($s)", "int($s, $p)", "int($f)", "ord($s)",
          "divmod($i, $i)[0]", "divmod($i, $i)[1]", "round($f)", "round($i, $k)", "$s.find($s)", "$s.count($s)", "$l.index($x)",
          "$l.count($x)", "min($i, $i)", "max($i, $i, $i)", "sum($l)", "$i.bit_length()", "$i.bit_count()", "int.from_bytes($y, 'big')",
          "int.from_bytes($y, 'little', signed=$b)", "$y[$k]", "hash($n)", "$s.index($s)", "$s.rfind($s, $k)", "($i if $b else $i)",
          "len($d)", "$d.get($x, $i)", "$t.count($x)", "(lambda a, b=$i: a - b)($i)", "$y.find($y)", "math_floor($f)"],
    "f": ["$f + $f", "$f - $i", "$f * $f", "$i / $i", "$f / $f", "$f // $f", "$f % $f", "$n ** $k", "-$f", "abs($f)", "float($s)",
          "float($i)", "round($f, $k)", "divmod($f, $f)[0]", "divmod($f, $f)[1]", "$i % $f", "$f // $i", "max($f, $i)", "sum([$f, $f, $i])",
          "float.fromhex($f.hex())", "$f.real", "pow($f, $k)", "float(repr($f))", "$n / $n"],
    "b": ["$i < $i", "$f == $i", "$s < $s", "$x == $x", "$x != $x", "not $x", "$x in $l", "$s in $s", "$s not in $s", "$i in $e",
          "$l < $l", "$t <= $t", "$i < $n < $f", "bool($x)", "isinstance($x, (int, str))", "$s.isdigit()", "$s.isalpha()", "$s.isupper()",
          "$s.islower()", "$s.istitle()", "$s.isspace()", "$s.isidentifier()", "$s.isnumeric()", "$s.isdecimal()", "$s.isprintable()",
          "$s.startswith($s)", "$s.endswith(($s, $s))", "any($l)", "all($l)", "$e <= $e", "$e.isdisjoint($l)", "$f.is_integer()",
          "$x is None", "$n >= $n", "$y == $y", "$s.isascii()", "$d == $d", "$y.isdigit()", "$s.isalnum()", "$y in $y", "$x in $d",
          "callable($x)", "$f <= $i != $i", "$e > $e", "$y < $y", "$i in $y", "issubclass(type($x), type($x))"],
    "s": ["$s + $s", "$s * $k", "str($x)", "repr($x)", "ascii($s)", "$s[$k]", "$s[$S]", "$s.upper()", "$s.lower()", "$s.title()",
          "$s.capitalize()", "$s.swapcase()", "$s.strip()", "$s.strip($s)", "$s.lstrip()", "$s.rstrip($s)", "$s.replace($s, $s)",
          "$s.replace($s, $s, $k)", "$s.center($p)", "$s.ljust($p, $s)", "$s.rjust($p)", "$s.zfill($p)", "$s.join($l)", "$s.join([$s, $s])",
          "format($i, $m)", "format($f, $m)", "format($s, $m)", "hex($i)", "oct($i)", "bin($i)", "chr($i)", "$s.expandtabs($p)",
          "$s.casefold()", "$s.removeprefix($s)", "$s.removesuffix($s)", "$y.decode()", "$y.decode('latin-1')", "$y.decode('ascii', 'replace')",
          "$y.hex()", "$s.translate({97: $x, 98: None})", "$s.format($x, $x)", "'{0!r:>8}|{1:<$p}'.format($x, $s)", "'%s %r' % ($x, $x)",
          "'%d' % $n", "'%5.2f|%-8s|%+d' % ($n, $x, $i)", "'%x %o %c' % ($i, $i, $i)", "'%e %g' % ($f, $f)", "'%0$pd' % $i", "'%(a)s' % {'a': $x}",
          "f'{$n}'", "f'{$x!r}'", "f'{$i:$M}'", "f'{$f:$M}'", "f'{$s!r:>{$p}}'", "type($x).__name__", "$f.hex()", "str($y, 'latin-1')",
          "max($s, $s)", "min($l, key=str)", "$s.encode().decode('utf-8')", "'%$p.$pf' % $f", "'%#x|%#o|% d' % ($i, $i, $i)", "'%*d' % ($p, $i)",
          "'%.*f' % ($p, $f)", "'%s' % $x", "'%.3s|%5s' % ($s, $s)", "'%r' % ($t,)", "'%a' % $s", "'%i %u' % ($i, $f)", "'{:$M}'.format($n)",
          "'{a[0]} {a}'.format(a=$l)", "'{0.real} {0.imag}'.format($i)", "'%c' % $s", "'%G %E' % ($f, $f)"],
    "y": ["$y + $y", "$y * $k", "$y[$S]", "$s.encode()", "$s.encode('ascii', 'replace')", "$s.encode('latin-1')", "bytes($l)", "bytes([$i, $i])",
          "$y.upper()", "$y.strip()", "$y.replace($y, $y)", "$y.join([$y, $y])", "$i.to_bytes($p, 'big')", "$i.to_bytes($p, 'little', signed=True)",
          "bytes.fromhex($s)", "b'%d %s' % ($i, $y)", "$y.center($p)", "bytearray($y)", "$s.encode('utf-16-le')", "$y.title()", "$y.zfill($p)",
          "$y.translate(None, $y)", "$s.encode('ascii', 'backslashreplace')", "bytes($p)", "$y.ljust($p, b'.')", "$s.encode('utf-8')", "$y.lstrip($y)"],
    "l": ["[$x, $x]", "[$x]", "$l + $l", "$l * $k", "$l[$S]", "sorted($l)", "sorted($l, key=str, reverse=$b)", "list($s)", "list($y)", "list($t)",
          "$s.split()", "$s.split($s)", "$s.split(None, $k)", "$s.rsplit($s, $k)", "$s.splitlines()", "$s.splitlines(True)", "[c for c in $s if c > $s]",
          "[a * b for a in $l for b in $l[:2]]", "list(map(str, $l))", "list(filter(None, $l))", "list(zip($s, $l))", "list(enumerate($s, $i))",
          "list(range($k, $k, $k))", "list(range($p))", "list(reversed($l))", "list($d)", "list($d.items())", "[*$l, *$t]", "[i for i, c in enumerate($s)]",
          "$y.split($y)", "sorted($e)", "list($d.values())", "[[a for a in range(b)] for b in range($p % 5)]", "list(range($p))[$S]", "$y.splitlines()",
          "list(map(lambda a, b: (b, a), $l, $s))", "[(y := c, y) for c in $s]", "list($l)", "list(dict.fromkeys($l))", "[$i, $f, $i]", "[$s, $s, $s]"],
    "t": ["($x, $x)", "($x,)", "()", "$t + $t", "$t * $k", "$t[$S]", "tuple($l)", "divmod($i, $i)", "divmod($f, $n)", "$s.partition($s)", "$s.rpartition($s)",
          "tuple($s)", "$f.as_integer_ratio()", "$y.partition($y)", "slice($k, $k, $k).indices($p)", "(*$l, $x)", "$i.as_integer_ratio()", "(lambda *a, **k: (a, k))(*$l, z=$x)"],
    "d": ["{$x: $x, $x: $x}", "{$s: $x}", "{}", "dict(a=$x, b=$x)", "dict(zip($l, $s))", "{**$d, $x: $x}", "{a: b for a, b in zip($s, $l)}",
          "dict($l)", "dict.fromkeys($s, $x)", "$d | $d", "dict([($x, $x)])", "{$i: $s, $f: $s}", "str.maketrans($s, $s)", "dict(enumerate($s))"],
    "e": ["{$k, $k, $p}", "set(range($p))", "$e | $e", "$e & $e", "$e - $e", "$e ^ $e", "{a % 3 for a in range($p)}", "frozenset($e)", "set()",
          "$e.union(range($p))", "$e.intersection($l)", "$e.difference($e)", "$e.symmetric_difference([$k])"],
}
LEAVES = {"i": INTS, "f": FLOATS, "s": STRS, "y": BYTES, "b": ["True", "False"], "l": ["[]", "[1, 2, 3]", "['a', 'b']", "[3, 1, 2]"], "t": ["()", "(1, 'a')"],
          "d": ["{}", "{'a': 1}", "{1: 'x', 'k': None}"], "e": ["{1, 2}", "set()"]}
TYPES = "ifbsyltde"


class Maker:
    def __init__(self, seed):
        self.r = random.Random(seed)
        self.names = []
        self.serial = 0

    def pick(self, items):
        return self.r.choice(items)

    def spec(self):
        r, p = self.r, self.pick
        text = p(["", "", "", p(["<", ">", "^", "="]), p("*0_é ") + p(["<", ">", "^", "="])]) + p(["", "", "", "+", "-", " "]) + p(["", "", "", "#", "z"])
        text += p(["", "", "0"]) + p(["", str(r.randrange(1, 25))]) + p(["", "", "", ",", "_"]) + p(["", "", ".%d" % r.randrange(0, 12)])
        return text + p(["", "", "d", "x", "X", "b", "o", "f", "e", "g", "G", "E", "%", "s", "n", "c", "F", "i", "r"])

    def slice(self):
        return "%s:%s%s" % tuple(self.pick(["", self.small()]) if i < 2 else self.pick(["", "", ":" + self.small()]) for i in range(3))

    def small(self):
        return self.pick(["-3", "-2", "-1", "0", "1", "2", "3", "5", "8"])

    def leaf(self, kind):
        if self.names and self.r.random() < 0.2:
            return self.pick(self.names)
        if kind == "i" and self.r.random() < 0.2:
            return str(self.r.randrange(-10 ** self.r.randrange(1, 40), 10 ** self.r.randrange(1, 40)))
        if kind == "f" and self.r.random() < 0.3:
            return repr(self.r.choice([1, -1]) * self.r.random() * 10.0 ** self.r.randrange(-20, 25))
        return self.pick(LEAVES[kind])

    def expression(self, kind, depth):
        r = self.r
        if kind == "x":
            kind = r.choice(TYPES + "ssii")
            if r.random() < 0.06:
                return "None"
        if kind == "n":
            kind = r.choice("if")
        if kind == "k":
            return self.small()
        if kind == "p":
            return str(r.randrange(13))
        if kind == "S":
            return self.slice()
        if kind == "m":
            return repr(self.spec())
        if kind == "M":
            return self.spec()
        if kind == "v":
            return self.pick(self.names or ["undefined_name"])
        if r.random() < 0.02:
            kind = r.choice(TYPES)                  # of a type that does not fit
        if depth <= 0 or r.random() < 0.25:
            text = self.leaf(kind)
            return "(%s)" % text if re.search(r"[-+/* ]|^\d+$", text) else text
        return "(%s)" % self.fill(self.pick(EXPRESSIONS[kind]), depth - 1)

    def fill(self, template, depth):
        def one(match):
            return self.expression(match[1], depth)
        text = re.sub(r"\$([a-zA-Z])", one, template)
        if text.startswith("f'"):                   # no quotes of its own kind, no backslash within: 3.11's rule
            inner = text[2:-1]
            if "'" in inner or "\\" in inner or '"' in inner:
                return "f'{%s}'" % self.pick(["1.5:8.3f", "255:#06x", "1234567:,", "-7:^+9", "(1, 2)!r:>9", "True:5", "10 ** 20:_", "0.1 + 0.2", "3 if 1 else 4=", "12:{3 + 4}.1f"])
        return text

    # ---- statements

    def new(self):
        self.serial += 1
        return "v%d" % self.serial

    def block(self, depth, count=2):
        lines = []
        for _ in range(self.r.randrange(1, count + 1)):
            lines += self.statement(depth)
        return ["    " + line for line in lines]

    def inner(self, depth, count=2):
        """A block whose names are not known after it."""
        names = list(self.names)
        lines = self.block(depth, count)
        self.names = names
        return lines

    def statement(self, depth):
        r = self.r
        if depth <= 0:
            return self.simple()
        return self.compound(depth)

    def compound(self, depth):
        make = self.pick(["simple"] * 4 + ["branch", "loop", "trying", "function", "generator", "klass", "counter", "unpacking", "manager", "comprehension", "mutation",
                          "scopes", "arguments", "dunder", "inherits", "sends", "raises", "decorated", "property_", "exception_classes", "while_", "order"])
        return getattr(self, make)(depth)

    def say(self, depth=2):
        return ["print(%s)" % ", ".join("repr(%s)" % self.expression("x", depth) for _ in range(self.r.randrange(1, 3)))]

    def simple(self, depth=0):
        if self.r.random() < 0.55:
            return self.say(3)
        name = self.new()
        line = "%s = %s" % (name, self.expression("x", 2))
        self.names.append(name)
        return [line, "print(%s)" % name] if self.r.random() < 0.3 else [line]

    def branch(self, depth):
        lines = ["if %s:" % self.expression("x", 2), *self.inner(depth - 1)]
        if self.r.random() < 0.4:
            lines += ["elif %s:" % self.expression("b", 2), *self.inner(depth - 1)]
        return lines + (["else:", *self.inner(depth - 1)] if self.r.random() < 0.5 else [])

    def loop(self, depth):
        name = self.new()
        lines = ["for %s in %s:" % (name, self.pick(["range(4)", self.expression("l", 2), self.expression("s", 2), self.expression("t", 1), self.expression("d", 1)]))]
        names = list(self.names)
        self.names.append(name)
        lines += self.block(depth - 1)
        lines += ["    if %s: %s" % (self.expression("b", 1), self.pick(["break", "continue"]))] + self.say(1)[:0] + ["    print(repr(%s))" % name]
        self.names = names
        return lines + (["else:", *self.inner(depth - 1)] if self.r.random() < 0.4 else [])

    def while_(self, depth):
        name = self.new()
        lines = ["%s = 0" % name, "while %s < %d:" % (name, self.r.randrange(6)), "    %s += 1" % name, *self.inner(depth - 1, 1),
                 "    if %s: %s" % (self.expression("b", 1), self.pick(["break", "continue"]))]
        return lines + (["else:", *self.inner(depth - 1)] if self.r.random() < 0.4 else [])

    def trying(self, depth):
        lines = ["try:", *self.inner(depth - 1, 3)]
        if self.r.random() < 0.3:
            lines += ["    raise %s(%s)" % (self.pick(["ValueError", "KeyError", "TypeError", "OSError", "StopIteration", "IndexError"]), self.expression("x", 1))]
        handlers = self.r.randrange(0, 3)
        for _ in range(handlers):
            what = self.pick(["ValueError", "(TypeError, KeyError)", "Exception", "ArithmeticError", "LookupError", "ZeroDivisionError", "OSError", "NameError"])
            lines += ["except %s as e:" % what, "    print('caught', type(e).__name__, e, e.args)", *self.inner(depth - 1, 1)]
            if self.r.random() < 0.25:
                lines += ["    " + self.pick(["raise", "raise RuntimeError('again')", "raise LookupError(1) from e", "raise KeyError('k') from None"])]
        if handlers and self.r.random() < 0.4:
            lines += ["else:", *self.inner(depth - 1, 1)]
        if not handlers or self.r.random() < 0.5:
            lines += ["finally:", "    print('finally')", *self.inner(depth - 1, 1)]
        return lines

    def function(self, depth):
        name, names = self.new(), list(self.names)
        parameters = self.pick(["", "a", "a, b=%s" % self.expression("x", 1), "a, *b", "*a, b=1", "a=1, **b", "a, /, b=2", "a, *, b=%s" % self.expression("x", 1)])
        self.names += [p for p in "ab" if re.search(r"\b%s\b" % p, parameters)]
        lines = ["def %s(%s):" % (name, parameters), *self.block(depth - 1)]
        how = self.r.random()
        if how < 0.3:
            lines += ["    try: return %s" % self.expression("x", 2), "    finally: print('done')"]
        elif how < 0.9:
            lines += ["    return %s" % self.expression("x", 2)]
        self.names = names
        call = self.pick(["", "1", "%s, %s" % (self.expression("x", 1), self.expression("x", 1)), "a=%s" % self.expression("x", 1), "1, b=2", "*%s" % self.expression("l", 1),
                          "1, 2, 3", "**{'a': 1}", "1, a=2", "c=3"])
        return [*lines, "print(repr(%s(%s)))" % (name, call)]

    def generator(self, depth):
        name, names = self.new(), list(self.names)
        self.names.append("n")
        lines = ["def %s(n):" % name, "    try:", *("    " + x for x in self.block(depth - 1, 1)),
                 "        for i in range(n):", "            got = yield i, %s" % self.expression("x", 1), "            if got is not None: print('got', got)",
                 "        return %s" % self.expression("x", 1)]
        if self.r.random() < 0.4:
            lines += ["    except ValueError as e:", "        print('thrown', e)", "        yield 'handled'"]
        lines += ["    finally: print('closed')"]
        self.names = names
        g = self.new()
        uses = ["print(list(%s))" % g, "print(next(%s))" % g, "print(%s.send('x'))" % g, "%s.close()" % g, "print(%s.throw(ValueError('v')))" % g,
                "print(next(%s, 'none'))" % g, "a, *b = %s; print(a, b)" % g, "print([*zip('ab', %s)])" % g, "print(sum(1 for _ in %s))" % g, "print(%s.send(None))" % g]
        return [*lines, "%s = %s(%d)" % (g, name, self.r.randrange(4)), *(self.pick(uses) for _ in range(self.r.randrange(1, 5))), "del %s" % g]

    def sends(self, depth):
        a, b = self.new(), self.new()
        return ["def %s():" % a, "    r = yield 1", "    print('r', r)", "    try: yield 2", "    except %s as e: print('in', repr(e)); yield 3" % self.pick(["KeyError", "Exception", "GeneratorExit"]),
                "    return %s" % self.expression("x", 1), "def %s():" % b, "    v = yield from %s" % self.pick([a + "()", self.expression("l", 1), a + "()"]), "    print('v', v)",
                "    return v", "g = %s()" % b, *self.r.sample(["print(next(g))", "print(g.send(5))", "print(g.throw(KeyError('k')))", "g.close()", "print(next(g, 0))", "print(next(g))"], 3),
                "try: print(next(g))", "except StopIteration as e: print('stop', e.value)"]

    def counter(self, depth):
        f = self.new()
        return ["def %s(start):" % f, "    n = start", "    def up(by=%s):" % self.expression("i", 1), "        nonlocal n", "        n %s= by" % self.pick(["+", "-", "*", "//", "%", "|"]), "        return n",
                "    return up, lambda: n", "up, now = %s(%s)" % (f, self.expression("x", 1)), "print(now()); print(up()); print(up(%s)); print(now())" % self.expression("x", 1)]

    def klass(self, depth):
        c, names = self.new(), list(self.names)
        self.names += ["self.a"]
        lines = ["class %s:" % c, "    z = %s" % self.expression("x", 1).replace("self.a", "1"), "    def __init__(self, a=%s): self.a = a" % self.expression("x", 1).replace("self.a", "2"),
                 "    def m(self, *b):", *("    " + x for x in self.block(depth - 1)), "        return self.a, b, self.z",
                 "    @classmethod", "    def make(cls, x): return cls(x)", "    @staticmethod", "    def s(x=1): return x"]
        self.names = names
        o = self.new()
        uses = ["print(%s.m(1))" % o, "print(%s.make(3).m())" % c, "print(%s.s(), %s.s(2))" % (o, c), "%s.z = 5; print(%s.z, %s.z)" % (o, o, c), "print(%s.q)" % o, "print(%s.m())" % c, "del %s.a; print(%s.m())" % (o, o),
                "print(vars(%s))" % o, "print(%s.m)" % c if False else "print(%s.__name__)" % c, "print(%s < %s)" % (o, o), "print(%s + 1)" % o, "print(%s[0])" % o, "print(len(%s))" % o, "%s()" % o, "print(getattr(%s, 'zz', 9))" % o,
                "for i in %s: pass" % o, "print(%s == %s, bool(%s))" % (o, o, o), "with %s: pass" % o, "print(hasattr(%s, 'm'))" % o, "%s.__init__(%s, 7); print(%s.a)" % (c, o, o), "print(%s in %s)" % (o, o)]
        return [*lines, "%s = %s(%s)" % (o, c, self.pick(["", self.expression("x", 1), "1, 2", "b=1"])), *(self.pick(uses) for _ in range(3))]

    def dunder(self, depth):
        c = self.new()
        methods = self.r.sample(["def __add__(self, o): return ('add', self.v, o if not isinstance(o, D) else o.v)", "def __radd__(self, o): return ('radd', o)", "def __eq__(self, o): return self.v == getattr(o, 'v', o)",
            "def __lt__(self, o): return self.v < getattr(o, 'v', o)", "def __len__(self): return %s" % self.expression("i", 1), "def __bool__(self): return %s" % self.expression("x", 1), "def __getitem__(self, k): return [10, 20, 30][k]",
            "def __contains__(self, k): return k == 1", "def __call__(self, *a, **k): return a, k", "def __iter__(self): return iter([1, 2])", "def __repr__(self): return %s" % self.expression("x", 1), "def __str__(self): return 'S'",
            "def __format__(self, spec): return 'F' + spec", "def __hash__(self): return %s" % self.expression("i", 1), "def __neg__(self): return -self.v", "def __index__(self): return %s" % self.expression("i", 1), "def __int__(self): return 7",
            "def __getattr__(self, n): return n * 2", "def __iadd__(self, o): self.v = o; return self", "def __mul__(self, o): return NotImplemented", "def __rmul__(self, o): return 'rmul'", "def __reversed__(self): return 'rev'",
            "def __float__(self): return 2.5", "def __divmod__(self, o): return 'dm'", "def __pow__(self, o, m=None): return (o, m)", "def __enter__(self): print('in'); return 5", "def __exit__(self, *a): print('out', a[0] and a[0].__name__); return %s" % self.expression("x", 1),
            "def __missing__(self, k): return k", "def __round__(self, n=None): return n", "def __abs__(self): return 'abs'", "def __next__(self): raise StopIteration", "def __delitem__(self, k): print('del', k)", "def __setitem__(self, k, v): print('set', k, v)",
            "def __ne__(self, o): return 'ne'", "def __ge__(self, o): return NotImplemented", "def __bytes__(self): return b'by'", "def __rsub__(self, o): return 'rsub'", "def __matmul__(self, o): return 'mm'", "def __invert__(self): return 'inv'"], 6)
        uses = ["D(1) + D(2)", "1 + D(1)", "D(1) == D(1)", "D(1) < D(2)", "sorted([D(3), D(1)])[0].v", "len(D(1))", "bool(D(1))", "D(1)[1]", "list(D(1))", "1 in D(1)", "5 in D(1)", "D(1)(1, a=2)", "repr(D(1))", "str(D(1))", "f'{D(1):x}'",
                "'%s' % D(1)", "{D(1): 1}[D(1)]", "-D(4)", "[1, 2, 3][D(1)]", "int(D(1))", "D(1).foo", "D(1) * 2", "3 * D(1)", "reversed(D(1))", "float(D(1))", "divmod(D(1), 2)", "D(1) ** 2", "pow(D(1), 2, 3)", "D(1) != D(2)", "D(1) >= D(2)",
                "D(1) > D(0)", "max(D(1), D(2)).v", "round(D(1))", "round(D(1), 2)", "abs(D(1))", "next(D(1))", "bytes(D(1))", "hex(D(1))", "D(1) @ 2", "~D(1)", "5 - D(1)", "range(D(1))", "'abc' * D(1)", "D(1) - 1", "D(1) <= 1", "hash(D(1))",
                "not D(1)", "format(D(1), '>5')", "any(D(1))", "(lambda *a: a)(*D(1))", "'a' + D(1)", "[1] + D(1)", "D(1) in [D(2), D(1)]", "sum([D(1)])", "D(1) & 1", "D(1) // 0", "iter(D(1))", "dict(D(1))", "'-'.join(D(1))", "D(1)[0:2]", "chr(D(1))"]
        lines = ["class D:", "    def __init__(self, v): self.v = v", *("    " + m for m in methods)]
        for use in self.r.sample(uses, 6):
            lines += ["try: print(%s)" % ("type(%s).__name__" % use if use in ("iter(D(1))", "repr(D(1))", "str(D(1))", "'%s' % D(1)", "reversed(D(1))") and "__repr__" not in " ".join(methods) else "(lambda x: x if not isinstance(x, D) else x.v)(%s)" % use),
                      "except Exception as e: print(type(e).__name__, e)"]
        more = ["d = D(1); d += 5; print(getattr(d, 'v', d))", "d = D(1); d *= 5; print(d)", "del D(1)[2]", "D(1)[3] = 4", "for x in D(1): print(x)", "with D(1) as w: print(w); 1/0", "a, b = D(1); print(a, b)", "with D(1) as w: print(w)", "assert D(1), 'falsy'"]
        for line in self.r.sample(more, 2):
            lines += ["try:", "    " + line, "except Exception as e: print(type(e).__name__, e)"]
        return lines

    def inherits(self, depth):
        orders = self.pick([["A", "B(A)", "C(A)", "E(B, C)"], ["A", "B(A)", "C(B)", "E(C)"], ["A", "B", "C(A, B)", "E(C, A)"], ["A", "B(A)", "C(A)", "E(C, B)"]])
        lines = []
        for order in orders:
            lines += ["class %s:" % order, "    def f(self, x=%s):" % self.expression("x", 1), "        print('%s', x)" % order[0]]
            if self.r.random() < 0.6:
                lines += ["        " + self.pick(["super().f(x)", "return super().f()", "try: return super().f(x)", "return %s.f(self)" % self.pick("ABC")])]
                if lines[-1].endswith("f(x)") and "try:" in lines[-1]:
                    lines += ["        except AttributeError as e: print(e)"]
            if self.r.random() < 0.4:
                lines += ["    k = '%s'" % order[0]]
        return [*lines, "print([c.__name__ for c in E.__mro__])", "print(isinstance(E(), B), issubclass(C, A))", "try: E().f(%s)" % self.pick(["", "1"]), "except Exception as e: print(type(e).__name__, e)", "print(getattr(E(), 'k', None))",
                "try: print(E.k, E.__bases__[0].__name__)", "except AttributeError as e: print(e)"]

    def property_(self, depth):
        return ["class P:", "    _x = %s" % self.expression("x", 1), "    @property", "    def x(self): return self._x", *(["    @x.setter", "    def x(self, v): print('set', v); self._x = v"] if self.r.random() < 0.6 else []),
                *(["    @x.deleter", "    def x(self): print('del')"] if self.r.random() < 0.4 else []), *(["    __slots__ = ('q',)"] if False else []), "p = P()",
                *self.r.sample(["print(p.x)", "p.x = %s" % self.expression("x", 1), "del p.x", "print(P.x.fget(p))", "p.x += 1", "print(vars(p))", "p.y = 1; print(p.y)"], 4)]

    def exception_classes(self, depth):
        return ["class X(%s):" % self.pick(["Exception", "ValueError", "KeyError", "OSError", "LookupError"]), *self.pick([["    pass"], ["    def __init__(self, a, b=2): super().__init__(a); self.b = b"], ["    def __str__(self): return 'shown'"], ["    code = 5"]]),
                "try: raise X(%s)" % self.pick(["", "1", self.expression("x", 1), "1, 2", "'a', 'b'"]), "except X as e: print(repr(e) if %r else e.args, str(e), isinstance(e, ValueError), getattr(e, 'b', None))" % self.r.choice([True, False]),
                "e2 = X(%s); print(e2.args, e2)" % self.expression("x", 1)]

    def unpacking(self, depth):
        targets = self.pick(["a, b", "a, *b", "*a, b", "a, *b, c", "(a, b), c", "a, (b, *c)", "[a, b]", "a"])
        return ["%s = %s" % (targets, self.pick([self.expression("l", 2), self.expression("t", 2), self.expression("s", 1), "(1, (2, 3))", "[(1, 2), 3]", "range(3)"])), *("print(repr(%s))" % n for n in "abc" if re.search(r"\b%s\b" % n, targets))]

    def manager(self, depth):
        c = self.new()
        return ["class %s:" % c, "    def __init__(self, n): self.n = n", "    def __enter__(self): print('enter', self.n); return self.n", "    def __exit__(self, t, v, tb): print('exit', self.n, t and t.__name__, v); return %s" % self.expression("b", 1),
                "with %s(1) as a, %s(%s) as b:" % (c, c, self.expression("x", 1)), "    print(a, b)", *self.inner(depth - 1), "print('after')"]

    def comprehension(self, depth):
        return ["print(%s)" % self.fill(self.pick(["[(a, b) for a in $l for b in $s if a != b]", "{a: len(str(a)) for a in $l}", "sorted({str(a) for a in $l})", "list((a, i) for i, a in enumerate($x))", "[a for a in $l if a]", "[[b] * 2 for b in $s][$S]",
            "sum(a for a in range($p))", "max((len(str(a)), str(a)) for a in $l)", "{k: v for k, v in $d.items() if v}", "[lambda: i for i in range(3)][0]()", "[a async_ for a in $l]" if False else "[x for x in [y for y in $s]]", "dict((b, a) for a, b in enumerate($s))",
            "[f() for f in [lambda i=i: i for i in range($p)]]", "{**{a: a for a in $s}}", "next(a for a in $l if a)", "[a if a else b for a, b in zip($l, $l)]", "list(zip(*[$s, $s]))", "[*map(lambda a: (a,), $l)]", "min($l, key=lambda a: (str(type(a)), str(a)))"]), 2)]

    def mutation(self, depth):
        n = self.new()
        lists = ["$n.append($x)", "$n.extend($l)", "$n.insert($k, $x)", "print($n.pop())", "print($n.pop($k))", "$n.remove($x)", "$n.reverse()", "$n.sort()", "$n.sort(key=repr)", "$n[$k] = $x", "$n[$S] = $l", "del $n[$k]", "del $n[$S]", "$n += $l", "$n *= $k", "$n.clear()", "$n += $s", "$n[$k] += $x", "$n.sort(reverse=$b)"]
        dicts = ["$n[$x] = $x", "del $n[$x]", "print($n.pop($x))", "print($n.pop($x, 1))", "print($n.setdefault($x, $x))", "$n.update($d)", "$n.update(a=$x)", "print($n.popitem())", "print($n[$x])", "$n |= $d", "print(list($n.keys() | {1}) != 0)", "$n.update($l)", "print($n.items() & {('a', 1)})", "print($n.get($x))", "print(list(reversed($n)))"]
        sets = ["$n.add($k)", "$n.discard($k)", "$n.remove($k)", "$n |= $e", "$n -= $e", "$n &= $e", "$n.update($l[:0])", "print($n.pop() is None)", "$n ^= $e", "$n.clear()", "$n.add($l)"]
        arrays = ["$n.append($i)", "$n.extend($y)", "$n[$k] = $i", "$n[$S] = $y", "del $n[$k]", "del $n[$S]", "$n += $y", "print($n.pop())", "$n.insert($k, $p)", "$n.reverse()", "$n.remove($p)", "$n *= $k"]
        kind, uses = self.pick([("l", lists), ("l", lists), ("d", dicts), ("e", sets), ("y", arrays)])
        start = self.expression(kind, 1)
        start = {"y": "bytearray(%s)", "e": "set(%s)", "l": "list(%s)", "d": "dict(%s)"}[kind] % start
        lines = ["%s = %s" % (n, start)]
        for _ in range(4):
            use = self.fill(self.pick(uses).replace("$n", "NAME"), 1).replace("NAME", n)
            lines += ["try: " + use, "except Exception as e: print(type(e).__name__, e)", "print(%s)" % n]
        return lines

    def scopes(self, depth):
        return self.pick([
            ["x = %s" % self.expression("x", 1), "def f():", "    print(x)", *(["    x = 1"] if self.r.random() < 0.5 else []), "f()"],
            ["x = 1", "def f():", "    global x, y", "    x = %s; y = 2" % self.expression("x", 1), "f(); print(x, y)"],
            ["x = 'g'", "class C:", "    x = %s" % self.expression("x", 1), "    y = [x for _ in range(2)]", "    def m(self): return x", "print(C.y, C().m(), C.x)"],
            ["def f():", "    fs = []", "    for i in range(3):", "        fs.append(lambda: i)", "    return [g() for g in fs]", "print(f())"],
            ["def f(n):", "    if n: del n", "    return n", "print(f(%s))" % self.expression("b", 1)],
            ["def f():", "    def g(): return h", "    if %s: h = 1" % self.expression("b", 1), "    return g()", "print(f())"],
            ["try: 1/0", "except ZeroDivisionError as e: pass", "print(e)"],
            ["print([y for x in [1, 2] for y in [x, x * 2]])", "print(%s)" % self.pick("xy")],
            ["def f(a, b=[]):", "    b.append(a)", "    return b", "print(f(1), f(2), f.__defaults__)"],
            ["def f():", "    x = 1", "    exec('x = 2')", "    return x", "print(f())"],
            ["n = 0", "def r(k):", "    global n", "    n += 1", "    return 1 if k <= 0 else r(k - 1) + r(k - 2)", "print(r(%d), n)" % self.r.randrange(8)]])

    def arguments(self, depth):
        f = self.pick(["a, b, c=3", "a, *args", "*args, k", "a, /, b", "*, k=1, **kw", "a, b=2, *args, c, d=4, **kw", "a, b, /, c, *, d", "", "self, x", "a=1, /, **kw"])
        calls = ["1", "1, 2", "1, 2, 3, 4", "k=1", "a=1, b=2", "1, 2, d=4", "1, b=2", "1, 2, c=5", "*[1, 2]", "**{'a': 1, 'k': 2}", "1, *[2], c=3, **{'d': 5}", "1, a=2", "1, 2, 3, 4, 5, 6, 7", "x=1", "**{1: 2}", "*5", "**5", "k=1, **{'k': 2}", "*'ab', **{'d': 1, 'c': 2}"]
        lines = ["def f(%s): return sorted(locals().items(), key=repr)" % f]
        for call in self.r.sample(calls, 5):
            lines += ["try: print(f(%s))" % call, "except Exception as e: print(type(e).__name__, e)"]
        return lines

    def raises(self, depth):
        return ["def f(n):", "    try:", "        if n == 0: raise %s" % self.pick(["ValueError", "ValueError('v')", "KeyError(%s)" % self.expression("x", 1), "StopIteration(3)", "5", "None", "OSError(2, 'no')", "NotImplemented", "SystemExit(3)", "Exception(1, 2)"]),
                "        return f(n - 1)", "    except %s as e:" % self.pick(["ValueError", "Exception", "KeyError", "TypeError", "(OSError, ValueError)"]), "        print(n, repr(e) if not isinstance(e, OSError) else e.errno)",
                "        " + self.pick(["raise", "return n", "raise TypeError(n) from e", "raise RuntimeError", "pass", "raise KeyError(n) from None", "return 1 / 0"]), "    finally:", "        print('f', n)", *(["        " + self.pick(["return 9", "1/0", "pass"])] if self.r.random() < 0.4 else []), "print(f(%d))" % self.r.randrange(3)]

    def decorated(self, depth):
        return ["def twice(f):", "    def g(*a, **k):", "        print('call', a, k)", "        return f(*a, **k), f(*a, **k)", "    return g", "def times(n):", "    return lambda f: lambda *a: [f(*a)] * n",
                *self.r.sample(["@twice", "@times(%s)" % self.small(), "@staticmethod", "@(lambda f: f)"], 2), "def h(x): return %s" % self.expression("x", 1), "print(h(%s))" % self.expression("x", 1)]

    def order(self, depth):
        return ["def s(n, v=None):", "    print(n, end=' ')", "    return n if v is None else v", self.pick(["print(s(1) + s(2) * s(3))", "print(s(1) if s(0) else s(2))", "print([s(1), s(2)][s(0)])", "print(s(1) < s(2) < s(0) < s(5))", "d = {s(1): s(2), s(3): s(4)}; print(d)",
                "a = [0, 0]; a[s(1)] = s(0); print(a)", "print(s(0) or s(2) and s(3))", "print(max(s(1), s(2), key=lambda v: s(-v)))", "x = {}; x[s('a')], x[s('b')] = s(1), s(2); print(x)", "print((lambda a, b: a - b)(b=s(1), a=s(2)))", "a = [1, 2]; a[s(0)] += s(5); print(a)",
                "print(s(1) in [s(2), s(1)])", "print(f'{s(1)} {s(2):{s(5)}}')", "print({s(1), s(1)}, {**{s(2): 1}})", "print('%s %s' % (s(1), s(2)))"])]

    def program(self):
        self.names, self.serial = [], 0
        lines = []
        for _ in range(self.pick([1, 1, 1, 2, 3])):
            lines += self.compound(self.pick([1, 1, 2]))
        if self.r.random() < 0.3:
            lines = ["def main():", *("    " + line for line in lines), "main()"]
        return "import math\nmath_floor = math.floor\n" * ("math_floor" in "\n".join(lines)) + "\n".join(lines) + "\n"


def make(seed):
    maker = Maker(seed)
    return [maker.program() for _ in range(120)]


ENDS = len(sys.argv) > 3 and sys.argv[3] == "ends"


def known(text, ours, theirs):
    if ENDS:
        return "(it ends here" not in ours or "status -9)" in ours      # -9: it took too long, and may under CPython, too
    return "RecursionError" in theirs and "RecursionError" in ours      # how deep is each one's own


if __name__ == "__main__":
    sys.exit(judge(make, known))
