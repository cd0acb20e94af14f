/* Tokens to the tree of src/lang/ast.h: Python 3.11's grammar, written for LALR(1). An action is one constructor call
 * (src/lang/ast_make.h), and what a grammar without look-back cannot say is checked there: what may be assigned to, the
 * order of arguments and parameters, where "(a as b)" may stand.
 *
 * Everything a semantic value points to lives in the tree's arena and goes with it, so no symbol needs a %destructor. */
%code requires {
#include "lang/ast.h"

struct parse;
}

%code {
#include "lang/ast_make.h"
#include "lang/parse.h"
#include "lang/value.h"

#define T (p->ast)
#define YYLLOC_DEFAULT(all, parts, count) \
	((all) = (count) ? (struct span){YYRHSLOC(parts, 1).start, YYRHSLOC(parts, count).end} \
		: (struct span){YYRHSLOC(parts, 0).end, YYRHSLOC(parts, 0).end})

static struct span upto(struct span from, struct span to)
{
	return (struct span){from.start, to.end};
}

static void pkt_error(struct span *at, struct parse *p, const char *message)
{
	/* Anything but the parser's plain "syntax error" is its stack's limit. */
	if (message[0] == 's')
		syntax_error(p);
	else
		ast_error(T, "SyntaxError", *at, "too deeply nested");
}
}

%define api.pure full
%define api.push-pull push
%define api.prefix {pkt_}
%define api.token.prefix {T_}
%define api.location.type {struct span}
%locations
%expect 0
%parse-param {struct parse *p}
%initial-action { @$ = (struct span){0, 0}; }

%union {
	struct node *node;
	struct node_list *list;
	const char *text;
	int op;
	long number;
}

%token END 0
%token START_FILE START_EVAL
%token BAD                  /* from the scanner, with the error filled: never pushed */
%token NEWLINE INDENT DEDENT
%token AND AS ASSERT BREAK CLASS CONTINUE DEF DEL ELIF ELSE EXCEPT FINALLY FOR FROM GLOBAL IF IMPORT IN IS LAMBDA NONLOCAL
%token NOT OR PASS RAISE RETURN TRY WHILE WITH YIELD NONE TRUE FALSE
%token WALRUS POWER FLOOR LEFT RIGHT ARROW ELLIPSIS
%token F_START F_END F_OPEN F_CLOSE F_COLON F_BANG F_EQUAL
%token <text> NAME INT FLOAT
%token <node> STRING F_TEXT
%token <op> COMPARE AUGMENT

%type <list> statements block line simples else elif_or_else finally handlers decorators chain names imports aliases aliases_some
%type <list> with_items params params_some lambda_params lambda_params_some stars items arguments arguments_some subscripts
%type <list> elements pairs clauses ifs strings pieces
%type <node> simple compound definition raise import dotted_alias import_alias handler refused with_item with_head returns param lambda_param
%type <node> message value values values_or_nothing star yield targets target named expr disjunction comparison bitwise primary
%type <node> atom argument index subscript bound element pair clause string field spec
%type <text> dotted conversion
%type <number> dots
%type <op> compare

%left OR
%left AND
%precedence NOT
%left '|'
%left '^'
%left '&'
%left LEFT RIGHT
%left '+' '-'
%left '*' '/' FLOOR '%' '@'
%precedence SIGN
%right POWER

%%

input
	: START_FILE statements                { T->body = $2; }
	| START_EVAL newlines values newlines  { T->body = ast_list(T, make_expr(T, @3, $3)); }
	;

newlines
	: %empty
	| newlines NEWLINE
	;

/* == Statements ====================================================================================================== */

statements
	: %empty                    { $$ = ast_list(T, NULL); }
	| statements compound       { $$ = ast_append(T, $1, $2); }
	| statements line           { $$ = list_join(T, $1, $2); }
	;

