/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Saying in a picture's own metadata that a machine made it: XMP in a PNG. Source:
 * https://www.iptc.org/std/photometadata/specification/IPTC-PhotoMetadata (DigitalSourceType and,
 * since 2025.1, the four AI fields); values from
 * http://cv.iptc.org/newscodes/digitalsourcetype/
 */
#ifndef CORE_TASK_DISCLOSURE_H
#define CORE_TASK_DISCLOSURE_H

#include "core/base/buf.h"

enum ir_made_by {
    IR_MADE_BY_MODEL,           /* trainedAlgorithmicMedia */
    IR_MADE_BY_MODEL_AND_OTHER, /* compositeWithTrainedAlgorithmicMedia: from a given picture */
    IR_MADE_BY_ALGORITHM,       /* algorithmicMedia: drawn, not learnt */
};

/* The size of a PNG that stands in its header. IR_ERR_RESPONSE: not a PNG. */
IR_MUST_CHECK int ir_disclosure_size(const unsigned char *png, size_t png_bytes, int *out_width_px,
                                     int *out_height_px, struct ir_error *err);

struct ir_disclosure {
    enum ir_made_by made_by;
    const char *system;        /* for people: "Stable Image Core on Amazon Bedrock" */
    const char *version;       /* the model's id */
    const char *prompt;        /* AIPromptInformation; NULL = kept to the user */
    const char *prompt_writer; /* AIPromptWriterName; NULL = left out */
};

/*
 * Appends to `out` the PNG with an XMP packet behind its header, in place of one that is there.
 * IR_ERR_RESPONSE: not a PNG, or cut off; IR_ERR_NOMEM; IR_ERR_TOO_LARGE.
 */
IR_MUST_CHECK int ir_disclosure_add(const unsigned char *png, size_t png_bytes,
                                    const struct ir_disclosure *disclosure, struct ir_buf *out,
                                    struct ir_error *err);

#endif
