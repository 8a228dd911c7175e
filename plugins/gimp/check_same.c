/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns telling whether the image still looks as it did when it was checked: an image that was
 * flipped, turned by half or rearranged meanwhile has its size still, and would be covered in wrong
 * places. Its small picture is compared with the one that was made for the dialog's list, outside
 * of what was covered since.
 */
#include <math.h>
#include <stdlib.h>

#include "plugins/common/cover.h"
#include "plugins/common/fail.h"
#include "plugins/gimp/check.h"
#include "plugins/gimp/grab.h"
#include "plugins/gimp/i18n.h"
#include "plugins/gimp/turn.h"

/* Of a sample: GIMP's conversions are as exact as its library finds them fast at the time. */
#define ROUNDING_MOST 2
#define BORDER_PX 1 /* of the small picture, into which a place shines when it is scaled */

static int fail_changed(struct ir_error *err)
{
    return common_fail(err, IR_ERR_ARG, _("Check it again."), "%s",
                       _("The image was changed since it was looked at, so what was found may lie "
                         "in another place now; nothing was covered."));
}

/* As read_preview of check.c had it. */
static int read_small(const struct task *task, unsigned char *rgb, struct ir_error *err)
{
    const struct check_own *own = task->own;
    struct grab *grab = NULL;
    int rc = grab_new(task->image, NULL, &grab, err);

    if (rc != 0)
        return rc;
    if (grab_width_px(grab) != task->width_px || grab_height_px(grab) != task->height_px)
        rc = fail_changed(err);
    for (int row = 0; rc == 0 && row < own->preview_height_px;) {
        row += grab_read_rows(grab, own->preview_width_px, own->preview_height_px, row, rgb);
        turn_loop();
    }
    grab_free(grab);
    return rc;
}

static bool is_same(const struct check_own *own, const unsigned char *rgb)
{
    size_t pixels = (size_t)own->preview_width_px * (size_t)own->preview_height_px;

    for (size_t i = 0; i < pixels; i++) {
        if (own->covered != NULL && own->covered[i] != 0)
            continue;
        for (size_t sample = i * 3; sample < i * 3 + 3; sample++) {
            if (abs(rgb[sample] - own->preview_rgb[sample]) > ROUNDING_MOST)
                return false;
        }
    }
    return true;
}

int check_same(const struct task *task, struct ir_error *err)
{
    const struct check_own *own = task->own;
    int rc = task_check_size(task, err);
    unsigned char *rgb;

    if (rc != 0)
        return rc;
    rgb = g_malloc0_n((size_t)own->preview_width_px * (size_t)own->preview_height_px, 3);
    rc = read_small(task, rgb, err);
    if (rc == 0 && !is_same(own, rgb))
        rc = fail_changed(err);
    g_free(rgb);
    return rc;
}

static void note_place(struct check_own *own, const struct ir_rect *place, double scale)
{
    int left_px = MAX(0, (int)floor(place->left_px * scale) - BORDER_PX);
    int top_px = MAX(0, (int)floor(place->top_px * scale) - BORDER_PX);
    int right_px = MIN(own->preview_width_px,
                       (int)ceil((place->left_px + place->width_px) * scale) + BORDER_PX);
    int bottom_px = MIN(own->preview_height_px,
                        (int)ceil((place->top_px + place->height_px) * scale) + BORDER_PX);

    for (int y = top_px; y < bottom_px; y++)
        for (int x = left_px; x < right_px; x++)
            own->covered[(size_t)y * (size_t)own->preview_width_px + (size_t)x] = 1;
}

int check_note_covered(const struct task *task, const struct redact_wish *wish,
                       struct ir_error *err)
{
    struct check_own *own = task->own;
    double scale = (double)own->preview_width_px / task->width_px;
    struct cover_places places;

    if (!cover_places_init(&places))
        return common_fail_nomem(err);
    for (size_t i = 0; i < wish->count; i++)
        cover_places_add(&places, wish->rects[i], wish->margin_frac, task->width_px,
                         task->height_px);
    if (own->covered == NULL)
        own->covered = g_malloc0((size_t)own->preview_width_px * (size_t)own->preview_height_px);
    for (size_t i = 0; i < places.count; i++)
        note_place(own, &places.items[i], scale);
    cover_places_release(&places);
    return 0;
}
