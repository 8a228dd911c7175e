/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * SageMaker runtime's InvokeEndpoint with one endpoint: a classifier of pictures with the classes
 * portrait, document, code and other, in this order.
 * Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
 * and https://docs.aws.amazon.com/sagemaker/latest/dg/image-classification.html
 */
#ifndef PLUGINS_LOCAL_SAGEMAKER_H
#define PLUGINS_LOCAL_SAGEMAKER_H

#include "plugins/local/request.h"
#include "plugins/local/sight.h"

#define SAGEMAKER_MAX_BODY_BYTES 6291456U
#define SAGEMAKER_ENDPOINT "imgrecog-local-classifier"

enum classifier_class { CLASS_PORTRAIT, CLASS_DOCUMENT, CLASS_CODE, CLASS_OTHER, CLASS_COUNT };

/* Probabilities that sum to 1. */
void classifier_judge(const struct sight *sight, double out[CLASS_COUNT]);

IR_MUST_CHECK int sagemaker_serve(struct request *request, struct answer *answer,
                                  struct ir_error *err);

#endif
