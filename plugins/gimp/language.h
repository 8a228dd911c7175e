/* SPDX-License-Identifier: GPL-3.0-or-later */
/* In which language a model is to write. */
#ifndef PLUGINS_GIMP_LANGUAGE_H
#define PLUGINS_GIMP_LANGUAGE_H

#include <imgrecog/settings.h>

#include "plugins/gimp/layout.h"

#define ARG_LANGUAGE "language"

/* Sets that of GIMP's own words where nobody has named another than the preset. `settings`:
 * environment and files, may be NULL. */
void language_prefer(GimpProcedureConfig *config, const struct ir_settings *settings);
/* A list, in which any other can be typed. Its key for Alt is L. */
void language_add_row(struct layout_rows *rows, GimpProcedureConfig *config);

#endif
