/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns one exchange: connect, send, serve, receive. In each phase time goes by, the deadline may
 * come and the cancel token may be set; a fault ends the exchange in its own phase. What the real
 * transport promises (http.h) holds here too: err->maybe_served once the whole request was sent.
 */
#include "tests/sim/net.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "tests/sim/memory.h"

#define MAX_EXCHANGES 20000U /* of a run; more is a loop */
#define FOREVER_MS 100000000L
#define MAX_PIECE_BYTES 700
#define QUICK_MS 40
#define SERVE_MS 400
#define SLOW_MS 20000

struct exchange {
    struct sim_net *net;
    const struct ir_http_request *request;
    struct ir_http_response *response;
    struct ir_error *err;
    struct sim_arrival arrival;
    struct sim_answer answer;
    enum sim_fault fault;
    bool was_sent;
};

static void complain(struct sim_net *net, bool is_good, const char *what)
{
    if (!is_good && net->complaint == NULL)
        net->complaint = what;
}

/* ---- failing as a transport does --------------------------------------------------------- */

static int finish_error(struct exchange *exchange, int rc, bool is_retryable)
{
    if (exchange->err != NULL) {
        exchange->err->retryable = is_retryable;
        exchange->err->maybe_served = exchange->was_sent;
    }
    return rc;
}

static int fail_net(struct exchange *exchange, const char *what, bool is_retryable)
{
    ir_fail(exchange->err, IR_ERR_NET, "%s", what);
    ir_error_set_hint(exchange->err, "Check the network, then try again.");
    return finish_error(exchange, IR_ERR_NET, is_retryable);
}

/* IR_ERR_TIMEOUT or IR_ERR_CANCELLED. */
static int fail_waiting(struct exchange *exchange, int rc)
{
    if (rc == IR_ERR_CANCELLED) {
        ir_fail(exchange->err, rc, "cancelled");
        return finish_error(exchange, rc, false);
    }
    ir_fail(exchange->err, IR_ERR_TIMEOUT, "no complete answer came within the time limit");
    ir_error_set_hint(exchange->err, "Try again, or raise the time limit.");
    return finish_error(exchange, IR_ERR_TIMEOUT, false);
}

static int pass(struct exchange *exchange, long ms)
{
    const struct ir_http_request *request = exchange->request;
    int rc = sim_world_pass(exchange->net->world, ms, request->deadline_ms, request->cancel);
    return rc == 0 ? 0 : fail_waiting(exchange, rc);
}

static int pass_some(struct exchange *exchange, long most_ms)
{
    return pass(exchange, sim_between(&exchange->net->chance, 1, most_ms));
}

/* ---- handing the answer over ------------------------------------------------------------- */

static int fail_too_large(struct exchange *exchange, const char *what)
{
    ir_fail(exchange->err, IR_ERR_TOO_LARGE, "%s", what);
    ir_error_set_hint(exchange->err, "Check the endpoint's address.");
    return finish_error(exchange, IR_ERR_TOO_LARGE, false);
}

static int check_buffers(struct exchange *exchange)
{
    const struct ir_http_response *response = exchange->response;
    if (response->headers.failed == IR_ERR_NOMEM || response->body.failed == IR_ERR_NOMEM) {
        ir_fail_nomem(exchange->err);
        return finish_error(exchange, IR_ERR_NOMEM, false);
    }
    if (response->headers.failed != 0)
        return fail_too_large(exchange, "the answer's headers are too large");
    if (response->body.failed != 0)
        return fail_too_large(exchange, "the answer is too large");
    return 0;
}

static int give_head(struct exchange *exchange)
{
    const char *line = ir_buf_text(&exchange->answer.headers);
    exchange->response->status = exchange->answer.status;
    while (*line != '\0') {
        size_t bytes = strcspn(line, "\n");
        ir_http_response_add_line(exchange->response, line, bytes);
        line += bytes + (line[bytes] == '\n');
    }
    return check_buffers(exchange);
}

static int give_to_sink(struct exchange *exchange, size_t bytes)
{
    const struct ir_http_request *request = exchange->request;
    const char *data = exchange->answer.body.data;
    size_t piece = 0;
    for (size_t at = 0; at < bytes; at += piece) {
        piece = 1 + sim_below(&exchange->net->chance, MAX_PIECE_BYTES);
        if (piece > bytes - at)
            piece = bytes - at;
        int rc = request->sink(request->sink_context, data + at, piece);
        if (rc == 0)
            continue;
        ir_fail(exchange->err, rc, "the answer's content could not be taken");
        return finish_error(exchange, rc, false);
    }
    return 0;
}

