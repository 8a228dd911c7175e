/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns how a procedure is registered and run.
 *
 * What is private (endpoint, profile, region, prompts) never gets into GIMP's saved values, which
 * GIMP also puts into the user's image: see remember.h.
 */
#include "plugins/gimp/procedure.h"

#include "plugins/common/fail.h"
#include "plugins/gimp/config.h"
#include "plugins/gimp/dialog.h"
#include "plugins/gimp/failure.h"
#include "plugins/gimp/i18n.h"
#include "plugins/gimp/metadata.h"
#include "plugins/gimp/plugin.h"
#include "plugins/gimp/remember.h"
#include "plugins/gimp/turn.h"
#include "plugins/gimp/words.h"

#define PULSE_MS 100

/* What a run hands back. */
struct outcome {
    char *json; /* g_free */
    GimpImage *made;
    char *cost; /* in words, of a repetition that failed (g_free); NULL = none is known */
};

/* ---- silently ---------------------------------------------------------------------------- */

/*
 * Waiting without a dialog. The Cancel button of GIMP's progress bar kills the plug-in on the spot,
 * and what it holds in GIMP would stay there for as long as GIMP runs. So the bar is there only
 * while nothing is held: not yet while pixels are taken, and no more when layers are made.
 */
struct silent_wait {
    GMainLoop *loop;
    struct task *task;
    const char *shown; /* the stage on GIMP's progress bar; NULL = there is no bar yet */
};

static void on_silent_done(void *context)
{
    struct silent_wait *wait = context;

    g_main_loop_quit(wait->loop);
}

static gboolean on_silent_pulse(gpointer data)
{
    struct silent_wait *wait = data;
    struct job *job = wait->task->job;
    const char *stage = job_stage(job);
    double fraction = job_fraction(job);

    if (job_holds_pixels(job))
        return G_SOURCE_CONTINUE;
    if (wait->shown == NULL)
        gimp_progress_init(_(wait->task->kind->progress));
    if (stage != wait->shown) {
        gimp_progress_set_text(stage);
        wait->shown = stage;
    }
    if (fraction < 0.0)
        gimp_progress_pulse();
    else
        gimp_progress_update(fraction);
    return G_SOURCE_CONTINUE;
}

static int wait_silently(struct task *task, struct ir_error *err)
{
    struct silent_wait wait = {g_main_loop_new(NULL, FALSE), task, NULL};
    guint pulse;
    int rc = task_start(task, on_silent_done, &wait, err);

    if (rc == 0) {
        pulse = g_timeout_add(PULSE_MS, on_silent_pulse, &wait);
        g_main_loop_run(wait.loop);
        g_source_remove(pulse);
        rc = task_result(task, err);
    }
    if (wait.shown != NULL)
        gimp_progress_end();
    g_main_loop_unref(wait.loop);
    return rc;
}

static bool has_screen(void)
{
    return g_getenv("DISPLAY") != NULL || g_getenv("WAYLAND_DISPLAY") != NULL;
}

static int run_silently(const struct task_kind *kind, GimpProcedureConfig *config, GimpImage *image,
                        bool is_scripted, struct outcome *out, struct ir_error *err)
{
    struct task *task = NULL;
    int rc = task_new(kind, config, image, &task, err);

    if (rc != 0)
        return rc;
    task->is_scripted = is_scripted;
    turn_until_idle(NULL, TURN_IDLE_MOST_US);
    rc = wait_silently(task, err);
    if (rc == 0) {
        turn_until_idle(NULL, TURN_IDLE_MOST_US);
        rc = task_place(task, err);
    }
    if (rc == 0)
        *out = (struct outcome){g_strdup(task->document), task->made, NULL};
    if (rc == 0 && !is_scripted && task->made != NULL && has_screen())
        gimp_display_new(task->made); /* nobody else does */
    if (rc == 0 && task->notice != NULL)
        g_message("%s", task->notice);
    if (rc != 0 && task_has_cost(task))
        out->cost = task_cost_words(task);
    task_free(task);
    return rc;
}

/* Repeating without a first time would send the picture to a place that nobody has seen named. */
static int check_repeatable(const struct task_kind *kind, GimpProcedureConfig *config,
                            struct ir_error *err)
{
    char *title, *hint;

