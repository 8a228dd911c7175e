/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * libmicrohttpd with a thread for each connection, because an answer takes a second of work. The
 * path for the signature is the raw one (libmicrohttpd decodes the one it passes to the handler).
 *
 *   headers -> service -> too large? -> body -> signature -> a place among max_pictures -> service
 *   -> answer                                (S3: signature, then body; see router.c)
 *
 * A request that is refused and asked before sending (Expect: 100-continue) is refused at once;
 * of others the body is read and thrown away, since a client that is still sending would see a
 * broken connection instead of the answer.
 */
#include "plugins/local/server.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <microhttpd.h>

#include "core/aws/embedded.h"
#include "core/base/alloc.h"
#include "core/base/error.h"
#include "core/base/world.h"
#include "plugins/local/deadline.h"
#include "plugins/local/refuse.h"
#include "plugins/local/router.h"

#define SERVICE "imgrecog-local"
#define CONNECTION_TIMEOUT_S 120U
#define CONNECTION_HEADER_BYTES (64U * 1024)
#define MAX_THROWN_AWAY_BYTES (64U << 20)
#define GATE_WAIT_MS 20000
#define NAMES_BYTES 32 /* of all recognisers */

struct server {
    struct MHD_Daemon *daemon;
    struct local *local;
    atomic_int open_requests;
    atomic_llong last_request_ms;
    /* places for pictures under analysis */
    pthread_mutex_t gate_lock;
    pthread_cond_t gate_opened;
    int free_places;
};

/* One request on its way. */
struct exchange {
    struct server *server;
    char *uri; /* raw: path and query, cut in two once begun */
    struct request request;
    const struct service *service;
    bool begun;
    int refused; /* before the body; `err` says why */
    struct ir_error err;
    size_t thrown_away_bytes;
};

/* ---- places ------------------------------------------------------------------------------ */

static bool gate_enter(struct server *server)
{
    int64_t deadline_ms = deadline_now_ms() + GATE_WAIT_MS;
    const struct timespec until = {.tv_sec = (time_t)(deadline_ms / 1000),
                                   .tv_nsec = (long)(deadline_ms % 1000) * 1000000L};
    pthread_mutex_lock(&server->gate_lock);
    while (server->free_places == 0)
        if (pthread_cond_timedwait(&server->gate_opened, &server->gate_lock, &until) == ETIMEDOUT)
            break;
    bool entered = server->free_places > 0;
    if (entered)
        server->free_places--;
    pthread_mutex_unlock(&server->gate_lock);
    return entered;
}

static void gate_leave(struct server *server)
{
    pthread_mutex_lock(&server->gate_lock);
    server->free_places++;
    pthread_cond_signal(&server->gate_opened);
    pthread_mutex_unlock(&server->gate_lock);
}

/* ---- answers ----------------------------------------------------------------------------- */

/* "faces, text", as embedded.h says. */
static void name_recognisers(unsigned recognisers, char out[NAMES_BYTES])
{
    static const struct {
        unsigned recogniser;
        const char *name;
    } known[] = {{LOOK_FACES, "faces"}, {LOOK_TEXT, "text"}, {LOOK_CODES, "codes"}};
    size_t bytes = 0;
    out[0] = '\0';
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if ((recognisers & known[i].recogniser) != 0)
            bytes += (size_t)snprintf(out + bytes, NAMES_BYTES - bytes, "%s%s",
                                      bytes > 0 ? ", " : "", known[i].name);
}

static void add_headers(struct MHD_Response *response, const struct service *service,
                        const struct answer *answer, const char *request_id)
{
    char unfinished[NAMES_BYTES];
    const char *headers = ir_buf_text(&answer->headers);
    const char *type = answer->content_type != NULL ? answer->content_type : service->content_type;
    for (size_t at = 0; at < answer->headers.bytes;) {
        const char *name = headers + at;
        const char *value = name + strlen(name) + 1;
        at += strlen(name) + strlen(value) + 2;
        MHD_add_response_header(response, name, value);
    }
    if (MHD_get_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE) == NULL &&
        (answer->body.bytes > 0 || !service->is_s3))
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    MHD_add_response_header(response, service->is_s3 ? "x-amz-request-id" : "x-amzn-RequestId",
                            request_id);
    name_recognisers(answer->not_finished, unfinished);
    if (*unfinished != '\0')
        MHD_add_response_header(response, IR_EMBEDDED_NOT_FINISHED_HEADER, unfinished);
}

