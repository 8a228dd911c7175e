/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Failures of a transport in words, without one: every reason has a cause and a next step; what is
 * known besides makes a coarse reason finer; no row shows a proxy's password. And which proxy
 * counts by the environment, and what of a setting may be shown.
 */
#include "tests/unit/unit.h"

#include <errno.h>

#include "core/aws/http_failure.h"
#include "core/aws/http_proxy.h"
#include "tests/unit/fake_world.h"

#define SENT "; the request had been sent and may have been done, and charged"

static const struct ir_http_request tls_request = {.method = "POST",
                                                   .url = "https://aws.example:8443/a?Signature=s",
                                                   .ca_bundle = "/etc/ca.pem",
                                                   .max_response_bytes = 1000};
static const struct ir_http_request get_request = {.method = "GET", .url = "http://[::1]:80/a@b:1"};
static const struct ir_http_request socket_request = {
    .method = "POST", .url = "http://localhost/", .unix_socket = "/run/s"};

struct row {
    const char *name;
    struct ir_http_failure failure;
    int code;
    bool retryable;
    const char *message;
};

#define PROXY "http://me:hush/@hush@proxy.example:3128/"

static const struct row rows[] = {
    {"cancelled", {IR_HTTP_CANCELLED}, IR_ERR_CANCELLED, false, "cancelled"},
    {"cancelled when sent",
     {IR_HTTP_CANCELLED, .is_sent = true},
     IR_ERR_CANCELLED,
     false,
     "cancelled" SENT},
    {"late: connecting",
     {IR_HTTP_LATE},
     IR_ERR_TIMEOUT,
     false,
     "no connection to aws.example:8443 came about within the time limit"},
    {"late: sending",
     {IR_HTTP_LATE, .is_ready = true},
     IR_ERR_TIMEOUT,
     false,
     "aws.example:8443 did not take the request within the time limit"},
    {"late: waiting",
     {IR_HTTP_LATE, .is_ready = true, .is_sent = true},
     IR_ERR_TIMEOUT,
     false,
     "aws.example:8443 did not answer within the time limit" SENT},
    {"late: in the answer",
     {IR_HTTP_LATE, .is_ready = true, .is_sent = true, .is_answered = true},
     IR_ERR_TIMEOUT,
     false,
     "the answer of aws.example:8443 did not end within the time limit" SENT},
    {"late: a GET that was sent",
     {IR_HTTP_LATE, .request = &get_request, .is_sent = true},
     IR_ERR_TIMEOUT,
     false,
     "[::1]:80 did not answer within the time limit"},
    {"broken before the answer",
     {IR_HTTP_LINE, .is_ready = true, .is_sent = true},
     IR_ERR_NET,
     true,
     "aws.example:8443 closed the connection without an answer" SENT},
    {"broken while sending",
     {IR_HTTP_LINE, .is_ready = true},
     IR_ERR_NET,
     true,
     "aws.example:8443 closed the connection without an answer"},
    {"broken before the answer, without TLS",
     {IR_HTTP_LINE, .request = &get_request, .is_ready = true},
     IR_ERR_NET,
     true,
     "[::1]:80 closed the connection without an answer"},
    {"broken in the answer",
     {IR_HTTP_LINE, .is_sent = true, .is_answered = true},
     IR_ERR_NET,
     true,
     "the answer of aws.example:8443 broke off or was damaged" SENT},
    {"broken at the proxy",
     {IR_HTTP_LINE, .proxy = PROXY},
     IR_ERR_NET,
     true,
     "the proxy proxy.example:3128 cannot be reached or does not answer"},
    {"refused by the proxy",
     {IR_HTTP_LINE, .proxy = PROXY, .tunnel_status = 403},
     IR_ERR_NET,
     false,
     "the proxy proxy.example:3128 does not let the connection through"},
    {"the proxy's login",
     {IR_HTTP_LINE, .proxy = PROXY, .tunnel_status = 407},
     IR_ERR_NET,
     false,
     "the proxy proxy.example:3128 wants another user name and password"},
    {"the proxy's setting",
     {IR_HTTP_PROXY_BAD, .proxy = "http://me:hush"},
     IR_ERR_NET,
     false,
     "the proxy that is set is no address of a proxy, or none is known for its name"},
    {"the proxy's name has no address",
     {IR_HTTP_NO_HOST, .proxy = PROXY},
     IR_ERR_NET,
     false,
     "the proxy proxy.example:3128 is no address of a proxy, or none is known for its name"},
    {"no address", {IR_HTTP_NO_HOST}, IR_ERR_NET, true, "no address is known for aws.example:8443"},
    {"nobody there",
     {IR_HTTP_UNREACHABLE, .system_error = ECONNREFUSED},
     IR_ERR_NET,
     true,
     "nobody answers at aws.example:8443"},
    {"nobody on the socket",
     {IR_HTTP_UNREACHABLE, .request = &socket_request, .system_error = ENOENT},
     IR_ERR_NET,
     true,
     "nobody answers at the socket /run/s"},
    {"no way there",
     {IR_HTTP_UNREACHABLE, .system_error = ENETUNREACH},
     IR_ERR_NET,
     true,
     "aws.example:8443 cannot be reached"},
    {"no way to the proxy",
     {IR_HTTP_UNREACHABLE, .proxy = PROXY, .system_error = ECONNREFUSED},
     IR_ERR_NET,
     true,
     "the proxy proxy.example:3128 cannot be reached or does not answer"},
    {"slow to connect",
     {IR_HTTP_SLOW},
     IR_ERR_NET,
     true,
     "aws.example:8443 did not take the connection in time"},
    {"an expired certificate",
     {IR_HTTP_CERTIFICATE_BAD, .words = "SSL certificate problem: certificate has expired"},
     IR_ERR_NET,
     false,
     "the certificate of aws.example:8443 has expired"},
    {"a certificate that is bad in a way of its own",
     {IR_HTTP_CERTIFICATE_BAD, .words = "SSL certificate problem: CA md too weak"},
     IR_ERR_NET,
     false,
     "the certificate of aws.example:8443 cannot be trusted (CA md too weak)"},
    {"another backend's words",
     {IR_HTTP_CERTIFICATE_BAD, .words = "hush verification failed"},
     IR_ERR_NET,
     false,
     "the certificate of aws.example:8443 cannot be trusted"},
    {"a handshake that broke",
     {IR_HTTP_TLS_BROKEN,
      .words = "TLS connect error: error:0A000126:SSL routines::unexpected eof while reading"},
     IR_ERR_NET,
     true,
     "the TLS handshake with aws.example:8443 failed (unexpected eof while reading)"},
    {"what the library names alone",
     {IR_HTTP_BROKEN, .words = "Odd failure"},
     IR_ERR_NET,
     false,
     "the transfer with aws.example:8443 failed (Odd failure)"},
    {"a file of authorities",
     {IR_HTTP_CA_FILE},
     IR_ERR_ARG,
     false,
     "no certificates can be read from /etc/ca.pem"},
    {"headers too large",
     {IR_HTTP_HEADERS_TOO_LARGE, .is_sent = true},
     IR_ERR_TOO_LARGE,
     false,
     "the answer's headers are larger than 65536 bytes"},
    {"body too large",
     {IR_HTTP_BODY_TOO_LARGE, .is_sent = true},
     IR_ERR_TOO_LARGE,
     false,
     "the answer is larger than 1000 bytes"},
    {"a body that cannot be read",
     {IR_HTTP_BODY_UNREADABLE},
     IR_ERR_ARG,
     false,
     "what was to be sent could not be read, or has changed meanwhile"},
};

