/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns fonts that threads use one after another. A font map (Pango) may be used by any thread, but
 * by one at a time, and costs milliseconds to fill: threads that each draw one overlay and end
 * would spend more on fonts than on drawing. Who finds no map free makes one, up to one a
 * processor, or waits; nobody who has one waits for anything, but for the loader, which has some
 * until all are filled.
 */
#include "plugins/common/overlay_private.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "plugins/common/pool.h"

#define MAX_MAPS 8
#define LOADED_FONT_PX 20 /* a face is loaded for all sizes */

struct overlay_fonts {
    pthread_mutex_t lock; /* the following */
    pthread_cond_t is_free;
    size_t max_count;
    size_t made_count;
    size_t free_count;
    PangoFontMap *free_maps[MAX_MAPS];
    char family[OVERLAY_FONT_BYTES]; /* that is loaded ahead... */
    size_t ahead_count;              /* ...into so many maps */
    pthread_t loader;
    bool has_loader;
};

/* A pthread's function: fills maps by measuring a word with each. */
static void *load(void *argument)
{
    struct overlay_fonts *fonts = argument;
    struct overlay_text texts[MAX_MAPS];
    int width_px, height_px;

    for (size_t i = 0; i < fonts->ahead_count; i++) {
        overlay_text_init(&texts[i], fonts, fonts->family, LOADED_FONT_PX);
        overlay_text_measure(&texts[i], "Label 99%", &width_px, &height_px);
    }
    for (size_t i = 0; i < fonts->ahead_count; i++)
        overlay_text_release(&texts[i]);
    return NULL;
}

struct overlay_fonts *overlay_fonts_new(const char *family, size_t drawer_count)
{
    struct overlay_fonts *fonts = calloc(1, sizeof *fonts);
    long processors = sysconf(_SC_NPROCESSORS_ONLN);

    if (fonts == NULL)
        return NULL;
    pthread_mutex_init(&fonts->lock, NULL);
    pthread_cond_init(&fonts->is_free, NULL);
    fonts->max_count = (size_t)CLAMP(processors, 1, MAX_MAPS);
    if (family != NULL) { /* for want of a thread, the first who needs fonts loads them */
        g_strlcpy(fonts->family, family, sizeof fonts->family);
        fonts->ahead_count = MIN(drawer_count, fonts->max_count);
        fonts->has_loader = pool_start_thread(&fonts->loader, load, fonts);
    }
    return fonts;
}

void overlay_fonts_free(struct overlay_fonts *fonts)
{
    if (fonts == NULL)
        return;
    if (fonts->has_loader)
        pthread_join(fonts->loader, NULL);
    for (size_t i = 0; i < fonts->free_count; i++)
        g_object_unref(fonts->free_maps[i]);
    pthread_cond_destroy(&fonts->is_free);
    pthread_mutex_destroy(&fonts->lock);
    free(fonts);
}

PangoFontMap *overlay_fonts_take(struct overlay_fonts *fonts)
{
    PangoFontMap *map = NULL;

    if (fonts == NULL)
        return g_object_ref(pango_cairo_font_map_get_default()); /* the thread's own */
    pthread_mutex_lock(&fonts->lock);
    while (fonts->free_count == 0 && fonts->made_count == fonts->max_count)
        pthread_cond_wait(&fonts->is_free, &fonts->lock);
    if (fonts->free_count > 0)
        map = fonts->free_maps[--fonts->free_count];
    else
        fonts->made_count++;
    pthread_mutex_unlock(&fonts->lock);
    return map != NULL ? map : pango_cairo_font_map_new();
}

void overlay_fonts_give(struct overlay_fonts *fonts, PangoFontMap *map)
{
    if (fonts == NULL) {
        g_object_unref(map);
        return;
    }
    pthread_mutex_lock(&fonts->lock);
    fonts->free_maps[fonts->free_count++] = map;
    pthread_cond_signal(&fonts->is_free);
    pthread_mutex_unlock(&fonts->lock);
}
