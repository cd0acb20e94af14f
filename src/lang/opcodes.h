/* The instructions of the machine, one row each: name, operands, effect.
 *
 * R[x] is a register of the running frame. An operand register that is a local (x < first_temp) is borrowed by the
 * instruction; one that is a temporary is consumed: dead afterwards, its reference moved or dropped. Where a temporary
 * stays alive the row says "kept". A destination that is a local drops what it held; a temporary that is written is dead
 * before. Jumps are relative to the instruction behind; `jump` is a signed 16-bit number in c, `far` a signed 32-bit one in
 * b and c; `int` is a signed 16-bit number. `site` is an index into the code's attribute caches, `slot` into its caches of
 * globals. n is 8 bits more.
 */
#define OPCODES(X) \
	/* moving */ \
	X(MOVE,          "a b",      "R[a] = temporary R[b]") \
	X(COPY,          "a b",      "R[a] = R[b], R[b] kept") \
	X(CONST,         "a b",      "R[a] = constant b") \
	X(INT,           "a far",    "R[a] = the number itself") \
	X(CLEAR,         "a",        "drops temporary a") \
	X(DELETE,        "a",        "unbinds local a; UnboundLocalError when it is not bound") \
	X(UNBIND,        "a",        "unbinds local a, bound or not") \
	X(LOAD_GLOBAL,   "a b slot", "R[a] = global or built-in with name b") \
	X(STORE_GLOBAL,  "a b slot", "global with name b = R[a]") \
	X(DELETE_GLOBAL, "b",        "del global with name b") \
	X(LOAD_NAME,     "a b slot", "R[a] = name b of the frame's namespace, else global, else built-in") \
	X(STORE_NAME,    "a b",      "name b of the frame's namespace = R[a]") \
	X(DELETE_NAME,   "b n",      "del name b of the frame's namespace (n: no error)") \
	X(MAKE_CELL,     "a b n",    "R[a] = a new cell (n: which takes what parameter b held)") \
	X(LOAD_CELL,     "a b",      "R[a] = what cell R[b] (kept) holds") \
	X(STORE_CELL,    "a b",      "cell R[b] (kept) holds R[a]") \
	X(DELETE_CELL,   "b n",      "cell R[b] (kept) holds nothing (n: no error)") \
	X(LOAD_FREE,     "a b",      "R[a] = what the function's closure cell b holds") \
	X(STORE_FREE,    "a b",      "closure cell b holds R[a]") \
	X(DELETE_FREE,   "b n",      "closure cell b holds nothing (n: no error)") \
	X(LOAD_CLASS_FREE,"a b c",   "R[a] = name c of the class body's namespace, else what closure cell b holds") \
	/* arithmetic: n is 1 in an augmented assignment */ \
	X(ADD,           "a b c",    "R[a] = R[b] + R[c]") \
	X(SUB,           "a b c",    "R[a] = R[b] - R[c]") \
	X(MUL,           "a b c",    "R[a] = R[b] * R[c]") \
	X(DIV,           "a b c",    "R[a] = R[b] / R[c]") \
	X(FLOORDIV,      "a b c",    "R[a] = R[b] // R[c]") \
	X(MOD,           "a b c",    "R[a] = R[b] % R[c]") \
	X(POW,           "a b c",    "R[a] = R[b] ** R[c]") \
	X(LSHIFT,        "a b c",    "R[a] = R[b] << R[c]") \
	X(RSHIFT,        "a b c",    "R[a] = R[b] >> R[c]") \
	X(AND,           "a b c",    "R[a] = R[b] & R[c]") \
	X(OR,            "a b c",    "R[a] = R[b] | R[c]") \
	X(XOR,           "a b c",    "R[a] = R[b] ^ R[c]") \
	X(MATMUL,        "a b c",    "R[a] = R[b] @ R[c]") \
	X(ADD_INT,       "a b int",  "R[a] = R[b] + int") \
	X(SUB_INT,       "a b int",  "R[a] = R[b] - int") \
	X(MUL_INT,       "a b int",  "R[a] = R[b] * int") \
	X(FLOORDIV_INT,  "a b int",  "R[a] = R[b] // int") \
	X(MOD_INT,       "a b int",  "R[a] = R[b] % int") \
	X(LSHIFT_INT,    "a b int",  "R[a] = R[b] << int") \
	X(RSHIFT_INT,    "a b int",  "R[a] = R[b] >> int") \
	X(AND_INT,       "a b int",  "R[a] = R[b] & int") \
	X(UNARY,         "a b n",    "R[a] = operator n (enum unary) of R[b]") \
	X(NOT,           "a b",      "R[a] = not R[b]") \
	X(COMPARE,       "a b c n",  "R[a] = R[b] compared (enum compare n) with R[c]") \
	X(IS,            "a b c n",  "R[a] = (R[b] is R[c]) == n") \
	X(IN,            "a b c n",  "R[a] = (R[b] in R[c]) == n") \
	/* jumps: n is the outcome that jumps */ \
	X(JUMP,          "far",      "jumps") \
	X(JUMP_IF,       "a jump n", "jumps when the truth of R[a] is n") \
	X(JUMP_OR_CLEAR, "a jump n", "jumps, R[a] kept, when its truth is n; else drops it") \
	X(JUMP_NONE,     "a jump n", "jumps when (R[a] is None) == n") \
	X(JUMP_LT,       "a b jump n", "jumps when (R[a] < R[b]) == n") \
	X(JUMP_LE,       "a b jump n", "jumps when (R[a] <= R[b]) == n") \
	X(JUMP_EQ,       "a b jump n", "jumps when (R[a] == R[b]) == n") \
	X(JUMP_NE,       "a b jump n", "jumps when (R[a] != R[b]) == n") \
	X(JUMP_GT,       "a b jump n", "jumps when (R[a] > R[b]) == n") \
	X(JUMP_GE,       "a b jump n", "jumps when (R[a] >= R[b]) == n") \
	X(JUMP_LT_INT,   "a int(b) jump n", "jumps when (R[a] < int) == n") \
	X(JUMP_LE_INT,   "a int(b) jump n", "jumps when (R[a] <= int) == n") \
	X(JUMP_EQ_INT,   "a int(b) jump n", "jumps when (R[a] == int) == n") \
	X(JUMP_NE_INT,   "a int(b) jump n", "jumps when (R[a] != int) == n") \
	X(JUMP_GT_INT,   "a int(b) jump n", "jumps when (R[a] > int) == n") \
	X(JUMP_GE_INT,   "a int(b) jump n", "jumps when (R[a] >= int) == n") \
	X(JUMP_IS,       "a b jump n", "jumps when (R[a] is R[b]) == n") \
	X(JUMP_IN,       "a b jump n", "jumps when (R[a] in R[b]) == n") \
	/* iteration: three temporaries from b hold the state */ \
	X(ITER,          "a b",      "R[b..b+2] = the state of an iteration over R[a]") \
	X(FOR,           "a b jump", "R[a] = the next item of the iteration in R[b..] (kept), jumps; at the end drops it and goes on") \
	X(UNPACK,        "a b c",    "R[a..a+c-1] = the c items of R[b]") \
	X(UNPACK_STAR,   "a b c n",  "R[a..] = the first n items of R[b], a list of those between, the last c") \
	/* attributes, items */ \
	X(LOAD_ATTR,     "a b site", "R[a] = R[b].name") \
	X(STORE_ATTR,    "a b site", "R[a].name = R[b]") \
	X(DELETE_ATTR,   "a site",   "del R[a].name") \
	X(LOAD_METHOD,   "a b site", "R[a], R[a+1] = the function R[b].name and its self, or the attribute and unset") \
	X(LOAD_SUPER,    "a b site", "the same as LOAD_METHOD of super(), R[b] being the global `super`") \
	X(LOAD_ITEM,     "a b c",    "R[a] = R[b][R[c]]") \
	X(LOAD_ITEM_INT, "a b int",  "R[a] = R[b][int]") \
	X(LOAD_SLICE,    "a b c",    "R[a] = R[b][R[c]:R[c+1]:R[c+2]]") \
	X(STORE_ITEM,    "a b c",    "R[a][R[b]] = R[c]") \
	X(DELETE_ITEM,   "a b",      "del R[a][R[b]]") \
	/* making */ \
	X(SLICE,         "a b",      "R[a] = slice(R[b], R[b+1], R[b+2])") \
	X(LIST,          "a b c",    "R[a] = [R[b], ..., R[b+c-1]]") \
	X(TUPLE,         "a b c",    "R[a] = (R[b], ..., R[b+c-1])") \
	X(SET,           "a b c",    "R[a] = {R[b], ..., R[b+c-1]}") \
	X(DICT,          "a b c",    "R[a] = {R[b]: R[b+1], ...}, c pairs") \
	X(APPEND,        "a b",      "list R[a] (kept) gets R[b]") \
	X(EXTEND,        "a b c",    "list R[a] (kept) gets the items of R[b]; n: it is an *argument of a call of R[c] (kept)") \
	X(SPREAD,        "a b c",    "R[a] = the items of *argument R[b] as a list or tuple; the call is of R[c] (kept)") \
	X(SET_ADD,       "a b",      "set R[a] (kept) gets R[b]") \
	X(SET_UPDATE,    "a b",      "set R[a] (kept) gets the items of R[b]") \
	X(DICT_SET,      "a b c",    "dict R[a] (kept) gets R[b]: R[c]") \
	X(DICT_UPDATE,   "a b",      "dict R[a] (kept) gets the pairs of R[b]") \
	X(DICT_MERGE,    "a b c",    "keyword dict R[a] (kept) gets the pairs of R[b], a name twice is an error about function R[c] (kept)") \
	X(LIST_TUPLE,    "a b",      "R[a] = tuple of list R[b]") \
	X(FORMAT,        "a b n",    "R[a] = R[b] as text: conversion n & 127; n & 128: R[b+1] is the format spec") \
	X(JOIN,          "a b c",    "R[a] = the texts R[b..b+c-1] in one") \
	X(FUNCTION,      "a b c n",  "R[a] = function of code constant c; n & 1: R[b] defaults, & 2: R[b+1] keyword ones, & 4: R[b+2] annotations") \
	X(CLASS,         "a b c",    "R[a] = class whose body is function R[b], of bases R[b+1..b+c]; n: R[b+c+1] is a dict of keywords") \
	/* calls */ \
	X(CALL,          "a b c",    "R[a] = R[b](R[b+1], ..., R[b+c])") \
	X(CALL_METHOD,   "a b c",    "the same behind LOAD_METHOD: c arguments from R[b+2], self in R[b+1] when set") \
	X(CALL_NAMED,    "a b c n",  "R[a] = R[b](...) with the counts and names of call shape c; n: as CALL_METHOD") \
	X(CALL_SPREAD,   "a b n",    "R[a] = R[b](*R[b+1], **R[b+2]); n: there is an R[b+2]") \
	X(RETURN,        "a",        "leaves the frame with R[a]") \
	X(YIELD,         "a b",      "gives R[b]; resumed, R[a] = what was sent") \
	X(YIELD_ITER,    "a b",      "R[a] = iterator of R[b], for YIELD_FROM") \
	X(YIELD_FROM,    "a b c",    "sends R[c] to iterator R[b] (both kept), gives what it gives, comes back here; R[a] = its result") \
	/* exceptions */ \
	X(RAISE,         "a b n",    "n 0: the handled exception again; 1: R[a]; 2: R[a] from R[b]") \
	X(RERAISE,       "a",        "goes on raising R[a]") \
	X(HANDLE,        "a",        "R[a] (kept) is the exception being handled; R[a+1] = the one before") \
	X(UNHANDLE,      "a",        "handling of R[a] ends: R[a+1] is handled again") \
	X(MATCH,         "a b jump", "jumps when exception R[a] (kept) is no instance of class (or one of tuple) R[b]") \
	X(ASSERT,        "a n",      "raises AssertionError; n: with message R[a]") \
	X(ENTER,         "a b",      "R[a] = what R[b].__enter__() gives, R[b] (a temporary) kept") \
	X(LEAVE,         "a",        "R[a].__exit__(None, None, None)") \
	X(LEAVE_RAISED,  "a b jump", "R[a].__exit__ of exception R[b] (kept); jumps when it is dealt with") \
	/* the rest */ \
	X(IMPORT,        "a b c",    "R[a] = module with dotted name b, c leading dots; n: its first part (import x.y)") \
	X(IMPORT_FROM,   "a b c",    "R[a] = name c of module R[b] (kept)") \
	X(IMPORT_STAR,   "a",        "all public names of module R[a] become globals") \
	X(SHOW,          "a",        "shows R[a] at the prompt") \
	X(ANNOTATE,      "a b",      "__annotations__ of the namespace gets name b: R[a]")

enum opcode {
#define X(name, operands, effect) OP_##name,
	OPCODES(X)
#undef X
	OPCODE_COUNT
};
