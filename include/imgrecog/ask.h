/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ask task: any question about a picture, answered by a model in words. */
#ifndef IMGRECOG_ASK_H
#define IMGRECOG_ASK_H

#include <imgrecog/client.h>
#include <imgrecog/picture.h>
#include <imgrecog/result.h>

#ifdef __cplusplus
extern "C" {
#endif

#define IR_ASK_MAX_QUESTION_BYTES 100000U

struct ir_ask_options {
    unsigned version;     /* IR_ASK_OPTIONS_VERSION, set by the INIT macro */
    const char *question; /* UTF-8, at most IR_ASK_MAX_QUESTION_BYTES; never logged, never stored */
    /*
     * A Bedrock model's id, an inference profile's id or an ARN; NULL = the preset (of
     * endpoint=local: the describer on this machine). A bare id gets the prefix of the region's
     * inference profile where the model needs one.
     */
    const char *model;
    unsigned max_tokens; /* of the answer, 1..64,000 */
    bool sha256;         /* put the SHA-256 of the caller's bytes into the document */
    /* Told each piece of the answer as it comes, in the calling thread, not terminated; NULL = the
     * answer is waited for as a whole. What it was told is void when the task fails. */
    void (*on_text)(void *context, const char *text, size_t bytes);
    void *text_context;
    const struct ir_cancel *cancel; /* borrowed; NULL = cannot be cancelled */
};
#define IR_ASK_OPTIONS_VERSION 1U
#define IR_ASK_OPTIONS_INIT {IR_ASK_OPTIONS_VERSION, NULL, NULL, 4096U, true, NULL, NULL, NULL}

/*
 * Sends `picture` and the question to a model by Bedrock's Converse and waits; one paid request,
 * which is not repeated once it may have been served (err->maybe_served). Not for pictures that lie
 * turned in their file, over 3.75 MB or 8,000 pixels a side: they are refused before anything is
 * sent. An answer that was cut off at max_tokens, refused by the model or withheld by a guardrail
 * is IR_ERR_SERVICE, with maybe_served set: it was charged.
 * `*out` is the caller's, freed with ir_result_free; untouched on failure.
 * IR_ERR_ARG, IR_ERR_TOO_LARGE: options or picture, nothing was sent. IR_ERR_AUTH, IR_ERR_NET,
 * IR_ERR_TIMEOUT, IR_ERR_THROTTLED, IR_ERR_SERVICE, IR_ERR_RESPONSE, IR_ERR_CANCELLED,
 * IR_ERR_NOMEM. Source:
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
 */
IR_PUBLIC IR_MUST_CHECK int ir_ask(struct ir_client *client, const struct ir_picture *picture,
                                   const struct ir_ask_options *options, struct ir_result **out,
                                   struct ir_error *err);

#ifdef __cplusplus
}
#endif
#endif
