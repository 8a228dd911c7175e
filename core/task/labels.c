/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The labels task: options, files that they name, who is asked, and the document. The sources stand
 * in labels_SOURCE.c; what is made of their answers in labels_refine.c.
 */
#include <imgrecog/labels.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/ascii.h"
#include "core/base/error.h"
#include "core/base/utf8.h"
#include "core/task/converse.h"
#include "core/task/document.h"
#include "core/task/labels_job.h"
#include "core/task/language.h"
#include "core/task/precheck.h"

#define MAX_CLASS_BYTES (8U << 20)
#define MAX_PATH_BYTES 4096U
#define MAX_TARGET_BYTES 256U
#define MAX_SOURCE_BYTES 512U

static const struct source {
    const char *name;  /* with its colon where a target follows */
    const char *title; /* for messages */
    const struct ir_service *service;
    int (*check)(const struct ir_labels_job *job, struct ir_error *err);
    int (*ask)(struct ir_labels_job *job, struct ir_error *err);
} sources[] = {
    [IR_LABELS_REKOGNITION] = {"rekognition", "Rekognition", &ir_service_rekognition,
                               ir_labels_rekognition_check, ir_labels_rekognition},
    [IR_LABELS_BEDROCK] = {"bedrock", "Bedrock", &ir_service_bedrock_runtime, NULL,
                           ir_labels_bedrock},
    [IR_LABELS_SAGEMAKER] = {"sagemaker:", "SageMaker", &ir_service_sagemaker_runtime,
                             ir_labels_sagemaker_check, ir_labels_sagemaker},
    [IR_LABELS_LAMBDA] = {"lambda:", "Lambda", &ir_service_lambda, ir_labels_lambda_check,
                          ir_labels_lambda},
};
#define SOURCE_COUNT (sizeof sources / sizeof sources[0])

static int fail_option(struct ir_error *err, const char *cause, const char *hint)
{
    return ir_fail_with(err, IR_ERR_ARG, IR_LABELS_SERVICE, cause, hint);
}

/* ---- options ----------------------------------------------------------------------------- */

/* Names and ARNs: letters, digits and what stands between their parts. */
static bool is_target(const char *target)
{
    size_t bytes = strlen(target);
    for (const char *c = target; *c != '\0'; c++) {
        char small = ir_ascii_lower(*c);
        if (!(small >= 'a' && small <= 'z') && !ir_ascii_is_digit(*c) &&
            strchr("-_:./$", *c) == NULL)
            return false;
    }
    return bytes > 0 && bytes <= MAX_TARGET_BYTES;
}

bool ir_labels_parse_from(const char *from, enum ir_labels_source *out, const char **out_target)
{
    const char *text = from != NULL ? from : "rekognition";
    for (size_t i = 0; i < SOURCE_COUNT; i++) {
        size_t bytes = strlen(sources[i].name);
        bool has_target = sources[i].name[bytes - 1] == ':';
        if (strncmp(text, sources[i].name, bytes) != 0 ||
            (has_target ? !is_target(text + bytes) : text[bytes] != '\0'))
            continue;
        *out = (enum ir_labels_source)i;
        *out_target = has_target ? text + bytes : NULL;
        return true;
    }
    return false;
}

static int check_numbers(const struct ir_labels_options *options, struct ir_error *err)
{
    if (!(options->min_confidence_pct >= 0.0 && options->min_confidence_pct <= 100.0))
        return fail_option(err, "min-confidence must be between 0 and 100", "Correct it.");
    if (!(options->fail_below_pct >= 0.0 && options->fail_below_pct <= 100.0))
        return fail_option(err, "fail-below must be between 0 and 100", "Correct it.");
    if (options->max_labels < 1 || options->max_labels > IR_LABELS_LIMIT_MAX_LABELS)
        return fail_option(err, "max-labels must be between 1 and 1000", "Correct it.");
    return ir_converse_check_max_tokens(options->max_tokens, IR_LABELS_SERVICE, err);
}

/* What only some sources have must not be asked of the others: it would be believed. */
static int check_belonging(const struct ir_labels_job *job, struct ir_error *err)
{
    const struct ir_labels_options *options = job->options;
    bool is_rekognition = job->source == IR_LABELS_REKOGNITION;
    bool has_prompt = job->source == IR_LABELS_BEDROCK || job->source == IR_LABELS_LAMBDA;
    if (!is_rekognition && (options->text || options->faces || options->properties))
        return fail_option(err, "text, faces and properties come from Rekognition only",
                           "Leave them out, or set from to rekognition.");
    if (!is_rekognition &&
        (options->include_categories != NULL || options->exclude_categories != NULL))
        return fail_option(err, "only Rekognition's labels have categories",
                           "Use include-labels, exclude-labels or a vocabulary.");
    if (options->prompt != NULL && !has_prompt)
        return fail_option(err, "a prompt goes to models, and none is asked",
                           "Leave it out, or set from to bedrock or lambda:FUNCTION.");
    return 0;
}

