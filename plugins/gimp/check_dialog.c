/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the dialog of the check: where to look, the verdict, the list of findings (choosing one
 * selects its place in the image), and redaction of those that are ticked.
 */
#include "plugins/gimp/check.h"

#include <imgrecog/check.h>

#include <math.h>

#include "plugins/common/fail.h"
#include "plugins/gimp/dialog.h"
#include "plugins/gimp/i18n.h"

#define RESPONSE_REDACT DIALOG_RESPONSE_OWN
#define RESPONSE_COPY (DIALOG_RESPONSE_OWN + 1)
#define THUMBNAIL_PX 40
#define LIST_HEIGHT_PX 150
#define LOOK_COUNT 6

static const struct {
    const char *name, *label, *tooltip;
} looks[LOOK_COUNT] = {
    {"faces", N_("_Faces"), N_("Faces of people, by Rekognition.")},
    {"text", N_("_Text"),
     N_("E-mail, phone, card, account and personal numbers that can be read.")},
    {"codes", N_("C_odes"), N_("Bar codes and QR codes, which may hold anything.")},
    {"moderation", N_("_Nudity, violence"), N_("Rekognition's labels for moderation.")},
    {"model", N_("A model's _judgement"), N_("A model of Bedrock says yes or no, and why.")},
    {"metadata", N_("_Metadata"), N_("Position, names and serial numbers. Costs nothing.")},
};

enum { COLUMN_TICKED, COLUMN_HAS_PLACE, COLUMN_PICTURE, COLUMN_WORDS, COLUMN_INDEX, COLUMN_COUNT };

struct check_dialog {
    GtkWidget *boxes[LOOK_COUNT];
    GtkWidget *answer; /* all that is shown after a check */
    GtkWidget *verdict_icon, *verdict, *reason;
    GtkWidget *list, *scrolled;
    GtkListStore *store;
    GtkWidget *how, *redact, *copy;
    struct task *task; /* the last check; NULL before the first */
};

/* ---- where to look ----------------------------------------------------------------------- */

static void on_box_toggled(struct dialog *d)
{
    struct check_dialog *c = d->own;
    GString *chosen = g_string_new(NULL);

    for (size_t i = 0; i < LOOK_COUNT; i++) {
        if (gtk_toggle_button_get_active(GTK_TOGGLE_BUTTON(c->boxes[i])))
            g_string_append_printf(chosen, "%s%s", chosen->len > 0 ? "," : "", looks[i].name);
    }
    g_object_set(d->config, CHECK_ARG_LOOK_FOR, chosen->str, NULL);
    g_string_free(chosen, TRUE);
}

static bool is_any_chosen(const struct check_dialog *c)
{
    for (size_t i = 0; i < LOOK_COUNT; i++) {
        if (gtk_toggle_button_get_active(GTK_TOGGLE_BUTTON(c->boxes[i])))
            return true;
    }
    return false;
}

static const char *obstacle(struct dialog *d)
{
    return is_any_chosen(d->own) ? NULL : _("Choose at least one thing to look for.");
}

/* The argument is a list of names, or "all" or "" for all. */
static void show_chosen(struct dialog *d)
{
    struct check_dialog *c = d->own;
    char *chosen = NULL;
    char **names;
    bool all;

    g_object_get(d->config, CHECK_ARG_LOOK_FOR, &chosen, NULL);
    all = chosen == NULL || *chosen == '\0' || g_str_equal(chosen, "all");
    names = g_strsplit(chosen != NULL ? chosen : "", ",", -1);
    for (size_t i = 0; i < LOOK_COUNT; i++)
        gtk_toggle_button_set_active(
            GTK_TOGGLE_BUTTON(c->boxes[i]),
            all || g_strv_contains((const gchar *const *)names, looks[i].name));
    g_strfreev(names);
    g_free(chosen);
}

