/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The listening socket: a Unix socket that only its user can open, one server for each, or a TCP
 * port of 127.0.0.1. Never any other address.
 */
#ifndef PLUGINS_LOCAL_LISTEN_H
#define PLUGINS_LOCAL_LISTEN_H

#include <stdbool.h>

#include <imgrecog/error.h>

#include "core/aws/embedded.h"

struct listener {
    int socket_fd; /* -1: none */
    int lock_fd;   /* -1: none */
    int port;      /* 0 for a Unix socket */
    char path[IR_EMBEDDED_PATH_BYTES];
};

/*
 * Takes the lock of the socket `path`, so that one server at most is there. `out_other` is set,
 * and nothing is taken, when another server is listening. IR_ERR_ARG: the path is too long or its
 * folder cannot be written. IR_ERR_TIMEOUT: somebody holds the lock but does not listen.
 */
IR_MUST_CHECK int listener_lock(struct listener *listener, const char *path, bool *out_other,
                                struct ir_error *err);
/* Removes what a dead server left, binds (mode 0600) and listens. Only with the lock. */
IR_MUST_CHECK int listener_open_unix(struct listener *listener, struct ir_error *err);
/* `port` 0: any; listener->port tells. IR_ERR_NET. */
IR_MUST_CHECK int listener_open_tcp(struct listener *listener, int port, struct ir_error *err);

/*
 * Takes the socket's name away and gives the lock back, in this order, so that the next server can
 * begin at once. Connections that are there stay.
 */
void listener_withdraw(struct listener *listener);

#endif
