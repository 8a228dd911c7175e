/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns the list of what a check has found, and the selection that choosing lines makes. */
#include "plugins/gimp/findings.h"

#include "plugins/gimp/check.h"
#include "plugins/gimp/check_words.h"
#include "plugins/gimp/i18n.h"

#define THUMBNAIL_PX 40
#define LIST_HEIGHT_PX 150
#define WORDS_WIDTH_PX 330 /* a model's reason is of several lines */

enum { COLUMN_TICKED, COLUMN_HAS_PLACE, COLUMN_PICTURE, COLUMN_WORDS, COLUMN_INDEX, COLUMN_COUNT };

static const struct ir_finding *finding_at(const struct findings *f, GtkTreeIter *iter)
{
    int finding_index = 0;

    gtk_tree_model_get(GTK_TREE_MODEL(f->store), iter, COLUMN_INDEX, &finding_index, -1);
    return &ir_result_get_check(f->task->result)->findings[finding_index];
}

/* The place, as large as it fits; NULL where there is none. */
static GdkPixbuf *thumbnail_of(const struct findings *f, const struct ir_finding *finding)
{
    const struct check_own *own = f->task->own;
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

void findings_show(struct findings *f, struct task *task)
{
    const struct ir_check *check = ir_result_get_check(task->result);

    f->task = NULL; /* chosen rows that go away choose nothing: they are of an older check */
    gtk_list_store_clear(f->store);
    f->task = task;
    for (size_t i = 0; i < check->finding_count; i++) {
        GdkPixbuf *thumbnail = thumbnail_of(f, &check->findings[i]);
        char *words = check_words_finding(check, i);

        gtk_list_store_insert_with_values(f->store, NULL, -1, COLUMN_TICKED,
                                          check->findings[i].has_box, COLUMN_HAS_PLACE,
                                          check->findings[i].has_box, COLUMN_PICTURE, thumbnail,
                                          COLUMN_WORDS, words, COLUMN_INDEX, (int)i, -1);
        g_free(words);
        g_clear_object(&thumbnail);
    }
    gtk_widget_set_visible(f->box, check->finding_count > 0);
}

/* In the image, as a selection; `op` is how it joins what is selected. */
static void show_place(struct findings *f, const struct ir_finding *finding, GimpChannelOps op)
{
    struct ir_rect rect = ir_box_to_pixels(finding->box, f->task->width_px, f->task->height_px);

    gimp_context_push();
    gimp_context_set_feather(FALSE);
    gimp_image_select_rectangle(f->dialog->image, op, rect.left_px, rect.top_px, rect.width_px,
                                rect.height_px);
    gimp_context_pop();
}

/*
 * Whether places can be shown: they lie in an image of that size, as long as it is open. Of one
 * that only looks different they are shown all the same, since the user may be at covering them by
 * hand.
 */
static bool can_show(struct findings *f)
{
    struct ir_error err;
    bool can = task_check_size(f->task, &err) == 0;

    if (!can && gimp_image_is_valid(f->dialog->image))
        dialog_say(f->dialog, TASK_NOTICE,
                   _("The image's size was changed since it was checked, so the place of what was "
                     "found is not known any more. Check it again."));
    return can;
}

/* Takes as long as it takes GIMP to draw the image. */
static void tell_changed(struct findings *f)
{
    struct ir_error err;

    task_begin_change();
    if (check_same(f->task, f->dialog->image, NULL, &err) != 0 &&
        gimp_image_is_valid(f->dialog->image))
        dialog_say(f->dialog, TASK_NOTICE,
                   _("The image was changed since it was checked, so what was found may lie in "
                     "another place now. Check it again."));
    task_end_change();
}

static void show_chosen(GtkTreeSelection *selection, struct findings *f)
{
    GimpChannelOps op = GIMP_CHANNEL_OP_REPLACE;
    GList *paths = gtk_tree_selection_get_selected_rows(selection, NULL);
    for (GList *at = paths; at != NULL; at = at->next) {
        const struct ir_finding *finding;
        GtkTreeIter iter;

        gtk_tree_model_get_iter(GTK_TREE_MODEL(f->store), &iter, at->data);
        finding = finding_at(f, &iter);
        if (!finding->has_box)
            continue;
        if (op == GIMP_CHANNEL_OP_REPLACE)
            gimp_image_undo_group_start(f->dialog->image); /* several places are one step */
        show_place(f, finding, op);
        op = GIMP_CHANNEL_OP_ADD;
    }
    if (op == GIMP_CHANNEL_OP_ADD) {
        task_end_step(f->dialog->image);
        gimp_displays_flush();
    }
    g_list_free_full(paths, (GDestroyNotify)gtk_tree_path_free);
}

/*
 * The main loop turns while the image is looked at, and the next line may be chosen in it: that is
 * shown at once, and the image is not looked at twice.
 */
static void on_rows_chosen(GtkTreeSelection *selection, struct findings *f)
{
    if (f->task == NULL || gtk_tree_selection_count_selected_rows(selection) == 0 || !can_show(f))
        return;
    show_chosen(selection, f);
    if (f->is_looking)
        return;
    f->is_looking = true;
    tell_changed(f);
    f->is_looking = false;
}

struct ir_rect *findings_ticked(const struct findings *f, size_t *out_count)
{
    GtkTreeModel *model = GTK_TREE_MODEL(f->store);
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
                ir_box_to_pixels(finding_at(f, &iter)->box, f->task->width_px, f->task->height_px);
    }
    return rects;
}

