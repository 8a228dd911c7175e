/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the order of what is done with one picture, and what comes of it when a part fails. Holds no
 * recognition logic: each task is one call of the core.
 */
#include "plugins/imagemagick/tasks.h"

#include <stdio.h>
#include <string.h>

#include "plugins/common/fail.h"
#include "plugins/common/magick_outgoing.h"
#include "plugins/common/metadata_profiles.h"
#include "plugins/common/metadata_write.h"
#include "plugins/common/overlay.h"
#include "plugins/imagemagick/generate.h"
#include "plugins/imagemagick/hide.h"
#include "plugins/imagemagick/ink.h"
#include "plugins/imagemagick/look.h"
#include "plugins/imagemagick/results.h"

#define LINE_BYTES 2048

/* Results that are words about the whole picture, and may tell what has been hidden since. */
#define WORDS (IR_SETTING_CAPTION | IR_SETTING_ASK)
/* Results that hold for the pixels that were looked at, made or stored, and for no others. */
#define OF_ONE_PICTURE                                                                             \
    (WORDS | IR_SETTING_LABELS | IR_SETTING_CHECK | IR_SETTING_GENERATE | IR_SETTING_UPLOAD)

/* One picture's state. */
struct picture {
    const struct work *work;
    Image *image;
    const char *name;
    struct ir_result *result; /* of all tasks so far; NULL before the first */
    bool is_changed;          /* pixels or metadata, by this run */
    bool is_safe;             /* checked, and what was found is hidden where that is asked for */
    unsigned outdated;        /* tasks whose results of earlier runs are of another picture */
    char uri[PUT_URI_BYTES];
};

static int check_image(const Image *image, struct ir_error *err)
{
    if (image->ping != MagickFalse)
        return common_fail(err, IR_ERR_ARG, "Leave out -ping.",
                           "The picture was read without its pixels.");
    if (image->columns < 1 || image->rows < 1 || image->columns > OVERLAY_MAX_SIDE_PX ||
        image->rows > OVERLAY_MAX_SIDE_PX)
        return common_fail(err, IR_ERR_TOO_LARGE, "Resize the picture first.",
                           "The picture is %zu x %zu pixels; the most is %d a side.",
                           image->columns, image->rows, OVERLAY_MAX_SIDE_PX);
    return 0;
}

static int check_cancel(const struct work *work, struct ir_error *err)
{
    if (!ir_cancel_is_set(work->cancel))
        return 0;
    return common_fail(err, IR_ERR_CANCELLED, "", "Cancelled before this picture was sent.");
}

/* ---- tasks ------------------------------------------------------------------------------- */

static int generate(struct picture *picture, struct ir_error *err)
{
    struct ir_result *result = NULL;
    int rc;

    if (!work_has_task(picture->work, IR_SETTING_GENERATE))
        return 0;
    rc = generate_on(picture->work, picture->image, &result, err);
    if (rc != 0)
        return rc;
    if (ir_result_get_generated(result) != NULL) { /* a dry run makes none */
        picture->is_changed = true;
        picture->outdated = OF_ONE_PICTURE;
    }
    picture->result = result; /* the first: nothing was asked before */
    return 0;
}

static void change_metadata(struct picture *picture)
{
    if (!arguments_has_word(picture->work->arguments, "metadata", "none"))
        return;
    metadata_remove_all(picture->image);
    picture->is_changed = true;
}

static int hide(struct picture *picture, struct ir_error *err)
{
    const struct arguments *arguments = picture->work->arguments;
    const Image *before = picture->image;
    bool has_hidden = false;
    int rc;

    if (!work_has_task(picture->work, IR_SETTING_CHECK))
        return 0;
    picture->is_changed = picture->is_changed || hide_is_wanted(arguments);
    rc = hide_findings(arguments, picture->result, &picture->image, &has_hidden, err);
    if (has_hidden)
        picture->outdated |= WORDS;
    if (picture->image != before)
        picture->outdated = OF_ONE_PICTURE;
    picture->is_safe = rc == 0;
    if (rc != 0) /* what is asked for in so many words is done all the same */
        change_metadata(picture);
    return rc;
}

