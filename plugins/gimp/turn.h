/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Long work on the main thread, cut into pieces. Between two pieces the main loop turns, so that
 * the dialog is drawn and answers; what GIMP does in one call cannot be cut.
 */
#ifndef PLUGINS_GIMP_TURN_H
#define PLUGINS_GIMP_TURN_H

#include <stdbool.h>

#include <libgimp/gimp.h>

#include <imgrecog/geometry.h>

/* So many pixels are read or written in one piece: some 20 ms, with the way to GIMP and back. */
#define TURN_PIXELS (1 << 18)

/* Serves what waits in the main loop, a bounded number of events. */
void turn_loop(void);

/*
 * GIMP draws what was changed in pieces of some 100 ms, and answers one call between two of them:
 * twenty calls take two seconds then. Serves the loop until GIMP answers at once, `*stop` (NULL:
 * nothing) is true, or this time has passed, for it may go on as long as the user paints.
 */
void turn_until_idle(const bool *stop, gint64 most_us);

#define TURN_IDLE_MOST_US (4 * G_USEC_PER_SEC) /* where a run can wait */

/* Fills the samples of this part of a drawable, rows without gaps. */
typedef void (*turn_fill_fn)(void *context, const struct ir_rect *part, unsigned char *samples);

/*
 * Writes a whole drawable, piece by piece: `fill` gives the samples in `format`, `sample_bytes` a
 * pixel. The drawable is updated at the end.
 */
void turn_write(GimpDrawable *drawable, const Babl *format, size_t sample_bytes, turn_fill_fn fill,
                void *context);

#endif
