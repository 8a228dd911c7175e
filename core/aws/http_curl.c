/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The transport by libcurl; the only file that includes its header.
 *
 * A connection is an easy handle with a multi handle of its own, so that waiting is cut into short
 * pieces between which the cancel token is seen. Connections that are not in use wait in a stack;
 * a call takes the one used last, which keeps TLS sessions and keep-alive warm. libcurl's own
 * signing is not used (core/README.md says why), redirects are never followed (the signature would
 * not hold at another host), TLS is always verified, no .netrc and no cookie is read.
 */
#include "core/aws/http.h"

#include <pthread.h>
#include <string.h>

#include <curl/curl.h>

#include "core/base/alloc.h"
#include "core/base/error.h"

#define POLL_MS 100
#define CONNECT_TIMEOUT_MS 10000L
#define UPLOAD_BUFFER_BYTES (512L * 1024)
#define MAX_IDLE_CONNECTIONS 64

struct connection {
    CURL *easy;
    CURLM *multi;
    struct connection *next;
    char message[CURL_ERROR_SIZE];
};

struct pool {
    pthread_mutex_t mutex;
    struct connection *idle;
    size_t idle_count;
};

/* What the callbacks of one transfer see. */
struct transfer {
    const struct ir_http_request *request;
    struct ir_http_response *response;
    struct ir_body_reader reader;
    uint64_t taken_bytes; /* of the request's body, by libcurl */
    uint64_t body_bytes;
    CURL *easy;
    bool has_good_status; /* 2xx, as far as the headers have come */
    int sink_code;        /* what the sink said; not 0 ended the transfer */
};

/* ---- connections ------------------------------------------------------------------------- */

static void connection_free(struct connection *connection)
{
    if (connection == NULL)
        return;
    curl_easy_cleanup(connection->easy);
    curl_multi_cleanup(connection->multi);
    ir_free(connection);
}

static struct connection *connection_new(void)
{
    struct connection *connection = ir_calloc(1, sizeof *connection);
    if (connection == NULL)
        return NULL;
    connection->easy = curl_easy_init();
    connection->multi = curl_multi_init();
    if (connection->easy == NULL || connection->multi == NULL) {
        connection_free(connection);
        return NULL;
    }
    return connection;
}

static struct connection *pool_take(struct pool *pool)
{
    pthread_mutex_lock(&pool->mutex);
    struct connection *connection = pool->idle;
    if (connection != NULL) {
        pool->idle = connection->next;
        pool->idle_count--;
    }
    pthread_mutex_unlock(&pool->mutex);
    return connection != NULL ? connection : connection_new();
}

static void pool_give(struct pool *pool, struct connection *connection)
{
    pthread_mutex_lock(&pool->mutex);
    bool keep = pool->idle_count < MAX_IDLE_CONNECTIONS;
    if (keep) {
        connection->next = pool->idle;
        pool->idle = connection;
        pool->idle_count++;
    }
    pthread_mutex_unlock(&pool->mutex);
    if (!keep)
        connection_free(connection);
}

/* ---- callbacks --------------------------------------------------------------------------- */

static size_t on_read(char *out, size_t size, size_t count, void *user)
{
    struct transfer *transfer = user;
    const struct ir_http_request *request = transfer->request;
    size_t bytes = ir_body_read(&transfer->reader, out, size * count);
    if (transfer->reader.failed)
        return CURL_READFUNC_ABORT;
    transfer->taken_bytes += bytes;
    if (request->progress != NULL)
        request->progress(request->progress_context, transfer->taken_bytes, transfer->body_bytes);
    return bytes;
}

/* libcurl starts again from the beginning when a kept connection turns out to be dead. */
static int on_seek(void *user, curl_off_t offset, int origin)
{
    struct transfer *transfer = user;
    if (offset != 0 || origin != SEEK_SET)
        return CURL_SEEKFUNC_CANTSEEK;
    ir_body_reader_init(&transfer->reader, transfer->request->body);
    transfer->taken_bytes = 0;
    return CURL_SEEKFUNC_OK;
}

