/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A request without a picture whose words list what others have seen, a label a line:
 * "- Person (99 %)". What is said of it is the list, put into a sentence, and nothing else.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/ascii.h"
#include "plugins/local/describer.h"
#include "plugins/local/refuse.h"

#define NAME_BYTES 64

struct listed {
    struct label_list labels;
    char names[LABELS_MAX][NAME_BYTES];
};

/* " (99 %)" at the end of a line; its number. False when the line does not end so. */
static bool read_percent(const char *open, const char *end, double *out_pct)
{
    double pct = 0.0;
    const char *at = open + 1;
    for (; at < end && ir_ascii_is_digit(*at) && pct <= 100.0; at++)
        pct = pct * 10.0 + (*at - '0');
    *out_pct = pct;
    return at > open + 1 && end - at == 3 && memcmp(at, " %)", 3) == 0 && pct <= 100.0;
}

static void read_line(const char *line, const char *end, struct listed *out)
{
    const char *open = memrchr(line, '(', (size_t)(end - line));
    int index = out->labels.count;
    double pct = 0.0;
    if (end - line < 3 || memcmp(line, "- ", 2) != 0 || open == NULL || open < line + 4 ||
        open[-1] != ' ' || open - line - 3 >= NAME_BYTES || index == LABELS_MAX ||
        !read_percent(open, end, &pct))
        return;
    snprintf(out->names[index], NAME_BYTES, "%.*s", (int)(open - line - 3), line + 2);
    out->labels.items[index] = (struct label){.name = out->names[index], .confidence_pct = pct};
    out->labels.count++;
}

static void read_lines(const char *text, struct listed *out)
{
    while (*text != '\0') {
        const char *end = text + strcspn(text, "\n");
        read_line(text, end, out);
        text = *end == '\0' ? end : end + 1;
    }
}

void words_listed(const struct label_list *labels, bool korean, struct ir_buf *out)
{
    for (int i = 0; i < labels->count; i++) {
        bool is_last = i > 0 && i + 1 == labels->count;
        ir_buf_append_text(out, i == 0 ? "" : is_last && !korean ? " and " : ", ");
        ir_buf_append_text(out, words_label(labels->items[i].name, korean));
    }
}

int describer_listed(const struct ask *ask, const struct wish *wish, struct ir_buf *out,
                     struct ir_error *err)
{
    struct wish listed_wish = *wish;
    struct sight sight = {.width_px = 0};
    struct listed *listed = ir_calloc(1, sizeof *listed);
    int rc;
    if (listed == NULL)
        return refuse_nomem(err);
    read_lines(ir_buf_text(&ask->text), listed);
    sight.labels = &listed->labels;
    listed_wish.listed = true;
    if (listed->labels.count > 0)
        rc = schema_fill(&sight, &listed_wish, ask->schema, out, err);
    else
        rc = refuse(err, &refuse_validation,
                    "Malformed input request: this model fills a schema from one picture, or from "
                    "a list of labels like \"- Person (99 %%)\", and there is neither.");
    ir_free(listed);
    return rc;
}