line
	: simples NEWLINE           { $$ = make_line(p, $1); @$ = @1; }
	| simples ';' NEWLINE       { $$ = make_line(p, $1); @$ = @1; }
	;

simples
	: simple                    { $$ = ast_list(T, $1); }
	| simples ';' simple        { $$ = ast_append(T, $1, $3); }
	;

simple
	: values                            { $$ = make_expr(T, @$, $1); }
	| yield                             { $$ = make_expr(T, @$, $1); }
	| chain                             { $$ = make_assign(T, @$, $1); }
	| values AUGMENT value              { $$ = make_aug_assign(T, @$, $1, $2, $3, @2); }
	| values ':' expr                   { $$ = make_ann_assign(T, @$, $1, $3, NULL); }
	| values ':' expr '=' value         { $$ = make_ann_assign(T, @$, $1, $3, $5); }
	| DEL items                         { $$ = make_del(T, @$, $2); }
	| DEL items ','                     { $$ = make_del(T, @$, $2); }
	| PASS                              { $$ = ast_node(T, NODE_PASS, @$); }
	| BREAK                             { $$ = ast_node(T, NODE_BREAK, @$); }
	| CONTINUE                          { $$ = ast_node(T, NODE_CONTINUE, @$); }
	| ASSERT expr message               { $$ = make_node(T, NODE_ASSERT, @$, $2, $3, NULL); }
	| RETURN values_or_nothing          { $$ = make_value(T, NODE_RETURN, @$, $2); }
	| raise                             { $$ = $1; }
	| GLOBAL names                      { $$ = make_list(T, NODE_GLOBAL, @$, $2); }
	| NONLOCAL names                    { $$ = make_list(T, NODE_NONLOCAL, @$, $2); }
	| import                            { $$ = $1; }
	;

chain
	: values '=' value          { $$ = ast_append(T, ast_list(T, $1), $3); }
	| yield '=' value           { $$ = ast_append(T, ast_list(T, $1), $3); }
	| chain '=' value           { $$ = ast_append(T, $1, $3); }
	;

message
	: %empty                    { $$ = NULL; }
	| ',' expr                  { $$ = $2; }
	;

raise
	: RAISE                     { $$ = ast_node(T, NODE_RAISE, @$); }
	| RAISE expr                { $$ = make_node(T, NODE_RAISE, @$, $2, NULL, NULL); }
	| RAISE expr FROM expr      { $$ = make_node(T, NODE_RAISE, @$, $2, $4, NULL); }
	;

names
	: NAME                      { $$ = ast_list(T, make_text(T, NODE_NAME, @1, $1)); }
	| names ',' NAME            { $$ = ast_append(T, $1, make_text(T, NODE_NAME, @3, $3)); }
	;

import
	: IMPORT imports                    { $$ = make_list(T, NODE_IMPORT, @$, $2); }
	| FROM dots dotted IMPORT aliases   { $$ = make_import_from(T, @$, $2, $3, $5); }
	| FROM dotted IMPORT aliases        { $$ = make_import_from(T, @$, 0, $2, $4); }
	| FROM dots IMPORT aliases          { $$ = make_import_from(T, @$, $2, NULL, $4); }
	;

imports
	: dotted_alias              { $$ = ast_list(T, $1); }
	| imports ',' dotted_alias  { $$ = ast_append(T, $1, $3); }
	;

dotted_alias
	: dotted                    { $$ = make_alias(T, @$, $1, NULL); }
	| dotted AS NAME            { $$ = make_alias(T, @$, $1, $3); }
	;

dotted
	: NAME                      { $$ = $1; }
	| dotted '.' NAME           { $$ = make_dotted(T, $1, $3); }
	;

dots
	: '.'                       { $$ = 1; }
	| ELLIPSIS                  { $$ = 3; }
	| dots '.'                  { $$ = $1 + 1; }
	| dots ELLIPSIS             { $$ = $1 + 3; }
	;

