/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The doctor on the account: where credentials come from, the region, and whom AWS takes them for.
 * Of a key its last four characters are told, of a secret and a token nothing.
 */
#include <stdio.h>
#include <string.h>

#include "core/base/error.h"
#include "core/task/doctor.h"

#define KEY_SHOWN_CHARS 4
#define SOON_MS (15LL * 60 * 1000)
#define TRY_WITHOUT "To try without an account: imgrecog labels --endpoint local PHOTO"

/* ---- credentials ------------------------------------------------------------------------- */

static void say_found(struct ir_doctor_job *job, const struct ir_credentials *found)
{
    char until[64] = "";
    char date[21];
    size_t chars = strlen(found->access_key_id);
    const char *end =
        found->access_key_id + (chars > 3 * KEY_SHOWN_CHARS ? chars - KEY_SHOWN_CHARS : chars);
    int64_t left_ms = found->expires_unix_ms - job->world->unix_ms(job->world->context);
    bool has_end = found->expires_unix_ms != IR_CREDENTIALS_NO_END;
    if (has_end) {
        ir_world_iso_date(found->expires_unix_ms, date);
        snprintf(until, sizeof until, ", until %s", date);
    }
    bool ends_soon = has_end && left_ms < SOON_MS;
    ir_doctor_say(job, "credentials", "credentials", ends_soon ? IR_DOCTOR_WARN : IR_DOCTOR_OK,
                  ends_soon ? "They end in a few minutes: renew them where they come from, unless "
                              "that happens by itself."
                            : NULL,
                  "from %s, profile \"%s\", key ...%s%s", found->provider,
                  job->client->aws.config.profile, end, until);
}

static void say_none(struct ir_doctor_job *job, const struct ir_error *err)
{
    static const char start[] = "no credentials found";
    struct ir_error told = *err;
    if (strncmp(err->message, start, sizeof start - 1) == 0)
        ir_error_set_hint(&told, "Run `aws configure` (keys) or `aws configure sso`, or set "
                                 "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. " TRY_WITHOUT);
    else
        ir_error_set_hint(&told, "%.260s%s" TRY_WITHOUT, err->hint,
                          err->hint[0] != '\0' ? ". " : "");
    ir_doctor_say_error(job, "credentials", "credentials", IR_DOCTOR_FAIL, &told);
}

static void find_credentials(struct ir_doctor_job *job)
{
    struct ir_aws *aws = &job->client->aws;
    struct ir_credentials *found = NULL;
    struct ir_error err = {0};
    int64_t now_ms = job->world->monotonic_ms(job->world->context);
    struct ir_credentials_context context = ir_credentials_context(
        &aws->config, &aws->transport, now_ms + ir_doctor_left_ms(job), job->options->cancel);
    context.log = &aws->log;
    context.clock_offset_ms = &aws->clock_offset_ms;
    int rc = ir_credentials_store_get(&aws->credentials, &context, &found, &err);
    job->has_credentials = rc == 0;
    if (rc == 0)
        say_found(job, found);
    else if (rc != IR_ERR_CANCELLED)
        say_none(job, &err);
    ir_credentials_release(found);
}

/* A key for Bedrock alone goes before all others there. */
static void look_at_bearer(struct ir_doctor_job *job)
{
    if (ir_world_getenv(job->world, "AWS_BEARER_TOKEN_BEDROCK") != NULL)
        ir_doctor_say(job, "bedrock-key", "Bedrock's key", IR_DOCTOR_OK, NULL,
                      "AWS_BEARER_TOKEN_BEDROCK is set: Bedrock is asked with it, and not with the "
                      "credentials");
}

/* ---- the region -------------------------------------------------------------------------- */

