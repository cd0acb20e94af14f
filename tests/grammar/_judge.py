"""Compares our trees with those of CPython's own parser, node for node and place for place.

_judge.py DUMPER FILE...: each file is parsed by both. Where CPython refuses, we have to refuse; where it does not, the trees
have to be the same, or our error has to say that something "is not in the language". Not compared: the places of what CPython
gives none, of generator expressions (CPython counts a call's parentheses) and of what is inside f-strings (3.11 has no true
places there). CPython counts a statement's last semicolon to an enclosing block; the files avoid that.
"""
import ast
import itertools
import re
import subprocess
import sys
import warnings

OPERATORS = "Add Sub Mult Div FloorDiv Mod Pow LShift RShift BitAnd BitOr BitXor MatMult".split()
COMPARISONS = "Lt LtE Eq NotEq Gt GtE Is IsNot In NotIn".split()
UNARY = "USub UAdd Invert".split()
PLACELESS = {"PARAM", "WITH_ITEM", "FOR_IF", "FORMATTED", "GENERATOR"}


class Node:
    def __init__(self, kind, span=None, facts=None, kids=()):
        self.kind, self.span, self.facts, self.kids = kind, span, facts or {}, list(kids)


def merged(pieces):
    """The pieces of an f-string, neighbouring texts joined and without places."""
    out = []
    for piece in pieces:
        if piece.kind == "STR":
            if out and out[-1].kind == "STR":
                piece = Node("STR", None, {"text": out.pop().facts["text"] + piece.facts["text"]})
            piece.span = None
        if piece.kind != "STR" or piece.facts["text"]:
            out.append(piece)
    return [("list", piece) for piece in out]


