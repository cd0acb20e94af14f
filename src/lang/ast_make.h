/* The grammar's constructors: one call an action. Those that Python hangs a rule on (what may be assigned to, the order
 * of arguments and parameters) check it here, since the tree alone no longer tells how a thing was written. */
#ifndef LANG_AST_MAKE_H
#define LANG_AST_MAKE_H

#include "lang/ast.h"

struct parse;

struct node *make_node(struct ast *ast, enum node_kind kind, struct span span, struct node *a, struct node *b, struct node *c);
struct node *make_list(struct ast *ast, enum node_kind kind, struct span span, struct node_list *list);
struct node *make_text(struct ast *ast, enum node_kind kind, struct span span, const char *text);
struct node *make_named_text(struct ast *ast, enum node_kind kind, struct span span, const char *text, struct span name, struct node *a);

struct node *make_done(struct ast *ast, struct node *n);      /* after slots were set by hand: the depth */
const char *make_kind_name(const struct node *n);             /* what an error calls it: "function call" */
void make_check_target(struct ast *ast, struct node *target, const char *what);    /* what: "assign to" */

struct node_list *list_join(struct ast *ast, struct node_list *list, struct node_list *more);

/* Expressions. `as_written` is the place of the left operand with its parentheses, `at` that of the operator. */
struct node *make_binary(struct ast *ast, struct span span, int op, struct node *a, struct node *b, struct span at);
struct node *make_unary(struct ast *ast, struct span span, int op, struct node *a);
struct node *make_bool(struct ast *ast, enum node_kind kind, struct span span, struct node *a, struct node *b, struct span as_written);
struct node *make_compare(struct ast *ast, struct span span, struct node *a, int op, struct node *b);
struct node *make_compare_more(struct ast *ast, struct span span, struct node *compare, int op, struct node *b);
struct node *make_named(struct ast *ast, struct span span, struct node *target, struct node *value);
struct node *make_generator_argument(struct ast *ast, struct span span, struct node *item, struct node_list *clauses);
struct node_list *make_arguments(struct ast *ast, struct node_list *args);    /* checks their order */
struct node *make_call(struct ast *ast, struct span span, struct node *function, struct node_list *args);
struct node *make_argument(struct ast *ast, struct span span, struct node *name, struct node *value);
struct node *make_lambda(struct ast *ast, struct span span, struct node_list *params, struct node *body);
struct node *make_strings(struct ast *ast, struct span span, struct node_list *parts);
struct node *make_field(struct ast *ast, struct span span, struct node *value, const char *own_text, const char *conversion, struct span at,
	struct node *spec);
struct node *make_group(struct parse *p, struct span span, struct node_list *items, bool comma);
struct node *make_index(struct ast *ast, struct span span, struct node *subscript);
struct node *make_comprehension(struct ast *ast, enum node_kind kind, struct span span, struct node *item, struct node_list *clauses);
struct node *make_dict_comprehension(struct ast *ast, struct span span, struct node *pair, struct node_list *clauses);
struct node *make_for_if(struct ast *ast, struct span span, struct node *target, struct node *iterable, struct node_list *conditions);
struct node *make_elements(struct ast *ast, enum node_kind kind, struct span span, struct node_list *items);
struct node *make_dict(struct ast *ast, struct span span, struct node_list *keys_and_values);    /* in turn; NULL: empty */

/* Parameters: the markers '/' and '*' are PARAM nodes without text until make_params has set everybody's kind. */
enum { MARK_SLASH = 100, MARK_STAR };
struct node *make_param(struct ast *ast, struct span span, int kind, const char *name, struct span name_at, struct node *annotation,
	struct node *value);
struct node_list *make_params(struct ast *ast, struct node_list *written);

/* Statements. */
struct node *make_expr(struct ast *ast, struct span span, struct node *value);
struct node *make_assign(struct ast *ast, struct span span, struct node_list *targets_and_value);
struct node *make_aug_assign(struct ast *ast, struct span span, struct node *target, int op, struct node *value, struct span at);
struct node *make_ann_assign(struct ast *ast, struct span span, struct node *target, struct node *annotation, struct node *value);
struct node *make_del(struct ast *ast, struct span span, struct node_list *targets);
struct node *make_value(struct ast *ast, enum node_kind kind, struct span span, struct node *value);   /* RETURN, YIELD: no lone star */
struct node *make_import_from(struct ast *ast, struct span span, long dots, const char *module, struct node_list *names);
struct node *make_alias(struct ast *ast, struct span span, const char *name, const char *as);
const char *make_dotted(struct ast *ast, const char *left, const char *right);
struct node *make_if(struct ast *ast, struct span span, struct node *test, struct node_list *body, struct node_list *other);
struct node *make_while(struct ast *ast, struct span span, struct node *test, struct node_list *body, struct node_list *other);
struct node *make_for(struct ast *ast, struct span span, struct node *target, struct node *iterable, struct node_list *body, struct node_list *other);
struct node *make_def(struct ast *ast, struct span span, const char *name, struct span name_at, struct node_list *params, struct node *returns,
	struct node_list *body);
struct node *make_class(struct ast *ast, struct span span, const char *name, struct span name_at, struct node_list *args, struct node_list *body);
struct node *make_decorated(struct ast *ast, struct node_list *decorators, struct node *definition);
struct node *make_handler(struct ast *ast, struct span span, struct node *class, const char *name, struct node_list *body);
struct node *make_refused(struct ast *ast, struct span at, const char *why);
struct node *make_try(struct ast *ast, struct span span, struct node_list *body, struct node_list *handlers, struct node_list *other,
	struct node_list *last);
struct node *make_with_item(struct ast *ast, struct span span, struct node *manager, struct node *target);
struct node *make_with_head(struct parse *p, struct span span, struct node_list *items);
struct node *make_with(struct ast *ast, struct span span, struct node *head, struct node_list *body);
struct node_list *make_line(struct parse *p, struct node_list *statements);

#endif