static int check_words(const struct ir_labels_options *options, struct ir_error *err)
{
    const char *prompt = options->prompt;
    int rc = options->language != NULL
                 ? ir_language_check(options->language, IR_LABELS_SERVICE, err)
                 : 0;
    if (rc != 0 || prompt == NULL)
        return rc;
    size_t bytes = strlen(prompt);
    if (bytes > IR_LABELS_MAX_PROMPT_BYTES)
        return ir_fail_with(err, IR_ERR_TOO_LARGE, IR_LABELS_SERVICE,
                            "the prompt has more than 100,000 bytes", "Make it shorter.");
    if (bytes == 0 || !ir_utf8_is_valid(prompt, bytes))
        return fail_option(err, "the prompt is empty, or is not UTF-8",
                           "Write what is to be asked, or leave it out.");
    return 0;
}

/* Models are asked for a language; elsewhere the vocabulary has to have it. */
static int check_language(const struct ir_labels_job *job, struct ir_error *err)
{
    const char *language = job->options->language;
    if (ir_language_is_english(language) || job->source == IR_LABELS_BEDROCK ||
        job->source == IR_LABELS_LAMBDA ||
        (job->vocabulary != NULL && ir_vocabulary_has_language(job->vocabulary, language)))
        return 0;
    ir_fail(err, IR_ERR_ARG, "%s names labels in English%s", sources[job->source].title,
            job->vocabulary != NULL ? ", and the vocabulary has no word in the language wanted"
                                    : "");
    ir_error_set_service(err, IR_LABELS_SERVICE);
    ir_error_set_hint(err, "Name a vocabulary with words in that language, set language to "
                           "English, or set from to bedrock.");
    return IR_ERR_ARG;
}

/* ---- names and files --------------------------------------------------------------------- */

static int split_names(const char *list, const char *key, struct ir_labels_names *out,
                       struct ir_error *err)
{
    if (list == NULL)
        return 0;
    out->text = ir_strdup(list);
    if (out->text == NULL)
        return ir_fail_nomem(err);
    char *rest = out->text;
    while (rest != NULL) {
        char *name = strsep(&rest, ",");
        while (ir_ascii_is_space(*name))
            name++;
        size_t bytes = strlen(name);
        while (bytes > 0 && ir_ascii_is_space(name[bytes - 1]))
            name[--bytes] = '\0';
        if (bytes > 0 && out->count < IR_LABELS_MAX_FILTER_NAMES) {
            out->items[out->count++] = name;
        } else if (bytes > 0) {
            ir_fail(err, IR_ERR_ARG, "%s has more than 100 names", key);
            ir_error_set_service(err, IR_LABELS_SERVICE);
            ir_error_set_hint(err, "Rekognition takes no more; a vocabulary does.");
            return IR_ERR_ARG;
        }
    }
    return 0;
}

static int read_filters(struct ir_labels_job *job, struct ir_error *err)
{
    const struct ir_labels_options *options = job->options;
    int rc = split_names(options->include_labels, "include-labels", &job->include_labels, err);
    if (rc == 0)
        rc = split_names(options->exclude_labels, "exclude-labels", &job->exclude_labels, err);
    if (rc == 0)
        rc = split_names(options->include_categories, "include-categories",
                         &job->include_categories, err);
    if (rc == 0)
        rc = split_names(options->exclude_categories, "exclude-categories",
                         &job->exclude_categories, err);
    return rc;
}

/* A file that an option names. */
static int read_file(const struct ir_labels_job *job, const char *path, const char *key,
                     struct ir_buf *out, struct ir_error *err)
{
    const struct ir_world *world = job->client->aws.world;
    struct ir_buf full;
    bool is_missing = false;
    ir_buf_init(&full, MAX_PATH_BYTES);
    ir_world_expand_home(world, path, &full);
    int rc = ir_buf_check(&full, "the path", err);
    if (rc == 0)
        rc = world->read_file(world->context, ir_buf_text(&full), out, &is_missing, err);
    ir_buf_release(&full);
    if (rc != 0) {
        ir_error_set_service(err, key);
        ir_error_set_hint(err, "Check the path, and who may read it.");
    }
    return rc;
}

static int read_vocabulary(struct ir_labels_job *job, struct ir_error *err)
{
    const char *path = job->options->vocabulary;
    struct ir_buf text;
    if (path == NULL)
        return 0;
    ir_buf_init(&text, IR_VOCABULARY_MAX_BYTES);
    int rc = read_file(job, path, "vocabulary", &text, err);
    if (rc == 0)
        rc = ir_vocabulary_new(ir_buf_text(&text), text.bytes, path, &job->vocabulary, err);
    ir_buf_release(&text);
    return rc;
}