static void test_row(void **state)
{
    const struct row *row = *state;
    struct ir_http_failure failure = row->failure;
    struct ir_error err = {0};
    if (failure.request == NULL)
        failure.request = &tls_request;
    if (failure.words == NULL)
        failure.words = "";
    assert_int_equal(ir_http_fail(&failure, &err), row->code);
    assert_int_equal(err.code, row->code);
    assert_string_equal(err.message, row->message);
    assert_int_equal(err.retryable, row->retryable);
    assert_int_equal(err.maybe_served, failure.is_sent);
    assert_null(strstr(err.message, "hush"));
    assert_int_equal(ir_http_fail(&failure, NULL), row->code);
}

/* Every reason by itself: something is said, and what to do next unless the caller knows it. */
static void test_every_reason(void **state)
{
    (void)state;
    for (int reason = IR_HTTP_BROKEN; reason <= IR_HTTP_LATE_ANSWER; reason++) {
        const struct ir_http_failure failure = {
            .reason = (enum ir_http_reason)reason, .request = &tls_request, .words = ""};
        struct ir_error err = {0};
        assert_true(ir_http_fail(&failure, &err) < 0);
        assert_true(strlen(err.message) >= strlen("cancelled"));
        if (reason != IR_HTTP_CANCELLED)
            assert_true(strlen(err.hint) > 0);
        assert_true(!err.retryable || err.code == IR_ERR_NET);
        assert_null(strstr(err.message, "Signature"));
    }
}