static void add_looks(struct dialog *d, struct check_dialog *c)
{
    GtkWidget *frame = gimp_frame_new(_("Look for"));
    GtkWidget *grid = gtk_grid_new();

    gtk_grid_set_row_spacing(GTK_GRID(grid), DIALOG_ROW_SPACE_PX);
    gtk_grid_set_column_spacing(GTK_GRID(grid), DIALOG_SPACE_PX);
    gtk_grid_set_column_homogeneous(GTK_GRID(grid), TRUE);
    for (size_t i = 0; i < LOOK_COUNT; i++) {
        c->boxes[i] = gtk_check_button_new_with_mnemonic(_(looks[i].label));
        gimp_help_set_help_data(c->boxes[i], _(looks[i].tooltip), NULL);
        gtk_grid_attach(GTK_GRID(grid), c->boxes[i], (int)i % 3, (int)i / 3, 1, 1);
    }
    gtk_container_add(GTK_CONTAINER(frame), grid);
    gtk_widget_show_all(grid);
    gtk_widget_set_margin_top(frame, DIALOG_ROW_SPACE_PX);
    dialog_add_wide(d, frame, NULL);
    show_chosen(d);
    for (size_t i = 0; i < LOOK_COUNT; i++)
        g_signal_connect_swapped(c->boxes[i], "toggled", G_CALLBACK(on_box_toggled), d);
}

/* ---- findings ---------------------------------------------------------------------------- */

static const struct ir_finding *finding_at(struct check_dialog *c, GtkTreeIter *iter)
{
    int finding_index = 0;

    gtk_tree_model_get(GTK_TREE_MODEL(c->store), iter, COLUMN_INDEX, &finding_index, -1);
    return &ir_result_get_check(c->task->result)->findings[finding_index];
}

/* The place, as large as it fits; NULL where there is none. */
static GdkPixbuf *thumbnail_of(const struct check_dialog *c, const struct ir_finding *finding)
{
    const struct check_own *own = c->task->own;
    struct ir_rect rect;
    GdkPixbuf *whole, *part, *scaled;
    double scale;

    if (!finding->has_box)
        return NULL;
    rect = ir_box_to_pixels(finding->box, own->preview_width_px, own->preview_height_px);
    whole = gdk_pixbuf_new_from_data(own->preview_rgb, GDK_COLORSPACE_RGB, FALSE, 8,
                                     own->preview_width_px, own->preview_height_px,
                                     own->preview_width_px * 3, NULL, NULL);
    part =
        gdk_pixbuf_new_subpixbuf(whole, rect.left_px, rect.top_px, rect.width_px, rect.height_px);
    scale = (double)THUMBNAIL_PX / MAX(rect.width_px, rect.height_px);
    scaled = gdk_pixbuf_scale_simple(part, MAX(1, (int)(rect.width_px * scale)),
                                     MAX(1, (int)(rect.height_px * scale)), GDK_INTERP_BILINEAR);
    g_object_unref(part);
    g_object_unref(whole);
    return scaled;
}

static char *words_of(const struct ir_finding *finding)
{
    GString *words = g_string_new(check_kind_words(finding->kind));

    if (finding->name != NULL)
        g_string_append_printf(words, ": %s", finding->name);
    if (!isnan(finding->confidence_pct))
        g_string_append_printf(words, " (%d %%)", (int)floor(finding->confidence_pct));
    return g_string_free(words, FALSE);
}

static void fill_list(struct check_dialog *c)
{
    const struct ir_check *check = ir_result_get_check(c->task->result);

    gtk_list_store_clear(c->store);
    for (size_t i = 0; i < check->finding_count; i++) {
        GdkPixbuf *thumbnail = thumbnail_of(c, &check->findings[i]);
        char *words = words_of(&check->findings[i]);

        gtk_list_store_insert_with_values(c->store, NULL, -1, COLUMN_TICKED,
                                          check->findings[i].has_box, COLUMN_HAS_PLACE,
                                          check->findings[i].has_box, COLUMN_PICTURE, thumbnail,
                                          COLUMN_WORDS, words, COLUMN_INDEX, (int)i, -1);
        g_free(words);
        g_clear_object(&thumbnail);
    }
    gtk_widget_set_visible(c->scrolled, check->finding_count > 0);
}

/* In the image, as a selection. */
static void show_place(struct dialog *d, const struct ir_finding *finding)
{
    struct check_dialog *c = d->own;
    struct ir_rect rect;

    if (!finding->has_box || !gimp_image_is_valid(d->image))
        return;
    rect = ir_box_to_pixels(finding->box, c->task->width_px, c->task->height_px);
    gimp_context_push();
    gimp_context_set_feather(FALSE);
    gimp_image_select_rectangle(d->image, GIMP_CHANNEL_OP_REPLACE, rect.left_px, rect.top_px,
                                rect.width_px, rect.height_px);
    gimp_context_pop();
    gimp_displays_flush();
}

