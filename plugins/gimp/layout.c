/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns spacing and alignment. */
#include "plugins/gimp/layout.h"

#define IN_ENTRY_PX 8 /* above the words in an entry, in GIMP's own theme */

/* ---- rows -------------------------------------------------------------------------------- */

void layout_rows_init(struct layout_rows *rows, GtkSizeGroup *labels)
{
    *rows = (struct layout_rows){gtk_grid_new(), 0, labels};
    gtk_grid_set_row_spacing(GTK_GRID(rows->grid), LAYOUT_ROW_SPACE_PX);
    gtk_grid_set_column_spacing(GTK_GRID(rows->grid), LAYOUT_SPACE_PX);
    gtk_widget_show(rows->grid);
}

/* Beside the first line of what is of several. */
static void align_with_first_line(GtkWidget *label, GtkWidget *control)
{
    if (!GTK_IS_SCROLLED_WINDOW(control) && !GTK_IS_BOX(control))
        return;
    if (GTK_IS_BOX(control) &&
        gtk_orientable_get_orientation(GTK_ORIENTABLE(control)) == GTK_ORIENTATION_HORIZONTAL)
        return;
    gtk_label_set_yalign(GTK_LABEL(label), 0.0);
    gtk_widget_set_margin_top(label, GTK_IS_BOX(control) ? IN_ENTRY_PX : LAYOUT_ROW_SPACE_PX / 2);
}

GtkWidget *layout_add_row(struct layout_rows *rows, const char *label_text, GtkWidget *control,
                          GtkWidget *focus, const char *tooltip)
{
    GtkWidget *label = gtk_label_new_with_mnemonic(label_text);

    if (focus == NULL)
        focus = control;
    gtk_label_set_xalign(GTK_LABEL(label), 0.0);
    align_with_first_line(label, control);
    gtk_label_set_mnemonic_widget(GTK_LABEL(label), focus);
    gtk_widget_set_hexpand(control, TRUE);
    if (tooltip != NULL)
        gimp_help_set_help_data(focus, tooltip, NULL);
    gtk_size_group_add_widget(rows->labels, label);
    gtk_grid_attach(GTK_GRID(rows->grid), label, 0, rows->count, 1, 1);
    gtk_grid_attach(GTK_GRID(rows->grid), control, 1, rows->count++, 1, 1);
    gtk_widget_show(label);
    gtk_widget_show(control);
    return label;
}

void layout_add_wide(struct layout_rows *rows, GtkWidget *widget, const char *tooltip)
{
    if (tooltip != NULL)
        gimp_help_set_help_data(widget, tooltip, NULL);
    gtk_grid_attach(GTK_GRID(rows->grid), widget, 0, rows->count++, 2, 1);
    gtk_widget_show(widget);
}

void layout_add_below(struct layout_rows *rows, GtkWidget *widget)
{
    gtk_grid_attach(GTK_GRID(rows->grid), widget, 1, rows->count++, 1, 1);
    gtk_widget_show(widget);
}

/* ---- words ------------------------------------------------------------------------------- */

GtkWidget *layout_new_words(const char *text)
{
    GtkWidget *label = gtk_label_new(text);

    gtk_label_set_xalign(GTK_LABEL(label), 0.0);
    gtk_label_set_yalign(GTK_LABEL(label), 0.0);
    gtk_label_set_line_wrap(GTK_LABEL(label), TRUE);
    gtk_label_set_line_wrap_mode(GTK_LABEL(label), PANGO_WRAP_WORD_CHAR);
    gtk_label_set_width_chars(GTK_LABEL(label), LAYOUT_WIDTH_CHARS);
    gtk_label_set_max_width_chars(GTK_LABEL(label), LAYOUT_WIDTH_CHARS);
    return label;
}

GtkWidget *layout_new_words_beside(const char *text)
{
    GtkWidget *label = layout_new_words(text);

    gtk_label_set_width_chars(GTK_LABEL(label), -1);
    gtk_label_set_max_width_chars(GTK_LABEL(label), LAYOUT_WIDTH_CHARS / 2);
    return label;
}

GtkWidget *layout_new_words_to_copy(const char *text)
{
    GtkWidget *label = layout_new_words(text);

    gtk_label_set_selectable(GTK_LABEL(label), TRUE);
    gtk_widget_set_can_focus(label, FALSE);
    return label;
}

