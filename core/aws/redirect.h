/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Buckets that lie in another region than the one that was asked: what S3's refusals say of it, and
 * the regions that a client has learnt.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/Redirects.html
 */
#ifndef CORE_AWS_REDIRECT_H
#define CORE_AWS_REDIRECT_H

#include <pthread.h>

#include "core/aws/endpoint.h"
#include "core/aws/http.h"

#define IR_MAX_BUCKET_REGIONS 64

/* The oldest is forgotten for a newer one: then S3 is asked once more. */
struct ir_bucket_regions {
    pthread_mutex_t mutex; /* guards all below */
    struct {
        char bucket[IR_BUCKET_BYTES];
        char region[IR_REGION_BYTES];
    } entries[IR_MAX_BUCKET_REGIONS];
    size_t count;
    size_t next; /* the entry that is replaced when all are taken */
};

void ir_bucket_regions_init(struct ir_bucket_regions *regions);
void ir_bucket_regions_release(struct ir_bucket_regions *regions);
/* True with a copy of the region when one was learnt. Safe in any thread, as is putting. */
bool ir_bucket_regions_get(struct ir_bucket_regions *regions, const char *bucket,
                           char out_region[IR_REGION_BYTES]);
void ir_bucket_regions_put(struct ir_bucket_regions *regions, const char *bucket,
                           const char *region);

/* What an answer says of where to ask instead; unchecked, "" where it says nothing. A host "?" is a
 * place that cannot be one of S3's. */
struct ir_redirect {
    char region[IR_REGION_BYTES];
    char host[IR_HOST_BYTES];
};

/* Whether `response` is of a kind that may name another place: 301, 307, some of 400. */
bool ir_redirect_may_be(const struct ir_http_response *response, const struct ir_error *err);
/* x-amz-bucket-region, else Region in the body; Endpoint in the body, else Location. IR_ERR_NOMEM.
 */
IR_MUST_CHECK int ir_redirect_read(const struct ir_http_response *response, struct ir_redirect *out,
                                   struct ir_error *err);

#endif