aliases
	: '*'                       { $$ = ast_list(T, make_alias(T, @$, "*", NULL)); }
	| aliases_some              { $$ = $1; }
	| '(' aliases_some ')'      { $$ = $2; }
	| '(' aliases_some ',' ')'  { $$ = $2; }
	;

aliases_some
	: import_alias                   { $$ = ast_list(T, $1); }
	| aliases_some ',' import_alias  { $$ = ast_append(T, $1, $3); }
	;

import_alias
	: NAME                      { $$ = make_alias(T, @$, $1, NULL); }
	| NAME AS NAME              { $$ = make_alias(T, @$, $1, $3); }
	;

compound
	: IF named ':' block elif_or_else           { $$ = make_if(T, @$, $2, $4, $5); }
	| WHILE named ':' block else                { $$ = make_while(T, @$, $2, $4, $5); }
	| FOR targets IN values ':' block else      { $$ = make_for(T, @$, $2, $4, $6, $7); }
	| TRY ':' block handlers else finally  { $$ = make_try(T, @$, $3, $4, $5, $6); }
	| with_head block                           { $$ = make_with(T, @$, $1, $2); }
	| definition                                { $$ = $1; }
	| decorators definition                     { $$ = make_decorated(T, $1, $2); }
	;

block
	: line                                      { $$ = $1; }
	| NEWLINE INDENT statements DEDENT          { $$ = $3; @$ = upto(@1, @3); }
	;

elif_or_else
	: else                                      { $$ = $1; }
	| ELIF named ':' block elif_or_else         { $$ = ast_list(T, make_if(T, @$, $2, $4, $5)); }
	;

else
	: %empty                    { $$ = NULL; }
	| ELSE ':' block            { $$ = $3; }
	;

handlers
	: %empty                    { $$ = NULL; }
	| handlers handler          { $$ = ast_append(T, $1 ? $1 : ast_list(T, NULL), $2); }
	;

handler
	: EXCEPT ':' block                          { $$ = make_handler(T, @$, NULL, NULL, $3); }
	| EXCEPT expr ':' block                     { $$ = make_handler(T, @$, $2, NULL, $4); }
	| EXCEPT expr AS NAME ':' block             { $$ = make_handler(T, @$, $2, $4, $6); }
	| EXCEPT refused ':' block                  { $$ = make_handler(T, @$, $2, NULL, $4); }
	;

refused
	: expr ',' values           { $$ = make_refused(T, @$, "multiple exception types must be parenthesized"); }
	| '*' expr                  { $$ = make_refused(T, @1, "an exception group (except*) is not in the language"); }
	;

finally
	: %empty                    { $$ = NULL; }
	| FINALLY ':' block         { $$ = $3; }
	;

with_head
	: WITH with_items ':'       { $$ = make_with_head(p, @$, $2); }
	;

with_items
	: with_item                 { $$ = ast_list(T, $1); }
	| with_items ',' with_item  { $$ = ast_append(T, $1, $3); }
	;

with_item
	: expr                      { $$ = make_with_item(T, @$, $1, NULL); }
	| expr AS bitwise           { $$ = make_with_item(T, @$, $1, $3); }
	;

decorators
	: '@' named NEWLINE             { $$ = ast_list(T, $2); }
	| decorators '@' named NEWLINE  { $$ = ast_append(T, $1, $3); }
	;

definition
	: DEF NAME '(' params ')' returns ':' block { $$ = make_def(T, @$, $2, @2, $4, $6, $8); }
	| CLASS NAME ':' block                      { $$ = make_class(T, @$, $2, @2, NULL, $4); }
	| CLASS NAME '(' arguments ')' ':' block    { $$ = make_class(T, @$, $2, @2, $4, $7); }
	;

returns
	: %empty                    { $$ = NULL; }
	| ARROW expr                { $$ = $2; }
	;

