/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 *   chunk   = hex-size [";chunk-signature=" hex] CRLF bytes CRLF
 *   body    = chunk ... chunk of size 0 without the last CRLF, trailer lines, CRLF
 *
 *   LINE -> DATA -> DATA_END -> LINE ... -> TRAILER -> DONE
 *
 * A chunk's signature covers the one before it: AWS4-HMAC-SHA256-PAYLOAD, date, scope, former
 * signature, SHA-256 of nothing, SHA-256 of the chunk. The trailer's covers its lines, each ended
 * by a line feed. The last chunk's CRLF and an empty trailer look alike: both are an empty line.
 */
#include "plugins/local/aws_chunked.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/ascii.h"
#include "core/base/error.h"
#include "plugins/local/refuse.h"

#define EMPTY_SHA256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define MAX_CHUNK_BYTES (UINT64_C(5) << 30)
#define TO_SIGN_BYTES 512
#define SIGNATURE_MARK ";chunk-signature="
#define TRAILER_SIGNATURE "x-amz-trailer-signature:"
#define DAY_CHARS 8

enum state { STATE_LINE, STATE_DATA, STATE_DATA_END, STATE_TRAILER, STATE_DONE };

static bool chunks_are_signed(const struct aws_chunked *decoder)
{
    return decoder->grant.payload == AUTH_PAYLOAD_CHUNKS ||
           decoder->grant.payload == AUTH_PAYLOAD_CHUNKS_TRAILER;
}

void aws_chunked_init(struct aws_chunked *decoder, const struct auth_grant *grant,
                      aws_chunked_sink_fn sink, void *context)
{
    memset(decoder, 0, sizeof *decoder);
    decoder->grant = *grant;
    decoder->sink = sink;
    decoder->context = context;
    decoder->state = STATE_LINE;
}

void aws_chunked_release(struct aws_chunked *decoder)
{
    ir_sha256_free(decoder->chunk_hash);
    decoder->chunk_hash = NULL;
}

static int fail_form(struct ir_error *err, const char *what)
{
    return refuse(err, &refuse_incomplete_body, "The aws-chunked body is not well-formed: %s.",
                  what);
}

/* ---- signatures -------------------------------------------------------------------------- */

static int judge(struct aws_chunked *decoder, const char *to_sign, const char *given,
                 struct ir_error *err)
{
    char expected[IR_SHA256_HEX_BYTES];
    if (auth_sign(&decoder->grant, to_sign, expected) != 0)
        return refuse_nomem(err);
    if (strlen(given) != IR_SHA256_HEX_BYTES - 1 ||
        !ir_equal_secret(given, expected, IR_SHA256_HEX_BYTES - 1))
        return refuse(err, &refuse_signature,
                      "The signature of a chunk of the body does not match what was sent.");
    ir_text_copy(decoder->grant.signature, sizeof decoder->grant.signature, expected);
    return 0;
}

static int check_chunk(struct aws_chunked *decoder, struct ir_error *err)
{
    unsigned char digest[IR_SHA256_BYTES];
    char hex[IR_SHA256_HEX_BYTES];
    char to_sign[TO_SIGN_BYTES];
    const struct auth_grant *grant = &decoder->grant;
    if (!chunks_are_signed(decoder))
        return 0;
    int rc = ir_sha256_final(decoder->chunk_hash, digest);
    ir_sha256_free(decoder->chunk_hash);
    decoder->chunk_hash = NULL;
    if (rc != 0)
        return refuse_nomem(err);
    ir_hex(digest, sizeof digest, hex);
    snprintf(to_sign, sizeof to_sign,
             "AWS4-HMAC-SHA256-PAYLOAD\n%s\n%.*s/%s/%s/aws4_request\n%s\n" EMPTY_SHA256 "\n%s",
             grant->date, DAY_CHARS, grant->date, grant->region, grant->service, grant->signature,
             hex);
    return judge(decoder, to_sign, decoder->wanted, err);
}

static int check_trailer(struct aws_chunked *decoder, struct ir_error *err)
{
    unsigned char digest[IR_SHA256_BYTES];
    char hex[IR_SHA256_HEX_BYTES];
    char to_sign[TO_SIGN_BYTES];
    char text[AWS_CHUNKED_MAX_TRAILERS * (AWS_CHUNKED_LINE_BYTES + 1)] = "";
    char *end = text;
    const struct auth_grant *grant = &decoder->grant;
    if (grant->payload != AUTH_PAYLOAD_CHUNKS_TRAILER)
        return 0;
    for (size_t i = 0; i < decoder->trailer_count; i++) {
        end = stpcpy(end, decoder->trailers[i]);
        end = stpcpy(end, "\n");
    }
    if (ir_sha256_once(text, (size_t)(end - text), digest) != 0)
        return refuse_nomem(err);
    ir_hex(digest, sizeof digest, hex);
    snprintf(to_sign, sizeof to_sign,
             "AWS4-HMAC-SHA256-TRAILER\n%s\n%.*s/%s/%s/aws4_request\n%s\n%s", grant->date,
             DAY_CHARS, grant->date, grant->region, grant->service, grant->signature, hex);
    return judge(decoder, to_sign, decoder->trailer_signature, err);
}

/* ---- lines ------------------------------------------------------------------------------- */

