/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Labels from a classifier behind a SageMaker endpoint: the picture's bytes go as they are, a
 * probability for each class comes back, and the classes' names are the caller's. A model that
 * answers with names and scores is read as models' answers are. Source:
 * https://docs.aws.amazon.com/sagemaker/latest/dg/image-classification.html
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/alloc.h"
#include "core/base/ascii.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/utf8.h"
#include "core/service/sagemaker_runtime.h"
#include "core/task/labels_job.h"

#define SERVICE "SageMaker"
#define ANY_PICTURE "application/x-image"
#define MAX_TYPE_BYTES 128U
#define MAX_NAME_BYTES 32
#define MAX_LINE_BYTES 1280 /* an endpoint's name encoded, a type, and words */
#define MAX_WORDS_BYTES 300
#define ROUNDING 1e-4 /* probabilities may pass 1 by so much */

/* A class and how sure the model is of it. */
struct guess {
    size_t class_index;
    double probability;
};

static int fail(struct ir_error *err, int code, const char *cause, const char *hint)
{
    return ir_fail_with(err, code, SERVICE, cause, hint);
}

/* ---- before ------------------------------------------------------------------------------ */

static const char *content_type(const struct ir_labels_job *job)
{
    return job->options->content_type != NULL ? job->options->content_type : ANY_PICTURE;
}

int ir_labels_sagemaker_check(const struct ir_labels_job *job, struct ir_error *err)
{
    const char *type = content_type(job);
    const char *own = job->picture->info.media_type;
    size_t bytes = strlen(type);
    bool is_visible = bytes > 0 && bytes <= MAX_TYPE_BYTES;
    for (const char *c = type; *c != '\0' && is_visible; c++)
        is_visible = *c > ' ' && *c < 0x7f;
    if (!is_visible || strchr(type, '/') == NULL)
        return ir_fail_with(err, IR_ERR_ARG, IR_LABELS_SERVICE, "content-type is not a media type",
                            "Set it to application/x-image, image/jpeg or image/png.");
    if (strncasecmp(type, "image/", 6) == 0 && strcasecmp(type, own) != 0) {
        ir_fail(err, IR_ERR_ARG, "the picture would be sent as %s, and content-type says %s", own,
                type);
        ir_error_set_service(err, IR_LABELS_SERVICE);
        ir_error_set_hint(err, "Set content-type to %s, or convert the picture.", own);
        return IR_ERR_ARG;
    }
    return ir_picture_check_upright(job->picture, err);
}

/* ---- the names of the classes ------------------------------------------------------------ */

/* The lines of `text`, which is taken apart; empty ones at the end do not count. */
static int split_classes(char *text, const char ***out, size_t *out_count, struct ir_error *err)
{
    size_t bytes = strlen(text);
    size_t count = 1;
    while (bytes > 0 && ir_ascii_is_space(text[bytes - 1]))
        text[--bytes] = '\0';
    for (const char *c = text; *c != '\0'; c++)
        count += *c == '\n' ? 1 : 0;
    if (bytes == 0 || count > IR_LABELS_MAX_CLASSES)
        return ir_fail_with(err, IR_ERR_ARG, IR_LABELS_SERVICE,
                            "class-names has no name, or more than 100,000", "Correct it.");
    const char **names = ir_calloc(count, sizeof *names);
    if (names == NULL)
        return ir_fail_nomem(err);
    for (size_t i = 0; i < count; i++) {
        char *name = strsep(&text, "\n");
        while (ir_ascii_is_space(*name))
            name++;
        size_t length = strlen(name);
        while (length > 0 && ir_ascii_is_space(name[length - 1]))
            name[--length] = '\0';
        names[i] = name;
    }
    *out = names;
    *out_count = count;
    return 0;
}

/* ---- the answer -------------------------------------------------------------------------- */

static int by_probability(const void *left, const void *right)
{
    const struct guess *a = left;
    const struct guess *b = right;
    if (a->probability != b->probability)
        return a->probability > b->probability ? -1 : 1;
    return a->class_index < b->class_index ? -1 : 1;
}

static int check_probabilities(const double *probabilities, size_t count, struct ir_error *err)
{
    for (size_t i = 0; i < count; i++)
        if (!(probabilities[i] >= 0.0 && probabilities[i] <= 1.0 + ROUNDING))
            return fail(err, IR_ERR_RESPONSE,
                        "the answer's numbers are no probabilities: one is not between 0 and 1",
                        "Let the model's container answer with probabilities (softmax).");
    return 0;
}

static int add_guess(struct ir_labels_job *job, const struct guess *guess, const char *const *names,
                     struct ir_error *err)
{
    char number[MAX_NAME_BYTES];
    snprintf(number, sizeof number, "class %zu", guess->class_index);
    double pct = fmin(guess->probability * 100.0, 100.0);
    const struct ir_label label = {
        .name = names != NULL && *names[guess->class_index] != '\0' ? names[guess->class_index]
                                                                    : number,
        .confidence_pct = pct,
        .label_confidence_pct = pct,
    };
    return ir_result_add_label(job->result, &label, NULL) == 0 ? 0 : ir_fail_nomem(err);
}

