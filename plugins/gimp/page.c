/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns spacing and alignment of the settings' pages. */
#include "plugins/gimp/page.h"

#include "plugins/gimp/dialog.h"

void page_init(struct page *page, GtkWidget *notebook, const char *tab, GtkSizeGroup *labels)
{
    GtkWidget *label = gtk_label_new_with_mnemonic(tab);

    page->box = gtk_box_new(GTK_ORIENTATION_VERTICAL, DIALOG_SPACE_PX);
    page->grid = gtk_grid_new();
    page->row_count = 0;
    page->labels = labels;
    gtk_container_set_border_width(GTK_CONTAINER(page->box), DIALOG_SPACE_PX);
    gtk_grid_set_row_spacing(GTK_GRID(page->grid), DIALOG_ROW_SPACE_PX);
    gtk_grid_set_column_spacing(GTK_GRID(page->grid), DIALOG_SPACE_PX);
    gtk_box_pack_start(GTK_BOX(page->box), page->grid, FALSE, FALSE, 0);
    gtk_widget_show(page->grid);
    gtk_widget_show(page->box);
    gtk_notebook_append_page(GTK_NOTEBOOK(notebook), page->box, label);
}

GtkWidget *page_add_row(struct page *page, const char *text, GtkWidget *control, GtkWidget *focus,
                        const char *tooltip)
{
    GtkWidget *label = gtk_label_new_with_mnemonic(text);

    gtk_label_set_xalign(GTK_LABEL(label), 0.0);
    if (control != focus && focus != NULL) { /* it may be several lines high */
        gtk_label_set_yalign(GTK_LABEL(label), 0.0);
        gtk_widget_set_margin_top(label, DIALOG_ROW_SPACE_PX);
    }
    gtk_label_set_mnemonic_widget(GTK_LABEL(label), focus != NULL ? focus : control);
    gtk_widget_set_hexpand(control, TRUE);
    gimp_help_set_help_data(focus != NULL ? focus : control, tooltip, NULL);
    gtk_size_group_add_widget(page->labels, label);
    gtk_grid_attach(GTK_GRID(page->grid), label, 0, page->row_count, 1, 1);
    gtk_grid_attach(GTK_GRID(page->grid), control, 1, page->row_count++, 1, 1);
    gtk_widget_show(label);
    gtk_widget_show(control);
    return label;
}

void page_add_below(struct page *page, GtkWidget *widget)
{
    gtk_grid_attach(GTK_GRID(page->grid), widget, 1, page->row_count++, 1, 1);
    gtk_widget_show(widget);
}

GtkWidget *page_add_words(struct page *page, const char *text)
{
    GtkWidget *label = gtk_label_new(text);

    gtk_label_set_xalign(GTK_LABEL(label), 0.0);
    gtk_label_set_line_wrap(GTK_LABEL(label), TRUE);
    gtk_label_set_line_wrap_mode(GTK_LABEL(label), PANGO_WRAP_WORD_CHAR);
    gtk_label_set_width_chars(GTK_LABEL(label), DIALOG_WIDTH_CHARS);
    gtk_label_set_max_width_chars(GTK_LABEL(label), DIALOG_WIDTH_CHARS);
    gtk_box_pack_start(GTK_BOX(page->box), label, FALSE, FALSE, 0);
    gtk_widget_show(label);
    return label;
}
