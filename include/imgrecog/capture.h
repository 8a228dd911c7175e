/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The capture task: what was asked and answered, as Amazon SageMaker's Model Monitor records it, so
 * that its tools, and anything else that reads JSON Lines, can watch a model over time. Does no
 * I/O.
 *
 * One inference is one line,
 *     {"captureData":{"endpointInput":{"observedContentType","mode":"INPUT","data","encoding"},
 *                     "endpointOutput":{"observedContentType","mode":"OUTPUT","data","encoding"}},
 *      "eventMetadata":{"eventId","inferenceTime"},"eventVersion":"0"}
 * with the result document as the output's data (JSON in a string). Of a SageMaker endpoint's
 * classifier the labels in it are what Model Monitor's own capture has as an array.
 */
#ifndef IMGRECOG_CAPTURE_H
#define IMGRECOG_CAPTURE_H

#include <imgrecog/client.h>
#include <imgrecog/picture.h>
#include <imgrecog/result.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ir_capture_options {
    unsigned version; /* IR_CAPTURE_OPTIONS_VERSION, set by the INIT macro */
    /*
     * The bytes that were sent of the picture, as BASE64. Without them there is no endpointInput,
     * as where Model Monitor is told to capture outputs only.
     */
    bool with_input;
};
#define IR_CAPTURE_OPTIONS_VERSION 1U
#define IR_CAPTURE_OPTIONS_INIT {IR_CAPTURE_OPTIONS_VERSION, false}

#define IR_CAPTURE_PATH_BYTES 192

/* One event. */
struct ir_capture {
    /*
     * Where it belongs below the prefix, "ENDPOINT/VARIANT/2026/11/21/01/30-59-123-UUID.jsonl", by
     * the time in UTC; no other event has this name. ENDPOINT is who answered (a SageMaker
     * endpoint, a model, "rekognition", "local") in letters, digits and '-'.
     */
    char path[IR_CAPTURE_PATH_BYTES];
    char *line; /* with its line feed; ir_free */
    size_t line_bytes;
};

/*
 * Makes the event of a result that a task returned for `picture`. The time is now. `out->line` is
 * the caller's; `*out` is untouched on failure. IR_ERR_ARG: the options' version; IR_ERR_NOMEM;
 * IR_ERR_TOO_LARGE over 32 MiB. Source:
 * https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-endpoint.html
 */
IR_PUBLIC IR_MUST_CHECK int ir_capture_new(const struct ir_client *client,
                                           const struct ir_result *result,
                                           const struct ir_picture *picture,
                                           const struct ir_capture_options *options,
                                           struct ir_capture *out, struct ir_error *err);

#ifdef __cplusplus
}
#endif

#endif