static void look_at_region(struct ir_doctor_job *job)
{
    const struct ir_aws_config *config = &job->client->aws.config;
    const char *from = NULL;
    if (config->region == NULL) {
        ir_doctor_say(job, "region", "region", IR_DOCTOR_FAIL,
                      "Set AWS_REGION, for example to us-east-1, or run: aws configure set region "
                      "us-east-1",
                      "none is set (looked at: the setting region, AWS_REGION, "
                      "AWS_DEFAULT_REGION, the profile \"%s\")",
                      config->profile);
        return;
    }
    if (ir_settings_get(job->options->settings, "region") != NULL)
        from = "the setting region";
    else if (ir_world_getenv(job->world, "AWS_REGION") != NULL)
        from = "AWS_REGION";
    else if (ir_world_getenv(job->world, "AWS_DEFAULT_REGION") != NULL)
        from = "AWS_DEFAULT_REGION";
    else
        from = "the profile";
    ir_doctor_say(job, "region", "region", IR_DOCTOR_OK, NULL, "%s, from %s", config->region, from);
}

void ir_doctor_look_at_credentials(struct ir_doctor_job *job)
{
    if (job->is_embedded) {
        job->has_credentials = true;
        ir_doctor_say(job, "credentials", "credentials", IR_DOCTOR_OK, NULL,
                      "none are needed: the recogniser on this machine is asked (endpoint=local)");
        return;
    }
    find_credentials(job);
    look_at_bearer(job);
    look_at_region(job);
}

/* ---- the identity ------------------------------------------------------------------------ */

/* What a refusal of STS means, beyond its own words. */
static const char *explain(const char *aws_code)
{
    static const struct {
        const char *aws_code;
        const char *next;
    } rows[] = {
        {"InvalidClientTokenId",
         "AWS does not know this access key: it may be misspelt, deleted, inactive or of another "
         "partition, or temporary and without its AWS_SESSION_TOKEN. Make or activate one in IAM, "
         "then run `aws configure`."},
        {"UnrecognizedClientException",
         "AWS does not know this access key: it may be misspelt, deleted, inactive or of another "
         "partition, or temporary and without its AWS_SESSION_TOKEN. Make or activate one in IAM, "
         "then run `aws configure`."},
        {"SignatureDoesNotMatch", "The secret key is not the one of this access key: set both "
                                  "again, without blanks or quotes, with `aws configure`."},
        {"ExpiredToken", "The temporary credentials have ended: renew them where they come from, "
                         "for example with `aws sso login` or `aws login`."},
        {"ExpiredTokenException",
         "The temporary credentials have ended: renew them where they come from, for example with "
         "`aws sso login` or `aws login`."},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i].aws_code, aws_code) == 0)
            return rows[i].next;
    return NULL;
}

void ir_doctor_look_at_identity(struct ir_doctor_job *job)
{
    struct ir_aws *aws = &job->client->aws;
    struct ir_error err = {0};
    if (!job->has_credentials || (aws->config.region == NULL && !job->is_embedded)) {
        ir_doctor_say(job, "identity", "identity", IR_DOCTOR_SKIPPED, NULL,
                      job->has_credentials ? "not asked: no region is set"
                                           : "not asked: there are no credentials");
        return;
    }
    if (ir_doctor_is_late(job, "identity", "identity"))
        return;
    long old_timeout_ms = aws->timeout_ms;
    aws->timeout_ms = ir_doctor_left_ms(job);
    int rc = ir_sts_get_caller_identity(aws, job->options->cancel, &job->identity, &err);
    aws->timeout_ms = old_timeout_ms;
    job->is_taken = rc == 0;
    if (rc == 0) {
        ir_doctor_say(job, "identity", "identity", IR_DOCTOR_OK, NULL, "account %s, %s",
                      job->identity.account, job->identity.arn);
    } else if (rc != IR_ERR_CANCELLED) {
        const char *next = explain(err.aws_code);
        if (next != NULL)
            ir_error_set_hint(&err, "%s", next);
        ir_doctor_say_error(job, "identity", "identity", IR_DOCTOR_FAIL, &err);
    }
}