static void on_row_chosen(GtkTreeSelection *selection, struct dialog *d)
{
    GtkTreeIter iter;

    if (gtk_tree_selection_get_selected(selection, NULL, &iter))
        show_place(d, finding_at(d->own, &iter));
}

/* The places of ticked rows; `*out_count` may be 0 (g_free). */
static struct ir_rect *ticked_places(struct check_dialog *c, size_t *out_count)
{
    GtkTreeModel *model = GTK_TREE_MODEL(c->store);
    struct ir_rect *rects =
        g_new(struct ir_rect, (size_t)MAX(1, gtk_tree_model_iter_n_children(model, NULL)));
    GtkTreeIter iter;
    bool more = gtk_tree_model_get_iter_first(model, &iter);

    *out_count = 0;
    for (; more; more = gtk_tree_model_iter_next(model, &iter)) {
        gboolean ticked = FALSE;

        gtk_tree_model_get(model, &iter, COLUMN_TICKED, &ticked, -1);
        if (ticked)
            rects[(*out_count)++] =
                ir_box_to_pixels(finding_at(c, &iter)->box, c->task->width_px, c->task->height_px);
    }
    return rects;
}

static void on_ticked(GtkCellRendererToggle *renderer, char *path, struct dialog *d)
{
    struct check_dialog *c = d->own;
    gboolean ticked = FALSE;
    GtkTreeIter iter;

    (void)renderer;
    if (!gtk_tree_model_get_iter_from_string(GTK_TREE_MODEL(c->store), &iter, path))
        return;
    gtk_tree_model_get(GTK_TREE_MODEL(c->store), &iter, COLUMN_TICKED, &ticked, -1);
    gtk_list_store_set(c->store, &iter, COLUMN_TICKED, !ticked, -1);
    dialog_update(d);
}

static GtkWidget *new_list(struct dialog *d, struct check_dialog *c)
{
    GtkWidget *view;
    GtkCellRenderer *toggle = gtk_cell_renderer_toggle_new();

    c->store = gtk_list_store_new(COLUMN_COUNT, G_TYPE_BOOLEAN, G_TYPE_BOOLEAN, GDK_TYPE_PIXBUF,
                                  G_TYPE_STRING, G_TYPE_INT);
    view = gtk_tree_view_new_with_model(GTK_TREE_MODEL(c->store));
    g_object_unref(c->store);
    gtk_tree_view_insert_column_with_attributes(
        GTK_TREE_VIEW(view), -1, _("Redact"), toggle, "active", COLUMN_TICKED, "activatable",
        COLUMN_HAS_PLACE, "visible", COLUMN_HAS_PLACE, NULL);
    gtk_tree_view_insert_column_with_attributes(GTK_TREE_VIEW(view), -1, _("Place"),
                                                gtk_cell_renderer_pixbuf_new(), "pixbuf",
                                                COLUMN_PICTURE, NULL);
    gtk_tree_view_insert_column_with_attributes(GTK_TREE_VIEW(view), -1, _("Found"),
                                                gtk_cell_renderer_text_new(), "text", COLUMN_WORDS,
                                                NULL);
    gtk_tree_view_set_search_column(GTK_TREE_VIEW(view), COLUMN_WORDS);
    gimp_help_set_help_data(view, _("Choosing a line selects its place in the image."), NULL);
    atk_object_set_name(gtk_widget_get_accessible(view), _("Findings"));
    g_signal_connect(toggle, "toggled", G_CALLBACK(on_ticked), d);
    g_signal_connect(gtk_tree_view_get_selection(GTK_TREE_VIEW(view)), "changed",
                     G_CALLBACK(on_row_chosen), d);
    return view;
}

/* ---- the answer -------------------------------------------------------------------------- */

static GtkWidget *new_wrapped(void)
{
    GtkWidget *label = gtk_label_new(NULL);

    gtk_label_set_xalign(GTK_LABEL(label), 0.0);
    gtk_label_set_line_wrap(GTK_LABEL(label), TRUE);
    gtk_label_set_line_wrap_mode(GTK_LABEL(label), PANGO_WRAP_WORD_CHAR);
    gtk_label_set_width_chars(GTK_LABEL(label), DIALOG_WIDTH_CHARS);
    gtk_label_set_max_width_chars(GTK_LABEL(label), DIALOG_WIDTH_CHARS);
    return label;
}

