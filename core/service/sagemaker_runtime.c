/* SPDX-License-Identifier: GPL-3.0-or-later */
/* InvokeEndpoint: the body is the model's, all else stands in headers. */
#include "core/service/sagemaker_runtime.h"

#include <math.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/error.h"
#include "core/base/uri.h"

#define HINT_FORM "This endpoint's model does not classify pictures, or answers in another form."
#define MAX_ATTRIBUTES_BYTES 1024U
#define MAX_WRAPPINGS 4

static int fail(struct ir_error *err, int code, const char *cause, const char *hint)
{
    return ir_fail_with(err, code, ir_service_sagemaker_runtime.title, cause, hint);
}

static int check(const struct ir_invoke_endpoint_options *options, struct ir_error *err)
{
    const char *attributes = options->custom_attributes;
    if (options->endpoint_name == NULL || *options->endpoint_name == '\0')
        return fail(err, IR_ERR_ARG, "no endpoint is named",
                    "Name the SageMaker endpoint that is to be asked.");
    if (attributes != NULL && strlen(attributes) > MAX_ATTRIBUTES_BYTES)
        return fail(err, IR_ERR_TOO_LARGE, "the custom attributes are over 1,024 characters",
                    "Shorten them.");
    if (ir_body_length(options->body) > IR_SAGEMAKER_MAX_BODY_BYTES)
        return fail(err, IR_ERR_TOO_LARGE, "what is to be sent has more than 6,291,456 bytes",
                    "Make the picture smaller, or save it with a higher compression.");
    return 0;
}

int ir_invoke_endpoint_call(const struct ir_invoke_endpoint_options *options,
                            struct ir_request *out, struct ir_error *err)
{
    int rc = check(options, err);
    if (rc != 0)
        return rc;
    const char *name = options->endpoint_name;
    ir_request_init(out, &ir_service_sagemaker_runtime, "POST", "/endpoints/");
    ir_uri_encode(&out->path, name, strlen(name), false);
    ir_buf_append_text(&out->path, "/invocations");
    out->aws.content_type = options->content_type;
    out->aws.is_paid = true;
    out->aws.max_response_bytes = IR_SAGEMAKER_MAX_BODY_BYTES;
    ir_request_add_header(out, "Accept", options->accept);
    ir_request_add_header(out, "X-Amzn-SageMaker-Custom-Attributes", options->custom_attributes);
    ir_request_add_header(out, "X-Amzn-SageMaker-Target-Model", options->target_model);
    ir_request_add_header(out, "X-Amzn-SageMaker-Target-Variant", options->target_variant);
    ir_request_add_header(out, "X-Amzn-SageMaker-Target-Container-Hostname",
                          options->target_container);
    ir_request_add_header(out, "X-Amzn-SageMaker-Inference-Id", options->inference_id);
    ir_request_add_header(out, "X-Amzn-SageMaker-Inference-Component",
                          options->inference_component);
    ir_request_add_header(out, "X-Amzn-SageMaker-Session-Id", options->session_id);
    ir_request_add_header(out, "X-Amzn-SageMaker-Enable-Explanations",
                          options->enable_explanations);
    return ir_request_finish(out, options->body, err);
}

void ir_invoke_endpoint_read(const struct ir_http_response *response,
                             struct ir_invoke_endpoint_answer *out)
{
    ir_http_response_header(response, "content-type", out->content_type, sizeof out->content_type);
    ir_http_response_header(response, "x-amzn-invoked-production-variant", out->production_variant,
                            sizeof out->production_variant);
    ir_http_response_header(response, "x-amzn-sagemaker-custom-attributes", out->custom_attributes,
                            sizeof out->custom_attributes);
}

/* What cannot be read was answered, and charged, all the same. */
static int fail_read(int rc, struct ir_error *err)
{
    ir_error_set_service(err, ir_service_sagemaker_runtime.title);
    if (err != NULL)
        err->maybe_served = true;
    return rc;
}

static int copy_numbers(const struct ir_json_value *array, double **out, size_t *out_count,
                        struct ir_error *err)
{
    static const char cause[] = "the answer is not a list of probabilities";
    size_t count = ir_json_count(array);
    if (count == 0 || count > IR_SAGEMAKER_MAX_PROBABILITIES)
        return fail_read(fail(err, IR_ERR_RESPONSE, cause, HINT_FORM), err);
    double *numbers = ir_calloc(count, sizeof *numbers);
    if (numbers == NULL)
        return fail_read(ir_fail_nomem(err), err);
    for (size_t i = 0; i < count; i++) {
        numbers[i] = ir_json_number(ir_json_at(array, i), NAN);
        if (isnan(numbers[i])) {
            ir_free(numbers);
            return fail_read(fail(err, IR_ERR_RESPONSE, cause, HINT_FORM), err);
        }
    }
    *out = numbers;
    *out_count = count;
    return 0;
}

/*
 * The array of numbers in the forms that containers give it: alone, as the only item of an array (a
 * batch of one), or under one of these names; and these within each other.
 */
static const struct ir_json_value *find_array(const struct ir_json_value *value)
{
    static const char *const names[] = {"prediction", "predictions", "probabilities", "scores",
                                        "outputs"};
    for (int depth = 0; depth < MAX_WRAPPINGS; depth++) {
        const struct ir_json_value *inner = NULL;
        const struct ir_json_value *first = ir_json_at(value, 0);
        for (size_t i = 0; i < sizeof names / sizeof names[0] && inner == NULL; i++)
            inner = ir_json_get(value, names[i]);
        if (ir_json_count(value) == 1 && (ir_json_is_array(first) || ir_json_is_object(first)))
            inner = first;
        if (inner == NULL)
            break;
        value = inner;
    }
    return value;
}

int ir_sagemaker_read_probabilities(const char *json, size_t bytes, double **out, size_t *out_count,
                                    struct ir_error *err)
{
    struct ir_json_doc *doc = NULL;
    int rc = ir_json_parse(json, bytes, "the answer", &doc, err);
    if (rc == IR_ERR_RESPONSE)
        ir_error_set_hint(err, "%s", HINT_FORM);
    if (rc != 0)
        return fail_read(rc, err);
    rc = copy_numbers(find_array(ir_json_root(doc)), out, out_count, err);
    ir_json_free(doc);
    return rc;
}
