/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the providers share. A service on the way to credentials (STS, IAM Identity Center, sign-in)
 * is called by ir_aws_call itself, with a store that holds the source's credentials and nothing
 * else, so that signature, retry and error shapes are the same as everywhere and no chain is asked
 * inside the chain.
 */
#include "core/aws/credentials_provider.h"

#include <string.h>

#include "core/base/alloc.h"
#include "core/base/error.h"

#define MAX_PATH_BYTES 4096
#define MAX_TOKEN_FILE_BYTES (256U * 1024)

static int64_t monotonic_ms(const struct ir_credentials_context *context)
{
    const struct ir_world *world = context->config->world;
    return world->monotonic_ms(world->context);
}

/* ---- asking others ----------------------------------------------------------------------- */

/* What is known of the servers' clock goes along, and what this call learns of it comes back: a
 * wrong clock costs one refused attempt, not one in each call. */
static int call_with_clock(const struct ir_credentials_context *context, struct ir_aws *aws,
                           const struct ir_aws_request *request, struct ir_http_response *response,
                           struct ir_error *err)
{
    unsigned retries = 0;
    long long before_ms = 0;
    if (context->clock_offset_ms != NULL)
        before_ms = atomic_load(context->clock_offset_ms);
    atomic_store(&aws->clock_offset_ms, before_ms);
    int rc = ir_aws_call(aws, request, response, &retries, err);
    long long after_ms = atomic_load(&aws->clock_offset_ms);
    if (context->clock_offset_ms != NULL && after_ms != before_ms)
        atomic_store(context->clock_offset_ms, after_ms);
    return rc;
}

int ir_credentials_call(const struct ir_credentials_context *context,
                        const struct ir_credentials_call *call, struct ir_http_response *response,
                        struct ir_error *err)
{
    struct ir_aws aws;
    struct ir_aws_request request = call->request;
    char *endpoint = NULL;
    char *region = NULL;
    int64_t left_ms = context->deadline_ms - monotonic_ms(context);
    if (left_ms <= 0)
        return ir_fail(err, IR_ERR_TIMEOUT, "no credentials were found within the time limit");
    if (call->endpoint != NULL)
        endpoint = ir_strdup(call->endpoint);
    if (call->region != NULL)
        region = ir_strdup(call->region);
    if ((call->endpoint != NULL && endpoint == NULL) || (call->region != NULL && region == NULL)) {
        ir_free(endpoint);
        ir_free(region);
        return ir_fail_nomem(err);
    }
    ir_aws_init(&aws, context->config->world, context->transport);
    aws.config = *context->config; /* borrowed, but for what is set here */
    if (context->log != NULL)
        aws.log = *context->log;
    if (region != NULL)
        aws.config.region = region;
    if (call->max_attempts > 0)
        aws.config.max_attempts = call->max_attempts;
    aws.endpoint_setting = endpoint;
    aws.timeout_ms = (long)left_ms;
    ir_credentials_store_release(&aws.credentials);
    ir_credentials_store_init_fixed(&aws.credentials, call->signer);
    request.cancel = context->cancel;
    request.max_response_bytes = IR_CREDENTIALS_MAX_ANSWER_BYTES;
    int rc = call_with_clock(context, &aws, &request, response, err);
    ir_aws_release(&aws);
    ir_free(endpoint);
    ir_free(region);
    return rc;
}

int ir_credentials_fetch(const struct ir_credentials_context *context,
                         const struct ir_http_request *request, long timeout_ms,
                         struct ir_http_response *response, struct ir_error *err)
{
    static const struct ir_body empty = {.piece_count = 0};
    struct ir_http_request own = *request;
    if (own.body == NULL)
        own.body = &empty;
    own.no_proxy = true;
    own.ca_bundle = context->config->ca_bundle;
    own.cancel = context->cancel;
    own.max_response_bytes = IR_CREDENTIALS_MAX_ANSWER_BYTES;
    own.deadline_ms = monotonic_ms(context) + timeout_ms;
    if (own.deadline_ms > context->deadline_ms)
        own.deadline_ms = context->deadline_ms;
    return context->transport->perform(context->transport->context, &own, response, err);
}

/* ---- reading what they say --------------------------------------------------------------- */

/* A member that is a text and not empty, else NULL. */
static const char *text_of(const struct ir_json_value *object, const char *member)
{
    const char *text = member != NULL ? ir_json_member_string(object, member, NULL) : NULL;
    return text != NULL && *text != '\0' ? text : NULL;
}

