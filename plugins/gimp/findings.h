/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The findings of a check as a list: a box to tick for what has a place, a small picture of it, and
 * words. Choosing lines selects their places in the image; where that is not any more what was
 * checked, the dialog says so.
 */
#ifndef PLUGINS_GIMP_FINDINGS_H
#define PLUGINS_GIMP_FINDINGS_H

#include "plugins/gimp/dialog.h"

struct findings {
    GtkWidget *box; /* all of it; hidden where nothing was found */
    GtkListStore *store;
    struct dialog *dialog; /* borrowed; updated when a tick changes */
    struct task *task;     /* borrowed; NULL before the first check */
    bool is_looking;       /* at the image, whether it is what was checked */
};

/* `findings` stays where it is as long as its widgets live. */
void findings_init(struct findings *findings, struct dialog *dialog);
/* `task` is a check that has its result. */
void findings_show(struct findings *findings, struct task *task);
/* The places of ticked lines, in the image's pixels; `*out_count` may be 0 (g_free). */
struct ir_rect *findings_ticked(const struct findings *findings, size_t *out_count);

#endif
