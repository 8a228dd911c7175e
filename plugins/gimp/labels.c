/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * "Detect Labels": what is in the picture, as named boxes on layers and, on request, as keywords of
 * the image.
 */
#include <imgrecog/labels.h>

#include "plugins/gimp/dialog.h"
#include "plugins/gimp/i18n.h"
#include "plugins/gimp/layers.h"
#include "plugins/gimp/metadata.h"
#include "plugins/gimp/own.h"
#include "plugins/gimp/plugin.h"
#include "plugins/gimp/procedure.h"

#define ARG_MIN_CONFIDENCE "min-confidence"
#define ARG_MAX_LABELS "max-labels"
#define ARG_KEYWORDS "put-keywords"
/* Their values that mean: as environment and configuration file say. */
#define MIN_CONFIDENCE_UNSET (-1.0)
#define MAX_LABELS_UNSET 0
#define MAX_LABELS_MOST 1000 /* what Rekognition takes */
#define PLAN_SIDE_PX 256

static const char *const setting_names[] = {ARG_MIN_CONFIDENCE, ARG_MAX_LABELS, NULL};

static const char keywords_words[] = N_(
    "The labels' names, added to the keywords that are there. When you export, tick GIMP's boxes "
    "for XMP and IPTC: without them GIMP leaves them out.");

static void add_arguments(GimpProcedure *procedure)
{
    gimp_procedure_add_double_argument(
        procedure, ARG_MIN_CONFIDENCE, _("_Minimum confidence in %"),
        _("Leave out labels that the service is less sure of; -1 as IMGRECOG_MIN_CONFIDENCE or the "
          "configuration file say, else 55"),
        MIN_CONFIDENCE_UNSET, 100.0, MIN_CONFIDENCE_UNSET, G_PARAM_READWRITE);
    gimp_procedure_add_int_argument(
        procedure, ARG_MAX_LABELS, _("Maximum number of la_bels"),
        _("The most distinct labels to ask for; 0 as IMGRECOG_MAX_LABELS or the configuration file "
          "say, else 100"),
        MAX_LABELS_UNSET, MAX_LABELS_MOST, MAX_LABELS_UNSET, G_PARAM_READWRITE);
    gimp_procedure_add_boolean_argument(procedure, ARG_KEYWORDS, _("Keywords (m_etadata)"),
                                        _(keywords_words), FALSE, G_PARAM_READWRITE);
}

static int prepare(struct task *task, struct ir_error *err)
{
    int rc = layers_check(task->image, err);

    /* The dialog says that Rekognition is asked: a setting elsewhere must not make that untrue. */
    if (rc == 0)
        rc = ir_settings_set(task->settings, "from", "rekognition", "from", err);
    return rc == 0 ? task_take_picture(task, task->image, OWN_LABELS, err) : rc;
}

static int ask(struct task *task, const struct ir_picture *picture, const struct ir_cancel *cancel,
               struct ir_error *err)
{
    struct ir_labels_options options = ir_settings_labels_options(task->settings);

    options.cancel = cancel;
    return ir_labels(task->client, picture, &options, &task->result, err);
}

static int plan(struct task *task, struct ir_error *err)
{
    struct ir_picture *picture = NULL;
    int rc = ir_settings_set(task->settings, "from", "rekognition", "from", err);

    if (rc == 0) /* the price of labels is that of any picture */
        rc = task_blank_picture(task, PLAN_SIDE_PX, PLAN_SIDE_PX, &picture, err);
    if (rc == 0)
        rc = ask(task, picture, NULL, err);
    ir_picture_free(picture);
    return rc;
}

static int work(struct task *task, struct job *job, struct ir_error *err)
{
    struct task_picture picture;
    int rc = task_picture_init(&picture, task, job, &encode_limits_rekognition, err);

    if (rc == 0)
        rc = ask(task, picture.picture, job_get_cancel(job), err);
    if (rc == 0)
        rc = task_write_document(task, err);
    task_picture_release(&picture);
    return rc;
}

static int put_keywords(void *context, struct ir_error *err)
{
    const struct task *task = context;
    size_t count = ir_result_label_count(task->result);
    const char **names = g_new0(const char *, count + 1);
    const struct metadata_words words = {.keywords = names};
    int rc;

    for (size_t i = 0; i < count; i++)
        names[i] = ir_result_get_label(task->result, i)->name;
    rc = metadata_put(task->image, &words, err);
    g_free(names);
    return rc;
}

