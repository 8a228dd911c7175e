/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The object of S3 by which a picture goes to a function: the one that it came from, or one of our
 * own under a name that nothing else has, deleted when the function has answered. A dry run makes
 * none.
 */
#include "core/task/labels_place.h"

#include <stdio.h>
#include <string.h>

#include <imgrecog/upload.h>

#include "core/base/error.h"
#include "core/base/world.h"
#include "core/service/s3.h"

#define DELETE_TIMEOUT_MS 10000L
#define NAME_BYTES 96
#define MAX_LINE_BYTES 2560

/* The object itself, where it is what is sent: upright, and not made smaller or another kind. */
static bool is_source_object(const struct ir_labels_job *job, struct ir_s3_uri *out)
{
    const struct ir_picture *picture = job->picture;
    return picture->source != NULL && strncmp(picture->source, "s3://", 5) == 0 &&
           !picture->is_encoded && picture->orientation == 1 &&
           ir_s3_uri_parse(picture->source, out, NULL) == 0;
}

static int name_object(const struct ir_labels_job *job, struct ir_s3_uri *out, struct ir_error *err)
{
    const struct ir_labels_options *options = job->options;
    const struct ir_world *world = job->client->aws.world;
    bool is_png = strcmp(job->picture->info.media_type, "image/png") == 0;
    const char *prefix = options->prefix != NULL ? options->prefix : "";
    char date[17];
    char uuid[IR_UUID_BYTES];
    if (strlen(options->bucket) >= sizeof out->bucket ||
        strlen(prefix) + NAME_BYTES >= sizeof out->key)
        return ir_fail_with(err, IR_ERR_ARG, IR_LABELS_SERVICE,
                            "the bucket's name or the prefix is too long", "Shorten it.");
    ir_world_amz_date(world->unix_ms(world->context), date);
    ir_world_uuid(world, uuid);
    snprintf(out->bucket, sizeof out->bucket, "%s", options->bucket);
    snprintf(out->key, sizeof out->key, "%s%s-%s.%s", prefix, date, uuid, is_png ? "png" : "jpg");
    return 0;
}

static int upload(struct ir_labels_job *job, const struct ir_labels_place *place,
                  struct ir_error *err)
{
    const struct ir_picture *picture = job->picture;
    struct ir_upload_options options = IR_UPLOAD_OPTIONS_INIT;
    struct ir_upload_result done;
    struct ir_buf bytes; /* the picture's pieces, without what is private */
    ir_buf_init(&bytes, picture->sent_bytes);
    for (size_t i = 0; i < picture->span_count; i++)
        ir_buf_append(&bytes, picture->spans[i].data, picture->spans[i].bytes);
    options.bucket = place->uri.bucket;
    options.key = place->uri.key;
    options.content_type = picture->info.media_type;
    options.only_if_new = true;
    options.cancel = job->options->cancel;
    int rc = ir_buf_check(&bytes, "the picture", err);
    if (rc == 0)
        rc = ir_upload_data(job->client, bytes.data, bytes.bytes, &options, &done, err);
    if (rc == 0) {
        job->result->usage.requests += done.requests;
        job->result->usage.retries += done.retries;
    }
    ir_buf_release(&bytes);
    return rc;
}

int ir_labels_place_find(struct ir_labels_job *job, struct ir_labels_place *place,
                         struct ir_error *err)
{
    char text[sizeof "s3:///" + sizeof place->uri];
    if (is_source_object(job, &place->uri)) {
        place->is_ours = false;
    } else if (job->options->bucket == NULL) {
        place->is_inline = true;
        return 0;
    } else {
        bool is_dry = job->client->paid.is_dry;
        int rc = name_object(job, &place->uri, err);
        if (rc == 0 && !is_dry)
            rc = upload(job, place, err);
        /* Also where the answer was lost: it may be there, and is to be taken away then. */
        place->is_ours = !is_dry && (rc == 0 || err->maybe_served);
        if (rc != 0)
            return rc;
    }
    snprintf(text, sizeof text, "s3://%s/%s", place->uri.bucket, place->uri.key);
    return ir_result_set_text(&job->result->image.sent_uri, text) == 0 ? 0 : ir_fail_nomem(err);
}

/* Also after a failure or a cancellation, which is why it hears no token. */
static int delete_object(struct ir_labels_job *job, const struct ir_labels_place *place,
                         struct ir_error *err)
{
    const struct ir_s3_object_name name = {.bucket = place->uri.bucket, .key = place->uri.key};
    struct ir_http_response response;
    struct ir_s3_request request;
    unsigned retries = 0;
    int rc = ir_s3_delete_call(&name, &request, err);
    if (rc != 0)
        return rc;
    request.http.aws.timeout_ms = DELETE_TIMEOUT_MS;
    ir_http_response_init(&response);
    rc = ir_aws_call(&job->client->aws, &request.http.aws, &response, &retries, err);
    job->result->usage.retries += retries;
    job->result->usage.requests += rc == 0 ? 1 : 0;
    if (rc != 0)
        rc = ir_s3_explain(&request, rc, err);
    else
        rc = ir_s3_read_nothing(&response, err);
    ir_http_response_release(&response);
    ir_s3_request_release(&request);
    return rc;
}

int ir_labels_place_leave(struct ir_labels_job *job, const struct ir_labels_place *place, int rc,
                          struct ir_error *err)
{
    struct ir_error delete_err = {0};
    char line[MAX_LINE_BYTES];
    if (!place->is_ours || job->options->keep_object || delete_object(job, place, &delete_err) == 0)
        return rc;
    snprintf(line, sizeof line,
             "s3://%s/%s was uploaded for the function and may still be there: %s",
             place->uri.bucket, place->uri.key, delete_err.message);
    if (rc == 0)
        return ir_result_add_error(job->result, line) == 0 ? 0 : ir_fail_nomem(err);
    ir_error_add_words(err, "; ");
    ir_error_add_words(err, line);
    return rc;
}
