/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A procedure of GIMP's out of its description: arguments, return values, and its three ways of
 * being run: with a dialog, silently by a script, and silently with the values of the last dialog.
 */
#ifndef PLUGINS_GIMP_PROCEDURE_H
#define PLUGINS_GIMP_PROCEDURE_H

#include "plugins/gimp/task.h"

GimpProcedure *procedure_create(GimpPlugIn *plug_in, const struct task_kind *kind);

/* For arguments that must not get into images or files of GIMP's: see remember.h. */
#define PROCEDURE_PRIVATE (G_PARAM_READWRITE | GIMP_PARAM_DONT_SERIALIZE)

/* What every procedure says of who made it and where it stands. */
void procedure_describe(GimpProcedure *procedure, const char *menu_label, const char *icon,
                        const char *blurb, const char *help);

/* Arguments endpoint, profile, region and monthly-limit. */
void procedure_add_connection(GimpProcedure *procedure);
/* Of procedures that send pictures to be looked at. */
void procedure_add_precheck(GimpProcedure *procedure);

#endif
