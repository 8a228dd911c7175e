/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Amazon Bedrock's control plane: which models and inference profiles there are, and how long a
 * model lives. Pure.
 * Source: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_GetFoundationModel.html
 */
#ifndef CORE_SERVICE_BEDROCK_H
#define CORE_SERVICE_BEDROCK_H

#include "core/service/request.h"

#define IR_BEDROCK_MAX_MODELS 2000U
#define IR_BEDROCK_MAX_PROFILES 1000U /* on one page */

/* Borrowed; NULL = all. */
struct ir_models_filter {
    const char *provider;
    const char *output_modality; /* "TEXT", "IMAGE" or "EMBEDDING" */
    const char *inference_type;  /* "ON_DEMAND" or "PROVISIONED" */
};
IR_MUST_CHECK int ir_bedrock_list_models(const struct ir_models_filter *filter,
                                         struct ir_request *out, struct ir_error *err);
/* `model_id` is a model's id or ARN. */
IR_MUST_CHECK int ir_bedrock_get_model(const char *model_id, struct ir_request *out,
                                       struct ir_error *err);
/* `type` is "SYSTEM_DEFINED", "APPLICATION" or NULL; `max_results` 1..1000, 0 = the service's own;
 * `next_token` of the page before, or NULL. */
IR_MUST_CHECK int ir_bedrock_list_profiles(const char *type, unsigned max_results,
                                           const char *next_token, struct ir_request *out,
                                           struct ir_error *err);

/* Of a model's own id (no profile's): whether this account can call it in the region that is asked.
 * Source:
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_GetFoundationModelAvailability.html
 */
IR_MUST_CHECK int ir_bedrock_get_availability(const char *model_id, struct ir_request *out,
                                              struct ir_error *err);

enum ir_model_ability {
    IR_MODEL_TAKES_TEXT = 1 << 0,
    IR_MODEL_TAKES_IMAGES = 1 << 1,
    IR_MODEL_GIVES_TEXT = 1 << 2,
    IR_MODEL_GIVES_IMAGES = 1 << 3,
    IR_MODEL_STREAMS = 1 << 4,
    IR_MODEL_ON_DEMAND = 1 << 5, /* else only through an inference profile or provisioned */
    IR_MODEL_BY_PROFILE = 1 << 6,
};

/* Texts belong to the list's document; "" where the service tells nothing. */
struct ir_model {
    const char *id;
    const char *arn;
    const char *name;
    const char *provider;
    unsigned abilities;      /* enum ir_model_ability */
    const char *status;      /* "ACTIVE" or "LEGACY" */
    const char *legacy_time; /* RFC 3339, as the service says it */
    const char *end_of_life_time;
};

struct ir_models {
    struct ir_json_doc *doc;
    struct ir_model *items;
    size_t count;
};
/* Reads both: the list, or the one model of GetFoundationModel. IR_ERR_RESPONSE, IR_ERR_NOMEM. */
IR_MUST_CHECK int ir_bedrock_read_models(const char *json, size_t bytes, struct ir_models *out,
                                         struct ir_error *err);
void ir_models_release(struct ir_models *models);

struct ir_model_availability {
    bool is_authorized; /* this identity may */
    bool is_entitled;   /* this account may */
    bool is_in_region;  /* and it is there */
    char agreement[32]; /* "AVAILABLE", "NOT_AVAILABLE", "PENDING", "ERROR"; "" = not told */
};
IR_MUST_CHECK int ir_bedrock_read_availability(const char *json, size_t bytes,
                                               struct ir_model_availability *out,
                                               struct ir_error *err);

struct ir_profile {
    const char *id; /* what is named as the model in a call */
    const char *arn;
    const char *name;
    const char *status; /* "ACTIVE" */
    const char *type;
    const char *model_arn; /* of the first model that it leads to */
    size_t model_count;
};

struct ir_profiles {
    struct ir_json_doc *doc;
    struct ir_profile *items;
    size_t count;
    const char *next_token; /* NULL = the last page */
};
IR_MUST_CHECK int ir_bedrock_read_profiles(const char *json, size_t bytes, struct ir_profiles *out,
                                           struct ir_error *err);
void ir_profiles_release(struct ir_profiles *profiles);

#endif
