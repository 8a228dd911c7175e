/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The commands. Each has checked its operands, done its work and told all when it returns. */
#ifndef PLUGINS_BATCH_COMMANDS_H
#define PLUGINS_BATCH_COMMANDS_H

#include <imgrecog/client.h>

#include "plugins/batch/options.h"

/* Exit codes of the program. */
enum exit_code {
    EXIT_FINE = 0,
    EXIT_SOME_FAILED = 1, /* what could be done was done; standard error says what was not */
    EXIT_WRONG_USE = 2,   /* nothing was tried */
    EXIT_YES = 3,         /* check: a picture holds something that should not get about */
    EXIT_UNKNOWN = 4,     /* check: none does, but not all of a picture could be looked at */
    EXIT_CANCELLED = 130, /* by a signal, as shells count it */
};

/* What the commands that call a service share. */
struct session {
    const struct options *options;
    struct ir_client *client;
    struct ir_cancel *cancel; /* set by SIGINT and SIGTERM */
    const char *context;      /* what is known of the picture at hand and may be told, or NULL */
    bool is_dry;              /* nothing is sent: what would be is told */
};

enum exit_code command_labels(const struct session *session);
enum exit_code command_caption(const struct session *session);
enum exit_code command_check(const struct session *session);
enum exit_code command_ask(const struct session *session);
enum exit_code command_generate(const struct session *session);
enum exit_code command_upload(const struct session *session);
enum exit_code command_models(const struct session *session);
/* These make no use of session->client, which is NULL. */
enum exit_code command_doctor(const struct session *session);
enum exit_code command_cost(const struct session *session);
enum exit_code command_config(const struct session *session);

#endif