/* ---- proxies ----------------------------------------------------------------------------- */

static const struct shown {
    const char *name;
    const char *setting;
    const char *host;
} settings[] = {
    {"whole", "http://me:hush@proxy.example:3128/", "proxy.example:3128"},
    {"no scheme", "proxy.example:3128", "proxy.example:3128"},
    {"no port", "http://proxy.example", "proxy.example"},
    {"IPv6", "http://[fe80::1%251]:8080", "[fe80::1%251]:8080"},
    {"IPv6 that does not end", "http://[fe80::1", ""},
    {"a password with everything", "http://me:a@b/c:d?e#f@proxy.example:1", "proxy.example:1"},
    {"a password in the port's place", "http://me:hush", ""},
    {"a password of digits and more", "http://me:12345hush", ""},
    {"a long number", "http://me:123456", ""},
    {"blanks", "http://me:hush hush", ""},
    {"nothing behind the at", "http://me:hush@", ""},
    {"nothing", "", ""},
};

static void test_setting(void **state)
{
    const struct shown *row = *state;
    char host[64];
    ir_http_proxy_of(row->setting, host, sizeof host);
    assert_string_equal(host, row->host);
}

static const struct choice {
    const char *name;
    const char *url;
    const char *variables[4]; /* each is set to its own name */
    const char *chosen;
    const char *unix_socket;
    bool no_proxy;
} choices[] = {
    {"https", "https://h/", {"https_proxy", "HTTPS_PROXY", "ALL_PROXY"}, "https_proxy"},
    {"https, capitals", "https://h/", {"HTTPS_PROXY", "http_proxy"}, "HTTPS_PROXY"},
    {"http", "http://h/", {"http_proxy", "HTTP_PROXY"}, "http_proxy"},
    {"http, capitals", "http://h/", {"HTTP_PROXY", "HTTPS_PROXY"}, "HTTP_PROXY"},
    {"http, capitals, CGI", "http://h/", {"HTTP_PROXY", "REQUEST_METHOD"}, NULL},
    {"http, small, CGI", "http://h/", {"http_proxy", "REQUEST_METHOD"}, "http_proxy"},
    {"http, CGI, any", "http://h/", {"HTTP_PROXY", "REQUEST_METHOD", "all_proxy"}, "all_proxy"},
    {"any", "https://h/", {"all_proxy", "ALL_PROXY", "http_proxy"}, "all_proxy"},
    {"any, capitals", "http://h/", {"ALL_PROXY", "https_proxy"}, "ALL_PROXY"},
    {"none", "https://h/", {"http_proxy", "HTTP_PROXY"}, NULL},
    {"a socket", "http://h/", {"http_proxy"}, NULL, .unix_socket = "/run/s"},
    {"not for this", "http://h/", {"http_proxy"}, NULL, .no_proxy = true},
};

static void test_choice(void **state)
{
    const struct choice *row = *state;
    struct fake_world world;
    const struct ir_http_request request = {
        .url = row->url, .unix_socket = row->unix_socket, .no_proxy = row->no_proxy};
    fake_world_init(&world);
    for (size_t i = 0; i < 4 && row->variables[i] != NULL; i++)
        fake_world_setenv(&world, row->variables[i], row->variables[i]);
    const char *chosen = ir_http_find_proxy(&world.world, &request);
    if (row->chosen == NULL)
        assert_null(chosen);
    else
        assert_string_equal(chosen, row->chosen);
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_row, rows);
    unit_add(&list, "every reason", test_every_reason);
    UNIT_ADD_ROWS(&list, test_setting, settings);
    UNIT_ADD_ROWS(&list, test_choice, choices);
    return unit_run(&list, "aws-http-failure");
}
