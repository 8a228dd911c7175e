/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the fields of "Upload to S3": what the object will be called, who may get it, and the link
 * that is copied. The dialog stays open with what came of it.
 */
#include "plugins/gimp/config.h"
#include "plugins/gimp/dialog.h"
#include "plugins/gimp/i18n.h"
#include "plugins/gimp/upload.h"
#include "plugins/gimp/words.h"

#define RESPONSE_COPY_LINK DIALOG_RESPONSE_OWN

#define RGB_SAMPLES 3
#define OVERHEAD_BYTES 4096U    /* of a file around its pixels */
#define INCOMPRESSIBLE_SHARE 64 /* one part in so many more */

/* ---- what would be sent ------------------------------------------------------------------ */

/*
 * What does not compress becomes a little more than its pixels (PNG: a byte a row, 5 a block of
 * deflate's, 12 a chunk), which PNG keeps in 16 bits where there are more than 8. Metadata come on
 * top.
 */
static guint64 most_bytes(GimpImage *image, enum export_format format)
{
    GimpColorProfile *profile = gimp_image_get_effective_color_profile(image);
    gsize profile_bytes = 0;
    guint64 samples = format == EXPORT_JPEG ? RGB_SAMPLES : RGB_SAMPLES + 1;
    guint64 bytes =
        (guint64)gimp_image_get_width(image) * (guint64)gimp_image_get_height(image) * samples;

    if (profile != NULL)
        gimp_color_profile_get_icc_profile(profile, &profile_bytes);
    g_clear_object(&profile);
    if (format == EXPORT_PNG && gimp_image_get_precision(image) >= GIMP_PRECISION_U16_LINEAR)
        bytes *= 2;
    return bytes + bytes / INCOMPRESSIBLE_SHARE + profile_bytes + OVERHEAD_BYTES;
}

static char *sent_words(const struct task *task, const char *to)
{
    static const char *const names[] = {
        [EXPORT_PNG] = N_("PNG"), [EXPORT_JPEG] = N_("JPEG"), [EXPORT_WEBP] = N_("WebP")};
    enum export_format format = upload_format_of(task->config);
    int width_px = gimp_image_get_width(task->image);
    int height_px = gimp_image_get_height(task->image);
    gboolean with_metadata = FALSE;
    char *most, *words;

    if (format == EXPORT_XCF)
        return g_strdup_printf(_("The whole image, %d × %d pixels with hidden layers and metadata, "
                                 "is sent to %s as an XCF file."),
                               width_px, height_px, to);
    g_object_get(task->config, UPLOAD_ARG_METADATA, &with_metadata, NULL);
    most = g_format_size(most_bytes(task->image, format));
    words = g_strdup_printf(with_metadata
                                ? _("The visible picture is sent to %s, as a %s of %d × %d pixels "
                                    "and at most %s, and its metadata, position and names too.")
                                : _("The visible picture is sent to %s, as a %s of %d × %d pixels "
                                    "and at most %s, without metadata."),
                            to, _(names[format]), width_px, height_px, most);
    g_free(most);
    return words;
}

/* S3 charges in its own ways, which the table of prices does not have: of another address, of AWS.
 */
static const struct {
    const char *before, *after;
} charges[] = {
    {N_("If that charges as AWS does, it costs the requests, and storage as long as the object is "
        "kept; the prices are not known here."),
     N_("If that charges as AWS does, this cost the requests, and goes on costing storage as long "
        "as the object is kept; the prices are not known here.")},
    {N_("AWS charges your account for the requests and for storage; the prices are not known here: "
        "see aws.amazon.com/s3/pricing."),
     N_("AWS charges your account for the requests, and for storage as long as the object is kept; "
        "the prices are not known here: see aws.amazon.com/s3/pricing.")},
};

char *upload_sending(const struct task *task, const char *to)
{
    char *sent = sent_words(task, to);
    char *all = g_strconcat(sent, " ", _(charges[task->where == WHERE_AWS].before), NULL);

    g_free(sent);
    return all;
}

char *upload_cost_words(const struct task *task)
{
    return g_strdup(_(charges[task->where == WHERE_AWS].after));
}

/* ---- fields ------------------------------------------------------------------------------ */

struct upload_dialog {
    GtkWidget *place; /* what it will be called */
    GtkWidget *link_box, *link;
    GtkWidget *lifetime;
};

