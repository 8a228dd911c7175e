/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The controls of the settings' window and what is entered in them. */
#ifndef PLUGINS_GIMP_SETTINGS_FORM_H
#define PLUGINS_GIMP_SETTINGS_FORM_H

#include "plugins/gimp/connection.h"
#include "plugins/gimp/endpoint_row.h"
#include "plugins/gimp/model_choice.h"

struct settings_form {
    GtkWidget *notebook; /* all of it but the box below */
    GtkSizeGroup *labels;
    struct endpoint_row endpoint;
    GtkWidget *profile, *region; /* combo boxes with an entry */
    char *preset_endpoint;       /* what is in force where nothing is set here; NULL = it is set */
    struct model_choice words_model, image_model;
    GtkWidget *limit, *precheck, *ask_first;
    GtkWidget *test;  /* a button */
    GtkWidget *lines; /* for what came of it: on no page, since each is as high as the highest */
};

/* Makes the widgets, to which the form then belongs: it stays where it is as long as they live. */
void settings_form_init(struct settings_form *form);
/* Shows what is set. */
void settings_form_show(struct settings_form *form, GimpProcedureConfig *config);
/* After another service was chosen: takes out what it does not have. */
void settings_form_fit(struct settings_form *form);
/* Sets what is shown, in `config` and for good. */
void settings_form_accept(const struct settings_form *form, GimpProcedureConfig *config);
/* Borrowed from the form. */
struct connection settings_form_connection(const struct settings_form *form);
/* Whether a client could be made of what is entered; nothing is sent for that. IR_ERR_ARG. */
IR_MUST_CHECK int settings_form_try(const struct settings_form *form, struct ir_error *err);
/* Whether the service can have the models that are entered. IR_ERR_ARG. */
IR_MUST_CHECK int settings_form_check_models(const struct settings_form *form,
                                             struct ir_error *err);

#endif
