/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which proxy a request goes by, and names of hosts and proxies that may be shown. */
#ifndef CORE_AWS_HTTP_PROXY_H
#define CORE_AWS_HTTP_PROXY_H

#include "core/aws/http.h"

/*
 * The setting of the proxy for a request, by its URL's scheme: https_proxy, HTTPS_PROXY,
 * http_proxy, HTTP_PROXY, then all_proxy, ALL_PROXY. NULL = none. Borrowed from the environment.
 * Whether NO_PROXY excepts the host is the transport's to find.
 */
const char *ir_http_find_proxy(const struct ir_world *world, const struct ir_http_request *request);

/*
 * Write host and port (where there is one) of a URL without a user name, and of a proxy's setting;
 * nothing else of either, least of all a proxy's user name and password. "" when there is no host.
 */
void ir_http_host_of(const char *url, char *out, size_t out_bytes);
void ir_http_proxy_of(const char *setting, char *out, size_t out_bytes);

#endif