static const char *obstacle(struct dialog *d)
{
    return config_is_set(d->config, ARG_BUCKET) ? NULL : _("Name the bucket.");
}

static bool dialog_can_link(struct dialog *d)
{
    char *endpoint = config_text(d->config, ARG_ENDPOINT);
    bool can = upload_can_link(where_of(endpoint), endpoint);

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

    g_object_get(d->config, UPLOAD_ARG_LINK, &set_s, NULL);
    if (set_s != wanted_s)
        g_object_set(d->config, UPLOAD_ARG_LINK, wanted_s, NULL);
}

static void update(struct dialog *d)
{
    struct upload_dialog *u = d->own;
    bool can = dialog_can_link(d);
    char *bucket, *key, *place;

    if (!gimp_image_is_valid(d->image))
        return;
    bucket = config_text(d->config, ARG_BUCKET);
    key = upload_key_of(d->config, d->image);
    place = g_strdup_printf("s3://%s/%s", *bucket != '\0' ? bucket : "…", key);
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
    GtkWidget *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, LAYOUT_ROW_SPACE_PX);
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
    gtk_combo_box_text_append(combo, "3600", _("Anyone with the link, for an hour"));
    gtk_combo_box_text_append(combo, "86400", _("Anyone with the link, for a day"));
    gtk_combo_box_text_append(combo, "604800", _("Anyone with the link, for a week"));
    gtk_combo_box_set_active_id(GTK_COMBO_BOX(combo), "86400");
    u->lifetime = GTK_WIDGET(combo);
    layout_add_row(&d->fields, _("Vis_ibility:"), u->lifetime, NULL,
                   _("A link with which anybody may get the object, for so long at most, and no "
                     "longer than the credentials live. Else the bucket's own rules count."));
    g_signal_connect_swapped(u->lifetime, "changed", G_CALLBACK(dialog_update), d);
}

static void build(struct dialog *d, struct upload_dialog *u)
{
    GtkWidget *format;

    dialog_open(d);
    format = choice_new_combo(&upload_formats, d->config);
    layout_add_row(&d->fields, _("F_ormat:"), format, NULL,
                   _("XCF has all layers, the others what is seen."));
    dialog_add_entry(d, ARG_BUCKET, _("_Bucket:"), "my-bucket", _("The name of the S3 bucket."));
    dialog_add_entry(d, ARG_KEY, _("_Key:"), _("as the image is called"),
                     _("The object's name. Ending in / it is a folder, and the image's name is "
                       "added."));
    u->place = gtk_label_new(NULL);
    gtk_label_set_xalign(GTK_LABEL(u->place), 0.0);
    gtk_label_set_ellipsize(GTK_LABEL(u->place), PANGO_ELLIPSIZE_MIDDLE);
    gtk_label_set_selectable(GTK_LABEL(u->place), TRUE);
    gtk_widget_set_can_focus(u->place, FALSE);
    layout_add_row(&d->fields, _("Stored as:"), u->place, NULL, NULL);
    add_lifetime(d, u);
    dialog_add_check(d, UPLOAD_ARG_METADATA, _("With _metadata"),
                     _("Exif, XMP, IPTC and comment go with the file, position and names too."));
    dialog_add_check(d, UPLOAD_ARG_DOCUMENT, _("_Result document beside it"),
                     _("A JSON file that says what was stored where becomes an object of the same "
                       "name with .json behind it."));
    dialog_add_check(d, UPLOAD_ARG_ONLY_IF_NEW, _("_Never replace an object"),
                     _("Refused where the bucket has one of this name."));
    dialog_ready(d, new_link(d, u));
}

static void show_link(struct dialog *d, const struct task *task)
{
    const char *link = upload_link_of(task);
    struct upload_dialog *u = d->own;
    char *stored = g_strdup_printf(_("Uploaded as %s."), upload_uri_of(task));
    char *words = task->notice != NULL ? g_strconcat(stored, " ", task->notice, NULL) : NULL;

    gtk_entry_set_text(GTK_ENTRY(u->link), link != NULL ? link : "");
    gtk_widget_set_visible(u->link_box, link != NULL);
    dialog_say_done(d, task, words != NULL ? words : stored);
    g_free(words);
    g_free(stored);
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

bool upload_run_dialog(struct dialog *d)
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
