/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * "Upload to S3": the image as PNG, JPEG, WebP or XCF becomes an object in a bucket. Bucket and
 * folder are private: they are kept in gimprc, not in the image.
 */
#include <libgimp/gimpui.h>

#include <imgrecog/upload.h>

#include <string.h>

#include <imgrecog/check.h>
#include <imgrecog/fetch.h>

#include "plugins/common/fail.h"
#include "plugins/gimp/export_memory.h"
#include "plugins/gimp/hidden.h"
#include "plugins/gimp/i18n.h"
#include "plugins/gimp/job.h"
#include "plugins/gimp/plugin.h"
#include "plugins/gimp/procedure.h"
#include "plugins/gimp/seen.h"
#include "plugins/gimp/upload.h"

#define DOCUMENT_ENDING ".json"
#define LINK_MOST_S 604800 /* what S3 takes */

static const char *const setting_names[] = {UPLOAD_ARG_ONLY_IF_NEW, UPLOAD_ARG_DOCUMENT, NULL};

struct own {
    char *bucket, *key;
    int link_seconds;
    GBytes *file;
    enum export_format format;
    bool is_looked_at; /* by this computer, before it is sent */
    bool holds_more;   /* than can be looked at so */
    struct job *job;
    struct ir_upload_result result;
    char *link; /* of ir_free; NULL = none */
};

/* In the order of enum export_format. */
const struct choice upload_formats = {
    UPLOAD_ARG_FORMAT,
    N_("F_ormat"),
    N_("What kind of file is uploaded"),
    {{"png", N_("PNG")},
     {"jpeg", N_("JPEG")},
     {"webp", N_("WebP")},
     {"xcf", N_("XCF, with all layers")},
     {NULL, NULL}},
};

static void add_arguments(GimpProcedure *procedure)
{
    procedure_add_precheck(procedure);
    choice_add_argument(&upload_formats, procedure);
    gimp_procedure_add_string_argument(procedure, ARG_BUCKET, _("Bucket"),
                                       _("Its name, without \"s3://\""), "", PROCEDURE_PRIVATE);
    gimp_procedure_add_string_argument(
        procedure, ARG_KEY, _("Key"),
        _("The object's name; ending in / or \"\": with the image's name added"), "",
        PROCEDURE_PRIVATE);
    gimp_procedure_add_boolean_argument(
        procedure, UPLOAD_ARG_METADATA, _("With _metadata"),
        _("Exif, XMP, IPTC and comment go with the file, position and names too; an XCF always has "
          "them"),
        FALSE, G_PARAM_READWRITE);
    gimp_procedure_add_boolean_argument(
        procedure, UPLOAD_ARG_ONLY_IF_NEW, _("_Never replace an object"),
        _("Refused where the bucket has one of this name"), FALSE, G_PARAM_READWRITE);
    gimp_procedure_add_boolean_argument(
        procedure, UPLOAD_ARG_DOCUMENT, _("_Result document beside it"),
        _("A JSON file that says what was stored where becomes an object of the same name with "
          ".json behind it"),
        FALSE, G_PARAM_READWRITE);
    gimp_procedure_add_int_argument(
        procedure, UPLOAD_ARG_LINK, _("Link for seconds"),
        _("Also makes a link with which anybody may get the object for so long; 0 for none"), 0,
        LINK_MOST_S, 0, G_PARAM_READWRITE);
}

enum export_format upload_format_of(GimpProcedureConfig *config)
{
    return (enum export_format)choice_of(&upload_formats, config);
}

/* The image's name without folder and ending, and with the format's. GIMP has brackets around the
 * name of what was never saved. */
static char *file_name_of(GimpImage *image, enum export_format format)
{
    GFile *file = gimp_image_get_file(image);
    char *name, *dot, *whole;

    if (file == NULL)
        file = gimp_image_get_imported_file(image);
    name = file != NULL ? g_file_get_basename(file) : g_strdup(_("image"));
    g_clear_object(&file);
    dot = strrchr(name, '.');
    if (dot != NULL && dot != name)
        *dot = '\0';
    whole = g_strconcat(g_strdelimit(name, "[]/", '_'), ".", export_extension(format), NULL);
    g_free(name);
    return whole;
}

char *upload_key_of(GimpProcedureConfig *config, GimpImage *image)
{
    char *key = NULL, *name, *whole;

    g_object_get(config, ARG_KEY, &key, NULL);
    if (key != NULL && *key != '\0' && !g_str_has_suffix(key, "/"))
        return key;
    name = file_name_of(image, upload_format_of(config));
    whole = g_strconcat(key != NULL ? key : "", name, NULL);
    g_free(name);
    g_free(key);
    return whole;
}

bool upload_can_link(enum where where, const char *endpoint)
{
    return where != WHERE_LOCAL && !g_str_has_prefix(endpoint, "unix:");
}

/* Whether a layer of the image is seen; of groups the group counts. */
static bool has_visible_layer(GimpImage *image)
{
    GimpLayer **layers = gimp_image_get_layers(image);
    bool found = false;

    for (size_t i = 0; !found && layers != NULL && layers[i] != NULL; i++)
        found = gimp_item_get_visible(GIMP_ITEM(layers[i]));
    g_free(layers);
    return found;
}

