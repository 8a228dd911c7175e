/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Hiding places of a picture for good. Not one sample of a place enters what is put there: a mosaic
 * and a blur are made from the colours around it, so there is nothing that could be recovered.
 * For front ends that stand on MagickCore.
 */
#ifndef PLUGINS_COMMON_REDACT_H
#define PLUGINS_COMMON_REDACT_H

#include <MagickCore/MagickCore.h>

#include <imgrecog/error.h>
#include <imgrecog/geometry.h>

enum redact_action {
    REDACT_BLUR,     /* the colours around the place, run together, a shade off */
    REDACT_PIXELATE, /* the same as a mosaic */
    REDACT_FILL,     /* black */
    REDACT_CROP,     /* the largest part of the picture in which no place lies is kept */
};

#define REDACT_MAX_CROP_PLACES 200

/*
 * Hides `box_count` places of `*io_image` (boxes of the upright picture), each made larger on all
 * sides by `margin_frac` of its shorter side and at least 4 pixels. Places are opaque afterwards;
 * masks of ImageMagick's that would protect pixels are taken off. A palette becomes direct colour.
 * With REDACT_CROP `*io_image` is replaced by a new image and the old one stays the caller's, too.
 * On failure the image may be hidden in part, or wholly where `box_count` is very large.
 * IR_ERR_ARG: nothing would be left (REDACT_CROP), or ImageMagick's pixel cache failed.
 * IR_ERR_TOO_LARGE: over REDACT_MAX_CROP_PLACES to be cut away. IR_ERR_NOMEM.
 */
IR_MUST_CHECK int redact(Image **io_image, enum redact_action action, double margin_frac,
                         const struct ir_box *boxes, size_t box_count, struct ir_error *err);

#endif
