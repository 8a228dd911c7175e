/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is known of Bedrock's models without asking: names, limits, prices, what they take, when
 * they end and what replaces them. The only place where a model's id stands. A model that is not in
 * the table is used all the same, as the most cautious row would be.
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
    IR_USE_IMAGES,            /* from words */
    IR_USE_IMAGES_FROM_IMAGE, /* from a picture and words */
};

/* What is paid for. A price that nobody knows is not 0: it is unknown. */
enum ir_price_unit {
    IR_PRICE_UNKNOWN,
    IR_PRICE_FREE, /* on this machine */
    IR_PRICE_TOKENS,
    IR_PRICE_IMAGES,
    IR_PRICE_REQUESTS,
};

struct ir_price {
    enum ir_price_unit unit;
    double input_usd; /* a million tokens */
    double output_usd;
    double each_usd; /* an image that was made, or a request */
};

struct ir_model_facts {
    const char *base_id; /* without an inference profile's prefix */
    const char *title;   /* for people: "Claude Haiku 4.5" */
    enum ir_model_family family;
    enum ir_stability_task task; /* of IR_FAMILY_STABILITY */
    bool needs_profile;          /* not to be had by its bare id */
    bool has_structured;         /* follows a JSON schema (outputConfig) */
    bool wants_mode;             /* of IR_FAMILY_STABILITY: "mode" beside a picture to start from */
    bool words_only;             /* of IR_STABILITY_GENERATE: takes no picture */
    const char *edit;            /* the name of the edit that the service does; NULL = none */
    const char *end_of_life;     /* "2026-09-10", a date that has been announced; NULL = none */
    const char *replacement;     /* base_id of the one to take then; set where end_of_life is */
    struct ir_price price;       /* in us-east-1 or us-west-2, and through a global. profile */
    bool is_dearer_in_region;    /* a tenth more where the request stays in a region's geography */
    bool sees_large;             /* looks at 2,576 pixels a side, not at 1,568 */
};

/* Where and for what a model is wanted. */
struct ir_model_place {
    const char *region; /* NULL = none is set */
    bool is_embedded;   /* the endpoint on this machine */
    enum ir_model_use use;
};

/* The row of a model that is named by id, profile id or ARN; NULL when there is none. */
const struct ir_model_facts *ir_model_find(const char *model_id);
/* A row of the table; NULL when `row_index` is past the last. */
const struct ir_model_facts *ir_model_at(size_t row_index);
/* Whether the row is one of the endpoint on this machine. */
bool ir_model_is_embedded(const struct ir_model_facts *facts);
/* The id in such a name without what stands before it ("arn:...:foundation-model/", "eu."). */
const char *ir_model_base(const char *model_id);
/* "eu.": with which the inference profiles of a region begin. */
const char *ir_model_profile_prefix(const char *region);

/* The service that does the edit of this name ("remove-background"); NULL when there is none. */
const struct ir_model_facts *ir_model_of_edit(const char *edit);

/*
 * The id to call: `setting`, with the prefix of the inference profile of `region` where the model
 * needs one and none is named; without a setting the preset for that use, of AWS or of the endpoint
 * on this machine. IR_ERR_ARG: too long, or a control character in it.
 */
IR_MUST_CHECK int ir_model_resolve(const char *setting, const struct ir_model_place *place,
                                   char out[IR_MODEL_ID_BYTES], struct ir_error *err);

/* What a model looks at: a larger picture is made smaller first. */
struct ir_model_sight {
    int edge_px; /* the longer side */
    int patches; /* as many as it counts tokens */
};
/* NULL: the larger one, which is the cautious guess of what a picture costs. */
struct ir_model_sight ir_model_sight_of(const struct ir_model_facts *facts);
/* Claude's tokens of a picture of this size: patches of 28 x 28 pixels, begun ones counted. */
double ir_model_patches(double width_px, double height_px);

/*
 * Makes the size of a picture that is sent into that of the picture which the model sees. Pixels in
 * its answers are that one's. A model that is not in the table is taken to see what is sent.
 * Source: https://docs.claude.com/en/docs/build-with-claude/vision
 */
void ir_model_seen_size(const char *model_id, int *width_px, int *height_px);

/*
 * Adds to the error of a call what the table knows: that the model has come to its end and what
 * replaces it, that it needs an inference profile, or how access is given. Else leaves it.
 */
void ir_model_explain(const char *model_id, const char *region, struct ir_error *err);

#endif
