/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Following a bucket to its region, once a call. The host that is asked then is one that we make of
 * the region's name, or, where an answer gives a host and no region, one of S3's own in the same
 * partition: never one that a server may choose freely, since the request would take photos and a
 * signature along. At a custom endpoint only the region that signs changes.
 */
#include <string.h>

#include "core/aws/call_state.h"
#include "core/base/error.h"

static void say_region(const struct ir_call *call, const char *region)
{
    ir_log_line(&call->aws->log, "S3 bucket %s: lies in %s, not in %s; asked again there",
                call->request->bucket, region, call->endpoint.region);
}

/* To the region that the answer names. */
static int go_to_region(struct ir_call *call, const char *region, bool *out_again,
                        struct ir_error *err)
{
    if (strcmp(region, call->endpoint.region) == 0 || !ir_aws_is_region(region))
        return 0;
    if (call->endpoint.is_aws && !ir_endpoint_is_same_partition(region, call->endpoint.region)) {
        ir_error_set_hint(err, "The bucket lies in %s, where keys of this partition do not hold.",
                          region);
        return 0;
    }
    say_region(call, region);
    ir_bucket_regions_put(&call->aws->bucket_regions, call->request->bucket, region);
    *out_again = true;
    return ir_call_find_endpoint(call, region, err);
}

/* To the host that the answer names; for this call only, since S3 means it to pass. */
static int go_to_host(struct ir_call *call, const char *host, bool *out_again, struct ir_error *err)
{
    char before[IR_HOST_BYTES];
    ir_text_copy(before, sizeof before, call->endpoint.host);
    if (strcmp(host, before) == 0 || !ir_endpoint_take_s3_host(&call->endpoint, &call->aws->config,
                                                               call->request->bucket, host)) {
        ir_error_set_hint(err, "The answer sends this request to a place that is not one of S3's "
                               "own, so it is not followed: check the endpoint, and set the "
                               "bucket's region (AWS_REGION, or the setting \"region\").");
        return 0;
    }
    ir_log_line(&call->aws->log, "S3 bucket %s: sent on to %s", call->request->bucket, host);
    *out_again = true;
    return ir_call_make_url(call, err);
}

int ir_call_redirect(struct ir_call *call, const struct ir_http_response *response, bool *out_again,
                     struct ir_error *err)
{
    struct ir_redirect to;
    *out_again = false;
    if (call->request->bucket == NULL || call->redirected || call->endpoint.is_embedded ||
        !ir_redirect_may_be(response, err))
        return 0;
    int rc = ir_redirect_read(response, &to, err);
    if (rc != 0)
        return rc;
    if (to.region[0] != '\0')
        rc = go_to_region(call, to.region, out_again, err);
    else if (response->status != 400 && to.host[0] != '\0')
        rc = go_to_host(call, to.host, out_again, err);
    call->redirected = *out_again;
    return rc;
}