static void show_answer(struct check_dialog *c)
{
    const struct ir_check *check = ir_result_get_check(c->task->result);
    const char *icon = GIMP_ICON_DIALOG_QUESTION;
    const char *verdict = _("Not everything could be looked at.");
    GString *reason = g_string_new(check->reason);

    if (check->verdict == IR_VERDICT_YES) {
        icon = GIMP_ICON_DIALOG_WARNING;
        verdict = _("This picture holds something that should not get about.");
    } else if (check->verdict == IR_VERDICT_NO) {
        icon = GIMP_ICON_DIALOG_INFORMATION;
        verdict = _("Nothing was found.");
    }
    for (size_t i = 0; i < check->not_checked_count; i++)
        g_string_append_printf(reason, "\n%s %s", _("Not looked at:"), check->not_checked[i]);
    gtk_image_set_from_icon_name(GTK_IMAGE(c->verdict_icon), icon, GTK_ICON_SIZE_LARGE_TOOLBAR);
    gtk_label_set_text(GTK_LABEL(c->verdict), verdict);
    gtk_label_set_text(GTK_LABEL(c->reason), reason->str);
    g_string_free(reason, TRUE);
    fill_list(c);
    gtk_widget_show(c->answer);
}

static void on_redact(struct dialog *d)
{
    gtk_dialog_response(GTK_DIALOG(d->window), RESPONSE_REDACT);
}

static void on_copy(struct dialog *d)
{
    gtk_dialog_response(GTK_DIALOG(d->window), RESPONSE_COPY);
}

static GtkWidget *new_redaction(struct dialog *d, struct check_dialog *c)
{
    GtkWidget *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, DIALOG_ROW_SPACE_PX);
    GtkWidget *label = gtk_label_new_with_mnemonic(_("Re_dact by:"));
    GtkComboBoxText *how = GTK_COMBO_BOX_TEXT(gtk_combo_box_text_new());

    gtk_combo_box_text_append(how, "pixelate", _("Pixelating"));
    gtk_combo_box_text_append(how, "blur", _("Blurring"));
    gtk_combo_box_set_active_id(GTK_COMBO_BOX(how),
                                check_how(d->config) == REDACT_BLUR ? "blur" : "pixelate");
    c->how = GTK_WIDGET(how);
    gtk_label_set_mnemonic_widget(GTK_LABEL(label), c->how);
    c->redact = gtk_button_new_with_mnemonic(_("Add _Layer"));
    c->copy = gtk_button_new_with_mnemonic(_("Copy for S_haring"));
    gimp_help_set_help_data(
        c->redact, _("A masked layer above what is ticked. The original stays below."), NULL);
    gimp_help_set_help_data(c->copy,
                            _("A new, flattened image without metadata in which what is ticked "
                              "is redacted for good."),
                            NULL);
    g_signal_connect_swapped(c->redact, "clicked", G_CALLBACK(on_redact), d);
    g_signal_connect_swapped(c->copy, "clicked", G_CALLBACK(on_copy), d);
    gtk_box_pack_start(GTK_BOX(box), label, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(box), c->how, TRUE, TRUE, 0);
    gtk_box_pack_start(GTK_BOX(box), c->redact, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(box), c->copy, FALSE, FALSE, 0);
    return box;
}

