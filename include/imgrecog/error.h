/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What went wrong, for a program (code) and for a person (message, hint).
 *
 * Every function that can fail returns 0 or one of the negative codes below and, where it takes a
 * `struct ir_error *err`, fills it once, where the failure was discovered. `err` may be NULL. The
 * struct has fixed arrays, so it is usable after memory ran out, needs no release and may be
 * copied. It never holds a credential, a signature, a prompt or a picture's bytes.
 */
#ifndef IMGRECOG_ERROR_H
#define IMGRECOG_ERROR_H

#include <stdbool.h>
#include <stddef.h>

#include <imgrecog/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Each code is a different thing for the caller to do. */
enum ir_code {
    IR_OK = 0,
    IR_ERR_ARG = -1,       /* the caller's argument or setting is wrong: correct it */
    IR_ERR_NOMEM = -2,     /* out of memory */
    IR_ERR_TOO_LARGE = -3, /* over a stated maximum: make the input smaller */
    IR_ERR_CANCELLED = -4, /* the caller's own cancel token was set */
    IR_ERR_BUDGET = -5,    /* a spending limit would be passed */
    IR_ERR_NET = -6,       /* the service could not be reached, or the line broke */
    IR_ERR_TIMEOUT = -7,   /* the deadline passed */
    IR_ERR_AUTH = -8,      /* no credentials, or the service refused them */
    IR_ERR_THROTTLED = -9, /* the service asked to slow down until every attempt was used */
    IR_ERR_SERVICE = -10,  /* the service refused the request or failed: see aws_code */
    IR_ERR_RESPONSE = -11, /* the answer could not be understood */
};

/* Texts are UTF-8, always terminated, cut at a character when too long. */
struct ir_error {
    int code;            /* enum ir_code */
    int http_status;     /* 0 when no answer came */
    bool retryable;      /* the same call may succeed later */
    char service[32];    /* "Rekognition", "settings"; "" when none is concerned */
    char aws_code[64];   /* AWS error code, such as "InvalidSignatureException"; "" when none */
    char request_id[64]; /* x-amzn-RequestId; "" when none */
    char message[768];   /* the cause, in words */
    char hint[384];      /* the next step, in words; "" when none is known */
    /*
     * What was asked for may have been done, and charged: one of the call's requests was sent whole
     * and no answer says that it was refused. Also true where an answer came that could not be
     * used. False: it was not done, as far as the service's own words go.
     */
    bool maybe_served;
    double maybe_cost_usd; /* what may have been charged at most; 0 = nothing, or not known */
};

/* Sets `err` to "no error". NULL is allowed. */
IR_PUBLIC void ir_error_clear(struct ir_error *err);

/*
 * Writes the error as one line, "service: cause (AWS code, HTTP status, request id). Next step",
 * into `out` (borrowed, `out_bytes` in size, always terminated when out_bytes > 0). Line feeds and
 * control characters that a server may have sent are made spaces. Returns `out`.
 */
IR_PUBLIC const char *ir_error_line(const struct ir_error *err, char *out, size_t out_bytes);

#ifdef __cplusplus
}
#endif
#endif
