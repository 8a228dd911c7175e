/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One file for each event: several processes may record into one place at once, and a run that is
 * killed leaves whole events only.
 */
#include "plugins/batch/capture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <imgrecog/capture.h>
#include <imgrecog/fetch.h>
#include <imgrecog/upload.h>

#include "plugins/batch/output.h"
#include "plugins/common/fail.h"

#define PATH_BYTES 4096
#define MEDIA_TYPE "application/jsonlines"

static const char *place_of(const struct session *session)
{
    return ir_settings_get(session->options->settings, "capture");
}

static bool is_in_s3(const char *place)
{
    return strncmp(place, "s3://", strlen("s3://")) == 0;
}

static int fail_folder(struct ir_error *err, const char *path)
{
    return common_fail(err, IR_ERR_ARG, "Check the folder, its permissions and the disk.",
                       "the folder %.300s for captured answers cannot be written to: %s", path,
                       strerror(errno));
}

/* Makes the folders of `path` up to its last '/'; those that are there stay. */
static int make_folders(char *path, struct ir_error *err)
{
    for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        int made;

        *slash = '\0';
        made = mkdir(path, 0777);
        if (made != 0 && errno != EEXIST)
            return fail_folder(err, path);
        *slash = '/';
    }
    return 0;
}

static int join(const char *place, const char *name, char out[PATH_BYTES], struct ir_error *err)
{
    int chars = snprintf(out, PATH_BYTES, "%s/%s", place, name);

    if (chars >= 0 && chars < PATH_BYTES)
        return 0;
    return common_fail(err, IR_ERR_ARG, "Use a shorter one.", "the path for captures is too long");
}

int capture_check(const struct session *session, struct ir_error *err)
{
    const char *place = place_of(session);
    char path[PATH_BYTES];
    struct ir_s3_uri uri;
    int rc;

    if (place == NULL)
        return 0;
    if (is_in_s3(place)) {
        rc = ir_s3_uri_parse(place, &uri, err);
        return rc == 0 ? ir_upload_check_bucket(session->client, uri.bucket, session->cancel, err)
                       : rc;
    }
    if (session->is_dry)
        return 0;
    rc = join(place, "", path, err);
    if (rc == 0)
        rc = make_folders(path, err);
    if (rc == 0 && access(path, W_OK | X_OK) != 0)
        rc = fail_folder(err, place);
    return rc;
}

static int write_file(const char *place, const struct ir_capture *capture, struct ir_error *err)
{
    char path[PATH_BYTES];
    int rc = join(place, capture->path, path, err);

    if (rc == 0)
        rc = make_folders(path, err);
    return rc == 0 ? output_write(path, capture->line, capture->line_bytes, err) : rc;
}

static int put_object(const struct session *session, const char *place,
                      const struct ir_capture *capture, struct ir_error *err)
{
    struct ir_upload_options options = ir_settings_upload_options(session->options->settings);
    struct ir_upload_result stored;
    struct ir_s3_uri uri;
    size_t used;
    bool has_slash;
    int rc = ir_s3_uri_parse(place, &uri, err);

    if (rc != 0)
        return rc;
    used = strlen(uri.key);
    has_slash = used == 0 || uri.key[used - 1] == '/';
    if (used + strlen(capture->path) + 2 > sizeof uri.key)
        return common_fail(err, IR_ERR_ARG, "Use a shorter prefix.",
                           "the key for captures is too long");
    snprintf(uri.key + used, sizeof uri.key - used, "%s%s", has_slash ? "" : "/", capture->path);
    options.bucket = uri.bucket;
    options.key = uri.key;
    options.content_type = MEDIA_TYPE;
    options.cache_control = NULL;
    options.only_if_new = true;
    options.cancel = session->cancel;
    return ir_upload_data(session->client, capture->line, capture->line_bytes, &options, &stored,
                          err);
}

int capture_result(const struct session *session, const struct ir_result *result,
                   const struct ir_picture *picture, struct ir_error *err)
{
    struct ir_capture_options options = IR_CAPTURE_OPTIONS_INIT;
    const char *place = place_of(session);
    struct ir_capture capture;
    int rc;

    if (place == NULL)
        return 0;
    options.with_input = ir_settings_is_true(session->options->settings, "capture-input") &&
                         !ir_result_is_held_back(result);
    rc = ir_capture_new(session->client, result, picture, &options, &capture, err);
    if (rc != 0)
        return rc;
    if (is_in_s3(place))
        rc = put_object(session, place, &capture, err);
    else
        rc = write_file(place, &capture, err);
    ir_free(capture.line);
    return rc;
}
