/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * "Check for Sensitive Content": does the picture hold something that should not get about? The
 * image's own metadata is looked at, too, on this computer: it is joined to the bytes that are
 * judged, and never sent.
 */
#include "plugins/gimp/check.h"

#include <imgrecog/check.h>

#include "plugins/common/fail.h"
#include "plugins/gimp/check_safe.h"
#include "plugins/gimp/check_words.h"
#include "plugins/gimp/dialog.h"
#include "plugins/gimp/i18n.h"
#include "plugins/gimp/language.h"
#include "plugins/gimp/metadata.h"
#include "plugins/gimp/plugin.h"
#include "plugins/gimp/procedure.h"

#define ARG_MIN_CONFIDENCE "min-confidence"
#define MIN_CONFIDENCE_UNSET (-1.0)

static const char *const setting_names[] = {CHECK_ARG_LOOK_FOR, ARG_MIN_CONFIDENCE, ARG_MODEL,
                                            ARG_LANGUAGE, NULL};

/* In the order of enum redact_how. */
const struct choice check_redactions = {
    CHECK_ARG_REDACT,
    N_("Re_dact by"),
    N_("By what the places that were found are covered, on a layer above them"),
    {{"none", NULL}, /* the dialog has a button instead */
     {"pixelate", N_("Pixelating")},
     {"blur", N_("Blurring")},
     {"fill", N_("Plain black")},
     {NULL, NULL}},
};

static void add_arguments(GimpProcedure *procedure)
{
    gimp_procedure_add_string_argument(
        procedure, CHECK_ARG_LOOK_FOR, _("Look for"),
        _("\"all\", or some of model,moderation,faces,text,codes,metadata; \"\" as the "
          "configuration says"),
        "", G_PARAM_READWRITE);
    gimp_procedure_add_double_argument(
        procedure, ARG_MIN_CONFIDENCE, _("_Minimum confidence in %"),
        _("What is less sure does not count as found; -1 as the configuration says, else 60"),
        MIN_CONFIDENCE_UNSET, 100.0, MIN_CONFIDENCE_UNSET, G_PARAM_READWRITE);
    gimp_procedure_add_string_argument(
        procedure, ARG_MODEL, _("Model"),
        _("A Bedrock model, inference profile or ARN; \"\" as the configuration says, else the "
          "preset"),
        "", PROCEDURE_PRIVATE);
    gimp_procedure_add_string_argument(procedure, ARG_LANGUAGE, _("Language"),
                                       _("In which language the reason is written"), "",
                                       G_PARAM_READWRITE);
    choice_add_argument(&check_redactions, procedure);
    gimp_procedure_add_boolean_argument(
        procedure, CHECK_ARG_COPY, _("Make a copy for sharing"),
        _("Leaves the image as it is and returns a flattened copy without metadata, redacted as "
          "redact says, by pixelating where that is none"),
        FALSE, G_PARAM_READWRITE);
}

/* ---- one run ----------------------------------------------------------------------------- */

/* Worker: a small picture for the dialog's list. */
static int read_preview(struct check_own *own, const struct task *task, struct job *job,
                        struct ir_error *err)
{
    double scale = MIN(1.0, (double)CHECK_PREVIEW_SIDE_PX / MAX(task->width_px, task->height_px));

    own->preview_width_px = MAX(1, (int)(task->width_px * scale));
    own->preview_height_px = MAX(1, (int)(task->height_px * scale));
    own->preview_rgb =
        g_malloc_n((size_t)own->preview_width_px * (size_t)own->preview_height_px, 3);
    return job_read(job, own->preview_width_px, own->preview_height_px, own->preview_rgb, err);
}

static int prepare(struct task *task, struct ir_error *err)
{
    struct check_own *own = task->own;

    own->how = (enum redact_how)choice_of(&check_redactions, task->config);
    g_object_get(task->config, CHECK_ARG_COPY, &own->wants_copy, NULL);
    if (own->wants_copy && own->how == REDACT_NONE)
        own->how = CHECK_HOW_FIRST; /* a copy is made to be shared */
    metadata_take(task->image, &own->exif, &own->xmp);
    return task_take_picture(task, task->image, NULL, err);
}

static int plan(struct task *task, struct ir_error *err)
{
    struct ir_check_options options = ir_settings_check_options(task->settings);
    struct ir_picture *picture = NULL;
    int rc = task_blank_within(task, &encode_limits_check, &picture, err);

    if (rc == 0)
        rc = ir_check(task->client, picture, &options, &task->result, err);
    ir_picture_free(picture);
    return rc;
}

static int work(struct task *task, struct job *job, struct ir_error *err)
{
    struct ir_check_options options = ir_settings_check_options(task->settings);
    struct check_own *own = task->own;
    unsigned char *joined = NULL;
    size_t joined_bytes = 0;
    struct task_picture picture = {NULL, NULL, 0};
    int rc = read_preview(own, task, job, err);

    options.cancel = job_get_cancel(job);
    if (rc == 0)
        rc = task_picture_init(&picture, task, job, &encode_limits_check, err);
    if (rc == 0) {
        metadata_join(own->exif, own->xmp, picture.jpeg, picture.jpeg_bytes, &joined,
                      &joined_bytes);
        ir_picture_set_original_file(picture.picture, joined, joined_bytes);
        rc = ir_check(task->client, picture.picture, &options, &task->result, err);
    }
    if (rc == 0)
        rc = task_write_document(task, err);
    g_free(joined);
    task_picture_release(&picture);
    return rc;
}

