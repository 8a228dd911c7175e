/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which models there are on this machine: ListFoundationModels and GetFoundationModel; and that it
 * has no inference profiles: ListInferenceProfiles and GetInferenceProfile.
 */
#ifndef PLUGINS_LOCAL_BEDROCK_MODELS_H
#define PLUGINS_LOCAL_BEDROCK_MODELS_H

#include "plugins/local/request.h"

#define BEDROCK_MODELS_PATH "/foundation-models"
#define BEDROCK_PROFILES_PATH "/inference-profiles"

enum bedrock_kind { MODEL_DESCRIBER, MODEL_STANDIN_SDXL, MODEL_STANDIN_IMAGE };

struct bedrock_model {
    const char *id;
    const char *name;
    enum bedrock_kind kind;
    bool gives_images;
    bool streams;
};

/* By its id or the ARN of it; NULL when it is not here. */
const struct bedrock_model *bedrock_find_model(const char *id);
/* "a, b", for messages. */
const char *bedrock_model_ids(void);
IR_MUST_CHECK int bedrock_serve_models(struct request *request, struct answer *answer,
                                       struct ir_error *err);
IR_MUST_CHECK int bedrock_serve_profiles(const struct request *request, struct answer *answer,
                                         struct ir_error *err);

#endif
