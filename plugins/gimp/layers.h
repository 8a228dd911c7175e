/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A result as layers of the user's image. What is drawn and where is the overlay's; here it is cut
 * into layers:
 *
 *     Labels (Rekognition)        group, marked as ours
 *       Legend                    group, only when there are labels without a box
 *         Outdoors 97%            text layer, one for each line
 *         Legend panel
 *       Face 92% (name)           group, one for each name plate, so that it can be moved as one
 *         Face 92%                text layer, editable
 *         Face 92% (plate)
 *       Face 92% (box)            exactly as large as the box; small ones above large ones
 *
 * Main thread only.
 */
#ifndef PLUGINS_GIMP_LAYERS_H
#define PLUGINS_GIMP_LAYERS_H

#include <libgimp/gimp.h>

#include <imgrecog/result.h>

/*
 * Whether layers_build can work on this image, for asking before a request is made and paid for.
 * IR_ERR_TOO_LARGE: a side is over the overlay's limit. IR_ERR_ARG: GIMP has no fonts.
 */
IR_MUST_CHECK int layers_check(GimpImage *image, struct ir_error *err);

/* What else belongs to the labels: put into the image when the new group is whole and the one of
 * the run before still there. Where it fails, the new group is removed and the old one stays. */
struct layers_also {
    int (*put)(void *context, struct ir_error *err);
    void *context;
};

/*
 * Puts the labels of `result` into `image` as one group in one undo step, in the place of the group
 * of the run before (own.h), which is removed when the new one is whole; without labels it is only
 * removed, and `also` (may be NULL) is not put. Selection, selected layers and channels, colours
 * and context stay; a selected layer that is removed is replaced by the new group.
 * IR_ERR_ARG: a side of the image is over 65,535 pixels (nothing is changed then), or GIMP refused
 * a layer; no new layer is left then, and the group of the run before stays. What failed before the
 * first layer leaves no undo step; later, one stays that changes nothing, and what could be redone
 * is gone: GIMP has no call that takes a step out, and while it is told to keep none
 * (gimp_image_undo_freeze) what the user does has none either. Where GIMP refused the
 * removal of that one half way, what is gone of it and what `also` has put are left to Undo, which
 * takes both back. IR_ERR_NOMEM, and what `also` returns.
 */
IR_MUST_CHECK int layers_build(GimpImage *image, const struct ir_result *result,
                               const char *group_name, const struct layers_also *also,
                               struct ir_error *err);

#endif