/* The places of what was found; `*out_count` may be 0 (g_free). */
static struct ir_rect *places_of(const struct task *task, size_t *out_count)
{
    const struct ir_check *check = ir_result_get_check(task->result);
    struct ir_rect *rects = g_new(struct ir_rect, MAX(check->finding_count, 1));

    *out_count = 0;
    for (size_t i = 0; i < check->finding_count; i++) {
        if (check->findings[i].has_box)
            rects[(*out_count)++] =
                ir_box_to_pixels(check->findings[i].box, task->width_px, task->height_px);
    }
    return rects;
}

struct redact_wish check_wish(struct task *task, const struct ir_rect *rects, size_t count,
                              enum redact_how how)
{
    double margin_pct = g_ascii_strtod(ir_settings_get(task->settings, "margin"), NULL);

    return (struct redact_wish){rects, count, margin_pct / 100.0, how, check_same, task};
}

/* A copy that is not safe is not made: it would be shared. */
static int make_copy(struct task *task, const struct redact_wish *wish, struct ir_error *err)
{
    int rc =
        check_safe(ir_result_get_check(task->result), CHECK_MADE_COPY, _("No copy was made."), err);

    return rc == 0 ? redact_make_copy(task->image, wish, &task->made, err) : rc;
}

/* What was found is covered in any case. */
static int add_layer(struct task *task, const struct redact_wish *wish, struct ir_error *err)
{
    int count = (int)wish->count;
    char *done = count > 0 ? g_strdup_printf(P_("%d place was found and covered.",
                                                "%d places were found and covered.", count),
                                             count)
                           : g_strdup(_("Nothing was covered."));
    int rc = count > 0 ? redact_add_layer(task->image, wish, err) : 0;

    if (rc == 0)
        rc = check_safe(ir_result_get_check(task->result), CHECK_MADE_LAYER, done, err);
    g_free(done);
    return rc;
}

static int redact(struct task *task, struct ir_error *err)
{
    const struct check_own *own = task->own;
    size_t count = 0;
    struct redact_wish wish;
    struct ir_rect *rects;
    int rc = task_check_size(task, err);

    if (rc != 0)
        return rc;
    rects = places_of(task, &count);
    wish = check_wish(task, rects, count, own->how);
    rc = own->wants_copy ? make_copy(task, &wish, err) : add_layer(task, &wish, err);
    g_free(rects);
    return rc;
}

/* Verdict, reason and cost: a user who repeats the check has no dialog that says them. */
static void tell_verdict(struct task *task)
{
    const struct ir_check *check = ir_result_get_check(task->result);
    char *reason = check_words_reason(check);
    char *cost = task_cost_words(task);
    GString *words = g_string_new(check_words_verdict(check));

    if (*reason != '\0')
        g_string_append_printf(words, "\n%s", reason);
    if (cost != NULL)
        g_string_append_printf(words, "\n%s", cost);
    task->notice = g_string_free(words, FALSE);
    g_free(cost);
    g_free(reason);
}

static int place(struct task *task, struct ir_error *err)
{
    const struct check_own *own = task->own;
    int rc = own->how != REDACT_NONE ? redact(task, err) : 0;

    if (rc == 0 && !task->is_scripted)
        tell_verdict(task);
    return rc;
}

static void release(struct task *task)
{
    struct check_own *own = task->own;

    if (own->exif != NULL)
        g_bytes_unref(own->exif);
    g_free(own->xmp);
    g_free(own->preview_rgb);
    g_free(own->covered);
}

static char *sending(const struct task *task, const char *to)
{
    struct ir_check_options options = ir_settings_check_options(task->settings);

    if ((options.looks & ~(unsigned)IR_CHECK_METADATA) == 0)
        return g_strdup(_("Nothing is sent: metadata is looked at on this computer."));
    return task_picture_words(task, to, &encode_limits_check);
}

const struct task_kind check_kind = {
    .procedure = "imgrecog-check",
    .menu_label = N_("_Check for Sensitive Content..."),
    .icon = GIMP_ICON_DIALOG_WARNING,
    .blurb = N_("Find faces, numbers, codes and other things before you share the "
                "picture"),
    .help = N_("Looks at the visible picture (Amazon Rekognition and a model of Amazon Bedrock, or "
               "the recognisers on this computer) and at the image's metadata, gives a verdict "
               "and, on request, covers what was found by a layer or makes a flattened "
               "copy for sharing. Returns the result document as JSON."),
    .title = N_("Check for Sensitive Content"),
    .ok_label = N_("Chec_k"),
    .closes = true,
    .wants_upright = true,
    .service = N_("Amazon Rekognition and Bedrock"),
    .progress = N_("Checking…"),
    .settings = setting_names,
    .choice = &check_redactions,
    .own_bytes = sizeof(struct check_own),
    .add_arguments = add_arguments,
    .prepare = prepare,
    .work = work,
    .place = place,
    .release = release,
    .sending = sending,
    .plan = plan,
    .local_words = N_("The recognisers here find faces, e-mail, phone, card and account numbers, "
                      "codes and metadata; what they do not find may still be there."),
    .run_dialog = check_run_dialog,
};
