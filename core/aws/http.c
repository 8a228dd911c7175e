/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Request bodies in pieces, and the response's headers. A picture of 1.5 MB becomes 2 MB of base64
 * twice, for the hash and for the wire, a buffer's worth at a time: nothing of its size is held.
 */
#include "core/aws/http.h"

#include <string.h>

#include <zlib.h>

#include "core/base/ascii.h"
#include "core/base/base64.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/utf8.h"

#define HASH_CHUNK_BYTES (48U * 1024)

/* ---- bodies ------------------------------------------------------------------------------ */

static uint64_t piece_raw_bytes(const struct ir_body_piece *piece)
{
    uint64_t bytes = piece->source != NULL ? piece->source->bytes : 0;
    for (size_t i = 0; i < piece->span_count; i++)
        bytes += piece->spans[i].bytes;
    return bytes;
}

uint64_t ir_body_length(const struct ir_body *body)
{
    uint64_t length = 0;
    for (size_t i = 0; i < body->piece_count; i++) {
        uint64_t raw_bytes = piece_raw_bytes(&body->pieces[i]);
        length += body->pieces[i].base64 ? ir_base64_length((size_t)raw_bytes) : raw_bytes;
    }
    return length;
}

void ir_body_reader_init(struct ir_body_reader *reader, const struct ir_body *body)
{
    *reader = (struct ir_body_reader){.body = body};
}

/* Moves past spans that are used up; false at the end of the piece. */
static bool find_bytes(struct ir_body_reader *reader, const struct ir_body_piece *piece)
{
    while (reader->span_index < piece->span_count &&
           reader->offset == piece->spans[reader->span_index].bytes) {
        reader->span_index++;
        reader->offset = 0;
    }
    return reader->span_index < piece->span_count;
}

static size_t read_source(struct ir_body_reader *reader, const struct ir_body_source *source,
                          char *out, size_t room)
{
    uint64_t left_bytes = source->bytes - reader->offset;
    size_t bytes = left_bytes < room ? (size_t)left_bytes : room;
    if (bytes > 0 && !source->read_at(source->context, reader->offset, out, bytes)) {
        reader->failed = true;
        return 0;
    }
    reader->offset += bytes;
    return bytes;
}

static size_t read_raw(struct ir_body_reader *reader, const struct ir_body_piece *piece, char *out,
                       size_t room)
{
    const struct ir_span *span = &piece->spans[reader->span_index];
    size_t bytes = span->bytes - reader->offset;
    if (bytes > room)
        bytes = room;
    memcpy(out, (const char *)span->data + reader->offset, bytes);
    reader->offset += bytes;
    return bytes;
}

/* Three bytes that may lie in several spans (fewer at the end of the piece) to ready[]. */
static void fill_ready(struct ir_body_reader *reader, const struct ir_body_piece *piece)
{
    unsigned char group[3];
    char text[5];
    size_t bytes = 0;
    while (bytes < sizeof group && find_bytes(reader, piece)) {
        const unsigned char *data = piece->spans[reader->span_index].data;
        group[bytes++] = data[reader->offset++];
    }
    reader->ready_bytes = ir_base64_encode(group, bytes, text);
    reader->ready_at = 0;
    memcpy(reader->ready, text, sizeof reader->ready);
}

static size_t take_ready(struct ir_body_reader *reader, char *out, size_t room)
{
    size_t bytes = reader->ready_bytes - reader->ready_at;
    if (bytes > room)
        bytes = room;
    memcpy(out, reader->ready + reader->ready_at, bytes);
    reader->ready_at += bytes;
    return bytes;
}

/* `room` is at least 5 for the fast way: the encoder terminates its output. */
static size_t read_base64(struct ir_body_reader *reader, const struct ir_body_piece *piece,
                          char *out, size_t room)
{
    const struct ir_span *span = &piece->spans[reader->span_index];
    size_t left_bytes = span->bytes - reader->offset;
    size_t groups = left_bytes / 3;
    if (groups > 0 && room > 4) {
        if (groups > (room - 1) / 4)
            groups = (room - 1) / 4;
        const unsigned char *data = span->data;
        size_t bytes = ir_base64_encode(data + reader->offset, groups * 3, out);
        reader->offset += groups * 3;
        return bytes;
    }
    fill_ready(reader, piece);
    return take_ready(reader, out, room);
}

/* The piece's next bytes; 0 at its end or after a failure. */
static size_t read_piece(struct ir_body_reader *reader, char *out, size_t room)
{
    const struct ir_body_piece *piece = &reader->body->pieces[reader->piece_index];
    if (piece->source != NULL)
        return read_source(reader, piece->source, out, room);
    if (!find_bytes(reader, piece))
        return 0;
    return piece->base64 ? read_base64(reader, piece, out, room)
                         : read_raw(reader, piece, out, room);
}

