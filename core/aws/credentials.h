/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Credentials: a snapshot of the three values that belong together, the providers that look for
 * one, and the chain that asks them in order and remembers why each gave nothing.
 *
 * A provider is one file, credentials_<name>.c, with one function of type ir_credentials_provide_fn.
 */
#ifndef CORE_AWS_CREDENTIALS_H
#define CORE_AWS_CREDENTIALS_H

#include <pthread.h>
#include <stdatomic.h>

#include "core/aws/config.h"

/* Shared by the calls that use it; wiped when the last one lets go. */
struct ir_credentials {
    atomic_int references;
    char *access_key_id;
    char *secret_key;
    char *session_token; /* NULL for long-term keys */
    const char *provider; /* static, for people: "the environment" */
};

/* Copies the values. NULL when out of memory. `session_token` may be NULL. */
struct ir_credentials *ir_credentials_new(const char *access_key_id, const char *secret_key,
                                          const char *session_token, const char *provider);
struct ir_credentials *ir_credentials_acquire(struct ir_credentials *credentials);
/* NULL is allowed. */
void ir_credentials_release(struct ir_credentials *credentials);

/*
 * Looks in one place. 0 with *out set: found. 0 with *out NULL: nothing here, and `trace` got one
 * line that says where it looked and what was missing (never a value). Negative: what is there is
 * wrong in a way that must not be passed over (half a key); `err` is filled.
 */
typedef int (*ir_credentials_provide_fn)(const struct ir_aws_config *config,
                                         struct ir_credentials **out, struct ir_buf *trace,
                                         struct ir_error *err);

int ir_credentials_from_environment(const struct ir_aws_config *config, struct ir_credentials **out,
                                    struct ir_buf *trace, struct ir_error *err);
int ir_credentials_from_credentials_file(const struct ir_aws_config *config,
                                         struct ir_credentials **out, struct ir_buf *trace,
                                         struct ir_error *err);
int ir_credentials_from_config_file(const struct ir_aws_config *config, struct ir_credentials **out,
                                    struct ir_buf *trace, struct ir_error *err);

/*
 * Asks the providers in order. IR_ERR_AUTH when none has any: the message lists the places looked
 * at. `*out` is released by the caller.
 */
IR_MUST_CHECK int ir_credentials_find(const struct ir_aws_config *config,
                                      struct ir_credentials **out, struct ir_error *err);

/* What a client keeps: found once, shared by its threads. */
struct ir_credentials_store {
    pthread_mutex_t mutex;
    struct ir_credentials *current;
};

void ir_credentials_store_init(struct ir_credentials_store *store);
void ir_credentials_store_release(struct ir_credentials_store *store);
/* The current ones, looked for at the first call. `*out` is released by the caller. */
IR_MUST_CHECK int ir_credentials_store_get(struct ir_credentials_store *store,
                                           const struct ir_aws_config *config,
                                           struct ir_credentials **out, struct ir_error *err);

#endif
