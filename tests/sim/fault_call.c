/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Makes calls on one client over the real transport, as told line by line on standard input, and
 * says how each ended. For faults_*.py, whose servers do what no good server does.
 *
 *     fault_call PICTURE
 *
 * A line holds KEY=VALUE parts with tabs between them:
 *     op=labels|converse|stream|get|object|put    endpoint=URL     timeout_ms=N     attempts=N
 *     cancel_ms=N (set the token then)    threads=N     repeat=N    resolver_ms=N (names take so
 * long) and is answered by one line of JSON. A call's retries are known where the call is one of
 * ours; `labels` goes through the public API and tells them only after success.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <netdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <imgrecog/labels.h>

#include "core/base/error.h"
#include "core/service/bedrock_runtime.h"
#include "core/service/s3_check.h"
#include "core/task/client.h"

#define MAX_LINE_BYTES 4096
#define MAX_FILE_BYTES (8L << 20)
#define MAX_THREADS 16
#define MAX_TEXT_BYTES 256
#define MAX_ANSWER_BYTES (1U << 20)
#define DEFAULT_TIMEOUT_MS 20000

/* What a line asks for. */
struct order {
    char op[16];
    char endpoint[512];
    long timeout_ms;
    long attempts;
    long cancel_ms; /* negative = never */
    long threads;
    long repeat;
    long resolver_ms;
};

/* One thread's calls and how the last of them ended. */
struct work {
    const struct order *order;
    struct ir_client *client;
    const struct ir_picture *picture;
    const struct ir_cancel *cancel;
    int rc;
    unsigned retries;
    size_t found; /* labels, or bytes of a model's words or of an object */
    long calls_done;
    struct ir_error err;
};

static atomic_long resolver_ms;

static int64_t now_ms(void)
{
    const struct ir_world *world = ir_world_system();
    return world->monotonic_ms(world->context);
}

static void sleep_ms(long ms)
{
    const struct ir_world *world = ir_world_system();
    world->sleep_ms(world->context, ms, NULL);
}

/*
 * Stands before the C library's, for libcurl too: a name server that takes its time, and to which
 * every name in .example is this machine.
 */
__attribute__((visibility("default"))) int
resolve_slowly(const char *name, const char *service, const struct addrinfo *hints,
               struct addrinfo **out) __asm__("getaddrinfo");
int resolve_slowly(const char *name, const char *service, const struct addrinfo *hints,
                   struct addrinfo **out)
{
    typedef int (*resolve_fn)(const char *, const char *, const struct addrinfo *,
                              struct addrinfo **);
    resolve_fn resolve = (resolve_fn)dlsym(RTLD_NEXT, "getaddrinfo");
    if (atomic_load(&resolver_ms) > 0)
        sleep_ms(atomic_load(&resolver_ms));
    const char *end = name != NULL ? strrchr(name, '.') : NULL;
    bool is_ours = end != NULL && strcmp(end, ".example") == 0;
    return resolve != NULL ? resolve(is_ours ? "127.0.0.1" : name, service, hints, out)
                           : EAI_SYSTEM;
}

/* ---- calls ------------------------------------------------------------------------------- */

static int call_labels(struct work *work)
{
    struct ir_labels_options options = IR_LABELS_OPTIONS_INIT;
    struct ir_result *result = NULL;
    options.cancel = work->cancel;
    int rc = ir_labels(work->client, work->picture, &options, &result, &work->err);
    if (rc == 0)
        work->found = ir_result_label_count(result);
    ir_result_free(result);
    return rc;
}

static int send_request(struct work *work, struct ir_aws_request *request,
                        struct ir_http_response *response)
{
    request->cancel = work->cancel;
    request->timeout_ms = work->order->timeout_ms;
    return ir_aws_call(&work->client->aws, request, response, &work->retries, &work->err);
}

/* A question to a model: a paid call. */
static int make_question(bool streams, struct ir_request *out, struct ir_error *err)
{
    static const struct ir_content content = {.text = "What is it?"};
    static const struct ir_message message = {.contents = &content, .content_count = 1};
    const struct ir_converse_options options = {
        .messages = &message, .message_count = 1, .max_tokens = 100};
    return ir_converse_call(&options, "some.model-v1:0", streams, out, err);
}

