/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lets judges in other languages make any call of S3 that the core makes:
 *
 *     s3_call OPERATION key=value...
 *
 * The client is that of the environment. One JSON object goes to standard output, of success and of
 * failure; the exit code is 0, or 2 when the words are not understood.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <imgrecog/upload.h>

#include "core/base/alloc.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/service/s3_check.h"
#include "core/service/s3_list.h"
#include "core/service/s3_multipart.h"
#include "core/task/client.h"

#define MAX_PAIRS 64
#define MAX_OUTPUT_BYTES (64U << 20)
#define MAX_OBJECT_BYTES (256U << 20)

/* ---- words ------------------------------------------------------------------------------- */

struct args {
    const char *operation;
    const char *bucket, *key, *file, *owner, *version, *range;
    const char *content_type, *cache_control, *content_disposition, *storage_class;
    const char *sse, *kms_key, *kms_context;
    const char *prefix, *delimiter, *max_keys, *expires, *upload_id, *part;
    const char *jobs, *part_bytes, *threshold_bytes, *cancel_after_bytes, *repeat;
    bool bucket_key, if_none_match, keep_parts;
    struct ir_upload_pair metadata[MAX_PAIRS], tags[MAX_PAIRS];
    size_t metadata_count, tag_count;
};

static bool take_text(struct args *args, const char *name, const char *value)
{
    const struct {
        const char *name;
        const char **out;
    } texts[] = {
        {"bucket", &args->bucket},
        {"key", &args->key},
        {"file", &args->file},
        {"owner", &args->owner},
        {"version", &args->version},
        {"range", &args->range},
        {"content-type", &args->content_type},
        {"cache-control", &args->cache_control},
        {"content-disposition", &args->content_disposition},
        {"storage-class", &args->storage_class},
        {"sse", &args->sse},
        {"kms-key", &args->kms_key},
        {"kms-context", &args->kms_context},
        {"prefix", &args->prefix},
        {"delimiter", &args->delimiter},
        {"max-keys", &args->max_keys},
        {"expires", &args->expires},
        {"upload-id", &args->upload_id},
        {"part", &args->part},
        {"jobs", &args->jobs},
        {"part-bytes", &args->part_bytes},
        {"threshold-bytes", &args->threshold_bytes},
        {"cancel-after-bytes", &args->cancel_after_bytes},
        {"repeat", &args->repeat},
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (strcmp(texts[i].name, name) == 0) {
            *texts[i].out = value;
            return true;
        }
    return false;
}

static bool take_flag(struct args *args, const char *name, const char *value)
{
    bool is_true = strcmp(value, "true") == 0;
    if (strcmp(name, "bucket-key") == 0)
        args->bucket_key = is_true;
    else if (strcmp(name, "if-none-match") == 0)
        args->if_none_match = is_true;
    else if (strcmp(name, "keep-parts") == 0)
        args->keep_parts = is_true;
    else
        return false;
    return is_true || strcmp(value, "false") == 0;
}

static bool take_pair(struct args *args, const char *name, const char *value)
{
    if (strncmp(name, "meta.", 5) == 0 && args->metadata_count < MAX_PAIRS)
        args->metadata[args->metadata_count++] = (struct ir_upload_pair){name + 5, value};
    else if (strncmp(name, "tag.", 4) == 0 && args->tag_count < MAX_PAIRS)
        args->tags[args->tag_count++] = (struct ir_upload_pair){name + 4, value};
    else
        return false;
    return true;
}

static bool take_args(int argc, char **argv, struct args *args)
{
    if (argc < 2)
        return false;
    args->operation = argv[1];
    for (int i = 2; i < argc; i++) {
        char *value = strchr(argv[i], '=');
        if (value == NULL)
            return false;
        *value++ = '\0';
        if (!take_text(args, argv[i], value) && !take_flag(args, argv[i], value) &&
            !take_pair(args, argv[i], value))
            return false;
    }
    return true;
}

static uint64_t number_of(const char *text)
{
    return text != NULL ? strtoull(text, NULL, 10) : 0;
}

/* ---- a call ------------------------------------------------------------------------------ */

struct call {
    const struct args *args;
    struct ir_client *client;
    struct ir_json_writer json; /* the members of a success */
    struct ir_error err;
    unsigned requests;
    unsigned retries;
    unsigned progress_calls;
    uint64_t told_bytes;
    bool has_gone_back; /* progress told less than before */
    char upload_id[IR_S3_UPLOAD_ID_BYTES];
    struct ir_cancel *cancel;
    unsigned char *data;
    size_t data_bytes;
    struct ir_span span;
    struct ir_body body;
    struct ir_body_sums sums;
};

static void put_text(struct call *call, const char *name, const char *value)
{
    if (value[0] != '\0')
        ir_json_member_put_string(&call->json, name, value);
}

static void put_number(struct call *call, const char *name, uint64_t value)
{
    ir_json_member_put_integer(&call->json, name, (long long)value);
}

static struct ir_s3_object_name name_of(const struct args *args)
{
    return (struct ir_s3_object_name){args->bucket, args->key, args->version, args->owner};
}

static struct ir_s3_upload upload_of(const struct args *args)
{
    return (struct ir_s3_upload){name_of(args), args->upload_id};
}

static struct ir_s3_attributes attributes_of(const struct args *args, struct ir_s3_pair *metadata,
                                             struct ir_s3_pair *tags)
{
    for (size_t i = 0; i < args->metadata_count; i++)
        metadata[i] = (struct ir_s3_pair){args->metadata[i].name, args->metadata[i].value};
    for (size_t i = 0; i < args->tag_count; i++)
        tags[i] = (struct ir_s3_pair){args->tags[i].name, args->tags[i].value};
    return (struct ir_s3_attributes){
        .content_type = args->content_type,
        .cache_control = args->cache_control,
        .content_disposition = args->content_disposition,
        .metadata = metadata,
        .metadata_count = args->metadata_count,
        .tags = tags,
        .tag_count = args->tag_count,
        .storage_class = args->storage_class,
        .encryption = args->sse,
        .kms_key = args->kms_key,
        .kms_context = args->kms_context,
        .bucket_key = args->bucket_key,
    };
}

/* Reads `file`, or nothing where there is none, and sums it. */
static int load_body(struct call *call)
{
    FILE *file = call->args->file != NULL ? fopen(call->args->file, "rb") : NULL;
    if (call->args->file != NULL && file == NULL)
        return ir_fail(&call->err, IR_ERR_ARG, "cannot read %s", call->args->file);
    call->data = malloc(MAX_OBJECT_BYTES);
    if (call->data == NULL)
        abort();
    if (file != NULL) {
        call->data_bytes = fread(call->data, 1, MAX_OBJECT_BYTES, file);
        fclose(file);
    }
    call->span = (struct ir_span){call->data, call->data_bytes};
    call->body.pieces[0] = (struct ir_body_piece){.spans = &call->span, .span_count = 1};
    call->body.piece_count = call->data_bytes > 0 ? 1 : 0;
    return ir_body_sum(&call->body, &call->sums);
}

static int send(struct call *call, struct ir_s3_request *request, struct ir_http_response *response)
{
    unsigned retries = 0;
    int rc = ir_aws_call(&call->client->aws, &request->http.aws, response, &retries, &call->err);
    call->retries += retries;
    call->requests += rc == 0;
    rc = ir_s3_explain(request, rc, &call->err);
    ir_s3_request_release(request);
    return rc;
}

/* ---- objects ----------------------------------------------------------------------------- */

static void put_metadata(void *context, const char *name, size_t name_bytes, const char *value,
                         size_t value_bytes)
{
    struct ir_json_writer *json = context;
    char *name_text = ir_strndup(name, name_bytes);
    char *value_text = ir_strndup(value, value_bytes);
    ir_json_member_put_string(json, name_text, value_text);
    ir_free(value_text);
    ir_free(name_text);
}

static int put_object(struct call *call, const struct ir_http_response *response)
{
    struct ir_s3_object object;
    int rc = ir_s3_read_object(response, &object, &call->err);
    if (rc != 0)
        return rc;
    put_text(call, "etag", object.etag);
    put_text(call, "version_id", object.version_id);
    put_text(call, "content_type", object.content_type);
    put_text(call, "cache_control", object.cache_control);
    put_text(call, "content_disposition", object.content_disposition);
    put_text(call, "storage_class", object.storage_class);
    put_text(call, "sse", object.encryption);
    put_text(call, "last_modified", object.last_modified);
    put_text(call, "crc32", object.crc32);
    put_number(call, "bytes", object.bytes);
    ir_json_key(&call->json, "metadata");
    ir_json_begin_object(&call->json);
    ir_s3_each_metadata(response, put_metadata, &call->json);
    ir_json_end_object(&call->json);
    return 0;
}

static int run_put(struct call *call, struct ir_http_response *response)
{
    struct ir_s3_pair metadata[MAX_PAIRS];
    struct ir_s3_pair tags[MAX_PAIRS];
    struct ir_s3_request request;
    struct ir_s3_object object;
    char crc32_text[IR_S3_CRC32_BYTES];
    int rc = load_body(call);
    if (rc != 0)
        return rc;
    const struct ir_s3_put_options options = {
        .name = name_of(call->args),
        .attributes = attributes_of(call->args, metadata, tags),
        .only_if_new = call->args->if_none_match,
        .body = &call->body,
        .sums = &call->sums,
    };
    rc = ir_s3_put_call(&options, &request, &call->err);
    if (rc == 0)
        rc = send(call, &request, response);
    if (rc == 0)
        rc = ir_s3_put_read(response, &call->sums, &object, &call->err);
    if (rc != 0)
        return rc;
    ir_s3_crc32_text(call->sums.crc32, crc32_text);
    put_text(call, "etag", object.etag);
    put_text(call, "version_id", object.version_id);
    put_text(call, "sse", object.encryption);
    put_text(call, "crc32", crc32_text);
    put_number(call, "bytes", call->sums.bytes);
    return 0;
}

static int write_file(void *context, const char *data, size_t bytes)
{
    return fwrite(data, 1, bytes, context) == bytes ? 0 : IR_ERR_ARG;
}

static int fetch(struct call *call, struct ir_s3_request *request,
                 struct ir_http_response *response, FILE *file)
{
    struct ir_s3_check check;
    bool is_checked = false;
    ir_s3_check_init(&check, response, file != NULL ? write_file : NULL, file);
    request->http.aws.max_response_bytes = MAX_OBJECT_BYTES;
    if (file != NULL) {
        request->http.aws.sink = ir_s3_check_take;
        request->http.aws.sink_context = &check;
    }
    int rc = send(call, request, response);
    if (rc == 0 && file == NULL)
        rc = ir_s3_check_take(&check, ir_buf_text(&response->body), response->body.bytes);
    if (rc == 0)
        rc = ir_s3_check_finish(&check, &is_checked, &call->err);
    if (rc == 0)
        rc = put_object(call, response);
    if (rc == 0) {
        ir_json_member_put_bool(&call->json, "checksum_checked", is_checked);
        put_number(call, "received", check.bytes);
    }
    ir_s3_check_release(&check);
    return rc;
}

static int run_get(struct call *call, struct ir_http_response *response)
{
    struct ir_s3_get_options options = {.name = name_of(call->args)};
    struct ir_s3_request request;
    if (call->args->range != NULL) {
        const char *dash = strchr(call->args->range, '-');
        options.has_range = true;
        options.first_byte = number_of(call->args->range);
        options.last_byte = dash != NULL ? number_of(dash + 1) : 0;
    }
    int rc = ir_s3_get_call(&options, &request, &call->err);
    if (rc != 0)
        return rc;
    FILE *file = call->args->file != NULL ? fopen(call->args->file, "wb") : NULL;
    if (call->args->file != NULL && file == NULL) {
        ir_s3_request_release(&request);
        return ir_fail(&call->err, IR_ERR_ARG, "cannot write %s", call->args->file);
    }
    rc = fetch(call, &request, response, file);
    if (file != NULL && fclose(file) != 0 && rc == 0)
        rc = ir_fail(&call->err, IR_ERR_ARG, "cannot write %s", call->args->file);
    if (file != NULL && rc != 0)
        unlink(call->args->file);
    return rc;
}

static int run_head(struct call *call, struct ir_http_response *response)
{
    const struct ir_s3_object_name name = name_of(call->args);
    struct ir_s3_request request;
    int rc = ir_s3_head_call(&name, &request, &call->err);
    if (rc == 0)
        rc = send(call, &request, response);
    return rc == 0 ? put_object(call, response) : rc;
}

static int run_delete(struct call *call, struct ir_http_response *response)
{
    const struct ir_s3_object_name name = name_of(call->args);
    char version[IR_S3_VERSION_BYTES];
    struct ir_s3_request request;
    int rc = ir_s3_delete_call(&name, &request, &call->err);
    if (rc == 0)
        rc = send(call, &request, response);
    if (rc == 0)
        rc = ir_s3_read_nothing(response, &call->err);
    if (rc != 0)
        return rc;
    ir_http_response_header(response, "x-amz-version-id", version, sizeof version);
    put_text(call, "version_id", version);
    return 0;
}

static int run_presign(struct call *call, struct ir_http_response *response)
{
    const struct ir_s3_object_name name = name_of(call->args);
    struct ir_s3_request request;
    struct ir_buf url;
    (void)response;
    int rc = ir_s3_presign_call(&name, &request, &call->err);
    if (rc != 0)
        return rc;
    ir_buf_init_secret(&url, 32U * 1024);
    rc = ir_aws_presign(&call->client->aws, &request.http.aws,
                        call->args->expires != NULL ? (long)number_of(call->args->expires) : 900,
                        &url, &call->err);
    if (rc == 0)
        put_text(call, "url", ir_buf_text(&url));
    ir_buf_release(&url);
    ir_s3_request_release(&request);
    return rc;
}

/* ---- lists ------------------------------------------------------------------------------- */

static void put_entries(struct ir_json_writer *json, const struct ir_s3_page *page)
{
    for (size_t i = 0; i < page->entry_count; i++) {
        const struct ir_s3_entry *entry = &page->entries[i];
        ir_json_begin_object(json);
        ir_json_member_put_string(json, "key", entry->key);
        ir_json_member_put_integer(json, "bytes", (long long)entry->bytes);
        ir_json_member_put_string(json, "etag", entry->etag);
        ir_json_end_object(json);
    }
}

/* One page: its keys to the open array, its prefixes to `prefixes`. */
static int list_page(struct call *call, struct ir_s3_pager *pager, struct ir_json_writer *prefixes,
                     bool *has_more)
{
    struct ir_s3_request request;
    struct ir_http_response response;
    struct ir_s3_page page = {0};
    int rc = ir_s3_list_call(&pager->options, &request, &call->err);
    if (rc != 0)
        return rc;
    ir_http_response_init(&response);
    rc = send(call, &request, &response);
    if (rc == 0)
        rc = ir_s3_list_read(&response, &page, &call->err);
    if (rc == 0) {
        put_entries(&call->json, &page);
        for (size_t i = 0; i < page.prefix_count; i++)
            ir_json_put_string(prefixes, page.prefixes[i]);
        rc = ir_s3_pager_next(pager, &page, has_more, &call->err);
    }
    ir_s3_page_release(&page);
    ir_http_response_release(&response);
    return rc;
}

static int run_list(struct call *call, struct ir_http_response *response)
{
    const struct ir_s3_list_options options = {
        .bucket = call->args->bucket,
        .expected_owner = call->args->owner,
        .prefix = call->args->prefix,
        .delimiter = call->args->delimiter,
        .max_keys = (unsigned)number_of(call->args->max_keys),
    };
    struct ir_s3_pager pager;
    struct ir_json_writer prefixes;
    struct ir_buf prefix_text;
    bool has_more = true;
    int rc = 0;
    (void)response;
    ir_buf_init(&prefix_text, MAX_OUTPUT_BYTES);
    ir_json_writer_init(&prefixes, &prefix_text);
    ir_s3_pager_init(&pager, &options);
    ir_json_begin_array(&prefixes);
    ir_json_key(&call->json, "keys");
    ir_json_begin_array(&call->json);
    while (rc == 0 && has_more)
        rc = list_page(call, &pager, &prefixes, &has_more);
    ir_json_end_array(&call->json);
    ir_json_end_array(&prefixes);
    ir_json_key(&call->json, "prefixes");
    ir_buf_append_text(call->json.out, ir_buf_text(&prefix_text));
    call->json.after_key = false;
    ir_s3_pager_release(&pager);
    ir_buf_release(&prefix_text);
    return rc;
}

/* ---- parts ------------------------------------------------------------------------------- */

static int run_create(struct call *call, struct ir_http_response *response)
{
    const struct ir_s3_object_name name = name_of(call->args);
    struct ir_s3_pair metadata[MAX_PAIRS];
    struct ir_s3_pair tags[MAX_PAIRS];
    const struct ir_s3_attributes attributes = attributes_of(call->args, metadata, tags);
    struct ir_s3_request request;
    struct ir_s3_created created;
    int rc = ir_s3_create_call(&name, &attributes, &request, &call->err);
    if (rc == 0)
        rc = send(call, &request, response);
    if (rc == 0)
        rc = ir_s3_create_read(response, &created, &call->err);
    if (rc == 0)
        ir_text_copy(call->upload_id, sizeof call->upload_id, created.upload_id);
    return rc;
}

static int run_upload_part(struct call *call, struct ir_http_response *response)
{
    const struct ir_s3_upload upload = upload_of(call->args);
    struct ir_s3_request request;
    struct ir_s3_part part;
    char crc32_text[IR_S3_CRC32_BYTES];
    int rc = load_body(call);
    if (rc == 0)
        rc = ir_s3_part_call(&upload, (unsigned)number_of(call->args->part), &call->body,
                             &call->sums, &request, &call->err);
    if (rc == 0)
        rc = send(call, &request, response);
    if (rc == 0)
        rc = ir_s3_part_read(response, &call->sums, &part, &call->err);
    if (rc != 0)
        return rc;
    ir_s3_crc32_text(part.crc32, crc32_text);
    put_text(call, "etag", part.etag);
    put_text(call, "crc32", crc32_text);
    put_number(call, "bytes", part.bytes);
    ir_json_member_put_bool(&call->json, "checksum_checked", part.has_crc32);
    return 0;
}

static int list_parts(struct call *call, struct ir_s3_part *parts, bool *has_full_checksum)
{
    const struct ir_s3_upload upload = upload_of(call->args);
    struct ir_s3_parts_page page = {.has_more = true};
    int rc = 0;
    while (rc == 0 && page.has_more) {
        struct ir_s3_request request;
        struct ir_http_response response;
        rc = ir_s3_parts_call(&upload, page.last_part_number, &request, &call->err);
        if (rc != 0)
            return rc;
        ir_http_response_init(&response);
        rc = send(call, &request, &response);
        if (rc == 0)
            rc = ir_s3_parts_read(&response, page.last_part_number, parts, IR_S3_MAX_PARTS, &page,
                                  &call->err);
        ir_http_response_release(&response);
    }
    *has_full_checksum = page.has_full_checksum;
    return rc;
}

static struct ir_s3_part all_parts[IR_S3_MAX_PARTS];

static int run_list_parts(struct call *call, struct ir_http_response *response)
{
    bool has_full_checksum = false;
    (void)response;
    memset(all_parts, 0, sizeof all_parts);
    int rc = list_parts(call, all_parts, &has_full_checksum);
    if (rc != 0)
        return rc;
    ir_json_key(&call->json, "parts");
    ir_json_begin_array(&call->json);
    for (size_t i = 0; i < IR_S3_MAX_PARTS; i++) {
        if (!all_parts[i].is_there)
            continue;
        ir_json_begin_object(&call->json);
        ir_json_member_put_integer(&call->json, "part", (long long)i + 1);
        ir_json_member_put_integer(&call->json, "bytes", (long long)all_parts[i].bytes);
        ir_json_member_put_string(&call->json, "etag", all_parts[i].etag);
        ir_json_member_put_bool(&call->json, "has_crc32", all_parts[i].has_crc32);
        ir_json_end_object(&call->json);
    }
    ir_json_end_array(&call->json);
    ir_json_member_put_bool(&call->json, "full_checksum", has_full_checksum);
    return 0;
}

/* With the parts that the server lists, which must be the first ones. */
static int run_complete(struct call *call, struct ir_http_response *response)
{
    struct ir_s3_complete_options options = {.upload = upload_of(call->args),
                                             .parts = all_parts,
                                             .only_if_new = call->args->if_none_match};
    struct ir_s3_request request;
    struct ir_s3_object object;
    memset(all_parts, 0, sizeof all_parts);
    int rc = list_parts(call, all_parts, &options.has_full_checksum);
    while (options.part_count < IR_S3_MAX_PARTS && all_parts[options.part_count].is_there)
        options.part_count++;
    if (rc == 0)
        rc = ir_s3_complete_call(&options, &request, &call->err);
    if (rc == 0)
        rc = send(call, &request, response);
    if (rc == 0)
        rc = ir_s3_complete_read(response, &object, &call->err);
    if (rc != 0)
        return rc;
    put_text(call, "etag", object.etag);
    put_text(call, "version_id", object.version_id);
    put_text(call, "crc32", object.crc32);
    return 0;
}

static int run_abort(struct call *call, struct ir_http_response *response)
{
    const struct ir_s3_upload upload = upload_of(call->args);
    struct ir_s3_request request;
    int rc = ir_s3_abort_call(&upload, &request, &call->err);
    if (rc == 0)
        rc = send(call, &request, response);
    return rc == 0 ? ir_s3_read_nothing(response, &call->err) : rc;
}

/* ---- the task ---------------------------------------------------------------------------- */

static void on_upload_id(void *context, const char *upload_id)
{
    struct call *call = context;
    ir_text_copy(call->upload_id, sizeof call->upload_id, upload_id);
}

static void on_progress(void *context, uint64_t sent_bytes, uint64_t total_bytes)
{
    struct call *call = context;
    (void)total_bytes;
    call->progress_calls++;
    call->has_gone_back |= sent_bytes < call->told_bytes;
    call->told_bytes = sent_bytes;
    if (call->args->cancel_after_bytes != NULL &&
        sent_bytes >= number_of(call->args->cancel_after_bytes))
        ir_cancel_set(call->cancel);
}

static int run_upload(struct call *call, struct ir_http_response *response)
{
    const struct args *args = call->args;
    struct ir_upload_options options = IR_UPLOAD_OPTIONS_INIT;
    struct ir_upload_result result;
    char crc32_text[IR_S3_CRC32_BYTES];
    (void)response;
    options.bucket = args->bucket;
    options.key = args->key;
    options.content_type = args->content_type;
    options.cache_control = args->cache_control;
    options.content_disposition = args->content_disposition;
    options.metadata = args->metadata;
    options.metadata_count = args->metadata_count;
    options.tags = args->tags;
    options.tag_count = args->tag_count;
    options.storage_class = args->storage_class;
    options.encryption = args->sse;
    options.kms_key = args->kms_key;
    options.kms_context = args->kms_context;
    options.bucket_key = args->bucket_key;
    options.expected_owner = args->owner;
    options.only_if_new = args->if_none_match;
    options.threshold_bytes = number_of(args->threshold_bytes);
    options.part_bytes = number_of(args->part_bytes);
    options.jobs = (unsigned)number_of(args->jobs);
    options.keep_parts = args->keep_parts;
    options.upload_id = args->upload_id;
    options.on_upload_id = on_upload_id;
    options.progress = on_progress;
    options.context = call;
    options.cancel = call->cancel;
    int rc = ir_upload_file(call->client, args->file != NULL ? args->file : "", &options, &result,
                            &call->err);
    if (rc != 0)
        return rc;
    ir_s3_crc32_text(result.crc32, crc32_text);
    call->requests += result.requests;
    call->retries += result.retries;
    put_text(call, "etag", result.etag);
    put_text(call, "version_id", result.version_id);
    put_text(call, "content_type", result.content_type);
    put_text(call, "uri", result.uri);
    put_text(call, "crc32", crc32_text);
    put_number(call, "bytes", result.bytes);
    put_number(call, "part_count", result.parts);
    return 0;
}

/* ---- the program ------------------------------------------------------------------------- */

static const struct operation {
    const char *name;
    int (*run)(struct call *call, struct ir_http_response *response);
} operations[] = {
    {"put", run_put},
    {"get", run_get},
    {"head", run_head},
    {"list", run_list},
    {"delete", run_delete},
    {"presign", run_presign},
    {"upload", run_upload},
    {"abort", run_abort},
    {"list-parts", run_list_parts},
    {"create-multipart", run_create},
    {"upload-part", run_upload_part},
    {"complete", run_complete},
};

static const struct operation *find_operation(const char *name)
{
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++)
        if (strcmp(operations[i].name, name) == 0)
            return &operations[i];
    return NULL;
}

