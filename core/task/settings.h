/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where settings stand, for the doctor; the public half is imgrecog/settings.h. */
#ifndef CORE_TASK_SETTINGS_H
#define CORE_TASK_SETTINGS_H

#include <imgrecog/settings.h>

#define IR_SETTINGS_FILE "imgrecog/config" /* below IR_USER_CONFIG */
#define IR_SETTING_VARIABLE_PREFIX "IMGRECOG_"
#define IR_SETTING_VARIABLE_BYTES 80

/* The environment's name of a setting: "IMGRECOG_MAX_LABELS". `setting_index` is one that exists.
 */
void ir_setting_variable(size_t setting_index, char out[IR_SETTING_VARIABLE_BYTES]);

#endif