static int find_unseen(struct task *task, GimpImage *image, struct ir_error *err)
{
    struct own *own = task->own;
    const char *mode = ir_settings_get(task->settings, ARG_PRECHECK);

    own->holds_more = strcmp(mode, "off") != 0 && task->where != WHERE_LOCAL &&
                      own->format == EXPORT_XCF && !seen_is_all(image);
    if (!own->holds_more)
        return 0;
    if (strcmp(mode, "block") == 0)
        return common_fail(
            err, IR_ERR_ARG,
            _("Send a copy for sharing (of “Check for Sensitive Content”), flatten the image and "
              "remove its selection and channels, choose another format, or change “Check here "
              "first” in the settings."),
            "%s",
            _("Nothing was sent: an XCF holds more of this image than can be looked at first, such "
              "as what lies below other layers, is hidden, masked or erased."));
    task->notice = g_strdup(_("The XCF holds more than this computer looked at first, such as what "
                              "lies below other layers, is hidden, masked or erased."));
    return 0;
}

/* An XCF that holds more than is seen is of the image itself: in a copy our layers would not be
 * ours any more. */
static bool is_of_copy(const struct task *task)
{
    const struct own *own = task->own;

    if (own->format == EXPORT_XCF)
        return own->is_looked_at && !own->holds_more;
    return own->is_looked_at || !seen_is_bare(task->image);
}

/*
 * What is looked at is what is sent: it comes of a copy, since the user may edit the image between
 * the two, and GIMP would write a mask that is shown.
 */
static int take_file(struct task *task, bool with_metadata, struct ir_error *err)
{
    struct own *own = task->own;
    bool is_xcf = own->format == EXPORT_XCF;
    bool is_copied = is_of_copy(task);
    GimpImage *image = !is_copied ? task->image
                       : is_xcf   ? hidden_duplicate(task->image)
                                  : seen_duplicate(task->image);
    int rc = 0;

    if (image == NULL)
        return common_fail(err, IR_ERR_ARG, "", "%s", _("GIMP could not copy the image."));
    if (is_copied && is_xcf)
        rc = find_unseen(task, image, err);
    if (rc == 0 && own->is_looked_at)
        rc = task_take_picture(task, image, NULL, err);
    if (rc == 0)
        rc = export_to_memory(image, own->format, with_metadata, &own->file, err);
    if (is_copied)
        gimp_image_delete(image);
    return rc;
}

static int prepare(struct task *task, struct ir_error *err)
{
    struct own *own = task->own;
    const char *mode = ir_settings_get(task->settings, ARG_PRECHECK);
    gboolean with_metadata = FALSE;
    int rc;

    own->job = task->job;
    own->format = upload_format_of(task->config);
    own->key = upload_key_of(task->config, task->image);
    g_object_get(task->config, ARG_BUCKET, &own->bucket, UPLOAD_ARG_METADATA, &with_metadata,
                 UPLOAD_ARG_LINK, &own->link_seconds, NULL);
    if (own->bucket == NULL || *own->bucket == '\0')
        return common_fail(err, IR_ERR_ARG, _("Name the bucket."), "%s", _("There is no bucket."));
    if (own->link_seconds > 0 && !upload_can_link(task->where, ir_client_endpoint(task->client)))
        return common_fail(err, IR_ERR_ARG, _("Leave the link out, or use AWS."), "%s",
                           _("What lies behind a socket of this computer has no link for others."));
    /* GIMP's own exporters crash, or write an empty file, where there is nothing to flatten. */
    if (own->format != EXPORT_XCF && !has_visible_layer(task->image))
        return common_fail(err, IR_ERR_ARG, _("Make a layer visible, or choose XCF."), "%s",
                           _("Nothing is visible in the image."));
    rc = task_check_upright(task, err);
    if (rc == 0)
        rc = find_unseen(task, task->image, err);
    own->is_looked_at = strcmp(mode, "off") != 0 && has_visible_layer(task->image);
    return rc == 0 ? take_file(task, with_metadata, err) : rc;
}

/* In the worker. */
static void on_progress(void *context, uint64_t sent_bytes, uint64_t total_bytes)
{
    struct own *own = context;

    job_set_fraction(own->job, total_bytes > 0 ? (double)sent_bytes / (double)total_bytes : 1.0);
}

/* The document of this upload, as an object beside the picture's. */
static int put_document(struct task *task, const struct ir_cancel *cancel, struct ir_error *err)
{
    struct ir_upload_options options = ir_settings_upload_options(task->settings);
    const struct own *own = task->own;
    struct ir_upload_result stored;
    char *key;
    int rc;

    if (!ir_settings_is_true(task->settings, UPLOAD_ARG_DOCUMENT))
        return 0;
    key = g_strconcat(own->key, DOCUMENT_ENDING, NULL);
    options.bucket = own->bucket;
    options.key = key;
    options.content_type = "application/json";
    options.only_if_new = false; /* where the picture is new, an older document is not its own */
    options.cancel = cancel;
    rc = ir_upload_data(task->client, task->document, strlen(task->document), &options, &stored,
                        err);
    g_free(key);
    return rc;
}

