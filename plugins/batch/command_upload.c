/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imgrecog upload FILE... s3://BUCKET/KEY */
#include <imgrecog/check.h>
#include <imgrecog/key.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/batch/input.h"
#include "plugins/batch/keep.h"
#include "plugins/batch/print.h"
#include "plugins/common/fail.h"

/* The keys of this run: two files that come to the same one would be one object. */
struct keys {
    char **items; /* owned */
    int count;
};

static int take_key(struct keys *keys, const char *key, struct ir_error *err)
{
    for (int i = 0; i < keys->count; i++)
        if (strcmp(keys->items[i], key) == 0)
            return common_fail(err, IR_ERR_ARG, "End the key in /, or put {name} or {sha256:8} in.",
                               "Another file of this run has that key.");
    keys->items[keys->count] = strdup(key);
    if (keys->items[keys->count] == NULL)
        return common_fail_nomem(err);
    keys->count++;
    return 0;
}

static int report(const struct session *session, const char *path, const struct put *put,
                  struct ir_error *err)
{
    struct ir_result *result = NULL;
    int rc = ir_upload_document(session->client, path, &put->result, &result, err);

    if (rc == 0)
        rc = keep_result(session, result, NULL, put, err);
    if (!session->options->json) {
        put_print(put);
    } else if (result != NULL && put_note_link(put, result, NULL) == 0) {
        int print_rc = print_json(result, rc == 0 ? err : NULL);

        rc = rc == 0 ? print_rc : rc;
    }
    ir_result_free(result);
    return rc == 0 ? print_finish(err) : rc;
}

/* What a dry run tells. */
static int tell_plan(const struct session *session, const char *path, const struct ir_s3_uri *uri,
                     struct ir_error *err)
{
    struct ir_result *result = NULL;
    int rc = 0;

    if (session->options->json) {
        rc = ir_upload_plan(session->client, path, uri, &result, err);
        if (rc == 0)
            rc = print_json(result, err);
        ir_result_free(result);
    } else {
        print_clean(path, stdout);
        printf(" would be stored as s3://%s/", uri->bucket);
        print_clean_line("", uri->key, "");
    }
    return rc == 0 ? print_finish(err) : rc;
}

/*
 * What precheck asks for, of a picture. Other files are none of its business; one that looks like a
 * picture and cannot be read is not let through by precheck=block.
 */
static int precheck(const struct session *session, const char *path, struct ir_error *err)
{
    const char *mode = ir_settings_get(session->options->settings, "precheck");
    struct ir_result *result = NULL;
    struct input input;
    int rc;

    if (strcmp(mode, "off") == 0 || session->is_dry)
        return 0;
    rc = input_init(&input, session, path, &encode_limits_check, err);
    if (rc == 0)
        rc = ir_precheck_picture(session->client, input.picture, session->cancel, &result, err);
    else if (input.is_other || strcmp(mode, "block") != 0)
        rc = 0;
    if (result != NULL)
        print_precheck(path, result);
    ir_result_free(result);
    input_release(&input);
    return rc;
}

static int upload_one(const struct session *session, const struct ir_s3_uri *target,
                      const char *path, struct keys *keys, struct ir_error *err)
{
    struct ir_s3_uri uri = *target;
    struct put put = {0};
    int rc = ir_key_of_file(target->key, path, uri.key, err);

    if (rc == 0)
        rc = take_key(keys, uri.key, err);
    if (rc == 0 && session->is_dry)
        return tell_plan(session, path, &uri, err);
    if (rc == 0)
        rc = precheck(session, path, err);
    if (rc == 0)
        rc = put_file(session, path, &uri, &put, err);
    if (rc == 0)
        rc = report(session, path, &put, err);
    put_release(&put);
    return rc;
}

static enum exit_code upload_all(const struct session *session, const struct ir_s3_uri *target,
                                 struct keys *keys)
{
    const struct options *options = session->options;
    enum exit_code code = EXIT_FINE;

    for (int i = 0; i < options->operand_count - 1; i++) {
        struct ir_error err;
        int rc;

        ir_error_clear(&err);
        rc = upload_one(session, target, options->operands[i], keys, &err);
        if (rc == 0)
            continue;
        print_error(options->operands[i], &err);
        if (rc == IR_ERR_CANCELLED)
            return EXIT_CANCELLED;
        code = EXIT_SOME_FAILED;
        if (rc == IR_ERR_AUTH || ferror(stdout))
            break;
    }
    return code;
}

/* What is plain before anything is sent. */
static int check_target(const struct session *session, const struct ir_s3_uri *target,
                        struct ir_error *err)
{
    size_t chars = strlen(target->key);
    bool is_fixed = chars > 0 && target->key[chars - 1] != '/' && strchr(target->key, '{') == NULL;
    int rc = ir_key_check(target->key, err);

    if (rc == 0 && is_fixed && session->options->operand_count > 2)
        rc = common_fail(err, IR_ERR_ARG, "End it in / to keep their names.",
                         "Several files cannot have one key.");
    if (rc == 0)
        rc = put_check(session, err);
    return rc == 0 ? keep_check(session, false, err) : rc;
}

enum exit_code command_upload(const struct session *session)
{
    const struct options *options = session->options;
    const char *place = options->operands[options->operand_count - 1];
    struct keys keys = {.items = calloc((size_t)options->operand_count, sizeof *keys.items)};
    enum exit_code code = EXIT_WRONG_USE;
    struct ir_s3_uri target;
    struct ir_error err;
    int rc;

    ir_error_clear(&err);
    if (keys.items == NULL) {
        common_fail_nomem(&err);
        print_error(place, &err);
        return EXIT_SOME_FAILED;
    }
    rc = ir_s3_uri_parse(place, &target, &err);
    if (rc == 0)
        rc = check_target(session, &target, &err);
    if (rc == 0)
        code = upload_all(session, &target, &keys);
    else
        print_error(place, &err);
    for (int i = 0; i < keys.count; i++)
        free(keys.items[i]);
    free(keys.items);
    return code;
}
