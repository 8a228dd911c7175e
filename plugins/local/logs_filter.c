/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Source:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
#include "plugins/local/logs_filter.h"

#include <string.h>

#include "plugins/local/refuse.h"

/* One word of a pattern; quotes are taken off. */
struct term {
    char kind; /* ' ', '?' or '-' */
    const char *text;
    size_t bytes;
};

static bool next_term(const char **rest, struct term *out)
{
    const char *c = *rest + strspn(*rest, " \t");
    if (*c == '\0')
        return false;
    out->kind = *c == '?' || *c == '-' ? *c++ : ' ';
    if (*c == '"') {
        out->text = ++c;
        out->bytes = strcspn(c, "\"");
        c += out->bytes + (c[out->bytes] == '"');
    } else {
        out->text = c;
        out->bytes = strcspn(c, " \t");
        c += out->bytes;
    }
    *rest = c;
    return true;
}

int logs_filter_check(const char *pattern, struct ir_error *err)
{
    const char *start = pattern + strspn(pattern, " \t");
    size_t quotes = 0;
    for (const char *c = pattern; *c != '\0'; c++)
        quotes += *c == '"';
    if (*start == '{' || *start == '[' || *start == '%')
        return refuse(
            err, &refuse_parameter,
            "Invalid filter pattern: the local logs filter by words; patterns of JSON, of "
            "columns and regular expressions are not here.");
    if (quotes % 2 != 0)
        return refuse(err, &refuse_parameter, "Invalid filter pattern: a quote is not closed.");
    return 0;
}

bool logs_filter_matches(const char *pattern, const char *message)
{
    struct term term;
    bool any_wanted = false;
    bool any_found = false;
    while (next_term(&pattern, &term)) {
        bool found = memmem(message, strlen(message), term.text, term.bytes) != NULL;
        if ((term.kind == ' ' && !found) || (term.kind == '-' && found))
            return false;
        if (term.kind == '?') {
            any_wanted = true;
            any_found = any_found || found;
        }
    }
    return !any_wanted || any_found;
}
