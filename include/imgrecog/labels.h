/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The labels task: what is in the picture, and where. */
#ifndef IMGRECOG_LABELS_H
#define IMGRECOG_LABELS_H

#include <imgrecog/client.h>
#include <imgrecog/picture.h>
#include <imgrecog/result.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ir_labels_options {
    unsigned version;               /* IR_LABELS_OPTIONS_VERSION, set by the INIT macro */
    double min_confidence_pct;      /* 0..100; Rekognition's own default is 55 */
    unsigned max_labels;            /* 1..1000 distinct labels; instances are not counted */
    bool properties;                /* also IMAGE_PROPERTIES (AWS charges extra for it) */
    bool text;                      /* also DetectText, one more paid request */
    bool faces;                     /* also DetectFaces, one more paid request */
    bool sha256;                    /* put the SHA-256 of the caller's bytes into the document */
    const struct ir_cancel *cancel; /* borrowed; NULL = cannot be cancelled */
};
#define IR_LABELS_OPTIONS_VERSION 1U
#define IR_LABELS_OPTIONS_INIT                                                                     \
    {IR_LABELS_OPTIONS_VERSION, 55.0, 100U, false, false, false, true, NULL}

/*
 * Sends `picture` inline to Rekognition DetectLabels (and what the options add) and waits. Not for
 * pictures over 5,242,880 bytes, under 80 or over 10,000 pixels a side: they are refused before
 * anything is sent.
 * `*out` is the caller's, freed with ir_result_free; untouched on failure.
 * IR_ERR_ARG, IR_ERR_TOO_LARGE: options or picture, nothing was sent. IR_ERR_AUTH, IR_ERR_NET,
 * IR_ERR_TIMEOUT, IR_ERR_THROTTLED, IR_ERR_SERVICE, IR_ERR_RESPONSE, IR_ERR_CANCELLED,
 * IR_ERR_NOMEM. Source:
 * https://docs.aws.amazon.com/rekognition/latest/APIReference/API_DetectLabels.html
 */
IR_PUBLIC IR_MUST_CHECK int ir_labels(struct ir_client *client, const struct ir_picture *picture,
                                      const struct ir_labels_options *options,
                                      struct ir_result **out, struct ir_error *err);

#ifdef __cplusplus
}
#endif
#endif
