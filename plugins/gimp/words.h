/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The private words that Repeat needs again: a prompt, and the key of an object. GIMP keeps them
 * for this plug-in while it runs, and writes them nowhere (see remember.h for what would happen
 * else).
 */
#ifndef PLUGINS_GIMP_WORDS_H
#define PLUGINS_GIMP_WORDS_H

#include <libgimp/gimp.h>

#define ARG_KEY "key" /* of an object */

/* Sets what is still "" to what was kept of this procedure. */
void words_load(GimpProcedure *procedure, GimpProcedureConfig *config);
void words_keep(GimpProcedure *procedure, GimpProcedureConfig *config);

#endif
