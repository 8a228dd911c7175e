/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HTTP: takes requests, checks their signature, hands them to their service, sends its answer. */
#ifndef PLUGINS_LOCAL_SERVER_H
#define PLUGINS_LOCAL_SERVER_H

#include <stdint.h>

#include "plugins/local/request.h"

#define SERVER_MAX_CONNECTIONS 32

struct server;

/* Serves `socket_fd`, which is closed by server_stop. At most `max_pictures` are looked at at a
 * time. `local` is borrowed. IR_ERR_NET, IR_ERR_NOMEM. */
IR_MUST_CHECK int server_start(int socket_fd, struct local *local, int max_pictures,
                               struct server **out, struct ir_error *err);

/* How long no request has been there; 0 while one is. */
int64_t server_idle_ms(struct server *server);

/* Lets requests end that have begun, then frees everything. NULL is allowed. */
void server_stop(struct server *server);

#endif
