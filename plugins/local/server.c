/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * libmicrohttpd with a thread for each connection, because an answer takes a second of work. The
 * path for the signature is the raw one (libmicrohttpd decodes the one it passes to the handler).
 *
 *   headers -> too large? -> body -> signature -> a place among max_pictures -> operation -> answer
 *
 * A request that is too large and asked before sending (Expect: 100-continue) is refused at once;
 * of others the body is read and thrown away, since a client that is still sending would see a
 * broken connection instead of the answer.
 */
#include "plugins/local/server.h"

#include <errno.h>
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
#include "plugins/local/auth.h"
#include "plugins/local/deadline.h"
#include "plugins/local/operation.h"
#include "plugins/local/refuse.h"

#define SERVICE "imgrecog-local"
#define CONNECTION_TIMEOUT_S 120U
#define CONNECTION_HEADER_BYTES (64U * 1024)
#define MAX_THROWN_AWAY_BYTES (64U << 20)
#define GATE_WAIT_MS 20000
#define NAMES_BYTES 32 /* of all recognisers */
#define CONTENT_TYPE "application/x-amz-json-1.1"

struct server {
    struct MHD_Daemon *daemon;
    const struct recognisers *recognisers;
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
    char *uri; /* raw: path and query */
    struct ir_buf body;
    bool begun;
    bool too_large;
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

/* Takes over the body's content. */
static enum MHD_Result send_answer(struct MHD_Connection *connection, int status,
                                   struct answer *answer)
{
    char request_id[IR_UUID_BYTES];
    char unfinished[NAMES_BYTES];
    size_t bytes = answer->body.bytes;
    char *body = ir_buf_take(&answer->body);
    if (body == NULL)
        return MHD_NO;
    struct MHD_Response *response =
        MHD_create_response_from_buffer_with_free_callback(bytes, body, ir_free);
    if (response == NULL) {
        ir_free(body);
        return MHD_NO;
    }
    ir_world_uuid(ir_world_system(), request_id);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, CONTENT_TYPE);
    MHD_add_response_header(response, "x-amzn-RequestId", request_id);
    name_recognisers(answer->not_finished, unfinished);
    if (*unfinished != '\0')
        MHD_add_response_header(response, IR_EMBEDDED_NOT_FINISHED_HEADER, unfinished);
    enum MHD_Result sent = MHD_queue_response(connection, (unsigned)status, response);
    MHD_destroy_response(response);
    return sent;
}

static void write_error(const struct ir_error *err, struct ir_buf *out)
{
    struct ir_json_writer writer;
    ir_buf_clear(out);
    ir_json_writer_init(&writer, out);
    ir_json_begin_object(&writer);
    ir_json_member_put_string(&writer, "__type", err->aws_code);
    ir_json_member_put_string(&writer, "message", err->message);
    ir_json_end_object(&writer);
}

/* ---- one request ------------------------------------------------------------------------- */

struct header_list {
    struct ir_header items[AUTH_MAX_HEADERS];
    size_t count;
    bool overflowed;
};

static enum MHD_Result collect_header(void *context, enum MHD_ValueKind kind, const char *name,
                                      const char *value)
{
    struct header_list *list = context;
    (void)kind;
    if (list->count == AUTH_MAX_HEADERS) {
        list->overflowed = true;
        return MHD_NO;
    }
    list->items[list->count++] = (struct ir_header){name, value != NULL ? value : ""};
    return MHD_YES;
}

static int check_signature(struct exchange *exchange, const char *method,
                           const struct header_list *headers, struct ir_error *err)
{
    if (headers->overflowed)
        return refuse(err, &refuse_incomplete, "The request has more than %d headers.",
                      AUTH_MAX_HEADERS);
    char *query = strchr(exchange->uri, '?');
    if (query != NULL)
        *query++ = '\0';
    const struct ir_world *world = ir_world_system();
    const struct auth_request request = {.method = method,
                                         .path = exchange->uri,
                                         .query = query != NULL ? query : "",
                                         .headers = headers->items,
                                         .header_count = headers->count,
                                         .body = ir_buf_text(&exchange->body),
                                         .body_bytes = exchange->body.bytes,
                                         .now_ms = world->unix_ms(world->context)};
    int rc = auth_check(&request, err);
    if (rc == 0 && (strcmp(method, "POST") != 0 || strcmp(request.path, "/") != 0))
        rc = refuse(err, &refuse_operation, "Requests are POST to the path /.");
    return rc;
}

