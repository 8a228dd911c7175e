/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The chain of credential providers, and the store that keeps what it found fresh.
 *
 * The order is botocore's: environment (unless the caller named a profile), a role that the profile
 * takes, web identity, IAM Identity Center, the shared credentials file, an `aws login` session, a
 * program, the config file, the container's endpoint, EC2's metadata.
 */
#include "core/aws/credentials.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/aws/credentials_provider.h"
#include "core/base/alloc.h"
#include "core/base/error.h"
#include "core/base/utf8.h"

#define SERVICE "AWS credentials"
#define RENEW_AHEAD_MS (15LL * 60 * 1000)  /* one looks for newer ones, the others go on */
#define MUST_RENEW_MS (10LL * 60 * 1000)   /* all wait for newer ones */
#define RENEW_AGAIN_MS 60000LL             /* after a renewal that brought nothing newer */
#define RENEW_AHEAD_LIMIT_MS 10000LL       /* for a call that could do without */
#define EXTENSION_MIN_MS (5LL * 60 * 1000) /* of credentials that outlive their end */
#define EXTENSION_SPREAD_MS (5LL * 60 * 1000)
#define LOOK_MS 50 /* how often one who waits looks at its cancel token */
#define MAX_TRACE_LINES 32
#define MAX_REASON_BYTES 512
#define MIN_LINE_BYTES 16 /* a line is not cut below it */

/* ---- snapshots --------------------------------------------------------------------------- */

struct ir_credentials *ir_credentials_new(const char *access_key_id, const char *secret_key,
                                          const char *session_token, const char *provider)
{
    struct ir_credentials *credentials = ir_calloc(1, sizeof *credentials);
    if (credentials == NULL)
        return NULL;
    atomic_init(&credentials->references, 1);
    credentials->expires_unix_ms = IR_CREDENTIALS_NO_END;
    credentials->renew_ahead_ms = RENEW_AHEAD_MS;
    credentials->provider = provider;
    credentials->access_key_id = ir_strdup(access_key_id);
    credentials->secret_key = ir_strdup(secret_key);
    if (session_token != NULL)
        credentials->session_token = ir_strdup(session_token);
    if (credentials->access_key_id == NULL || credentials->secret_key == NULL ||
        (session_token != NULL && credentials->session_token == NULL)) {
        ir_credentials_release(credentials);
        return NULL;
    }
    return credentials;
}

struct ir_credentials *ir_credentials_acquire(struct ir_credentials *credentials)
{
    atomic_fetch_add(&credentials->references, 1);
    return credentials;
}

void ir_credentials_release(struct ir_credentials *credentials)
{
    if (credentials == NULL || atomic_fetch_sub(&credentials->references, 1) > 1)
        return;
    ir_free_secret(credentials->access_key_id);
    ir_free_secret(credentials->secret_key);
    ir_free_secret(credentials->session_token);
    ir_free(credentials);
}

bool ir_credentials_is_plain(const char *text)
{
    for (; text != NULL && *text != '\0'; text++)
        if (*text < '!' || *text > '~')
            return false;
    return true;
}

static int64_t unix_ms(const struct ir_credentials_context *context)
{
    const struct ir_world *world = context->config->world;
    return world->unix_ms(world->context);
}

static int64_t monotonic_ms(const struct ir_credentials_context *context)
{
    const struct ir_world *world = context->config->world;
    return world->monotonic_ms(world->context);
}

/* ---- the trace --------------------------------------------------------------------------- */

void ir_credentials_say(const struct ir_credentials_context *context, const char *place,
                        const char *reason_format, ...)
{
    char reason[MAX_REASON_BYTES];
    va_list arguments;
    va_start(arguments, reason_format);
    vsnprintf(reason, sizeof reason, reason_format, arguments);
    va_end(arguments);
    for (char *c = reason; *c != '\0'; c++)
        if (*c == '\n' || *c == '\r')
            *c = ' ';
    if (context->trace != NULL)
        ir_buf_appendf(context->trace, "%s (%s)\n", place, reason);
}

/* The lines that are told in full, and the names of the places that nobody set up. */
struct lines {
    const char *start[MAX_TRACE_LINES];
    size_t bytes[MAX_TRACE_LINES];
    size_t count;
    char not_set_up[MAX_REASON_BYTES]; /* "a, b" */
};