params
	: %empty                    { $$ = NULL; }
	| params_some               { $$ = make_params(T, $1); }
	| params_some ','           { $$ = make_params(T, $1); }
	;

params_some
	: param                     { $$ = ast_list(T, $1); }
	| params_some ',' param     { $$ = ast_append(T, $1, $3); }
	;

param
	: NAME                      { $$ = make_param(T, @$, PARAM_PLAIN, $1, @1, NULL, NULL); }
	| NAME '=' expr             { $$ = make_param(T, @$, PARAM_PLAIN, $1, @1, NULL, $3); }
	| NAME ':' expr             { $$ = make_param(T, @$, PARAM_PLAIN, $1, @1, $3, NULL); }
	| NAME ':' expr '=' expr    { $$ = make_param(T, @$, PARAM_PLAIN, $1, @1, $3, $5); }
	| '*' NAME                  { $$ = make_param(T, @$, PARAM_STAR, $2, @2, NULL, NULL); }
	| '*' NAME ':' star         { $$ = make_param(T, @$, PARAM_STAR, $2, @2, $4, NULL); }
	| POWER NAME                { $$ = make_param(T, @$, PARAM_DOUBLE_STAR, $2, @2, NULL, NULL); }
	| POWER NAME ':' expr       { $$ = make_param(T, @$, PARAM_DOUBLE_STAR, $2, @2, $4, NULL); }
	| '/'                       { $$ = make_param(T, @$, MARK_SLASH, NULL, @1, NULL, NULL); }
	| '*'                       { $$ = make_param(T, @$, MARK_STAR, NULL, @1, NULL, NULL); }
	;

lambda_params
	: %empty                    { $$ = NULL; }
	| lambda_params_some        { $$ = make_params(T, $1); }
	| lambda_params_some ','    { $$ = make_params(T, $1); }
	;

lambda_params_some
	: lambda_param                         { $$ = ast_list(T, $1); }
	| lambda_params_some ',' lambda_param  { $$ = ast_append(T, $1, $3); }
	;

lambda_param
	: NAME                      { $$ = make_param(T, @$, PARAM_PLAIN, $1, @1, NULL, NULL); }
	| NAME '=' expr             { $$ = make_param(T, @$, PARAM_PLAIN, $1, @1, NULL, $3); }
	| '*' NAME                  { $$ = make_param(T, @$, PARAM_STAR, $2, @2, NULL, NULL); }
	| POWER NAME                { $$ = make_param(T, @$, PARAM_DOUBLE_STAR, $2, @2, NULL, NULL); }
	| '/'                       { $$ = make_param(T, @$, MARK_SLASH, NULL, @1, NULL, NULL); }
	| '*'                       { $$ = make_param(T, @$, MARK_STAR, NULL, @1, NULL, NULL); }
	;

/* == Expressions ===================================================================================================== */

/* values: what may stand where a tuple needs no parentheses. */
values
	: star                      { $$ = $1; }
	| star ','                  { $$ = make_list(T, NODE_TUPLE, @$, ast_list(T, $1)); }
	| stars                     { $$ = make_list(T, NODE_TUPLE, @$, $1); }
	| stars ','                 { $$ = make_list(T, NODE_TUPLE, @$, $1); }
	;

stars
	: star ',' star             { $$ = ast_append(T, ast_list(T, $1), $3); }
	| stars ',' star            { $$ = ast_append(T, $1, $3); }
	;

star
	: expr                      { $$ = $1; }
	| '*' bitwise               { $$ = make_node(T, NODE_STARRED, @$, $2, NULL, NULL); }
	;

value
	: values                    { $$ = $1; }
	| yield                     { $$ = $1; }
	;

values_or_nothing
	: %empty                    { $$ = NULL; }
	| values                    { $$ = $1; }
	;

yield
	: YIELD values_or_nothing   { $$ = make_value(T, NODE_YIELD, @$, $2); }
	| YIELD FROM expr           { $$ = make_node(T, NODE_YIELD_FROM, @$, $3, NULL, NULL); }
	;

