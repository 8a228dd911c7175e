/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The plug-in's procedures as plugin.c registers them: one description (task.h) for each. All of
 * this directory runs on GIMP's main thread except what job.h says.
 */
#ifndef PLUGINS_GIMP_PLUGIN_H
#define PLUGINS_GIMP_PLUGIN_H

#include <libgimp/gimp.h>

struct task_kind;

/* The name of the program: for gimp_ui_init and where GIMP asks who is speaking. */
#define PLUGIN_BINARY "imgrecog"

extern const struct task_kind labels_kind;
extern const struct task_kind caption_kind;
extern const struct task_kind ask_kind;
extern const struct task_kind check_kind;
extern const struct task_kind generate_kind;
extern const struct task_kind upload_kind;

#endif
