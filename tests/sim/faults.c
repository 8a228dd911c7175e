/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns the table of faults and the wording of wrong answers. */
#include "tests/sim/faults.h"

#include <stdio.h>
#include <string.h>

#include "tests/sim/model_answers.h"

#define HUGE_HEADER_LINES 80
#define HUGE_HEADER_BYTES 1000

static const unsigned stream_only = SIM_SHAPE(SIM_STREAM);

const struct sim_fault_info sim_faults[SIM_FAULT_COUNT] = {
    [SIM_NO_FAULT] = {"none", SIM_AFTER, 0, true, 0},
    [SIM_REFUSED] = {"refused", SIM_BEFORE, SIM_ANY_SHAPE, true, IR_ERR_NET},
    [SIM_RESET_SENDING] = {"reset while sending", SIM_BEFORE, SIM_ANY_SHAPE, true, IR_ERR_NET},
    [SIM_STALLED_CONNECTING] = {"stalled while connecting", SIM_BEFORE, SIM_ANY_SHAPE, false,
                                IR_ERR_TIMEOUT},
    [SIM_BAD_CERTIFICATE] = {"bad certificate", SIM_BEFORE, SIM_ANY_SHAPE, false, IR_ERR_NET},
    [SIM_LOST] = {"lost", SIM_NOWHERE, SIM_ANY_SHAPE, false, IR_ERR_NET},
    [SIM_STALLED_LOST] = {"stalled and lost", SIM_NOWHERE, SIM_ANY_SHAPE, false, IR_ERR_TIMEOUT},
    [SIM_THROTTLED] = {"throttled", SIM_INSTEAD, SIM_ANY_SHAPE, true, IR_ERR_THROTTLED},
    [SIM_UNAVAILABLE] = {"unavailable", SIM_INSTEAD, SIM_ANY_SHAPE, true, IR_ERR_SERVICE},
    [SIM_STATUS] = {"some status", SIM_INSTEAD, SIM_ANY_SHAPE, false, 0},
    [SIM_ECHOED_INPUT] = {"refusal that repeats the input", SIM_INSTEAD, SIM_ANY_SHAPE, false,
                          IR_ERR_SERVICE},
    [SIM_ECHOED_SIGNATURE] = {"refusal that repeats the signature", SIM_INSTEAD, SIM_ANY_SHAPE,
                              false, IR_ERR_AUTH},
    [SIM_EXPIRED] = {"credentials ended", SIM_INSTEAD, SIM_ANY_SHAPE, false, IR_ERR_AUTH},
    [SIM_REDIRECT] = {"redirect", SIM_INSTEAD, SIM_ANY_SHAPE, false, IR_ERR_SERVICE},
    [SIM_PORTAL] = {"a page of somebody else", SIM_INSTEAD, SIM_SELF_TELLING, false,
                    IR_ERR_RESPONSE},
    [SIM_EMPTY] = {"200 and nothing", SIM_INSTEAD, SIM_SELF_TELLING, false, IR_ERR_RESPONSE},
    [SIM_FOREIGN_JSON] = {"JSON of somebody else", SIM_INSTEAD, SIM_SHAPE(SIM_JSON), false,
                          IR_ERR_RESPONSE},
    [SIM_ERROR_IN_200] = {"an error with status 200", SIM_INSTEAD, SIM_SHAPE(SIM_XML), false, 0},
    [SIM_RESET_AFTER] = {"reset before the answer", SIM_AFTER, SIM_ANY_SHAPE, false, IR_ERR_NET},
    [SIM_RESET_MID_ANSWER] = {"reset in the answer", SIM_AFTER, SIM_ANY_SHAPE, false, IR_ERR_NET},
    [SIM_STALLED_AFTER] = {"stalled before the answer", SIM_AFTER, SIM_ANY_SHAPE, false,
                           IR_ERR_TIMEOUT},
    [SIM_STALLED_MID_ANSWER] = {"stalled in the answer", SIM_AFTER, SIM_ANY_SHAPE, false,
                                IR_ERR_TIMEOUT},
    [SIM_SLOW] = {"slow", SIM_AFTER, SIM_ANY_SHAPE, true, 0},
    [SIM_CUT] = {"cut", SIM_AFTER, SIM_SELF_TELLING, false, IR_ERR_RESPONSE},
    [SIM_FLIPPED] = {"a bit is wrong", SIM_AFTER, SIM_SHAPE(SIM_STREAM) | SIM_SHAPE(SIM_OBJECT),
                     false, IR_ERR_RESPONSE},
    [SIM_EXCEPTION] = {"exception in the stream", SIM_AFTER, stream_only, false, 0},
    [SIM_OVERSIZED] = {"larger than allowed", SIM_AFTER,
                       SIM_SHAPE(SIM_JSON) | SIM_SHAPE(SIM_XML) | SIM_SHAPE(SIM_RAW), false,
                       IR_ERR_TOO_LARGE},
    [SIM_HUGE_HEADERS] = {"huge headers", SIM_AFTER, SIM_ANY_SHAPE, false, IR_ERR_TOO_LARGE},
    [SIM_GATEWAY] = {"gateway gives up on work that is done", SIM_AFTER, SIM_ANY_SHAPE, false,
                     IR_ERR_SERVICE},
};

