/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The labels task: what is in the picture, and where. Who is asked is a choice: Amazon Rekognition,
 * a model of Amazon Bedrock, a classifier behind a SageMaker endpoint, or a Lambda function.
 */
#ifndef IMGRECOG_LABELS_H
#define IMGRECOG_LABELS_H

#include <imgrecog/client.h>
#include <imgrecog/picture.h>
#include <imgrecog/result.h>

#ifdef __cplusplus
extern "C" {
#endif

#define IR_LABELS_MAX_PROMPT_BYTES 100000U
#define IR_LABELS_MAX_CLASSES 100000U

/* Strings are borrowed during the call; lists are names between commas. */
struct ir_labels_options {
    unsigned version;               /* IR_LABELS_OPTIONS_VERSION, set by the INIT macro */
    double min_confidence_pct;      /* 0..100; Rekognition's own default is 55 */
    unsigned max_labels;            /* 1..1000 distinct labels; instances are not counted */
    bool properties;                /* also IMAGE_PROPERTIES (AWS charges extra for it) */
    bool text;                      /* also DetectText, one more paid request */
    bool faces;                     /* also DetectFaces, one more paid request */
    bool sha256;                    /* put the SHA-256 of the caller's bytes into the document */
    const struct ir_cancel *cancel; /* borrowed; NULL = cannot be cancelled */
    /*
     * Who is asked: "rekognition", "bedrock", "sagemaker:ENDPOINT" or "lambda:FUNCTION" (a name or
     * an ARN); NULL = "rekognition". The three options above and categories are Rekognition's.
     */
    const char *from;
    /* Names that alone are wanted, or are not: at most 100 each. NULL = all. */
    const char *include_labels;
    const char *exclude_labels;
    const char *include_categories;
    const char *exclude_categories;
    int max_dominant_colors; /* 0..20, with `properties`; -1 = as the service likes */
    /*
     * bedrock: who looks, as in ask.h. lambda: which model the function asks, for reckoning its
     * pixels back; NULL = it sees what it is sent.
     */
    const char *model;
    unsigned max_tokens; /* bedrock: of the answer, 1..64,000 */
    /*
     * bedrock, lambda: the question in the caller's own words, whose answer may have any form that
     * a list of labels can have; NULL = ours. Never logged, never stored.
     */
    const char *prompt;
    /*
     * The language of the labels: its name or tag, in UTF-8. Models are asked for it; elsewhere it
     * must be English or stand in the vocabulary. NULL = English.
     */
    const char *language;
    /* sagemaker: what the picture is sent as; NULL = "application/x-image". */
    const char *content_type;
    /*
     * sagemaker: the names of the classes, in the model's order: between commas, or a file with one
     * a line (a value without a comma, or one that begins with '/', './', '../' or '~/'). NULL =
     * "class 0", "class 1", ...
     */
    const char *class_names;
    /*
     * lambda: the bucket through which the picture goes, under `prefix`, a time and a unique part;
     * NULL = inside the event. A picture whose source is s3://bucket/key, and which is sent as it
     * lies there, is read there and not uploaded.
     */
    const char *bucket;
    const char *prefix; /* NULL = "" */
    bool keep_object;   /* leaves it there; else it is deleted when the function has answered */
    /* A vocabulary file (README.md has its grammar): labels become its terms. NULL = none. */
    const char *vocabulary;
    bool vocabulary_only; /* what is none of its terms is left out */
    /* Where no label is as sure as this, in percent, the task fails; 0 = it never does for that. */
    double fail_below_pct;
};
#define IR_LABELS_OPTIONS_VERSION 1U
/* clang-format off */
#define IR_LABELS_OPTIONS_INIT                                                                     \
    {IR_LABELS_OPTIONS_VERSION, 55.0, 100U, false, false, false, true, NULL,                       \
     NULL, NULL, NULL, NULL, NULL, -1, NULL, 4096U, NULL, NULL, NULL, NULL, NULL, NULL, false,     \
     NULL, false, 0.0}
/* clang-format on */

/*
 * Sends `picture` to whom `from` names and waits for labels.
 *
 * rekognition: DetectLabels (and what the options add), inline. Not for pictures over 5,242,880
 * bytes, under 80 or over 10,000 pixels a side.
 * bedrock: one Converse call, held to a form where the model can be and no prompt is given; limits
 * are those of ir_ask. sagemaker: InvokeEndpoint with the picture's bytes, at most 6,291,456; the
 * answer is a list of probabilities by class, or one of names with scores. lambda: Invoke with
 * {"Bucket","Key","prompt"} or {"image": base64, "media_type", "prompt"}, at most 6,291,456 bytes;
 * the answer is text, JSON, or what API Gateway takes ({"statusCode","body"}). These three want the
 * picture upright. What they answer is read as task/labels_read.h describes; boxes in pixels are
 * taken to be of the picture as the model sees it: Claude makes it fit into 1,568 pixels a side and
 * 1,568 patches of 28 x 28, from Claude Opus 4.7 on 2,576 and 4,784.
 *
 * Then, in all of them, what is less sure than min_confidence_pct is left out (what has no
 * confidence stays), names become the vocabulary's, and of sources other than Rekognition the first
 * max_labels names stay. What was asked for and is missing stands in the document's errors.
 *
 * `*out` is the caller's, freed with ir_result_free; untouched on failure.
 * IR_ERR_ARG, IR_ERR_TOO_LARGE: options, a file that they name, or the picture: nothing was sent;
 * IR_ERR_ARG with maybe_served: the model has another number of classes than there are names.
 * IR_ERR_SERVICE: also a function that failed, and with fail_below_pct. IR_ERR_RESPONSE: also an
 * answer that no list of labels can be read from; it was charged. IR_ERR_AUTH, IR_ERR_NET,
 * IR_ERR_TIMEOUT, IR_ERR_THROTTLED, IR_ERR_CANCELLED, IR_ERR_NOMEM. Sources:
 * https://docs.aws.amazon.com/rekognition/latest/APIReference/API_DetectLabels.html
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
 * https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
IR_PUBLIC IR_MUST_CHECK int ir_labels(struct ir_client *client, const struct ir_picture *picture,
                                      const struct ir_labels_options *options,
                                      struct ir_result **out, struct ir_error *err);

/*
 * Judges the options and the files that they name, as ir_labels does first: what would fail for
 * every picture is told before any is read. Sends nothing. IR_ERR_ARG, IR_ERR_TOO_LARGE,
 * IR_ERR_NOMEM.
 */
IR_PUBLIC IR_MUST_CHECK int ir_labels_check(struct ir_client *client,
                                            const struct ir_labels_options *options,
                                            struct ir_error *err);

#ifdef __cplusplus
}
#endif
#endif