static void split_lines(const char *text, struct lines *out)
{
    static const char mark[] = " (" IR_CREDENTIALS_NOT_SET_UP;
    size_t used = 0;
    *out = (struct lines){.count = 0};
    for (size_t bytes; *text != '\0'; text += bytes + (text[bytes] == '\n')) {
        bytes = strcspn(text, "\n");
        const char *place_end = memmem(text, bytes, mark, sizeof mark - 1);
        if (place_end != NULL && used < sizeof out->not_set_up) {
            int chars = snprintf(out->not_set_up + used, sizeof out->not_set_up - used, "%s%.*s",
                                 used > 0 ? ", " : "", (int)(place_end - text), text);
            used += chars > 0 ? (size_t)chars : 0;
        } else if (out->count < MAX_TRACE_LINES) {
            out->start[out->count] = text;
            out->bytes[out->count++] = bytes;
        }
    }
}

/* The length of all lines with separators when none is longer than `max_bytes`. */
static size_t joined_bytes(const struct lines *lines, size_t max_bytes)
{
    size_t sum = 0;
    for (size_t i = 0; i < lines->count; i++)
        sum += (lines->bytes[i] < max_bytes ? lines->bytes[i] : max_bytes) + 2;
    return sum;
}

/*
 * Joins the lines by "; ", and names in the end what is not set up. Where that does not fit, the
 * longest lines are cut, so that each is there.
 */
static void join_lines(const char *text, char *out, size_t out_bytes)
{
    static const char last[] = "; not set up: ";
    struct lines lines;
    size_t used = 0;
    split_lines(text, &lines);
    size_t room = out_bytes - sizeof last - strlen(lines.not_set_up);
    size_t max_bytes = room;
    while (max_bytes > MIN_LINE_BYTES && joined_bytes(&lines, max_bytes) >= room)
        max_bytes--;
    out[0] = '\0';
    for (size_t i = 0; i < lines.count && used < room; i++) {
        bool is_cut = lines.bytes[i] > max_bytes;
        size_t bytes =
            is_cut ? ir_utf8_floor(lines.start[i], lines.bytes[i], max_bytes - 3) : lines.bytes[i];
        int chars = snprintf(out + used, room - used, "%s%.*s%s", i > 0 ? "; " : "", (int)bytes,
                             lines.start[i], is_cut ? "..." : "");
        used += chars > 0 ? (size_t)chars : 0;
    }
    if (lines.not_set_up[0] != '\0') {
        used = strlen(out);
        snprintf(out + used, out_bytes - used, "%s%s", used > 0 ? last : last + 2,
                 lines.not_set_up);
    }
}

/* ---- the chain --------------------------------------------------------------------------- */

static const ir_credentials_provide_fn providers[] = {
    ir_credentials_from_environment,      ir_credentials_from_role,
    ir_credentials_from_web_identity,     ir_credentials_from_sso,
    ir_credentials_from_credentials_file, ir_credentials_from_login,
    ir_credentials_from_process,          ir_credentials_from_config_file,
    ir_credentials_from_container,        ir_credentials_from_imds,
};

/* Of a profile that another one names as its source. */
static const ir_credentials_provide_fn profile_providers[] = {
    ir_credentials_from_web_identity,     ir_credentials_from_sso,
    ir_credentials_from_credentials_file, ir_credentials_from_login,
    ir_credentials_from_process,          ir_credentials_from_config_file,
};

struct ir_credentials_context ir_credentials_context(const struct ir_aws_config *config,
                                                     const struct ir_transport *transport,
                                                     int64_t deadline_ms,
                                                     const struct ir_cancel *cancel)
{
    return (struct ir_credentials_context){.config = config,
                                           .transport = transport,
                                           .cancel = cancel,
                                           .deadline_ms = deadline_ms,
                                           .profile = config->profile,
                                           .is_profile_named = config->profile_is_explicit};
}

static int check_values(const struct ir_credentials_context *context,
                        const struct ir_credentials *found, struct ir_error *err)
{
    int rc = 0;
    if (!ir_credentials_is_plain(found->access_key_id) ||
        !ir_credentials_is_plain(found->secret_key) ||
        !ir_credentials_is_plain(found->session_token)) {
        rc = ir_fail(err, IR_ERR_AUTH,
                     "a key or token from %s holds a blank, a line break or "
                     "another character that keys never have",
                     found->provider);
        ir_error_set_hint(err, "Set it again, without quotes or line ends around it.");
    } else if (!found->outlives_end && found->expires_unix_ms <= unix_ms(context)) {
        char date[21];
        ir_world_iso_date(found->expires_unix_ms, date);
        rc =
            ir_fail(err, IR_ERR_AUTH, "the credentials from %s ended at %s", found->provider, date);
        ir_error_set_hint(err, "Renew them there, and check this machine's clock.");
    }
    return rc;
}

