/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bodies of InvokeModel for models that make or change pictures: Stability's present models and
 * image services, and SDXL 1.0's older form, which mocks and self-hosted models still speak. Which
 * model is asked is the caller's setting; which form it speaks too.
 * Sources: https://docs.aws.amazon.com/bedrock/latest/userguide/stable-image-services.html and
 * https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-diffusion-1-0-image-image.html
 */
#ifndef CORE_SERVICE_BEDROCK_IMAGE_H
#define CORE_SERVICE_BEDROCK_IMAGE_H

#include "core/service/bedrock_runtime.h"

#define IR_IMAGE_MAX_PROMPT_BYTES 40000U /* 10,000 characters */
#define IR_IMAGE_MAX_GENERATED 10

enum ir_stability_task {
    IR_STABILITY_GENERATE, /* SD3.5, Core, Ultra: from words, or from words and a picture */
    IR_STABILITY_INPAINT,
    IR_STABILITY_OUTPAINT,
    IR_STABILITY_ERASE_OBJECT,
    IR_STABILITY_REMOVE_BACKGROUND,
    IR_STABILITY_SEARCH_REPLACE,
    IR_STABILITY_SEARCH_RECOLOR,
    IR_STABILITY_CONTROL_SKETCH,
    IR_STABILITY_CONTROL_STRUCTURE,
    IR_STABILITY_STYLE_GUIDE,
    IR_STABILITY_STYLE_TRANSFER,
    IR_STABILITY_CREATIVE_UPSCALE,
    IR_STABILITY_CONSERVATIVE_UPSCALE,
    IR_STABILITY_FAST_UPSCALE,
};

/*
 * Borrowed; begin with IR_STABILITY_OPTIONS_INIT. NULL and NaN are left out, and the service's own
 * value counts. A task refuses what it does not take.
 */
struct ir_stability_options {
    enum ir_stability_task task;
    const char *prompt;
    const char *negative_prompt;
    const char *search_prompt; /* SEARCH_REPLACE: what is replaced */
    const char *select_prompt; /* SEARCH_RECOLOR: what is coloured anew */
    const char *aspect_ratio;  /* "16:9" "1:1" "21:9" "2:3" "3:2" "4:5" "5:4" "9:16" "9:21" */
    const char *style_preset;  /* "photographic", ... */
    const char *output_format; /* "png", "jpeg" or "webp" */
    const char *mode;          /* GENERATE: "image-to-image" where the model asks for it (SD3.5) */
    const struct ir_body_piece *picture;
    const struct ir_body_piece *mask;          /* white = to be changed */
    const struct ir_body_piece *style_picture; /* STYLE_TRANSFER */
    double seed;                               /* 0..4294967294 */
    double strength;                           /* 0..1, GENERATE with a picture */
    double grow_mask_px;                       /* 0..20 */
    double left_px, right_px, up_px, down_px;  /* 0..2000, OUTPAINT: one of them over 0 */
    double creativity;                         /* 0.1..1; upscaling 0.1..0.5 */
    double control_strength;                   /* 0..1 */
    double fidelity;                           /* 0..1, STYLE_GUIDE */
    double style_strength;                     /* 0..1, STYLE_TRANSFER */
    double composition_fidelity;               /* 0..1, STYLE_TRANSFER */
    double change_strength;                    /* 0.1..1, STYLE_TRANSFER */
};
#define IR_STABILITY_OPTIONS_INIT(task_)                                                           \
    {.task = (task_),                                                                              \
     .seed = NAN,                                                                                  \
     .strength = NAN,                                                                              \
     .grow_mask_px = NAN,                                                                          \
     .left_px = NAN,                                                                               \
     .right_px = NAN,                                                                              \
     .up_px = NAN,                                                                                 \
     .down_px = NAN,                                                                               \
     .creativity = NAN,                                                                            \
     .control_strength = NAN,                                                                      \
     .fidelity = NAN,                                                                              \
     .style_strength = NAN,                                                                        \
     .composition_fidelity = NAN,                                                                  \
     .change_strength = NAN}

/*
 * Writes the body for ir_invoke_call. `out` is initialised here; release it after success.
 * IR_ERR_ARG: something the task needs is missing, something it does not take is given, or a number
 * is out of its range; the message names it. IR_ERR_NOMEM, IR_ERR_TOO_LARGE.
 */
IR_MUST_CHECK int ir_stability_request(const struct ir_stability_options *options,
                                       struct ir_json_body *out, struct ir_error *err);

/* A size in pixels, or a proportion that a model has a name for. */
struct ir_image_shape {
    const char *ratio; /* "16:9"; NULL for a size */
    unsigned width, height;
};

/* The sizes that SDXL makes, the usual one first. */
#define IR_SDXL_SIZE_COUNT 9U
extern const struct ir_image_shape ir_sdxl_sizes[IR_SDXL_SIZE_COUNT];
bool ir_sdxl_is_size(unsigned width_px, unsigned height_px);

/* A prompt of SDXL; below 0 the weight says what is not wanted. */
struct ir_sdxl_prompt {
    const char *text;
    double weight;
};

/* Borrowed; begin with IR_SDXL_OPTIONS_INIT. NULL, 0 and NaN are left out. */
struct ir_sdxl_options {
    const struct ir_sdxl_prompt *prompts; /* at least one */
    size_t prompt_count;
    unsigned width_px; /* one of the form's sizes, such as 1024 x 1024 or 1152 x 896 */
    unsigned height_px;
    double cfg_scale;                 /* 0..35 */
    const char *clip_guidance_preset; /* "FAST_BLUE", "NONE", ... */
    const char *sampler;              /* "K_EULER", ... */
    const char *style_preset;
    double seed;    /* 0..4294967295; 0 = by chance */
    unsigned steps; /* 10..150 */
    unsigned samples;
    const struct ir_body_piece *picture; /* where it starts from */
    double image_strength;               /* 0..1, with a picture: 1 = the picture as it is */
    const char *mask_source; /* "MASK_IMAGE_WHITE", "MASK_IMAGE_BLACK" or "INIT_IMAGE_ALPHA" */
    const struct ir_body_piece *mask; /* with the first two */
};
#define IR_SDXL_OPTIONS_INIT {.cfg_scale = NAN, .seed = NAN, .image_strength = NAN}

/* As ir_stability_request. */
IR_MUST_CHECK int ir_sdxl_request(const struct ir_sdxl_options *options, struct ir_json_body *out,
                                  struct ir_error *err);

/* One picture as its file's bytes. */
struct ir_generated_image {
    unsigned char *data; /* ir_free */
    size_t bytes;
    double seed; /* NaN = not told */
};

struct ir_generated {
    struct ir_generated_image images[IR_IMAGE_MAX_GENERATED];
    size_t count;
    size_t withheld_count; /* pictures that a content filter or an error kept back */
};

void ir_generated_release(struct ir_generated *generated);

/*
 * Reads the pictures; `out` is set on success and then released by the caller. When none came
 * although the status was 200: IR_ERR_SERVICE with the reason in words, as the model gave it
 * (filtered, or failed: then retryable). IR_ERR_RESPONSE: not the form's answer, or a picture that
 * is not base64. IR_ERR_NOMEM.
 */
IR_MUST_CHECK int ir_stability_read(const char *json, size_t bytes, struct ir_generated *out,
                                    struct ir_error *err);
IR_MUST_CHECK int ir_sdxl_read(const char *json, size_t bytes, struct ir_generated *out,
                               struct ir_error *err);

#endif
