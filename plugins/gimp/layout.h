/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What all windows look alike by: spaces, rows of a label and a control as GIMP's own dialogs have
 * them, words that wrap, parts that scroll. Knows no task.
 */
#ifndef PLUGINS_GIMP_LAYOUT_H
#define PLUGINS_GIMP_LAYOUT_H

#include <stdbool.h>

#include <libgimp/gimpui.h>

#define LAYOUT_SPACE_PX 12
#define LAYOUT_ROW_SPACE_PX 6
#define LAYOUT_WIDTH_CHARS 58

/* ---- rows ---- */

struct layout_rows {
    GtkWidget *grid;
    int count;
    GtkSizeGroup *labels; /* borrowed: one column of labels over several grids */
};

/* Makes the grid, which the caller packs. */
void layout_rows_init(struct layout_rows *rows, GtkSizeGroup *labels);
/*
 * Returns the label. Its key for Alt goes to `focus`, or to `control` itself where that is NULL;
 * what is of several lines has its label at the top. `tooltip` may be NULL.
 */
GtkWidget *layout_add_row(struct layout_rows *rows, const char *label_text, GtkWidget *control,
                          GtkWidget *focus, const char *tooltip);
/* Over both columns. */
void layout_add_wide(struct layout_rows *rows, GtkWidget *widget, const char *tooltip);
/* In the column of controls. */
void layout_add_below(struct layout_rows *rows, GtkWidget *widget);

/* ---- words ---- */

/* A label that wraps, as wide as the windows are. `text` may be NULL. */
GtkWidget *layout_new_words(const char *text);
/* The same for the column of controls, as wide as there is room. */
GtkWidget *layout_new_words_beside(const char *text);
/* As the first, of which a part can be copied; the keyboard passes it by. */
GtkWidget *layout_new_words_to_copy(const char *text);
void layout_make_bold(GtkWidget *label);

/* ---- windows ---- */

/*
 * Before it is shown: at the right edge of the screen where the pointer is, for what stays open
 * while the picture changes, or is selected in. From the top, since an answer makes it higher.
 * Where windows may not place themselves (Wayland), the desktop does as it likes.
 */
void layout_place_at_edge(GtkWindow *window);

/* ---- parts that scroll ---- */

/* A frame around `child`, at least so high. */
GtkWidget *layout_new_scrolled(GtkWidget *child, int least_height_px);
/* A multi-line text. `*out_scrolled` is what is packed. */
GtkWidget *layout_new_text(int height_px, bool is_editable, GtkWidget **out_scrolled);
char *layout_text_of(GtkWidget *text_view); /* g_free */
void layout_set_text(GtkWidget *text_view, const char *text);

/* Destroys what it holds. */
void layout_empty(GtkWidget *container);

#endif
