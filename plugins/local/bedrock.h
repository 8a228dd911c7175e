/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Amazon Bedrock with the models of this machine: Converse, ConverseStream, InvokeModel,
 * InvokeModelWithResponseStream, ListFoundationModels, GetFoundationModel.
 * Source: https://docs.aws.amazon.com/bedrock/latest/APIReference/welcome.html
 */
#ifndef PLUGINS_LOCAL_BEDROCK_H
#define PLUGINS_LOCAL_BEDROCK_H

#include "plugins/local/request.h"

#define BEDROCK_MAX_BODY_BYTES 25000000U
#define BEDROCK_DESCRIBER "imgrecog.local-describer-v1"

/* Whether the request is for a model, not about models. */
bool bedrock_looks_at_pictures(const struct request *request);
IR_MUST_CHECK int bedrock_serve(struct request *request, struct answer *answer,
                                struct ir_error *err);

#endif
