/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the redaction layer: as large as the smallest rectangle that holds all places, transparent
 * but for these, which are opaque. What they are painted with is cover.h's: it is made of what is
 * seen around them, so neither the layer nor a flattened copy holds anything of what is hidden.
 * Also owns that copy, which is made where no window shows it (hidden.h) until it is whole.
 *
 * Each call takes GIMP up to a second on a huge canvas, and a large place long to be painted, so
 * the main loop turns between any two calls and pieces.
 */
#include "plugins/gimp/redact.h"

#include <stdbool.h>

#include "plugins/common/cover.h"
#include "plugins/common/fail.h"
#include "plugins/gimp/hidden.h"
#include "plugins/gimp/i18n.h"
#include "plugins/gimp/seen.h"
#include "plugins/gimp/selected.h"
#include "plugins/gimp/task.h"
#include "plugins/gimp/turn.h"

#define CHANNELS 4           /* red, green, blue, alpha */
#define FULL 255.0           /* a sample */
#define RUN_PIXELS (1 << 12) /* read in one go of what is around a place */

struct redaction {
    GimpImage *image;
    int width_px; /* of the image */
    int height_px;
    struct cover_places places;
    struct ir_rect hull;
    enum redact_how how;
};

static void find_hull(struct redaction *r)
{
    int left_px = G_MAXINT, top_px = G_MAXINT, right_px = 0, bottom_px = 0;

    for (size_t i = 0; i < r->places.count; i++) {
        const struct ir_rect *place = &r->places.items[i];

        left_px = MIN(left_px, place->left_px);
        top_px = MIN(top_px, place->top_px);
        right_px = MAX(right_px, place->left_px + place->width_px);
        bottom_px = MAX(bottom_px, place->top_px + place->height_px);
    }
    r->hull = (struct ir_rect){left_px, top_px, right_px - left_px, bottom_px - top_px};
}

/* ---- painting ---------------------------------------------------------------------------- */

/*
 * A surface of cover.h. Samples are 8-bit sRGB in images of any precision: the first conversion to
 * floats takes babl half a second in a process, and that much less is enough for what hides.
 */
struct canvas {
    const struct redaction *redaction;
    GeglBuffer *seen;    /* the visible picture */
    GeglBuffer *painted; /* the layer's; its corner is the hull's */
    const Babl *format;
    unsigned char under[RUN_PIXELS * CHANNELS];
    unsigned char over[RUN_PIXELS * CHANNELS];
    unsigned char *piece; /* TURN_PIXELS */
};

/* Adds pixels as they are seen: what is painted, else what was there, over white. */
static void add_pixels(const struct canvas *canvas, int count, double sum[COVER_COLORS])
{
    for (int i = 0; i < count; i++) {
        const unsigned char *over = canvas->over + (size_t)i * CHANNELS;
        const unsigned char *under = canvas->under + (size_t)i * CHANNELS;
        const unsigned char *pixel = over[CHANNELS - 1] > 0 ? over : under;
        double alpha = pixel[CHANNELS - 1] / FULL;

        for (int c = 0; c < CHANNELS - 1; c++)
            sum[c] += pixel[c] * alpha + FULL * (1.0 - alpha);
    }
}

static bool mean_of(void *context, const struct ir_rect *run, double out[COVER_COLORS])
{
    struct canvas *canvas = context;
    const struct ir_rect *hull = &canvas->redaction->hull;
    bool is_across = run->height_px == 1;
    int length_px = run->width_px * run->height_px;

    for (int c = 0; c < COVER_COLORS; c++)
        out[c] = 0.0;
    for (int done = 0; done < length_px; done += RUN_PIXELS) {
        int count = MIN(RUN_PIXELS, length_px - done);
        GeglRectangle area = {run->left_px + (is_across ? done : 0),
                              run->top_px + (is_across ? 0 : done), is_across ? count : 1,
                              is_across ? 1 : count};

        gegl_buffer_get(canvas->seen, &area, 1.0, canvas->format, canvas->under,
                        GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_CLAMP);
        area.x -= hull->left_px;
        area.y -= hull->top_px;
        gegl_buffer_get(canvas->painted, &area, 1.0, canvas->format, canvas->over,
                        GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE); /* transparent outside of the hull */
        add_pixels(canvas, count, out);
        turn_loop(); /* a column goes through as many tiles as it is high */
    }
    for (int c = 0; c < COVER_COLORS; c++)
        out[c] /= length_px;
    return true;
}