static int run_request(struct MHD_Connection *connection, struct exchange *exchange,
                       const char *method, struct answer *answer, struct ir_error *err)
{
    struct server *server = exchange->server;
    struct header_list headers = {.count = 0};
    if (exchange->too_large)
        return refuse(err, &refuse_entity_too_large, "The request is larger than %u bytes.",
                      SERVER_MAX_BODY_BYTES);
    if (exchange->body.failed != 0)
        return refuse_nomem(err);
    MHD_get_connection_values(connection, MHD_HEADER_KIND, collect_header, &headers);
    int rc = check_signature(exchange, method, &headers, err);
    if (rc != 0)
        return rc;
    const char *target = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "X-Amz-Target");
    if (!gate_enter(server))
        return refuse(err, &refuse_busy,
                      "The local recogniser is busy with other pictures. Try again later.");
    rc = operation_run(server->recognisers, target, &exchange->body, answer, err);
    gate_leave(server);
    return rc;
}

static enum MHD_Result answer_request(struct MHD_Connection *connection, struct exchange *exchange,
                                      const char *method)
{
    struct answer answer = {.not_finished = 0};
    struct ir_error err;
    ir_error_clear(&err);
    ir_buf_init(&answer.body, OPERATION_MAX_ANSWER_BYTES);
    int status = MHD_HTTP_OK;
    if (run_request(connection, exchange, method, &answer, &err) != 0) {
        status = err.http_status;
        write_error(&err, &answer.body);
    }
    enum MHD_Result sent = send_answer(connection, status, &answer);
    ir_buf_release(&answer.body);
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
    ir_buf_init(&exchange->body, SERVER_MAX_BODY_BYTES);
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
    ir_buf_release(&exchange->body);
    ir_free(exchange->uri);
    ir_free(exchange);
    *request = NULL;
    atomic_store(&server->last_request_ms, (long long)deadline_now_ms());
    atomic_fetch_sub(&server->open_requests, 1);
}

/* Before the body: false when the answer is to be sent without it. */
static bool wants_body(struct MHD_Connection *connection, struct exchange *exchange)
{
    const char *length =
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
    const char *expect =
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_EXPECT);
    if (length == NULL)
        return true;
    errno = 0;
    unsigned long long bytes = strtoull(length, NULL, 10);
    exchange->too_large = errno != 0 || bytes > SERVER_MAX_BODY_BYTES;
    return !exchange->too_large || (expect == NULL && bytes <= MAX_THROWN_AWAY_BYTES);
}

/* False when a client sends more than even is thrown away. */
static bool take_piece(struct exchange *exchange, const char *data, size_t bytes)
{
    if (exchange->body.bytes + bytes > SERVER_MAX_BODY_BYTES)
        exchange->too_large = true;
    if (!exchange->too_large) {
        ir_buf_append(&exchange->body, data, bytes);
        return true;
    }
    ir_buf_release(&exchange->body);
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
        exchange->begun = true;
        return wants_body(connection, exchange) ? MHD_YES
                                                : answer_request(connection, exchange, method);
    }
    if (*data_bytes > 0) {
        bool taken = take_piece(exchange, data, *data_bytes);
        *data_bytes = 0;
        return taken ? MHD_YES : MHD_NO;
    }
    return answer_request(connection, exchange, method);
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

int server_start(int socket_fd, const struct recognisers *recognisers, int max_pictures,
                 struct server **out, struct ir_error *err)
{
    struct server *server = ir_calloc(1, sizeof *server);
    if (server == NULL)
        return ir_fail_nomem(err);
    server->recognisers = recognisers;
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
