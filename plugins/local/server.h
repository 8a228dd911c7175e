/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HTTP: takes requests, checks their signature, runs operations, answers as AWS's JSON 1.1 does. */
#ifndef PLUGINS_LOCAL_SERVER_H
#define PLUGINS_LOCAL_SERVER_H

#include <stdint.h>

#include "plugins/local/evidence.h"

#define SERVER_MAX_CONNECTIONS 32
/* Bodies above this are refused with 413 unread. One picture of the limit is 6,990,508 characters
 * of base64; the rest lets pictures somewhat too large be refused in AWS's own words. */
#define SERVER_MAX_BODY_BYTES (10U << 20)

struct server;

/* Serves `socket_fd`, which is closed by server_stop. At most `max_pictures` are looked at at a
 * time. `recognisers` is borrowed. IR_ERR_NET, IR_ERR_NOMEM. */
IR_MUST_CHECK int server_start(int socket_fd, const struct recognisers *recognisers,
                               int max_pictures, struct server **out, struct ir_error *err);

/* How long no request has been there; 0 while one is. */
int64_t server_idle_ms(struct server *server);

/* Lets requests end that have begun, then frees everything. NULL is allowed. */
void server_stop(struct server *server);

#endif