/* targets: of for and del, where `in` must not be taken as a comparison. */
targets
	: target                    { $$ = $1; }
	| target ','                { $$ = make_list(T, NODE_TUPLE, @$, ast_list(T, $1)); }
	| target ',' items          { $$ = make_list(T, NODE_TUPLE, @$, list_join(T, ast_list(T, $1), $3)); }
	| target ',' items ','      { $$ = make_list(T, NODE_TUPLE, @$, list_join(T, ast_list(T, $1), $3)); }
	;

items
	: target                    { $$ = ast_list(T, $1); }
	| items ',' target          { $$ = ast_append(T, $1, $3); }
	;

target
	: bitwise                   { $$ = $1; }
	| '*' bitwise               { $$ = make_node(T, NODE_STARRED, @$, $2, NULL, NULL); }
	;

named
	: expr                      { $$ = $1; }
	| expr WALRUS expr          { $$ = make_named(T, @$, $1, $3); }
	;

expr
	: disjunction                               { $$ = $1; }
	| disjunction IF disjunction ELSE expr      { $$ = make_node(T, NODE_IF_ELSE, @$, $3, $1, $5); }
	| LAMBDA lambda_params ':' expr             { $$ = make_lambda(T, @$, $2, $4); }
	;

disjunction
	: bitwise                           { $$ = $1; }
	| comparison                        { $$ = $1; }
	| NOT disjunction                   { $$ = make_node(T, NODE_NOT, @$, $2, NULL, NULL); }
	| disjunction AND disjunction       { $$ = make_bool(T, NODE_AND, @$, $1, $3, @1); }
	| disjunction OR disjunction        { $$ = make_bool(T, NODE_OR, @$, $1, $3, @1); }
	;

comparison
	: bitwise compare bitwise           { $$ = make_compare(T, @$, $1, $2, $3); }
	| comparison compare bitwise        { $$ = make_compare_more(T, @$, $1, $2, $3); }
	;

compare
	: COMPARE                   { $$ = $1; }
	| IN                        { $$ = AST_IN; }
	| NOT IN                    { $$ = AST_NOT_IN; }
	| IS                        { $$ = AST_IS; }
	| IS NOT                    { $$ = AST_IS_NOT; }
	;

bitwise
	: primary                   { $$ = $1; }
	| bitwise '|' bitwise       { $$ = make_binary(T, @$, OP_OR_, $1, $3, @2); }
	| bitwise '^' bitwise       { $$ = make_binary(T, @$, OP_XOR_, $1, $3, @2); }
	| bitwise '&' bitwise       { $$ = make_binary(T, @$, OP_AND_, $1, $3, @2); }
	| bitwise LEFT bitwise      { $$ = make_binary(T, @$, OP_LSHIFT_, $1, $3, @2); }
	| bitwise RIGHT bitwise     { $$ = make_binary(T, @$, OP_RSHIFT_, $1, $3, @2); }
	| bitwise '+' bitwise       { $$ = make_binary(T, @$, OP_ADD_, $1, $3, @2); }
	| bitwise '-' bitwise       { $$ = make_binary(T, @$, OP_SUB_, $1, $3, @2); }
	| bitwise '*' bitwise       { $$ = make_binary(T, @$, OP_MUL_, $1, $3, @2); }
	| bitwise '/' bitwise       { $$ = make_binary(T, @$, OP_DIV_, $1, $3, @2); }
	| bitwise FLOOR bitwise     { $$ = make_binary(T, @$, OP_FLOORDIV_, $1, $3, @2); }
	| bitwise '%' bitwise       { $$ = make_binary(T, @$, OP_MOD_, $1, $3, @2); }
	| bitwise '@' bitwise       { $$ = make_binary(T, @$, OP_MATMUL_, $1, $3, @2); }
	| bitwise POWER bitwise     { $$ = make_binary(T, @$, OP_POW_, $1, $3, @2); }
	| '-' bitwise %prec SIGN    { $$ = make_unary(T, @$, UNARY_NEG, $2); }
	| '+' bitwise %prec SIGN    { $$ = make_unary(T, @$, UNARY_POS, $2); }
	| '~' bitwise %prec SIGN    { $$ = make_unary(T, @$, UNARY_INVERT, $2); }
	;

