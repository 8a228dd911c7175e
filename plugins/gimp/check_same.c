/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns telling whether the image still looks as it did when it was checked: an image that was
 * flipped, turned by half or rearranged meanwhile has its size still, and would be covered in wrong
 * places. Its small picture is compared with the one that was made for the dialog's list, outside
 * of what layers of the same check cover since.
 */
#include <math.h>
#include <stdlib.h>

#include "plugins/common/fail.h"
#include "plugins/gimp/check.h"
#include "plugins/gimp/grab.h"
#include "plugins/gimp/i18n.h"
#include "plugins/gimp/turn.h"

/* Of a sample: GIMP's conversions are as exact as its library finds them fast at the time. */
#define ROUNDING_MOST 2
#define BORDER_PX 2 /* of the small picture, into which a place shines when it is scaled */

static int fail_changed(struct ir_error *err)
{
    return common_fail(err, IR_ERR_ARG, _("Check it again."), "%s",
                       _("The image was changed since it was looked at, so what was found may lie "
                         "in another place now; nothing was covered."));
}

/* As read_preview of check.c had it. */
static int read_small(const struct task *task, GimpImage *image, unsigned char *rgb,
                      struct ir_error *err)
{
    const struct check_own *own = task->own;
    struct grab *grab = NULL;
    int rc = grab_new(image, NULL, &grab, err);

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

static size_t small_pixels(const struct check_own *own)
{
    return (size_t)own->preview_width_px * (size_t)own->preview_height_px;
}

static bool is_same(const struct check_own *own, const unsigned char *covered,
                    const unsigned char *rgb)
{
    for (size_t i = 0; i < small_pixels(own); i++) {
        if (covered[i] != 0)
            continue;
        for (size_t sample = i * 3; sample < i * 3 + 3; sample++) {
            if (abs(rgb[sample] - own->preview_rgb[sample]) > ROUNDING_MOST)
                return false;
        }
    }
    return true;
}

static void note_place(const struct check_own *own, const struct ir_rect *place, double scale,
                       unsigned char *covered)
{
    int left_px = MAX(0, (int)floor(place->left_px * scale) - BORDER_PX);
    int top_px = MAX(0, (int)floor(place->top_px * scale) - BORDER_PX);
    int right_px = MIN(own->preview_width_px,
                       (int)ceil((place->left_px + place->width_px) * scale) + BORDER_PX);
    int bottom_px = MIN(own->preview_height_px,
                        (int)ceil((place->top_px + place->height_px) * scale) + BORDER_PX);

    for (int y = top_px; y < bottom_px; y++)
        for (int x = left_px; x < right_px; x++)
            covered[(size_t)y * (size_t)own->preview_width_px + (size_t)x] = 1;
}

/* The pixels of the small picture that layers cover, with these (g_free). */
static unsigned char *new_covered(const struct task *task, const struct cover_places *more)
{
    const struct check_own *own = task->own;
    double scale = (double)own->preview_width_px / task->width_px;
    unsigned char *covered = own->covered != NULL ? g_memdup2(own->covered, small_pixels(own))
                                                  : g_malloc0(small_pixels(own));

    for (size_t i = 0; more != NULL && i < more->count; i++)
        note_place(own, &more->items[i], scale, covered);
    return covered;
}

int check_same(void *context, GimpImage *image, const struct cover_places *covered,
               struct ir_error *err)
{
    struct task *task = context;
    struct check_own *own = task->own;
    unsigned char *rgb = g_malloc0_n(small_pixels(own), 3);
    unsigned char *all = new_covered(task, covered);
    int rc = read_small(task, image, rgb, err);

    if (rc == 0 && !is_same(own, all, rgb))
        rc = fail_changed(err);
    if (rc == 0 && covered != NULL) {
        g_free(own->covered);
        own->covered = g_steal_pointer(&all);
    }
    g_free(all);
    g_free(rgb);
    return rc;
}