void layout_make_bold(GtkWidget *label)
{
    PangoAttrList *bold = pango_attr_list_new();

    pango_attr_list_insert(bold, pango_attr_weight_new(PANGO_WEIGHT_BOLD));
    gtk_label_set_attributes(GTK_LABEL(label), bold);
    pango_attr_list_unref(bold);
}

/* ---- parts that scroll ------------------------------------------------------------------- */

GtkWidget *layout_new_scrolled(GtkWidget *child, int least_height_px)
{
    GtkWidget *scrolled = gtk_scrolled_window_new(NULL, NULL);

    gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(scrolled), GTK_POLICY_AUTOMATIC,
                                   GTK_POLICY_AUTOMATIC);
    gtk_scrolled_window_set_shadow_type(GTK_SCROLLED_WINDOW(scrolled), GTK_SHADOW_IN);
    gtk_scrolled_window_set_min_content_height(GTK_SCROLLED_WINDOW(scrolled), least_height_px);
    gtk_container_add(GTK_CONTAINER(scrolled), child);
    gtk_widget_show(child);
    gtk_widget_show(scrolled);
    return scrolled;
}

GtkWidget *layout_new_text(int height_px, bool is_editable, GtkWidget **out_scrolled)
{
    GtkWidget *text = gtk_text_view_new();

    gtk_text_view_set_wrap_mode(GTK_TEXT_VIEW(text), GTK_WRAP_WORD_CHAR);
    gtk_text_view_set_accepts_tab(GTK_TEXT_VIEW(text), FALSE); /* Tab goes on, as everywhere */
    gtk_text_view_set_editable(GTK_TEXT_VIEW(text), is_editable);
    gtk_text_view_set_left_margin(GTK_TEXT_VIEW(text), LAYOUT_ROW_SPACE_PX);
    gtk_text_view_set_right_margin(GTK_TEXT_VIEW(text), LAYOUT_ROW_SPACE_PX);
    gtk_text_view_set_top_margin(GTK_TEXT_VIEW(text), LAYOUT_ROW_SPACE_PX / 2);
    gtk_text_view_set_bottom_margin(GTK_TEXT_VIEW(text), LAYOUT_ROW_SPACE_PX / 2);
    *out_scrolled = layout_new_scrolled(text, height_px);
    return text;
}

char *layout_text_of(GtkWidget *text_view)
{
    GtkTextBuffer *buffer = gtk_text_view_get_buffer(GTK_TEXT_VIEW(text_view));
    GtkTextIter start, end;

    gtk_text_buffer_get_bounds(buffer, &start, &end);
    return gtk_text_buffer_get_text(buffer, &start, &end, FALSE);
}

void layout_set_text(GtkWidget *text_view, const char *text)
{
    gtk_text_buffer_set_text(gtk_text_view_get_buffer(GTK_TEXT_VIEW(text_view)),
                             text != NULL ? text : "", -1);
}

static void destroy(GtkWidget *child, gpointer unused)
{
    (void)unused;
    gtk_widget_destroy(child);
}

void layout_empty(GtkWidget *container)
{
    gtk_container_foreach(GTK_CONTAINER(container), destroy, NULL);
}

/* ---- windows ----------------------------------------------------------------------------- */

void layout_place_at_edge(GtkWindow *window)
{
    GdkDisplay *display = gtk_widget_get_display(GTK_WIDGET(window));
    GdkDevice *pointer = gdk_seat_get_pointer(gdk_display_get_default_seat(display));
    GtkRequisition natural;
    GdkRectangle work;
    int x_px = 0, y_px = 0;

    if (pointer == NULL)
        return;
    gdk_device_get_position(pointer, NULL, &x_px, &y_px);
    gdk_monitor_get_workarea(gdk_display_get_monitor_at_point(display, x_px, y_px), &work);
    gtk_widget_get_preferred_size(GTK_WIDGET(window), NULL, &natural);
    gtk_window_set_gravity(window, GDK_GRAVITY_NORTH_EAST); /* with its frame */
    gtk_window_move(window, work.x + MAX(0, work.width - natural.width), work.y);
}
