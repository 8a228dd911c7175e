/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What both shapes share: reading members, painting, masks. */
#include "plugins/local/standin.h"

#include <math.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/base64.h"
#include "core/base/world.h"
#include "plugins/local/refuse.h"
#include "plugins/local/standin_draw.h"

#define MAX_PROMPT_BYTES 40000
#define MAX_FILE_BYTES (32U << 20)
#define HALF 128
#define MAX_SEED 4294967295.0

void standin_init(struct standin *standin)
{
    memset(standin, 0, sizeof *standin);
    ir_buf_init(&standin->prompt, MAX_PROMPT_BYTES);
    standin->base_part = 0.5;
}

void standin_release(struct standin *standin)
{
    ir_buf_release(&standin->prompt);
    raster_release(&standin->base);
    raster_release(&standin->mask);
}

int standin_read_number(const struct ir_json_value *body, const char *member, double minimum,
                        double maximum, double *out, struct ir_error *err)
{
    const struct ir_json_value *value = ir_json_get(body, member);
    double number = ir_json_number(value, NAN);
    if (value == NULL)
        return 0;
    if (!ir_json_is_number(value) || !(number >= minimum && number <= maximum))
        return refuse(err, &refuse_validation,
                      "Malformed input request: %s must be a number from %g to %.10g.", member,
                      minimum, maximum);
    *out = number;
    return 0;
}

int standin_read_picture(const struct ir_json_value *body, const char *member, struct raster *out,
                         struct ir_error *err)
{
    size_t chars = 0;
    size_t bytes = 0;
    const struct ir_json_value *value = ir_json_get(body, member);
    const char *text = ir_json_string(value, &chars, NULL);
    if (value == NULL)
        return 0;
    if (text == NULL)
        return refuse(err, &refuse_validation, "Malformed input request: %s is no text of base64.",
                      member);
    unsigned char *data = ir_malloc(3 * chars / 4 + 3);
    if (data == NULL)
        return refuse_nomem(err);
    int rc;
    if (ir_base64_decode(text, chars, data, &bytes) != 0)
        rc = refuse(err, &refuse_validation, "Malformed input request: %s is not base64.", member);
    else
        rc = raster_decode(data, bytes, member, out, err);
    ir_free(data);
    return rc;
}

/* Whether the pixel is to be painted. */
static bool is_painted(const struct standin *standin, size_t pixel)
{
    const unsigned char *mask = standin->mask.rgba != NULL ? standin->mask.rgba + 4 * pixel : NULL;
    switch (standin->mask_kind) {
    case STANDIN_MASK_WHITE:
        return mask[0] >= HALF;
    case STANDIN_MASK_BLACK:
        return mask[0] < HALF;
    case STANDIN_MASK_ALPHA:
        return standin->base.rgba[4 * pixel + 3] < HALF;
    default:
        return true;
    }
}

/*
 * The largest rectangle of painted pixels that ends in row `row`: `heights` says of each column how
 * many above are painted without a gap. A column is on the stack as long as no later one is lower
 * (the largest rectangle in a histogram).
 */
static void find_in_row(const int *heights, int width, int row, int *stack,
                        struct standin_area *best)
{
    int count = 0;
    for (int x = 0; x <= width; x++) {
        int height = x < width ? heights[x] : 0;
        while (count > 0 && heights[stack[count - 1]] >= height) {
            int high = heights[stack[--count]];
            int left = count > 0 ? stack[count - 1] + 1 : 0;
            if ((int64_t)high * (x - left) > (int64_t)best->width_px * best->height_px)
                *best = (struct standin_area){left, row - high + 1, x - left, high};
        }
        if (x < width)
            stack[count++] = x;
    }
}

/* Where words are not cut by the mask. */
static int find_area(const struct standin *standin, const struct raster *canvas,
                     struct standin_area *out)
{
    int width = canvas->width_px;
    int *heights;
    *out = (struct standin_area){0, 0, width, canvas->height_px};
    if (standin->mask_kind == STANDIN_MASK_NONE)
        return 0;
    heights = ir_calloc((size_t)width * 2, sizeof *heights);
    if (heights == NULL)
        return IR_ERR_NOMEM;
    *out = (struct standin_area){0, 0, 0, 0};
    for (int y = 0; y < canvas->height_px; y++) {
        for (int x = 0; x < width; x++)
            heights[x] =
                is_painted(standin, (size_t)y * (size_t)width + (size_t)x) ? heights[x] + 1 : 0;
        find_in_row(heights, width, y, heights + width, out);
    }
    ir_free(heights);
    return 0;
}

static int check_mask(const struct standin *standin, struct ir_error *err)
{
    bool needs_mask =
        standin->mask_kind == STANDIN_MASK_WHITE || standin->mask_kind == STANDIN_MASK_BLACK;
    if (standin->mask_kind != STANDIN_MASK_NONE && standin->base.rgba == NULL)
        return refuse(err, &refuse_validation,
                      "Malformed input request: a mask needs a picture that it is of.");
    if (needs_mask &&
        (standin->mask.rgba == NULL || standin->mask.width_px != standin->base.width_px ||
         standin->mask.height_px != standin->base.height_px))
        return refuse(err, &refuse_validation,
                      "Malformed input request: the mask must have the size of the picture.");
    return 0;
}

/* The seed of the picture: 0 means one by chance, as with the models that are stood in for. */
static uint32_t choose_seed(struct standin *standin)
{
    const struct ir_world *world = ir_world_system();
    if (standin->seed == 0)
        standin->seed = floor(world->chance(world->context) * MAX_SEED) + 1;
    return (uint32_t)standin->seed;
}

static int encode(const struct raster *canvas, struct ir_buf *out_base64)
{
    struct ir_buf file;
    ir_buf_init(&file, MAX_FILE_BYTES);
    int rc = raster_write_png(canvas, &file);
    char *text = rc == 0 ? ir_malloc(ir_base64_length(file.bytes) + 1) : NULL;
    if (text == NULL)
        rc = IR_ERR_NOMEM;
    else
        ir_buf_append(
            out_base64, text,
            ir_base64_encode((const unsigned char *)ir_buf_text(&file), file.bytes, text));
    ir_free(text);
    ir_buf_release(&file);
    return rc == 0 ? out_base64->failed : rc;
}

int standin_paint(struct standin *standin, struct ir_buf *out_base64, struct ir_error *err)
{
    struct raster canvas = {0};
    struct standin_area area;
    bool has_base = standin->base.rgba != NULL;
    int rc = check_mask(standin, err);
    if (rc != 0)
        return rc;
    uint32_t seed = choose_seed(standin);
    if (raster_new(standin->width_px, standin->height_px, &canvas) != 0)
        return refuse_nomem(err);
    size_t pixels = (size_t)canvas.width_px * (size_t)canvas.height_px;
    if (has_base)
        memcpy(canvas.rgba, standin->base.rgba, pixels * 4);
    rc = find_area(standin, &canvas, &area);
    if (rc == 0)
        rc = standin_draw(&canvas, ir_buf_text(&standin->prompt), seed, &area, has_base,
                          standin->base_part);
    for (size_t i = 0; rc == 0 && has_base && i < pixels; i++)
        if (!is_painted(standin, i))
            memcpy(canvas.rgba + 4 * i, standin->base.rgba + 4 * i, 4);
    if (rc == 0)
        rc = encode(&canvas, out_base64);
    raster_release(&canvas);
    return rc == 0 ? 0 : refuse_nomem(err);
}
