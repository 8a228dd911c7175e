/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * "Settings": who is asked and with which account, for all dialogs. No key is typed in or stored:
 * profiles of ~/.aws are chosen by name.
 */
#ifndef PLUGINS_GIMP_SETTINGS_DIALOG_H
#define PLUGINS_GIMP_SETTINGS_DIALOG_H

#include <stdbool.h>

#include <libgimp/gimpui.h>

#define SETTINGS_PROCEDURE "imgrecog-settings"

/* Lets the user change endpoint, profile and region of `config`, and remembers them. `parent` may
 * be NULL. True when they were accepted. */
bool settings_dialog_run(GtkWindow *parent, GimpProcedureConfig *config);

GimpProcedure *settings_procedure_create(GimpPlugIn *plug_in);

#endif
