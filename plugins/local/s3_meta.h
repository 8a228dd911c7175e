/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What S3 keeps of an object beside its bytes, and its JSON. */
#ifndef PLUGINS_LOCAL_S3_META_H
#define PLUGINS_LOCAL_S3_META_H

#include <stdint.h>

#include "core/base/buf.h"
#include "plugins/local/checksum.h"

#define S3_ETAG_BYTES 48 /* 32 of MD5, "-10000", NUL */
#define S3_SUM_BYTES 64  /* base64, "-10000", NUL */
#define S3_META_MAX_BYTES (128U * 1024)
#define S3_META_HEADER_BYTES (48U * 1024)

struct s3_meta {
    char *key;
    uint64_t bytes;
    int64_t modified_ms;
    char etag[S3_ETAG_BYTES]; /* without quotes */
    struct ir_buf headers;    /* sent back with the object: name NUL value NUL ... */
    char *tags;               /* as in x-amz-tagging; NULL = none */
    enum checksum_kind sum_kind;
    char sum[S3_SUM_BYTES];
    bool sum_is_composite; /* of the parts' sums, not of the bytes */
    long part_count;       /* 0: not made of parts */
};

void s3_meta_init(struct s3_meta *meta);
void s3_meta_release(struct s3_meta *meta);
void s3_meta_add_header(struct s3_meta *meta, const char *name, const char *value);
/* The value of a header kept; `fallback` when there is none. */
const char *s3_meta_header(const struct s3_meta *meta, const char *name, const char *fallback);
/* Failures stick in `out`. */
void s3_meta_write(const struct s3_meta *meta, struct ir_buf *out);
/* Into an initialised one. IR_ERR_RESPONSE: not ours. IR_ERR_NOMEM. */
IR_MUST_CHECK int s3_meta_read(const char *text, size_t bytes, struct s3_meta *out,
                               struct ir_error *err);

#endif
