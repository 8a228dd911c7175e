/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The variables that name a proxy are those of curl and of AWS's SDKs; a proxy's setting may hold a
 * password and is therefore never shown whole.
 */
#include "core/aws/http_proxy.h"

#include <stdio.h>
#include <string.h>

#include "core/base/ascii.h"

#define MAX_PORT_DIGITS 5

const char *ir_http_find_proxy(const struct ir_world *world, const struct ir_http_request *request)
{
    static const char *const for_https[] = {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"};
    static const char *const for_http[] = {"http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"};
    bool is_https = strncmp(request->url, "https:", strlen("https:")) == 0;
    /* In a CGI program a request's header "Proxy" sets HTTP_PROXY (https://httpoxy.org). */
    bool is_cgi = ir_world_getenv(world, "REQUEST_METHOD") != NULL;
    if (request->unix_socket != NULL || request->no_proxy)
        return NULL;
    for (size_t i = 0; i < sizeof for_http / sizeof for_http[0]; i++) {
        const char *name = is_https ? for_https[i] : for_http[i];
        const char *setting = ir_world_getenv(world, name);
        if (setting != NULL && !(is_cgi && strcmp(name, "HTTP_PROXY") == 0))
            return setting;
    }
    return NULL;
}

static bool is_host_byte(char c)
{
    char lower = ir_ascii_lower(c);
    return (lower >= 'a' && lower <= 'z') || ir_ascii_is_digit(c) || c == '.' || c == '-' ||
           c == '_';
}

/* The length of a name, an address or an address in brackets; 0 when there is none. */
static size_t host_length(const char *text)
{
    size_t bytes = 0;
    if (*text == '[') {
        bytes = strspn(text + 1, "0123456789abcdefABCDEF:.%") + 1;
        return text[bytes] == ']' ? bytes + 1 : 0;
    }
    while (is_host_byte(text[bytes]))
        bytes++;
    return bytes;
}

void ir_http_host_of(const char *url, char *out, size_t out_bytes)
{
    const char *scheme_end = strstr(url, "://");
    const char *host = scheme_end != NULL ? scheme_end + strlen("://") : url;
    size_t bytes = host_length(host);
    if (bytes > 0 && host[bytes] == ':') {
        size_t digits = strspn(host + bytes + 1, "0123456789");
        bytes += digits > 0 && digits <= MAX_PORT_DIGITS ? digits + 1 : 0;
    }
    bool is_whole = bytes > 0 && strchr("/?#", host[bytes]) != NULL; /* the NUL too */
    snprintf(out, out_bytes, "%.*s", is_whole ? (int)bytes : 0, host);
}

void ir_http_proxy_of(const char *setting, char *out, size_t out_bytes)
{
    /* A password may hold anything, so what stands before the last '@' is not looked at. */
    const char *at = strrchr(setting, '@');
    ir_http_host_of(at != NULL ? at + 1 : setting, out, out_bytes);
}
