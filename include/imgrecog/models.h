/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The models that captions, answers, checks and generated pictures can be asked of, as the account
 * and the region have them now.
 */
#ifndef IMGRECOG_MODELS_H
#define IMGRECOG_MODELS_H

#include <imgrecog/client.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ir_model_list;

/* What a model gives; also the bits of ir_models_options.kinds. */
enum ir_model_kind {
    IR_MODEL_WORDS = 1 << 0,         /* for the setting model */
    IR_MODEL_IMAGE = 1 << 1,         /* for the setting image-model */
    IR_MODEL_IMAGE_SERVICE = 1 << 2, /* for image-model too: changes a picture (inpaint, upscale) */
};
#define IR_MODEL_ALL (IR_MODEL_WORDS | IR_MODEL_IMAGE | IR_MODEL_IMAGE_SERVICE)

enum ir_model_life {
    IR_MODEL_ACTIVE,
    IR_MODEL_LEGACY, /* serves until its end, which AWS has announced or will */
    IR_MODEL_ENDED,
};

/* Texts are UTF-8 without control characters, borrowed from the list. */
struct ir_model_info {
    const char *id;       /* what to set: with the prefix of an inference profile where needed */
    const char *title;    /* "Claude Haiku 4.5" */
    const char *provider; /* "Anthropic" */
    enum ir_model_kind kind;
    enum ir_model_life life;
    const char *legacy_from; /* "2026-03-10"; NULL = not told; so the next two */
    const char *ends;        /* a date that has been announced, or on which it ended */
    const char *replacement; /* the id to set in place of a model that ends */
    bool takes_pictures;
    bool is_preset; /* asked where no model is set */
    /* US dollars, as the user's own prices or the built-in table have them; NaN = not known. Of
     * models for words, a million tokens; of the others, a picture that is made. */
    double input_usd;
    double output_usd;
    double image_usd;
};

/* Where a list is from. */
enum ir_models_source {
    IR_MODELS_FROM_SERVICE,
    /* The service could not be asked for lack of a permission: what is known of models without
     * asking, which says nothing of this account or region. */
    IR_MODELS_FROM_TABLE,
};

struct ir_models_options {
    unsigned version;               /* IR_MODELS_OPTIONS_VERSION, set by the INIT macro */
    unsigned kinds;                 /* bits of enum ir_model_kind; 0 = all */
    const struct ir_cancel *cancel; /* borrowed; NULL = cannot be cancelled */
};
#define IR_MODELS_OPTIONS_VERSION 1U
#define IR_MODELS_OPTIONS_INIT {IR_MODELS_OPTIONS_VERSION, 0, NULL}

/*
 * Asks Bedrock in the client's region for its foundation models and its inference profiles, which
 * costs nothing, and puts them together: for each model that may be called on demand the id to
 * call, words first, then images, those that end last. Left out are image models whose form of
 * request is not known here, models that give neither words nor pictures, and those that only run
 * on provisioned throughput. Models that have ended and that the service no longer lists are in the
 * list with their replacement. On this machine ("local") it has the three of imgrecog-local.
 *
 * Where the service answers AccessDenied, the list is that of the built-in table
 * (ir_model_list_source); where only the profiles may not be asked for, their ids are the table's
 * too. ir_model_list_note says what is missing. Blocks. Free with ir_model_list_free.
 * IR_ERR_ARG: options, no region, or the file of the user's own prices is wrong. IR_ERR_RESPONSE:
 * more than 2,000 models or 5,000 profiles, or no lists. Other codes of error.h but BUDGET.
 * Sources: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_ListFoundationModels.html
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_ListInferenceProfiles.html
 */
IR_PUBLIC IR_MUST_CHECK int ir_model_list_new(struct ir_client *client,
                                              const struct ir_models_options *options,
                                              struct ir_model_list **out, struct ir_error *err);
/* NULL is allowed. */
IR_PUBLIC void ir_model_list_free(struct ir_model_list *list);

/* NULL when `model_index` is past the last. */
IR_PUBLIC const struct ir_model_info *ir_model_list_get(const struct ir_model_list *list,
                                                        size_t model_index);
IR_PUBLIC enum ir_models_source ir_model_list_source(const struct ir_model_list *list);
/* The day to which the prices were kept: the user's own where they tell one. Borrowed. */
IR_PUBLIC const char *ir_model_list_price_date(const struct ir_model_list *list);
/* What the list lacks and why, with the next step; NULL when it lacks nothing. Borrowed. */
IR_PUBLIC const char *ir_model_list_note(const struct ir_model_list *list);
/* The region that was asked, "" for the table without one. Borrowed. */
IR_PUBLIC const char *ir_model_list_region(const struct ir_model_list *list);

/* What is known of a model by its name alone. */
struct ir_model_traits {
    bool is_known;    /* false: it is in no table, and the others are false, too */
    bool is_embedded; /* one of imgrecog-local's, which AWS does not have */
    bool is_sdxl;     /* speaks SDXL's form: takes steps, cfg_scale and its other options */
};
/* Of a model's id, an inference profile's id, or an ARN that ends with either; NULL and "" name
 * none. Asks nobody. Any thread. */
IR_PUBLIC struct ir_model_traits ir_model_get_traits(const char *model);

/*
 * The list as one JSON document, which include/imgrecog/reports.md describes; free `*out` with
 * ir_free. IR_ERR_NOMEM, IR_ERR_TOO_LARGE.
 */
IR_PUBLIC IR_MUST_CHECK int ir_model_list_to_json(const struct ir_model_list *list, char **out,
                                                  struct ir_error *err);

#ifdef __cplusplus
}
#endif
#endif
