/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an upload leaves in result documents. Sends nothing. */
#include <imgrecog/upload.h>

#include <stdio.h>

#include "core/base/error.h"
#include "core/result/result.h"
#include "core/task/client.h"

int ir_upload_note(struct ir_result *result, const struct ir_upload_result *stored,
                   const char *link, struct ir_error *err)
{
    struct ir_result_stored *own = &result->stored;
    if (ir_result_set_text(&own->etag, stored->etag) != 0 ||
        ir_result_set_text(&own->version_id, stored->version_id) != 0 ||
        ir_result_set_text(&own->content_type, stored->content_type) != 0 ||
        ir_result_set_text(&own->link, link) != 0 ||
        ir_result_set_text(&own->uri, stored->uri) != 0)
        return ir_fail_nomem(err);
    own->bytes = stored->bytes;
    own->crc32 = stored->crc32;
    own->parts = stored->parts;
    return 0;
}

int ir_upload_note_plan(struct ir_result *result, const struct ir_s3_uri *uri, struct ir_error *err)
{
    char text[sizeof "s3:///" + sizeof uri->bucket + sizeof uri->key];
    snprintf(text, sizeof text, "s3://%s/%s", uri->bucket, uri->key);
    return ir_result_set_text(&result->would_store.uri, text) == 0 ? 0 : ir_fail_nomem(err);
}

/* About a file and no picture; NULL when out of memory. */
static struct ir_result *new_document(const struct ir_client *client, const char *source)
{
    struct ir_result *result = ir_result_new();
    if (result == NULL)
        return NULL;
    result->usage.is_unpriced = true; /* what S3 charges is in no table here */
    if (ir_result_set_text(&result->image.source, source) == 0 &&
        ir_result_set_text(&result->endpoint, ir_client_endpoint_of(client, &ir_service_s3)) == 0)
        return result;
    ir_result_free(result);
    return NULL;
}

/* Gives `result` over, or frees it. */
static int settle(int rc, struct ir_result *result, struct ir_result **out)
{
    if (rc == 0)
        *out = result;
    else
        ir_result_free(result);
    return rc;
}

int ir_upload_document(const struct ir_client *client, const char *source,
                       const struct ir_upload_result *stored, struct ir_result **out,
                       struct ir_error *err)
{
    struct ir_result *result = new_document(client, source);
    if (result == NULL)
        return ir_fail_nomem(err);
    int rc = ir_upload_note(result, stored, NULL, err);
    if (rc == 0 && ir_result_set_text(&result->stored.source, source) != 0)
        rc = ir_fail_nomem(err);
    result->usage.requests = stored->requests;
    result->usage.retries = stored->retries;
    return settle(rc, result, out);
}

int ir_upload_plan(const struct ir_client *client, const char *source, const struct ir_s3_uri *uri,
                   struct ir_result **out, struct ir_error *err)
{
    struct ir_result *result = new_document(client, source);
    if (result == NULL)
        return ir_fail_nomem(err);
    int rc = ir_upload_note_plan(result, uri, err);
    if (rc == 0 && ir_result_set_text(&result->would_store.source, source) != 0)
        rc = ir_fail_nomem(err);
    return settle(rc, result, out);
}