/* `bytes` of the body reach the core. */
static int give(struct exchange *exchange, size_t bytes)
{
    bool is_good = exchange->answer.status >= 200 && exchange->answer.status <= 299;
    sim_memory_resume();
    int rc = give_head(exchange);
    if (rc == 0 && exchange->request->sink != NULL && is_good) {
        rc = give_to_sink(exchange, bytes);
    } else if (rc == 0) {
        ir_buf_append(&exchange->response->body, ir_buf_text(&exchange->answer.body), bytes);
        rc = check_buffers(exchange);
    }
    sim_memory_pause();
    return rc;
}

static int give_oversized(struct exchange *exchange)
{
    size_t bytes = exchange->request->max_response_bytes + 1;
    char *padding = calloc(1, bytes);
    if (padding == NULL)
        return fail_net(exchange, "the simulator is out of memory", false);
    sim_memory_resume();
    int rc = give_head(exchange);
    if (rc == 0)
        ir_buf_append(&exchange->response->body, padding, bytes);
    if (rc == 0)
        rc = check_buffers(exchange);
    sim_memory_pause();
    free(padding);
    return rc;
}

/* ---- phases ------------------------------------------------------------------------------ */

/* Connecting and sending. 0 when the whole request is at the server. */
static int send_request(struct exchange *exchange)
{
    int rc = pass_some(exchange, QUICK_MS);
    if (rc != 0)
        return rc;
    if (exchange->fault == SIM_REFUSED)
        return fail_net(exchange, "nobody listens there", true);
    if (exchange->fault == SIM_BAD_CERTIFICATE)
        return fail_net(exchange, "the certificate has ended", false);
    if (exchange->fault == SIM_STALLED_CONNECTING)
        return pass(exchange, FOREVER_MS);
    rc = pass_some(exchange, QUICK_MS);
    if (rc != 0)
        return rc;
    if (exchange->fault == SIM_RESET_SENDING)
        return fail_net(exchange, "the line broke", true);
    exchange->was_sent = true;
    if (exchange->fault == SIM_LOST)
        return fail_net(exchange, "the line broke", true);
    return exchange->fault == SIM_STALLED_LOST ? pass(exchange, FOREVER_MS) : 0;
}

static void refuse(const struct sim_net *net, struct exchange *exchange)
{
    const struct sim_refusal *refusal = net->refusal;
    if (refusal->aws_code != NULL) {
        sim_answer_error(&exchange->answer, exchange->arrival.op, refusal->status,
                         refusal->aws_code, "These are its reasons");
        return;
    }
    exchange->answer.status = refusal->status;
    sim_answer_line(&exchange->answer, "content-type: text/html");
    ir_buf_append_text(&exchange->answer.body, "<html><body>Oh</body></html>");
}

/* The server's part. */
static void serve(struct exchange *exchange)
{
    struct sim_net *net = exchange->net;
    enum sim_stage stage = sim_faults[exchange->fault].stage;
    if (stage == SIM_AFTER)
        sim_model_serve(net->model, &exchange->arrival, &exchange->answer);
    /* A request that AWS refuses is refused, whatever was to go wrong with the answer. */
    if (exchange->answer.token == 0 && stage == SIM_AFTER) {
        if (exchange->fault != SIM_NO_FAULT)
            net->fault_counts[exchange->fault]--;
        exchange->fault = SIM_NO_FAULT;
    }
    if (exchange->fault == SIM_STATUS && net->refusal != NULL)
        refuse(net, exchange);
    else if (stage == SIM_INSTEAD || exchange->fault == SIM_GATEWAY)
        sim_fault_answer(net->model, &net->chance, exchange->fault, &exchange->arrival,
                         &exchange->answer);
    sim_fault_damage(&net->chance, exchange->fault, &exchange->answer);
}

static int receive(struct exchange *exchange)
{
    struct sim_chance *chance = &exchange->net->chance;
    size_t bytes = exchange->answer.body.bytes;
    size_t part = bytes > 0 ? sim_below(chance, (unsigned)bytes) : 0;
    int rc = pass_some(exchange, exchange->fault == SIM_SLOW ? SLOW_MS : SERVE_MS);
    if (rc != 0)
        return rc;
    switch (exchange->fault) {
    case SIM_RESET_AFTER:
        return fail_net(exchange, "the line broke", true);
    case SIM_STALLED_AFTER:
        return pass(exchange, FOREVER_MS);
    case SIM_RESET_MID_ANSWER:
        rc = give(exchange, part);
        return rc != 0 ? rc : fail_net(exchange, "the line broke in the answer", true);
    case SIM_STALLED_MID_ANSWER:
        rc = give(exchange, part);
        return rc != 0 ? rc : pass(exchange, FOREVER_MS);
    case SIM_OVERSIZED:
        return give_oversized(exchange);
    default:
        return give(exchange, bytes);
    }
}

