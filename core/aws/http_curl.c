/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The transport by libcurl; the only file that includes its header.
 *
 * A connection is an easy handle with a multi handle of its own, so that waiting is cut into short
 * pieces between which the cancel token is seen. Connections that are not in use wait in a stack;
 * a call takes the one used last, which keeps TLS sessions and keep-alive warm. libcurl's own
 * signing is not used (core/README.md says why), redirects are never followed (the signature would
 * not hold at another host), TLS is always verified, no .netrc and no cookie is read. Words for
 * what went wrong stand in http_failure.c; libcurl's own are shown only where they name a cause in
 * TLS.
 *
 * libcurl sends a request again by itself when a kept connection breaks before a byte of the answer
 * came. Where all of the body had left, the service may have done its work, so this is refused here
 * and the caller, who knows what the request costs, decides.
 */
#include "core/aws/http.h"

#include <pthread.h>
#include <string.h>

#include <curl/curl.h>

#include "core/aws/http_failure.h"
#include "core/aws/http_proxy.h"
#include "core/base/alloc.h"
#include "core/base/error.h"

#define POLL_MS 100
#define CONNECT_TIMEOUT_MS 10000L /* TLS included; then another attempt is better than waiting */
#define SEND_STALL_MS 20000       /* without a byte of the request taken: the same */
#define MAX_FLOOD_BYTES (256U * 1024)     /* of headers, those of 1xx answers included */
#define UPLOAD_BUFFER_BYTES (128L * 1024) /* for each call in flight; no larger one is faster */
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
    const char *proxy;    /* setting that counts for this URL, unless NO_PROXY excepts it */
    size_t header_bytes;  /* of all answers, 1xx too */
    bool resend_refused;  /* a kept connection broke after the whole request had been sent */
    bool headers_ended;   /* of the last answer: its empty line has come */
    bool has_good_status; /* 2xx, as far as the headers have come */
    uint64_t came_bytes;  /* of a 2xx answer's body */
    int sink_code;        /* what the sink said; not 0 ended the transfer */
    uint64_t left_bytes;  /* of the body that left this process, and when that was seen */
    int64_t left_at_ms;
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
    if (transfer->taken_bytes == transfer->body_bytes) {
        transfer->resend_refused = true;
        return CURL_SEEKFUNC_FAIL;
    }
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
    transfer->header_bytes += size * count;
    transfer->headers_ended = transfer->headers_ended || *line == '\r' || *line == '\n';
    if (size * count > 5 && memcmp(line, "HTTP/", 5) == 0)
        transfer->headers_ended = false;
    if (transfer->header_bytes > MAX_FLOOD_BYTES)
        return 0;
    ir_http_response_add_line(transfer->response, line, size * count);
    return transfer->response->headers.failed == 0 ? size * count : 0;
}

static size_t on_body(char *data, size_t size, size_t count, void *user)
{
    struct transfer *transfer = user;
    const struct ir_http_request *request = transfer->request;
    transfer->came_bytes += transfer->has_good_status ? size * count : 0;
    if (request->sink != NULL && transfer->has_good_status) {
        transfer->sink_code = request->sink(request->sink_context, data, size * count);
        return transfer->sink_code == 0 ? size * count : 0;
    }
    ir_buf_append(&transfer->response->body, data, size * count);
    return transfer->response->body.failed == 0 ? size * count : 0;
}

/* ---- setting up -------------------------------------------------------------------------- */

/* How libcurl goes about it; the method's name is among the texts below. */
static void set_method(CURL *easy, struct transfer *transfer)
{
    const struct ir_http_request *request = transfer->request;
    bool has_body = request->body != NULL && request->body->piece_count > 0;
    transfer->body_bytes = has_body ? ir_body_length(request->body) : 0;
    curl_off_t length = (curl_off_t)transfer->body_bytes;
    if (strcmp(request->method, "HEAD") == 0) {
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    } else if (strcmp(request->method, "POST") == 0) {
        curl_easy_setopt(easy, CURLOPT_POST, 1L);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, length);
        if (!has_body)
            curl_easy_setopt(easy, CURLOPT_POSTFIELDS, "");
    } else if (has_body || strcmp(request->method, "PUT") == 0) {
        curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, length);
    }
    if (!has_body)
        return;
    ir_body_reader_init(&transfer->reader, request->body);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_read);
    curl_easy_setopt(easy, CURLOPT_READDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, on_seek);
    curl_easy_setopt(easy, CURLOPT_SEEKDATA, transfer);
}

/*
 * The options of which libcurl keeps a copy. Without memory for it a request would go another way
 * than it should: past the socket, by the environment's proxy, trusting other authorities.
 */