class Theirs:
    """CPython's tree in our shape: a row a class, the slots in the order of our dump."""
    ROWS = {
        "Expr": ("EXPR", "a=value"), "Assign": ("ASSIGN", "a=value list=targets"), "Delete": ("DEL", "list=targets"),
        "AugAssign": ("AUG_ASSIGN", "a=target b=value"), "AnnAssign": ("ANN_ASSIGN", "a=target b=annotation c=value"),
        "Pass": ("PASS", ""), "Break": ("BREAK", ""), "Continue": ("CONTINUE", ""), "Assert": ("ASSERT", "a=test b=msg"),
        "Return": ("RETURN", "a=value"), "Raise": ("RAISE", "a=exc b=cause"), "Global": ("GLOBAL", ""), "Nonlocal": ("NONLOCAL", ""),
        "If": ("IF", "a=test list=body list2=orelse"), "While": ("WHILE", "a=test list=body list2=orelse"),
        "For": ("FOR", "a=target b=iter list=body list2=orelse"), "Try": ("TRY", "list=body list2=handlers list3=orelse list4=finalbody"),
        "FunctionDef": ("DEF", "text=name a=returns params=args list=body list2=decorator_list"),
        "ClassDef": ("CLASS", "text=name args=bases,keywords list=body list2=decorator_list"),
        "ExceptHandler": ("HANDLER", "text=name a=type list=body"), "With": ("WITH", "list=body list2=items"),
        "withitem": ("WITH_ITEM", "a=context_expr b=optional_vars"), "Import": ("IMPORT", "list=names"),
        "ImportFrom": ("IMPORT_FROM", "text=module number=level list=names"), "alias": ("ALIAS", "text=name text2=asname"),
        "Name": ("NAME", "text=id"), "JoinedStr": ("FSTRING", ""), "FormattedValue": ("FORMATTED", "a=value b=format_spec"),
        "Tuple": ("TUPLE", "list=elts"), "List": ("LIST", "list=elts"), "Set": ("SET", "list=elts"),
        "Dict": ("DICT", "list=keys list2=values"), "UnaryOp": ("UNARY", "a=operand"), "BinOp": ("BINARY", "a=left b=right"),
        "BoolOp": ("", "list=values"), "Compare": ("COMPARE", "a=left list=comparators"), "IfExp": ("IF_ELSE", "a=test b=body c=orelse"),
        "NamedExpr": ("NAMED", "a=value"), "Lambda": ("LAMBDA", "a=body params=args"), "Call": ("CALL", "a=func args=args,keywords"),
        "keyword": ("KEYWORD", "text=arg a=value"), "Starred": ("STARRED", "a=value"), "Attribute": ("ATTRIBUTE", "text=attr a=value"),
        "Subscript": ("SUBSCRIPT", "a=value b=slice"), "Slice": ("SLICE", "a=lower b=upper c=step"),
        "ListComp": ("LIST_COMP", "a=elt list=generators"), "SetComp": ("SET_COMP", "a=elt list=generators"),
        "GeneratorExp": ("GENERATOR", "a=elt list=generators"), "DictComp": ("DICT_COMP", "a=key b=value list=generators"),
        "comprehension": ("FOR_IF", "a=target b=iter list=ifs"), "Yield": ("YIELD", "a=value"), "YieldFrom": ("YIELD_FROM", "a=value"),
    }
    LITERALS = {int: "INT", float: "FLOAT", str: "STR", bytes: "BYTES", bool: "", type(None): "NONE", type(...): "ELLIPSIS"}

    def __init__(self, data):
        self.starts = [0] + [i + 1 for i, byte in enumerate(data) if byte == 10]

    def span(self, node):
        if not hasattr(node, "lineno"):
            return None
        return self.starts[node.lineno - 1] + node.col_offset, self.starts[node.end_lineno - 1] + node.end_col_offset

    def node(self, node):
        if node is None:
            return Node("nothing")
        if isinstance(node, ast.Constant):
            return self.constant(node)
        kind, slots = self.ROWS[type(node).__name__]
        out = Node(kind, self.span(node))
        for slot, names in (row.split("=") for row in slots.split()):
            self.fill(out, slot, [getattr(node, name) for name in names.split(",")])
        getattr(self, "fix_" + type(node).__name__, lambda node, out: None)(node, out)
        if out.kind in PLACELESS:
            out.span = None
        return out

    def fill(self, out, slot, values):
        if slot.startswith("text") or slot == "number":
            if values[0]:
                out.facts[slot] = values[0]
        elif slot == "params":
            out.kids += [(slot, self.param(*row)) for row in self.params(values[0])]
        elif isinstance(values[0], list):
            items = list(itertools.chain(*values))
            if slot == "args":
                items.sort(key=lambda item: (item.lineno, item.col_offset))
            out.kids += [(slot, self.node(item)) for item in items]
        elif values[0] is not None:
            out.kids.append((slot, self.node(values[0])))

    @staticmethod
    def params(a):
        plain = a.posonlyargs + a.args
        for i, (arg, default) in enumerate(zip(plain, [None] * (len(plain) - len(a.defaults)) + a.defaults)):
            yield arg, default, 0 if i < len(a.posonlyargs) else 1
        if a.vararg:
            yield a.vararg, None, 2
        for arg, default in zip(a.kwonlyargs, a.kw_defaults):
            yield arg, default, 3
        if a.kwarg:
            yield a.kwarg, None, 4

    def param(self, arg, default, number):
        out = Node("PARAM", None, {"text": arg.arg})
        self.fill(out, "number", [number])
        self.fill(out, "a", [arg.annotation])
        self.fill(out, "b", [default])
        return out

    def constant(self, node):
        kind = self.LITERALS[type(node.value)] or str(node.value).upper()
        return Node(kind, self.span(node), {"text": node.value} if kind in ("INT", "FLOAT", "STR", "BYTES") else {})

    def fix_AugAssign(self, node, out):
        out.facts["op"] = OPERATORS.index(type(node.op).__name__)

    fix_BinOp = fix_AugAssign

    def fix_UnaryOp(self, node, out):
        name = type(node.op).__name__
        if name == "Not":
            out.kind = "NOT"
        elif UNARY.index(name):
            out.facts["number"] = UNARY.index(name)

    def fix_BoolOp(self, node, out):
        out.kind = type(node.op).__name__.upper()

    def fix_Compare(self, node, out):
        out.facts["ops"] = [COMPARISONS.index(type(op).__name__) for op in node.ops]

    def fix_Global(self, node, out):
        out.kids = [("list", Node("NAME", None, {"text": name})) for name in node.names]

    fix_Nonlocal = fix_Global

    def fix_NamedExpr(self, node, out):
        out.facts["text"] = node.target.id

    def fix_keyword(self, node, out):
        if node.arg is None:
            out.kind = "DOUBLE_STARRED"

    def fix_JoinedStr(self, node, out):
        out.kids = merged([self.node(value) for value in node.values])

    def fix_FormattedValue(self, node, out):
        if node.conversion > 0:
            out.facts["number"] = node.conversion