/* The surest first; no more than can be wanted. */
static int add_guesses(struct ir_labels_job *job, const double *probabilities, size_t count,
                       const char *const *names, struct ir_error *err)
{
    struct guess *guesses = ir_calloc(count, sizeof *guesses);
    int rc = 0;
    if (guesses == NULL)
        return ir_fail_nomem(err);
    for (size_t i = 0; i < count; i++)
        guesses[i] = (struct guess){i, probabilities[i]};
    qsort(guesses, count, sizeof *guesses, by_probability);
    for (size_t i = 0; rc == 0 && i < count && i < IR_LABELS_LIMIT_MAX_LABELS; i++)
        rc = add_guess(job, &guesses[i], names, err);
    ir_free(guesses);
    return rc;
}

static int read_classes(struct ir_labels_job *job, const double *probabilities, size_t count,
                        struct ir_error *err)
{
    const char **names = NULL;
    size_t name_count = 0;
    int rc = check_probabilities(probabilities, count, err);
    if (rc == 0 && job->class_text != NULL)
        rc = split_classes(job->class_text, &names, &name_count, err);
    if (rc == 0 && names != NULL && name_count != count) {
        rc = ir_fail(err, IR_ERR_ARG, "the model has %zu classes, and class-names names %zu", count,
                     name_count);
        ir_error_set_service(err, IR_LABELS_SERVICE);
        ir_error_set_hint(err, "Name each class of the model, in its order, once.");
    }
    if (rc == 0)
        rc = add_guesses(job, probabilities, count, names, err);
    job->result->has_labels = true;
    ir_free(names);
    return rc;
}

/* A list of probabilities, else names with scores: [{"label":"cat","score":0.9}]. */
static int read_answer(struct ir_labels_job *job, const struct ir_http_response *response,
                       struct ir_error *err)
{
    const struct ir_labels_view view = ir_labels_view_of(job, NULL);
    double *probabilities = NULL;
    size_t count = 0;
    int rc = ir_sagemaker_read_probabilities(ir_buf_text(&response->body), response->body.bytes,
                                             &probabilities, &count, err);
    if (rc == 0) {
        rc = read_classes(job, probabilities, count, err);
    } else if (rc == IR_ERR_RESPONSE) {
        struct ir_error named = {0};
        int named_rc =
            ir_labels_read(ir_buf_text(&response->body), &view, SERVICE, job->result, &named);
        if (named_rc != IR_ERR_RESPONSE) {
            *err = named;
            rc = named_rc;
        }
    }
    ir_free(probabilities);
    return rc;
}

/* ---- the call ---------------------------------------------------------------------------- */

/*
 * The user's own container failed (424): its status and words, where the service's message does not
 * hold them. {"Message":...,"OriginalStatusCode":500,"OriginalMessage":...,"LogStreamArn":...}
 */
static void explain(const struct ir_http_response *response, struct ir_error *err)
{
    struct ir_json_doc *doc = NULL;
    char line[MAX_LINE_BYTES];
    char status[MAX_NAME_BYTES];
    if (strcmp(err->aws_code, "ModelError") != 0 ||
        ir_json_parse(ir_buf_text(&response->body), response->body.bytes, "it", &doc, NULL) != 0)
        return;
    const struct ir_json_value *root = ir_json_root(doc);
    double code = ir_json_number(ir_json_get(root, "OriginalStatusCode"), 0.0);
    const char *words = ir_json_member_string(root, "OriginalMessage", "");
    snprintf(status, sizeof status, "%.0f", code);
    if (code > 0.0 && strstr(err->message, status) == NULL) {
        snprintf(line, sizeof line, "; the model's container answered with status %s: %.*s", status,
                 (int)ir_utf8_floor(words, strlen(words), MAX_WORDS_BYTES), words);
        ir_error_add_words(err, line);
    }
    ir_json_free(doc);
}

static int read_one(void *context, int call_rc, const struct ir_http_response *response,
                    struct ir_consumption *measured, struct ir_error *err)
{
    struct ir_labels_job *job = context;
    (void)measured; /* a request is one, and the seam counts it */
    if (call_rc == 0)
        return read_answer(job, response, err);
    explain(response, err);
    return call_rc;
}

static int send(struct ir_labels_job *job, struct ir_request *request, struct ir_error *err)
{
    static const char operation[] = "InvokeEndpoint";
    /* What the same bytes are sent as makes another question of them, and another account, for
     * which a profile stands, may have an endpoint of that name. */
    char path[MAX_LINE_BYTES];
    snprintf(path, sizeof path, "%s %s %s", request->aws.path, content_type(job),
             job->client->aws.config.profile);
    request->aws.cancel = job->options->cancel;
    const struct ir_paid_call call = {
        .client = job->client,
        .request = &request->aws,
        .operation = operation,
        .price = ir_price_of_operation(job->client->paid.prices, request->aws.service, operation),
        .estimate = {.requests = 1},
        .cache_path = path,
        .read = read_one,
        .context = job,
    };
    return ir_paid_run(&call, &job->result->usage, err);
}

int ir_labels_sagemaker(struct ir_labels_job *job, struct ir_error *err)
{
    const struct ir_picture *picture = job->picture;
    const struct ir_body body = {.pieces = {{picture->spans, picture->span_count, false, NULL}},
                                 .piece_count = 1};
    const struct ir_invoke_endpoint_options options = {
        .endpoint_name = job->target,
        .content_type = content_type(job),
        .accept = "application/json",
        .body = &body,
    };
    struct ir_request request;
    int rc = ir_invoke_endpoint_call(&options, &request, err);
    if (rc != 0)
        return rc;
    rc = send(job, &request, err);
    if (rc == 0)
        rc = ir_labels_set_source(job, "sagemaker:", job->target, err);
    ir_request_release(&request);
    return rc;
}
