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

#include "plugins/batch/print.h"
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

int put_check(const struct session *session, struct ir_error *err)
{
    const char *endpoint = ir_client_endpoint(session->client);
    bool has_url = strcmp(endpoint, "local") != 0 && strncmp(endpoint, "unix:", 5) != 0;

    if (has_url || ir_settings_get(session->options->settings, "presign") == NULL)
        return 0;
    return common_fail(err, IR_ERR_ARG, "Leave --presign out, or use endpoint=aws.",
                       "What lies behind a socket of this machine has no link for others.");
}

/* ---- sending ----------------------------------------------------------------------------- */

/* What one upload is asked for; the pairs are borrowed by the options. */
struct wish {
    struct ir_upload_options options;
    struct ir_upload_pair metadata[OPTION_LIST_MAX], tags[OPTION_LIST_MAX];
    char *words[2 * OPTION_LIST_MAX]; /* owned */
    size_t word_count;
};

static void release_wish(struct wish *wish)
{
    for (size_t i = 0; i < wish->word_count; i++)
        free(wish->words[i]);
}

/* "NAME=VALUE" words as pairs; the value may be empty and may hold '='. */
static int read_pairs(struct wish *wish, const struct option_list *list, struct ir_upload_pair *out,
                      struct ir_error *err)
{
    for (int i = 0; i < list->count; i++) {
        char *word = strdup(list->items[i]);
        char *equals;

        if (word == NULL)
            return common_fail_nomem(err);
        wish->words[wish->word_count++] = word;
        equals = strchr(word, '=');
        if (equals == NULL || equals == word)
            return common_fail(err, IR_ERR_ARG, "Write NAME=VALUE.",
                               "A tag or metadata entry has no name or no \"=\".");
        *equals = '\0';
        out[i] = (struct ir_upload_pair){word, equals + 1};
    }
    return 0;
}

static int make_wish(const struct session *session, const struct ir_s3_uri *uri, struct wish *out,
                     struct ir_error *err)
{
    const struct options *options = session->options;
    int rc;

    out->word_count = 0;
    out->options = ir_settings_upload_options(options->settings);
    out->options.bucket = uri->bucket;
    out->options.key = uri->key;
    out->options.cancel = session->cancel;
    out->options.metadata = out->metadata;
    out->options.metadata_count = (size_t)options->metadata.count;
    out->options.tags = out->tags;
    out->options.tag_count = (size_t)options->tags.count;
    rc = read_pairs(out, &options->metadata, out->metadata, err);
    return rc == 0 ? read_pairs(out, &options->tags, out->tags, err) : rc;
}

/* The object is there: a link to it, where one is asked for. */
static int finish(const struct session *session, const struct ir_s3_uri *uri, struct put *out,
                  struct ir_error *err)
{
    const char *lifetime = ir_settings_get(session->options->settings, "presign");

    out->is_stored = true;
    out->uri = *uri;
    if (lifetime == NULL)
        return 0;
    return ir_presign(session->client, uri, strtol(lifetime, NULL, 10), &out->link, err);
}

int put_file(const struct session *session, const char *path, const struct ir_s3_uri *uri,
             struct put *out, struct ir_error *err)
{
    struct wish wish;
    int rc = make_wish(session, uri, &wish, err);

    *out = (struct put){0};
    if (rc == 0)
        rc = ir_upload_file(session->client, path, &wish.options, &out->result, err);
    release_wish(&wish);
    return rc == 0 ? finish(session, uri, out, err) : rc;
}

int put_data(const struct session *session, const struct put_bytes *data,
             const struct ir_s3_uri *uri, struct put *out, struct ir_error *err)
{
    struct wish wish;
    int rc = make_wish(session, uri, &wish, err);

    *out = (struct put){0};
    wish.options.only_if_new = wish.options.only_if_new || data->is_own_name;
    if (rc == 0)
        rc = ir_upload_data(session->client, data->data, data->bytes, &wish.options, &out->result,
                            err);
    release_wish(&wish);
    return rc == 0 ? finish(session, uri, out, err) : rc;
}

void put_release(struct put *put)
{
    ir_free(put->link);
    put->link = NULL;
}

/* ---- telling ----------------------------------------------------------------------------- */

int put_note(const struct put *put, struct ir_result *result, struct ir_error *err)
{
    return ir_upload_note(result, &put->result, NULL, err);
}

int put_note_link(const struct put *put, struct ir_result *result, struct ir_error *err)
{
    return ir_upload_note(result, &put->result, put->link, err);
}

int put_document(const struct session *session, const struct put *put,
                 const struct ir_result *result, struct ir_error *err)
{
    static const char ending[] = ".json";
    struct ir_upload_options options = ir_settings_upload_options(session->options->settings);
    struct ir_s3_uri uri = put->uri;
    struct ir_upload_result stored;
    size_t chars = strlen(uri.key);
    char *json = NULL;
    size_t bytes = 0;
    int rc;

    if (!ir_settings_is_true(session->options->settings, "document"))
        return 0;
    if (chars + sizeof ending > sizeof uri.key)
        return common_fail(err, IR_ERR_ARG, "Use a shorter key.",
                           "The key of the document is too long.");
    memcpy(uri.key + chars, ending, sizeof ending);
    rc = ir_result_to_json(result, &json, &bytes, err);
    options.bucket = uri.bucket;
    options.key = uri.key;
    options.content_type = "application/json";
    options.only_if_new = false; /* where the object is new, an older document is not its own */
    options.cancel = session->cancel;
    if (rc == 0)
        rc = ir_upload_data(session->client, json, bytes, &options, &stored, err);
    ir_free(json);
    return rc;
}

void put_print(const struct put *put)
{
    print_clean_line("", put->result.uri, "");
    if (put->link != NULL)
        print_clean_line("", put->link, "");
}
