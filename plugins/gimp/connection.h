/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "Test Connection": what is so with settings, credentials and network, a line for each thing. */
#ifndef PLUGINS_GIMP_CONNECTION_H
#define PLUGINS_GIMP_CONNECTION_H

#include <libgimp/gimpui.h>

#include <imgrecog/settings.h>

#include "plugins/gimp/task_view.h"

/* Who is asked; "" = as environment and files say. */
struct connection {
    const char *endpoint, *profile, *region;
};

/* `*out` is freed with ir_settings_free, after failure too. IR_ERR_ARG: a value is wrong. */
IR_MUST_CHECK int connection_settings(const struct connection *connection, struct ir_settings **out,
                                      struct ir_error *err);

/*
 * Looks, off the main thread, while `view` shows progress, and puts the lines into `box` in place
 * of those that are there. Nothing is sent that costs. A failure of the looking itself is said by
 * `view`.
 */
void connection_test(const struct connection *connection, struct task_view *view, GtkWidget *box);

#endif
