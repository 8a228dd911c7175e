/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * "Upload to S3": the image as PNG, JPEG, WebP or XCF becomes an object in a bucket. Bucket and
 * folder are private: they are kept in gimprc, not in the image.
 */
#include <imgrecog/upload.h>

#include <string.h>

#include <imgrecog/check.h>
#include <imgrecog/fetch.h>

#include "plugins/common/fail.h"
#include "plugins/gimp/dialog.h"
#include "plugins/gimp/export_memory.h"
#include "plugins/gimp/i18n.h"
#include "plugins/gimp/plugin.h"
#include "plugins/gimp/procedure.h"
#include "plugins/gimp/words.h"

#define ARG_FORMAT "format"
#define ARG_METADATA "with-metadata"
#define ARG_ONLY_IF_NEW "only-if-new"
#define ARG_DOCUMENT "document"
#define DOCUMENT_ENDING ".json"
#define ARG_LINK "link-seconds"
#define LINK_MOST_S 604800 /* what S3 takes */
#define RESPONSE_COPY_LINK DIALOG_RESPONSE_OWN

static const char *const setting_names[] = {ARG_ONLY_IF_NEW, ARG_DOCUMENT, NULL};

struct own {
    char *bucket, *key;
    int link_seconds;
    GBytes *file;
    enum export_format format;
    bool is_looked_at; /* by this computer, before it is sent */
    struct job *job;
    struct ir_upload_result result;
    char *link; /* of ir_free; NULL = none */
};

static void add_arguments(GimpProcedure *procedure)
{
    procedure_add_precheck(procedure);
    gimp_procedure_add_choice_argument(
        procedure, ARG_FORMAT, _("F_ormat"), _("What kind of file is uploaded"),
        gimp_choice_new_with_values("png", EXPORT_PNG, _("PNG"), NULL, "jpeg", EXPORT_JPEG,
                                    _("JPEG"), NULL, "webp", EXPORT_WEBP, _("WebP"), NULL, "xcf",
                                    EXPORT_XCF, _("XCF, with all layers"), NULL, NULL),
        "png", G_PARAM_READWRITE);
    gimp_procedure_add_string_argument(procedure, ARG_BUCKET, _("Bucket"),
                                       _("Its name, without \"s3://\""), "", PROCEDURE_PRIVATE);
    gimp_procedure_add_string_argument(
        procedure, ARG_KEY, _("Key"),
        _("The object's name; ending in / or \"\": with the image's name added"), "",
        PROCEDURE_PRIVATE);
    gimp_procedure_add_boolean_argument(
        procedure, ARG_METADATA, _("With _metadata"),
        _("Exif, XMP, IPTC and comment go with the file, position and names too; an XCF always has "
          "them"),
        FALSE, G_PARAM_READWRITE);
    gimp_procedure_add_boolean_argument(procedure, ARG_ONLY_IF_NEW, _("_Never replace an object"),
                                        _("Refused where the bucket has one of this name"), FALSE,
                                        G_PARAM_READWRITE);
    gimp_procedure_add_boolean_argument(
        procedure, ARG_DOCUMENT, _("_Result document beside it"),
        _("A JSON file that says what was stored where becomes an object of the same name with "
          ".json behind it"),
        FALSE, G_PARAM_READWRITE);
    gimp_procedure_add_int_argument(
        procedure, ARG_LINK, _("Link for seconds"),
        _("Also makes a link with which anybody may get the object for so long; 0 for none"), 0,
        LINK_MOST_S, 0, G_PARAM_READWRITE);
}

