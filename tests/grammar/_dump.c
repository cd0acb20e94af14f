/* Prints the tree of each file named, or its error: what _judge.py reads. */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "lang/ast.h"

static struct source *read_source(const char *name)
{
	FILE *file = fopen(name, "rb");
	struct buf text = {0};
	size_t got = file ? 1 : 0;
	while (got) {
		buf_reserve(&text, 1 << 16);
		got = fread(text.data + text.len, 1, 1 << 16, file);
		text.len += got;
	}
	if (file)
		fclose(file);
	struct source *s = source_new(name, text.data, text.len);
	buf_free(&text);
	return s;
}

int main(int count, char **names)
{
	for (int i = 1; i < count; i++) {
		struct source *source = read_source(names[i]);
		struct ast *ast = ast_parse(source, 0);
		struct buf out = {0};
		if (ast->error.kind)
			buf_print(&out, "error %s: %s\n", ast->error.kind, ast->error.message);
		else
			ast_dump(ast, &out);
		printf("file %s\n%s", names[i], buf_str(&out));
		buf_free(&out);
		ast_free(ast);
		source_drop(source);
	}
	return 0;
}
