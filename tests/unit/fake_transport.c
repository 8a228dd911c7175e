/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns the scripted transport. Its own memory is not the core's, so torture does not touch it. */
#include "tests/unit/fake_transport.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <openssl/sha.h>

#include "core/base/digest.h"
#include "core/base/error.h"

#define READ_ROOM_BYTES 4093 /* odd, so that pieces are cut anywhere */

static void require(bool is_true, const char *what)
{
    if (is_true)
        return;
    printf("Bail out! fake_transport: %s\n", what);
    exit(1);
}

static void complain(struct fake_transport *fake, bool is_good, const char *what)
{
    if (!is_good && fake->complaint == NULL)
        fake->complaint = what;
}

/* At most a piece more than the length that it states, which check_request then complains of. */
static char *read_body(const struct ir_body *body, size_t *out_bytes)
{
    size_t stated_bytes = body != NULL ? (size_t)ir_body_length(body) : 0;
    struct ir_body_reader reader;
    size_t bytes = 0;
    char *text = malloc(stated_bytes + READ_ROOM_BYTES);
    require(text != NULL, "out of memory");
    *out_bytes = 0;
    if (body == NULL)
        return text;
    ir_body_reader_init(&reader, body);
    for (size_t got;
         bytes <= stated_bytes && (got = ir_body_read(&reader, text + bytes, READ_ROOM_BYTES)) > 0;)
        bytes += got;
    *out_bytes = bytes;
    return text;
}

static bool is_sent_before(const struct ir_http_request *request, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (strcasecmp(request->headers[i].name, request->headers[index].name) == 0)
            return true;
    return false;
}

static char *header_line(const struct ir_header *header)
{
    size_t room = strlen(header->name) + strlen(header->value) + sizeof ": ";
    char *line = malloc(room);
    require(line != NULL, "out of memory");
    snprintf(line, room, "%s: %s", header->name, header->value);
    return line;
}

static void remember_headers(struct fake_transport *fake, struct fake_seen *seen,
                             const struct ir_http_request *request)
{
    require(request->header_count <= FAKE_TRANSPORT_MAX_HEADERS, "too many headers");
    for (size_t i = 0; i < request->header_count; i++) {
        seen->headers[i] = header_line(&request->headers[i]);
        complain(fake, strpbrk(seen->headers[i], "\r\n") == NULL, "a header holds a line break");
        complain(fake, !is_sent_before(request, i), "a header is sent twice");
    }
    seen->header_count = request->header_count;
}

static void check_request(struct fake_transport *fake, const struct fake_seen *seen,
                          const struct ir_http_request *request)
{
    unsigned char hash[IR_SHA256_BYTES];
    char hex[IR_SHA256_HEX_BYTES];
    const char *stated = fake_transport_header(fake, fake->call_count - 1, "X-Amz-Content-Sha256");
    uint64_t length = request->body != NULL ? ir_body_length(request->body) : 0;
    complain(fake, seen->body_bytes == length, "the body's length is wrong");
    complain(fake, fake_transport_header(fake, fake->call_count - 1, "Host") != NULL, "no Host");
    if (stated == NULL || strcmp(stated, "UNSIGNED-PAYLOAD") == 0)
        return;
    /* Not by the core: torture would take this for one of its allocations. */
    SHA256((const unsigned char *)seen->body, seen->body_bytes, hash);
    ir_hex(hash, sizeof hash, hex);
    complain(fake, strcmp(stated, hex) == 0, "the body's hash is wrong");
}

static bool fits(const struct fake_answer *answer, const struct fake_seen *seen, const char *target)
{
    if (answer->target != NULL && (target == NULL || strcmp(answer->target, target) != 0))
        return false;
    size_t end_chars = answer->url_end != NULL ? strlen(answer->url_end) : 0;
    size_t url_chars = strlen(seen->url);
    if (answer->method != NULL && strcmp(answer->method, seen->method) != 0)
        return false;
    if (end_chars > url_chars ||
        (end_chars > 0 && strcmp(seen->url + url_chars - end_chars, answer->url_end) != 0))
        return false;
    if (answer->url_part != NULL && strstr(seen->url, answer->url_part) == NULL)
        return false;
    return answer->body_part == NULL || memmem(seen->body, seen->body_bytes, answer->body_part,
                                               strlen(answer->body_part)) != NULL;
}

