/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pixels of a host to JPEG bytes fit to send: the size is chosen here, the host scales and converts
 * (it knows its own pixels best), libjpeg writes. Calls no service.
 */
#ifndef PLUGINS_COMMON_ENCODE_H
#define PLUGINS_COMMON_ENCODE_H

#include <stdbool.h>
#include <stddef.h>

#include <imgrecog/error.h>

/* What the receiving service takes. */
struct encode_limits {
    int max_side_px;
    int min_side_px;
    size_t max_bytes;
    bool upright; /* looks at the samples as they are stored: an orientation must be applied */
};

/* Rekognition DetectLabels, inline (facts with sources stand in encode.c). */
extern const struct encode_limits encode_limits_rekognition;
/* Models of Bedrock that look at a picture, up to the edge beyond which they make it smaller. */
extern const struct encode_limits encode_limits_converse;
/* What both of these take, for a picture that goes to both. */
extern const struct encode_limits encode_limits_check;
/* A classifier behind a SageMaker endpoint. */
extern const struct encode_limits encode_limits_sagemaker;
/* A Lambda function, inside its event; it hands the picture to a model, most likely. */
extern const struct encode_limits encode_limits_lambda;
/* Of the service that labels come from, by the setting `from` (imgrecog/labels.h). */
const struct encode_limits *encode_limits_labels(const char *from);
/* Stability's image services. */
extern const struct encode_limits encode_limits_generate;

/*
 * Fills `rgb` (width_px * height_px * 3 bytes, rows without gaps, 8-bit sRGB, upright, alpha over
 * white) with the whole picture scaled to this size. Never asked for a larger size than the
 * picture's own. Returns 0 or a negative code with `err` filled.
 */
typedef int (*encode_fetch_fn)(void *host, int width_px, int height_px, unsigned char *rgb,
                               struct ir_error *err);

/*
 * Asks `fetch` for the picture (upright size width_px x height_px) as large as the limits allow and
 * encodes it; shrinks and tries again, a bounded number of times, when the JPEG is over max_bytes.
 * `*out_jpeg` is the caller's, freed with free().
 * IR_ERR_TOO_LARGE: cannot be made to fit. IR_ERR_ARG: a side is under min_side_px.
 */
IR_MUST_CHECK int encode_jpeg(int width_px, int height_px, const struct encode_limits *limits,
                              encode_fetch_fn fetch, void *host, unsigned char **out_jpeg,
                              size_t *out_bytes, struct ir_error *err);

#endif