static GtkWidget *new_answer(struct dialog *d, struct check_dialog *c)
{
    GtkWidget *answer = gtk_box_new(GTK_ORIENTATION_VERTICAL, DIALOG_SPACE_PX);
    GtkWidget *head = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, DIALOG_SPACE_PX);
    PangoAttrList *bold = pango_attr_list_new();

    c->verdict_icon = gtk_image_new();
    gtk_widget_set_valign(c->verdict_icon, GTK_ALIGN_START);
    c->verdict = new_wrapped();
    c->reason = new_wrapped();
    pango_attr_list_insert(bold, pango_attr_weight_new(PANGO_WEIGHT_BOLD));
    gtk_label_set_attributes(GTK_LABEL(c->verdict), bold);
    pango_attr_list_unref(bold);
    gtk_label_set_selectable(GTK_LABEL(c->reason), TRUE);
    gtk_widget_set_can_focus(c->reason, FALSE);
    c->list = new_list(d, c);
    c->scrolled = gtk_scrolled_window_new(NULL, NULL);
    gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(c->scrolled), GTK_POLICY_AUTOMATIC,
                                   GTK_POLICY_AUTOMATIC);
    gtk_scrolled_window_set_shadow_type(GTK_SCROLLED_WINDOW(c->scrolled), GTK_SHADOW_IN);
    gtk_scrolled_window_set_min_content_height(GTK_SCROLLED_WINDOW(c->scrolled), LIST_HEIGHT_PX);
    gtk_container_add(GTK_CONTAINER(c->scrolled), c->list);
    gtk_box_pack_start(GTK_BOX(head), c->verdict_icon, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(head), c->verdict, TRUE, TRUE, 0);
    gtk_box_pack_start(GTK_BOX(answer), head, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(answer), c->reason, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(answer), c->scrolled, TRUE, TRUE, 0);
    gtk_box_pack_start(GTK_BOX(answer), new_redaction(d, c), FALSE, FALSE, 0);
    gtk_widget_show_all(answer);
    gtk_widget_hide(answer);
    c->answer = answer;
    return answer;
}

static void update(struct dialog *d)
{
    struct check_dialog *c = d->own;
    bool is_valid = gimp_image_is_valid(d->image);
    size_t count = 0;

    if (c->task != NULL)
        g_free(ticked_places(c, &count));
    gtk_dialog_set_response_sensitive(GTK_DIALOG(d->window), GTK_RESPONSE_OK, d->is_ready);
    gtk_widget_set_sensitive(c->redact, is_valid && count > 0);
    gtk_widget_set_sensitive(c->how, is_valid && count > 0);
    gtk_widget_set_sensitive(c->copy, is_valid);
}

/* ---- responses --------------------------------------------------------------------------- */

static bool run_check(struct dialog *d)
{
    struct check_dialog *c = d->own;
    struct task *task = NULL;

    if (dialog_perform(d, NULL, &task) != 0)
        return false;
    task_free(c->task);
    c->task = task;
    g_free(d->json);
    d->json = g_strdup(task->document);
    show_answer(c);
    dialog_update(d);
    return true;
}

static void redact(struct dialog *d, bool is_copy)
{
    struct check_dialog *c = d->own;
    enum redact_how how = g_strcmp0(gtk_combo_box_get_active_id(GTK_COMBO_BOX(c->how)), "blur") == 0
                              ? REDACT_BLUR
                              : REDACT_PIXELATE;
    struct ir_error err;
    size_t count = 0;
    struct ir_rect *rects = ticked_places(c, &count);
    GimpImage *copy = NULL;
    int rc = gimp_image_is_valid(d->image)
                 ? task_check_size(c->task, &err)
                 : common_fail(&err, IR_ERR_ARG, "", "%s", _("The image has been closed."));

    if (rc == 0 && is_copy)
        rc = redact_make_copy(d->image, rects, count, how, &copy, &err);
    else if (rc == 0)
        rc = redact_add_layer(d->image, rects, count, how, &err);
    g_free(rects);
    if (rc != 0) {
        dialog_fail(d, &err);
        return;
    }
    if (copy != NULL) {
        gimp_display_new(copy);
        d->made = copy;
    }
    gimp_displays_flush();
    dialog_say(d, TASK_DONE,
               is_copy ? _("The copy is a new image with one layer and no metadata. Save or export "
                           "that one to share it.")
                       : _("Covered by a new layer. The original is still below it: whoever gets "
                           "the XCF can uncover it. To share the picture, make a copy."));
}

bool check_run_dialog(struct dialog *d)
{
    struct check_dialog c = {.task = NULL};
    bool done = false;
    int response;

    d->own = &c;
    d->update = update;
    d->obstacle = obstacle;
    dialog_open(d);
    add_looks(d, &c);
    dialog_ready(d, new_answer(d, &c));
    while ((response = dialog_wait(d)) == GTK_RESPONSE_OK || response == RESPONSE_REDACT ||
           response == RESPONSE_COPY) {
        if (response == GTK_RESPONSE_OK)
            done = run_check(d) || done;
        else
            redact(d, response == RESPONSE_COPY);
    }
    dialog_close(d);
    task_free(c.task);
    return done;
}
