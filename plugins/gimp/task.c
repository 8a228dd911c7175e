/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the order of things in one run: settings and client, pixels, encoding and request (in the
 * worker), then, only if the image is still there, what is changed in it.
 */
#include "plugins/gimp/task.h"

#include <stdlib.h>

#include "plugins/common/fail.h"
#include "plugins/gimp/config.h"
#include "plugins/gimp/hidden.h"
#include "plugins/gimp/i18n.h"
#include "plugins/gimp/metadata.h"
#include "plugins/gimp/model_fit.h"

#define UPRIGHT 1 /* EXIF orientation: GIMP's pixels are as they are seen */

void task_free(struct task *task)
{
    if (task == NULL)
        return;
    job_free(task->job);
    if (task->kind->release != NULL && task->own != NULL)
        task->kind->release(task);
    g_free(task->own);
    g_free(task->notice);
    g_free(task->document);
    ir_result_free(task->result);
    ir_client_free(task->client);
    ir_settings_free(task->settings);
    g_free(task->source);
    g_free(task);
}

/* An argument as the text that the settings take; NULL when it has its default value. */
static char *argument_text(GimpProcedureConfig *config, const char *name)
{
    GParamSpec *spec = g_object_class_find_property(G_OBJECT_GET_CLASS(config), name);
    char number[G_ASCII_DTOSTR_BUF_SIZE];
    GValue value = G_VALUE_INIT;
    char *text = NULL;

    g_assert(spec != NULL);
    g_value_init(&value, G_PARAM_SPEC_VALUE_TYPE(spec));
    g_object_get_property(G_OBJECT(config), name, &value);
    if (g_param_value_defaults(spec, &value))
        text = NULL;
    else if (G_VALUE_HOLDS_STRING(&value))
        text = g_value_dup_string(&value);
    else if (G_VALUE_HOLDS_INT(&value))
        text = g_strdup_printf("%d", g_value_get_int(&value));
    else if (G_VALUE_HOLDS_BOOLEAN(&value))
        text = g_strdup(g_value_get_boolean(&value) ? "true" : "false");
    else if (G_VALUE_HOLDS_DOUBLE(&value))
        text =
            g_strdup(g_ascii_formatd(number, sizeof number, "%.15g", g_value_get_double(&value)));
    g_value_unset(&value);
    if (text != NULL && *text == '\0')
        g_clear_pointer(&text, g_free);
    return text;
}

static int set_from_argument(struct task *task, const char *name, struct ir_error *err)
{
    char *text = argument_text(task->config, name);
    int rc = text != NULL ? ir_settings_set(task->settings, name, text, name, err) : 0;

    g_free(text);
    return rc;
}

static int read_arguments(struct task *task, struct ir_error *err)
{
    static const char *const shared[] = {ARG_ENDPOINT, ARG_PROFILE, ARG_REGION, ARG_MONTHLY_LIMIT,
                                         ARG_PRECHECK};
    int rc = ir_settings_new(&task->settings, err);

    for (size_t i = 0; rc == 0 && i < G_N_ELEMENTS(shared); i++) {
        if (config_has(task->config, shared[i]))
            rc = set_from_argument(task, shared[i], err);
    }
    for (const char *const *name = task->kind->settings; rc == 0 && *name != NULL; name++)
        rc = set_from_argument(task, *name, err);
    return rc;
}

/*
 * One that the service does not have would have a price of its own here. What environment or file
 * say is for the service that they are for.
 */
static int check_models(const struct task *task, struct ir_error *err)
{
    int rc = 0;

    for (const char *const *name = task->kind->settings; rc == 0 && *name != NULL; name++) {
        char *text;

        if (!model_fit_is_model(*name) ||
            model_fits(ir_settings_get(task->settings, *name), task->where))
            continue;
        text = argument_text(task->config, *name);
        if (text != NULL)
            rc = model_check(text, task->where, err);
        else
            ir_settings_unset(task->settings, *name);
        g_free(text);
    }
    return rc;
}