primary
	: atom                      { $$ = $1; }
	| primary '.' NAME          { $$ = make_named_text(T, NODE_ATTRIBUTE, @$, $3, @3, $1); }
	| primary '(' arguments ')' { $$ = make_call(T, @$, $1, $3); }
	| primary '[' index ']'     { $$ = make_node(T, NODE_SUBSCRIPT, @$, $1, $3, NULL); }
	;

arguments
	: %empty                    { $$ = NULL; }
	| arguments_some            { $$ = make_arguments(T, $1); }
	| arguments_some ','        { $$ = make_arguments(T, $1); }
	;

arguments_some
	: argument                     { $$ = ast_list(T, $1); }
	| arguments_some ',' argument  { $$ = ast_append(T, $1, $3); }
	;

argument
	: named                     { $$ = $1; }
	| named clauses             { $$ = make_generator_argument(T, @$, $1, $2); }
	| expr '=' expr             { $$ = make_argument(T, @$, $1, $3); }
	| '*' expr                  { $$ = make_node(T, NODE_STARRED, @$, $2, NULL, NULL); }
	| POWER expr                { $$ = make_node(T, NODE_DOUBLE_STARRED, @$, $2, NULL, NULL); }
	;

index
	: subscript                 { $$ = make_index(T, @$, $1); }
	| subscript ','             { $$ = make_list(T, NODE_TUPLE, @$, ast_list(T, $1)); }
	| subscripts                { $$ = make_list(T, NODE_TUPLE, @$, $1); }
	| subscripts ','            { $$ = make_list(T, NODE_TUPLE, @$, $1); }
	;

subscripts
	: subscript ',' subscript   { $$ = ast_append(T, ast_list(T, $1), $3); }
	| subscripts ',' subscript  { $$ = ast_append(T, $1, $3); }
	;

subscript
	: named                     { $$ = $1; }
	| '*' bitwise               { $$ = make_node(T, NODE_STARRED, @$, $2, NULL, NULL); }
	| bound ':' bound
		{ $$ = make_node(T, NODE_SLICE, upto($1 ? @1 : @2, @3), $1, $3, NULL); }
	| bound ':' bound ':' bound
		{ $$ = make_node(T, NODE_SLICE, upto($1 ? @1 : @2, @5), $1, $3, $5); }
	;

bound
	: %empty                    { $$ = NULL; }
	| expr                      { $$ = $1; }
	;

