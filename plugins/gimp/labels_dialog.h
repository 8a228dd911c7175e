/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The dialog of "Detect Labels": its fields, and what it says before anything is sent. */
#ifndef PLUGINS_GIMP_LABELS_DIALOG_H
#define PLUGINS_GIMP_LABELS_DIALOG_H

#include <libgimp/gimpui.h>

/*
 * Runs the dialog until labels are in the image or the user gives up; errors are shown in it and
 * can be corrected there. Returns GIMP_PDB_SUCCESS, with the result document in `*out_json`
 * (g_free), or GIMP_PDB_CANCEL.
 */
GimpPDBStatusType labels_dialog_run(GimpProcedure *procedure, GimpProcedureConfig *config,
                                    GimpImage *image, char **out_json);

#endif
