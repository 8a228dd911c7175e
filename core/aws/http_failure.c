/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the words for a transport's failures: one row a reason. Knows no library that carries HTTP
 * and passes none of its sentences on but a short detail, since they may hold a proxy's password.
 */
#include "core/aws/http_failure.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/aws/http_proxy.h"
#include "core/base/error.h"

#define MAX_DETAIL_BYTES 96
#define MAX_HOST_BYTES 300

#define HINT_NETWORK "Check the network, then try again."
#define HINT_ADDRESS                                                                               \
    "Check the region and the endpoint setting, and that this machine is online; behind a proxy, " \
    "name it in HTTPS_PROXY."
#define HINT_PROXY                                                                                 \
    "Check HTTPS_PROXY (HTTP_PROXY for an http:// endpoint); NO_PROXY names hosts "                \
    "that are reached without it."
#define HINT_AUTHORITY                                                                             \
    "Name the file with your authority's certificates in AWS_CA_BUNDLE; a proxy that reads TLS "   \
    "has one of its own."
#define HINT_TIME "Try again, or raise the time limit."
#define HINT_ENDPOINT "Check the endpoint's address and port, and what stands before it."

/* The message is `before`, the subject, `after`. */
struct words {
    int code;
    bool retryable; /* a second attempt may go better */
    const char *before;
    const char *after;
    const char *hint; /* NULL = none */
};

static const struct words rows[] = {
    [IR_HTTP_BROKEN] = {IR_ERR_NET, false, "the transfer with ", " failed", HINT_NETWORK},
    [IR_HTTP_LATE] = {IR_ERR_TIMEOUT, false, "the time limit for ", " has passed", HINT_TIME},
    [IR_HTTP_LINE] = {IR_ERR_NET, true, "the connection to ", " broke", HINT_NETWORK},
    [IR_HTTP_SLOW] = {IR_ERR_NET, true, "", " is too slow", HINT_NETWORK},
    [IR_HTTP_CANCELLED] = {IR_ERR_CANCELLED, false, "cancelled", "", NULL},
    [IR_HTTP_NO_HOST] = {IR_ERR_NET, true, "no address is known for ", "", HINT_ADDRESS},
    [IR_HTTP_REFUSED] = {IR_ERR_NET, true, "nobody answers at ", "",
                         "Check that the endpoint's address is right and that the server runs."},
    [IR_HTTP_UNREACHABLE] = {IR_ERR_NET, true, "", " cannot be reached", HINT_ADDRESS},
    [IR_HTTP_CONNECT_STALLED] = {IR_ERR_NET, true, "", " did not take the connection in time",
                                 HINT_ADDRESS},
    [IR_HTTP_PROXY_BAD] = {IR_ERR_NET, false, "the proxy ",
                           " is no address of a proxy, or none is known for its name", HINT_PROXY},
    [IR_HTTP_PROXY_UNREACHABLE] = {IR_ERR_NET, true, "the proxy ",
                                   " cannot be reached or does not answer", HINT_PROXY},
    [IR_HTTP_PROXY_REFUSED] = {IR_ERR_NET, false, "the proxy ",
                               " does not let the connection through", HINT_PROXY},
    [IR_HTTP_PROXY_LOGIN] =
        {IR_ERR_NET, false, "the proxy ", " wants another user name and password",
         "Write them into HTTPS_PROXY: http://NAME:PASSWORD@HOST:PORT, special characters as %XX."},
    [IR_HTTP_TLS_BROKEN] = {IR_ERR_NET, true, "the TLS handshake with ", " failed", HINT_NETWORK},
    [IR_HTTP_TLS_NONE] =
        {IR_ERR_NET, false, "", " does not speak TLS there",
         "Check the endpoint's port, and whether its URL should begin with http://."},
    [IR_HTTP_TLS_OLD] =
        {IR_ERR_NET, false, "", " offers no version of TLS that is still safe",
         "TLS 1.2 is the oldest that is spoken: renew the server, or the proxy before it."},
    [IR_HTTP_CERTIFICATE_NAME] =
        {IR_ERR_NET, false, "the certificate of ", " is for another name",
         "Check the endpoint's address; another server, or a proxy, may answer in its place."},
    [IR_HTTP_CERTIFICATE_EXPIRED] = {IR_ERR_NET, false, "the certificate of ", " has expired",
                                     "Check this machine's clock; if it is right, the server's "
                                     "owner must renew the certificate."},
    [IR_HTTP_CERTIFICATE_EARLY] = {IR_ERR_NET, false, "the certificate of ", " is not valid yet",
                                   "Check this machine's clock."},
    [IR_HTTP_CERTIFICATE_UNKNOWN] = {IR_ERR_NET, false, "the certificate of ",
                                     " comes from an authority that is not known here",
                                     HINT_AUTHORITY},
    [IR_HTTP_CERTIFICATE_BAD] = {IR_ERR_NET, false, "the certificate of ", " cannot be trusted",
                                 "Check this machine's clock and the proxy; a private authority is "
                                 "named in AWS_CA_BUNDLE."},
    [IR_HTTP_CA_FILE] = {IR_ERR_ARG, false, "no certificates can be read from ", "",
                         "Correct AWS_CA_BUNDLE (or ca_bundle in the profile): it names a file of "
                         "authorities in PEM."},
    [IR_HTTP_SEND_STALLED] = {IR_ERR_NET, true, "", " stopped taking the request", HINT_NETWORK},
    [IR_HTTP_CLOSED] = {IR_ERR_NET, true, "", " closed the connection without an answer",
                        HINT_NETWORK},
    [IR_HTTP_CLOSED_PLAIN] = {IR_ERR_NET, true, "", " closed the connection without an answer",
                              "Check whether the endpoint's URL should begin with https://, and "
                              "the network; try again."},
    [IR_HTTP_CUT] = {IR_ERR_NET, true, "the answer of ", " broke off or was damaged", HINT_NETWORK},
    [IR_HTTP_NOT_HTTP] = {IR_ERR_RESPONSE, false, "the answer of ", " is not HTTP", HINT_ENDPOINT},
    [IR_HTTP_HEADERS_TOO_LARGE] = {IR_ERR_TOO_LARGE, false, "the answer's headers are larger than ",
                                   " bytes", HINT_ENDPOINT},
    [IR_HTTP_BODY_TOO_LARGE] =
        {IR_ERR_TOO_LARGE, false, "the answer is larger than ", " bytes",
         "Ask for less at once; if that cannot be it, check the endpoint's address."},
    [IR_HTTP_BODY_UNREADABLE] = {IR_ERR_ARG, false,
                                 "what was to be sent could not be read, or has changed meanwhile",
                                 "",
                                 "Check that the file is there, may be read and is not being "
                                 "written."},
    [IR_HTTP_LATE_CONNECT] = {IR_ERR_TIMEOUT, false, "no connection to ",
                              " came about within the time limit", HINT_ADDRESS},
    [IR_HTTP_LATE_SEND] = {IR_ERR_TIMEOUT, false, "",
                           " did not take the request within the time limit", HINT_TIME},
    [IR_HTTP_LATE_WAIT] = {IR_ERR_TIMEOUT, false, "", " did not answer within the time limit",
                           HINT_TIME},
    [IR_HTTP_LATE_ANSWER] = {IR_ERR_TIMEOUT, false, "the answer of ",
                             " did not end within the time limit", HINT_TIME},
};