/* `part` is inside the place, from whose corner colours are counted. */
static void paint_part(struct canvas *canvas, const struct ir_rect *place,
                       const struct ir_rect *part, cover_color_fn color_at,
                       const void *color_context)
{
    const struct ir_rect *hull = &canvas->redaction->hull;
    unsigned char *sample = canvas->piece;
    double color[COVER_COLORS];

    for (int y = 0; y < part->height_px; y++) {
        for (int x = 0; x < part->width_px; x++, sample += CHANNELS) {
            color_at(color_context, part->left_px - place->left_px + x,
                     part->top_px - place->top_px + y, color);
            for (int c = 0; c < CHANNELS - 1; c++)
                sample[c] = (unsigned char)(color[c] + 0.5);
            sample[CHANNELS - 1] = (unsigned char)FULL;
        }
    }
    gegl_buffer_set(canvas->painted,
                    GEGL_RECTANGLE(part->left_px - hull->left_px, part->top_px - hull->top_px,
                                   part->width_px, part->height_px),
                    0, canvas->format, canvas->piece, GEGL_AUTO_ROWSTRIDE);
    gegl_buffer_flush(canvas->painted); /* else all tiles are sent to GIMP at the end, in one go */
}

static bool paint(void *context, const struct ir_rect *place, cover_color_fn color_at,
                  const void *color_context)
{
    struct canvas *canvas = context;
    int high_px = (int)gimp_tile_height();
    int wide_px = TURN_PIXELS / high_px;

    for (int y = 0; y < place->height_px; y += high_px) {
        for (int x = 0; x < place->width_px; x += wide_px) {
            struct ir_rect part = {place->left_px + x, place->top_px + y,
                                   MIN(wide_px, place->width_px - x),
                                   MIN(high_px, place->height_px - y)};

            paint_part(canvas, place, &part, color_at, color_context);
            turn_loop();
        }
    }
    return true;
}

static bool paint_layer(const struct redaction *r, GimpLayer *seen, GimpLayer *layer)
{
    static const enum cover_look looks[] = {
        [REDACT_PIXELATE] = COVER_MOSAIC, [REDACT_BLUR] = COVER_BLUR, [REDACT_FILL] = COVER_FILL};
    static const double gray[COVER_COLORS] = {FULL / 2.0, FULL / 2.0, FULL / 2.0, 0.0};
    static const double black[COVER_COLORS] = {0.0, 0.0, 0.0, 0.0};
    struct canvas *canvas = g_new0(struct canvas, 1);
    const struct cover_surface surface = {canvas, r->width_px, r->height_px, FULL, mean_of, paint};
    bool painted;

    canvas->redaction = r;
    canvas->seen = gimp_drawable_get_buffer(GIMP_DRAWABLE(seen));
    canvas->painted = gimp_drawable_get_buffer(GIMP_DRAWABLE(layer));
    canvas->format = babl_format("R'G'B'A u8");
    canvas->piece = g_malloc_n(TURN_PIXELS, CHANNELS);
    painted =
        cover_paint(&surface, looks[r->how], r->how == REDACT_FILL ? black : gray, &r->places);
    g_free(canvas->piece);
    g_object_unref(canvas->painted);
    g_object_unref(canvas->seen);
    g_free(canvas);
    gimp_drawable_update(GIMP_DRAWABLE(layer), 0, 0, r->hull.width_px, r->hull.height_px);
    return painted;
}

/* ---- the layer --------------------------------------------------------------------------- */

static const char *name_of(enum redact_how how)
{
    return how == REDACT_BLUR       ? _("Redacted (blurred)")
           : how == REDACT_PIXELATE ? _("Redacted (pixelated)")
                                    : _("Redacted (filled)");
}

/* In `hidden`, not inserted. */
static int make_layer(const struct redaction *r, GimpImage *hidden, GimpLayer **out,
                      struct ir_error *err)
{
    GimpLayer *seen = seen_new_layer(r->image, hidden, "imgrecog");
    GimpLayer *layer;
    int rc = 0;

    if (seen == NULL)
        return hidden_fail_refused(r->image, err);
    turn_loop();
    layer = gimp_layer_new(hidden, name_of(r->how), r->hull.width_px, r->hull.height_px,
                           hidden_layer_type(hidden), 100.0, GIMP_LAYER_MODE_NORMAL);
    if (layer == NULL || !gimp_layer_set_offsets(layer, r->hull.left_px, r->hull.top_px))
        rc = hidden_fail_refused(r->image, err);
    else if (!paint_layer(r, seen, layer))
        rc = common_fail_nomem(err); /* our surface itself does not fail */
    gimp_item_delete(GIMP_ITEM(seen));
    *out = layer;
    return rc;
}

static int check(const struct redact_wish *wish, GimpImage *image,
                 const struct cover_places *covered, struct ir_error *err)
{
    return wish->check != NULL ? wish->check(wish->context, image, covered, err) : 0;
}

