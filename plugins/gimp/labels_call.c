/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the order of things in one run: settings and client, pixels, encoding and request (in the
 * worker), then, only if the image is still the one that was looked at, the layers.
 */
#include "plugins/gimp/labels_call.h"

#include <stdlib.h>

#include <imgrecog/settings.h>

#include "plugins/common/fail.h"
#include "plugins/gimp/layers.h"
#include "plugins/gimp/own.h"

#define UPRIGHT 1 /* EXIF orientation: GIMP's pixels are as they are seen */

struct labels_call {
    GimpImage *image;
    struct ir_settings *settings;
    struct ir_client *client;
    enum where where;
    struct job *job;
    int width_px; /* of the picture that was taken */
    int height_px;
    char *source; /* for the document */

    struct ir_result *result; /* the worker's while the job runs */
    char *json;
};

void labels_call_free(struct labels_call *call)
{
    if (call == NULL)
        return;
    job_free(call->job);
    ir_free(call->json);
    ir_result_free(call->result);
    ir_client_free(call->client);
    ir_settings_free(call->settings);
    g_free(call->source);
    g_free(call);
}

static int set_string(struct ir_settings *settings, GimpProcedureConfig *config, const char *name,
                      struct ir_error *err)
{
    char *value = NULL;
    int rc = 0;

    g_object_get(config, name, &value, NULL);
    if (value != NULL && *value != '\0')
        rc = ir_settings_set(settings, name, value, name, err);
    g_free(value);
    return rc;
}

static int set_numbers(struct ir_settings *settings, GimpProcedureConfig *config,
                       struct ir_error *err)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    double min_confidence_pct;
    int max_labels;
    int rc = 0;

    g_object_get(config, LABELS_ARG_MIN_CONFIDENCE, &min_confidence_pct, LABELS_ARG_MAX_LABELS,
                 &max_labels, NULL);
    if (min_confidence_pct >= 0) {
        g_ascii_formatd(text, sizeof text, "%.6g", min_confidence_pct);
        rc = ir_settings_set(settings, LABELS_ARG_MIN_CONFIDENCE, text, LABELS_ARG_MIN_CONFIDENCE,
                             err);
    }
    if (rc == 0 && max_labels != LABELS_MAX_LABELS_UNSET) {
        g_snprintf(text, sizeof text, "%d", max_labels);
        rc = ir_settings_set(settings, LABELS_ARG_MAX_LABELS, text, LABELS_ARG_MAX_LABELS, err);
    }
    return rc;
}

static int read_arguments(struct labels_call *call, GimpProcedureConfig *config,
                          struct ir_error *err)
{
    static const char *const strings[] = {LABELS_ARG_ENDPOINT, LABELS_ARG_PROFILE,
                                          LABELS_ARG_REGION};
    int rc = ir_settings_new(&call->settings, err);

    /* The dialog says that Rekognition is asked: a setting elsewhere must not make that untrue. */
    if (rc == 0)
        rc = ir_settings_set(call->settings, "from", "rekognition", "from", err);
    for (size_t i = 0; rc == 0 && i < G_N_ELEMENTS(strings); i++)
        rc = set_string(call->settings, config, strings[i], err);
    return rc == 0 ? set_numbers(call->settings, config, err) : rc;
}

/* What the client does, for G_MESSAGES_DEBUG=imgrecog. Any thread. */
static void tell(void *context, const char *line)
{
    (void)context;
    g_log("imgrecog", G_LOG_LEVEL_DEBUG, "%s", line);
}

int labels_call_new(GimpProcedureConfig *config, GimpImage *image, struct labels_call **out,
                    struct ir_error *err)
{
    struct labels_call *call = g_new0(struct labels_call, 1);
    struct ir_client_options options;
    int rc = read_arguments(call, config, err);

    if (rc == 0) {
        options = ir_settings_client_options(call->settings);
        options.log = tell;
        rc = ir_client_new(&options, &call->client, err);
    }
    if (rc != 0) {
        labels_call_free(call);
        return rc;
    }
    call->image = image;
    call->where = where_of(ir_client_endpoint(call->client));
    *out = call;
    return 0;
}

