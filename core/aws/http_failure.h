/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Why a request brought no answer, in words for people and as a code for programs. */
#ifndef CORE_AWS_HTTP_FAILURE_H
#define CORE_AWS_HTTP_FAILURE_H

#include "core/aws/http.h"

/*
 * Reasons that any library which carries HTTP would find. A transport names those marked "coarse"
 * where its library says no more; what else it knows makes them finer.
 */
enum ir_http_reason {
    IR_HTTP_BROKEN, /* none of those below fits */
    IR_HTTP_LATE,   /* coarse: the deadline passed */
    IR_HTTP_LINE,   /* coarse: the line ended, whoever ended it */
    IR_HTTP_SLOW,   /* coarse: the connection did not stand in time; the deadline has not passed */
    IR_HTTP_CANCELLED,
    IR_HTTP_NO_HOST,
    IR_HTTP_REFUSED,
    IR_HTTP_UNREACHABLE, /* coarse */
    IR_HTTP_CONNECT_STALLED,
    IR_HTTP_PROXY_BAD, /* its setting, or its name has no address */
    IR_HTTP_PROXY_UNREACHABLE,
    IR_HTTP_PROXY_REFUSED,
    IR_HTTP_PROXY_LOGIN,
    IR_HTTP_TLS_BROKEN, /* coarse */
    IR_HTTP_TLS_NONE,   /* what answers does not speak TLS */
    IR_HTTP_TLS_OLD,
    IR_HTTP_CERTIFICATE_NAME,
    IR_HTTP_CERTIFICATE_EXPIRED,
    IR_HTTP_CERTIFICATE_EARLY,
    IR_HTTP_CERTIFICATE_UNKNOWN,
    IR_HTTP_CERTIFICATE_BAD, /* coarse */
    IR_HTTP_CA_FILE,
    IR_HTTP_SEND_STALLED,
    IR_HTTP_CLOSED,       /* before a byte of the answer */
    IR_HTTP_CLOSED_PLAIN, /* the same without TLS */
    IR_HTTP_CUT,          /* within the answer */
    IR_HTTP_NOT_HTTP,     /* or nothing that could be one */
    IR_HTTP_HEADERS_TOO_LARGE,
    IR_HTTP_BODY_TOO_LARGE,
    IR_HTTP_BODY_UNREADABLE, /* ours, to be sent */
    IR_HTTP_LATE_CONNECT,    /* the deadline passed: while the connection was made, */
    IR_HTTP_LATE_SEND,       /* while the request was sent, */
    IR_HTTP_LATE_WAIT,       /* before the first byte of the answer, */
    IR_HTTP_LATE_ANSWER,     /* within it */
};

/* What the transport knows of a transfer that failed. All borrowed. */
struct ir_http_failure {
    enum ir_http_reason reason;
    const struct ir_http_request *request;
    const char
        *words; /* the library's own, "" = none; of a BROKEN one, in which no secret can be */
    const char *proxy;  /* the setting of the proxy that was used; NULL = none */
    int system_error;   /* errno of the connecting; 0 = none */
    long tunnel_status; /* HTTP status by which a proxy answered CONNECT; 0 = none */
    bool is_ready;      /* the connection stood, TLS too */
    bool is_sent;       /* and it was, the whole of it */
    bool is_answered;   /* a byte of an answer came */
};

/*
 * Fills `err` with what the failure is for the caller: code, cause, next step, whether trying again
 * may help, maybe_served. Returns the code.
 */
int ir_http_fail(const struct ir_http_failure *failure, struct ir_error *err);

#endif
