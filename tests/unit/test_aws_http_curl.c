/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The transport by libcurl against a server of the test's own, which says what a row says to
 * whoever connects: how whole, over-large and broken answers, a cancel, the deadline and a want of
 * memory end, and which headers libcurl adds.
 */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <curl/curl.h>

#include "core/aws/http.h"
#include "tests/unit/freed_memory.h"

#define MAX_BYTES 1000
#define LONG_MS 20000
#define MAX_REQUEST_BYTES 4096

struct row {
    const char *name;
    const char *answer;   /* NULL: none, the connection is held until the client leaves */
    size_t padding_bytes; /* put where the answer has a '~' */
    long timeout_ms;
    long pause_ms;                 /* after the padding */
    unsigned slowest_bytes_per_ms; /* of the request */
    bool is_cancelled;             /* 100 ms later */
    int code;
    const char *says; /* of the error, or the body */
};

static const struct row rows[] = {
    {"whole", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", .says = "{}"},
    {"an error answer is an answer", "HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\nno",
     .says = "no"},
    {"a redirect is not followed",
     "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
     .says = ""},
    {"body at its maximum", "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n~", MAX_BYTES},
    {"body over its maximum", "HTTP/1.1 200 OK\r\n\r\n~", MAX_BYTES + 1, .code = IR_ERR_TOO_LARGE,
     .says = "the answer is larger than 1000 bytes"},
    {"headers over their maximum", "HTTP/1.1 200 OK\r\nA: ~\r\nContent-Length: 2\r\n\r\n{}",
     IR_HTTP_MAX_HEADER_BYTES, .code = IR_ERR_TOO_LARGE,
     .says = "the answer's headers are larger than 65536 bytes"},
    {"cut off", "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{", .code = IR_ERR_NET,
     .says = "broke off or was damaged"},
    {"cut off within the headers", "HTTP/1.1 200 OK\r\nETag: \"x\"\r\n", .code = IR_ERR_NET,
     .says = "broke off or was damaged"},
    {"not HTTP", "~", 10, .code = IR_ERR_RESPONSE, .says = "is not HTTP"},
    {"nothing by the deadline", NULL, .timeout_ms = 1000, .code = IR_ERR_TIMEOUT,
     .says = "did not answer within the time limit"},
    {"slow, and given time for what has come", "HTTP/1.1 200 OK\r\nContent-Length: 992\r\n\r\n~.!",
     990, .timeout_ms = 1000, .pause_ms = 1200, .slowest_bytes_per_ms = 1, .says = "x.!"},
    {"slow, and given none", "HTTP/1.1 200 OK\r\nContent-Length: 992\r\n\r\n~.!", 990,
     .timeout_ms = 1000, .pause_ms = 1200, .code = IR_ERR_TIMEOUT, .says = "within the time limit"},
    {"slow, and an error has no more time", "HTTP/1.1 503 No\r\nContent-Length: 992\r\n\r\n~.!",
     990, .timeout_ms = 1000, .pause_ms = 1200, .slowest_bytes_per_ms = 1, .code = IR_ERR_TIMEOUT,
     .says = "within the time limit"},
    {"cancelled", NULL, .is_cancelled = true, .code = IR_ERR_CANCELLED, .says = "cancelled"},
};

static char folder[] = "/tmp/imgrecog-http-XXXXXX";
static char socket_path[64];

static int64_t now_ms(void)
{
    const struct ir_world *world = ir_world_system();
    return world->monotonic_ms(world->context);
}

static int make_folder(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(socket_path, sizeof socket_path, "%s/s", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

/* ---- the server -------------------------------------------------------------------------- */

struct server {
    const struct row *row;
    int listener;
    char request[MAX_REQUEST_BYTES]; /* the first one's headers, and what came with them */
};

static void say(int connection, const char *text, size_t bytes)
{
    (void)!send(connection, text, bytes, MSG_NOSIGNAL); /* the client may have left */
}

static void answer(int connection, const struct row *row)
{
    static char padding[IR_HTTP_MAX_HEADER_BYTES];
    const char *place = strchr(row->answer, '~');
    memset(padding, 'x', sizeof padding);
    say(connection, row->answer,
        place != NULL ? (size_t)(place - row->answer) : strlen(row->answer));
    if (place == NULL)
        return;
    say(connection, padding, row->padding_bytes);
    if (row->pause_ms > 0)
        ir_world_system()->sleep_ms(ir_world_system()->context, row->pause_ms, NULL);
    say(connection, place + 1, strlen(place + 1));
}

/* False when the client leaves before its headers end. */
static bool receive_headers(int connection, char out[MAX_REQUEST_BYTES])
{
    size_t used = 0;
    while (strstr(out, "\r\n\r\n") == NULL) {
        ssize_t bytes = recv(connection, out + used, MAX_REQUEST_BYTES - 1 - used, 0);
        if (bytes <= 0)
            return false;
        used += (size_t)bytes;
        out[used] = '\0';
    }
    return true;
}

/* Serves one connection. */
static void *serve(void *context)
{
    struct server *server = context;
    char rest[MAX_REQUEST_BYTES];
    int connection = accept(server->listener, NULL, NULL);
    if (connection < 0)
        return NULL;
    bool is_whole = receive_headers(connection, server->request);
    if (is_whole && server->row->answer != NULL)
        answer(connection, server->row);
    while (is_whole && server->row->answer == NULL && recv(connection, rest, sizeof rest, 0) > 0)
        ;
    close(connection);
    return NULL;
}

static int listen_there(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", socket_path);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0)
        fail_msg("no socket can be made");
    assert_int_equal(bind(listener, (const struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(listener, 1), 0);
    return listener;
}

static void start(struct server *server, const struct row *row, pthread_t *out_thread)
{
    *server = (struct server){.row = row};
    server->listener = listen_there();
    assert_int_equal(pthread_create(out_thread, NULL, serve, server), 0);
}

static void *cancel_soon(void *context)
{
    const struct ir_world *world = ir_world_system();
    world->sleep_ms(world->context, 100, NULL);
    ir_cancel_set(context);
    return NULL;
}

/* ---- the tests --------------------------------------------------------------------------- */

static const struct ir_http_request get = {.method = "GET"};

/* `request`: its method, headers and body. */
static int perform(const struct row *row, const struct ir_http_request *request,
                   struct ir_http_response *response, struct ir_error *err)
{
    struct ir_transport transport;
    struct ir_cancel *cancel = ir_cancel_new();
    pthread_t canceller;
    assert_non_null(cancel);
    struct ir_http_request whole = *request;
    whole.url = "http://localhost/";
    whole.unix_socket = socket_path;
    whole.deadline_ms = now_ms() + (row->timeout_ms > 0 ? row->timeout_ms : LONG_MS);
    whole.slowest_bytes_per_ms = row->slowest_bytes_per_ms;
    whole.max_response_bytes = MAX_BYTES;
    whole.cancel = cancel;
    assert_int_equal(ir_transport_curl_new(&transport, err), 0);
    if (row->is_cancelled)
        assert_int_equal(pthread_create(&canceller, NULL, cancel_soon, cancel), 0);
    int rc = transport.perform(transport.context, &whole, response, err);
    transport.release(transport.context);
    if (row->is_cancelled)
        pthread_join(canceller, NULL);
    ir_cancel_free(cancel);
    return rc;
}

static void test_row(void **state)
{
    const struct row *row = *state;
    struct server server;
    pthread_t thread;
    struct ir_http_response response;
    struct ir_error err = {0};
    start(&server, row, &thread);
    ir_http_response_init(&response);
    assert_int_equal(perform(row, &get, &response, &err), row->code);
    pthread_join(thread, NULL);
    close(server.listener);
    assert_int_equal(unlink(socket_path), 0);
    if (row->code == 0)
        assert_int_equal(response.status, strtol(row->answer + strlen("HTTP/1.1 "), NULL, 10));
    if (row->says != NULL)
        assert_non_null(
            strstr(row->code == 0 ? ir_buf_text(&response.body) : err.message, row->says));
    assert_int_equal(err.retryable, row->code == IR_ERR_NET);
    ir_http_response_release(&response);
}

/* ---- what is sent ------------------------------------------------------------------------ */

static const struct ir_header type = {"content-type", "image/png"};
static const struct ir_header empty = {"x-empty", ""};

static const struct sent_row {
    const char *name;
    struct ir_http_request request;
    bool has_body;
    size_t types;       /* how many Content-Type headers are sent */
    const char *length; /* the Content-Length; NULL = none */
} sent_rows[] = {
    {"POST without a type", {.method = "POST"}, true, 0, "2"},
    {"POST with a type", {.method = "POST", .headers = &type, .header_count = 1}, true, 1, "2"},
    {"POST of nothing", {.method = "POST"}, false, 0, "0"},
    {"PUT", {.method = "PUT"}, true, 0, "2"},
    {"PUT of nothing", {.method = "PUT"}, false, 0, "0"},
    {"GET", {.method = "GET"}, false, 0, NULL},
    {"GET with a body", {.method = "GET"}, true, 0, "2"},
    {"DELETE", {.method = "DELETE"}, false, 0, NULL},
    {"DELETE with a body", {.method = "DELETE"}, true, 0, "2"},
    {"HEAD", {.method = "HEAD"}, false, 0, NULL},
    {"a header without a value",
     {.method = "PUT", .headers = &empty, .header_count = 1},
     true,
     0,
     "2"},
};

static void check_sent(const struct server *server, const struct sent_row *row)
{
    char part[64];
    size_t types = 0;
    snprintf(part, sizeof part, "%s / HTTP/1.1\r\n", row->request.method);
    assert_ptr_equal(strstr(server->request, part), server->request);
    for (const char *at = server->request; (at = strcasestr(at, "\ncontent-type:")) != NULL; at++)
        types++;
    assert_int_equal(types, row->types);
    if (row->request.headers == &empty)
        assert_non_null(strstr(server->request, "\nx-empty:\r"));
    snprintf(part, sizeof part, "\nContent-Length: %s\r", row->length != NULL ? row->length : "");
    if (row->length != NULL)
        assert_non_null(strstr(server->request, part));
    else
        assert_null(strcasestr(server->request, "\ncontent-length:"));
}

/* Neither more than the signature has, such as libcurl's own type for a POST, nor less. */
static void test_sent(void **state)
{
    static const struct row good = {.answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"};
    const struct sent_row *row = *state;
    const struct ir_span span = {"{}", 2};
    const struct ir_body body = {{{.spans = &span, .span_count = 1}}, 1};
    struct server server;
    pthread_t thread;
    struct ir_http_response response;
    struct ir_error err = {0};
    struct ir_http_request request = row->request;
    if (row->has_body)
        request.body = &body;
    start(&server, &good, &thread);
    ir_http_response_init(&response);
    assert_int_equal(perform(&good, &request, &response, &err), 0);
    pthread_join(thread, NULL);
    close(server.listener);
    assert_int_equal(unlink(socket_path), 0);
    check_sent(&server, row);
    ir_http_response_release(&response);
}

/* Our lines for libcurl, which copies them into its own buffer: that one is beyond our reach. */
static void test_wiped(void **state)
{
    (void)state;
    static const struct row good = {.answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"};
    static const struct ir_header headers[] = {{"Authorization", "hush"}, {"X-Token", "hush"}};
    struct ir_http_request request = {.method = "GET", .headers = headers, .header_count = 2};
    struct server server;
    pthread_t thread;
    struct ir_http_response response;
    struct ir_error err = {0};
    char block[128];
    for (int i = 0; i < 2; i++) {
        start(&server, &good, &thread);
        ir_http_response_init(&response);
        freed_memory_watch_start(i == 0 ? "Authorization: hush" : "X-Token: hush");
        int rc = perform(&good, &request, &response, &err);
        size_t found = freed_memory_found(block, sizeof block);
        pthread_join(thread, NULL);
        close(server.listener);
        assert_int_equal(unlink(socket_path), 0);
        assert_int_equal(rc, 0);
        assert_non_null(strstr(server.request, "X-Token: hush"));
        if (found > 0)
            fail_msg("freed and not wiped: %s", block);
        ir_http_response_release(&response);
    }
}

/* ---- no memory for an option ------------------------------------------------------------- */

static const struct option_row {
    const char *name;
    CURLoption option;
} option_rows[] = {
    {"no memory for the URL", CURLOPT_URL},
    {"no memory for the proxy's setting", CURLOPT_PROXY},
    {"no memory for the program's name", CURLOPT_USERAGENT},
    {"no memory for the method", CURLOPT_CUSTOMREQUEST},
    {"no memory for the path of the authorities", CURLOPT_CAINFO},
    {"no memory for the path of the socket", CURLOPT_UNIX_SOCKET_PATH},
    {"no memory for the path of the proxy's authorities", CURLOPT_PROXY_CAINFO},
    {"no memory for the list of protocols", CURLOPT_PROTOCOLS_STR},
};

static CURLoption denied_option; /* 0 = none */

CURLcode __real_curl_easy_setopt(CURL *easy, CURLoption option, ...);
CURLcode __wrap_curl_easy_setopt(CURL *easy, CURLoption option, ...);

CURLcode __wrap_curl_easy_setopt(CURL *easy, CURLoption option, ...)
{
    va_list arguments;
    va_start(arguments, option);
    void *value = va_arg(arguments, void *); /* none is wider */
    va_end(arguments);
    return option == denied_option ? CURLE_OUT_OF_MEMORY
                                   : __real_curl_easy_setopt(easy, option, value);
}

/* A request that cannot be sent the way it should is not sent at all. */
static void test_option(void **state)
{
    static const struct row never = {.name = ""};
    const struct option_row *row = *state;
    struct ir_http_request request = get;
    struct server server = {.row = &never};
    struct ir_http_response response;
    struct ir_error err = {0};
    request.ca_bundle = "/etc/ssl/certs/ca-certificates.crt";
    server.listener = listen_there();
    ir_http_response_init(&response);
    denied_option = row->option;
    int rc = perform(&never, &request, &response, &err);
    denied_option = 0;
    assert_int_equal(rc, IR_ERR_NOMEM);
    assert_int_equal(err.code, IR_ERR_NOMEM);
    assert_false(err.maybe_served);
    assert_int_equal(fcntl(server.listener, F_SETFL, O_NONBLOCK), 0);
    assert_int_equal(accept(server.listener, NULL, NULL), -1);
    close(server.listener);
    assert_int_equal(unlink(socket_path), 0);
    ir_http_response_release(&response);
}

static void test_nobody_listens(void **state)
{
    (void)state;
    static const struct row row = {.name = ""};
    struct ir_http_response response;
    struct ir_error err = {0};
    ir_http_response_init(&response);
    assert_int_equal(perform(&row, &get, &response, &err), IR_ERR_NET);
    assert_true(err.retryable);
    assert_false(err.maybe_served);
    assert_non_null(strstr(err.message, socket_path));
    assert_non_null(strstr(err.hint, "the server runs"));
    ir_http_response_release(&response);
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_row, rows);
    UNIT_ADD_ROWS(&list, test_sent, sent_rows);
    UNIT_ADD_ROWS(&list, test_option, option_rows);
    unit_add(&list, "lines with secrets are wiped", test_wiped);
    unit_add(&list, "nobody listens", test_nobody_listens);
    return unit_run_with(&list, "aws-http-curl", make_folder, remove_folder);
}