/* Of botocore's and the services' models. */
const char *const sim_throttling_codes[] = {
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottledException",
    "RequestThrottled",
    "TooManyRequestsException",
    "ProvisionedThroughputExceededException",
    "TransactionInProgressException",
    "RequestLimitExceeded",
    "BandwidthLimitExceeded",
    "LimitExceededException",
    "SlowDown",
    "EC2ThrottledException",
};
const size_t sim_throttling_code_count =
    sizeof sim_throttling_codes / sizeof sim_throttling_codes[0];

/* ---- choosing ---------------------------------------------------------------------------- */

bool sim_fault_fits(enum sim_fault fault, enum sim_op op)
{
    /* The container's endpoint is no service: it echoes nothing and has no codes. */
    if (op == SIM_CONTAINER &&
        (fault == SIM_ECHOED_INPUT || fault == SIM_ECHOED_SIGNATURE || fault == SIM_EXPIRED))
        return false;
    /* Its good answers have no member that must be there. */
    if (op == SIM_PUT_LOGS && fault == SIM_FOREIGN_JSON)
        return false;
    return (sim_faults[fault].shapes & SIM_SHAPE(sim_ops[op].shape)) != 0;
}

enum sim_fault sim_fault_draw(struct sim_chance *chance, enum sim_op op)
{
    for (;;) {
        enum sim_fault fault = (enum sim_fault)(1 + sim_below(chance, SIM_FAULT_COUNT - 1));
        if (sim_fault_fits(fault, op))
            return fault;
    }
}

/* ---- wrong answers ----------------------------------------------------------------------- */

static void write_page(struct sim_answer *answer, int status)
{
    answer->status = status;
    answer->token = 0;
    ir_buf_clear(&answer->headers);
    ir_buf_clear(&answer->body);
    sim_answer_line(answer, "content-type: text/html");
    ir_buf_append_text(&answer->body,
                       "<!DOCTYPE html><html><body><h1>Welcome</h1><br>Sign in.</body></html>");
}

static void write_throttle(struct sim_chance *chance, enum sim_op op, struct sim_answer *answer)
{
    unsigned index = sim_below(chance, (unsigned)sim_throttling_code_count);
    static const int statuses[] = {400, 429, 503};
    int status = statuses[sim_below(chance, 3)];
    if (sim_one_in(chance, 3))
        sim_answer_line(answer, "x-amz-retry-after: %ld", sim_between(chance, 0, 6000));
    sim_answer_error(answer, op, status, sim_throttling_codes[index], "Rate exceeded");
}

static void write_unavailable(struct sim_chance *chance, enum sim_op op, struct sim_answer *answer)
{
    static const char *const codes[] = {"InternalServerError", "InternalError",
                                        "ServiceUnavailableException", "InternalServerException"};
    sim_answer_error(answer, op, sim_one_in(chance, 2) ? 500 : 503, codes[sim_below(chance, 4)],
                     "We are sorry");
}

static void write_status(struct sim_chance *chance, enum sim_op op, struct sim_answer *answer)
{
    static const char *const codes[] = {
        "AccessDeniedException",     "ValidationException",        "ResourceNotFoundException",
        "SomethingNewException",     "ModelNotReadyException",     "ServiceQuotaExceededException",
        "InvalidParameterException", "UnrecognizedClientException"};
    int status = 400 + (int)sim_below(chance, 200);
    unsigned kind = sim_below(chance, 4);
    if (kind == 0) {
        write_page(answer, status);
    } else if (kind == 1) {
        answer->status = status;
        ir_buf_clear(&answer->body);
    } else {
        sim_answer_error(answer, op, status, codes[sim_below(chance, 8)], "It is not to be");
    }
}

/* Amazon's validation repeats the member's value; the service's words are passed on to people. */
static void write_echoed_input(enum sim_op op, struct sim_answer *answer)
{
    char message[512];
    snprintf(message, sizeof message,
             "1 validation error detected: Value '%s' at 'messages.1.member.content.1.member.text'"
             " failed to satisfy constraint: Member must have length less than or equal to 9",
             SIM_PROMPT);
    sim_answer_error(answer, op, 400, "ValidationException", message);
}

