/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * HTTP as the core sees it: a request whose body is never copied together, a bounded response, and
 * the seam behind which libcurl (http_curl.c) or a test's transport does the work.
 */
#ifndef CORE_AWS_HTTP_H
#define CORE_AWS_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/aws/sign.h"
#include "core/base/buf.h"
#include "core/base/uri.h"
#include "core/base/world.h"

/* ---- bodies ------------------------------------------------------------------------------ */

struct ir_span {
    const void *data;
    size_t bytes;
};

/* Bytes that are fetched when they are needed, such as a file too large to be held. */
struct ir_body_source {
    void *context;
    uint64_t bytes;
    /* Fills `out` with exactly `bytes`, at least 1, from `offset`; false when they cannot be had.
     */
    bool (*read_at)(void *context, uint64_t offset, char *out, size_t bytes);
};

/* Spans in a row, sent as they are or as one base64 text; or a source, sent as it is. */
struct ir_body_piece {
    const struct ir_span *spans;
    size_t span_count;
    bool base64;
    const struct ir_body_source *source; /* NULL = the spans */
};

#define IR_BODY_MAX_PIECES 41 /* 20 pictures and the text around them */

/* All borrowed. An empty body has no pieces. */
struct ir_body {
    struct ir_body_piece pieces[IR_BODY_MAX_PIECES];
    size_t piece_count;
};

struct ir_body_reader {
    const struct ir_body *body;
    size_t piece_index;
    size_t span_index;
    uint64_t offset; /* in the span or the source */
    bool failed;     /* a source did not give what it promised: the body must not be used */
    char ready[4];   /* base64 characters for which the last reader had no room */
    size_t ready_at;
    size_t ready_bytes;
};

uint64_t ir_body_length(const struct ir_body *body);
void ir_body_reader_init(struct ir_body_reader *reader, const struct ir_body *body);
/* The next bytes, at most `room`; 0 at the end. */
size_t ir_body_read(struct ir_body_reader *reader, char *out, size_t room);
/* Hex SHA-256 of the whole body, produced piece by piece. IR_ERR_NOMEM; IR_ERR_ARG: a source
 * failed. */
IR_MUST_CHECK int ir_body_sha256(const struct ir_body *body, char out_hex[IR_SHA256_HEX_BYTES]);

/* What a receiver can check a body by. */
struct ir_body_sums {
    uint64_t bytes;
    uint32_t crc32; /* as zlib's crc32() */
    char sha256_hex[IR_SHA256_HEX_BYTES];
};
/* Both in one pass over the body. Codes of ir_body_sha256. */
IR_MUST_CHECK int ir_body_sum(const struct ir_body *body, struct ir_body_sums *out);

/* ---- request and response ---------------------------------------------------------------- */

struct ir_http_request {
    const char *method;      /* GET HEAD POST PUT DELETE */
    const char *url;         /* complete */
    const char *unix_socket; /* NULL = by TCP */
    const struct ir_header *headers;
    size_t header_count;
    const struct ir_body *body; /* not with HEAD; NULL = none */
    const char *ca_bundle;      /* NULL = the system's */
    bool no_proxy;              /* straight to the host: a proxy must not see it */
    int64_t deadline_ms;        /* monotonic */
    /* The deadline goes on by 1 ms for so many bytes of the body of a 2xx answer that have come: a
     * large answer takes its time, and one that does not come gets none. 0 = it stands. */
    unsigned slowest_bytes_per_ms;
    size_t max_response_bytes;
    const struct ir_cancel *cancel;
    /*
     * Takes the body of a 2xx answer as it comes; then response->body stays empty and
     * max_response_bytes does not bound it. Not 0 ends the transfer with that code. NULL = none.
     */
    int (*sink)(void *context, const char *data, size_t bytes);
    void *sink_context;
    /* Told how much of the request's body has been taken. NULL = nobody. */
    void (*progress)(void *context, uint64_t sent_bytes, uint64_t total_bytes);
    void *progress_context;
};

#define IR_HTTP_MAX_HEADER_BYTES (64U * 1024)

struct ir_http_response {
    int status;
    struct ir_buf headers; /* "name: value\n" each, names in lower case */
    struct ir_buf body;
};

void ir_http_response_init(struct ir_http_response *response);
void ir_http_response_release(struct ir_http_response *response);
/* Forgets everything of an earlier answer. `max_bytes` bounds the next body. */
void ir_http_response_clear(struct ir_http_response *response, size_t max_bytes);
/* Takes one header line as it came (with or without line end); a status line clears the rest. */
void ir_http_response_add_line(struct ir_http_response *response, const char *line, size_t bytes);
/* Copies a header's value; "" when it is not there. `name` in lower case. */
void ir_http_response_header(const struct ir_http_response *response, const char *name, char *out,
                             size_t out_bytes);

/* The same as text for an error: a server may send any byte there, and what is not UTF-8 becomes
 * '?'. */
void ir_http_response_text(const struct ir_http_response *response, const char *name, char *out,
                           size_t out_bytes);

/*
 * What carries requests. perform: 0 when an answer came, whatever its status; else IR_ERR_NET,
 * IR_ERR_TIMEOUT, IR_ERR_CANCELLED, IR_ERR_TOO_LARGE, IR_ERR_RESPONSE (what answers does not speak
 * HTTP), IR_ERR_ARG (the body or ca_bundle cannot be read), IR_ERR_NOMEM, or what the sink said,
 * with `err` filled and err->retryable and err->maybe_served right. Never follows a redirect, never
 * sends a request again once all of it has been sent. Threads may call it at once.
 */
struct ir_transport {
    void *context;
    int (*perform)(void *context, const struct ir_http_request *request,
                   struct ir_http_response *response, struct ir_error *err);
    void (*release)(void *context);
};

/* libcurl: keep-alive, HTTP/2 where TLS offers it, TLS 1.2 at least and always verified.
 * IR_ERR_NOMEM. */
IR_MUST_CHECK int ir_transport_curl_new(struct ir_transport *out, struct ir_error *err);

#endif