/* NULL when GIMP refused. */
static GimpLayer *insert_step(const struct redaction *r, GimpLayer *layer)
{
    struct selected selected = selected_take(r->image);
    GimpLayer *inserted;

    gimp_image_undo_group_start(r->image);
    inserted = hidden_insert(layer, r->image, 0);
    selected_restore(r->image, &selected, NULL);
    task_end_step(r->image);
    return inserted;
}

/*
 * The image may have been closed, scaled or turned while the layer was made, and may be between the
 * check and the insertion, which are two calls. What is done to it after the insertion is done to
 * the layer, too.
 */
static int insert(const struct redaction *r, const struct redact_wish *wish, GimpLayer *layer,
                  struct ir_error *err)
{
    GimpLayer *inserted;
    int rc = task_check_same(r->image, r->width_px, r->height_px, err);

    if (rc == 0)
        rc = check(wish, r->image, NULL, err);
    if (rc != 0)
        return rc;
    inserted = insert_step(r, layer);
    if (inserted == NULL)
        return hidden_fail_refused(r->image, err);
    rc = check(wish, r->image, &r->places, err);
    if (!selected_is_in(r->image, inserted)) /* the user has undone it */
        return rc != 0 ? rc
                       : common_fail(err, IR_ERR_ARG, _("Repeat the command."), "%s",
                                     _("The layer was removed while the image was compared with "
                                       "what was checked: nothing is covered."));
    if (rc != 0)
        gimp_image_remove_layer(r->image, inserted);
    return rc;
}

int redact_add_layer(GimpImage *image, const struct redact_wish *wish, struct ir_error *err)
{
    struct redaction r = {.image = image, .how = wish->how};
    GimpImage *hidden;
    GimpLayer *layer = NULL;
    int rc;

    if (!cover_places_init(&r.places))
        return common_fail_nomem(err);
    r.width_px = gimp_image_get_width(image);
    r.height_px = gimp_image_get_height(image);
    for (size_t i = 0; i < wish->count; i++)
        cover_places_add(&r.places, wish->rects[i], wish->margin_frac, r.width_px, r.height_px);
    find_hull(&r);
    hidden = hidden_new(image);
    rc = hidden != NULL ? make_layer(&r, hidden, &layer, err) : hidden_fail_refused(image, err);
    if (rc == 0)
        rc = insert(&r, wish, layer, err);
    if (layer != NULL)
        gimp_item_delete(GIMP_ITEM(layer));
    if (hidden != NULL)
        gimp_image_delete(hidden);
    cover_places_release(&r.places);
    return rc;
}

/* ---- copy -------------------------------------------------------------------------------- */

static int fail_copy(struct ir_error *err)
{
    return common_fail(err, IR_ERR_ARG, "", "%s", _("GIMP could not copy the image."));
}

/* What the layers of `image` show, in `copy`, and how large it is printed. */
static int take_seen(GimpImage *image, GimpImage *copy, struct ir_error *err)
{
    GimpLayer *layer = seen_new_layer(image, copy, _("Picture"));
    double x_ppi, y_ppi;

    if (layer == NULL || !gimp_image_insert_layer(copy, layer, NULL, 0) ||
        !gimp_image_get_resolution(image, &x_ppi, &y_ppi) ||
        !gimp_image_set_resolution(copy, x_ppi, y_ppi))
        return fail_copy(err);
    return 0;
}

static int flatten(GimpImage *copy, struct ir_error *err)
{
    GeglColor *white = gegl_color_new("white");
    GimpLayer *layer;

    gimp_context_push();
    gimp_context_set_background(white);
    layer = gimp_image_flatten(copy);
    gimp_context_pop();
    g_object_unref(white);
    if (layer == NULL)
        return common_fail(err, IR_ERR_ARG, "", "%s", _("GIMP could not flatten the copy."));
    gimp_item_set_name(GIMP_ITEM(layer), _("Picture"));
    return 0;
}

/*
 * A new image, which holds what is put into it: a duplicate would hold what hangs on the image and
 * its layers, such as the words of a text layer or the palette with the colours of what is hidden.
 */
int redact_make_copy(GimpImage *image, const struct redact_wish *wish, GimpImage **out,
                     struct ir_error *err)
{
    GimpImage *copy = hidden_new(image);
    struct redact_wish on_copy = *wish;
    int rc;

    if (copy == NULL)
        return fail_copy(err);
    rc = take_seen(image, copy, err);
    turn_loop();
    if (rc == 0)
        rc = check(wish, copy, NULL, err);
    on_copy.check = NULL; /* nobody else changes it any more */
    if (rc == 0 && wish->count > 0)
        rc = redact_add_layer(copy, &on_copy, err);
    turn_loop();
    if (rc == 0)
        rc = flatten(copy, err);
    if (rc != 0) {
        gimp_image_delete(copy);
        return rc;
    }
    gimp_image_undo_enable(copy);
    hidden_unmark(copy);
    *out = copy;
    return 0;
}