/* Takes over the body's content or file. */
static struct MHD_Response *make_response(struct answer *answer)
{
    struct MHD_Response *response = NULL;
    if (answer->file_fd >= 0) {
        response = MHD_create_response_from_fd_at_offset64(answer->file_bytes, answer->file_fd,
                                                           answer->file_offset);
        if (response != NULL)
            answer->file_fd = -1;
        return response;
    }
    size_t bytes = answer->body.bytes;
    if (bytes == 0)
        return MHD_create_response_from_buffer_static(0, "");
    char *body = ir_buf_take(&answer->body);
    if (body == NULL)
        return NULL;
    response = MHD_create_response_from_buffer_with_free_callback(bytes, body, ir_free);
    if (response == NULL)
        ir_free(body);
    return response;
}

static enum MHD_Result send_answer(struct MHD_Connection *connection, const struct service *service,
                                   struct answer *answer, const char *request_id)
{
    struct MHD_Response *response = make_response(answer);
    if (response == NULL)
        return MHD_NO;
    add_headers(response, service, answer, request_id);
    enum MHD_Result sent = MHD_queue_response(connection, (unsigned)answer->status, response);
    MHD_destroy_response(response);
    return sent;
}

/* ---- one request ------------------------------------------------------------------------- */

static enum MHD_Result collect_header(void *context, enum MHD_ValueKind kind, const char *name,
                                      const char *value)
{
    struct exchange *exchange = context;
    struct request *request = &exchange->request;
    (void)kind;
    if (request->header_count == AUTH_MAX_HEADERS) {
        exchange->refused = refuse(&exchange->err, &refuse_incomplete,
                                   "The request has more than %d headers.", AUTH_MAX_HEADERS);
        return MHD_NO;
    }
    request->headers[request->header_count++] =
        (struct ir_header){name, value != NULL ? value : ""};
    return MHD_YES;
}

static int run_request(struct exchange *exchange, struct answer *answer, struct ir_error *err)
{
    struct server *server = exchange->server;
    const struct service *service = exchange->service;
    struct request *request = &exchange->request;
    if (exchange->refused != 0) {
        *err = exchange->err;
        return exchange->refused;
    }
    int rc = router_admit(service, request, err);
    if (rc != 0)
        return rc;
    bool looks = service->looks_at_pictures != NULL && service->looks_at_pictures(request);
    if (looks && !gate_enter(server))
        return refuse(err, &refuse_busy,
                      "The local recogniser is busy with other pictures. Try again later.");
    rc = service->run(request, answer, err);
    if (looks)
        gate_leave(server);
    if (rc == 0 && (answer->body.failed != 0 || answer->headers.failed != 0))
        rc = refuse_nomem(err);
    return rc;
}

static enum MHD_Result answer_request(struct MHD_Connection *connection, struct exchange *exchange)
{
    struct answer answer;
    struct ir_error err;
    const char *request_id = exchange->request.request_id;
    ir_error_clear(&err);
    answer_init(&answer);
    if (run_request(exchange, &answer, &err) != 0)
        fault_write(exchange->service->protocol, &err, exchange->request.path, request_id, &answer);
    enum MHD_Result sent = send_answer(connection, exchange->service, &answer, request_id);
    answer_release(&answer);
    return sent;
}

/* ---- libmicrohttpd's side ---------------------------------------------------------------- */

static void *on_uri(void *context, const char *uri, struct MHD_Connection *connection)
{
    struct server *server = context;
    (void)connection;
    struct exchange *exchange = ir_calloc(1, sizeof *exchange);
    char *copy = ir_strdup(uri);
    if (exchange == NULL || copy == NULL) {
        ir_free(exchange);
        ir_free(copy);
        return NULL;
    }
    exchange->server = server;
    exchange->uri = copy;
    exchange->request.local = server->local;
    ir_error_clear(&exchange->err);
    atomic_fetch_add(&server->open_requests, 1);
    return exchange;
}

static void on_completed(void *context, struct MHD_Connection *connection, void **request,
                         enum MHD_RequestTerminationCode why)
{
    struct server *server = context;
    struct exchange *exchange = *request;
    (void)connection;
    (void)why;
    if (exchange == NULL)
        return;
    router_end(&exchange->request);
    ir_free(exchange->uri);
    ir_free(exchange);
    *request = NULL;
    atomic_store(&server->last_request_ms, (long long)deadline_now_ms());
    atomic_fetch_sub(&server->open_requests, 1);
}

static void check_length(struct exchange *exchange)
{
    const char *length = request_header(&exchange->request, MHD_HTTP_HEADER_CONTENT_LENGTH);
    uint64_t max_bytes = exchange->service->max_body_bytes;
    if (length == NULL || exchange->refused != 0)
        return;
    errno = 0;
    unsigned long long bytes = strtoull(length, NULL, 10);
    /* aws-chunked is longer than what it holds. */
    if (errno != 0 || bytes > max_bytes + (exchange->service->is_s3 ? max_bytes / 8 : 0))
        exchange->refused = refuse(&exchange->err, &refuse_entity_too_large,
                                   "The request is larger than %" PRIu64 " bytes.", max_bytes);
}

