/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Credentials: a snapshot of the three values that belong together, the chain of providers that
 * look for one, and the store in which a client keeps it fresh.
 *
 * A provider is one file, credentials_<name>.c, with one function of type ir_credentials_provide_fn
 * that credentials_provider.h declares.
 */
#ifndef CORE_AWS_CREDENTIALS_H
#define CORE_AWS_CREDENTIALS_H

#include <pthread.h>
#include <stdatomic.h>

#include "core/aws/config.h"
#include "core/aws/http.h"
#include "core/aws/log.h"

/* ---- snapshots --------------------------------------------------------------------------- */

#define IR_CREDENTIALS_NO_END INT64_MAX

/* Never changed once it is shared; wiped when the last one lets go. */
struct ir_credentials {
    atomic_int references;
    char *access_key_id;
    char *secret_key;
    char *session_token;     /* NULL for long-term keys */
    int64_t expires_unix_ms; /* IR_CREDENTIALS_NO_END for those that do not end */
    int64_t renew_ahead_ms;  /* how long before the end newer ones are looked for */
    bool outlives_end;       /* used on past its end while no newer one can be had (EC2's) */
    const char *provider;    /* static, for people: "the environment" */
};

/* Copies the values, sets no end. NULL when out of memory. `session_token` may be NULL. */
struct ir_credentials *ir_credentials_new(const char *access_key_id, const char *secret_key,
                                          const char *session_token, const char *provider);
struct ir_credentials *ir_credentials_acquire(struct ir_credentials *credentials);
/* NULL is allowed. */
void ir_credentials_release(struct ir_credentials *credentials);
/* Whether a key or token is what may stand in a header: visible ASCII and nothing else. NULL may.
 */
bool ir_credentials_is_plain(const char *text);

/* ---- the chain --------------------------------------------------------------------------- */

/* What providers need to look; all borrowed. */
struct ir_credentials_context {
    const struct ir_aws_config *config;
    const struct ir_transport *transport;
    const struct ir_cancel *cancel;
    int64_t deadline_ms;                         /* monotonic */
    const char *profile;                         /* the one that is looked in */
    bool is_profile_named;                       /* then the environment does not count */
    const struct ir_credentials_context *parent; /* the profile whose source this one is */
    const struct ir_log *log;                    /* of calls on the way; NULL = none */
    atomic_llong *clock_offset_ms; /* struct ir_aws has it; calls on the way use it and set it
                                      right. NULL = none */
    struct ir_buf *trace;          /* a line for each place that gave nothing: "place (reason)\n" */
};

/* For the profile of `config`, without trace. */
struct ir_credentials_context ir_credentials_context(const struct ir_aws_config *config,
                                                     const struct ir_transport *transport,
                                                     int64_t deadline_ms,
                                                     const struct ir_cancel *cancel);

#define IR_CREDENTIALS_MAX_TRACE_BYTES 8192

/*
 * Asks the providers in order. IR_ERR_AUTH when none has any: the message lists the places looked
 * at, each cut short where the whole would be too long. context->trace (may be NULL; a buffer of
 * IR_CREDENTIALS_MAX_TRACE_BYTES does) gets every line whole, and after success a last line that
 * names the provider. Never a value. `*out` is released by the caller.
 */
IR_MUST_CHECK int ir_credentials_find(const struct ir_credentials_context *context,
                                      struct ir_credentials **out, struct ir_error *err);

/* ---- what a client keeps ----------------------------------------------------------------- */

/*
 * Found at the first call and shared by the threads. When less than renew_ahead_ms (15 minutes) are
 * left, one caller looks for newer ones while the others go on; when less than 10 minutes are left,
 * all wait for that one. Where newer ones cannot be had, the old ones serve until their end.
 */
struct ir_credentials_store {
    pthread_mutex_t mutex; /* guards all below; not held while looking */
    pthread_cond_t looked;
    struct ir_credentials *current; /* NULL: to be found */
    bool is_looking;
    int64_t not_before_ms; /* monotonic; no renewal ahead of the end before that time */
    bool is_fixed;         /* what it holds is never renewed */
    unsigned failures;     /* looks that brought nothing: who waited for one shares its error */
    struct ir_error failure;
};

void ir_credentials_store_init(struct ir_credentials_store *store);
/* A store of `credentials` (acquired) alone. */
void ir_credentials_store_init_fixed(struct ir_credentials_store *store,
                                     struct ir_credentials *credentials);
void ir_credentials_store_release(struct ir_credentials_store *store);
/* The current ones, looked for where needed. `*out` is released by the caller. */
IR_MUST_CHECK int ir_credentials_store_get(struct ir_credentials_store *store,
                                           const struct ir_credentials_context *context,
                                           struct ir_credentials **out, struct ir_error *err);
/* A service said that `refused` ended: the next get looks again. False: that can bring no others.
 */
bool ir_credentials_store_drop(struct ir_credentials_store *store,
                               const struct ir_credentials *refused);

#endif
