/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The plug-in's procedures as plugin.c registers them: one file for each, one function that makes
 * it. All of this directory runs on GIMP's main thread except what job.h says.
 */
#ifndef PLUGINS_GIMP_PLUGIN_H
#define PLUGINS_GIMP_PLUGIN_H

#include <libgimp/gimp.h>

/* The name of the program: for gimp_ui_init and where GIMP asks who is speaking. */
#define PLUGIN_BINARY "imgrecog"
#define PLUGIN_MENU_PATH "<Image>/Filters/Image Recognition"

#define LABELS_PROCEDURE "imgrecog-labels"
GimpProcedure *labels_procedure_create(GimpPlugIn *plug_in, const char *name);

#endif
