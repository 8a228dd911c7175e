/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Names of profiles and regions in AWS's own files, for lists to choose from. Reads nothing else of
 * them: keys stay where they are.
 */
#ifndef PLUGINS_GIMP_AWS_FILES_H
#define PLUGINS_GIMP_AWS_FILES_H

#include <glib.h>

/* Each an array of strings without doubles, in the order of the files, freed with
 * g_ptr_array_unref. Empty when there are no files. */
void aws_files_read(GPtrArray **out_profiles, GPtrArray **out_regions);

#endif
