/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the size of a piece and the loop's turns in between. A piece is a row of whole tiles, or
 * some of them: GIMP's library fetches a tile that is written in part, and sends it back, each
 * time.
 */
#include "plugins/gimp/turn.h"

/* What the dialog may do between two pieces. */
#define EVENTS_MAX 50

/*
 * An idle GIMP answers within 1 ms. Before each question it gets the time to begin its next piece:
 * a question that is there already is answered first.
 */
#define BUSY_US 10000
#define PAUSE_US 2000
#define IDLE_IN_A_ROW 2

void turn_loop(void)
{
    for (int i = 0; i < EVENTS_MAX && g_main_context_iteration(NULL, FALSE); i++)
        continue;
}

void turn_until_idle(const bool *stop, gint64 most_us)
{
    gint64 began_us = g_get_monotonic_time();
    gint64 asked_us = began_us;
    int at_once = 0;

    while (at_once < IDLE_IN_A_ROW && asked_us - began_us < most_us) {
        g_usleep(PAUSE_US);
        asked_us = g_get_monotonic_time();
        (void)gimp_getpid();
        at_once = g_get_monotonic_time() - asked_us < BUSY_US ? at_once + 1 : 0;
        turn_loop();
        if (stop != NULL && *stop)
            return;
    }
}

void turn_write(GimpDrawable *drawable, const Babl *format, size_t sample_bytes, turn_fill_fn fill,
                void *context)
{
    int width_px = gimp_drawable_get_width(drawable);
    int height_px = gimp_drawable_get_height(drawable);
    int high = (int)gimp_tile_height();
    int wide = MAX(1, TURN_PIXELS / high / (int)gimp_tile_width()) * (int)gimp_tile_width();
    unsigned char *samples = g_malloc_n((size_t)wide * (size_t)high, sample_bytes);
    GeglBuffer *buffer = gimp_drawable_get_buffer(drawable);

    for (int y = 0; y < height_px; y += high) {
        for (int x = 0; x < width_px; x += wide) {
            struct ir_rect part = {x, y, MIN(wide, width_px - x), MIN(high, height_px - y)};

            fill(context, &part, samples);
            gegl_buffer_set(buffer, GEGL_RECTANGLE(x, y, part.width_px, part.height_px), 0, format,
                            samples, GEGL_AUTO_ROWSTRIDE);
            gegl_buffer_flush(buffer); /* else all tiles are sent to GIMP at the end, in one go */
            turn_loop();
        }
    }
    g_object_unref(buffer);
    g_free(samples);
    gimp_drawable_update(drawable, 0, 0, width_px, height_px);
}