_Static_assert(sizeof rows / sizeof rows[0] == IR_HTTP_LATE_ANSWER + 1, "a reason has no words");

/* ---- which reason ------------------------------------------------------------------------ */

/* The cause of a failed handshake is told in words only; these are OpenSSL's. */
static enum ir_http_reason find_tls_reason(const struct ir_http_failure *failure)
{
    static const struct {
        const char *part;
        enum ir_http_reason reason;
    } parts[] = {
        {"certificate has expired", IR_HTTP_CERTIFICATE_EXPIRED},
        {"not yet valid", IR_HTTP_CERTIFICATE_EARLY},
        {"certificate subject name", IR_HTTP_CERTIFICATE_NAME},
        {"issuer certificate", IR_HTTP_CERTIFICATE_UNKNOWN},
        {"self-signed certificate", IR_HTTP_CERTIFICATE_UNKNOWN},
        {"wrong version number", IR_HTTP_TLS_NONE},
        {"packet length too long", IR_HTTP_TLS_NONE},
        {"unsupported protocol", IR_HTTP_TLS_OLD},
        {"protocol version", IR_HTTP_TLS_OLD},
    };
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (strstr(failure->words, parts[i].part) != NULL)
            return parts[i].reason;
    return failure->reason;
}

/* Up to where the transfer came. */
static enum ir_http_reason find_late_reason(const struct ir_http_failure *failure)
{
    if (failure->is_answered)
        return IR_HTTP_LATE_ANSWER;
    if (failure->is_sent)
        return IR_HTTP_LATE_WAIT;
    return failure->is_ready ? IR_HTTP_LATE_SEND : IR_HTTP_LATE_CONNECT;
}

static enum ir_http_reason find_line_reason(const struct ir_http_failure *failure)
{
    if (failure->tunnel_status == 407)
        return IR_HTTP_PROXY_LOGIN;
    if (failure->tunnel_status >= 300)
        return IR_HTTP_PROXY_REFUSED;
    if (failure->proxy != NULL && !failure->is_ready && failure->tunnel_status == 0)
        return IR_HTTP_PROXY_UNREACHABLE;
    if (failure->is_answered)
        return IR_HTTP_CUT;
    bool is_plain = failure->request->unix_socket == NULL &&
                    strncmp(failure->request->url, "http:", strlen("http:")) == 0;
    return is_plain ? IR_HTTP_CLOSED_PLAIN : IR_HTTP_CLOSED;
}

