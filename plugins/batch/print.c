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
#include <unistd.h>

#include <imgrecog/check.h>
#include <imgrecog/memory.h>

#include "plugins/common/fail.h"

#define LINE_BYTES 2048
#define KIND_COLUMNS 14
#define USD_BYTES 32

void print_clean(const char *text, FILE *out)
{
    const unsigned char *c = (const unsigned char *)text;

    for (; *c != '\0'; c++) {
        bool is_c1 = c[0] == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0;

        putc(*c < 0x20 || *c == 0x7f || is_c1 ? '?' : *c, out);
        c += is_c1 ? 1 : 0;
    }
}

static void put_name(const char *name, FILE *out)
{
    print_clean(name, out);
    putc(':', out);
}

void print_clean_line(const char *before, const char *text, const char *after)
{
    fputs(before, stdout);
    print_clean(text, stdout);
    printf("%s\n", after);
}

void print_usd(double usd, FILE *out)
{
    char text[USD_BYTES];
    size_t chars;

    /* What only rounding put above a whole millionth is none more. */
    snprintf(text, sizeof text, "%.6f", ceil(usd * 1e6 - 1e-3) / 1e6);
    for (chars = strlen(text); text[chars - 1] == '0' && text[chars - 3] != '.'; chars--)
        text[chars - 1] = '\0';
    fprintf(out, "$%s", text);
}