static int ask(const ir_credentials_provide_fn *list, size_t count,
               const struct ir_credentials_context *context, struct ir_credentials **out,
               struct ir_error *err)
{
    struct ir_credentials *found = NULL;
    int rc = 0;
    for (size_t i = 0; rc == 0 && found == NULL && i < count; i++)
        rc = list[i](context, &found, err);
    if (rc == 0 && found != NULL)
        rc = check_values(context, found, err);
    if (rc == 0)
        *out = found;
    else
        ir_credentials_release(found);
    return rc;
}

int ir_credentials_find_in_profile(const struct ir_credentials_context *context, bool with_role,
                                   struct ir_credentials **out, struct ir_error *err)
{
    static const ir_credentials_provide_fn role[] = {ir_credentials_from_role};
    if (with_role)
        return ask(role, 1, context, out, err);
    return ask(profile_providers, sizeof profile_providers / sizeof profile_providers[0], context,
               out, err);
}

static int fail_nothing_found(const struct ir_buf *trace, struct ir_error *err)
{
    static const char start[] = "no credentials found. Looked at: ";
    char places[sizeof err->message - sizeof start + 1];
    if (trace->failed == IR_ERR_NOMEM)
        return ir_fail_nomem(err);
    join_lines(ir_buf_text(trace), places, sizeof places);
    int rc = ir_fail(err, IR_ERR_AUTH, "%s%s", start, places);
    ir_error_set_hint(err, "Run \"aws configure\", or set AWS_ACCESS_KEY_ID and "
                           "AWS_SECRET_ACCESS_KEY; or use endpoint=local, the recogniser on "
                           "this machine, which needs none.");
    return rc;
}

int ir_credentials_find(const struct ir_credentials_context *context, struct ir_credentials **out,
                        struct ir_error *err)
{
    struct ir_credentials_context traced = *context;
    struct ir_credentials *found = NULL;
    struct ir_error own_error = {0};
    struct ir_buf own_trace;
    ir_buf_init(&own_trace, IR_CREDENTIALS_MAX_TRACE_BYTES);
    if (traced.trace == NULL)
        traced.trace = &own_trace;
    if (err == NULL)
        err = &own_error;
    int rc = ask(providers, sizeof providers / sizeof providers[0], &traced, &found, err);
    if (rc == 0 && found == NULL)
        rc = fail_nothing_found(traced.trace, err);
    else if (rc == 0)
        ir_credentials_say(&traced, found->provider, "found");
    ir_buf_release(&own_trace);
    if (rc == 0)
        *out = found;
    else if (err->service[0] == '\0')
        ir_error_set_service(err, SERVICE);
    err->maybe_served = false; /* what the credentials are for was not sent */
    if (rc == IR_ERR_RESPONSE && err->hint[0] == '\0')
        ir_error_set_hint(err, "Check the address that was asked, and whether a proxy stands "
                               "before it.");
    return rc;
}

/* ---- what a client keeps ----------------------------------------------------------------- */

void ir_credentials_store_init(struct ir_credentials_store *store)
{
    *store = (struct ir_credentials_store){.not_before_ms = INT64_MIN};
    pthread_mutex_init(&store->mutex, NULL);
    pthread_cond_init(&store->looked, NULL);
}

void ir_credentials_store_init_fixed(struct ir_credentials_store *store,
                                     struct ir_credentials *credentials)
{
    ir_credentials_store_init(store);
    store->is_fixed = true;
    store->current = credentials != NULL ? ir_credentials_acquire(credentials) : NULL;
}

void ir_credentials_store_release(struct ir_credentials_store *store)
{
    ir_credentials_release(store->current);
    store->current = NULL;
    pthread_cond_destroy(&store->looked);
    pthread_mutex_destroy(&store->mutex);
}

enum need {
    NEED_NOTHING,
    NEED_SOON, /* newer ones would be good */
    NEED_NOW,  /* none, or so near their end that it is worth waiting */
};

static enum need need_of(const struct ir_credentials_store *store,
                         const struct ir_credentials_context *context)
{
    const struct ir_credentials *current = store->current;
    if (current == NULL)
        return NEED_NOW;
    if (store->is_fixed || current->expires_unix_ms == IR_CREDENTIALS_NO_END)
        return NEED_NOTHING;
    int64_t left_ms = current->expires_unix_ms - unix_ms(context);
    bool is_over = left_ms <= 0 && !current->outlives_end;
    if (!is_over &&
        (left_ms > current->renew_ahead_ms || monotonic_ms(context) < store->not_before_ms))
        return NEED_NOTHING;
    return left_ms <= MUST_RENEW_MS ? NEED_NOW : NEED_SOON;
}

