/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each piece is hashed as it came and kept as it is decoded; the sums are judged at the end. */
#include "plugins/local/intake.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/base/world.h"
#include "plugins/local/query.h"
#include "plugins/local/refuse.h"

#define MD5_BYTES 16

static const struct refusal refuse_large = {"EntityTooLarge", 400};
static const struct refusal refuse_digest_form = {"InvalidDigest", 400};
static const struct refusal refuse_storage = {"InternalServerError", 500};

void intake_init(struct intake *intake, uint64_t max_bytes)
{
    memset(intake, 0, sizeof *intake);
    intake->fd = -1;
    intake->max_bytes = max_bytes;
    intake->promised_bytes = UINT64_MAX;
    ir_buf_init(&intake->memory, (size_t)(max_bytes < SIZE_MAX ? max_bytes : SIZE_MAX));
    ir_error_clear(&intake->err);
    intake->hash = ir_sha256_new();
    if (intake->hash == NULL)
        intake->failed = refuse_nomem(&intake->err);
}

void intake_release(struct intake *intake)
{
    ir_buf_release(&intake->memory);
    ir_sha256_free(intake->hash);
    intake->hash = NULL;
    if (intake->is_chunked)
        aws_chunked_release(&intake->chunked);
    checksum_release(&intake->md5);
    checksum_release(&intake->sum);
}

/* ---- bytes ------------------------------------------------------------------------------- */

static int keep(void *context, const char *data, size_t bytes, struct ir_error *err)
{
    struct intake *intake = context;
    intake->bytes += bytes;
    if (intake->bytes > intake->max_bytes)
        return refuse(err, intake->is_s3 ? &refuse_large : &refuse_entity_too_large,
                      "The request is larger than %" PRIu64 " bytes.", intake->max_bytes);
    if (intake->is_s3) {
        checksum_update(&intake->md5, data, bytes);
        checksum_update(&intake->sum, data, bytes);
    }
    if (intake->fd >= 0)
        return ir_world_write_all(intake->fd, data, bytes)
                   ? 0
                   : refuse(err, &refuse_storage, "The body could not be written: %s.",
                            strerror(errno));
    ir_buf_append(&intake->memory, data, bytes);
    return intake->memory.failed != 0 ? refuse_nomem(err) : 0;
}

void intake_take(struct intake *intake, const char *data, size_t bytes)
{
    if (intake->failed != 0)
        return;
    ir_sha256_update(intake->hash, data, bytes);
    intake->failed = intake->is_chunked
                         ? aws_chunked_take(&intake->chunked, data, bytes, &intake->err)
                         : keep(intake, data, bytes, &intake->err);
    if (intake->failed != 0)
        ir_buf_release(&intake->memory);
}

/* ---- what S3's headers promise ----------------------------------------------------------- */

static int expect_checksum(struct intake *intake, const struct auth_request *request,
                           struct ir_error *err)
{
    enum checksum_kind kind = CHECKSUM_NONE;
    const char *named = auth_header(request, "x-amz-sdk-checksum-algorithm");
    const char *trailer = auth_header(request, "x-amz-trailer");
    for (size_t i = 0; i < request->header_count; i++) {
        enum checksum_kind found = checksum_kind_of_header(request->headers[i].name);
        if (found != CHECKSUM_NONE && kind != CHECKSUM_NONE)
            return refuse(err, &refuse_request,
                          "Expecting a single x-amz-checksum- header. Multiple checksum types are "
                          "not allowed.");
        if (found == CHECKSUM_NONE)
            continue;
        kind = found;
        intake->claimed_sum = request->headers[i].value;
    }
    if (kind == CHECKSUM_NONE && trailer != NULL) {
        kind = checksum_kind_of_header(trailer);
        if (kind == CHECKSUM_NONE)
            return refuse(err, &refuse_request,
                          "The value specified in the x-amz-trailer header is not supported.");
        if (!intake->is_chunked)
            return refuse(err, &refuse_request,
                          "x-amz-trailer needs a body that is sent as aws-chunked with a trailer.");
    }
    if (named != NULL && kind != CHECKSUM_NONE && checksum_kind_named(named) != kind)
        return refuse(err, &refuse_request,
                      "x-amz-sdk-checksum-algorithm names another checksum than is sent.");
    checksum_init(&intake->sum, kind);
    return 0;
}

