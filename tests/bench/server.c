/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A stand-in for AWS that costs next to nothing, so that what is measured is the client:
 *
 *     bench-server [SERVICE_MS [CLOSE_EVERY]]
 *
 * listens on a free port of 127.0.0.1, prints "port N" and ends when its standard input does. One
 * thread, HTTP/1.1 with keep-alive. Bodies are dropped in the kernel (recv with MSG_TRUNC), nothing
 * is checked, the answer comes SERVICE_MS after the request's last byte; after every CLOSE_EVERY-th
 * answer the connection is closed. It answers DetectLabels (any POST to /), S3's PutObject,
 * UploadPart, CreateMultipartUpload, CompleteMultipartUpload and AbortMultipartUpload, each with
 * canned words, and GET /bench/usage with its own counts and processor time. It is no test of
 * correctness.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_CONNECTIONS 256
#define MAX_HEAD_BYTES (32U * 1024)
#define MAX_ANSWER_BYTES 4096
#define DROP_BYTES ((size_t)4 << 20)
#define MAX_EVENTS 64

struct connection {
    int fd; /* -1 = free */
    size_t head_bytes;
    uint64_t body_left_bytes;
    bool in_body;
    int64_t due_ms; /* when the waiting answer goes; 0 = none waits */
    uint64_t due_order;
    size_t answer_bytes;
    char answer[MAX_ANSWER_BYTES];
    char head[MAX_HEAD_BYTES + 1];
};

struct server {
    int epoll_fd;
    int listen_fd;
    int64_t service_ms;
    uint64_t close_every; /* 0 = never */
    uint64_t request_count;
    uint64_t body_bytes;
    struct connection connections[MAX_CONNECTIONS];
};

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void drop(struct connection *connection)
{
    close(connection->fd);
    connection->fd = -1;
}

/* ---- answers ----------------------------------------------------------------------------- */

static const char labels_json[] =
    "{\"LabelModelVersion\":\"3.0\",\"Labels\":["
    "{\"Name\":\"Dog\",\"Confidence\":98.5,\"Parents\":[{\"Name\":\"Animal\"}],"
    "\"Categories\":[{\"Name\":\"Animals and Pets\"}],\"Aliases\":[],"
    "\"Instances\":[{\"Confidence\":98.5,\"BoundingBox\":"
    "{\"Width\":0.25,\"Height\":0.5,\"Left\":0.125,\"Top\":0.25}}]},"
    "{\"Name\":\"Grass\",\"Confidence\":91.25,\"Parents\":[],"
    "\"Categories\":[{\"Name\":\"Nature and Outdoors\"}],\"Aliases\":[],\"Instances\":[]}]}";