static int read_answer(const struct ir_http_response *response, struct work *work)
{
    struct ir_model_answer answer;
    ir_model_answer_init(&answer);
    int rc =
        ir_converse_read(ir_buf_text(&response->body), response->body.bytes, &answer, &work->err);
    if (rc == 0)
        rc = ir_model_answer_check(&answer, &work->err);
    work->found = answer.text.bytes;
    ir_model_answer_release(&answer);
    return rc;
}

static int call_converse(struct work *work)
{
    struct ir_request request;
    struct ir_http_response response;
    int rc = make_question(false, &request, &work->err);
    if (rc != 0)
        return rc;
    ir_http_response_init(&response);
    rc = send_request(work, &request.aws, &response);
    if (rc == 0)
        rc = read_answer(&response, work);
    ir_http_response_release(&response);
    ir_request_release(&request);
    return rc;
}

static int call_stream(struct work *work)
{
    struct ir_request request;
    struct ir_http_response response;
    struct ir_converse_stream stream;
    int rc = make_question(true, &request, &work->err);
    if (rc != 0)
        return rc;
    ir_http_response_init(&response);
    ir_converse_stream_init(&stream, NULL, NULL);
    request.aws.sink = ir_converse_stream_take;
    request.aws.sink_context = &stream;
    rc = send_request(work, &request.aws, &response);
    rc = ir_converse_stream_settle(&stream, rc, &work->err);
    work->found = stream.answer.text.bytes;
    ir_converse_stream_release(&stream);
    ir_http_response_release(&response);
    ir_request_release(&request);
    return rc;
}

/* A plain GET that costs nothing. */
static int call_get(struct work *work)
{
    struct ir_http_response response;
    struct ir_aws_request request = {
        .service = &ir_service_lambda,
        .method = "GET",
        .path = "/object",
        .max_response_bytes = MAX_ANSWER_BYTES,
    };
    ir_http_response_init(&response);
    int rc = send_request(work, &request, &response);
    work->found = response.body.bytes;
    ir_http_response_release(&response);
    return rc;
}

static const struct ir_s3_object_name object_name = {.bucket = "bucket", .key = "key"};

/* An object of S3, checked by the checksum that comes with it. */
static int call_object(struct work *work)
{
    const struct ir_s3_get_options options = {.name = object_name};
    struct ir_s3_request request;
    struct ir_http_response response;
    struct ir_s3_check check;
    bool is_checked = false;
    int rc = ir_s3_get_call(&options, &request, &work->err);
    if (rc != 0)
        return rc;
    ir_http_response_init(&response);
    ir_s3_check_init(&check, &response, NULL, NULL);
    request.http.aws.max_response_bytes = MAX_ANSWER_BYTES;
    rc = send_request(work, &request.http.aws, &response);
    if (rc == 0)
        rc = ir_s3_check_take(&check, ir_buf_text(&response.body), response.body.bytes);
    if (rc == 0)
        rc = ir_s3_check_finish(&check, &is_checked, &work->err);
    work->found = is_checked ? response.body.bytes : 0;
    ir_s3_check_release(&check);
    ir_http_response_release(&response);
    ir_s3_request_release(&request);
    return rc;
}

/* Puts a small object, and checks what the server says that it stores. */
static int call_put(struct work *work)
{
    static const struct ir_span span = {"words", 5};
    static const struct ir_body body = {.pieces = {{.spans = &span, .span_count = 1}},
                                        .piece_count = 1};
    struct ir_body_sums sums;
    struct ir_s3_request request;
    struct ir_s3_object object;
    struct ir_http_response response;
    const struct ir_s3_put_options options = {.name = object_name, .body = &body, .sums = &sums};
    int rc = ir_body_sum(&body, &sums);
    if (rc == 0)
        rc = ir_s3_put_call(&options, &request, &work->err);
    if (rc != 0)
        return rc;
    ir_http_response_init(&response);
    rc = send_request(work, &request.http.aws, &response);
    if (rc == 0)
        rc = ir_s3_put_read(&response, &sums, &object, &work->err);
    work->found = sums.bytes;
    ir_http_response_release(&response);
    ir_s3_request_release(&request);
    return rc;
}

