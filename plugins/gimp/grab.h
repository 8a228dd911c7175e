/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The picture that the image's layers show, taken once: with this plug-in's own layers where what
 * would be shared is judged or sent, without them where a picture is described or changed. How the
 * window shows it otherwise (seen.h) counts for no task. GIMP's image is not changed: not its
 * layers, not its undo history, not its "modified" mark. Main thread only.
 */
#ifndef PLUGINS_GIMP_GRAB_H
#define PLUGINS_GIMP_GRAB_H

#include <libgimp/gimp.h>

#include <imgrecog/error.h>
#include <imgrecog/geometry.h>

struct grab;

/*
 * Takes the visible pixels of `image`; edits after this do not reach them. `own_kind` names the own
 * layers to leave out (own.h), NULL none. Where there are none, GIMP takes all pixels in one call;
 * else other layers are copied one by one, and what is edited between two of them is seen of some
 * alone. IR_ERR_ARG: the image was closed or GIMP refused. `*out` is freed with grab_free.
 */
IR_MUST_CHECK int grab_new(GimpImage *image, const char *own_kind, struct grab **out,
                           struct ir_error *err);
/* NULL is allowed. */
void grab_free(struct grab *grab);

/* From now on only this part, inside the picture, is read, and width and height are its own. */
void grab_set_area(struct grab *grab, const struct ir_rect *area);

int grab_width_px(const struct grab *grab);
int grab_height_px(const struct grab *grab);

/*
 * Reads rows of the picture scaled to width_px x height_px (at most its own size) as 8-bit sRGB,
 * transparent parts over white: at most TURN_PIXELS pixels (turn.h), at least one row, from
 * `first_row` on, to the place in `rgb` where these rows belong. Returns how many rows were read.
 * Small steps, so that the caller's dialog stays alive between them.
 */
int grab_read_rows(struct grab *grab, int width_px, int height_px, int first_row,
                   unsigned char *rgb);

#endif