static bool writes_metadata(const struct picture *picture)
{
    const struct arguments *arguments = picture->work->arguments;

    return picture->result != NULL && (arguments_has_word(arguments, "metadata", "xmp") ||
                                       arguments_has_word(arguments, "metadata", "iptc"));
}

/* What was found goes into the profiles. */
static int write_metadata(struct picture *picture, struct ir_error *err)
{
    const struct arguments *arguments = picture->work->arguments;
    int rc = 0;

    picture->is_changed = true;
    if (arguments_has_word(arguments, "metadata", "xmp"))
        rc = metadata_write_xmp(picture->image, picture->result, err);
    if (rc == 0 && arguments_has_word(arguments, "metadata", "iptc"))
        rc = metadata_write_iptc(picture->image, picture->result, err);
    return rc;
}

static int upload(struct picture *picture, struct ir_error *err)
{
    const struct work *work = picture->work;
    struct put_job job = {
        .client = work->client,
        .target = &work->target,
        .encoders = work->encoders,
        .name = picture->name,
        .image = picture->image,
        .is_as_read = !picture->is_changed,
    };
    int rc;

    if (!work_has_task(picture->work, IR_SETTING_UPLOAD) || picture->uri[0] != '\0')
        return 0; /* not asked for, or stored first */
    rc = look_before_upload(work, picture->image, &picture->result, err);
    job.options = ir_settings_upload_options(work->arguments->settings);
    job.options.cancel = work->cancel;
    return rc == 0 ? put_image(&job, picture->uri, err) : rc;
}

/* The image's profiles, in an image of their own; NULL with `exception` set. */
static Image *copy_profiles(const Image *image, ExceptionInfo *exception)
{
    Image *copy = AcquireImage(NULL, exception);

    copy->taint = image->taint;
    return CloneImageProfiles(copy, image) != MagickFalse ? copy : DestroyImage(copy);
}

/*
 * What cannot be stored is not paid for, where the picture that is stored does not depend on what
 * is found.
 */
static bool stores_first(const struct work *work)
{
    const struct ir_settings *settings = work->arguments->settings;

    return work->plan == NULL && work_has_task(work, IR_SETTING_UPLOAD) &&
           !work_has_task(work, IR_SETTING_CHECK) &&
           strcmp(ir_settings_get(settings, "metadata"), "keep") == 0 &&
           strcmp(ir_settings_get(settings, "precheck"), "off") == 0;
}

/* What is written is taken back where it cannot be stored. */
static int write_and_upload(struct picture *picture, struct ir_error *err)
{
    ExceptionInfo *exception;
    Image *before;
    int rc;

    if (!writes_metadata(picture))
        return upload(picture, err);
    exception = AcquireExceptionInfo();
    before = copy_profiles(picture->image, exception);
    rc = before != NULL ? write_metadata(picture, err) : common_fail_nomem(err);
    if (rc == 0)
        rc = upload(picture, err);
    if (rc != 0 && before != NULL) {
        DestroyImageProfiles(picture->image); /* the next leaves them where there is none to copy */
        (void)CloneImageProfiles(picture->image, before);
        picture->image->taint = before->taint;
    }
    if (before != NULL)
        DestroyImage(before);
    DestroyExceptionInfo(exception);
    return rc;
}

/* Puts the overlay of the result on the image. */
static int draw(const struct picture *picture, struct ir_error *err)
{
    Image *image = picture->image;
    bool swaps = ir_orientation_swaps_axes(outgoing_orientation(image));
    int width_px = (int)(swaps ? image->rows : image->columns);
    int height_px = (int)(swaps ? image->columns : image->rows);
    struct overlay *overlay = NULL;
    int rc;

    if (!work_has_task(picture->work, IR_SETTING_LABELS) ||
        picture->work->style.form == OVERLAY_NONE)
        return 0;
    rc = overlay_new_styled(picture->result, width_px, height_px, &picture->work->style, &overlay,
                            err);
    if (rc == 0)
        rc =
            ink_draw(overlay, outgoing_orientation(image), picture->work->draw_threads, image, err);
    if (rc == 0)
        notices_add(picture->work->notices, picture->result);
    overlay_free(overlay);
    return rc;
}