/* Waits a little for the thread that looks. 0, or the end of this caller's patience. */
static int wait_a_little(struct ir_credentials_store *store,
                         const struct ir_credentials_context *context, struct ir_error *err)
{
    struct timespec until;
    if (ir_cancel_is_set(context->cancel))
        return ir_fail(err, IR_ERR_CANCELLED, "cancelled while looking for credentials");
    if (monotonic_ms(context) >= context->deadline_ms)
        return ir_fail(err, IR_ERR_TIMEOUT, "no credentials were found within the time limit");
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += LOOK_MS * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_nsec -= 1000000000L;
        until.tv_sec++;
    }
    pthread_cond_timedwait(&store->looked, &store->mutex, &until);
    return 0;
}

/* Whether what is there serves on, now that newer ones could not be had. */
static bool serves_on(const struct ir_credentials_store *store,
                      const struct ir_credentials_context *context)
{
    const struct ir_credentials *current = store->current;
    return current != NULL &&
           (current->outlives_end || current->expires_unix_ms > unix_ms(context));
}

/* Puts what was found into the store, or decides whether the old ones still serve. */
static int settle(struct ir_credentials_store *store, const struct ir_credentials_context *context,
                  struct ir_credentials *found, int rc, struct ir_error *err)
{
    const struct ir_world *world = context->config->world;
    int64_t wait_ms = RENEW_AGAIN_MS;
    if (rc != 0 && (rc == IR_ERR_CANCELLED || !serves_on(store, context)))
        return rc;
    if (rc == 0) {
        ir_credentials_release(store->current);
        store->current = found;
    } else {
        ir_error_clear(err);
    }
    int64_t left_ms = store->current->expires_unix_ms - unix_ms(context);
    if (store->current->outlives_end && left_ms <= 0)
        wait_ms = EXTENSION_MIN_MS +
                  (int64_t)(world->chance(world->context) * (double)EXTENSION_SPREAD_MS);
    store->not_before_ms = monotonic_ms(context) + wait_ms;
    return 0;
}

/* Looks with the mutex released, so that others go on. */
static int look(struct ir_credentials_store *store, const struct ir_credentials_context *context,
                enum need need, struct ir_error *err)
{
    struct ir_credentials_context own = *context;
    struct ir_credentials *found = NULL;
    int64_t limit_ms = monotonic_ms(context) + RENEW_AHEAD_LIMIT_MS;
    if (need == NEED_SOON && own.deadline_ms > limit_ms)
        own.deadline_ms = limit_ms;
    store->is_looking = true;
    pthread_mutex_unlock(&store->mutex);
    int rc = ir_credentials_find(&own, &found, err);
    pthread_mutex_lock(&store->mutex);
    store->is_looking = false;
    rc = settle(store, context, found, rc, err);
    /* Cancel token and deadline are this caller's own. */
    if (rc != 0 && rc != IR_ERR_CANCELLED && rc != IR_ERR_TIMEOUT && err != NULL) {
        store->failures++;
        store->failure = *err;
    }
    pthread_cond_broadcast(&store->looked);
    return rc;
}

/* The error of the look that others waited for. */
static int share_failure(const struct ir_credentials_store *store, struct ir_error *err)
{
    if (err != NULL)
        *err = store->failure;
    return store->failure.code;
}

int ir_credentials_store_get(struct ir_credentials_store *store,
                             const struct ir_credentials_context *context,
                             struct ir_credentials **out, struct ir_error *err)
{
    int rc = 0;
    bool has_looked = false;
    pthread_mutex_lock(&store->mutex);
    unsigned failures_before = store->failures;
    while (rc == 0 && !has_looked) {
        enum need need = need_of(store, context);
        if (need == NEED_NOTHING || (need == NEED_SOON && store->is_looking))
            break;
        if (store->failures != failures_before) {
            rc = share_failure(store, err);
        } else if (store->is_looking) {
            rc = wait_a_little(store, context, err);
        } else {
            rc = look(store, context, need, err);
            has_looked = true;
        }
    }
    if (rc == 0)
        *out = ir_credentials_acquire(store->current);
    pthread_mutex_unlock(&store->mutex);
    return rc;
}

bool ir_credentials_store_drop(struct ir_credentials_store *store,
                               const struct ir_credentials *refused)
{
    pthread_mutex_lock(&store->mutex);
    bool may_change = !store->is_fixed;
    if (may_change && store->current == refused) {
        ir_credentials_release(store->current);
        store->current = NULL;
    }
    pthread_mutex_unlock(&store->mutex);
    return may_change;
}
