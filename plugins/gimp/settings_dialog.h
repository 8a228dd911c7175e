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

/* Lets the user change endpoint, profile, region, models and limits of `config`, and remembers
 * them. `parent` may be NULL; `tests`: tests the connection at once. True when they were accepted.
 */
bool settings_dialog_run(GtkWindow *parent, GimpProcedureConfig *config, bool tests);

GimpProcedure *settings_procedure_create(GimpPlugIn *plug_in);

#endif
