/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Content-Encoding: aws-chunked, taken apart as it comes: chunks, their signatures, the trailer.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html and
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 */
#ifndef PLUGINS_LOCAL_AWS_CHUNKED_H
#define PLUGINS_LOCAL_AWS_CHUNKED_H

#include "core/base/digest.h"
#include "plugins/local/auth.h"

#define AWS_CHUNKED_LINE_BYTES 512
#define AWS_CHUNKED_MAX_TRAILERS 4

/* Takes decoded bytes. Not 0 ends the decoding with that code, `err` filled. */
typedef int (*aws_chunked_sink_fn)(void *context, const char *data, size_t bytes,
                                   struct ir_error *err);

struct aws_chunked {
    struct auth_grant grant; /* its signature is that of the chunk before */
    aws_chunked_sink_fn sink;
    void *context;
    int state;
    char line[AWS_CHUNKED_LINE_BYTES];
    size_t line_bytes;
    uint64_t left_bytes; /* of the current chunk */
    char wanted[IR_SHA256_HEX_BYTES];
    struct ir_sha256 *chunk_hash; /* NULL: chunks are not signed */
    /* The trailer: lower-case "name:value" lines, and its signature. */
    char trailers[AWS_CHUNKED_MAX_TRAILERS][AWS_CHUNKED_LINE_BYTES];
    size_t trailer_count;
    char trailer_signature[IR_SHA256_HEX_BYTES];
};

void aws_chunked_init(struct aws_chunked *decoder, const struct auth_grant *grant,
                      aws_chunked_sink_fn sink, void *context);
void aws_chunked_release(struct aws_chunked *decoder);
/* IR_ERR_SERVICE with AWS's code, or the sink's. */
IR_MUST_CHECK int aws_chunked_take(struct aws_chunked *decoder, const char *data, size_t bytes,
                                   struct ir_error *err);
/* After the last byte. */
IR_MUST_CHECK int aws_chunked_end(struct aws_chunked *decoder, struct ir_error *err);
/* Value of a trailer, `name` in lower case; NULL when it did not come. */
const char *aws_chunked_trailer(const struct aws_chunked *decoder, const char *name);

#endif