/* Before the body: false when the answer is to be sent without it. */
static bool wants_body(const struct exchange *exchange)
{
    const char *length = request_header(&exchange->request, MHD_HTTP_HEADER_CONTENT_LENGTH);
    if (exchange->refused == 0)
        return true;
    if (request_header(&exchange->request, MHD_HTTP_HEADER_EXPECT) != NULL)
        return false;
    return length == NULL || strtoull(length, NULL, 10) <= MAX_THROWN_AWAY_BYTES;
}

static void begin(struct MHD_Connection *connection, struct exchange *exchange, const char *method)
{
    struct request *request = &exchange->request;
    char *query = strchr(exchange->uri, '?');
    if (query != NULL)
        *query++ = '\0';
    exchange->begun = true;
    ir_world_uuid(ir_world_system(), request->request_id);
    request->method = method;
    request->path = exchange->uri;
    request->query = query != NULL ? query : "";
    MHD_get_connection_values(connection, MHD_HEADER_KIND, collect_header, exchange);
    exchange->service = router_find(request);
    check_length(exchange);
    if (exchange->refused == 0)
        exchange->refused = router_begin(exchange->service, request, &exchange->err);
}

/* False when a client sends more than even is thrown away. */
static bool take_piece(struct exchange *exchange, const char *data, size_t bytes)
{
    if (exchange->refused == 0)
        intake_take(&exchange->request.body, data, bytes);
    if (exchange->refused == 0 && exchange->request.body.failed == 0)
        return true;
    exchange->thrown_away_bytes += bytes;
    return exchange->thrown_away_bytes <= MAX_THROWN_AWAY_BYTES;
}

/* The parameters are libmicrohttpd's. NOLINTNEXTLINE(readability-function-size) */
static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *data,
                                  size_t *data_bytes, void **request)
{
    struct exchange *exchange = *request;
    (void)context;
    (void)url;
    (void)version;
    if (exchange == NULL)
        return MHD_NO; /* out of memory in on_uri */
    if (!exchange->begun) {
        begin(connection, exchange, method);
        return wants_body(exchange) ? MHD_YES : answer_request(connection, exchange);
    }
    if (*data_bytes > 0) {
        bool taken = take_piece(exchange, data, *data_bytes);
        *data_bytes = 0;
        return taken ? MHD_YES : MHD_NO;
    }
    return answer_request(connection, exchange);
}

/* ---- life -------------------------------------------------------------------------------- */

static void init_gate(struct server *server, int max_pictures)
{
    pthread_condattr_t clock;
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_mutex_init(&server->gate_lock, NULL);
    pthread_cond_init(&server->gate_opened, &clock);
    pthread_condattr_destroy(&clock);
    server->free_places = max_pictures;
}

int server_start(int socket_fd, struct local *local, int max_pictures, struct server **out,
                 struct ir_error *err)
{
    struct server *server = ir_calloc(1, sizeof *server);
    if (server == NULL)
        return ir_fail_nomem(err);
    server->local = local;
    atomic_init(&server->open_requests, 0);
    atomic_init(&server->last_request_ms, (long long)deadline_now_ms());
    init_gate(server, max_pictures);
    server->daemon = MHD_start_daemon(
        MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL |
            MHD_USE_ITC,
        0, NULL, NULL, on_request, server, MHD_OPTION_LISTEN_SOCKET, socket_fd,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)SERVER_MAX_CONNECTIONS,
        MHD_OPTION_CONNECTION_TIMEOUT, CONNECTION_TIMEOUT_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)CONNECTION_HEADER_BYTES, MHD_OPTION_URI_LOG_CALLBACK, on_uri, server,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, server, MHD_OPTION_END);
    if (server->daemon == NULL) {
        server_stop(server);
        int rc = ir_fail(err, IR_ERR_NET, "the HTTP server could not be started");
        ir_error_set_service(err, SERVICE);
        return rc;
    }
    *out = server;
    return 0;
}

int64_t server_idle_ms(struct server *server)
{
    if (atomic_load(&server->open_requests) > 0)
        return 0;
    return deadline_now_ms() - (int64_t)atomic_load(&server->last_request_ms);
}

void server_stop(struct server *server)
{
    if (server == NULL)
        return;
    if (server->daemon != NULL)
        MHD_stop_daemon(server->daemon);
    pthread_cond_destroy(&server->gate_opened);
    pthread_mutex_destroy(&server->gate_lock);
    ir_free(server);
}
