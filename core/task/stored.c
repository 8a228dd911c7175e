/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an upload leaves in result documents. Sends nothing. */
#include <imgrecog/upload.h>

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

int ir_upload_document(const struct ir_client *client, const char *source,
                       const struct ir_upload_result *stored, struct ir_result **out,
                       struct ir_error *err)
{
    struct ir_result *result = ir_result_new();
    if (result == NULL)
        return ir_fail_nomem(err);
    int rc = ir_upload_note(result, stored, NULL, err);
    if (rc == 0 &&
        (ir_result_set_text(&result->stored.source, source) != 0 ||
         ir_result_set_text(&result->image.source, source) != 0 ||
         ir_result_set_text(&result->endpoint, ir_client_endpoint_of(client, &ir_service_s3)) != 0))
        rc = ir_fail_nomem(err);
    result->usage.requests = stored->requests;
    result->usage.retries = stored->retries;
    result->usage.is_unpriced = true; /* what S3 charges is in no table here */
    if (rc == 0)
        *out = result;
    else
        ir_result_free(result);
    return rc;
}
