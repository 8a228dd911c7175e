/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Private folders of the user. */
#ifndef PLUGINS_LOCAL_FOLDER_H
#define PLUGINS_LOCAL_FOLDER_H

#include <limits.h>

#include <imgrecog/error.h>

/*
 * Writes $VARIABLE/imgrecog/NAME, or ~/HOME_PATH/imgrecog/NAME where the variable is not set to an
 * absolute path (https://specifications.freedesktop.org/basedir-spec/latest/). IR_ERR_ARG.
 */
IR_MUST_CHECK int folder_of_user(const char *variable, const char *home_path, const char *name,
                                 char out[PATH_MAX], struct ir_error *err);
/* Makes the folder and those above it (0700) and opens it. Refuses one that belongs to somebody
 * else or that others may write to. IR_ERR_ARG with the reason. */
IR_MUST_CHECK int folder_open_private(const char *path, int *out_fd, struct ir_error *err);

#endif
