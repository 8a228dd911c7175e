/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns URLs of endpoints and percent-encoding. Messages never repeat the URL: somebody may have
 * written a password into it.
 */
#include "core/base/uri.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "core/base/ascii.h"
#include "core/base/error.h"

#define MAX_PORT 65535U

static bool is_alphanumeric(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Copies the host, lower-case. `host` is followed by its end at `bytes`. */
static int read_host(const char *host, size_t bytes, const char *what, struct ir_url *url,
                     struct ir_error *err)
{
    if (!bytes)
        return ir_fail(err, IR_ERR_ARG, "%s has no host name", what);
    if (bytes >= sizeof url->host)
        return ir_fail(err, IR_ERR_ARG, "the host name in %s is longer than %zu characters", what,
                       sizeof url->host - 1);
    for (size_t i = 0; i < bytes; i++)
        url->host[i] = ir_ascii_lower(host[i]);
    url->host[bytes] = '\0';
    if (host[0] == '[') {
        struct in6_addr ignored;
        char address[INET6_ADDRSTRLEN] = "";
        if (bytes - 2 < sizeof address)
            memcpy(address, host + 1, bytes - 2);
        if (inet_pton(AF_INET6, address, &ignored) == 1)
            return 0;
        return ir_fail(err, IR_ERR_ARG, "the IPv6 address in %s is not valid", what);
    }
    for (size_t i = 0; i < bytes; i++)
        if (!is_alphanumeric(host[i]) && !strchr("-._", host[i]))
            return ir_fail(err, IR_ERR_ARG,
                           "the host name in %s holds a character that host names do not have",
                           what);
    return 0;
}

/* Digits only, 1..65535; 0 when it is no port. */
static unsigned read_port(const char *digits, size_t bytes)
{
    unsigned port = 0;
    for (size_t i = 0; i < bytes; i++) {
        if (digits[i] < '0' || digits[i] > '9')
            return 0;
        port = port * 10 + (unsigned)(digits[i] - '0');
        if (port > MAX_PORT)
            return 0;
    }
    return port;
}

/* host [":" port] */
static int read_authority(const char *authority, size_t bytes, const char *what, struct ir_url *url,
                          struct ir_error *err)
{
    if (memchr(authority, '@', bytes))
        return ir_fail(err, IR_ERR_ARG, "%s must not hold a user name or password", what);
    size_t host_bytes = 0;
    if (bytes && authority[0] == '[') {
        const char *close = memchr(authority, ']', bytes);
        if (!close)
            return ir_fail(err, IR_ERR_ARG, "the IPv6 address in %s has no closing ']'", what);
        host_bytes = (size_t)(close - authority) + 1;
    } else {
        while (host_bytes < bytes && authority[host_bytes] != ':')
            host_bytes++;
    }
    url->port = 0;
    if (host_bytes < bytes) {
        url->port = read_port(authority + host_bytes + 1, bytes - host_bytes - 1);
        if (authority[host_bytes] != ':' || !url->port)
            return ir_fail(err, IR_ERR_ARG, "the port in %s must be a number from 1 to %u", what,
                           MAX_PORT);
    }
    return read_host(authority, host_bytes, what, url, err);
}

static int read_path(const char *path, const char *what, struct ir_url *url, struct ir_error *err)
{
    size_t bytes = strlen(path);
    while (bytes && path[bytes - 1] == '/')
        bytes--;
    if (bytes >= sizeof url->path)
        return ir_fail(err, IR_ERR_ARG, "the path in %s is longer than %zu characters", what,
                       sizeof url->path - 1);
    for (size_t i = 0; i < bytes; i++)
        if (!is_alphanumeric(path[i]) && !strchr("/-._~!$&'()*+,;=:@%", path[i]))
            return ir_fail(err, IR_ERR_ARG,
                           "the path in %s holds a character that must be percent-encoded", what);
    memcpy(url->path, path, bytes);
    url->path[bytes] = '\0';
    if (!bytes)
        memcpy(url->path, "/", 2);
    return 0;
}

int ir_url_parse(const char *text, const char *what, struct ir_url *out, struct ir_error *err)
{
    struct ir_url url;
    memset(&url, 0, sizeof url);
    if (!strncasecmp(text, "https://", 8))
        url.https = true;
    else if (strncasecmp(text, "http://", 7) != 0)
        return ir_fail(err, IR_ERR_ARG, "%s must begin with http:// or https://", what);
    const char *authority = text + (url.https ? 8 : 7);
    if (strpbrk(authority, "?#"))
        return ir_fail(err, IR_ERR_ARG, "%s must not hold a query ('?') or a fragment ('#')", what);
    size_t authority_bytes = strcspn(authority, "/");
    int result = read_authority(authority, authority_bytes, what, &url, err);
    if (result)
        return result;
    result = read_path(authority + authority_bytes, what, &url, err);
    if (result)
        return result;
    *out = url;
    return 0;
}

void ir_uri_encode(struct ir_buf *out, const char *text, size_t bytes, bool keep_slash)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < bytes; i++) {
        unsigned char c = (unsigned char)text[i];
        if (is_alphanumeric(text[i]) || c == '-' || c == '_' || c == '.' || c == '~' ||
            (keep_slash && c == '/')) {
            ir_buf_append_char(out, text[i]);
        } else {
            const char escaped[3] = {'%', digits[c >> 4], digits[c & 15]};
            ir_buf_append(out, escaped, sizeof escaped);
        }
    }
}

/* 0..15, or -1. */
static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = ir_ascii_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void ir_uri_decode(struct ir_buf *out, const char *text, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        int high = -1;
        int low = -1;
        if (text[i] == '%' && bytes - i > 2) {
            high = hex_value(text[i + 1]);
            low = hex_value(text[i + 2]);
        }
        if (high >= 0 && low >= 0) {
            ir_buf_append_char(out, (char)(high << 4 | low));
            i += 2;
        } else {
            ir_buf_append_char(out, text[i]);
        }
    }
}