    if (config_is_set(config, ARG_ENDPOINT))
        return 0;
    title = gimp_strip_uline(_(kind->menu_label));
    hint = g_strdup_printf(_("Run Filters > Image Recognition > %s first."), title);
    common_fail(err, IR_ERR_ARG, hint, "%s",
                _("There is no earlier run whose values could be used again."));
    g_free(hint);
    g_free(title);
    return IR_ERR_ARG;
}

/* GTK would end the process, and GIMP say that the plug-in has crashed. */
static int check_display(struct ir_error *err)
{
    if (has_screen())
        return 0;
    return common_fail(err, IR_ERR_ARG,
                       _("Call the procedure with RUN-NONINTERACTIVE and all that it needs."), "%s",
                       _("There is no screen to show a dialog on."));
}

/* ---- run --------------------------------------------------------------------------------- */

/* Who wants to be asked before anything is sent is asked by the dialog, also for a repetition. */
static bool asks_first(GimpProcedureConfig *config)
{
    char *endpoint = config_text(config, ARG_ENDPOINT);
    bool asks = remember_is_true(REMEMBER_ASK_FIRST) && !g_str_equal(endpoint, ENDPOINT_LOCAL);

    g_free(endpoint);
    return asks;
}

/* A script is told all; a user who repeats a command, what can be done in GIMP, and what it cost
 * (`cost`, NULL = nothing is known of that). */
static GimpValueArray *return_error(GimpProcedure *procedure, GimpRunMode run_mode,
                                    GimpPDBStatusType status, const struct ir_error *err,
                                    const char *cost)
{
    bool is_scripted = run_mode == GIMP_RUN_NONINTERACTIVE;
    char *line = is_scripted ? failure_line(err) : failure_notice(err);
    char *all = g_strconcat(line, !is_scripted && cost != NULL ? " " : NULL, cost, NULL);
    GError *error = NULL;

    g_set_error_literal(&error, GIMP_PLUG_IN_ERROR, 0, all);
    g_free(all);
    g_free(line);
    return gimp_procedure_new_return_values(procedure, status, error);
}

static GimpValueArray *return_outcome(GimpProcedure *procedure, const struct outcome *outcome)
{
    GimpValueArray *values = gimp_procedure_new_return_values(procedure, GIMP_PDB_SUCCESS, NULL);

    g_value_take_string(gimp_value_array_index(values, 1), outcome->json);
    g_value_set_object(gimp_value_array_index(values, 2), outcome->made);
    return values;
}

/*
 * After a success GIMP's library puts the values into the image, too. Where the user has closed
 * that, GIMP would say in a window of its own that it failed. Nothing but that comes after.
 */
static void quiet_last_values(GimpImage *image)
{
    if (image != NULL && !gimp_image_is_valid(image))
        task_begin_change();
}

static GimpValueArray *run(GimpProcedure *procedure, GimpRunMode run_mode, GimpImage *image,
                           GimpDrawable **drawables, GimpProcedureConfig *config, gpointer data)
{
    const struct task_kind *kind = data;
    struct outcome outcome = {NULL, NULL, NULL};
    GimpValueArray *values;
    struct ir_error err;
    int rc = 0;

    (void)drawables;
    gegl_init(NULL, NULL);
    if (run_mode == GIMP_RUN_WITH_LAST_VALS)
        words_load(procedure, config);
    if (run_mode != GIMP_RUN_NONINTERACTIVE)
        remember_load(config);
    if (run_mode == GIMP_RUN_WITH_LAST_VALS && asks_first(config) && check_display(&err) == 0)
        run_mode = GIMP_RUN_INTERACTIVE;
    if (run_mode == GIMP_RUN_INTERACTIVE)
        rc = check_display(&err);
    if (rc == 0 && run_mode == GIMP_RUN_INTERACTIVE) {
        struct dialog dialog = {
            .kind = kind, .procedure = procedure, .config = config, .image = image};
        bool done = dialog_run(&dialog);

        outcome = (struct outcome){dialog.json, dialog.made, NULL};
        if (done) {
            remember_save(config);
            words_keep(procedure, config);
            quiet_last_values(image);
            return return_outcome(procedure, &outcome);
        }
        g_free(dialog.json);
        return gimp_procedure_new_return_values(procedure, GIMP_PDB_CANCEL, NULL);
    }
    if (rc == 0 && kind->choice != NULL && choice_check(kind->choice, config, &err) != 0)
        return return_error(procedure, run_mode, GIMP_PDB_CALLING_ERROR, &err, NULL);
    if (rc == 0 && run_mode == GIMP_RUN_NONINTERACTIVE && kind->wants_upright)
        rc = metadata_check_upright(image, &err);
    if (rc == 0 && run_mode == GIMP_RUN_WITH_LAST_VALS)
        rc = check_repeatable(kind, config, &err);
    if (rc == 0)
        rc = run_silently(kind, config, image, run_mode == GIMP_RUN_NONINTERACTIVE, &outcome, &err);
    if (rc == 0)
        return return_outcome(procedure, &outcome);
    values = return_error(procedure, run_mode, GIMP_PDB_EXECUTION_ERROR, &err, outcome.cost);
    g_free(outcome.cost);
    return values;
}

