/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Choosing a model: a combo box whose entry takes any id, and whose list has the models of the
 * account with price and end of life, once the user has asked for it. Nobody is asked before that.
 */
#ifndef PLUGINS_GIMP_MODEL_CHOICE_H
#define PLUGINS_GIMP_MODEL_CHOICE_H

#include <libgimp/gimpui.h>

#include <imgrecog/models.h>

#include "plugins/gimp/connection.h"
#include "plugins/gimp/task_view.h"
#include "plugins/gimp/where.h"

struct model_choice {
    unsigned kinds;   /* bits of enum ir_model_kind */
    GtkWidget *box;   /* all of it */
    GtkWidget *combo; /* with an entry */
    GtkWidget *entry;
    GtkWidget *fill;  /* a button; the owner connects it */
    GtkWidget *words; /* on the model that is chosen */
    GtkListStore *store;
};

/* `name` is for screen readers, `placeholder` what holds without an id. `choice` stays where it is
 * as long as its widgets live. */
void model_choice_init(struct model_choice *choice, unsigned kinds, const char *name,
                       const char *placeholder);
void model_choice_fill(struct model_choice *choice, const struct ir_model_list *list);
/*
 * After another service was chosen, and when a model was set: one that `where` does not have goes
 * out of the entry and comes back with its service. The list was another service's, too.
 */
void model_choice_fit(struct model_choice *choice, enum where where);
/* What is to be kept for good, borrowed: the model in the entry, or where there is none one that
 * was set aside. */
const char *model_choice_kept(const struct model_choice *choice);

/*
 * Asks for the models, off the main thread, while `view` shows progress, and fills `count` choices.
 * Costs nothing. What goes wrong is said by `view`.
 */
void model_choice_ask(const struct connection *connection, struct task_view *view,
                      struct model_choice *const *choices, size_t count);

#endif