static void put_failure(struct call *call, int rc)
{
    struct ir_error *err = &call->err;
    ir_json_member_put_integer(&call->json, "rc", rc);
    ir_json_member_put_integer(&call->json, "status", err->http_status);
    ir_json_member_put_string(&call->json, "service", err->service);
    ir_json_member_put_string(&call->json, "aws_code", err->aws_code);
    ir_json_member_put_string(&call->json, "message", err->message);
    ir_json_member_put_string(&call->json, "hint", err->hint);
    ir_json_member_put_bool(&call->json, "maybe_served", err->maybe_served);
}

/* Runs it once and writes what came of it into `out`. */
static int run_once(struct call *call, const struct operation *operation, struct ir_buf *out)
{
    struct ir_http_response response;
    ir_buf_clear(out);
    ir_json_writer_init(&call->json, out);
    ir_json_begin_object(&call->json);
    ir_error_clear(&call->err);
    ir_http_response_init(&response);
    int rc = operation->run(call, &response);
    if (rc != 0) {
        ir_buf_clear(out);
        ir_json_writer_init(&call->json, out);
        ir_json_begin_object(&call->json);
        put_failure(call, rc);
    } else {
        ir_json_member_put_integer(&call->json, "rc", 0);
    }
    put_text(call, "upload_id", call->upload_id);
    put_number(call, "requests", call->requests);
    put_number(call, "retries", call->retries);
    put_number(call, "progress_calls", call->progress_calls);
    ir_json_member_put_bool(&call->json, "progress_went_back", call->has_gone_back);
    ir_json_end_object(&call->json);
    ir_http_response_release(&response);
    free(call->data);
    call->data = NULL;
    call->told_bytes = 0;
    return rc;
}

int main(int argc, char **argv)
{
    static struct args args;
    const struct ir_client_options client_options = IR_CLIENT_OPTIONS_INIT;
    struct call call = {.args = &args};
    struct ir_buf out;
    const struct operation *operation =
        take_args(argc, argv, &args) ? find_operation(args.operation) : NULL;
    if (operation == NULL) {
        fputs("usage: s3_call OPERATION [KEY=VALUE...]\n", stderr);
        return 2;
    }
    ir_buf_init(&out, MAX_OUTPUT_BYTES);
    call.cancel = ir_cancel_new();
    int rc = ir_client_new(&client_options, &call.client, &call.err);
    if (rc != 0) {
        ir_json_writer_init(&call.json, &out);
        ir_json_begin_object(&call.json);
        put_failure(&call, rc);
        ir_json_end_object(&call.json);
    }
    uint64_t runs = args.repeat != NULL ? number_of(args.repeat) : 1;
    for (uint64_t i = 0; rc == 0 && i < runs; i++)
        rc = run_once(&call, operation, &out);
    puts(ir_buf_text(&out));
    ir_client_free(call.client);
    ir_cancel_free(call.cancel);
    ir_buf_release(&out);
    return 0;
}