static int place(struct task *task, struct ir_error *err)
{
    const struct layers_also keywords = {put_keywords, task};
    gboolean wants_keywords = FALSE;
    int rc = task_check_size(task, err);

    if (rc != 0)
        return rc;
    if (ir_result_label_count(task->result) == 0 && !own_exists(task->image, OWN_LABELS))
        return 0; /* an empty step of undo helps nobody */
    g_object_get(task->config, ARG_KEYWORDS, &wants_keywords, NULL);
    return layers_build(task->image, task->result, where_labels_group_name(task->where),
                        wants_keywords ? &keywords : NULL, err);
}

static char *sending(const struct task *task, const char *to)
{
    return task_picture_words(task, to, &encode_limits_rekognition);
}

/* ---- dialog ------------------------------------------------------------------------------ */

static void fill_unset(struct dialog *d)
{
    struct ir_labels_options options = IR_LABELS_OPTIONS_INIT;
    double min_confidence_pct;
    int max_labels;

    if (d->settings != NULL)
        options = ir_settings_labels_options(d->settings);
    g_object_get(d->config, ARG_MIN_CONFIDENCE, &min_confidence_pct, ARG_MAX_LABELS, &max_labels,
                 NULL);
    if (min_confidence_pct < 0)
        g_object_set(d->config, ARG_MIN_CONFIDENCE, options.min_confidence_pct, NULL);
    if (max_labels == MAX_LABELS_UNSET)
        g_object_set(d->config, ARG_MAX_LABELS, (int)options.max_labels, NULL);
}

static bool say(struct dialog *d, const struct task *task)
{
    int count = (int)ir_result_label_count(task->result);
    double min_confidence_pct;
    char *words;

    g_object_get(d->config, ARG_MIN_CONFIDENCE, &min_confidence_pct, NULL);
    if (count > 0)
        words = g_strdup_printf(P_("%d label is in the layer group “%s”.",
                                   "%d labels are in the layer group “%s”.", count),
                                count, where_labels_group_name(task->where));
    else
        words = g_strdup_printf(_("Nothing was recognised with a confidence of %.0f %% or more. "
                                  "Lower the minimum confidence and try again."),
                                min_confidence_pct);
    dialog_say_done(d, task, words);
    g_free(words);
    return count > 0;
}

static bool run_dialog(struct dialog *d)
{
    fill_unset(d);
    dialog_open(d);
    /* After a reset, too; before the sliders, so that these never see an unset value. */
    g_signal_connect_swapped(d->config, "notify", G_CALLBACK(fill_unset), d);
    dialog_add_scale(d, ARG_MIN_CONFIDENCE, 0.0,
                     _("Labels that the service is less sure of are left out."));
    dialog_add_scale(
        d, ARG_MAX_LABELS, 1.0,
        _("The most sorts of things to ask for. Each may be in the picture more than once."));
    dialog_add_check(d, ARG_KEYWORDS, _("Keywords (m_etadata)"), _(keywords_words));
    dialog_ready(d, NULL);
    return dialog_run_and_say(d, say);
}

const struct task_kind labels_kind = {
    .procedure = "imgrecog-labels",
    .menu_label = N_("_Detect Labels..."),
    .icon = GIMP_ICON_EDIT_FIND,
    .blurb = N_("Find what is in the picture, and mark it with named boxes on layers of its own"),
    .help = N_("Sends the visible picture to Amazon Rekognition (DetectLabels), or asks the "
               "recogniser on this computer, and puts the labels into a layer group: a layer for "
               "each box, a name plate with editable text beside it, and a legend of the labels "
               "without a box. A second run replaces that group. Returns the result document as "
               "JSON."),
    .title = N_("Detect Labels"),
    .ok_label = N_("_Detect"),
    .has_presets = true,
    .wants_upright = true,
    .service = N_("Amazon Rekognition"),
    .progress = N_("Detecting labels…"),
    .settings = setting_names,
    .add_arguments = add_arguments,
    .prepare = prepare,
    .work = work,
    .place = place,
    .sending = sending,
    .plan = plan,
    .local_words = N_("The recogniser here finds faces, text and codes, and nothing else."),
    .run_dialog = run_dialog,
};