size_t ir_body_read(struct ir_body_reader *reader, char *out, size_t room)
{
    size_t done = 0;
    while (done < room) {
        if (reader->ready_at < reader->ready_bytes) {
            done += take_ready(reader, out + done, room - done);
            continue;
        }
        if (reader->piece_index == reader->body->piece_count)
            break;
        size_t bytes = read_piece(reader, out + done, room - done);
        if (reader->failed)
            break;
        if (bytes == 0) {
            reader->piece_index++;
            reader->span_index = 0;
            reader->offset = 0;
        }
        done += bytes;
    }
    return done;
}

/* One pass. The CRC costs little, and is left out where nobody asks for it. */
static int read_through(const struct ir_body *body, bool wants_crc32, struct ir_body_sums *out)
{
    struct ir_sha256 *hash = ir_sha256_new();
    if (hash == NULL)
        return IR_ERR_NOMEM;
    char chunk[HASH_CHUNK_BYTES];
    unsigned char digest[IR_SHA256_BYTES];
    struct ir_body_reader reader;
    uLong sum = crc32(0, Z_NULL, 0);
    uint64_t total_bytes = 0;
    ir_body_reader_init(&reader, body);
    for (size_t bytes; (bytes = ir_body_read(&reader, chunk, sizeof chunk)) > 0;) {
        ir_sha256_update(hash, chunk, bytes);
        if (wants_crc32)
            sum = crc32(sum, (const Bytef *)chunk, (uInt)bytes);
        total_bytes += bytes;
    }
    int rc = ir_sha256_final(hash, digest);
    if (rc == 0 && reader.failed)
        rc = IR_ERR_ARG;
    if (rc == 0) {
        ir_hex(digest, sizeof digest, out->sha256_hex);
        out->bytes = total_bytes;
        out->crc32 = (uint32_t)sum;
    }
    ir_sha256_free(hash);
    return rc;
}

int ir_body_sha256(const struct ir_body *body, char out_hex[IR_SHA256_HEX_BYTES])
{
    struct ir_body_sums sums;
    int rc = read_through(body, false, &sums);
    if (rc == 0)
        memcpy(out_hex, sums.sha256_hex, IR_SHA256_HEX_BYTES);
    return rc;
}

int ir_body_sum(const struct ir_body *body, struct ir_body_sums *out)
{
    return read_through(body, true, out);
}

/* ---- responses --------------------------------------------------------------------------- */

void ir_http_response_init(struct ir_http_response *response)
{
    response->status = 0;
    ir_buf_init(&response->headers, IR_HTTP_MAX_HEADER_BYTES);
    ir_buf_init(&response->body, 0);
}

void ir_http_response_release(struct ir_http_response *response)
{
    ir_buf_release(&response->headers);
    ir_buf_release(&response->body);
}

void ir_http_response_clear(struct ir_http_response *response, size_t max_bytes)
{
    response->status = 0;
    ir_buf_clear(&response->headers);
    ir_buf_clear(&response->body);
    response->body.max_bytes = max_bytes;
}

/* A byte that would end a line, or the text, before its end. */
static bool has_line_break(const char *line, size_t bytes)
{
    return memchr(line, '\0', bytes) != NULL || memchr(line, '\n', bytes) != NULL ||
           memchr(line, '\r', bytes) != NULL;
}

void ir_http_response_add_line(struct ir_http_response *response, const char *line, size_t bytes)
{
    while (bytes > 0 && ir_ascii_is_space(line[bytes - 1]))
        bytes--;
    if (bytes >= 5 && memcmp(line, "HTTP/", 5) == 0) {
        ir_buf_clear(&response->headers);
        return;
    }
    const char *colon = memchr(line, ':', bytes);
    if (colon == NULL || has_line_break(line, bytes))
        return;
    for (const char *c = line; c < colon; c++)
        ir_buf_append_char(&response->headers, ir_ascii_lower(*c));
    const char *value = colon + 1;
    const char *end = line + bytes;
    while (value < end && ir_ascii_is_space(*value))
        value++;
    ir_buf_append_text(&response->headers, ": ");
    ir_buf_append(&response->headers, value, (size_t)(end - value));
    ir_buf_append_char(&response->headers, '\n');
}

void ir_http_response_header(const struct ir_http_response *response, const char *name, char *out,
                             size_t out_bytes)
{
    size_t name_bytes = strlen(name);
    out[0] = '\0';
    for (const char *line = ir_buf_text(&response->headers); *line != '\0';) {
        const char *end = strchr(line, '\n');
        if (end == NULL)
            return;
        if (strncmp(line, name, name_bytes) == 0 && strncmp(line + name_bytes, ": ", 2) == 0) {
            const char *value = line + name_bytes + 2;
            size_t bytes = (size_t)(end - value);
            if (bytes >= out_bytes)
                bytes = out_bytes - 1;
            memcpy(out, value, bytes);
            out[bytes] = '\0';
            return;
        }
        line = end + 1;
    }
}

void ir_http_response_text(const struct ir_http_response *response, const char *name, char *out,
                           size_t out_bytes)
{
    ir_http_response_header(response, name, out, out_bytes);
    size_t bytes = strlen(out);
    for (size_t at = 0; at < bytes;) {
        size_t width = ir_utf8_next(out + at, bytes - at);
        if (width == 0)
            out[at++] = '?';
        at += width;
    }
}
