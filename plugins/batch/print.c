/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Words for people. All text of a result is free of control characters already (result.h), so
 * nothing that a server said can control the terminal.
 */
#include "plugins/batch/print.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <imgrecog/memory.h>

#include "plugins/common/fail.h"

#define LINE_BYTES 2048
#define KIND_COLUMNS 14

/* A file's name, which may be a stranger's: without the controls of a terminal (C0, DEL, C1). */
static void put_name(const char *name, FILE *out)
{
    const unsigned char *c = (const unsigned char *)name;

    for (; *c != '\0'; c++) {
        bool is_c1 = c[0] == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0;

        putc(*c < 0x20 || *c == 0x7f || is_c1 ? '?' : *c, out);
        c += is_c1 ? 1 : 0;
    }
    putc(':', out);
}

void print_error(const char *name, const struct ir_error *err)
{
    char line[LINE_BYTES];

    fflush(stdout);
    fputs("imgrecog: ", stderr);
    if (name != NULL)
        put_name(name, stderr);
    fprintf(stderr, "%s%s\n", name != NULL ? " " : "", ir_error_line(err, line, sizeof line));
}

void print_note(const char *name, const char *words)
{
    fflush(stdout);
    fputs("imgrecog: ", stderr);
    put_name(name, stderr);
    fprintf(stderr, " %s\n", words);
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

    put_name(name, stdout);
    printf(" %d x %d pixels, %zu label%s\n", ir_result_width_px(result),
           ir_result_height_px(result), count, count == 1 ? "" : "s");
    for (size_t i = 0; i < count; i++)
        print_label(ir_result_get_label(result, i));
}

static const char *const verdicts[] = {
    [IR_VERDICT_UNKNOWN] = "UNKNOWN", [IR_VERDICT_NO] = "NO", [IR_VERDICT_YES] = "YES"};

void print_padded(const char *text, int columns)
{
    int characters = 0;

    for (const char *p = text; *p != '\0'; p++)
        characters += ((unsigned char)*p & 0xc0) != 0x80 ? 1 : 0;
    printf("%s%*s", text, characters < columns ? columns - characters : 0, "");
}

/* One line; nothing stands behind its last word. */
static void print_finding(const struct ir_finding *finding, int width_px, int height_px)
{
    bool has_confidence = !isnan(finding->confidence_pct);

    if (strcmp(finding->kind, "model") == 0) /* its words are the reason */
        return;
    printf("  ");
    if (!has_confidence && !finding->has_box && finding->name == NULL) {
        printf("%s\n", finding->kind);
        return;
    }
    print_padded(finding->kind, KIND_COLUMNS);
    if (has_confidence)
        printf("%4d %%", (int)floor(finding->confidence_pct));
    if (finding->has_box)
        printf("  %.0f x %.0f pixels at %.0f, %.0f", finding->box.width_frac * width_px,
               finding->box.height_frac * height_px, finding->box.left_frac * width_px,
               finding->box.top_frac * height_px);
    if (finding->name != NULL)
        printf("  %s", finding->name);
    for (size_t i = 0; i < IR_FINDING_MAX_PARENTS && finding->parents[i] != NULL; i++)
        printf("%s%s", i == 0 ? ", of " : " of ", finding->parents[i]);
    printf("\n");
}

/* What the user left out stands in one line; what failed has a line with its reason. */
static void print_not_checked(const struct ir_check *check)
{
    static const char left_out[] = ": not asked for";
    int count = 0;

    for (size_t i = 0; i < check->not_checked_count; i++)
        if (strstr(check->not_checked[i], left_out) == NULL)
            printf("  not checked: %s\n", check->not_checked[i]);
    for (size_t i = 0; i < check->not_checked_count; i++) {
        const char *end = strstr(check->not_checked[i], left_out);

        if (end != NULL)
            printf("%s%.*s", count++ == 0 ? "  not asked for: " : ", ",
                   (int)(end - check->not_checked[i]), check->not_checked[i]);
    }
    if (count > 0)
        printf("\n");
}

void print_check(const char *name, const struct ir_result *result)
{
    const struct ir_check *check = ir_result_get_check(result);

    put_name(name, stdout);
    printf(" %s: %s\n", verdicts[check->verdict], check->reason);
    for (size_t i = 0; i < check->finding_count; i++)
        print_finding(&check->findings[i], ir_result_width_px(result), ir_result_height_px(result));
    print_not_checked(check);
}

void print_title(const char *name)
{
    put_name(name, stdout);
    printf("\n");
    fflush(stdout);
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

void print_plan(const char *name, const struct session *session, const struct ir_picture *picture)
{
    struct ir_picture_info sent = {0};

    put_name(name, stdout);
    if (picture == NULL) {
        printf(" would not be sent\n");
        return;
    }
    sent = ir_picture_sent_info(picture);
    printf(" would be sent to %s: %s, %d x %d pixels, %zu bytes, without its metadata\n",
           ir_client_endpoint(session->client), sent.media_type, sent.width_px, sent.height_px,
           ir_picture_sent_bytes(picture));
    if (session->context != NULL)
        printf("  and what is known of it: %s\n", session->context);
}

void print_precheck(const char *name, const struct ir_result *result)
{
    const struct ir_check *precheck = ir_result_get_precheck(result);

    for (size_t i = 0; precheck != NULL && i < precheck->not_checked_count; i++) {
        fputs("imgrecog: ", stderr);
        put_name(name, stderr);
        fprintf(stderr, " precheck: this machine's recogniser could not look: %s\n",
                precheck->not_checked[i]);
    }
    if (precheck == NULL || precheck->finding_count == 0)
        return;
    fputs("imgrecog: ", stderr);
    put_name(name, stderr);
    fprintf(stderr, " precheck: this machine's recogniser found %s\n", precheck->reason);
}

void print_missing(const char *name, const struct ir_result *result)
{
    const char *line;

    for (size_t i = 0; (line = ir_result_get_error(result, i)) != NULL; i++) {
        fputs("imgrecog: ", stderr);
        put_name(name, stderr);
        fprintf(stderr, " %s\n", line);
    }
}

int print_finish(struct ir_error *err)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return 0;
    return common_fail(err, IR_ERR_ARG, "Check the disk and the pipe.",
                       "standard output cannot be written: %s", strerror(errno));
}
