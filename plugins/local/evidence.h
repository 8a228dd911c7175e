/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the recognisers found in one picture, and which of them came to an end. What is not in
 * `finished` is unknown, which is not the same as absent.
 */
#ifndef PLUGINS_LOCAL_EVIDENCE_H
#define PLUGINS_LOCAL_EVIDENCE_H

#include <stdint.h>

#include "plugins/local/cascade.h"
#include "plugins/local/codes.h"
#include "plugins/local/faces.h"
#include "plugins/local/image.h"
#include "plugins/local/text.h"

enum recogniser {
    LOOK_FACES = 1,
    LOOK_TEXT = 2,
    LOOK_CODES = 4,
};

/* Shared by all requests; the cascade does not change, the reader is a pool. */
struct recognisers {
    const struct cascade *cascade;
    struct text_reader *reader;
    long deadline_ms; /* for one picture */
};

struct evidence {
    unsigned wanted;   /* LOOK_... */
    unsigned finished; /* LOOK_... */
    int64_t deadline_ms;
    struct face_list faces; /* in pixels of a picture of faces_width_px x faces_height_px */
    int faces_width_px;
    int faces_height_px;
    struct text_page text;
    struct code_list codes;
};

/* Runs the recognisers of `wanted`, text beside the others. What ran out of time or memory is not
 * in `finished`. */
void evidence_gather(const struct recognisers *recognisers, const struct image *image,
                     unsigned wanted, struct evidence *out);
void evidence_release(struct evidence *evidence);

/* The face's box in fractions of the picture. */
struct ir_box evidence_face_box(const struct evidence *evidence, int face_index);

#endif
