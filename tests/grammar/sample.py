# -*- every construct of the language, for same_tree.sh -*-
"""doc"""
import os, os.path as p
from . import a
from ...b.c import (d as e, f,)
from x import *
x = y = z, = 1, *w
a.b[c], (d, *e), [f] = g
x += 1; x //= 2; x **= -3; x @= y; x >>= 1; x <<= 1; x &= x | x ^ ~x
v: int
v: int = 1, 2
(v): int = yield_
o.v: "x" = 3
del a, b[1], c.d, (e, [f])
assert a, "why"
raise
raise A
raise A from None
global g1, g2
if a: b
elif c:
    d
elif e: f; g;
else: h
while a: break
else: continue
for a, b in c, d: pass
for a.b, *c[0] in *x, y:
    continue
else:
    pass
for x, in y: z
try: a
except: b
try:
    a
except A: b
except (B, C) as c:
    d
else: e
finally: f
with a: b
with a as b, c as d.e, f: g
with (a as b, c, d as (e, f),): g
with (a, b): c
with (a, b) as c: d
with (a, b), c: d
with (a): b
with (yield): b
with (a).b as c: d
with (a if b else c) as d, (e): f
with (*a, b): c
with ((a, b)): c


@d1
@d2.e(1)
@(lambda f: f)
def f(a, /, b, c=1, *d, e, f=2, **g): return
def f(a: int, /, b: "x" = 1, *d: e, f: g = 2, **h: i) -> j: return *a, b
def f(*, a): yield
def f(a=1, /, b=2, *, c): x = yield 1, 2; y = yield from z; await_ = (yield)
def f(*a: *b): nonlocal q
def f(
): pass
@d
class A: pass
class B(): x: int
class C(A, *b, metaclass=c, **d):
    "doc"

    def f(self): ...


lambda: 0
lambda a, /, b, c=1, *d, e, f=2, **g: lambda: a
lambda *, a: a, b
a or b or c and d and e or (f or g) or not h
not not a
a < b <= c == d != e > f >= g is h is not i in j not in k
(a < b) < c
not a in b
a if b else c if d else lambda: e
(a := b)
f(a := b, c=d)
x[a:=1, b]
[y := 1, y ** 2]
{y := 1}
if (n := 10) > 5: pass
while chunk := read(): pass
-a ** -b ** ~c * d // e % f @ g + h - i << j >> k & l ^ m | n
-(a + b) * (c - d)
(-1) ** 2
2 ** -1
+-~not_
a.b.c(d)(e)[f].g
f()
f(a, *b, c=d, *e, **f, g=h)
f(x for x in y)
f((x for x in y), z)
f(a)(b for b in c if d if not e for f, in g)
f(**a, b=c)
f(*a, b, *c,)
a[1], a[1:2], a[1:2:3], a[:], a[::], a[:2], a[1:], a[::3], a[1:2, ::3], a[b,], a[*c], a[*c, d], a[()]
a[lambda: b:c]
(), (a,), (a), (a, b), (a, b,), [], [a], [a, *b,], {}, {a}, {*a, b}, {a: b}, {**a, b: c,}
[a for a in b], {a for a, b in c if d}, {a: b for a, b in c}, (a for (a) in b for c in d if e or f if g)
[a for a in lambda_ if b]
[lambda: a for a in b]
[x for x in (a if b else c)]
0, 00, 1_000, 0xdead_BEEF, 0o7_7, 0B1_0, 10**100, 123456789012345678901234567890
1.0, 1., .5, 1e5, 1E-5, 1_0.0_1e+1_0, 0e0, 00.5, 1.5if a else 2
1if a else 2
1 .real, 1..real, 1.0.real
None, True, False, ...
'a' "b" '''c''' """d
e""" 'f\
g'
'\a\b\f\n\r\t\v\\\'\"\0\12\1234\x41\u1234\U0001f600\q\8'
r'\n\'' R"\
" u'x' U"y"
b'\x00\xff\n\u1234\777' B"a" b'''c''' rb'\x' bR'\y' Rb"\z"
'\ud800' 'é' '漢字' '\xe9'
f''
f'a{b}c{d!r}e{f:g}h{i!s:>{j}.{k}}l{{m}}n'
f'{a=}', f'{a = }', f'{a=!s}', f'{a=:>5}', f'x{ a + b = }y'
f'{a}' 'b' f'{c}' "d" 'e'
'a' 'b' f'{c}'
rf'\n{a}\{b}' fR'\d{a:\d}' F'\n{a}\x41\{b}'
f'''a
{b
} {c:
}'''
f"{'a' 'b'}{'c'!r:{'d'}}"
f'{a, b}{*a, b}{(lambda: 1)()}{ {1: 2}[1] }{[a for a in b]}{a if b else c}{a!=b}{a==b}{a<=b}{(a:=b)}{a:=^5}{yield_}'
f'{a:%H:%M}' f'{a:{b}{c}}' f"{a:''}"
print(a, file=b); print
match, case, type, _ = 1, 2, 3, 4
match(x); match[x]; match.x; match * x; match = 1
if a:
	b
	if c:
	        d

# comment
	e
	  # comment
x = (  # comment
  1,

  2
)
x = 1 + \
    2
ünï = ñ
if a:
    b
\
    c
    \
  d
