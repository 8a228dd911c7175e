/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Last values of arguments that must not get into the user's images.
 *
 * GIMP keeps a procedure's last values in a file and also in a parasite of the image, which goes
 * into the XCF, and reads them back from there. An endpoint or a profile name would be given away
 * with the image, and an image from somebody else could say where the next picture is sent. Such
 * arguments carry GIMP_PARAM_DONT_SERIALIZE. Who is asked (endpoint, profile, region, models), what
 * it may cost and the bucket are kept in the user's gimprc, once for all procedures; words
 * (prompts, questions) are not: words.h has them, as long as GIMP runs.
 */
#ifndef PLUGINS_GIMP_REMEMBER_H
#define PLUGINS_GIMP_REMEMBER_H

#include <stdbool.h>

#include <libgimp/gimp.h>

/* Whether the user is asked once more before anything leaves this computer. */
#define REMEMBER_ASK_FIRST "ask-first"
/* By what the user covered last in the dialog of the check; the procedure's own argument says what
 * its last run did, and that covers nothing where only a verdict was wanted. */
#define REMEMBER_REDACT_BY "redact-by"

/* Sets those arguments that are still "" to what was saved. */
void remember_load(GimpProcedureConfig *config);
/* After a run: endpoint, profile, region, monthly limit and bucket. */
void remember_save(GimpProcedureConfig *config);
/* Of the settings: the models and the precheck, too. */
void remember_save_all(GimpProcedureConfig *config);

/* "" when nothing was saved (g_free). */
char *remember_get(const char *name);
void remember_set(const char *name, const char *value);
bool remember_is_true(const char *name);
void remember_set_true(const char *name, bool is_true);

#endif