/* Services tell what they had expected to be signed, the session token among it. */
static void write_echoed_signature(const struct sim_arrival *arrival, struct sim_answer *answer)
{
    char message[1600];
    const char *token = sim_arrival_header(arrival, "X-Amz-Security-Token");
    const char *authorization = sim_arrival_header(arrival, "Authorization");
    bool is_s3 = sim_ops[arrival->op].host == NULL;
    snprintf(message, sizeof message,
             "The request signature we calculated does not match the signature you provided. Check "
             "your AWS Secret Access Key and signing method. Consult the service documentation for "
             "details.%s%s%s%s",
             is_s3 ? ""
                   : "\n\nThe Canonical String for this request should have been\n'POST\n/\n\n"
                     "x-amz-security-token:",
             is_s3 || token == NULL ? "" : token,
             is_s3 ? "" : "\n\nhost;x-amz-date'\n\nThe String-to-Sign should have been\n'AWS4'\n",
             is_s3 || authorization == NULL ? "" : authorization);
    sim_answer_error(answer, arrival->op, 403,
                     sim_ops[arrival->op].shape == SIM_JSON ? "InvalidSignatureException"
                                                            : "SignatureDoesNotMatch",
                     message);
}

static void write_expired(struct sim_model *model, const struct sim_arrival *arrival,
                          struct sim_answer *answer)
{
    const char *token = sim_arrival_header(arrival, "X-Amz-Security-Token");
    bool is_xml = sim_ops[arrival->op].shape == SIM_XML || sim_ops[arrival->op].host == NULL;
    for (unsigned i = 0; token != NULL && !model->session_is_fixed && i < model->key_count; i++)
        if (strcmp(model->keys[i].token, token) == 0)
            model->keys[i].is_revoked = true;
    sim_answer_error(answer, arrival->op, is_xml ? 400 : 403,
                     is_xml ? "ExpiredToken" : "ExpiredTokenException",
                     "The security token included in the request is expired");
}

static void write_redirect(struct sim_chance *chance, struct sim_answer *answer)
{
    static const int statuses[] = {301, 302, 307, 308};
    answer->status = statuses[sim_below(chance, 4)];
    sim_answer_line(answer, "location: https://elsewhere.example/");
    sim_answer_line(answer, "content-type: text/html");
    ir_buf_append_text(&answer->body, "<html>Moved</html>");
}

static void write_error_in_200(struct sim_answer *answer)
{
    sim_answer_line(answer, "content-type: application/xml");
    ir_buf_append_text(&answer->body, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>"
                                      "<Code>InternalError</Code><Message>We encountered an "
                                      "internal error.</Message></Error>");
}

void sim_fault_answer(struct sim_model *model, struct sim_chance *chance, enum sim_fault fault,
                      const struct sim_arrival *arrival, struct sim_answer *answer)
{
    ir_buf_clear(&answer->headers);
    ir_buf_clear(&answer->body);
    answer->token = 0;
    if (fault == SIM_THROTTLED)
        write_throttle(chance, arrival->op, answer);
    else if (fault == SIM_UNAVAILABLE)
        write_unavailable(chance, arrival->op, answer);
    else if (fault == SIM_STATUS)
        write_status(chance, arrival->op, answer);
    else if (fault == SIM_ECHOED_INPUT)
        write_echoed_input(arrival->op, answer);
    else if (fault == SIM_ECHOED_SIGNATURE)
        write_echoed_signature(arrival, answer);
    else if (fault == SIM_EXPIRED)
        write_expired(model, arrival, answer);
    else if (fault == SIM_REDIRECT)
        write_redirect(chance, answer);
    else if (fault == SIM_PORTAL)
        write_page(answer, 200);
    else if (fault == SIM_GATEWAY)
        write_page(answer, sim_one_in(chance, 2) ? 502 : 504);
    else if (fault == SIM_ERROR_IN_200)
        write_error_in_200(answer);
    else if (fault == SIM_FOREIGN_JSON)
        ir_buf_append_text(&answer->body, "{\"status\":\"ok\",\"items\":[]}");
    else
        answer->status = 200; /* SIM_EMPTY */
}

/* Never just behind what matters: there a stream is whole. */
static void cut(struct sim_chance *chance, struct sim_answer *answer)
{
    if (answer->body.bytes == 0)
        return;
    size_t bytes = sim_below(chance, (unsigned)answer->body.bytes);
    answer->body.bytes = bytes == answer->needed_bytes && bytes > 0 ? bytes - 1 : bytes;
}

void sim_fault_damage(struct sim_chance *chance, enum sim_fault fault, struct sim_answer *answer)
{
    static const char *const exceptions[] = {"throttlingException", "internalServerException",
                                             "modelStreamErrorException", "validationException",
                                             "serviceUnavailableException"};
    if (fault == SIM_CUT)
        cut(chance, answer);
    if (fault == SIM_FLIPPED && answer->needed_bytes > 0)
        answer->body.data[sim_below(chance, (unsigned)answer->needed_bytes)] ^=
            (char)(1U << sim_below(chance, 8));
    if (fault == SIM_EXCEPTION)
        sim_answer_break_stream(answer, exceptions[sim_below(chance, 5)], "it broke");
    if (fault == SIM_HUGE_HEADERS)
        for (int i = 0; i < HUGE_HEADER_LINES; i++)
            sim_answer_line(answer, "x-padding-%d: %0*d", i, HUGE_HEADER_BYTES, i);
}
