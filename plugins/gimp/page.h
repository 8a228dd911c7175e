/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A page of a notebook with rows of a label and a control, as GIMP's own preferences have them. */
#ifndef PLUGINS_GIMP_PAGE_H
#define PLUGINS_GIMP_PAGE_H

#include <libgimp/gimpui.h>

struct page {
    GtkWidget *box; /* all of it, vertical */
    GtkWidget *grid;
    int row_count;
    GtkSizeGroup *labels; /* borrowed: one column of labels over all pages */
};

/* Adds a page to the end of the notebook. */
void page_init(struct page *page, GtkWidget *notebook, const char *tab, GtkSizeGroup *labels);
/* Returns the label. The mnemonic goes to `focus`, or to `control` itself where that is NULL. */
GtkWidget *page_add_row(struct page *page, const char *text, GtkWidget *control, GtkWidget *focus,
                        const char *tooltip);
/* Below the controls of the rows. */
void page_add_below(struct page *page, GtkWidget *widget);
/* Below the rows, over the whole width; `text` wraps. */
GtkWidget *page_add_words(struct page *page, const char *text);

#endif
