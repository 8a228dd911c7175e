/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bar codes and QR codes by ZBar: where they are, of what kind, and what their payload is for. The
 * payloads themselves are not handed out. */
#ifndef PLUGINS_LOCAL_CODES_H
#define PLUGINS_LOCAL_CODES_H

#include <stdbool.h>

#include <imgrecog/geometry.h>

#include "plugins/local/image.h"
#include "plugins/local/payload.h"

#define CODES_SIDE_PX 1568
#define CODES_MAX 64

struct code {
    bool qr;
    double confidence_pct;
    struct ir_box box; /* fractions of the picture */
    enum payload_kind payload;
};

struct code_list {
    struct code items[CODES_MAX];
    int count;
};

/* Takes about 60 ms a million pixels and cannot be stopped on the way. IR_ERR_NOMEM. */
IR_MUST_CHECK int codes_find(const struct gray *gray, struct code_list *out);

#endif