/* What the client does, for G_MESSAGES_DEBUG=imgrecog. Any thread. */
static void tell(void *context, const char *line)
{
    (void)context;
    g_log("imgrecog", G_LOG_LEVEL_DEBUG, "%s", line);
}

static int make(const struct task_kind *kind, GimpProcedureConfig *config, GimpImage *image,
                bool is_dry, struct task **out, struct ir_error *err)
{
    struct task *task = g_new0(struct task, 1);
    struct ir_client_options options;
    int rc;

    task->kind = kind;
    task->config = config;
    task->image = image;
    rc = read_arguments(task, err);
    if (rc == 0) {
        options = ir_settings_client_options(task->settings);
        options.log = tell;
        options.dry_run = is_dry;
        options.cache = options.cache && !is_dry; /* blank pictures are in no cache */
        rc = ir_client_new(&options, &task->client, err);
    }
    if (rc != 0) {
        task_free(task);
        return rc;
    }
    task->where = where_of(ir_client_endpoint(task->client));
    rc = check_models(task, err);
    if (rc != 0) {
        task_free(task);
        return rc;
    }
    *out = task;
    return 0;
}

int task_new(const struct task_kind *kind, GimpProcedureConfig *config, GimpImage *image,
             struct task **out, struct ir_error *err)
{
    return make(kind, config, image, false, out, err);
}

int task_new_dry(const struct task_kind *kind, GimpProcedureConfig *config, GimpImage *image,
                 struct task **out, struct ir_error *err)
{
    return make(kind, config, image, true, out, err);
}

/* What the document calls the image: the path of its file, else GIMP's name for it. */
static char *source_of(GimpImage *image)
{
    GFile *file = gimp_image_get_file(image);
    char *name = NULL;

    if (file == NULL)
        file = gimp_image_get_imported_file(image); /* JPEG, PNG: anything but XCF */
    if (file != NULL) {
        name = g_file_get_parse_name(file);
        g_object_unref(file);
    }
    return name != NULL ? name : gimp_image_get_name(image);
}

static int run_work(struct job *job, void *context, struct ir_error *err)
{
    struct task *task = context;

    return task->kind->work(task, job, err);
}

int task_check_open(GimpImage *image, struct ir_error *err)
{
    if (image == NULL || gimp_image_is_valid(image))
        return 0;
    return common_fail(err, IR_ERR_ARG, _("Open it again and repeat the command."), "%s",
                       _("The image was closed; nothing was changed."));
}

void task_begin_change(void)
{
    gimp_plug_in_set_pdb_error_handler(gimp_get_plug_in(), GIMP_PDB_ERROR_HANDLER_PLUGIN);
}

void task_end_change(void)
{
    gimp_plug_in_set_pdb_error_handler(gimp_get_plug_in(), GIMP_PDB_ERROR_HANDLER_INTERNAL);
}

void task_end_step(GimpImage *image)
{
    if (gimp_image_is_valid(image))
        gimp_image_undo_group_end(image);
}

/* The user may close the image between any two calls; what has been read of it is no use then. */
static int prepare(struct task *task, struct ir_error *err)
{
    int rc;

    task_begin_change();
    if (task->image != NULL) {
        task->source = source_of(task->image);
        task->width_px = gimp_image_get_width(task->image);
        task->height_px = gimp_image_get_height(task->image);
    }
    hidden_sweep();
    rc = task->kind->prepare(task, err);
    task_end_change();
    if (task->image != NULL && !gimp_image_is_valid(task->image))
        rc = task_check_open(task->image, err); /* what GIMP said of it is of no use */
    return rc;
}

