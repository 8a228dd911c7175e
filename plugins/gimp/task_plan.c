/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns what is said of a task before and after it: what is sent, where, and what it costs. The
 * estimate is the core's own, of a dry run with pictures of one colour: a price depends on a
 * picture's size alone.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/common/fail.h"
#include "plugins/gimp/check_words.h"
#include "plugins/gimp/i18n.h"
#include "plugins/gimp/task.h"

#define BLANK_VALUE 0x80
#define MONEY_STEPS 1e4 /* in a US dollar: fractions of a cent count, in every amount */

static const struct encode_limits blank_limits = {
    .max_side_px = 65500, .min_side_px = 1, .max_bytes = 1U << 30, .upright = true};

/* ---- pictures of one colour -------------------------------------------------------------- */

static int fetch_blank(void *host, int width_px, int height_px, unsigned char *rgb,
                       struct ir_error *err)
{
    (void)host;
    (void)err;
    memset(rgb, BLANK_VALUE, (size_t)width_px * (size_t)height_px * 3);
    return 0;
}

int task_blank_picture(struct task *task, int width_px, int height_px, struct ir_picture **out,
                       struct ir_error *err)
{
    struct task_blank *blank = task->blank;
    int rc;

    if (blank->width_px != width_px || blank->height_px != height_px) {
        unsigned char *jpeg = NULL;
        size_t bytes = 0;

        rc = encode_jpeg(width_px, height_px, &blank_limits, fetch_blank, NULL, &jpeg, &bytes, err);
        if (rc != 0)
            return rc;
        free(blank->jpeg);
        *blank = (struct task_blank){width_px, height_px, jpeg, bytes};
    }
    return ir_picture_new(blank->jpeg, blank->bytes, NULL, out, err);
}

static void size_within(GimpImage *image, const struct encode_limits *limits, int *out_width_px,
                        int *out_height_px)
{
    int width_px = gimp_image_get_width(image);
    int height_px = gimp_image_get_height(image);
    double scale = MIN(1.0, (double)limits->max_side_px / MAX(width_px, height_px));

    *out_width_px = MAX(1, (int)(width_px * scale + 0.5));
    *out_height_px = MAX(1, (int)(height_px * scale + 0.5));
}

int task_blank_within(struct task *task, const struct encode_limits *limits,
                      struct ir_picture **out, struct ir_error *err)
{
    int width_px, height_px;

    size_within(task->image, limits, &width_px, &height_px);
    return task_blank_picture(task, width_px, height_px, out, err);
}

/* ---- before ------------------------------------------------------------------------------ */

char *task_money_words(double usd)
{
    /* Rounded up: what is paid is never told as less, nor something as nothing. */
    return g_strdup_printf(_("%.4f US dollars"),
                           usd > 0.0 ? ceil(usd * MONEY_STEPS - 1e-6) / MONEY_STEPS : 0.0);
}

char *task_picture_words(const struct task *task, const char *to,
                         const struct encode_limits *limits)
{
    char *most = g_format_size(limits->max_bytes);
    int width_px, height_px;
    char *words;

    size_within(task->image, limits, &width_px, &height_px);
    words = g_strdup_printf(_("The visible picture is sent to %s, as a JPEG of at most %d × %d "
                              "pixels and %s, without metadata."),
                            to, width_px, height_px, most);
    g_free(most);
    return words;
}

/* All requests together. Strings are borrowed from the task's result. */
struct plan {
    int count;
    double cost_usd; /* NaN where a price is not known */
    const char *model, *host;
};

static struct plan read_plan(const struct task *task)
{
    struct plan plan = {0, 0.0, NULL, NULL};
    const struct ir_planned_request *request;

    while (task->result != NULL &&
           (request = ir_result_get_planned(task->result, (size_t)plan.count)) != NULL) {
        plan.cost_usd += request->cost_usd;
        plan.model = request->model != NULL ? request->model : plan.model;
        plan.host = request->host;
        plan.count++;
    }
    plan.cost_usd *= MAX(task->planned_times, 1);
    plan.count *= MAX(task->planned_times, 1);
    return plan;
}

