/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frontal faces by a Haar cascade, with the same boxes as OpenCV's CascadeClassifier. */
#ifndef PLUGINS_LOCAL_FACES_H
#define PLUGINS_LOCAL_FACES_H

#include <stdint.h>

#include "plugins/local/cascade.h"
#include "plugins/local/image.h"

#define FACES_SIDE_PX 1024  /* the picture's longer side at most */
#define FACES_MAX 100       /* Rekognition's DetectFaces gives up to 100 */
#define FACES_MIN_PART 0.04 /* smallest face, as a part of the longer side */
#define FACES_SCALE_STEP 1.2
#define FACES_MIN_NEIGHBORS 3
/* Boxes below this margin were mostly wrong on some 1,400 pictures that were looked at. */
#define FACES_MIN_MARGIN 1.9

struct faces_options {
    double scale_step;   /* > 1 */
    int min_neighbors;   /* a box needs more than this many raw hits */
    int min_side_px;     /* 0: no lower bound but the window */
    double min_margin;   /* boxes with less are dropped */
    int64_t deadline_ms; /* deadline_now_ms() scale */
};

struct face {
    struct {
        int left_px, top_px, width_px, height_px;
    } box;                 /* in the gray picture, inside it */
    double margin;         /* last stage's sum above its threshold */
    double confidence_pct; /* 100 / (1 + exp(-3.2 (margin - 1.7))) */
};

struct face_list {
    struct face items[FACES_MAX]; /* best first */
    int count;
};

/* The options that the endpoint uses for a picture of this size. */
struct faces_options faces_options_for(const struct gray *gray, int64_t deadline_ms);

/* IR_ERR_TIMEOUT: not finished by the deadline. IR_ERR_NOMEM. IR_ERR_TOO_LARGE: more raw hits than
 * can be grouped. `out` is untouched on failure. */
IR_MUST_CHECK int faces_find(const struct cascade *cascade, const struct gray *gray,
                             const struct faces_options *options, struct face_list *out);

#endif
