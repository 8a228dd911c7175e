/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is known of Bedrock's models without asking: names, limits, what they take, when they end
 * and what replaces them. The only place where a model's id stands. A model that is not in the
 * table is used all the same, as the most cautious row would be.
 */
#ifndef CORE_TASK_MODELS_H
#define CORE_TASK_MODELS_H

#include <stdbool.h>
#include <stddef.h>

#include <imgrecog/error.h>

#include "core/service/bedrock_image.h"

/* Which form of request a model speaks. */
enum ir_model_family {
    IR_FAMILY_WORDS, /* Converse */
    IR_FAMILY_SDXL,
    IR_FAMILY_STABILITY,
};

#define IR_MODEL_ID_BYTES 512       /* an ARN too */
#define IR_MODELS_DATE "2026-11-20" /* of the table */

/* What a model is asked for. */
enum ir_model_use {
    IR_USE_WORDS,
    IR_USE_IMAGES,
    IR_USE_IMAGE_TO_IMAGE, /* that start from a picture */
    IR_USE_INPAINT,        /* that paint where a mask is white */
};

struct ir_model_facts {
    const char *base_id; /* without an inference profile's prefix */
    const char *title;   /* for people: "Claude Haiku 4.5" */
    enum ir_model_family family;
    enum ir_stability_task task; /* of IR_FAMILY_STABILITY */
    bool needs_profile;          /* not to be had by its bare id */
    bool has_structured;         /* follows a JSON schema (outputConfig) */
    bool wants_mode;             /* of IR_FAMILY_STABILITY: "mode" beside a picture to start from */
    bool inpaints;           /* of IR_STABILITY_GENERATE: with a mask, takes inpaint's request */
    const char *end_of_life; /* "2026-09-10", a date that has been announced; NULL = none */
    const char *replacement; /* base_id of the one to take then; set where end_of_life is */
};

/* Where and for what a model is wanted. */
struct ir_model_place {
    const char *region; /* NULL = none is set */
    bool is_embedded;   /* the endpoint on this machine */
    enum ir_model_use use;
};

/* The row of a model that is named by id, profile id or ARN; NULL when there is none. */
const struct ir_model_facts *ir_model_find(const char *model_id);

/*
 * The id to call: `setting`, with the prefix of the inference profile of `region` where the model
 * needs one and none is named; without a setting the preset for that use, of AWS or of the endpoint
 * on this machine. IR_ERR_ARG: too long, or a control character in it.
 */
IR_MUST_CHECK int ir_model_resolve(const char *setting, const struct ir_model_place *place,
                                   char out[IR_MODEL_ID_BYTES], struct ir_error *err);

/*
 * Adds to the error of a call what the table knows: that the model has come to its end and what
 * replaces it, that it needs an inference profile, or how access is given. Else leaves it.
 */
void ir_model_explain(const char *model_id, const char *region, struct ir_error *err);

#endif