/* ---- watching the core ------------------------------------------------------------------- */

static bool is_on_the_way(enum sim_op op)
{
    return op == SIM_CONTAINER || op == SIM_ASSUME_ROLE;
}

static void keep_signature(struct sim_net *net, const struct sim_arrival *arrival)
{
    const char *authorization = sim_arrival_header(arrival, "Authorization");
    const char *signature = authorization != NULL ? strstr(authorization, "Signature=") : NULL;
    if (signature == NULL || net->signature_count == SIM_SIGNATURES)
        return;
    ir_text_copy(net->signatures[net->signature_count++], IR_SHA256_HEX_BYTES,
                 signature + strlen("Signature="));
}

/* An attempt begins: is the core allowed to make it? */
static void watch_attempt(struct sim_net *net, const struct sim_arrival *arrival)
{
    struct sim_op_log *log = &net->ops[arrival->op];
    const char *invocation = sim_arrival_header(arrival, "amz-sdk-invocation-id");
    keep_signature(net, arrival);
    if (invocation == NULL) {
        complain(net, arrival->op == SIM_CONTAINER, "no amz-sdk-invocation-id");
        return;
    }
    if (strcmp(invocation, log->invocation) != 0) {
        ir_text_copy(log->invocation, sizeof log->invocation, invocation);
        log->attempts = 1;
        return;
    }
    log->attempts++;
    complain(net, log->attempts <= net->max_attempts + net->corrections,
             "more attempts than the maximum");
    if (net->last_was_correction)
        return;
    complain(net, net->world->now_ms >= net->not_before_ms,
             "an attempt sooner than x-amz-retry-after says");
    if (!is_on_the_way(arrival->op))
        net->retry_cost += net->last_was_throttle ? SIM_COST_THROTTLING : SIM_COST_TRANSIENT;
}

static bool is_throttling(const struct exchange *exchange)
{
    const char *body = ir_buf_text(&exchange->answer.body);
    for (size_t i = 0; i < sim_throttling_code_count; i++)
        if (exchange->answer.status >= 400 && strstr(body, sim_throttling_codes[i]) != NULL)
            return true;
    return false;
}

static bool is_correctable(const struct exchange *exchange)
{
    static const char *const codes[] = {
        "Expired",           "Signature expired", "RequestTimeTooSkewed",
        "PermanentRedirect", "TemporaryRedirect", "AuthorizationHeaderMalformed"};
    const char *body = ir_buf_text(&exchange->answer.body);
    /* A refused signature is blamed on a clock that is far off. */
    if (exchange->net->world->skew_ms != 0 &&
        (exchange->fault == SIM_ECHOED_SIGNATURE || strstr(body, "AccessDeniedException") != NULL))
        return true;
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (exchange->answer.status >= 300 && strstr(body, codes[i]) != NULL)
            return true;
    const char *headers = ir_buf_text(&exchange->answer.headers);
    return exchange->answer.status >= 300 && strstr(headers, "x-amz-bucket-region") != NULL;
}

static void read_hint(struct sim_net *net, const struct exchange *exchange)
{
    const char *at = strstr(ir_buf_text(&exchange->answer.headers), "x-amz-retry-after: ");
    net->not_before_ms = INT64_MIN;
    if (at == NULL)
        return;
    long hint_ms = strtol(at + strlen("x-amz-retry-after: "), NULL, 10);
    if (hint_ms <= 5000) /* the core may cap it there */
        net->not_before_ms = net->world->now_ms + hint_ms;
}

static void remember(struct sim_net *net, const struct exchange *exchange, int rc)
{
    struct sim_op_log *log = &net->ops[exchange->arrival.op];
    const struct sim_fault_info *fault = &sim_faults[exchange->fault];
    bool has_answer = rc == 0;
    bool is_intact = rc == 0 && exchange->answer.status / 100 == 2 && exchange->answer.token != 0 &&
                     (exchange->fault == SIM_NO_FAULT || exchange->fault == SIM_SLOW ||
                      exchange->fault == SIM_FLIPPED);
    net->last_fault = exchange->fault;
    net->last_op = exchange->arrival.op;
    net->last_status = has_answer ? exchange->answer.status : 0;
    net->last_rc = rc;
    net->last_was_throttle = has_answer && is_throttling(exchange);
    net->last_was_correction = has_answer && is_correctable(exchange);
    net->corrections += net->last_was_correction;
    net->faults += exchange->fault != SIM_NO_FAULT;
    /* Of S3's long answers, this one stands for a status 500, and passes as that does. */
    bool is_late_500 =
        exchange->fault == SIM_ERROR_IN_200 && exchange->arrival.op == SIM_COMPLETE_UPLOAD;
    net->hard_faults += exchange->fault != SIM_NO_FAULT &&
                        ((!fault->passes && !is_late_500) || is_on_the_way(exchange->arrival.op));
    read_hint(net, exchange);
    /* A flipped bit makes it damaged; that the core notices is looked at by the token. */
    log->intact = is_intact && exchange->fault != SIM_FLIPPED ? exchange->answer.token : 0;
    log->sent += exchange->was_sent;
    if (exchange->answer.token != 0 && rc == 0 && !is_on_the_way(exchange->arrival.op))
        net->successes++;
    sim_note(net->world, "%s attempt %u: %s, status %d, rc %d", sim_ops[net->last_op].name,
             log->attempts, fault->name, exchange->answer.status, rc);
}

