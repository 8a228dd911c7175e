/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The procedure imgrecog-labels: its arguments and return value, and its three ways of being run.
 * With a dialog, silently by a script, and silently with the values of the last dialog (Ctrl+F).
 *
 * What is private (endpoint, profile, region) never gets into GIMP's saved values, which GIMP also
 * puts into the user's image: see remember.h.
 */
#include "plugins/gimp/plugin.h"

#include "plugins/common/fail.h"
#include "plugins/gimp/labels_call.h"
#include "plugins/gimp/labels_dialog.h"
#include "plugins/gimp/remember.h"

#define PULSE_MS 100
#define ERROR_LINE_BYTES 1536
#define MAX_LABELS_MOST 1000       /* what Rekognition takes */
#define REMEMBER_PREFIX "imgrecog" /* where to ask is shared by all procedures */

static const char *const remembered[] = {LABELS_ARG_ENDPOINT, LABELS_ARG_PROFILE, LABELS_ARG_REGION,
                                         NULL};

/* Waiting without a dialog. */
struct silent_wait {
    GMainLoop *loop;
    struct job *job;
    const char *shown; /* the stage on GIMP's progress bar */
};

static void on_silent_done(void *context)
{
    struct silent_wait *wait = context;

    g_main_loop_quit(wait->loop);
}

static gboolean on_silent_pulse(gpointer data)
{
    struct silent_wait *wait = data;
    const char *stage = job_stage(wait->job);

    if (stage != wait->shown) {
        gimp_progress_set_text(stage);
        wait->shown = stage;
    }
    gimp_progress_pulse();
    return G_SOURCE_CONTINUE;
}

static int run_silently(GimpProcedureConfig *config, GimpImage *image, char **out_json,
                        struct ir_error *err)
{
    struct silent_wait wait = {NULL, NULL, NULL};
    struct labels_call *call = NULL;
    guint pulse;
    int rc = labels_call_new(config, image, &call, err);

    if (rc != 0)
        return rc;
    wait.loop = g_main_loop_new(NULL, FALSE);
    gimp_progress_init("Detecting labels…");
    rc = labels_call_start(call, on_silent_done, &wait, err);
    if (rc == 0) {
        wait.job = labels_call_job(call);
        pulse = g_timeout_add(PULSE_MS, on_silent_pulse, &wait);
        g_main_loop_run(wait.loop);
        g_source_remove(pulse);
        rc = labels_call_finish(call, err);
    }
    gimp_progress_end();
    g_main_loop_unref(wait.loop);
    if (rc == 0)
        *out_json = labels_call_take_json(call);
    labels_call_free(call);
    return rc;
}

static GimpValueArray *return_error(GimpProcedure *procedure, const struct ir_error *err)
{
    char line[ERROR_LINE_BYTES];
    GError *error = NULL;

    g_set_error_literal(&error, GIMP_PLUG_IN_ERROR, 0, ir_error_line(err, line, sizeof line));
    return gimp_procedure_new_return_values(procedure, GIMP_PDB_EXECUTION_ERROR, error);
}

static GimpValueArray *return_document(GimpProcedure *procedure, char *json)
{
    GimpValueArray *values = gimp_procedure_new_return_values(procedure, GIMP_PDB_SUCCESS, NULL);

    g_value_take_string(gimp_value_array_index(values, 1), json);
    return values;
}

/* Repeating without a first time would send the picture to a place that nobody has seen named. */
static int check_repeatable(GimpProcedureConfig *config, struct ir_error *err)
{
    char *endpoint = NULL;
    bool known;

    g_object_get(config, LABELS_ARG_ENDPOINT, &endpoint, NULL);
    known = endpoint != NULL && *endpoint != '\0';
    g_free(endpoint);
    return known ? 0
                 : common_fail(err, IR_ERR_ARG,
                               "Run Filters > Image Recognition > Detect Labels... first.",
                               "There is no earlier run whose values could be used again.");
}

