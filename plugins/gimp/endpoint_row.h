/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * "Service:" and "Address:": who is asked, AWS, this computer or an address, as one text that the
 * setting `endpoint` takes. Its keys for Alt are V and A.
 */
#ifndef PLUGINS_GIMP_ENDPOINT_ROW_H
#define PLUGINS_GIMP_ENDPOINT_ROW_H

#include "plugins/gimp/layout.h"

#define ENDPOINT_AWS "aws"
#define ENDPOINT_LOCAL "local"

struct endpoint_row {
    GtkWidget *where; /* a combo box */
    GtkWidget *address, *address_label;
};

/* Adds the rows. `aws` is what AWS is called; `beside` (may be NULL) stands behind the choice. */
void endpoint_row_init(struct endpoint_row *row, struct layout_rows *rows, const char *aws,
                       GtkWidget *beside);
/* Calls `changed` with `context` whenever the user, or endpoint_row_set, has changed something. */
void endpoint_row_connect(struct endpoint_row *row, void (*changed)(void *context), void *context);
/* NULL is an address that is not entered yet. */
void endpoint_row_set(struct endpoint_row *row, const char *endpoint);
/* Borrowed; "" where the address is not entered yet. */
const char *endpoint_row_get(const struct endpoint_row *row);
bool endpoint_row_is_local(const struct endpoint_row *row);

#endif