atom
	: NAME                      { $$ = make_text(T, NODE_NAME, @$, $1); }
	| INT                       { $$ = make_text(T, NODE_INT, @$, $1); }
	| FLOAT                     { $$ = make_text(T, NODE_FLOAT, @$, $1); }
	| NONE                      { $$ = ast_node(T, NODE_NONE, @$); }
	| TRUE                      { $$ = ast_node(T, NODE_TRUE, @$); }
	| FALSE                     { $$ = ast_node(T, NODE_FALSE, @$); }
	| ELLIPSIS                  { $$ = ast_node(T, NODE_ELLIPSIS, @$); }
	| strings                   { $$ = make_strings(T, @$, $1); }
	| '(' ')'                   { $$ = make_list(T, NODE_TUPLE, @$, NULL); }
	| '(' yield ')'             { $$ = $2; }
	| '(' elements ')'          { $$ = make_group(p, @$, $2, false); }
	| '(' elements ',' ')'      { $$ = make_group(p, @$, $2, true); }
	| '(' element clauses ')'   { $$ = make_comprehension(T, NODE_GENERATOR, @$, $2, $3); }
	| '[' ']'                   { $$ = make_list(T, NODE_LIST, @$, NULL); }
	| '[' elements ']'          { $$ = make_elements(T, NODE_LIST, @$, $2); }
	| '[' elements ',' ']'      { $$ = make_elements(T, NODE_LIST, @$, $2); }
	| '[' element clauses ']'   { $$ = make_comprehension(T, NODE_LIST_COMP, @$, $2, $3); }
	| '{' elements '}'          { $$ = make_elements(T, NODE_SET, @$, $2); }
	| '{' elements ',' '}'      { $$ = make_elements(T, NODE_SET, @$, $2); }
	| '{' element clauses '}'   { $$ = make_comprehension(T, NODE_SET_COMP, @$, $2, $3); }
	| '{' '}'                   { $$ = make_dict(T, @$, NULL); }
	| '{' pairs '}'             { $$ = make_dict(T, @$, $2); }
	| '{' pairs ',' '}'         { $$ = make_dict(T, @$, $2); }
	| '{' pair clauses '}'      { $$ = make_dict_comprehension(T, @$, $2, $3); }
	;

elements
	: element                   { $$ = ast_list(T, $1); }
	| elements ',' element      { $$ = ast_append(T, $1, $3); }
	;

element
	: named                     { $$ = $1; }
	| '*' bitwise               { $$ = make_node(T, NODE_STARRED, @$, $2, NULL, NULL); }
	| expr AS bitwise           { $$ = make_with_item(T, @$, $1, $3); }
	;

pairs
	: pair                      { $$ = ast_append(T, ast_append(T, ast_list(T, NULL), $1->a), $1->b); }
	| pairs ',' pair            { $$ = ast_append(T, ast_append(T, $1, $3->a), $3->b); }
	;

pair
	: expr ':' expr             { $$ = make_node(T, NODE_DICT, @$, $1, $3, NULL); }
	| POWER bitwise             { $$ = make_node(T, NODE_DICT, @$, NULL, $2, NULL); }
	;

clauses
	: clause                    { $$ = ast_list(T, $1); }
	| clauses clause            { $$ = ast_append(T, $1, $2); }
	;

clause
	: FOR targets IN disjunction ifs  { $$ = make_for_if(T, @$, $2, $4, $5); }
	;

ifs
	: %empty                    { $$ = NULL; }
	| ifs IF disjunction        { $$ = ast_append(T, $1 ? $1 : ast_list(T, NULL), $3); }
	;

/* == String literals ================================================================================================= */

strings
	: string                    { $$ = ast_list(T, $1); }
	| strings string            { $$ = ast_append(T, $1, $2); }
	;

string
	: STRING                    { $$ = $1; }
	| F_START pieces F_END      { $$ = make_list(T, NODE_FSTRING, @$, $2); }
	;

pieces
	: %empty                    { $$ = ast_list(T, NULL); }
	| pieces F_TEXT             { $$ = ast_append(T, $1, $2); }
	| pieces field              { $$ = ast_append(T, $1, $2); }
	;

field
	: F_OPEN value conversion spec F_CLOSE
		{ $$ = make_field(T, @$, $2, NULL, $3, @3, $4); }
	| F_OPEN value F_EQUAL conversion spec F_CLOSE
		{ $$ = make_field(T, @$, $2, lex_own_text(p, @1.end, $4 ? @4.start : $5 ? @5.start : @6.start), $4, @4, $5); }
	;

conversion
	: %empty                    { $$ = NULL; }
	| F_BANG NAME               { $$ = $2; }
	;

spec
	: %empty                    { $$ = NULL; }
	| F_COLON pieces            { $$ = make_list(T, NODE_FSTRING, upto(@2, @2), $2); }
	;