int task_start(struct task *task, job_done_fn done, void *context, struct ir_error *err)
{
    int rc = task_check_open(task->image, err);

    if (rc != 0)
        return rc;
    task->own = g_malloc0(MAX(task->kind->own_bytes, 1));
    task->job = job_new(run_work, task);
    if (task->job == NULL)
        return common_fail_nomem(err);
    rc = prepare(task, err);
    if (rc == 0)
        job_start(task->job, done, context);
    return rc;
}

int task_result(const struct task *task, struct ir_error *err)
{
    return job_result(task->job, err);
}

/* An answer that could not be placed was paid for: what comes of it? */
static int tell_kept(const struct task *task, int rc, struct ir_error *err)
{
    char *hint;

    if (rc == 0 || task->where == WHERE_LOCAL || !ir_settings_is_true(task->settings, "cache"))
        return rc;
    hint = g_strconcat(err->hint, *err->hint != '\0' ? " " : "",
                       _("The answer is kept: the same request is not paid for twice."), NULL);
    common_put(err->hint, sizeof err->hint, hint);
    g_free(hint);
    return rc;
}

int task_place(struct task *task, struct ir_error *err)
{
    int rc;

    if (task->kind->place == NULL)
        return 0;
    task_begin_change();
    rc = task->kind->is_image_free ? 0 : task_check_open(task->image, err);
    if (rc == 0)
        rc = task->kind->place(task, err);
    task_end_change();
    if (rc != 0 && task->image != NULL && !gimp_image_is_valid(task->image))
        rc = task_check_open(task->image, err); /* what GIMP said of it is of no use */
    gimp_displays_flush();
    return tell_kept(task, rc, err);
}

int task_take_picture(struct task *task, GimpImage *image, const char *own_kind,
                      struct ir_error *err)
{
    struct grab *grab = NULL;
    int rc = grab_new(image, own_kind, &grab, err);

    if (rc == 0)
        job_give(task->job, grab);
    return rc;
}

int task_check_upright(const struct task *task, struct ir_error *err)
{
    const char *mode = ir_settings_get(task->settings, ARG_PRECHECK);

    if (!task->is_scripted || task->where == WHERE_LOCAL || g_str_equal(mode, "off"))
        return 0;
    return metadata_check_upright(task->image, err);
}

int task_picture_init(struct task_picture *out, struct task *task, struct job *job,
                      const struct encode_limits *limits, struct ir_error *err)
{
    int rc;

    *out = (struct task_picture){NULL, NULL, 0};
    job_set_stage(job, _("Preparing the picture…"));
    rc = job_encode(job, limits, &out->jpeg, &out->jpeg_bytes, err);
    if (rc == 0)
        rc = ir_picture_new(out->jpeg, out->jpeg_bytes, task->source, &out->picture, err);
    if (rc != 0)
        return rc;
    ir_picture_set_original(out->picture, task->width_px, task->height_px, UPRIGHT);
    job_set_stage(job, where_waiting(task->where, _(task->kind->service)));
    return 0;
}

void task_picture_release(struct task_picture *picture)
{
    ir_picture_free(picture->picture);
    free(picture->jpeg);
}

int task_write_document(struct task *task, struct ir_error *err)
{
    char *json = NULL;
    int rc = ir_result_to_json(task->result, &json, NULL, err);

    if (rc == 0)
        task->document = g_strdup(json);
    ir_free(json);
    return rc;
}

int task_check_same(GimpImage *image, int width_px, int height_px, struct ir_error *err)
{
    int rc = task_check_open(image, err);

    if (rc != 0 ||
        (gimp_image_get_width(image) == width_px && gimp_image_get_height(image) == height_px))
        return rc;
    return common_fail(err, IR_ERR_ARG, _("Repeat the command on the image as it is now."), "%s",
                       _("The image's size was changed before the answer came, so its parts would "
                         "lie in wrong places; nothing was changed."));
}

int task_check_size(const struct task *task, struct ir_error *err)
{
    return task_check_same(task->image, task->width_px, task->height_px, err);
}
