/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Words for people. All text of a result is free of control characters already (result.h), so
 * nothing that a server said can control the terminal.
 */
#include "plugins/batch/print.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <imgrecog/memory.h>

#include "plugins/common/fail.h"

#define LINE_BYTES 2048

void print_error(const char *name, const struct ir_error *err)
{
    char line[LINE_BYTES];

    fflush(stdout);
    fprintf(stderr, "imgrecog: %s%s%s\n", name != NULL ? name : "", name != NULL ? ": " : "",
            ir_error_line(err, line, sizeof line));
}

int print_json(const struct ir_result *result, struct ir_error *err)
{
    char *json = NULL;
    int rc = ir_result_to_json(result, &json, NULL, err);

    if (rc == 0)
        printf("%s\n", json);
    ir_free(json);
    return rc;
}

/* Rounded down: 99.96 is not 100. */
static void print_label(const struct ir_label *label)
{
    printf("  %3d %%  %s", (int)floor(label->confidence_pct), label->name);
    if (label->has_box)
        printf("  (at %.0f %%, %.0f %% of the picture, %.0f x %.0f %%)", label->box.left_frac * 100,
               label->box.top_frac * 100, label->box.width_frac * 100,
               label->box.height_frac * 100);
    printf("\n");
}

void print_labels(const char *name, const struct ir_result *result)
{
    size_t count = ir_result_label_count(result);

    printf("%s: %d x %d pixels, %zu label%s\n", name, ir_result_width_px(result),
           ir_result_height_px(result), count, count == 1 ? "" : "s");
    for (size_t i = 0; i < count; i++)
        print_label(ir_result_get_label(result, i));
}

static const char *const verdicts[] = {
    [IR_VERDICT_UNKNOWN] = "UNKNOWN", [IR_VERDICT_NO] = "NO", [IR_VERDICT_YES] = "YES"};

static void print_finding(const struct ir_finding *finding)
{
    printf("  %s", finding->kind);
    if (finding->name != NULL)
        printf(" %s", finding->name);
    if (!isnan(finding->confidence_pct))
        printf(", %d %%", (int)floor(finding->confidence_pct));
    if (finding->has_box)
        printf(" (at %.0f %%, %.0f %%, %.0f x %.0f %%)", finding->box.left_frac * 100,
               finding->box.top_frac * 100, finding->box.width_frac * 100,
               finding->box.height_frac * 100);
    printf(", says %s\n", finding->source);
}

void print_check(const char *name, const struct ir_result *result)
{
    const struct ir_check *check = ir_result_get_check(result);

    printf("%s: %s: %s\n", name, verdicts[check->verdict], check->reason);
    for (size_t i = 0; i < check->finding_count; i++)
        print_finding(&check->findings[i]);
    for (size_t i = 0; i < check->not_checked_count; i++)
        printf("  not checked: %s\n", check->not_checked[i]);
}

void print_caption(const struct ir_result *result)
{
    const struct ir_caption *caption = ir_result_get_caption(result);

    if (caption->alt_text != NULL)
        printf("Alt text: %s\n", caption->alt_text);
    if (caption->title != NULL)
        printf("Title: %s\n", caption->title);
    if (caption->keyword_count > 0)
        printf("Keywords: ");
    for (size_t i = 0; i < caption->keyword_count; i++)
        printf("%s%s", i > 0 ? ", " : "", caption->keywords[i]);
    if (caption->keyword_count > 0)
        printf("\n");
}

void print_missing(const char *name, const struct ir_result *result)
{
    const char *line;

    for (size_t i = 0; (line = ir_result_get_error(result, i)) != NULL; i++)
        fprintf(stderr, "imgrecog: %s: %s\n", name, line);
}

int print_finish(struct ir_error *err)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return 0;
    return common_fail(err, IR_ERR_ARG, "Check the disk and the pipe.",
                       "standard output cannot be written: %s", strerror(errno));
}