static GimpValueArray *labels_run(GimpProcedure *procedure, GimpRunMode run_mode, GimpImage *image,
                                  GimpDrawable **drawables, GimpProcedureConfig *config,
                                  gpointer data)
{
    struct ir_error err;
    char *json = NULL;
    int rc = 0;

    (void)drawables;
    (void)data;
    gegl_init(NULL, NULL);
    if (run_mode != GIMP_RUN_NONINTERACTIVE)
        remember_load(config, REMEMBER_PREFIX, remembered);
    if (run_mode == GIMP_RUN_INTERACTIVE) {
        if (labels_dialog_run(procedure, config, image, &json) != GIMP_PDB_SUCCESS) {
            g_free(json);
            return gimp_procedure_new_return_values(procedure, GIMP_PDB_CANCEL, NULL);
        }
        remember_save(config, REMEMBER_PREFIX, remembered);
        return return_document(procedure, json);
    }
    if (run_mode == GIMP_RUN_WITH_LAST_VALS)
        rc = check_repeatable(config, &err);
    if (rc == 0)
        rc = run_silently(config, image, &json, &err);
    return rc == 0 ? return_document(procedure, json) : return_error(procedure, &err);
}

static void add_arguments(GimpProcedure *procedure)
{
    const GParamFlags private = G_PARAM_READWRITE | GIMP_PARAM_DONT_SERIALIZE;

    gimp_procedure_add_string_argument(
        procedure, LABELS_ARG_ENDPOINT, "Recognise _with",
        "\"aws\", \"local\" for the recogniser on this computer, an http:// or https:// address or "
        "unix:/path; \"\" as IMGRECOG_ENDPOINT or the configuration file say, else \"aws\"",
        "", private);
    gimp_procedure_add_string_argument(procedure, LABELS_ARG_PROFILE, "AWS _profile",
                                       "Profile of ~/.aws/config; \"\" as AWS_PROFILE says", "",
                                       private);
    gimp_procedure_add_string_argument(procedure, LABELS_ARG_REGION, "AWS re_gion",
                                       "Such as eu-west-1; \"\" as the profile says", "", private);
    gimp_procedure_add_double_argument(
        procedure, LABELS_ARG_MIN_CONFIDENCE, "_Minimum confidence in %",
        "Leave out labels that the service is less sure of; -1 as IMGRECOG_MIN_CONFIDENCE or the "
        "configuration file say, else 55",
        LABELS_MIN_CONFIDENCE_UNSET, 100.0, LABELS_MIN_CONFIDENCE_UNSET, G_PARAM_READWRITE);
    gimp_procedure_add_int_argument(
        procedure, LABELS_ARG_MAX_LABELS, "Maximum number of la_bels",
        "The most distinct labels to ask for; 0 as IMGRECOG_MAX_LABELS or the configuration file "
        "say, else 100",
        LABELS_MAX_LABELS_UNSET, MAX_LABELS_MOST, LABELS_MAX_LABELS_UNSET, G_PARAM_READWRITE);
    gimp_procedure_add_string_return_value(procedure, "document", "Result document",
                                           "What was found, as JSON (schema imgrecog/1)", NULL,
                                           G_PARAM_READWRITE);
}

GimpProcedure *labels_procedure_create(GimpPlugIn *plug_in, const char *name)
{
    GimpProcedure *procedure =
        gimp_image_procedure_new(plug_in, name, GIMP_PDB_PROC_TYPE_PLUGIN, labels_run, NULL, NULL);

    gimp_procedure_set_image_types(procedure, "*");
    gimp_procedure_set_sensitivity_mask(procedure, GIMP_PROCEDURE_SENSITIVE_DRAWABLE |
                                                       GIMP_PROCEDURE_SENSITIVE_DRAWABLES |
                                                       GIMP_PROCEDURE_SENSITIVE_NO_DRAWABLES);
    gimp_procedure_set_menu_label(procedure, "_Detect Labels...");
    gimp_procedure_add_menu_path(procedure, PLUGIN_MENU_PATH);
    gimp_procedure_set_icon_name(procedure, GIMP_ICON_EDIT_FIND);
    gimp_procedure_set_documentation(
        procedure, "Find what is in the picture, and mark it with named boxes on layers of its own",
        "Sends the visible picture to Amazon Rekognition (DetectLabels), or asks the recogniser on "
        "this computer, and puts the labels into a layer group: a layer for each box, a name plate "
        "with editable text beside it, and a legend of the labels without a box. A second run "
        "replaces that group. Returns the result document as JSON.",
        name);
    gimp_procedure_set_attribution(procedure, "The imgrecog authors", "The imgrecog authors",
                                   "2026");
    add_arguments(procedure);
    return procedure;
}