/* ---- one picture ------------------------------------------------------------------------- */

static int do_tasks(struct picture *picture, struct ir_error *err)
{
    int rc = check_image(picture->image, err);

    if (rc == 0)
        rc = check_cancel(picture->work, err);
    if (rc == 0)
        rc = generate(picture, err);
    if (rc == 0 && stores_first(picture->work))
        rc = upload(picture, err);
    if (rc == 0)
        rc = look_at(picture->work, picture->image, &picture->result, err);
    if (picture->work->plan != NULL) { /* what follows changes or stores the picture */
        if (rc == 0 && work_has_task(picture->work, IR_SETTING_UPLOAD))
            plan_add_upload(picture->work->plan);
        return rc;
    }
    if (rc == 0)
        rc = hide(picture, err);
    if (rc == 0)
        change_metadata(picture);
    if (rc == 0)
        rc = write_and_upload(picture, err);
    return rc;
}

/* What was answered before a task failed was paid for: it is published beside the error. */
static int publish(struct picture *picture, int rc, const struct ir_error *why,
                   struct ir_error *err)
{
    char line[LINE_BYTES] = "";

    if (rc != 0)
        ir_error_line(why, line, sizeof line);
    return results_publish(picture->image, picture->work->arguments->tasks, picture->result,
                           picture->uri[0] != '\0' ? picture->uri : NULL, line, err);
}

int tasks_run(const struct work *work, Image **io_image, const char *name, bool *out_is_safe,
              struct ir_error *err)
{
    struct picture picture = {.work = work, .image = *io_image, .name = name};
    char line[LINE_BYTES];
    struct ir_error later;
    int rc = do_tasks(&picture, err);

    ir_error_clear(&later);
    if (work->plan != NULL && picture.result != NULL)
        plan_add(work->plan, picture.result);
    if (publish(&picture, rc, err, &later) != 0 && rc == 0) {
        *err = later;
        rc = later.code;
    }
    results_forget(picture.image, picture.outdated & ~work->arguments->tasks);
    if (rc == 0 && work->plan == NULL) {
        rc = draw(&picture, err);
        if (rc != 0)
            results_set_error(picture.image, ir_error_line(err, line, sizeof line));
    }
    ir_result_free(picture.result);
    *io_image = picture.image;
    *out_is_safe = picture.is_safe;
    return rc;
}

/* White, all of it. */
static bool whiten(Image *image, ExceptionInfo *exception)
{
    image->alpha_trait = UndefinedPixelTrait;
    return SetImageStorageClass(image, DirectClass, exception) != MagickFalse &&
           QueryColorCompliance("white", AllCompliance, &image->background_color, exception) !=
               MagickFalse &&
           SetImageBackgroundColor(image, exception) != MagickFalse;
}

enum blanked tasks_blank(Image *image, unsigned tasks)
{
    ExceptionInfo *exception = AcquireExceptionInfo();
    bool is_white, is_pixel;

    (void)StripImage(image, exception); /* the colour profile, too, which may bear a name */
    metadata_remove_all(image);
    is_white = whiten(image, exception);
    /* Where there is no memory for all of it (or for a copy that several images share). */
    is_pixel = !is_white && SetImageExtent(image, 1, 1, exception) != MagickFalse &&
               whiten(image, exception);
    DestroyExceptionInfo(exception);
    results_forget(image, OF_ONE_PICTURE & ~(tasks & (IR_SETTING_CHECK | IR_SETTING_UPLOAD)));
    return is_white ? BLANKED_WHITE : is_pixel ? BLANKED_PIXEL : BLANKED_NOT;
}