static const struct fake_answer *choose(struct fake_transport *fake)
{
    const char *target = fake_transport_header(fake, fake->call_count - 1, "X-Amz-Target");
    const struct fake_answer *last = NULL;
    for (size_t i = 0; i < fake->answer_count; i++) {
        const struct fake_answer *answer = &fake->answers[i];
        if (!fits(answer, &fake->seen[fake->call_count - 1], target))
            continue;
        last = answer;
        if (fake->used[i])
            continue;
        fake->used[i] = true;
        return answer;
    }
    require(last != NULL, "no answer for this request");
    return last;
}

static int fill_response(const struct fake_answer *answer, const struct ir_http_request *request,
                         struct ir_http_response *response, struct ir_error *err)
{
    const char *line = answer->header != NULL ? answer->header : "";
    response->status = answer->status != 0 ? answer->status : 200;
    while (*line != '\0') {
        size_t bytes = strcspn(line, "\n");
        ir_http_response_add_line(response, line, bytes);
        line += bytes + (line[bytes] == '\n');
    }
    size_t bytes = answer->body_bytes;
    if (answer->body != NULL && bytes == 0)
        bytes = strlen(answer->body);
    if (answer->body != NULL && request->sink != NULL && response->status / 100 == 2)
        return request->sink(request->sink_context, answer->body, bytes);
    if (answer->body != NULL)
        ir_buf_append(&response->body, answer->body, bytes);
    if (response->headers.failed != 0)
        return ir_buf_check(&response->headers, "the answer's header", err);
    return ir_buf_check(&response->body, "the answer", err);
}

static int fake_perform(void *context, const struct ir_http_request *request,
                        struct ir_http_response *response, struct ir_error *err)
{
    struct fake_transport *fake = context;
    require(fake->call_count < FAKE_TRANSPORT_MAX_CALLS, "too many calls");
    struct fake_seen *seen = &fake->seen[fake->call_count++];
    snprintf(seen->url, sizeof seen->url, "%s", request->url);
    snprintf(seen->method, sizeof seen->method, "%s", request->method);
    snprintf(seen->unix_socket, sizeof seen->unix_socket, "%s",
             request->unix_socket != NULL ? request->unix_socket : "");
    seen->deadline_ms = request->deadline_ms;
    seen->slowest_bytes_per_ms = request->slowest_bytes_per_ms;
    remember_headers(fake, seen, request);
    seen->body = read_body(request->body, &seen->body_bytes);
    check_request(fake, seen, request);
    ir_http_response_clear(response, request->max_response_bytes);
    if (ir_cancel_is_set(request->cancel))
        return ir_fail(err, IR_ERR_CANCELLED, "cancelled");
    const struct fake_answer *answer = choose(fake);
    fake->world->monotonic_ms += answer->takes_ms;
    fake->world->unix_ms += answer->takes_ms;
    if (fake->world->monotonic_ms > request->deadline_ms)
        return ir_fail(err, IR_ERR_TIMEOUT, "no answer within the time allowed");
    if (answer->rc == 0)
        return fill_response(answer, request, response, err);
    ir_fail(err, answer->rc, "the line failed");
    err->retryable = answer->retryable;
    err->maybe_served = answer->maybe_served;
    return answer->rc;
}

static void fake_release(void *context)
{
    ((struct fake_transport *)context)->releases++;
}

void fake_transport_init(struct fake_transport *fake, struct fake_world *world)
{
    memset(fake, 0, sizeof *fake);
    fake->world = world;
}

void fake_transport_add(struct fake_transport *fake, struct fake_answer answer)
{
    require(fake->answer_count < FAKE_TRANSPORT_MAX_ANSWERS, "too many answers");
    fake->answers[fake->answer_count++] = answer;
}

struct ir_transport fake_transport_get(struct fake_transport *fake)
{
    return (struct ir_transport){fake, fake_perform, fake_release};
}

const char *fake_transport_header(const struct fake_transport *fake, size_t call_index,
                                  const char *name)
{
    size_t name_bytes = strlen(name);
    if (call_index >= fake->call_count)
        return NULL;
    const struct fake_seen *seen = &fake->seen[call_index];
    for (size_t i = 0; i < seen->header_count; i++)
        if (strncasecmp(seen->headers[i], name, name_bytes) == 0 &&
            strncmp(seen->headers[i] + name_bytes, ": ", 2) == 0)
            return seen->headers[i] + name_bytes + 2;
    return NULL;
}

void fake_transport_reset(struct fake_transport *fake)
{
    for (size_t i = 0; i < fake->call_count; i++) {
        for (size_t j = 0; j < fake->seen[i].header_count; j++)
            free(fake->seen[i].headers[j]);
        free(fake->seen[i].body);
    }
    memset(fake->seen, 0, sizeof fake->seen);
    memset(fake->used, 0, sizeof fake->used);
    fake->call_count = 0;
    fake->complaint = NULL;
}