LINE = re.compile(r"( *)(\w+): (\w+)(?: (\d+)-(\d+))?(.*)$")
FACT = re.compile(r""" (\w+)=(b?'(?:[^'\\]|\\.)*'|b?"(?:[^"\\]|\\.)*"|[\d,]+)""")


def ours(lines):
    """The tree in the lines of a dump."""
    root = Node("file")
    stack = [(-1, root)]
    for line in lines:
        blank, slot, kind, start, end, facts = LINE.match(line).groups()
        node = Node(kind, (int(start), int(end)) if start and kind not in PLACELESS else None)
        for name, text in FACT.findall(facts):
            value = [int(op) for op in text.split(",")] if name == "ops" else ast.literal_eval(text)
            node.facts[name] = ast.literal_eval(value) if kind in ("INT", "FLOAT") else value
        while stack[-1][0] >= len(blank):
            stack.pop()
        stack[-1][1].kids.append((slot, node))
        stack.append((len(blank), node))
    adapt(root)
    return root


def adapt(node):
    for _, kid in node.kids:
        adapt(kid)
        if node.kind in ("GLOBAL", "NONLOCAL"):
            kid.span = None
    if node.kind == "FSTRING":
        pieces = []
        for _, kid in node.kids:
            if "text" in kid.facts and kid.kind == "FORMATTED":
                pieces.append(Node("STR", None, {"text": kid.facts.pop("text")}))
            pieces.append(kid)
        node.kids = merged(pieces)


def difference(a, b, path="", placed=True):
    path += "/" + a.kind
    if a.kind != b.kind:
        return f"{path}{a.span}: CPython has {b.kind}{b.span}"
    if placed and a.span and b.span and a.span != b.span:
        return f"{path}: at {a.span}, CPython has {b.span}"
    if a.facts != b.facts:
        return f"{path}: {a.facts}, CPython has {b.facts}"
    if [slot for slot, _ in a.kids] != [slot for slot, _ in b.kids]:
        return f"{path}{a.span}: {[slot for slot, _ in a.kids]}, CPython has {[slot for slot, _ in b.kids]}"
    placed = placed and (a.kind != "FSTRING" or sys.version_info >= (3, 12))
    return next(filter(None, (difference(x, y, path, placed) for (_, x), (_, y) in zip(a.kids, b.kids))), None)


def verdict(name, lines):
    with open(name, "rb") as file:
        data = file.read()
    refused = lines[0][6:] if lines and lines[0].startswith("error ") else None
    try:
        tree = ast.parse(data, name)
    except (SyntaxError, ValueError) as error:
        return None if refused else f"CPython refuses: {error}"
    if refused:
        return None if "not in the language" in refused else refused
    theirs = Theirs(data)
    return difference(ours(lines), Node("file", None, {}, [("body", theirs.node(item)) for item in tree.body]))


def main(dumper, *names):
    warnings.simplefilter("ignore")
    dump = subprocess.run([dumper, *names], stdout=subprocess.PIPE, check=True).stdout.decode("utf-8", "surrogatepass")
    files = [part.split("\n") for part in re.split(r"^file ", dump, flags=re.M)[1:]]
    wrong = [f"{name}: {what}" for name, *lines in files if (what := verdict(name, [line for line in lines if line]))]
    print(*wrong, f"{len(files)} files, {len(wrong)} differ", sep="\n")
    return bool(wrong) or not files


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
