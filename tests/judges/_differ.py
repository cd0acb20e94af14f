"""Small programs under pktsh and under CPython: run many in one process, find those that differ, make them small.

A program is text. It is run by exec() in a namespace of its own, in both; what it prints and the class and message of what it
raises are compared (of a SyntaxError its class only: ours names what is wrong in its own words).
"""
import ast
import copy
import os
import re
import subprocess
import sys
import tempfile
import time
import warnings

PKTSH = os.environ.get("PKTSH", "build/pktsh")
PYTHON = "/usr/bin/python3"
PATIENCE = 10

HARNESS = """
import sys
def told(e):
    if isinstance(e, SyntaxError): return "SyntaxError"
    return type(e).__name__ + ": " + str(e)
def chain(e):
    while e is not None:
        print("!", told(e))
        if e.__cause__ is not None: print("! from")
        e = e.__cause__ or (None if e.__suppress_context__ else e.__context__)
for number, text in enumerate(PROGRAMS):
    print("@@", number)
    try: exec(text, {"__name__": "program"})
    except BaseException as e: chain(e)
    sys.stdout.flush()
print("@@ end")
"""


# What is ours by intention, and what is no fact: the nearest name; where an object is.
PLAIN = (re.compile(r"; did you mean [^?\n]*\?|\. Did you mean: [^?\n]*\?"), ""), (re.compile(r"0x[0-9a-f]{9,}"), "0x~")


def plain(text):
    for pattern, put in PLAIN:
        text = pattern.sub(put, text)
    return text


def run(command, programs):
    """The output of each program; None from the one on that was not reached."""
    with tempfile.NamedTemporaryFile("w", suffix=".pkt", encoding="utf-8") as f:
        f.write("PROGRAMS = [\n" + "".join("  %s,\n" % ascii(p) for p in programs) + "]\n" + HARNESS)
        f.flush()
        env = dict(os.environ, PYTHONHASHSEED="0", PYTHONIOENCODING="utf-8", TZ="UTC", COLUMNS="80")
        child = subprocess.Popen([*command, f.name], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env, stdin=subprocess.DEVNULL)
        try:
            out, err = child.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            child.kill()
            out, err = child.communicate()
    text = plain(out.decode("utf-8", "replace"))
    parts = re.split(r"^@@ (?:\d+|end)\n", text, flags=re.M)[1:]
    if len(parts) <= len(programs):             # it ended within the last one
        last = "(it ends here: status %s) %s" % (child.returncode, err.decode("utf-8", "replace")[-300:])
        parts = parts[:-1] + [(parts[-1] if parts else "") + last]
        parts += [None] * (len(programs) - len(parts))
        return parts
    return parts[:-1]


def outputs(programs, known=lambda text, ours, theirs: False):
    """(program, ours, theirs) of all that differ and are not known."""
    out = []
    while programs:
        ours, theirs = run([PKTSH], programs), run([PYTHON], programs)
        done = len(programs)
        for i, (mine, python) in enumerate(zip(ours, theirs)):
            if mine is None or python is None:
                done = i
                break
            if mine != python and not known(programs[i], mine, python):
                out.append((programs[i], mine, python))
        programs = programs[done:]
    return out


# ---- making small ------------------------------------------------------------------------------------------------------

def smaller(tree):
    """Trees with one thing less: a statement gone, a block instead of its statement, an expression's part instead of it."""
    nodes = list(ast.walk(tree))
    for index, node in enumerate(nodes):
        for field, value in ast.iter_fields(node):
            if isinstance(value, list) and value:
                for i in range(len(value)):
                    if field in ("body", "orelse", "finalbody", "handlers") and isinstance(value[i], ast.AST):
                        yield index, field, i, None
                        for inner in ("body", "orelse", "finalbody"):
                            if isinstance(getattr(value[i], inner, None), list):
                                yield index, field, i, inner
                    elif field in ("elts", "args", "keywords", "ifs", "values", "decorator_list", "comparators", "keys", "defaults"):
                        yield index, field, i, None
                    if isinstance(value[i], ast.expr):
                        for part in ast.iter_child_nodes(value[i]):
                            if isinstance(part, ast.expr):
                                yield index, field, i, part
            elif isinstance(value, ast.expr):
                for part in ast.iter_child_nodes(value):
                    if isinstance(part, ast.expr):
                        yield index, field, None, part


def changed(tree, index, field, i, what):
    tree2 = copy.deepcopy(tree)
    node = list(ast.walk(tree2))[index]
    value = getattr(node, field)
    if i is None:
        setattr(node, field, what)
    elif what is None:
        del value[i]
        if field == "body" and not value:
            value.append(ast.Pass())
        if field in ("values", "keys") and isinstance(node, ast.Dict):
            del getattr(node, "keys" if field == "values" else "values")[i]
        if field == "comparators":
            del node.ops[i]
    elif isinstance(what, str):
        value[i:i + 1] = getattr(value[i], what) or [ast.Pass()]
    else:
        value[i] = what
    return ast.unparse(ast.fix_missing_locations(tree2))


def shrink(difference, until, known):
    """The smallest program of this kind that still differs."""
    best, again, wanted = difference, True, shape(difference)
    def other(text, ours, theirs):
        return known(text, ours, theirs) or shape((text, ours, theirs)) != wanted
    while again and time.monotonic() < until:
        again = False
        try:
            tree = ast.parse(best[0])
        except (SyntaxError, ValueError):
            break
        candidates = []
        for step in smaller(tree):
            try:
                text = changed(tree, *step)
                compile(text, "x", "exec")
            except Exception:
                continue
            if len(text) < len(best[0]) and text not in candidates:
                candidates.append(text)
        candidates.sort(key=len)
        for at in range(0, len(candidates), 40):
            found = outputs(candidates[at:at + 40], other)
            if found:
                best, again = min(found, key=lambda f: len(f[0])), True
                break
            if time.monotonic() > until:
                break
    return best


def first_lines(ours, theirs):
    """Where they begin to differ, a few lines of each."""
    at = next((i for i, (a, b) in enumerate(zip(ours, theirs)) if a != b), min(len(ours), len(theirs)))
    return ours[at:at + 3], theirs[at:at + 3]


# ---- the judge ---------------------------------------------------------------------------------------------------------

def shape(found):
    """What tells two differences apart: the lines that differ, without their numbers and quoted texts."""
    pair = next(((a, b) for a, b in zip(found[1].split("\n"), found[2].split("\n")) if a != b), (found[1][-80:], found[2][-80:]))
    return tuple(re.sub(r"[0-9]+|'[^']*'", "_", side) for side in pair)


def judge(make, known=lambda text, ours, theirs: False):
    """The judge as a program: SEED and SECONDS are its arguments; the status is 1 when something differs."""
    warnings.simplefilter("ignore")
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 10
    start, count, found, shapes = time.monotonic(), 0, [], set()
    while time.monotonic() - start < seconds or not count:
        programs = make(seed)
        count += len(programs)
        for difference in outputs(programs, known):
            if shape(difference) not in shapes:
                shapes.add(shape(difference))
                found.append((seed, difference))
        seed += 1
        if len(found) >= 60:
            break
    until = time.monotonic() + max(seconds, 5)
    for at, difference in found:
        small = shrink(difference, min(until, time.monotonic() + 6), known)
        print("---- seed %d\n%s" % (at, small[0]))
        for name, said in zip(("pktsh", "python"), first_lines(small[1].split("\n"), small[2].split("\n"))):
            print("  %s: %s" % (name, "\n          ".join(said)))
    print("%d programs, %d kinds of difference, seeds to %d" % (count, len(found), seed - 1))
    return 1 if found else 0