static void on_ticked(GtkCellRendererToggle *renderer, char *path, struct findings *f)
{
    gboolean ticked = FALSE;
    GtkTreeIter iter;

    (void)renderer;
    if (!gtk_tree_model_get_iter_from_string(GTK_TREE_MODEL(f->store), &iter, path))
        return;
    gtk_tree_model_get(GTK_TREE_MODEL(f->store), &iter, COLUMN_TICKED, &ticked, -1);
    gtk_list_store_set(f->store, &iter, COLUMN_TICKED, !ticked, -1);
    dialog_update(f->dialog);
}

void findings_init(struct findings *f, struct dialog *dialog)
{
    GtkCellRenderer *toggle = gtk_cell_renderer_toggle_new();
    GtkCellRenderer *words = gtk_cell_renderer_text_new();
    GtkWidget *view;

    f->dialog = dialog;
    f->task = NULL;
    f->is_looking = false;
    f->store = gtk_list_store_new(COLUMN_COUNT, G_TYPE_BOOLEAN, G_TYPE_BOOLEAN, GDK_TYPE_PIXBUF,
                                  G_TYPE_STRING, G_TYPE_INT);
    view = gtk_tree_view_new_with_model(GTK_TREE_MODEL(f->store));
    g_object_unref(f->store);
    gtk_tree_view_insert_column_with_attributes(
        GTK_TREE_VIEW(view), -1, _("Redact"), toggle, "active", COLUMN_TICKED, "activatable",
        COLUMN_HAS_PLACE, "visible", COLUMN_HAS_PLACE, NULL);
    gtk_tree_view_insert_column_with_attributes(GTK_TREE_VIEW(view), -1, _("Place"),
                                                gtk_cell_renderer_pixbuf_new(), "pixbuf",
                                                COLUMN_PICTURE, NULL);
    g_object_set(words, "wrap-mode", PANGO_WRAP_WORD_CHAR, "wrap-width", WORDS_WIDTH_PX, NULL);
    gtk_tree_view_insert_column_with_attributes(GTK_TREE_VIEW(view), -1, _("Found"), words, "text",
                                                COLUMN_WORDS, NULL);
    gtk_tree_view_set_search_column(GTK_TREE_VIEW(view), COLUMN_WORDS);
    gimp_help_set_help_data(view, _("Choosing lines selects their places in the image."), NULL);
    atk_object_set_name(gtk_widget_get_accessible(view), _("Findings"));
    g_signal_connect(toggle, "toggled", G_CALLBACK(on_ticked), f);
    /* With this one, a list that merely gets the focus chooses nothing. */
    gtk_tree_selection_set_mode(gtk_tree_view_get_selection(GTK_TREE_VIEW(view)),
                                GTK_SELECTION_MULTIPLE);
    g_signal_connect(gtk_tree_view_get_selection(GTK_TREE_VIEW(view)), "changed",
                     G_CALLBACK(on_rows_chosen), f);
    f->box = layout_new_scrolled(view, LIST_HEIGHT_PX);
}