/* A list where there is a comma, unless it begins as paths do. */
static bool is_path(const char *value)
{
    return *value == '/' || strncmp(value, "./", 2) == 0 || strncmp(value, "../", 3) == 0 ||
           strncmp(value, "~/", 2) == 0 || strchr(value, ',') == NULL;
}

static int read_classes(struct ir_labels_job *job, struct ir_error *err)
{
    const char *value = job->options->class_names;
    struct ir_buf text;
    if (value == NULL || job->source != IR_LABELS_SAGEMAKER)
        return 0;
    ir_buf_init(&text, MAX_CLASS_BYTES);
    int rc = 0;
    if (is_path(value))
        rc = read_file(job, value, "class-names", &text, err);
    else
        ir_buf_append_text(&text, value);
    for (size_t i = 0; rc == 0 && i < text.bytes && !is_path(value); i++)
        text.data[i] = text.data[i] == ',' ? '\n' : text.data[i];
    if (rc == 0)
        rc = ir_buf_check(&text, "the list of class names", err);
    if (rc == 0 && !ir_utf8_is_valid(ir_buf_text(&text), text.bytes))
        rc = fail_option(err, "class-names is not UTF-8", "Convert the file.");
    if (rc == 0) {
        job->class_text = ir_strdup(ir_buf_text(&text));
        rc = job->class_text != NULL ? 0 : ir_fail_nomem(err);
    }
    ir_buf_release(&text);
    return rc;
}

/* ---- the task ---------------------------------------------------------------------------- */

int ir_labels_set_source(struct ir_labels_job *job, const char *kind, const char *name,
                         struct ir_error *err)
{
    char text[MAX_SOURCE_BYTES];
    snprintf(text, sizeof text, "%s%s", kind, name);
    return ir_result_set_text(&job->result->label_source, text) == 0 ? 0 : ir_fail_nomem(err);
}

/* All that can be told to be wrong without a picture. */
static int prepare(struct ir_labels_job *job, struct ir_error *err)
{
    const struct ir_labels_options *options = job->options;
    if (options->version != IR_LABELS_OPTIONS_VERSION)
        return ir_fail(err, IR_ERR_ARG, "labels options of version %u are not known",
                       options->version);
    if (!ir_labels_parse_from(options->from, &job->source, &job->target))
        return fail_option(err, "nobody can be asked for labels by that name",
                           "Set from to rekognition, bedrock, sagemaker:ENDPOINT or "
                           "lambda:FUNCTION.");
    int rc = check_numbers(options, err);
    if (rc == 0)
        rc = check_words(options, err);
    if (rc == 0)
        rc = check_belonging(job, err);
    if (rc == 0)
        rc = read_filters(job, err);
    if (rc == 0)
        rc = read_vocabulary(job, err);
    if (rc == 0)
        rc = read_classes(job, err);
    if (rc == 0)
        rc = check_language(job, err);
    return rc;
}

static void release(struct ir_labels_job *job)
{
    ir_free(job->include_labels.text);
    ir_free(job->exclude_labels.text);
    ir_free(job->include_categories.text);
    ir_free(job->exclude_categories.text);
    ir_vocabulary_free(job->vocabulary);
    ir_free(job->class_text);
}

int ir_labels_check(struct ir_client *client, const struct ir_labels_options *options,
                    struct ir_error *err)
{
    struct ir_error own_error = {0};
    struct ir_labels_job job = {.client = client, .options = options};
    int rc = prepare(&job, err != NULL ? err : &own_error);
    release(&job);
    return rc;
}

int ir_labels(struct ir_client *client, const struct ir_picture *picture,
              const struct ir_labels_options *options, struct ir_result **out, struct ir_error *err)
{
    const struct ir_world *world = client->aws.world;
    struct ir_error own_error = {0};
    struct ir_labels_job job = {
        .client = client,
        .picture = picture,
        .options = options,
        .deadline_ms = world->monotonic_ms(world->context) + client->aws.timeout_ms,
    };
    if (err == NULL)
        err = &own_error;
    int rc = prepare(&job, err);
    if (rc == 0 && sources[job.source].check != NULL)
        rc = sources[job.source].check(&job, err);
    if (rc == 0)
        rc = ir_document_new(client, sources[job.source].service, picture, options->sha256,
                             &job.result, err);
    if (rc == 0)
        rc = ir_precheck(client, picture, options->cancel, job.result, err);
    if (rc == 0)
        rc = sources[job.source].ask(&job, err);
    if (rc == 0)
        rc = ir_labels_refine(&job, err);
    if (rc == IR_PAID_DRY)
        rc = 0;
    /* What was answered is charged, also where the task as a whole fails. */
    if (rc != 0 && job.result != NULL && job.result->usage.requests > 0)
        err->maybe_served = true;
    if (rc == 0)
        *out = job.result;
    else
        ir_result_free(job.result);
    release(&job);
    return rc;
}
