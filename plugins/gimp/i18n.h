/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Words for people, translated: _("…") where they are used, N_("…") where they only stand in a
 * table. The catalogues are in imgrecog/po; what the core says of errors is not among them.
 */
#ifndef PLUGINS_GIMP_I18N_H
#define PLUGINS_GIMP_I18N_H

#define GETTEXT_PACKAGE "imgrecog"
#define I18N_CATALOG_DIR "po" /* beside the program, where GIMP looks for it */

#include <glib/gi18n-lib.h>

/* The two words of P_, where they only stand in a table. */
#define NP_(one, many) one, many

/* For a number of things: one, or any other number. */
#define P_(one, many, count) g_dngettext(GETTEXT_PACKAGE, one, many, (gulong)(count))

#endif