static void *run(void *context)
{
    static const struct {
        const char *op;
        int (*call)(struct work *work);
    } calls[] = {
        {"labels", call_labels}, {"converse", call_converse}, {"stream", call_stream},
        {"get", call_get},       {"object", call_object},     {"put", call_put},
    };
    struct work *work = context;
    int (*call)(struct work *) = NULL;
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
        if (strcmp(calls[i].op, work->order->op) == 0)
            call = calls[i].call;
    if (call == NULL)
        abort();
    for (long i = 0; i < work->order->repeat && work->rc == 0; i++) {
        work->rc = call(work);
        work->calls_done += work->rc == 0;
    }
    return NULL;
}

/* ---- what a line asks for ---------------------------------------------------------------- */

static void set_number(const char *value, long *out)
{
    *out = strtol(value, NULL, 10);
}

static void read_part(char *part, struct order *order)
{
    char *value = strchr(part, '=');
    if (value == NULL)
        abort();
    *value++ = '\0';
    if (strcmp(part, "op") == 0)
        ir_text_copy(order->op, sizeof order->op, value);
    else if (strcmp(part, "endpoint") == 0)
        ir_text_copy(order->endpoint, sizeof order->endpoint, value);
    else if (strcmp(part, "timeout_ms") == 0)
        set_number(value, &order->timeout_ms);
    else if (strcmp(part, "attempts") == 0)
        set_number(value, &order->attempts);
    else if (strcmp(part, "cancel_ms") == 0)
        set_number(value, &order->cancel_ms);
    else if (strcmp(part, "threads") == 0)
        set_number(value, &order->threads);
    else if (strcmp(part, "repeat") == 0)
        set_number(value, &order->repeat);
    else if (strcmp(part, "resolver_ms") == 0)
        set_number(value, &order->resolver_ms);
    else
        abort();
}

static void read_order(char *line, struct order *order)
{
    char *rest = NULL;
    line[strcspn(line, "\n")] = '\0';
    for (char *part = strtok_r(line, "\t", &rest); part != NULL; part = strtok_r(NULL, "\t", &rest))
        read_part(part, order);
    if (order->threads < 1 || order->threads > MAX_THREADS)
        abort();
}

/* ---- running ----------------------------------------------------------------------------- */

struct canceller {
    struct ir_cancel *cancel;
    long after_ms;
    int64_t set_at_ms;
};

static void *cancel_later(void *context)
{
    struct canceller *canceller = context;
    sleep_ms(canceller->after_ms);
    canceller->set_at_ms = now_ms();
    ir_cancel_set(canceller->cancel);
    return NULL;
}

static void start(pthread_t *thread, void *(*function)(void *), void *context)
{
    if (pthread_create(thread, NULL, function, context) != 0)
        abort();
}

static size_t count_entries(const char *folder)
{
    size_t count = 0;
    DIR *directory = opendir(folder);
    if (directory == NULL)
        abort();
    for (const struct dirent *entry; (entry = readdir(directory)) != NULL;)
        count += entry->d_name[0] != '.';
    closedir(directory);
    return count;
}

static void print_text(const char *name, const char *text)
{
    printf(", \"%s\": \"", name);
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        if (c < ' ' || c == '"' || c == '\\')
            printf("\\u%04x", c);
        else
            putchar(c);
    }
    putchar('"');
}

