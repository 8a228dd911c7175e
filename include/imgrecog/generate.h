/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The generate task: a picture from words, or from words and pictures. */
#ifndef IMGRECOG_GENERATE_H
#define IMGRECOG_GENERATE_H

#include <imgrecog/client.h>
#include <imgrecog/picture.h>
#include <imgrecog/result.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A number that is not given: the model's own value counts. */
#define IR_GENERATE_UNSET (-1.0)

#define IR_GENERATE_MAX_PROMPTS 8U
#define IR_GENERATE_MAX_WEIGHT 10.0

/* A prompt beside the first, whose weight is 1; below 0 it is what is not wanted. */
struct ir_generate_prompt {
    const char *text;
    double weight; /* -IR_GENERATE_MAX_WEIGHT..IR_GENERATE_MAX_WEIGHT */
};

/*
 * Borrowed. NULL, 0 and IR_GENERATE_UNSET are left out. What a model does not take is refused by
 * name, never ignored. Pictures must lie upright in their files: models see the samples as stored.
 */
struct ir_generate_options {
    unsigned version;            /* IR_GENERATE_OPTIONS_VERSION, set by the INIT macro */
    const char *prompt;          /* what is wanted; never logged, never stored */
    const char *negative_prompt; /* what is not wanted */
    const struct ir_generate_prompt *prompts; /* SDXL: further ones, at most 8 */
    size_t prompt_count;
    const char *search; /* for services that look for a thing: which one */
    /*
     * What is done to `picture`: inpaint, outpaint, erase, remove-background, search-replace,
     * recolor, sketch, structure, style-guide, style-transfer, upscale-fast, upscale-conservative
     * or upscale-creative. NULL = by the model, and inpaint where there is none and a mask.
     */
    const char *edit;
    /*
     * A Bedrock image model or image service (its id, its profile's id, an ARN); one that does not
     * do `edit` gives way to the service that does. NULL = the preset: that service, or a model for
     * words, or one that starts from a picture (of endpoint=local: a stand-in that draws the
     * prompt's words).
     */
    const char *model;
    /* The size wanted. The model's nearest shape is taken and nothing is stretched: the size that
     * came stands in the result. 0 = the model's own. Not with a picture, whose size counts; SDXL
     * takes only pictures of its own sizes. */
    unsigned width_px, height_px;
    double seed;                            /* 0..4294967294, of SDXL 0..4294967295 */
    double cfg_scale;                       /* SDXL: 0..35, how closely the words are followed */
    unsigned steps;                         /* SDXL: 10..150 */
    const char *sampler;                    /* SDXL: K_EULER, DDIM, ... */
    const char *clip_guidance_preset;       /* SDXL: FAST_BLUE, NONE, ... */
    const char *style_preset;               /* photographic, line-art, ... */
    const struct ir_picture *picture;       /* to start from, or to be changed */
    const struct ir_picture *mask;          /* of the same size: white is changed */
    const struct ir_picture *style_picture; /* style transfer: whose style is taken */
    double strength;                        /* 0..1: how much `picture` may change */
    double grow_mask_px;
    double left_px, right_px, up_px, down_px; /* outpainting */
    double creativity, control_strength, fidelity;
    double style_strength, composition_fidelity, change_strength; /* style transfer */
    /* Both go into the picture's XMP, where everybody who gets the picture can read them. */
    bool keep_prompt;
    const char *prompt_writer;      /* who wrote the prompt; NULL = not told */
    const struct ir_cancel *cancel; /* NULL = cannot be cancelled */
};
#define IR_GENERATE_OPTIONS_VERSION 1U
#define IR_GENERATE_OPTIONS_INIT                                                                   \
    {IR_GENERATE_OPTIONS_VERSION,                                                                  \
     NULL,                                                                                         \
     NULL,                                                                                         \
     NULL,                                                                                         \
     0,                                                                                            \
     NULL,                                                                                         \
     NULL,                                                                                         \
     NULL,                                                                                         \
     0,                                                                                            \
     0,                                                                                            \
     IR_GENERATE_UNSET,                                                                            \
     IR_GENERATE_UNSET,                                                                            \
     0,                                                                                            \
     NULL,                                                                                         \
     NULL,                                                                                         \
     NULL,                                                                                         \
     NULL,                                                                                         \
     NULL,                                                                                         \
     NULL,                                                                                         \
     IR_GENERATE_UNSET,                                                                            \
     IR_GENERATE_UNSET,                                                                            \
     IR_GENERATE_UNSET,                                                                            \
     IR_GENERATE_UNSET,                                                                            \
     IR_GENERATE_UNSET,                                                                            \
     IR_GENERATE_UNSET,                                                                            \
     IR_GENERATE_UNSET,                                                                            \
     IR_GENERATE_UNSET,                                                                            \
     IR_GENERATE_UNSET,                                                                            \
     IR_GENERATE_UNSET,                                                                            \
     IR_GENERATE_UNSET,                                                                            \
     IR_GENERATE_UNSET,                                                                            \
     false,                                                                                        \
     NULL,                                                                                         \
     NULL}

/*
 * Asks the model and waits; one paid request, which is not repeated once it may have been served.
 * The picture that came is ir_result_get_generated of `*out`, a PNG that says in its XMP that it
 * was made by a machine (IPTC DigitalSourceType, AISystemUsed) and by which model. `*out` is the
 * caller's, freed with ir_result_free; untouched on failure. A picture that a filter held back is
 * IR_ERR_SERVICE, with maybe_served set: it was charged. IR_ERR_ARG: no prompt, something the model
 * does not take or that is out of its range; IR_ERR_TOO_LARGE: a picture or the words: nothing was
 * sent. Other codes as ir_ask. Source:
 * https://docs.aws.amazon.com/bedrock/latest/userguide/stable-image-services.html
 */
IR_PUBLIC IR_MUST_CHECK int ir_generate(struct ir_client *client,
                                        const struct ir_generate_options *options,
                                        struct ir_result **out, struct ir_error *err);

#ifdef __cplusplus
}
#endif
#endif