static size_t on_header(char *line, size_t size, size_t count, void *user)
{
    struct transfer *transfer = user;
    long status = 0;
    curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    transfer->has_good_status = status >= 200 && status <= 299;
    ir_http_response_add_line(transfer->response, line, size * count);
    return transfer->response->headers.failed == 0 ? size * count : 0;
}

static size_t on_body(char *data, size_t size, size_t count, void *user)
{
    struct transfer *transfer = user;
    const struct ir_http_request *request = transfer->request;
    if (request->sink != NULL && transfer->has_good_status) {
        transfer->sink_code = request->sink(request->sink_context, data, size * count);
        return transfer->sink_code == 0 ? size * count : 0;
    }
    ir_buf_append(&transfer->response->body, data, size * count);
    return transfer->response->body.failed == 0 ? size * count : 0;
}

/* ---- setting up -------------------------------------------------------------------------- */

static void set_method(CURL *easy, struct transfer *transfer)
{
    const struct ir_http_request *request = transfer->request;
    bool has_body = request->body != NULL && request->body->piece_count > 0;
    if (strcmp(request->method, "HEAD") == 0)
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    else if (strcmp(request->method, "POST") == 0)
        curl_easy_setopt(easy, CURLOPT_POST, 1L);
    else if (strcmp(request->method, "PUT") == 0)
        curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    else if (strcmp(request->method, "GET") == 0)
        curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    else
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
    transfer->body_bytes = has_body ? ir_body_length(request->body) : 0;
    curl_off_t length = (curl_off_t)transfer->body_bytes;
    if (strcmp(request->method, "POST") == 0)
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, length);
    if (strcmp(request->method, "PUT") == 0)
        curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, length);
    if (!has_body) {
        if (strcmp(request->method, "POST") == 0)
            curl_easy_setopt(easy, CURLOPT_POSTFIELDS, "");
        return;
    }
    ir_body_reader_init(&transfer->reader, request->body);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_read);
    curl_easy_setopt(easy, CURLOPT_READDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, on_seek);
    curl_easy_setopt(easy, CURLOPT_SEEKDATA, transfer);
}

static void set_options(struct connection *connection, struct transfer *transfer, long left_ms)
{
    CURL *easy = connection->easy;
    const struct ir_http_request *request = transfer->request;
    curl_easy_reset(easy);
    connection->message[0] = '\0';
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, connection->message);
    curl_easy_setopt(easy, CURLOPT_URL, request->url);
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, UPLOAD_BUFFER_BYTES);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                     left_ms < CONNECT_TIMEOUT_MS ? left_ms : CONNECT_TIMEOUT_MS);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, left_ms);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "imgrecog/" IR_VERSION);
    if (request->ca_bundle != NULL)
        curl_easy_setopt(easy, CURLOPT_CAINFO, request->ca_bundle);
    if (request->unix_socket != NULL)
        curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, request->unix_socket);
    if (request->unix_socket != NULL || request->no_proxy)
        curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    set_method(easy, transfer);
}

/* "name: value" lines for libcurl; Host too, as it was signed. NULL when out of memory. */
static struct curl_slist *make_header_list(const struct ir_http_request *request)
{
    /* No 100-continue: the wait of a second costs more than a refused upload. */
    struct curl_slist *list = curl_slist_append(NULL, "Expect:");
    struct ir_buf line;
    ir_buf_init_secret(&line, IR_HTTP_MAX_HEADER_BYTES);
    for (size_t i = 0; list != NULL && i < request->header_count; i++) {
        ir_buf_clear(&line);
        ir_buf_appendf(&line, "%s: %s", request->headers[i].name, request->headers[i].value);
        struct curl_slist *longer = line.failed == 0 ? curl_slist_append(list, line.data) : NULL;
        if (longer == NULL) {
            curl_slist_free_all(list);
            list = NULL;
        }
    }
    ir_buf_release(&line);
    return list;
}

