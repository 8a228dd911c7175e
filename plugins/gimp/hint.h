/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What of the core's hints can be done by somebody who sits before GIMP. The core's hints are for
 * every program that it is in, so some name options of the command or variables of a shell. No
 * widget, no GIMP.
 */
#ifndef PLUGINS_GIMP_HINT_H
#define PLUGINS_GIMP_HINT_H

#include <stdbool.h>

/* True when the words name an option, a variable or a command of a terminal's. */
bool hint_is_for_terminal(const char *words);

/*
 * The sentences of `hint` without the clauses that are for a terminal (g_free), each up to its
 * first such clause. "" when nothing is left.
 */
char *hint_for_gimp(const char *hint);

#endif