int intake_expect_s3(struct intake *intake, const struct auth_request *request,
                     const struct auth_grant *grant, struct ir_error *err)
{
    const char *decoded = auth_header(request, "x-amz-decoded-content-length");
    char *end = NULL;
    intake->is_s3 = true;
    checksum_init(&intake->md5, CHECKSUM_MD5);
    intake->claimed_md5 = auth_header(request, "Content-MD5");
    intake->is_chunked =
        grant->payload != AUTH_PAYLOAD_HASHED && grant->payload != AUTH_PAYLOAD_UNSIGNED;
    if (intake->is_chunked)
        aws_chunked_init(&intake->chunked, grant, keep, intake);
    if (intake->is_chunked && decoded == NULL)
        return refuse(err, &refuse_request,
                      "An aws-chunked body needs the header x-amz-decoded-content-length.");
    if (decoded != NULL && intake->is_chunked) {
        errno = 0;
        intake->promised_bytes = strtoull(decoded, &end, 10);
        if (errno != 0 || end == decoded || *end != '\0' || *decoded == '-')
            return refuse(err, &refuse_request, "x-amz-decoded-content-length is not a number.");
    }
    /* CompleteMultipartUpload's header is the sum of the object, not of the request. */
    if (strcmp(request->method, "POST") == 0 && query_has(request->query, "uploadId"))
        return 0;
    return expect_checksum(intake, request, err);
}

/* ---- judging ----------------------------------------------------------------------------- */

static int check_md5(struct intake *intake, struct ir_error *err)
{
    char text[CHECKSUM_TEXT_BYTES];
    if (checksum_final(&intake->md5, intake->md5_raw) != MD5_BYTES)
        return refuse_nomem(err);
    if (intake->claimed_md5 == NULL)
        return 0;
    checksum_text(intake->md5_raw, MD5_BYTES, text);
    if (strlen(intake->claimed_md5) != strlen(text))
        return refuse(err, &refuse_digest_form, "The Content-MD5 you specified is not valid.");
    if (strcmp(intake->claimed_md5, text) != 0)
        return refuse(err, &refuse_bad_digest,
                      "The Content-MD5 you specified did not match what we received.");
    return 0;
}

static int check_sum(struct intake *intake, struct ir_error *err)
{
    unsigned char raw[CHECKSUM_MAX_BYTES];
    const char *claimed = intake->claimed_sum;
    if (intake->sum.kind == CHECKSUM_NONE)
        return 0;
    size_t bytes = checksum_final(&intake->sum, raw);
    if (bytes == 0)
        return refuse_nomem(err);
    checksum_text(raw, bytes, intake->sum_text);
    if (claimed == NULL && intake->is_chunked)
        claimed = aws_chunked_trailer(&intake->chunked, checksum_header(intake->sum.kind));
    if (claimed == NULL)
        return refuse(err, &refuse_request, "The trailer that x-amz-trailer names did not come.");
    if (strlen(claimed) != strlen(intake->sum_text))
        return refuse(err, &refuse_request, "Value for %s header is invalid.",
                      checksum_header(intake->sum.kind));
    if (strcmp(claimed, intake->sum_text) != 0)
        return refuse(err, &refuse_bad_digest,
                      "The %s you specified did not match the calculated checksum.",
                      checksum_name(intake->sum.kind));
    return 0;
}

int intake_end(struct intake *intake, struct ir_error *err)
{
    unsigned char digest[IR_SHA256_BYTES];
    if (intake->failed == 0 && intake->is_chunked)
        intake->failed = aws_chunked_end(&intake->chunked, &intake->err);
    if (intake->failed != 0) {
        *err = intake->err;
        return intake->failed;
    }
    if (ir_sha256_final(intake->hash, digest) != 0)
        return refuse_nomem(err);
    ir_hex(digest, sizeof digest, intake->sha256);
    if (intake->promised_bytes != UINT64_MAX && intake->promised_bytes != intake->bytes)
        return refuse(err, &refuse_incomplete_body,
                      "x-amz-decoded-content-length promises %" PRIu64 " bytes, %" PRIu64 " came.",
                      intake->promised_bytes, intake->bytes);
    int rc = intake->is_s3 ? check_md5(intake, err) : 0;
    return rc == 0 && intake->is_s3 ? check_sum(intake, err) : rc;
}