/* Makes a coarse reason finer. */
static enum ir_http_reason find_reason(const struct ir_http_failure *failure)
{
    bool has_proxy = failure->proxy != NULL;
    switch (failure->reason) {
    case IR_HTTP_LATE:
        return find_late_reason(failure);
    case IR_HTTP_LINE:
        return find_line_reason(failure);
    case IR_HTTP_NO_HOST: /* behind a proxy only the proxy's own name is looked up here */
        return has_proxy ? IR_HTTP_PROXY_BAD : IR_HTTP_NO_HOST;
    case IR_HTTP_SLOW:
        return has_proxy ? IR_HTTP_PROXY_UNREACHABLE : IR_HTTP_CONNECT_STALLED;
    case IR_HTTP_UNREACHABLE:
        if (has_proxy)
            return IR_HTTP_PROXY_UNREACHABLE;
        return failure->system_error == ECONNREFUSED || failure->request->unix_socket != NULL
                   ? IR_HTTP_REFUSED
                   : IR_HTTP_UNREACHABLE;
    case IR_HTTP_TLS_BROKEN:
    case IR_HTTP_CERTIFICATE_BAD:
        return find_tls_reason(failure);
    default:
        return failure->reason;
    }
}

/* ---- in words ---------------------------------------------------------------------------- */

/* Writes what the reason is about. */
static void write_subject(const struct ir_http_failure *failure, enum ir_http_reason reason,
                          char out[MAX_HOST_BYTES])
{
    const struct ir_http_request *request = failure->request;
    switch (reason) {
    case IR_HTTP_CANCELLED:
    case IR_HTTP_BODY_UNREADABLE:
        out[0] = '\0';
        return;
    case IR_HTTP_PROXY_BAD:
    case IR_HTTP_PROXY_UNREACHABLE:
    case IR_HTTP_PROXY_REFUSED:
    case IR_HTTP_PROXY_LOGIN:
        ir_http_proxy_of(failure->proxy != NULL ? failure->proxy : "", out, MAX_HOST_BYTES);
        if (out[0] == '\0')
            ir_text_copy(out, MAX_HOST_BYTES, "that is set");
        return;
    case IR_HTTP_CA_FILE:
        ir_text_copy(out, MAX_HOST_BYTES, request->ca_bundle != NULL ? request->ca_bundle : "");
        return;
    case IR_HTTP_HEADERS_TOO_LARGE:
        snprintf(out, MAX_HOST_BYTES, "%u", IR_HTTP_MAX_HEADER_BYTES);
        return;
    case IR_HTTP_BODY_TOO_LARGE:
        snprintf(out, MAX_HOST_BYTES, "%zu", request->max_response_bytes);
        return;
    default:
        if (request->unix_socket != NULL)
            snprintf(out, MAX_HOST_BYTES, "the socket %s", request->unix_socket);
        else
            ir_http_host_of(request->url, out, MAX_HOST_BYTES);
    }
}

/* What the library says where we know no better, as " (words)"; "" = nothing. Of OpenSSL's
 * sentences the end, without numbers. */
static void write_detail(enum ir_http_reason reason, const char *words, char out[MAX_DETAIL_BYTES])
{
    const char *routine = strstr(words, "routines::");
    const char *problem = strstr(words, "problem: ");
    const char *from = "";
    if (reason == IR_HTTP_BROKEN)
        from = words;
    else if (reason != IR_HTTP_TLS_BROKEN && reason != IR_HTTP_CERTIFICATE_BAD)
        from = "";
    else if (routine != NULL)
        from = routine + strlen("routines::");
    else if (problem != NULL)
        from = problem + strlen("problem: ");
    size_t bytes = strcspn(from, "\r\n");
    snprintf(out, MAX_DETAIL_BYTES, bytes > 0 ? " (%.*s)" : "%.*s", (int)bytes, from);
}

int ir_http_fail(const struct ir_http_failure *failure, struct ir_error *err)
{
    char subject[MAX_HOST_BYTES];
    char detail[MAX_DETAIL_BYTES];
    enum ir_http_reason reason = find_reason(failure);
    const struct words *row = &rows[reason];
    bool is_open =
        row->code == IR_ERR_NET || row->code == IR_ERR_TIMEOUT || row->code == IR_ERR_CANCELLED;
    bool only_reads = strcmp(failure->request->method, "GET") == 0 ||
                      strcmp(failure->request->method, "HEAD") == 0;
    write_subject(failure, reason, subject);
    write_detail(reason, failure->words, detail);
    int rc = ir_fail(err, row->code, "%s%s%s%s%s", row->before, subject, row->after, detail,
                     is_open && failure->is_sent && !only_reads
                         ? "; the request had been sent and may have been done, and charged"
                         : "");
    if (row->hint != NULL)
        ir_error_set_hint(err, "%s", row->hint);
    if (err != NULL) {
        err->retryable = row->retryable;
        err->maybe_served = failure->is_sent;
    }
    return rc;
}
