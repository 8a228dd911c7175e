/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The doctor on the programs that this project is a part of: ImageMagick and GIMP. */
#ifndef PLUGINS_BATCH_DOCTOR_HOSTS_H
#define PLUGINS_BATCH_DOCTOR_HOSTS_H

#include <imgrecog/doctor.h>

/* A line each: is the program there, is the module or plug-in, and does the module load. */
void doctor_look_at_magick(struct ir_doctor *doctor, const struct ir_cancel *cancel);
void doctor_look_at_gimp(struct ir_doctor *doctor);

#endif