static CURLcode set_texts(CURL *easy, const struct transfer *transfer)
{
    const struct ir_http_request *request = transfer->request;
    const struct {
        CURLoption option;
        const char *text; /* NULL = libcurl's own */
    } texts[] = {
        {CURLOPT_URL, request->url},
        {CURLOPT_CUSTOMREQUEST, request->method},
        {CURLOPT_PROTOCOLS_STR, "http,https"},
        {CURLOPT_USERAGENT, "imgrecog/" IR_VERSION},
        {CURLOPT_CAINFO, request->ca_bundle},
        {CURLOPT_PROXY_CAINFO, request->ca_bundle},
        {CURLOPT_UNIX_SOCKET_PATH, request->unix_socket},
        {CURLOPT_PROXY, transfer->proxy != NULL ? transfer->proxy : ""},
    };
    CURLcode result = CURLE_OK;
    for (size_t i = 0; result == CURLE_OK && i < sizeof texts / sizeof texts[0]; i++)
        if (texts[i].text != NULL)
            result = curl_easy_setopt(easy, texts[i].option, texts[i].text);
    return result;
}

static CURLcode set_options(struct connection *connection, struct transfer *transfer)
{
    CURL *easy = connection->easy;
    curl_easy_reset(easy);
    connection->message[0] = '\0';
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, connection->message);
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, UPLOAD_BUFFER_BYTES);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS);
    /* Else what the machine's OpenSSL allows, which may be less. */
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(easy, CURLOPT_PROXY_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    set_method(easy, transfer);
    return set_texts(easy, transfer);
}

/* Authorization and session token are among them. */
static void free_header_list(struct curl_slist *list)
{
    for (struct curl_slist *item = list; item != NULL; item = item->next)
        ir_wipe(item->data, strlen(item->data));
    curl_slist_free_all(list);
}

/* True when the list is longer by a copy of `line`; else it is freed and NULL. */
static bool add_line(struct curl_slist **list, const char *line)
{
    struct curl_slist *longer = curl_slist_append(*list, line);
    if (longer == NULL)
        free_header_list(*list);
    *list = longer;
    return longer != NULL;
}

/* "name: value" lines for libcurl; Host too, as it was signed. NULL when out of memory. */
static struct curl_slist *make_header_list(const struct ir_http_request *request)
{
    struct curl_slist *list = NULL;
    struct ir_buf line;
    /*
     * Nothing of libcurl's own: no 100-continue, since the wait of a second costs more than a
     * refused upload, and no type by which the body of a POST would be a form.
     */
    bool is_whole = add_line(&list, "Expect:") && add_line(&list, "Content-Type:");
    ir_buf_init_secret(&line, IR_HTTP_MAX_HEADER_BYTES);
    for (size_t i = 0; is_whole && i < request->header_count; i++) {
        const struct ir_header *header = &request->headers[i];
        ir_buf_clear(&line);
        /* "name:" would take a header away, and the signature has it. */
        ir_buf_appendf(&line, "%s%s%s", header->name, *header->value != '\0' ? ": " : ";",
                       header->value);
        is_whole = line.failed == 0 && add_line(&list, line.data);
    }
    ir_buf_release(&line);
    if (is_whole)
        return list;
    free_header_list(list);
    return NULL;
}

/* ---- running ----------------------------------------------------------------------------- */

static int64_t now_ms(void)
{
    const struct ir_world *world = ir_world_system();
    return world->monotonic_ms(world->context);
}

/* True while the request leaves this process too slowly to be waited for. */
static bool is_send_stalled(struct transfer *transfer)
{
    curl_off_t left_bytes = 0;
    curl_off_t ready_us = 0; /* when the connection stood; 0 = not yet */
    curl_easy_getinfo(transfer->easy, CURLINFO_SIZE_UPLOAD_T, &left_bytes);
    curl_easy_getinfo(transfer->easy, CURLINFO_PRETRANSFER_TIME_T, &ready_us);
    bool has_moved = (uint64_t)left_bytes != transfer->left_bytes;
    bool has_left = (uint64_t)left_bytes >= transfer->body_bytes;
    if (ready_us == 0 || has_moved || has_left) {
        transfer->left_bytes = (uint64_t)left_bytes;
        transfer->left_at_ms = now_ms();
    }
    return now_ms() - transfer->left_at_ms >= SEND_STALL_MS;
}

static int64_t time_left_ms(const struct transfer *transfer)
{
    const struct ir_http_request *request = transfer->request;
    int64_t more_ms = request->slowest_bytes_per_ms > 0
                          ? (int64_t)(transfer->came_bytes / request->slowest_bytes_per_ms)
                          : 0;
    return request->deadline_ms + more_ms - now_ms();
}

enum ending { ENDED, CANCELLED, LATE, STALLED, NOT_RUN };

