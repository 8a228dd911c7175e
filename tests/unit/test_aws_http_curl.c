/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The transport by libcurl against a server of the test's own, which says what a row says to
 * whoever connects: how whole, over-large and broken answers, a cancel and the deadline end.
 */
#include "tests/unit/unit.h"

#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/aws/http.h"

#define MAX_BYTES 1000
#define LONG_MS 20000
#define SOON_MS 3000

struct row {
    const char *name;
    const char *answer;   /* NULL: none, the connection is held until the client leaves */
    size_t padding_bytes; /* put where the answer has a '~' */
    long timeout_ms;
    bool is_cancelled; /* 100 ms later */
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
    {"nothing by the deadline", NULL, .timeout_ms = 300, .code = IR_ERR_TIMEOUT,
     .says = "did not answer within the time limit"},
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
    say(connection, place + 1, strlen(place + 1));
}

/* Serves one connection. */
static void *serve(void *context)
{
    const struct server *server = context;
    char request[4096];
    int connection = accept(server->listener, NULL, NULL);
    if (connection < 0)
        return NULL;
    ssize_t bytes = recv(connection, request, sizeof request, 0);
    if (bytes > 0 && server->row->answer != NULL)
        answer(connection, server->row);
    else
        while (bytes > 0)
            bytes = recv(connection, request, sizeof request, 0);
    close(connection);
    return NULL;
}

static void start(struct server *server, const struct row *row, pthread_t *out_thread)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", socket_path);
    server->row = row;
    server->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (server->listener < 0)
        fail_msg("no socket can be made");
    assert_int_equal(bind(server->listener, (const struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(server->listener, 1), 0);
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

static int perform(const struct row *row, struct ir_http_response *response, struct ir_error *err)
{
    struct ir_transport transport;
    struct ir_cancel *cancel = ir_cancel_new();
    pthread_t canceller;
    assert_non_null(cancel);
    const struct ir_http_request request = {
        .method = "GET",
        .url = "http://localhost/",
        .unix_socket = socket_path,
        .deadline_ms = now_ms() + (row->timeout_ms > 0 ? row->timeout_ms : LONG_MS),
        .max_response_bytes = MAX_BYTES,
        .cancel = cancel,
    };
    assert_int_equal(ir_transport_curl_new(&transport, err), 0);
    if (row->is_cancelled)
        assert_int_equal(pthread_create(&canceller, NULL, cancel_soon, cancel), 0);
    int rc = transport.perform(transport.context, &request, response, err);
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
    int64_t begin_ms = now_ms();
    assert_int_equal(perform(row, &response, &err), row->code);
    assert_true(now_ms() - begin_ms < SOON_MS);
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

static void test_nobody_listens(void **state)
{
    (void)state;
    static const struct row row = {.name = ""};
    struct ir_http_response response;
    struct ir_error err = {0};
    ir_http_response_init(&response);
    assert_int_equal(perform(&row, &response, &err), IR_ERR_NET);
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
    unit_add(&list, "nobody listens", test_nobody_listens);
    return unit_run_with(&list, "aws-http-curl", make_folder, remove_folder);
}