/* The link stands in what the caller gets, and in nothing that is stored. */
static int tell_link(struct task *task, struct ir_error *err)
{
    const struct own *own = task->own;
    int rc = own->link != NULL ? ir_upload_note(task->result, &own->result, own->link, err) : 0;

    if (rc != 0 || own->link == NULL)
        return rc;
    g_clear_pointer(&task->document, g_free);
    return task_write_document(task, err);
}

static int make_link(struct task *task, struct ir_error *err)
{
    struct own *own = task->own;
    struct ir_s3_uri uri;

    if (own->link_seconds < 1)
        return 0;
    g_strlcpy(uri.bucket, own->bucket, sizeof uri.bucket);
    g_strlcpy(uri.key, own->key, sizeof uri.key);
    return ir_presign(task->client, &uri, own->link_seconds, &own->link, err);
}

static int store(struct task *task, struct job *job, struct ir_error *err)
{
    struct ir_upload_options options = ir_settings_upload_options(task->settings);
    struct own *own = task->own;
    gsize bytes = 0;
    const void *data = g_bytes_get_data(own->file, &bytes);

    options.bucket = own->bucket;
    options.key = own->key;
    options.progress = on_progress;
    options.context = own;
    options.cancel = job_get_cancel(job);
    if (own->format == EXPORT_XCF)
        options.content_type = "image/x-xcf";
    return ir_upload_data(task->client, data, bytes, &options, &own->result, err);
}

/* What the settings want this computer to look at first: what can be seen of the image. */
static int precheck(struct task *task, struct job *job, struct ir_result **out,
                    struct ir_error *err)
{
    const struct own *own = task->own;
    struct task_picture picture;
    int rc;

    if (!own->is_looked_at)
        return 0;
    rc = task_picture_init(&picture, task, job, &encode_limits_check, err);
    if (rc == 0)
        rc = ir_precheck_picture(task->client, picture.picture, job_get_cancel(job), out, err);
    if (rc == 0 && own->holds_more)
        rc = ir_precheck_note(*out, "layers: an XCF holds what is hidden or covered, too", err);
    task_picture_release(&picture);
    return rc;
}

/* What failed then did not take the object away. */
static int say_stored(const struct own *own, int rc, struct ir_error *err)
{
    char *message =
        g_strdup_printf(_("The image is stored as %s, but: %s"), own->result.uri, err->message);

    common_put(err->message, sizeof err->message, message);
    g_free(message);
    return rc;
}

static int work(struct task *task, struct job *job, struct ir_error *err)
{
    const struct own *own = task->own;
    struct ir_result *seen = NULL;
    int rc = precheck(task, job, &seen, err);

    job_set_stage(job, _("Uploading…"));
    if (rc == 0)
        rc = store(task, job, err);
    if (rc == 0)
        rc = ir_upload_document(task->client, task->source, &own->result, &task->result, err);
    if (rc == 0 && seen != NULL)
        rc = ir_result_merge(task->result, seen, err);
    ir_result_free(seen);
    if (rc == 0)
        rc = task_write_document(task, err);
    if (rc == 0)
        rc = put_document(task, job_get_cancel(job), err);
    if (rc == 0)
        rc = make_link(task, err);
    if (rc == 0)
        rc = tell_link(task, err);
    return rc == 0 || *own->result.uri == '\0' ? rc : say_stored(own, rc, err);
}

const char *upload_uri_of(const struct task *task)
{
    const struct own *own = task->own;

    return own->result.uri;
}

const char *upload_link_of(const struct task *task)
{
    const struct own *own = task->own;

    return own->link;
}

static void release(struct task *task)
{
    struct own *own = task->own;

    g_free(own->bucket);
    g_free(own->key);
    g_clear_pointer(&own->file, g_bytes_unref);
    ir_free(own->link);
}

const struct task_kind upload_kind = {
    .procedure = "imgrecog-upload",
    .menu_label = N_("_Upload to S3..."),
    .icon = GIMP_ICON_DOCUMENT_SAVE_AS,
    .blurb = N_("Store the image in an S3 bucket, and make a link to it"),
    .help = N_("Writes the image as PNG, JPEG, WebP or XCF, in memory, and stores it in Amazon S3, "
               "in a folder of this computer, or in a server that speaks S3's protocol. Returns "
               "where it is, and a link where one was asked for, as JSON."),
    .title = N_("Upload to S3"),
    .ok_label = N_("_Upload"),
    .closes = true,
    .service = N_("Amazon S3"),
    .progress = N_("Uploading…"),
    .settings = setting_names,
    .choice = &upload_formats,
    .own_bytes = sizeof(struct own),
    .add_arguments = add_arguments,
    .prepare = prepare,
    .work = work,
    .release = release,
    .sending = upload_sending,
    .cost_words = upload_cost_words,
    .local_words = N_("The object is kept in a folder of yours that stands in for S3."),
    .run_dialog = upload_run_dialog,
};