/* ---- the transport ----------------------------------------------------------------------- */

static enum sim_fault choose(struct sim_net *net, enum sim_op op)
{
    enum sim_fault fault = SIM_NO_FAULT;
    if (net->forced != SIM_NO_FAULT) {
        if (is_on_the_way(op) || !sim_fault_fits(net->forced, op) ||
            (net->forced_op != SIM_NO_OP && net->forced_op != op))
            return SIM_NO_FAULT;
        fault = net->forced;
    } else if (sim_below(&net->chance, 100) < net->fault_pct) {
        fault = sim_fault_draw(&net->chance, op);
    }
    net->fault_counts[fault]++;
    return fault;
}

static void add_date(struct exchange *exchange)
{
    static const char *const days[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    char iso[21];
    int64_t unix_ms = exchange->net->world->server_unix_ms;
    ir_world_iso_date(unix_ms, iso);
    long month = strtol(iso + 5, NULL, 10);
    sim_answer_line(&exchange->answer, "date: %s, %.2s %s %.4s %.8s GMT",
                    days[unix_ms / 86400000 % 7], iso + 8, months[(month + 11) % 12], iso,
                    iso + 11);
}

static int run_exchange(struct exchange *exchange)
{
    struct sim_net *net = exchange->net;
    sim_arrive(exchange->request, &exchange->arrival);
    watch_attempt(net, &exchange->arrival);
    exchange->fault = choose(net, exchange->arrival.op);
    int rc = send_request(exchange);
    if (rc == 0) {
        serve(exchange);
        if (exchange->fault != SIM_PORTAL)
            add_date(exchange);
        rc = receive(exchange);
    }
    remember(net, exchange, rc);
    return rc;
}

static int perform(void *context, const struct ir_http_request *request,
                   struct ir_http_response *response, struct ir_error *err)
{
    struct sim_net *net = context;
    struct exchange exchange = {.net = net, .request = request, .response = response, .err = err};
    ir_http_response_clear(response, request->max_response_bytes);
    pthread_mutex_lock(&net->mutex);
    sim_memory_pause();
    sim_answer_init(&exchange.answer);
    complain(net, ++net->exchanges <= MAX_EXCHANGES, "a loop without end");
    int rc = 0;
    if (ir_cancel_is_set(request->cancel))
        rc = fail_waiting(&exchange, IR_ERR_CANCELLED);
    else if (request->deadline_ms <= net->world->now_ms || net->exchanges > MAX_EXCHANGES)
        rc = fail_waiting(&exchange, IR_ERR_TIMEOUT);
    else
        rc = run_exchange(&exchange);
    sim_answer_release(&exchange.answer);
    sim_arrival_release(&exchange.arrival);
    sim_memory_resume();
    pthread_mutex_unlock(&net->mutex);
    return rc;
}

static void release(void *context)
{
    ((struct sim_net *)context)->releases++;
}

void sim_net_init(struct sim_net *net, struct sim_world *world, struct sim_model *model,
                  uint64_t seed)
{
    memset(net, 0, sizeof *net);
    net->world = world;
    net->model = model;
    net->chance.state = sim_mix(seed ^ UINT64_C(0x6661756c74730000));
    net->max_attempts = 3;
    net->forced_op = SIM_NO_OP;
    pthread_mutex_init(&net->mutex, NULL);
}

void sim_net_release(struct sim_net *net)
{
    pthread_mutex_destroy(&net->mutex);
}

struct ir_transport sim_net_transport(struct sim_net *net)
{
    return (struct ir_transport){net, perform, release};
}

void sim_net_begin_call(struct sim_net *net)
{
    memset(net->ops, 0, sizeof net->ops);
    net->faults = 0;
    net->hard_faults = 0;
    net->corrections = 0;
    net->last_fault = SIM_NO_FAULT;
    net->last_op = SIM_NO_OP;
    net->last_status = 0;
    net->last_rc = 0;
    net->not_before_ms = INT64_MIN;
    net->last_was_throttle = false;
    net->last_was_correction = false;
    net->signature_count = 0;
}
