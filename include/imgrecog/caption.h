/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The caption task: a picture in words, for people, for search and for screen readers. */
#ifndef IMGRECOG_CAPTION_H
#define IMGRECOG_CAPTION_H

#include <imgrecog/client.h>
#include <imgrecog/picture.h>
#include <imgrecog/result.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ir_caption_options {
    unsigned version;     /* IR_CAPTION_OPTIONS_VERSION, set by the INIT macro */
    const char *model;    /* as in ask.h */
    const char *language; /* its name or tag, in UTF-8: "English", "Korean", "ko", "français" */
    const char *context;  /* what is known already: title, keywords, place; NULL = nothing */
    /*
     * From the picture's three surest Rekognition labels instead of the picture: the model sees
     * three words and no pixel. Cheaper, and says no more than those words.
     */
    bool from_labels;
    unsigned max_tokens; /* of the whole answer, 1..64,000 */
    bool sha256;         /* put the SHA-256 of the caller's bytes into the document */
    /* Told the caption's words as they come, in the calling thread, not terminated; NULL = nobody.
     * Void when the task fails. */
    void (*on_text)(void *context, const char *text, size_t bytes);
    void *text_context;
    const struct ir_cancel *cancel; /* borrowed; NULL = cannot be cancelled */
};
#define IR_CAPTION_OPTIONS_VERSION 1U
#define IR_CAPTION_OPTIONS_INIT                                                                    \
    {IR_CAPTION_OPTIONS_VERSION, NULL, "English", NULL, false, 1024U, true, NULL, NULL, NULL}

/*
 * Asks a Bedrock model for caption, alt text, title and keywords of `picture` in one request (two
 * with from_labels). Limits, codes and ownership are those of ir_ask. IR_ERR_RESPONSE also when the
 * model's answer has no caption in it. An alt text of more than 125 characters and a title of more
 * than eight words are kept whole, and told among the document's errors.
 */
IR_PUBLIC IR_MUST_CHECK int ir_caption(struct ir_client *client, const struct ir_picture *picture,
                                       const struct ir_caption_options *options,
                                       struct ir_result **out, struct ir_error *err);

#ifdef __cplusplus
}
#endif
#endif
