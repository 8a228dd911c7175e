/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The stand-ins for image models: they answer in the shapes of SDXL 1.0 and of Stability's image
 * models with a picture that says of itself that nothing was generated, so that the way of a
 * picture into an image editor's layers can be tried without a cloud.
 */
#ifndef PLUGINS_LOCAL_STANDIN_H
#define PLUGINS_LOCAL_STANDIN_H

#include "core/base/json.h"
#include "plugins/local/answer.h"
#include "plugins/local/raster.h"

#define STANDIN_SDXL "imgrecog.local-standin-sdxl-v1"
#define STANDIN_IMAGE "imgrecog.local-standin-image-v1"

/* Writes the answer for a body of each shape. ValidationException for what is out of range or not
 * drawn here. */
IR_MUST_CHECK int standin_sdxl(const struct ir_json_value *body, struct answer *answer,
                               struct ir_error *err);
IR_MUST_CHECK int standin_image(const struct ir_json_value *body, struct answer *answer,
                                struct ir_error *err);

/* ---- shared by both shapes --------------------------------------------------------------- */

enum standin_mask {
    STANDIN_MASK_NONE,
    STANDIN_MASK_WHITE, /* white is painted */
    STANDIN_MASK_BLACK,
    STANDIN_MASK_ALPHA, /* where the base is transparent */
};

struct standin {
    struct ir_buf prompt;
    double seed;
    int width_px;
    int height_px;
    struct raster base; /* rgba NULL: none */
    struct raster mask;
    enum standin_mask mask_kind;
    double base_part; /* how much of the base is seen, 0..1 */
};

void standin_init(struct standin *standin);
void standin_release(struct standin *standin);
/* A base64 member as a picture; NULL stays none. */
IR_MUST_CHECK int standin_read_picture(const struct ir_json_value *body, const char *member,
                                       struct raster *out, struct ir_error *err);
/* A number with a range; absent: `*out` stays. */
IR_MUST_CHECK int standin_read_number(const struct ir_json_value *body, const char *member,
                                      double minimum, double maximum, double *out,
                                      struct ir_error *err);
/* Draws, applies the mask, and appends the PNG as base64. */
IR_MUST_CHECK int standin_paint(struct standin *standin, struct ir_buf *out_base64,
                                struct ir_error *err);

#endif