static char *cost_words(const struct task *task, const struct plan *plan)
{
    char *money, *words;

    if (isnan(plan->cost_usd) && task->where == WHERE_ADDRESS)
        return g_strdup(_("What that costs is not known here."));
    if (isnan(plan->cost_usd))
        return g_strdup_printf(P_("AWS charges your account for %d request; the price is not "
                                  "known here.",
                                  "AWS charges your account for %d requests; the price is not "
                                  "known here.",
                                  plan->count),
                               plan->count);
    money = task_money_words(plan->cost_usd);
    if (task->where == WHERE_ADDRESS)
        words = g_strdup_printf(_("If that charges as AWS does, it costs at most %s."), money);
    else
        words = g_strdup_printf(P_("It costs at most %s, for %d request.",
                                   "It costs at most %s, for %d requests.", plan->count),
                                money, plan->count);
    g_free(money);
    return words;
}

/* Who it is sent to (g_free). */
static char *receiver(const struct task *task, const struct plan *plan)
{
    char *region, *to;

    if (task->where == WHERE_ADDRESS)
        return g_strdup(ir_client_endpoint(task->client));
    region = plan->host != NULL ? where_region_of(plan->host) : NULL;
    to = region != NULL ? g_strdup_printf(_("%s in %s"), _(task->kind->service), region)
                        : g_strdup(_(task->kind->service));
    g_free(region);
    return to;
}

int task_plan(struct task *task, struct task_blank *blank, char **out_words, struct ir_error *err)
{
    GString *words = g_string_new(NULL);
    struct plan plan;
    char *to, *sent;
    int rc = 0;

    task->blank = blank;
    task->own = g_malloc0(MAX(task->kind->own_bytes, 1));
    if (task->kind->plan != NULL)
        rc = task->kind->plan(task, err);
    if (rc != 0) {
        g_string_free(words, TRUE);
        return rc;
    }
    plan = read_plan(task);
    to = receiver(task, &plan);
    sent = task->kind->sending(task, to);
    g_string_append(words, sent);
    if (plan.model != NULL)
        g_string_append_printf(g_string_append_c(words, ' '), _("The model is %s."), plan.model);
    if (plan.count > 0) {
        char *cost = cost_words(task, &plan);

        g_string_append_printf(words, " %s", cost);
        g_free(cost);
    }
    g_free(sent);
    g_free(to);
    *out_words = g_string_free(words, FALSE);
    return 0;
}

/* ---- after ------------------------------------------------------------------------------- */

/* Of a price that is known, under the condition that was told before (g_free). */
static char *spent_words(const struct task *task, double spent_usd)
{
    char *money = task_money_words(spent_usd);
    char *words = g_strdup_printf(task->where == WHERE_ADDRESS
                                      ? _("If that charges as AWS does, this cost about %s.")
                                      : _("This cost about %s."),
                                  money);

    g_free(money);
    return words;
}

char *task_cost_words(const struct task *task)
{
    double spent_usd = ir_client_spent_usd(task->client);
    struct ir_usage usage = {.cached = 0};
    char *spent, *words;

    if (task->where == WHERE_LOCAL)
        return NULL;
    if (task->kind->cost_words != NULL)
        return task->kind->cost_words(task);
    if (task->result != NULL)
        usage = ir_result_get_usage(task->result);
    if (isnan(usage.cost_usd) && spent_usd > 0.0) {
        spent = spent_words(task, spent_usd);
        words = g_strconcat(spent, " ", _("What the rest costs is not known here."), NULL);
        g_free(spent);
        return words;
    }
    if (isnan(usage.cost_usd))
        return g_strdup(task->where == WHERE_ADDRESS
                            ? _("What this cost is not known here.")
                            : _("AWS charges your account for this; the price is not known here."));
    if (spent_usd > 0.0)
        return spent_words(task, spent_usd);
    return usage.cached > 0
               ? g_strdup(_("Answered from what was paid for earlier: this cost nothing."))
               : NULL;
}

bool task_has_cost(const struct task *task)
{
    return task->result != NULL || ir_client_spent_usd(task->client) > 0.0;
}

char *task_precheck_words(const struct task *task)
{
    const struct ir_check *check =
        task->result != NULL ? ir_result_get_precheck(task->result) : NULL;
    char *counts, *words;

    if (check == NULL || check->verdict != IR_VERDICT_YES)
        return NULL;
    counts = check_words_counts(check);
    words = g_strdup_printf(_("Before it was sent, this computer found: %s."), counts);
    g_free(counts);
    return words;
}
