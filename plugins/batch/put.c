/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns how an upload is named and told. */
#include "plugins/batch/put.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include <imgrecog/upload.h>

#include "plugins/common/fail.h"

#define NAME_BYTES 40

int put_unique_name(struct ir_s3_uri *uri, struct ir_error *err)
{
    char name[NAME_BYTES];
    char time_text[sizeof "20261121T013000Z"];
    uint32_t chance = 0;
    time_t now = time(NULL);
    struct tm utc;
    size_t used = strlen(uri->key);

    if (getrandom(&chance, sizeof chance, 0) != (ssize_t)sizeof chance ||
        gmtime_r(&now, &utc) == NULL)
        return common_fail(err, IR_ERR_ARG, "Try again.", "No name could be made.");
    strftime(time_text, sizeof time_text, "%Y%m%dT%H%M%SZ", &utc);
    snprintf(name, sizeof name, "%s-%08" PRIx32 ".png", time_text, chance);
    if (used + strlen(name) >= sizeof uri->key)
        return common_fail(err, IR_ERR_ARG, "Use a shorter prefix.", "The key is too long.");
    snprintf(uri->key + used, sizeof uri->key - used, "%s", name);
    return 0;
}

static struct ir_upload_options options_for(const struct session *session,
                                            const struct ir_s3_uri *uri)
{
    struct ir_upload_options options = ir_settings_upload_options(session->options->settings);

    options.bucket = uri->bucket;
    options.key = uri->key;
    options.cancel = session->cancel;
    return options;
}

int put_check(const struct session *session, struct ir_error *err)
{
    const char *endpoint = ir_client_endpoint(session->client);
    bool has_url = strcmp(endpoint, "local") != 0 && strncmp(endpoint, "unix:", 5) != 0;

    if (has_url || ir_settings_get(session->options->settings, "presign") == NULL)
        return 0;
    return common_fail(err, IR_ERR_ARG, "Leave --presign out, or use endpoint=aws.",
                       "What lies behind a socket of this machine has no link for others.");
}

/* The object's address, and where asked for a link to it. */
static int tell(const struct session *session, const struct ir_s3_uri *uri,
                const struct ir_upload_result *result, struct ir_error *err)
{
    const char *lifetime = ir_settings_get(session->options->settings, "presign");
    char *url = NULL;
    int rc;

    printf("%s\n", result->uri);
    if (lifetime == NULL)
        return 0;
    rc = ir_presign(session->client, uri, strtol(lifetime, NULL, 10), &url, err);
    if (rc == 0)
        printf("%s\n", url);
    ir_free(url);
    return rc;
}

int put_file(const struct session *session, const char *path, const struct ir_s3_uri *uri,
             struct ir_error *err)
{
    struct ir_upload_options options = options_for(session, uri);
    struct ir_upload_result result;
    int rc = ir_upload_file(session->client, path, &options, &result, err);

    return rc == 0 ? tell(session, uri, &result, err) : rc;
}

int put_data(const struct session *session, const void *data, size_t bytes,
             const struct ir_s3_uri *uri, bool *out_stored, struct ir_error *err)
{
    struct ir_upload_options options = options_for(session, uri);
    struct ir_upload_result result;
    int rc;

    options.only_if_new = true; /* its name is meant to be nobody else's */
    rc = ir_upload_data(session->client, data, bytes, &options, &result, err);
    *out_stored = rc == 0;
    return rc == 0 ? tell(session, uri, &result, err) : rc;
}