static enum export_format format_of(GimpProcedureConfig *config)
{
    return (enum export_format)gimp_procedure_config_get_choice_id(config, ARG_FORMAT);
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

/* The whole key (g_free). */
static char *key_of(GimpProcedureConfig *config, GimpImage *image)
{
    char *key = NULL, *name, *whole;

    g_object_get(config, ARG_KEY, &key, NULL);
    if (key != NULL && *key != '\0' && !g_str_has_suffix(key, "/"))
        return key;
    name = file_name_of(image, format_of(config));
    whole = g_strconcat(key != NULL ? key : "", name, NULL);
    g_free(name);
    g_free(key);
    return whole;
}

static bool can_link(enum where where, const char *endpoint)
{
    return where != WHERE_LOCAL && !g_str_has_prefix(endpoint, "unix:");
}

/* GIMP's own exporters crash, or write an empty file, where there is nothing to flatten. */
/* Whether a layer of the image is seen, or one is not; of groups the group counts. */
static bool has_layer(GimpImage *image, bool is_visible)
{
    GimpLayer **layers = gimp_image_get_layers(image);
    bool found = false;

    for (size_t i = 0; !found && layers != NULL && layers[i] != NULL; i++)
        found = (gimp_item_get_visible(GIMP_ITEM(layers[i])) != FALSE) == is_visible;
    g_free(layers);
    return found;
}

static int prepare(struct task *task, struct ir_error *err)
{
    struct own *own = task->own;
    const char *mode = ir_settings_get(task->settings, ARG_PRECHECK);
    gboolean with_metadata = FALSE;
    int rc;

    own->job = task->job;
    own->format = format_of(task->config);
    own->key = key_of(task->config, task->image);
    g_object_get(task->config, ARG_BUCKET, &own->bucket, ARG_METADATA, &with_metadata, ARG_LINK,
                 &own->link_seconds, NULL);
    if (own->bucket == NULL || *own->bucket == '\0')
        return common_fail(err, IR_ERR_ARG, _("Name the bucket."), "%s", _("There is no bucket."));
    if (own->link_seconds > 0 && !can_link(task->where, ir_client_endpoint(task->client)))
        return common_fail(err, IR_ERR_ARG, _("Leave the link out, or use AWS."), "%s",
                           _("What lies behind a socket of this computer has no link for others."));
    if (format_of(task->config) != EXPORT_XCF && !has_layer(task->image, true))
        return common_fail(err, IR_ERR_ARG, _("Make a layer visible, or choose XCF."), "%s",
                           _("Nothing is visible in the image."));
    rc = export_to_memory(task->image, format_of(task->config), with_metadata, &own->file, err);
    if (rc == 0 && strcmp(mode, "block") == 0 && own->format == EXPORT_XCF &&
        has_layer(task->image, false))
        rc = common_fail(err, IR_ERR_ARG,
                         _("Show or remove them, choose another format, or change “Check here "
                           "first” in the settings."),
                         "%s", _("Nothing was sent: hidden layers cannot be looked at first."));
    own->is_looked_at = strcmp(mode, "off") != 0 && has_layer(task->image, true);
    return rc == 0 && own->is_looked_at ? task_take_picture(task, NULL, err) : rc;
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

    if (!ir_settings_is_true(task->settings, ARG_DOCUMENT))
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
    task_picture_release(&picture);
    return rc;
}

/* What failed then did not take the object away. */
static int say_stored(const struct own *own, int rc, struct ir_error *err)
{
    char *message =
        g_strdup_printf(_("The image is stored as %s, but: %s"), own->result.uri, err->message);

    g_strlcpy(err->message, message, sizeof err->message);
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

static void release(struct task *task)
{
    struct own *own = task->own;

    g_free(own->bucket);
    g_free(own->key);
    g_clear_pointer(&own->file, g_bytes_unref);
    ir_free(own->link);
}

static char *sent_words(const struct task *task, const char *to)
{
    int width_px = gimp_image_get_width(task->image);
    int height_px = gimp_image_get_height(task->image);
    gboolean with_metadata = FALSE;

    g_object_get(task->config, ARG_METADATA, &with_metadata, NULL);
    if (format_of(task->config) == EXPORT_XCF)
        return g_strdup_printf(
            _("The whole image, with hidden layers and metadata, is sent to %s."), to);
    if (with_metadata)
        return g_strdup_printf(_("The visible picture, %d × %d pixels, is sent to %s with its "
                                 "metadata, position and names too."),
                               width_px, height_px, to);
    return g_strdup_printf(
        _("The visible picture, %d × %d pixels, is sent to %s without metadata."), width_px,
        height_px, to);
}

static char *sending(const struct task *task, const char *to)
{
    char *sent = sent_words(task, to);
    char *all = task->where == WHERE_AWS
                    ? g_strconcat(sent, " ",
                                  _("AWS charges for storage and requests, for a picture less than "
                                    "a cent a month."),
                                  NULL)
                    : g_strdup(sent);

    g_free(sent);
    return all;
}

/* ---- dialog ------------------------------------------------------------------------------ */

struct upload_dialog {
    GtkWidget *place; /* what it will be called */
    GtkWidget *link_box, *link;
    GtkWidget *lifetime;
};

static const char *obstacle(struct dialog *d)
{
    char *bucket = NULL;
    bool is_empty;

    g_object_get(d->config, ARG_BUCKET, &bucket, NULL);
    is_empty = bucket == NULL || *bucket == '\0';
    g_free(bucket);
    return is_empty ? _("Name the bucket.") : NULL;
}

static bool dialog_can_link(struct dialog *d)
{
    char *endpoint = NULL;
    bool can;

    g_object_get(d->config, ARG_ENDPOINT, &endpoint, NULL);
    can = endpoint != NULL && can_link(where_of(endpoint), endpoint);
    g_free(endpoint);
    return can;
}

/* Setting a value tells the dialog, even the same one. */
static void set_lifetime(struct dialog *d, bool can)
{
    const struct upload_dialog *u = d->own;
    const char *id = gtk_combo_box_get_active_id(GTK_COMBO_BOX(u->lifetime));
    int wanted_s = can ? (int)g_ascii_strtoll(id, NULL, 10) : 0;
    int set_s = 0;

    g_object_get(d->config, ARG_LINK, &set_s, NULL);
    if (set_s != wanted_s)
        g_object_set(d->config, ARG_LINK, wanted_s, NULL);
}

static void update(struct dialog *d)
{
    struct upload_dialog *u = d->own;
    char *bucket = NULL, *key, *place;
    bool can = dialog_can_link(d);

    if (!gimp_image_is_valid(d->image))
        return;
    g_object_get(d->config, ARG_BUCKET, &bucket, NULL);
    key = key_of(d->config, d->image);
    place = g_strdup_printf("s3://%s/%s", bucket != NULL && *bucket != '\0' ? bucket : "…", key);
    gtk_label_set_text(GTK_LABEL(u->place), place);
    gtk_widget_set_sensitive(u->lifetime, can);
    set_lifetime(d, can);
    gtk_dialog_set_response_sensitive(GTK_DIALOG(d->window), GTK_RESPONSE_OK, d->is_ready);
    g_free(place);
    g_free(key);
    g_free(bucket);
}

static void on_copy(struct dialog *d)
{
    gtk_dialog_response(GTK_DIALOG(d->window), RESPONSE_COPY_LINK);
}

static GtkWidget *new_link(struct dialog *d, struct upload_dialog *u)
{
    GtkWidget *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, DIALOG_ROW_SPACE_PX);
    GtkWidget *copy = gtk_button_new_with_mnemonic(_("Copy _Link"));

    u->link = gtk_entry_new();
    gtk_editable_set_editable(GTK_EDITABLE(u->link), FALSE);
    atk_object_set_name(gtk_widget_get_accessible(u->link), _("Link"));
    gtk_box_pack_start(GTK_BOX(box), u->link, TRUE, TRUE, 0);
    gtk_box_pack_start(GTK_BOX(box), copy, FALSE, FALSE, 0);
    gimp_help_set_help_data(copy, _("Put it on the clipboard."), NULL);
    g_signal_connect_swapped(copy, "clicked", G_CALLBACK(on_copy), d);
    gtk_widget_set_valign(box, GTK_ALIGN_START);
    gtk_widget_show_all(box);
    gtk_widget_hide(box);
    u->link_box = box;
    return box;
}

static void add_lifetime(struct dialog *d, struct upload_dialog *u)
{
    GtkComboBoxText *combo = GTK_COMBO_BOX_TEXT(gtk_combo_box_text_new());

    gtk_combo_box_text_append(combo, "0", _("As the bucket allows"));
    gtk_combo_box_text_append(combo, "3600", _("…and by a link for an hour"));
    gtk_combo_box_text_append(combo, "86400", _("…and by a link for a day"));
    gtk_combo_box_text_append(combo, "604800", _("…and by a link for a week"));
    gtk_combo_box_set_active_id(GTK_COMBO_BOX(combo), "86400");
    u->lifetime = GTK_WIDGET(combo);
    dialog_add_row(d, _("Vis_ibility:"), u->lifetime,
                   _("A link with which anybody may get the object, for so long at most, and no "
                     "longer than the credentials live. Else the bucket's own rules count."));
    g_signal_connect_swapped(u->lifetime, "changed", G_CALLBACK(dialog_update), d);
}

static void build(struct dialog *d, struct upload_dialog *u)
{
    GtkWidget *format;

    dialog_open(d);
    format = gimp_prop_choice_combo_box_new(G_OBJECT(d->config), ARG_FORMAT);
    dialog_add_row(d, _("F_ormat:"), format, _("XCF has all layers, the others what is seen."));
    dialog_add_entry(d, ARG_BUCKET, _("_Bucket:"), "my-bucket", _("The name of the S3 bucket."));
    dialog_add_entry(d, ARG_KEY, _("_Key:"), _("as the image is called"),
                     _("The object's name. Ending in / it is a folder, and the image's name is "
                       "added."));
    u->place = gtk_label_new(NULL);
    gtk_label_set_xalign(GTK_LABEL(u->place), 0.0);
    gtk_label_set_ellipsize(GTK_LABEL(u->place), PANGO_ELLIPSIZE_MIDDLE);
    gtk_label_set_selectable(GTK_LABEL(u->place), TRUE);
    gtk_widget_set_can_focus(u->place, FALSE);
    dialog_add_row(d, _("Becomes:"), u->place, NULL);
    add_lifetime(d, u);
    dialog_add_check(d, ARG_METADATA, _("With _metadata"),
                     _("Exif, XMP, IPTC and comment go with the file, position and names too."));
    dialog_add_check(d, ARG_DOCUMENT, _("_Result document beside it"),
                     _("A JSON file that says what was stored where becomes an object of the same "
                       "name with .json behind it."));
    dialog_add_check(d, ARG_ONLY_IF_NEW, _("_Never replace an object"),
                     _("Refused where the bucket has one of this name."));
    dialog_ready(d, new_link(d, u));
}

static void show_link(struct dialog *d, const struct task *task)
{
    const struct own *own = task->own;
    struct upload_dialog *u = d->own;
    char *words = g_strdup_printf(_("Uploaded as %s."), own->result.uri);

    gtk_entry_set_text(GTK_ENTRY(u->link), own->link != NULL ? own->link : "");
    gtk_widget_set_visible(u->link_box, own->link != NULL);
    dialog_say_done(d, task, words);
    g_free(words);
}

static bool upload(struct dialog *d)
{
    struct upload_dialog *u = d->own;
    struct task *task = NULL;

    gtk_widget_hide(u->link_box);
    if (dialog_perform(d, NULL, &task) != 0)
        return false;
    show_link(d, task);
    g_free(d->json);
    d->json = g_strdup(task->document);
    task_free(task);
    return true;
}

static bool run_dialog(struct dialog *d)
{
    struct upload_dialog u = {.place = NULL};
    bool done = false;
    int response;

    d->own = &u;
    d->update = update;
    d->obstacle = obstacle;
    build(d, &u);
    while ((response = dialog_wait(d)) == GTK_RESPONSE_OK || response == RESPONSE_COPY_LINK) {
        if (response == GTK_RESPONSE_OK)
            done = upload(d) || done;
        else
            gtk_clipboard_set_text(gtk_clipboard_get(GDK_SELECTION_CLIPBOARD),
                                   gtk_entry_get_text(GTK_ENTRY(u.link)), -1);
    }
    gtk_clipboard_store(gtk_clipboard_get(GDK_SELECTION_CLIPBOARD));
    dialog_close(d);
    return done;
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
    .own_bytes = sizeof(struct own),
    .add_arguments = add_arguments,
    .prepare = prepare,
    .work = work,
    .release = release,
    .sending = sending,
    .local_words = N_("The object is kept in a folder of yours that stands in for S3."),
    .run_dialog = run_dialog,
};