/* Runs the transfer to its end; *out_result counts when that is ENDED. */
static enum ending run(struct connection *connection, struct transfer *transfer,
                       CURLcode *out_result)
{
    const struct ir_http_request *request = transfer->request;
    enum ending ending = ENDED;
    transfer->left_at_ms = now_ms();
    if (curl_multi_add_handle(connection->multi, connection->easy) != CURLM_OK)
        return NOT_RUN;
    for (;;) {
        int running = 0;
        int queued = 0;
        CURLMcode code = curl_multi_perform(connection->multi, &running);
        const CURLMsg *message = curl_multi_info_read(connection->multi, &queued);
        if (message != NULL && message->msg == CURLMSG_DONE) {
            *out_result = message->data.result;
            break;
        }
        int64_t left_ms = time_left_ms(transfer);
        if (code != CURLM_OK)
            ending = NOT_RUN;
        else if (ir_cancel_is_set(request->cancel))
            ending = CANCELLED;
        else if (left_ms <= 0)
            ending = LATE;
        else if (is_send_stalled(transfer))
            ending = STALLED;
        if (ending != ENDED)
            break;
        code = curl_multi_poll(connection->multi, NULL, 0,
                               left_ms < POLL_MS ? (int)left_ms : POLL_MS, NULL);
        if (code != CURLM_OK) { /* what cannot wait would only turn */
            ending = NOT_RUN;
            break;
        }
    }
    /*
     * Else libcurl waits here for the name server, which may take half a minute: the thread that
     * asks it is left to itself and cleans up when the C library lets it go.
     */
    if (ending != ENDED)
        curl_easy_setopt(connection->easy, CURLOPT_QUICK_EXIT, 1L);
    curl_multi_remove_handle(connection->multi, connection->easy);
    return ending;
}

/* ---- what went wrong --------------------------------------------------------------------- */

/* True when all of the request was handed to a connection that stood. */
static bool was_sent(const struct transfer *transfer)
{
    curl_off_t ready_us = 0;
    curl_off_t left_bytes = 0;
    long request_bytes = 0;
    curl_easy_getinfo(transfer->easy, CURLINFO_PRETRANSFER_TIME_T, &ready_us);
    curl_easy_getinfo(transfer->easy, CURLINFO_SIZE_UPLOAD_T, &left_bytes);
    curl_easy_getinfo(transfer->easy, CURLINFO_REQUEST_SIZE, &request_bytes);
    /* libcurl's count may hold what went to a connection that broke and was replaced. */
    bool has_left = transfer->taken_bytes == transfer->body_bytes &&
                    (uint64_t)left_bytes >= transfer->body_bytes;
    return transfer->resend_refused || (ready_us > 0 && request_bytes > 0 && has_left);
}

/* True when the transfer went by the proxy that is set: NO_PROXY may except its host. */
static bool used_proxy(const struct transfer *transfer)
{
#if LIBCURL_VERSION_NUM >= 0x080700
    long used = 0;
    if (transfer->proxy != NULL &&
        curl_easy_getinfo(transfer->easy, CURLINFO_USED_PROXY, &used) == CURLE_OK)
        return used != 0;
#endif
    return transfer->proxy != NULL;
}

static int fail(const struct transfer *transfer, enum ir_http_reason reason, const char *words,
                struct ir_error *err)
{
    struct ir_http_failure failure = {
        .reason = reason, .request = transfer->request, .words = words};
    if (transfer->easy == NULL)
        return ir_http_fail(&failure, err);
    curl_off_t ready_us = 0;
    long system_error = 0;
    curl_easy_getinfo(transfer->easy, CURLINFO_PRETRANSFER_TIME_T, &ready_us);
    curl_easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO, &system_error);
    curl_easy_getinfo(transfer->easy, CURLINFO_HTTP_CONNECTCODE, &failure.tunnel_status);
    failure.system_error = (int)system_error;
    failure.is_ready = ready_us > 0;
    failure.is_sent = was_sent(transfer);
    failure.is_answered = transfer->header_bytes > 0;
    if (reason == IR_HTTP_PROXY_BAD || used_proxy(transfer))
        failure.proxy = transfer->proxy;
    return ir_http_fail(&failure, err);
}

