/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The text arguments of a procedure: "" and NULL both mean that nothing is set. */
#ifndef PLUGINS_GIMP_CONFIG_H
#define PLUGINS_GIMP_CONFIG_H

#include <stdbool.h>

#include <libgimp/gimp.h>

/* Whether the procedure has such an argument. */
bool config_has(GimpProcedureConfig *config, const char *name);
/* "" when nothing is set (g_free). */
char *config_text(GimpProcedureConfig *config, const char *name);
bool config_is_set(GimpProcedureConfig *config, const char *name);
/* Sets it to `text` where the procedure has such a text, and nothing is set; NULL and "" change
 * nothing. */
void config_fill(GimpProcedureConfig *config, const char *name, const char *text);

#endif
