/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Last values of arguments that must not get into the user's images.
 *
 * GIMP keeps a procedure's last values in a file and also in a parasite of the image, which goes
 * into the XCF, and reads them back from there. An endpoint or a profile name would be given away
 * with the image, and an image from somebody else could say where the next picture is sent. Such
 * arguments carry GIMP_PARAM_DONT_SERIALIZE. Who is asked (endpoint, profile, region) and
 * the bucket are kept in the user's gimprc, once for all procedures; words (prompts, questions) are
 * kept nowhere.
 */
#ifndef PLUGINS_GIMP_REMEMBER_H
#define PLUGINS_GIMP_REMEMBER_H

#include <libgimp/gimp.h>

/* Sets those of endpoint, profile, region, monthly limit and bucket that are still "" to what was
 * saved. */
void remember_load(GimpProcedureConfig *config);
void remember_save(GimpProcedureConfig *config);

#endif