const char *labels_call_endpoint(const struct labels_call *call)
{
    return ir_client_endpoint(call->client);
}

int labels_call_request_count(const struct labels_call *call)
{
    struct ir_labels_options options = ir_settings_labels_options(call->settings);

    return 1 + options.text + options.faces;
}

struct job *labels_call_job(struct labels_call *call)
{
    return call->job;
}

/* In the worker. */
static int recognise(struct job *job, void *task, struct ir_error *err)
{
    struct labels_call *call = task;
    struct ir_labels_options options = ir_settings_labels_options(call->settings);
    struct ir_picture *picture = NULL;
    unsigned char *jpeg = NULL;
    size_t jpeg_bytes = 0;
    int rc;

    job_set_stage(job, "Preparing the picture…");
    rc = job_encode(job, &encode_limits_rekognition, &jpeg, &jpeg_bytes, err);
    if (rc != 0)
        goto out;
    rc = ir_picture_new(jpeg, jpeg_bytes, call->source, &picture, err);
    if (rc != 0)
        goto out;
    ir_picture_set_original(picture, call->width_px, call->height_px, UPRIGHT);
    job_set_stage(job, where_waiting(call->where));
    options.cancel = job_get_cancel(job);
    rc = ir_labels(call->client, picture, &options, &call->result, err);
    if (rc == 0)
        rc = ir_result_to_json(call->result, &call->json, NULL, err);
out:
    ir_picture_free(picture);
    free(jpeg);
    return rc;
}

/* What the document calls the image: the path of its file, else GIMP's name for it. */
static char *source_of(GimpImage *image)
{
    GFile *file = gimp_image_get_file(image);
    char *name = NULL;

    if (file == NULL)
        file = gimp_image_get_imported_file(image); /* JPEG, PNG: anything but XCF */
    if (file != NULL) {
        name = g_file_get_parse_name(file);
        g_object_unref(file);
    }
    return name != NULL ? name : gimp_image_get_name(image);
}

int labels_call_start(struct labels_call *call, job_done_fn done, void *context,
                      struct ir_error *err)
{
    struct grab *grab = NULL;
    int rc = layers_check(call->image, err);

    if (rc == 0)
        rc = grab_new(call->image, OWN_LABELS, &grab, err);
    if (rc != 0)
        return rc;
    call->width_px = grab_width_px(grab);
    call->height_px = grab_height_px(grab);
    call->source = source_of(call->image);
    call->job = job_new(recognise, call, grab);
    if (call->job == NULL)
        return common_fail_nomem(err);
    job_start(call->job, done, context);
    return 0;
}

/* The user may have closed or changed the image in the meantime. */
static int check_image(const struct labels_call *call, struct ir_error *err)
{
    if (!gimp_image_is_valid(call->image))
        return common_fail(err, IR_ERR_ARG, "Open it again and repeat the command.",
                           "The image was closed before the answer came; no layer was made.");
    if (gimp_image_get_width(call->image) != call->width_px ||
        gimp_image_get_height(call->image) != call->height_px)
        return common_fail(err, IR_ERR_ARG, "Repeat the command on the image as it is now.",
                           "The image's size was changed before the answer came, so the boxes "
                           "would lie in wrong places; no layer was made.");
    return 0;
}

int labels_call_finish(struct labels_call *call, struct ir_error *err)
{
    int rc = job_result(call->job, err);

    if (rc == 0)
        rc = check_image(call, err);
    if (rc == 0)
        rc = layers_build(call->image, call->result, where_labels_group_name(call->where), NULL,
                          err);
    if (rc == 0)
        gimp_displays_flush();
    return rc;
}

size_t labels_call_label_count(const struct labels_call *call)
{
    return ir_result_label_count(call->result);
}

char *labels_call_take_json(struct labels_call *call)
{
    return g_strdup(call->json);
}