static const char created_xml[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<InitiateMultipartUploadResult "
    "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Bucket>bench</Bucket><Key>bench</Key>"
    "<UploadId>bench-upload</UploadId></InitiateMultipartUploadResult>";

static const char completed_xml[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<CompleteMultipartUploadResult "
    "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Location>bench</Location>"
    "<Bucket>bench</Bucket><Key>bench</Key><ETag>\"0123456789abcdef0123456789abcdef-1\"</ETag>"
    "</CompleteMultipartUploadResult>";

/* Copies the value of a header to `out`; "" when it is not there. */
static void find_header(const char *head, const char *name, char *out, size_t out_bytes)
{
    size_t name_bytes = strlen(name);
    out[0] = '\0';
    for (const char *line = strchr(head, '\n'); line != NULL; line = strchr(line + 1, '\n')) {
        if (strncasecmp(line + 1, name, name_bytes) != 0 || line[1 + name_bytes] != ':')
            continue;
        const char *value = line + 2 + name_bytes;
        value += strspn(value, " ");
        size_t bytes = strcspn(value, "\r\n");
        snprintf(out, out_bytes, "%.*s", (int)bytes, value);
        return;
    }
}

static void set_answer(struct connection *connection, const char *type, const char *body)
{
    int bytes = snprintf(connection->answer, sizeof connection->answer,
                         "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n%s",
                         type, strlen(body), body);
    connection->answer_bytes = (size_t)bytes;
}

/* A stored object or part: with the checksum that the client sent, which it may look at. */
static void answer_stored(struct connection *connection)
{
    char crc32[32];
    int bytes;
    find_header(connection->head, "x-amz-checksum-crc32", crc32, sizeof crc32);
    bytes = snprintf(connection->answer, sizeof connection->answer,
                     "HTTP/1.1 200 OK\r\nETag: \"0123456789abcdef0123456789abcdef\"\r\n"
                     "%s%s%sContent-Length: 0\r\n\r\n",
                     crc32[0] != '\0' ? "x-amz-checksum-crc32: " : "", crc32,
                     crc32[0] != '\0' ? "\r\n" : "");
    connection->answer_bytes = (size_t)bytes;
}

static void answer_usage(const struct server *server, struct connection *connection)
{
    struct rusage usage;
    char json[256];
    getrusage(RUSAGE_SELF, &usage);
    double cpu_ms = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3 +
                    (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
    snprintf(json, sizeof json, "{\"requests\":%llu,\"body_bytes\":%llu,\"cpu_ms\":%.3f}",
             (unsigned long long)server->request_count, (unsigned long long)server->body_bytes,
             cpu_ms);
    set_answer(connection, "application/json", json);
}

static void make_answer(const struct server *server, struct connection *connection)
{
    const char *head = connection->head;
    size_t line_bytes = strcspn(head, "\r\n");
    if (strncmp(head, "GET /bench/usage ", 17) == 0)
        answer_usage(server, connection);
    else if (strncmp(head, "PUT ", 4) == 0)
        answer_stored(connection);
    else if (strncmp(head, "POST / ", 7) == 0)
        set_answer(connection, "application/x-amz-json-1.1", labels_json);
    else if (memmem(head, line_bytes, "uploadId=", 9) != NULL)
        set_answer(connection, "application/xml", completed_xml);
    else
        set_answer(connection, "application/xml", created_xml);
}

/* Answers are small, so they fit the socket's buffer; what does not go ends the connection. */
static void send_answer(struct server *server, struct connection *connection)
{
    connection->due_ms = 0;
    ssize_t sent = send(connection->fd, connection->answer, connection->answer_bytes, MSG_NOSIGNAL);
    bool closes = server->close_every > 0 && server->request_count % server->close_every == 0;
    if (sent != (ssize_t)connection->answer_bytes || closes)
        drop(connection);
}

/* ---- requests ---------------------------------------------------------------------------- */

static void end_request(struct server *server, struct connection *connection)
{
    bool is_usage = strncmp(connection->head, "GET /bench/", 11) == 0;
    if (!is_usage)
        server->request_count++;
    make_answer(server, connection);
    connection->in_body = false;
    connection->head_bytes = 0;
    if (server->service_ms == 0 || is_usage) {
        send_answer(server, connection);
        return;
    }
    connection->due_ms = now_ms() + server->service_ms;
    connection->due_order = server->request_count;
}

/* Reads the head; true when it is whole. Bytes of the body that came with it are counted off. */
static bool read_head(struct server *server, struct connection *connection)
{
    char value[32];
    ssize_t got = recv(connection->fd, connection->head + connection->head_bytes,
                       MAX_HEAD_BYTES - connection->head_bytes, 0);
    if (got <= 0) {
        if (got == 0 || (errno != EAGAIN && errno != EINTR))
            drop(connection);
        return false;
    }
    connection->head_bytes += (size_t)got;
    connection->head[connection->head_bytes] = '\0';
    char *end = strstr(connection->head, "\r\n\r\n");
    if (end == NULL) {
        if (connection->head_bytes == MAX_HEAD_BYTES)
            drop(connection);
        return false;
    }
    end[2] = '\0';
    size_t behind_bytes = connection->head_bytes - (size_t)(end + 4 - connection->head);
    find_header(connection->head, "Content-Length", value, sizeof value);
    uint64_t body_bytes = strtoull(value, NULL, 10);
    if (behind_bytes > body_bytes) { /* pipelining: no client that is measured does it */
        drop(connection);
        return false;
    }
    server->body_bytes += behind_bytes;
    connection->body_left_bytes = body_bytes - behind_bytes;
    connection->in_body = true;
    find_header(connection->head, "Expect", value, sizeof value);
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
    if (strcasecmp(value, "100-continue") == 0 && behind_bytes == 0)
        send(connection->fd, go_on, sizeof go_on - 1, MSG_NOSIGNAL);
    return true;
}

static void on_readable(struct server *server, struct connection *connection)
{
    if (connection->due_ms != 0) { /* nothing may come now but the end */
        drop(connection);
        return;
    }
    if (!connection->in_body && !read_head(server, connection))
        return;
    while (connection->body_left_bytes > 0) {
        size_t wanted = connection->body_left_bytes < DROP_BYTES
                            ? (size_t)connection->body_left_bytes
                            : DROP_BYTES;
        ssize_t got = recv(connection->fd, NULL, wanted, MSG_TRUNC);
        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (got <= 0) {
            drop(connection);
            return;
        }
        connection->body_left_bytes -= (uint64_t)got;
        server->body_bytes += (uint64_t)got;
    }
    end_request(server, connection);
}

static void on_connection(struct server *server)
{
    int one = 1;
    int fd = accept4(server->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return;
    size_t i = 0;
    while (i < MAX_CONNECTIONS && server->connections[i].fd >= 0)
        i++;
    if (i == MAX_CONNECTIONS) {
        close(fd);
        return;
    }
    struct connection *connection = &server->connections[i];
    connection->fd = fd;
    connection->head_bytes = 0;
    connection->in_body = false;
    connection->due_ms = 0;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    epoll_ctl(server->epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

/* ---- running ----------------------------------------------------------------------------- */

/* Sends what is due, in the order in which the requests came; the time until the next, -1 = none.
 */
static int send_due(struct server *server)
{
    int64_t now = now_ms();
    for (;;) {
        struct connection *first = NULL;
        for (size_t i = 0; i < MAX_CONNECTIONS; i++) {
            struct connection *each = &server->connections[i];
            if (each->fd >= 0 && each->due_ms != 0 &&
                (first == NULL || each->due_order < first->due_order))
                first = each;
        }
        if (first == NULL)
            return -1;
        if (first->due_ms > now)
            return (int)(first->due_ms - now);
        send_answer(server, first);
    }
}

static int listen_on_loopback(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t bytes = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, bytes) != 0 ||
        listen(fd, MAX_CONNECTIONS) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &bytes) != 0) {
        perror("bench-server");
        exit(1);
    }
    printf("port %d\n", ntohs(address.sin_port));
    fflush(stdout);
    return fd;
}

static void run(struct server *server)
{
    struct epoll_event events[MAX_EVENTS];
    for (;;) {
        int count = epoll_wait(server->epoll_fd, events, MAX_EVENTS, send_due(server));
        for (int i = 0; i < count; i++) {
            struct connection *connection = events[i].data.ptr;
            if (connection == NULL)
                return; /* standard input ended */
            if (connection == &server->connections[MAX_CONNECTIONS - 1] + 1)
                on_connection(server);
            else if (connection->fd >= 0)
                on_readable(server, connection);
        }
    }
}

int main(int argc, char **argv)
{
    static struct server server;
    server.service_ms = argc > 1 ? strtol(argv[1], NULL, 10) : 0;
    server.close_every = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
    for (size_t i = 0; i < MAX_CONNECTIONS; i++)
        server.connections[i].fd = -1;
    server.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    server.listen_fd = listen_on_loopback();
    struct epoll_event input = {.events = EPOLLIN | EPOLLHUP, .data.ptr = NULL};
    struct epoll_event listening = {.events = EPOLLIN,
                                    .data.ptr = &server.connections[MAX_CONNECTIONS - 1] + 1};
    if (epoll_ctl(server.epoll_fd, EPOLL_CTL_ADD, STDIN_FILENO, &input) != 0 ||
        epoll_ctl(server.epoll_fd, EPOLL_CTL_ADD, server.listen_fd, &listening) != 0) {
        perror("bench-server: standard input must be a pipe");
        return 1;
    }
    run(&server);
    return 0;
}
