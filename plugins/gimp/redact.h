/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Making parts of the picture unrecognisable: on a layer of their own above the picture, which
 * stays as it is below, or in a flattened copy that holds nothing else.
 */
#ifndef PLUGINS_GIMP_REDACT_H
#define PLUGINS_GIMP_REDACT_H

#include <libgimp/gimp.h>

#include <imgrecog/error.h>
#include <imgrecog/geometry.h>

#include "plugins/common/cover.h"

enum redact_how { REDACT_NONE, REDACT_PIXELATE, REDACT_BLUR, REDACT_FILL };

/*
 * Whether an image still shows what the places are of, but for those that are covered: `covered` of
 * its pixels are since, NULL = none. IR_ERR_ARG: it does not. The main loop may turn.
 */
typedef int (*redact_check_fn)(void *context, GimpImage *image, const struct cover_places *covered,
                               struct ir_error *err);

/* What is to be hidden, and how. */
struct redact_wish {
    const struct ir_rect *rects; /* of the image's own pixels, inside it; borrowed */
    size_t count;
    double margin_frac; /* see cover_places_add */
    enum redact_how how;
    redact_check_fn check; /* asked of what is used, at the time when it is used; NULL = not */
    void *context;
};

/*
 * Adds a layer on top that covers the places of `wish` (at least one); one undo step; what the user
 * had selected stays. It holds nothing of what it covers. The user may edit the image meanwhile, so
 * `wish->check` is asked right before the layer is put, and once more with it in place, told what
 * it covers. IR_ERR_ARG: GIMP refused, or the image was closed or changed; the layer is gone again
 * then. IR_ERR_NOMEM.
 */
IR_MUST_CHECK int redact_add_layer(GimpImage *image, const struct redact_wish *wish,
                                   struct ir_error *err);

/*
 * A new image of what the layers of `image` show, RGB in place of indexed: one layer without alpha,
 * in which the places of `wish` (maybe none) are redacted, profile and resolution, and nothing
 * else. `image` is not changed. `wish->check` is asked of what was copied. IR_ERR_ARG: GIMP
 * refused, or the image was closed or changed meanwhile. IR_ERR_NOMEM.
 */
IR_MUST_CHECK int redact_make_copy(GimpImage *image, const struct redact_wish *wish,
                                   GimpImage **out, struct ir_error *err);

#endif