static void print_work(const struct work *work, long done, long elapsed_ms, long cancel_took_ms)
{
    const struct ir_error *err = &work->err;
    char line[1600];
    printf("{\"rc\": %d, \"retries\": %u, \"found\": %zu, \"calls_done\": %ld", work->rc,
           work->retries, work->found, done);
    printf(", \"elapsed_ms\": %ld, \"cancel_took_ms\": %ld", elapsed_ms, cancel_took_ms);
    printf(", \"fds\": %zu, \"threads\": %zu", count_entries("/proc/self/fd"),
           count_entries("/proc/self/task"));
    if (work->rc != 0) {
        printf(", \"http_status\": %d, \"retryable\": %d, \"maybe_served\": %d", err->http_status,
               err->retryable, err->maybe_served);
        print_text("aws_code", err->aws_code);
        print_text("message", err->message);
        print_text("hint", err->hint);
        print_text("line", ir_error_line(err, line, sizeof line));
    }
    puts("}");
    fflush(stdout);
}

/* The client keeps its connections from order to order; quota and settings are each order's own. */
static void prepare(struct ir_client *client, struct order *order)
{
    struct ir_aws *aws = &client->aws;
    aws->endpoint_setting = order->endpoint;
    aws->timeout_ms = order->timeout_ms;
    aws->config.max_attempts = (unsigned)order->attempts;
    ir_retry_quota_init(&aws->quota);
    atomic_store(&resolver_ms, order->resolver_ms);
}

static void carry_out(struct order *order, struct ir_client *client,
                      const struct ir_picture *picture)
{
    static struct work works[MAX_THREADS];
    pthread_t ids[MAX_THREADS] = {0};
    pthread_t canceller_id = 0;
    struct canceller canceller = {ir_cancel_new(), order->cancel_ms, 0};
    long done = 0;
    const struct work *shown = &works[0];
    char *own_setting = client->aws.endpoint_setting;
    prepare(client, order);
    if (order->cancel_ms >= 0)
        start(&canceller_id, cancel_later, &canceller);
    int64_t begin_ms = now_ms();
    for (long i = 0; i < order->threads; i++) {
        works[i] = (struct work){order, client, picture, canceller.cancel};
        start(&ids[i], run, &works[i]);
    }
    for (long i = 0; i < order->threads; i++)
        pthread_join(ids[i], NULL);
    int64_t end_ms = now_ms();
    if (order->cancel_ms >= 0)
        pthread_join(canceller_id, NULL);
    for (long i = 0; i < order->threads; i++) {
        done += works[i].calls_done;
        if (works[i].rc != 0)
            shown = &works[i];
    }
    print_work(shown, done, (long)(end_ms - begin_ms),
               order->cancel_ms >= 0 ? (long)(end_ms - canceller.set_at_ms) : -1);
    client->aws.endpoint_setting = own_setting;
    ir_cancel_free(canceller.cancel);
}

static struct ir_picture *read_picture(const char *path, unsigned char *data)
{
    struct ir_picture *picture = NULL;
    FILE *file = fopen(path, "rb");
    size_t bytes = file != NULL ? fread(data, 1, MAX_FILE_BYTES, file) : 0;
    if (file != NULL)
        fclose(file);
    if (ir_picture_new(data, bytes, path, &picture, NULL) != 0)
        abort();
    return picture;
}

int main(int argc, char **argv)
{
    const struct ir_client_options options = IR_CLIENT_OPTIONS_INIT;
    struct ir_client *client = NULL;
    struct ir_error err = {0};
    char line[MAX_LINE_BYTES];
    if (argc != 2) {
        fprintf(stderr, "usage: fault_call PICTURE\n");
        return 2;
    }
    unsigned char *data = malloc(MAX_FILE_BYTES);
    if (data == NULL)
        return 2;
    struct ir_picture *picture = read_picture(argv[1], data);
    if (ir_client_new(&options, &client, &err) != 0) {
        fprintf(stderr, "%s\n", ir_error_line(&err, line, sizeof line));
        ir_picture_free(picture);
        free(data);
        return 1;
    }
    while (fgets(line, sizeof line, stdin) != NULL) {
        struct order order = {"labels", "", DEFAULT_TIMEOUT_MS, 3, -1, 1, 1, 0};
        read_order(line, &order);
        carry_out(&order, client, picture);
    }
    ir_client_free(client);
    ir_picture_free(picture);
    free(data);
    return 0;
}
