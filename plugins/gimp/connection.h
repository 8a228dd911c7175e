/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "Test Connection": what is so with settings, credentials and network, a line for each thing. */
#ifndef PLUGINS_GIMP_CONNECTION_H
#define PLUGINS_GIMP_CONNECTION_H

#include <libgimp/gimpui.h>

#include "plugins/gimp/task_view.h"

/* What is to be tried; "" = as environment and files say. */
struct connection {
    const char *endpoint, *profile, *region;
};

/*
 * Looks, off the main thread, while `view` shows progress, and puts the lines into `box` in place
 * of those that are there. Nothing is sent that costs. A failure of the looking itself is said by
 * `view`.
 */
void connection_test(const struct connection *connection, struct task_view *view, GtkWidget *box);

#endif
