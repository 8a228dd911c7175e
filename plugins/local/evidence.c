/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs the recognisers side by side, text in a thread of its own, since it takes about as long as
 * all the others together. */
#include "plugins/local/evidence.h"

#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#include "plugins/local/deadline.h"

struct text_job {
    const struct recognisers *recognisers;
    const struct image *image;
    int64_t deadline_ms;
    struct text_page page;
    bool finished;
};

static void *read_text(void *context)
{
    struct text_job *job = context;
    struct gray gray = {0};
    if (gray_from_image(job->image, TEXT_MIN_SIDE_PX, TEXT_MAX_SIDE_PX, &gray) != 0)
        return NULL;
    if (text_read(job->recognisers->reader, &gray, job->deadline_ms, &job->page) == 0)
        job->finished = job->page.finished;
    gray_release(&gray);
    return NULL;
}

static bool find_faces(const struct recognisers *recognisers, const struct image *image,
                       struct evidence *evidence)
{
    struct gray gray = {0};
    if (gray_from_image(image, 0, FACES_SIDE_PX, &gray) != 0)
        return false;
    struct faces_options options = faces_options_for(&gray, evidence->deadline_ms);
    int rc = faces_find(recognisers->cascade, &gray, &options, &evidence->faces);
    evidence->faces_width_px = gray.width_px;
    evidence->faces_height_px = gray.height_px;
    gray_release(&gray);
    return rc == 0;
}

static bool find_codes(const struct image *image, struct evidence *evidence)
{
    struct gray gray = {0};
    if (deadline_passed(evidence->deadline_ms) ||
        gray_from_image(image, 0, CODES_SIDE_PX, &gray) != 0)
        return false;
    int rc = codes_find(&gray, &evidence->codes);
    gray_release(&gray);
    return rc == 0;
}

void evidence_gather(const struct recognisers *recognisers, const struct image *image,
                     unsigned wanted, struct evidence *out)
{
    memset(out, 0, sizeof *out);
    out->wanted = wanted;
    out->faces_width_px = image->width_px; /* where faces are looked for, another size */
    out->faces_height_px = image->height_px;
    out->deadline_ms = deadline_now_ms() + recognisers->deadline_ms;
    struct text_job job = {
        .recognisers = recognisers, .image = image, .deadline_ms = out->deadline_ms};
    pthread_t thread;
    bool threaded = (wanted & LOOK_TEXT) != 0 && (wanted & ~(unsigned)LOOK_TEXT) != 0 &&
                    pthread_create(&thread, NULL, read_text, &job) == 0;
    if ((wanted & LOOK_FACES) != 0 && find_faces(recognisers, image, out))
        out->finished |= LOOK_FACES;
    if ((wanted & LOOK_CODES) != 0 && find_codes(image, out))
        out->finished |= LOOK_CODES;
    if (threaded)
        pthread_join(thread, NULL);
    else if ((wanted & LOOK_TEXT) != 0)
        read_text(&job);
    out->text = job.page;
    if (job.finished)
        out->finished |= LOOK_TEXT;
}

void evidence_release(struct evidence *evidence)
{
    text_page_release(&evidence->text);
}

struct ir_box evidence_face_box(const struct evidence *evidence, int face_index)
{
    const struct face *face = &evidence->faces.items[face_index];
    return (struct ir_box){(double)face->box.left_px / evidence->faces_width_px,
                           (double)face->box.top_px / evidence->faces_height_px,
                           (double)face->box.width_px / evidence->faces_width_px,
                           (double)face->box.height_px / evidence->faces_height_px};
}
