/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * SageMaker runtime: InvokeEndpoint, which hands any bytes to a model of the user's own. Pure.
 * Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
 */
#ifndef CORE_SERVICE_SAGEMAKER_RUNTIME_H
#define CORE_SERVICE_SAGEMAKER_RUNTIME_H

#include "core/service/request.h"

#define IR_SAGEMAKER_MAX_BODY_BYTES 6291456U /* of the request and of the answer */
#define IR_SAGEMAKER_MAX_PROBABILITIES 100000U

/* Borrowed until the request is sent; NULL = left out. */
struct ir_invoke_endpoint_options {
    const char *endpoint_name;
    const char *content_type;      /* "application/x-image", "image/jpeg", ... */
    const char *accept;            /* "application/json", ... */
    const char *custom_attributes; /* at most 1,024 visible ASCII characters */
    const char *target_model;
    const char *target_variant;
    const char *target_container;
    const char *inference_id;
    const char *inference_component;
    const char *session_id;
    const char *enable_explanations;
    const struct ir_body *body; /* sent as it is */
};

/* IR_ERR_ARG: no endpoint, a header that cannot be sent; IR_ERR_TOO_LARGE: the body; IR_ERR_NOMEM.
 */
IR_MUST_CHECK int ir_invoke_endpoint_call(const struct ir_invoke_endpoint_options *options,
                                          struct ir_request *out, struct ir_error *err);

/* What an answer tells in its headers; the body is response->body, in the form of the model. */
struct ir_invoke_endpoint_answer {
    char content_type[128];
    char production_variant[64];
    char custom_attributes[1025];
};
void ir_invoke_endpoint_read(const struct ir_http_response *response,
                             struct ir_invoke_endpoint_answer *out);

/*
 * Reads what image classification answers: a JSON array of probabilities by class, alone, in a
 * batch of one ([[...]]), or under prediction, predictions, probabilities, scores or outputs; JSON
 * lines of one line. *out (ir_free) has *out_count of them, 0..1 as the model gave them.
 * IR_ERR_RESPONSE: neither, or over IR_SAGEMAKER_MAX_PROBABILITIES; IR_ERR_NOMEM.
 */
IR_MUST_CHECK int ir_sagemaker_read_probabilities(const char *json, size_t bytes, double **out,
                                                  size_t *out_count, struct ir_error *err);

#endif
