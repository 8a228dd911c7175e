/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where settings stand, for the doctor; the public half is imgrecog/settings.h. */
#ifndef CORE_TASK_SETTINGS_H
#define CORE_TASK_SETTINGS_H

#include <imgrecog/settings.h>

struct ir_buf;
struct ir_world;

#define IR_SETTINGS_FILE "imgrecog/config" /* below IR_USER_CONFIG */
#define IR_SETTINGS_MAX_FILE_BYTES (64U * 1024)
#define IR_SETTING_VARIABLE_PREFIX "IMGRECOG_"
#define IR_SETTING_VARIABLE_BYTES 80

/* The environment's name of a setting: "IMGRECOG_MAX_LABELS". `setting_index` is one that exists.
 */
void ir_setting_variable(size_t setting_index, char out[IR_SETTING_VARIABLE_BYTES]);

/* Puts the file's path and text into the two, as far as there is one; as the world's read_file. */
int ir_settings_read_file(const struct ir_world *world, struct ir_buf *path, struct ir_buf *text,
                          bool *out_missing, struct ir_error *err);

#define IR_SETTINGS_SERVICE "settings" /* in messages */
#define IR_SETTING_MAX_KEY_BYTES 64
#define IR_SETTING_MAX_SHOWN_BYTES 80 /* of a wrong key or value, in a message */

/* IR_ERR_ARG: `key` of `origin` is no setting of `tasks`. Names the one that was meant, by its
 * spelling, or those that there are. */
int ir_settings_fail_unknown(unsigned tasks, const char *key, const char *origin,
                             struct ir_error *err);

#endif
