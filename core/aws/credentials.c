/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The chain of credential providers. Order as in botocore: the environment (unless the caller
 * named a profile), the shared credentials file, the config file.
 */
#include "core/aws/credentials.h"

#include "core/base/alloc.h"
#include "core/base/error.h"

#define SERVICE "AWS credentials"
#define MAX_TRACE_BYTES 4096

/* ---- snapshots --------------------------------------------------------------------------- */

struct ir_credentials *ir_credentials_new(const char *access_key_id, const char *secret_key,
                                          const char *session_token, const char *provider)
{
    struct ir_credentials *credentials = ir_calloc(1, sizeof *credentials);
    if (credentials == NULL)
        return NULL;
    atomic_init(&credentials->references, 1);
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

/* ---- the chain --------------------------------------------------------------------------- */

static const ir_credentials_provide_fn providers[] = {
    ir_credentials_from_environment,
    ir_credentials_from_credentials_file,
    ir_credentials_from_config_file,
};

/* They become parts of header lines: visible ASCII and nothing else. */
static bool is_visible(const char *text)
{
    for (; text != NULL && *text != '\0'; text++)
        if (*text < '!' || *text > '~')
            return false;
    return true;
}

static int check_values(const struct ir_credentials *found, struct ir_error *err)
{
    if (is_visible(found->access_key_id) && is_visible(found->secret_key) &&
        is_visible(found->session_token))
        return 0;
    int rc = ir_fail(err, IR_ERR_AUTH, "a key or token from %s holds a blank, a line break or "
                     "another character that keys never have", found->provider);
    ir_error_set_hint(err, "Set it again, without quotes or line ends around it.");
    return rc;
}

int ir_credentials_find(const struct ir_aws_config *config, struct ir_credentials **out,
                        struct ir_error *err)
{
    struct ir_credentials *found = NULL;
    struct ir_buf trace;
    int rc = 0;
    ir_buf_init(&trace, MAX_TRACE_BYTES);
    for (size_t i = 0; rc == 0 && found == NULL && i < sizeof providers / sizeof providers[0]; i++)
        rc = providers[i](config, &found, &trace, err);
    if (rc == 0 && found == NULL) {
        if (trace.bytes >= 2)
            trace.data[trace.bytes - 2] = '\0'; /* the last "; " */
        rc = ir_fail(err, IR_ERR_AUTH, "no credentials found. Looked at: %s", ir_buf_text(&trace));
        ir_error_set_hint(err, "Run \"aws configure\", or set AWS_ACCESS_KEY_ID and "
                               "AWS_SECRET_ACCESS_KEY; or use endpoint=local, the recogniser on "
                               "this machine, which needs none.");
    }
    ir_buf_release(&trace);
    if (rc == 0)
        rc = check_values(found, err);
    if (rc == 0) {
        *out = found;
        return 0;
    }
    ir_credentials_release(found);
    ir_error_set_service(err, SERVICE);
    return rc;
}

/* ---- what a client keeps ----------------------------------------------------------------- */

void ir_credentials_store_init(struct ir_credentials_store *store)
{
    pthread_mutex_init(&store->mutex, NULL);
    store->current = NULL;
}

void ir_credentials_store_release(struct ir_credentials_store *store)
{
    ir_credentials_release(store->current);
    store->current = NULL;
    pthread_mutex_destroy(&store->mutex);
}

int ir_credentials_store_get(struct ir_credentials_store *store, const struct ir_aws_config *config,
                             struct ir_credentials **out, struct ir_error *err)
{
    int rc = 0;
    pthread_mutex_lock(&store->mutex);
    if (store->current == NULL)
        rc = ir_credentials_find(config, &store->current, err);
    if (rc == 0)
        *out = ir_credentials_acquire(store->current);
    pthread_mutex_unlock(&store->mutex);
    return rc;
}