static int fail_member(const char *what, const char *member, struct ir_error *err)
{
    return ir_fail(err, IR_ERR_RESPONSE, "%s has no valid \"%s\"", what, member);
}

int ir_credentials_from_json(const struct ir_json_value *object,
                             const struct ir_credentials_names *names, const char *what,
                             const char *provider, struct ir_credentials **out,
                             struct ir_error *err)
{
    const char *key_id = text_of(object, names->access_key_id);
    const char *secret = text_of(object, names->secret_key);
    const char *token = text_of(object, names->session_token);
    const char *date = text_of(object, names->expires);
    int64_t expires_unix_ms = IR_CREDENTIALS_NO_END;
    if (key_id == NULL)
        return fail_member(what, names->access_key_id, err);
    if (secret == NULL)
        return fail_member(what, names->secret_key, err);
    if (token == NULL && names->is_temporary)
        return fail_member(what, names->session_token, err);
    if ((date == NULL && names->is_temporary && names->expires != NULL) ||
        (date != NULL && !ir_world_parse_iso_date(date, &expires_unix_ms)))
        return fail_member(what, names->expires, err);
    struct ir_credentials *found = ir_credentials_new(key_id, secret, token, provider);
    if (found == NULL)
        return ir_fail_nomem(err);
    found->expires_unix_ms = expires_unix_ms;
    *out = found;
    return 0;
}

/* ---- token caches ------------------------------------------------------------------------ */

int ir_token_file_read(const struct ir_credentials_context *context, const char *folder,
                       const char *name, struct ir_token_file *out, struct ir_error *err)
{
    const struct ir_world *world = context->config->world;
    bool is_missing = false;
    *out = (struct ir_token_file){.doc = NULL};
    ir_buf_init(&out->path, MAX_PATH_BYTES);
    ir_buf_init_secret(&out->text, MAX_TOKEN_FILE_BYTES);
    ir_world_expand_home(world, folder, &out->path);
    ir_buf_appendf(&out->path, "/%s.json", name);
    int rc = ir_buf_check(&out->path, "the path of the session's file", err);
    if (rc != 0)
        return rc;
    const char *path = ir_buf_text(&out->path);
    rc = world->read_file(world->context, path, &out->text, &is_missing, err);
    if (rc != 0 && is_missing) {
        ir_error_clear(err);
        return 0;
    }
    if (rc == 0)
        rc = ir_json_parse_secret(ir_buf_text(&out->text), out->text.bytes, path, &out->doc, err);
    return rc == IR_ERR_RESPONSE ? ir_fail(err, IR_ERR_AUTH, "%s is not valid JSON", path) : rc;
}

void ir_token_file_release(struct ir_token_file *file)
{
    ir_json_free(file->doc);
    ir_buf_release(&file->text);
    ir_buf_release(&file->path);
    file->doc = NULL;
}

struct copying {
    struct ir_json_writer *writer;
    bool (*replace)(void *context, const char *member, struct ir_json_writer *writer);
    void *replace_context;
};

static bool copy_member(void *context, const char *member, const struct ir_json_value *value)
{
    struct copying *copying = context;
    if (!copying->replace(copying->replace_context, member, copying->writer)) {
        ir_json_key(copying->writer, member);
        ir_json_put_value(copying->writer, value);
    }
    return true;
}

int ir_token_file_write(const struct ir_credentials_context *context,
                        const struct ir_token_file *file,
                        bool (*replace)(void *replace_context, const char *member,
                                        struct ir_json_writer *writer),
                        void *replace_context, struct ir_error *err)
{
    const struct ir_world *world = context->config->world;
    const char *path = ir_buf_text(&file->path);
    struct ir_json_writer writer;
    struct ir_buf text;
    struct copying copying = {&writer, replace, replace_context};
    if (world->write_private_file == NULL)
        return ir_fail(err, IR_ERR_ARG, "cannot write %s", path);
    ir_buf_init_secret(&text, MAX_TOKEN_FILE_BYTES);
    ir_json_writer_init(&writer, &text);
    ir_json_begin_object(&writer);
    ir_json_each(ir_json_root(file->doc), copy_member, &copying);
    replace(replace_context, NULL, &writer);
    ir_json_end_object(&writer);
    int rc = ir_buf_check(&text, path, err);
    if (rc == 0)
        rc = world->write_private_file(world->context, path, text.data, text.bytes, err);
    ir_buf_release(&text);
    return rc;
}