/* ---- running ----------------------------------------------------------------------------- */

static int64_t now_ms(void)
{
    const struct ir_world *world = ir_world_system();
    return world->monotonic_ms(world->context);
}

/* Runs the transfer to its end. 0 with *out_result, or IR_ERR_CANCELLED, _TIMEOUT, _NET. */
static int run(struct connection *connection, const struct ir_http_request *request,
               CURLcode *out_result)
{
    if (curl_multi_add_handle(connection->multi, connection->easy) != CURLM_OK)
        return IR_ERR_NOMEM;
    int rc = 0;
    for (;;) {
        int running = 0;
        int queued = 0;
        if (curl_multi_perform(connection->multi, &running) != CURLM_OK) {
            rc = IR_ERR_NET;
            break;
        }
        const CURLMsg *message = curl_multi_info_read(connection->multi, &queued);
        if (message != NULL && message->msg == CURLMSG_DONE) {
            *out_result = message->data.result;
            break;
        }
        if (ir_cancel_is_set(request->cancel)) {
            rc = IR_ERR_CANCELLED;
            break;
        }
        if (now_ms() >= request->deadline_ms) {
            rc = IR_ERR_TIMEOUT;
            break;
        }
        curl_multi_poll(connection->multi, NULL, 0, POLL_MS, NULL);
    }
    curl_multi_remove_handle(connection->multi, connection->easy);
    return rc;
}

/* True when all of the request was handed to a connection that stood. */
static bool was_sent(const struct transfer *transfer)
{
    curl_off_t connected_us = 0;
    curl_easy_getinfo(transfer->easy, CURLINFO_PRETRANSFER_TIME_T, &connected_us);
    return connected_us > 0 && transfer->taken_bytes == transfer->body_bytes;
}

static int fail_cancelled(struct ir_error *err)
{
    return ir_fail(err, IR_ERR_CANCELLED, "cancelled");
}

static int fail_timeout(struct ir_error *err)
{
    int rc = ir_fail(err, IR_ERR_TIMEOUT, "no complete answer came within the time limit");
    ir_error_set_hint(err, "Try again, or raise the time limit.");
    return rc;
}

/* True when a second attempt may go better. A wrong certificate stays wrong. */
static bool may_pass(CURLcode result)
{
    switch (result) {
    case CURLE_COULDNT_CONNECT:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_GOT_NOTHING:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_SSL_CONNECT_ERROR:
        return true;
    default:
        return false;
    }
}

static const char *hint_for(CURLcode result)
{
    switch (result) {
    case CURLE_COULDNT_RESOLVE_HOST:
        return "Check the region and the endpoint setting, and that this machine is online.";
    case CURLE_COULDNT_CONNECT:
        return "Check that the endpoint's address is right and that something listens there.";
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
        return "Check the clock and the proxy; a private authority is named in AWS_CA_BUNDLE.";
    default:
        return "Check the network, then try again.";
    }
}