void print_error(const char *name, const struct ir_error *err)
{
    char line[LINE_BYTES];
    /* A command whose own task failed is not named twice. */
    bool has_name = name != NULL && strcmp(name, err->service) != 0;

    fflush(stdout);
    fputs("imgrecog: ", stderr);
    if (has_name)
        put_name(name, stderr);
    fprintf(stderr, "%s%s", has_name ? " " : "", ir_error_line(err, line, sizeof line));
    if (err->maybe_cost_usd > 0.0) {
        fputs(" It may have cost up to ", stderr);
        print_usd(err->maybe_cost_usd, stderr);
        putc('.', stderr);
    }
    fprintf(stderr, "\n");
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

static void print_place(const struct ir_box *box)
{
    printf("  (at %.0f %%, %.0f %% of the picture, %.0f x %.0f %%)", box->left_frac * 100,
           box->top_frac * 100, box->width_frac * 100, box->height_frac * 100);
}

static void print_pct(double pct)
{
    if (isnan(pct))
        printf("      ?  ");
    else
        printf("  %3d %%  ", (int)floor(pct)); /* 99.96 is not 100 */
}

static void print_label(const struct ir_label *label)
{
    print_pct(label->confidence_pct);
    /* What stands above it comes first, as paths have it. */
    for (size_t i = label->parent_count; i-- > 0;)
        printf("%s > ", label->parents[i]);
    printf("%s", label->name);
    if (label->has_box)
        print_place(&label->box);
    printf("\n");
}

/* Lines; their words are in the document alone. */
static void print_texts(const struct ir_result *result)
{
    struct ir_text text;

    for (size_t i = 0; ir_result_get_text(result, i, &text); i++) {
        if (text.is_word)
            continue;
        print_pct(text.confidence_pct);
        printf("text: %s", text.text);
        if (text.has_box)
            print_place(&text.box);
        printf("\n");
    }
}

static void print_faces(const struct ir_result *result)
{
    struct ir_face face;

    for (size_t i = 0; ir_result_get_face(result, i, &face); i++) {
        print_pct(face.confidence_pct);
        printf("face");
        if (face.has_box)
            print_place(&face.box);
        printf("\n");
    }
}

static void print_properties(const struct ir_result *result)
{
    struct ir_quality quality;
    struct ir_color color;

    if (ir_result_get_quality(result, &quality))
        printf("  brightness %.0f, sharpness %.0f, contrast %.0f of 100\n", quality.brightness,
               quality.sharpness, quality.contrast);
    for (size_t i = 0; ir_result_get_color(result, i, &color); i++) {
        print_pct(color.pixel_pct);
        printf("colour: %s %s\n", color.hex,
               *color.css_name != '\0' ? color.css_name : color.simplified_name);
    }
}

void print_labels(const char *name, const struct ir_result *result)
{
    size_t count = ir_result_label_count(result);

    put_name(name, stdout);
    printf(" %d x %d pixels, %zu label%s\n", ir_result_width_px(result),
           ir_result_height_px(result), count, count == 1 ? "" : "s");
    for (size_t i = 0; i < count; i++)
        print_label(ir_result_get_label(result, i));
    print_texts(result);
    print_faces(result);
    print_properties(result);
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
    int count = 0;

    for (size_t i = 0; i < check->not_checked_count; i++)
        if (ir_check_left_out(check->not_checked[i]) == 0)
            printf("  not checked: %s\n", check->not_checked[i]);
    for (size_t i = 0; i < check->not_checked_count; i++) {
        size_t name_bytes = ir_check_left_out(check->not_checked[i]);

        if (name_bytes > 0)
            printf("%s%.*s", count++ == 0 ? "  " IR_CHECK_NOT_ASKED_FOR ": " : ", ",
                   (int)name_bytes, check->not_checked[i]);
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
    if (check->unsure_count > 0)
        printf("  less sure than min-confidence, so not counted: %zu\n", check->unsure_count);
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

static void print_most(const struct ir_planned_request *request)
{
    printf(": %llu bytes to %s, ", request->request_bytes, request->host);
    if (request->cost_usd <= 0.0) {
        printf("free\n");
        return;
    }
    printf("at most ");
    print_usd(request->cost_usd, stdout);
    printf("\n");
}

static void print_planned_request(const struct ir_planned_request *request)
{
    printf("  %s %s", request->service, request->operation);
    if (request->model != NULL)
        printf(" (%s)", request->model);
    if (request->is_cached)
        printf(": nothing, there is an answer in the cache\n");
    else if (isnan(request->cost_usd))
        printf(": %llu bytes to %s, price not known\n", request->request_bytes, request->host);
    else
        print_most(request);
}

static void print_sum_at_most(double usd, const char *prices_of)
{
    printf(" would cost at most ");
    print_usd(usd, stdout);
    printf(" (prices of %s)\n", prices_of);
}

void print_planned(const char *name, const struct ir_result *result, const char *context)
{
    const struct ir_planned_request *request;
    struct ir_usage usage = ir_result_get_usage(result);
    double sum_usd = 0.0;
    size_t count = 0;

    for (; (request = ir_result_get_planned(result, count)) != NULL; count++)
        sum_usd += request->cost_usd;
    put_name(name, stdout);
    if (count == 0)
        printf(" nothing would be sent\n");
    else if (isnan(sum_usd))
        printf(" would cost what is not known\n");
    else if (sum_usd <= 0.0)
        printf(" would cost nothing\n");
    else
        print_sum_at_most(sum_usd, usage.prices_of);
    for (size_t i = 0; i < count; i++)
        print_planned_request(ir_result_get_planned(result, i));
    if (context != NULL && count > 0)
        print_clean_line("  and what is known of the picture: ", context, "");
}

void cost_sum_add(struct cost_sum *sum, const struct ir_result *result)
{
    struct ir_usage usage = ir_result_get_usage(result);

    sum->cached += usage.cached;
    sum->is_unpriced = sum->is_unpriced || isnan(usage.cost_usd);
    if (*usage.prices_of != '\0')
        snprintf(sum->prices_of, sizeof sum->prices_of, "%s", usage.prices_of);
}

void print_cost(const struct cost_sum *sum, double spent_usd, bool is_for_people)
{
    bool is_told = is_for_people || isatty(STDERR_FILENO);

    if (!is_told || (spent_usd <= 0.0 && sum->cached == 0 && !sum->is_unpriced))
        return;
    fflush(stdout);
    fprintf(stderr, "cost: ");
    if (spent_usd > 0.0)
        fprintf(stderr, "$%.4f%s%s%s%s", ceil(spent_usd * 1e4 - 1e-6) / 1e4,
                *sum->prices_of != '\0' ? " (prices of " : "", sum->prices_of,
                *sum->prices_of != '\0' ? ")" : "",
                sum->is_unpriced ? " and what has no known price" : "");
    else
        fprintf(stderr, "%s", sum->is_unpriced ? "not known" : "nothing");
    if (sum->cached > 0)
        fprintf(stderr, ", %u answer%s from the cache", sum->cached, sum->cached == 1 ? "" : "s");
    fprintf(stderr, "\n");
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