/* ---- registration ------------------------------------------------------------------------ */

void procedure_add_connection(GimpProcedure *procedure)
{
    gimp_procedure_add_string_argument(
        procedure, ARG_ENDPOINT, _("Service"),
        _("\"aws\", \"local\" for the recogniser on this computer, an http:// or https:// address "
          "or unix:/path; \"\" as IMGRECOG_ENDPOINT or the configuration file say, else \"aws\""),
        "", PROCEDURE_PRIVATE);
    gimp_procedure_add_string_argument(procedure, ARG_PROFILE, _("AWS profile"),
                                       _("Profile of ~/.aws/config; \"\" as AWS_PROFILE says"), "",
                                       PROCEDURE_PRIVATE);
    gimp_procedure_add_string_argument(procedure, ARG_REGION, _("AWS region"),
                                       _("Such as eu-west-1; \"\" as the profile says"), "",
                                       PROCEDURE_PRIVATE);
    gimp_procedure_add_string_argument(
        procedure, ARG_MONTHLY_LIMIT, _("Monthly limit"),
        _("What all requests of a month may cost at most, in US dollars; \"\" as the configuration "
          "says"),
        "", PROCEDURE_PRIVATE);
}

void procedure_add_precheck(GimpProcedure *procedure)
{
    gimp_procedure_add_string_argument(
        procedure, ARG_PRECHECK, _("Check here first"),
        _("What this computer does before a picture is sent elsewhere: \"off\", \"warn\" or "
          "\"block\"; \"\" as the configuration says"),
        "", PROCEDURE_PRIVATE);
}

void procedure_describe(GimpProcedure *procedure, const char *menu_label, const char *icon,
                        const char *blurb, const char *help)
{
    char *path = g_build_path("/", "<Image>/Filters", _("Image Recognition"), NULL);

    gimp_procedure_set_menu_label(procedure, menu_label);
    gimp_procedure_add_menu_path(procedure, path);
    gimp_procedure_set_icon_name(procedure, icon);
    gimp_procedure_set_documentation(procedure, blurb, help, gimp_procedure_get_name(procedure));
    gimp_procedure_set_attribution(procedure, "The imgrecog authors", "The imgrecog authors",
                                   "2026");
    g_free(path);
}

GimpProcedure *procedure_create(GimpPlugIn *plug_in, const struct task_kind *kind)
{
    int sensitivity = GIMP_PROCEDURE_SENSITIVE_DRAWABLE | GIMP_PROCEDURE_SENSITIVE_DRAWABLES |
                      GIMP_PROCEDURE_SENSITIVE_NO_DRAWABLES;
    GimpProcedure *procedure = gimp_image_procedure_new(
        plug_in, kind->procedure, GIMP_PDB_PROC_TYPE_PLUGIN, run, (gpointer)kind, NULL);

    if (kind->is_image_free)
        sensitivity |= GIMP_PROCEDURE_SENSITIVE_NO_IMAGE;
    gimp_procedure_set_image_types(procedure, "*");
    gimp_procedure_set_sensitivity_mask(procedure, sensitivity);
    procedure_describe(procedure, _(kind->menu_label), kind->icon, _(kind->blurb), _(kind->help));
    procedure_add_connection(procedure);
    if (kind->plan != NULL)
        procedure_add_precheck(procedure);
    kind->add_arguments(procedure);
    gimp_procedure_add_string_return_value(procedure, "document", _("Result document"),
                                           _("What came of it, as JSON (schema imgrecog/1)"), NULL,
                                           G_PARAM_READWRITE);
    gimp_procedure_add_image_return_value(procedure, "made", _("New image"),
                                          _("An image that was made, if any"), TRUE,
                                          G_PARAM_READWRITE);
    return procedure;
}