/* Turns libcurl's result into ours. */
static int finish(const struct connection *connection, CURLcode result, struct transfer *transfer,
                  struct ir_error *err)
{
    struct ir_http_response *response = transfer->response;
    if (response->body.failed == IR_ERR_NOMEM || response->headers.failed == IR_ERR_NOMEM)
        return ir_fail_nomem(err);
    if (response->headers.failed != 0)
        return ir_fail(err, IR_ERR_TOO_LARGE, "the answer's headers are larger than %u bytes",
                       IR_HTTP_MAX_HEADER_BYTES);
    if (response->body.failed != 0)
        return ir_fail(err, IR_ERR_TOO_LARGE, "the answer is larger than %zu bytes",
                       transfer->request->max_response_bytes);
    if (result == CURLE_OK) {
        long status = 0;
        curl_easy_getinfo(connection->easy, CURLINFO_RESPONSE_CODE, &status);
        response->status = (int)status;
        return 0; /* an answer, good or bad */
    }
    if (result == CURLE_OUT_OF_MEMORY)
        return ir_fail_nomem(err);
    if (transfer->sink_code != 0)
        return ir_fail(err, transfer->sink_code, "the answer's content could not be taken");
    if (transfer->reader.failed)
        return ir_fail(err, IR_ERR_ARG,
                       "what was to be sent could not be read, or has changed "
                       "meanwhile");
    if (result == CURLE_OPERATION_TIMEDOUT && now_ms() >= transfer->request->deadline_ms)
        return fail_timeout(err);
    const char *socket = transfer->request->unix_socket;
    const char *words = connection->message;
    if (result == CURLE_COULDNT_CONNECT && socket != NULL) {
        ir_fail(err, IR_ERR_NET, "nobody answers on the socket %s", socket);
        ir_error_set_hint(err, "Check the path, and that the server runs.");
    } else {
        ir_fail(err, IR_ERR_NET, "%s", *words != '\0' ? words : curl_easy_strerror(result));
        ir_error_set_hint(err, "%s", hint_for(result));
    }
    if (err != NULL)
        err->retryable = may_pass(result);
    return IR_ERR_NET;
}

static int perform(void *context, const struct ir_http_request *request,
                   struct ir_http_response *response, struct ir_error *err)
{
    struct pool *pool = context;
    struct transfer transfer = {.request = request, .response = response};
    int64_t left_ms = request->deadline_ms - now_ms();
    ir_http_response_clear(response, request->max_response_bytes);
    if (ir_cancel_is_set(request->cancel))
        return fail_cancelled(err);
    if (left_ms <= 0)
        return fail_timeout(err);
    struct connection *connection = pool_take(pool);
    struct curl_slist *headers = make_header_list(request);
    CURLcode result = CURLE_OK;
    int rc = IR_ERR_NOMEM;
    if (connection == NULL || headers == NULL) {
        rc = ir_fail_nomem(err);
        goto out;
    }
    transfer.easy = connection->easy;
    set_options(connection, &transfer, (long)left_ms);
    curl_easy_setopt(connection->easy, CURLOPT_HTTPHEADER, headers);
    rc = run(connection, request, &result);
    if (rc == 0)
        rc = finish(connection, result, &transfer, err);
    else if (rc == IR_ERR_CANCELLED)
        rc = fail_cancelled(err);
    else if (rc == IR_ERR_TIMEOUT)
        rc = fail_timeout(err);
    else
        rc = ir_fail(err, rc, "the transfer could not be run");
    if (rc != 0 && err != NULL)
        err->maybe_served = was_sent(&transfer);
out:
    curl_slist_free_all(headers);
    if (connection != NULL)
        pool_give(pool, connection);
    return rc;
}

static void release(void *context)
{
    struct pool *pool = context;
    while (pool->idle != NULL) {
        struct connection *connection = pool->idle;
        pool->idle = connection->next;
        connection_free(connection);
    }
    pthread_mutex_destroy(&pool->mutex);
    ir_free(pool);
}

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;
static CURLcode curl_ready;

static void init_curl(void)
{
    curl_ready = curl_global_init(CURL_GLOBAL_DEFAULT);
}

int ir_transport_curl_new(struct ir_transport *out, struct ir_error *err)
{
    pthread_once(&curl_once, init_curl);
    if (curl_ready != CURLE_OK)
        return ir_fail(err, IR_ERR_NOMEM, "libcurl cannot be used: %s",
                       curl_easy_strerror(curl_ready));
    struct pool *pool = ir_calloc(1, sizeof *pool);
    if (pool == NULL)
        return ir_fail_nomem(err);
    pthread_mutex_init(&pool->mutex, NULL);
    *out = (struct ir_transport){pool, perform, release};
    return 0;
}