static int begin_chunk(struct aws_chunked *decoder, struct ir_error *err)
{
    char *end = decoder->line;
    unsigned long long bytes = strtoull(decoder->line, &end, 16);
    bool is_number = end != decoder->line && end - decoder->line <= 16 && *decoder->line != '-' &&
                     *decoder->line != '+';
    if (!is_number || bytes > MAX_CHUNK_BYTES)
        return fail_form(err, "a chunk's size is not a number that can be");
    *decoder->wanted = '\0';
    size_t mark_bytes = sizeof SIGNATURE_MARK - 1;
    if (strncmp(end, SIGNATURE_MARK, mark_bytes) == 0)
        ir_text_copy(decoder->wanted, sizeof decoder->wanted, end + mark_bytes);
    else if (*end != '\0' && *end != ';')
        return fail_form(err, "a chunk's size is followed by something else");
    if (chunks_are_signed(decoder)) {
        decoder->chunk_hash = ir_sha256_new();
        if (decoder->chunk_hash == NULL)
            return refuse_nomem(err);
    }
    decoder->left_bytes = bytes;
    decoder->state = bytes > 0 ? STATE_DATA : STATE_TRAILER;
    return bytes > 0 ? 0 : check_chunk(decoder, err);
}

static int take_trailer(struct aws_chunked *decoder, struct ir_error *err)
{
    size_t mark_bytes = sizeof TRAILER_SIGNATURE - 1;
    if (decoder->line_bytes == 0) {
        decoder->state = STATE_DONE;
        return check_trailer(decoder, err);
    }
    for (char *c = decoder->line; *c != '\0' && *c != ':'; c++)
        *c = ir_ascii_lower(*c);
    if (strncmp(decoder->line, TRAILER_SIGNATURE, mark_bytes) == 0) {
        ir_text_copy(decoder->trailer_signature, sizeof decoder->trailer_signature,
                     decoder->line + mark_bytes);
        return 0;
    }
    if (decoder->trailer_count == AWS_CHUNKED_MAX_TRAILERS || strchr(decoder->line, ':') == NULL)
        return fail_form(err, "its trailer has too many lines or one without a colon");
    ir_text_copy(decoder->trailers[decoder->trailer_count++], AWS_CHUNKED_LINE_BYTES,
                 decoder->line);
    return 0;
}

static int end_line(struct aws_chunked *decoder, struct ir_error *err)
{
    if (decoder->line_bytes == 0 || decoder->line[decoder->line_bytes - 1] != '\r')
        return fail_form(err, "a line does not end with CR LF");
    decoder->line[--decoder->line_bytes] = '\0';
    int rc = 0;
    if (strlen(decoder->line) != decoder->line_bytes)
        rc = fail_form(err, "a line holds a NUL");
    else if (decoder->state == STATE_LINE)
        rc = begin_chunk(decoder, err);
    else if (decoder->state == STATE_TRAILER)
        rc = take_trailer(decoder, err);
    else if (decoder->line_bytes > 0)
        rc = fail_form(err, "a chunk is longer than its size says");
    else
        decoder->state = STATE_LINE;
    decoder->line_bytes = 0;
    return rc;
}

static int take_char(struct aws_chunked *decoder, char c, struct ir_error *err)
{
    if (decoder->state == STATE_DONE)
        return fail_form(err, "something follows its end");
    if (c == '\n')
        return end_line(decoder, err);
    if (decoder->line_bytes + 1 >= AWS_CHUNKED_LINE_BYTES)
        return fail_form(err, "a line is too long");
    decoder->line[decoder->line_bytes++] = c;
    return 0;
}

static int take_data(struct aws_chunked *decoder, const char *data, size_t bytes,
                     struct ir_error *err)
{
    if (decoder->chunk_hash != NULL)
        ir_sha256_update(decoder->chunk_hash, data, bytes);
    int rc = decoder->sink(decoder->context, data, bytes, err);
    decoder->left_bytes -= bytes;
    if (rc != 0 || decoder->left_bytes > 0)
        return rc;
    decoder->state = STATE_DATA_END;
    return check_chunk(decoder, err);
}

int aws_chunked_take(struct aws_chunked *decoder, const char *data, size_t bytes,
                     struct ir_error *err)
{
    int rc = 0;
    while (rc == 0 && bytes > 0) {
        size_t taken = 1;
        if (decoder->state == STATE_DATA) {
            taken = bytes < decoder->left_bytes ? bytes : (size_t)decoder->left_bytes;
            rc = take_data(decoder, data, taken, err);
        } else {
            rc = take_char(decoder, *data, err);
        }
        data += taken;
        bytes -= taken;
    }
    return rc;
}

int aws_chunked_end(struct aws_chunked *decoder, struct ir_error *err)
{
    return decoder->state == STATE_DONE ? 0 : fail_form(err, "it ends early");
}

const char *aws_chunked_trailer(const struct aws_chunked *decoder, const char *name)
{
    size_t name_bytes = strlen(name);
    for (size_t i = 0; i < decoder->trailer_count; i++)
        if (strncmp(decoder->trailers[i], name, name_bytes) == 0 &&
            decoder->trailers[i][name_bytes] == ':')
            return decoder->trailers[i] + name_bytes + 1 +
                   strspn(decoder->trailers[i] + name_bytes + 1, " ");
    return NULL;
}