static enum ir_http_reason reason_of(CURLcode result, const char *words)
{
    switch (result) {
    case CURLE_COULDNT_RESOLVE_HOST:
        return IR_HTTP_NO_HOST;
    case CURLE_COULDNT_RESOLVE_PROXY:
        return IR_HTTP_PROXY_BAD;
    case CURLE_COULDNT_CONNECT: /* also "Unsupported proxy scheme" */
        return strstr(words, "proxy scheme") != NULL ? IR_HTTP_PROXY_BAD : IR_HTTP_UNREACHABLE;
    case CURLE_OPERATION_TIMEDOUT:
        return IR_HTTP_SLOW;
    case CURLE_PROXY:
        return IR_HTTP_PROXY_REFUSED;
    case CURLE_SSL_CONNECT_ERROR:
        return IR_HTTP_TLS_BROKEN;
    case CURLE_PEER_FAILED_VERIFICATION:
        return IR_HTTP_CERTIFICATE_BAD;
    case CURLE_SSL_CACERT_BADFILE:
        return IR_HTTP_CA_FILE;
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
        return IR_HTTP_NOT_HTTP;
#if LIBCURL_VERSION_NUM >= 0x080600
    case CURLE_TOO_LARGE: /* a line, or all of them, over libcurl's own bounds */
        return IR_HTTP_HEADERS_TOO_LARGE;
#endif
    case CURLE_GOT_NOTHING:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_SEND_FAIL_REWIND:
        return IR_HTTP_LINE;
    default:
        return IR_HTTP_BROKEN;
    }
}

/* Turns libcurl's result into ours. */
static int finish(const struct connection *connection, CURLcode result, struct transfer *transfer,
                  struct ir_error *err)
{
    struct ir_http_response *response = transfer->response;
    const char *words = connection->message;
    if (result == CURLE_OUT_OF_MEMORY || response->body.failed == IR_ERR_NOMEM ||
        response->headers.failed == IR_ERR_NOMEM)
        return ir_fail_nomem(err);
    if (response->headers.failed != 0 || transfer->header_bytes > MAX_FLOOD_BYTES)
        return fail(transfer, IR_HTTP_HEADERS_TOO_LARGE, words, err);
    if (response->body.failed != 0)
        return fail(transfer, IR_HTTP_BODY_TOO_LARGE, words, err);
    if (transfer->sink_code != 0)
        return ir_fail(err, transfer->sink_code, "the answer's content could not be taken");
    if (transfer->reader.failed)
        return fail(transfer, IR_HTTP_BODY_UNREADABLE, words, err);
    if (result != CURLE_OK) {
        enum ir_http_reason reason = reason_of(result, words);
        return fail(transfer, reason, reason == IR_HTTP_BROKEN ? curl_easy_strerror(result) : words,
                    err);
    }
    if (!transfer->headers_ended) /* a line cut there is an empty answer to libcurl */
        return fail(transfer, IR_HTTP_CUT, words, err);
    long status = 0;
    curl_easy_getinfo(connection->easy, CURLINFO_RESPONSE_CODE, &status);
    response->status = (int)status;
    return 0; /* an answer, good or bad */
}

static int settle(const struct connection *connection, enum ending ending, CURLcode result,
                  struct transfer *transfer, struct ir_error *err)
{
    int rc = 0;
    if (ending == ENDED)
        rc = finish(connection, result, transfer, err);
    else if (ending == CANCELLED)
        rc = fail(transfer, IR_HTTP_CANCELLED, "", err);
    else if (ending == LATE)
        rc = fail(transfer, IR_HTTP_LATE, "", err);
    else
        rc = fail(transfer, ending == STALLED ? IR_HTTP_SEND_STALLED : IR_HTTP_BROKEN, "", err);
    if (rc != 0 && err != NULL)
        err->maybe_served = was_sent(transfer);
    return rc;
}

static int perform(void *context, const struct ir_http_request *request,
                   struct ir_http_response *response, struct ir_error *err)
{
    struct pool *pool = context;
    struct transfer transfer = {.request = request, .response = response};
    ir_http_response_clear(response, request->max_response_bytes);
    if (ir_cancel_is_set(request->cancel))
        return fail(&transfer, IR_HTTP_CANCELLED, "", err);
    if (now_ms() >= request->deadline_ms)
        return fail(&transfer, IR_HTTP_LATE, "", err);
    struct connection *connection = pool_take(pool);
    struct curl_slist *headers = make_header_list(request);
    CURLcode result = CURLE_OK;
    int rc = 0;
    if (connection == NULL || headers == NULL) {
        rc = ir_fail_nomem(err);
        goto out;
    }
    transfer.easy = connection->easy;
    transfer.proxy = ir_http_find_proxy(ir_world_system(), request);
    enum ending ending = ENDED;
    result = set_options(connection, &transfer);
    curl_easy_setopt(connection->easy, CURLOPT_HTTPHEADER, headers);
    if (result == CURLE_OK)
        ending = run(connection, &transfer, &result);
    rc = settle(connection, ending, result, &transfer, err);
    curl_easy_reset(connection->easy); /* it must not point to what ends here */
out:
    free_header_list(headers);
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
