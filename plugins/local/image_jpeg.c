/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * JPEG by libjpeg: decoded at the smallest of its scales that is still large enough, the rest is
 * averaged row by row. libjpeg only warns about data that is cut off or damaged and fills in gray;
 * here that is an error, because boxes must not be found in what is not there. Files with very many
 * progressive scans, which cost time out of proportion to their size, are refused.
 */
#include <setjmp.h>
#include <stdio.h>

#include <jpeglib.h>
#include <jerror.h>

#include "core/base/alloc.h"
#include "plugins/local/image.h"
#include "plugins/local/refuse.h"
#include "plugins/local/scale.h"

#define CHANNELS 3
#define MAX_SCANS 100 /* libjpeg's own progressive script has 10 */
#define SCALE_DENOMINATOR 8

struct reader {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf on_error;
    struct shrink shrink;
    unsigned char *row; /* as libjpeg gives it, 3 or 4 bytes a pixel */
    unsigned char *rgb;
};

static void on_error(j_common_ptr jpeg)
{
    struct reader *reader = jpeg->client_data;
    longjmp(reader->on_error, 1);
}

/* libjpeg says which of its warnings mean that picture data is missing or wrong only by number. */
static void on_message(j_common_ptr jpeg, int level)
{
    if (level >= 0)
        return;
    switch (jpeg->err->msg_code) {
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_ARITH_BAD_CODE:
    case JWRN_JPEG_EOF:
    case JWRN_MUST_RESYNC:
        on_error(jpeg);
        break;
    default:
        break;
    }
}

static void on_progress(j_common_ptr jpeg)
{
    struct reader *reader = jpeg->client_data;
    if (reader->jpeg.input_scan_number > MAX_SCANS) {
        jpeg->err->msg_code = JERR_BAD_PROGRESSION;
        longjmp(reader->on_error, 1);
    }
}

/* Inks to RGB. Adobe's files, which are nearly all, store inks inverted: 255 is no ink. */
static void rgb_from_inks(const struct reader *reader, const unsigned char *inks,
                          unsigned char *rgb)
{
    bool inverted = reader->jpeg.saw_Adobe_marker;
    for (JDIMENSION x = 0; x < reader->jpeg.output_width; x++, inks += 4, rgb += CHANNELS) {
        int key = inverted ? inks[3] : 255 - inks[3];
        for (int c = 0; c < CHANNELS; c++) {
            int paper = inverted ? inks[c] : 255 - inks[c];
            rgb[c] = (unsigned char)(paper * key / 255);
        }
    }
}

/* Chooses the colours and the scale; false when the header asks for what is not taken. */
static bool choose_output(struct jpeg_decompress_struct *jpeg, int max_side_px)
{
    if (jpeg->image_width > IMAGE_MAX_SIDE_PX || jpeg->image_height > IMAGE_MAX_SIDE_PX ||
        jpeg->image_width < IMAGE_MIN_SIDE_PX || jpeg->image_height < IMAGE_MIN_SIDE_PX)
        return false;
    bool inks = jpeg->jpeg_color_space == JCS_CMYK || jpeg->jpeg_color_space == JCS_YCCK;
    jpeg->out_color_space = inks ? JCS_CMYK : JCS_RGB;
    unsigned longer =
        jpeg->image_width > jpeg->image_height ? jpeg->image_width : jpeg->image_height;
    jpeg->scale_denom = SCALE_DENOMINATOR;
    jpeg->scale_num = 1;
    while (jpeg->scale_num < SCALE_DENOMINATOR &&
           longer * jpeg->scale_num / SCALE_DENOMINATOR < (unsigned)max_side_px)
        jpeg->scale_num++;
    return true;
}

static int prepare_rows(struct reader *reader, int max_side_px, struct image *image)
{
    struct shrink *shrink = &reader->shrink;
    shrink->source_width_px = (int)reader->jpeg.output_width;
    shrink->source_height_px = (int)reader->jpeg.output_height;
    shrink->channels = CHANNELS;
    scale_fit(shrink->source_width_px, shrink->source_height_px, max_side_px, &image->width_px,
              &image->height_px);
    shrink->target_width_px = image->width_px;
    shrink->target_height_px = image->height_px;
    image->rgb = ir_malloc((size_t)image->width_px * (size_t)image->height_px * CHANNELS);
    reader->row = ir_malloc((size_t)reader->jpeg.output_width * 4);
    reader->rgb = ir_malloc((size_t)reader->jpeg.output_width * CHANNELS);
    shrink->target = image->rgb;
    if (image->rgb == NULL || reader->row == NULL || reader->rgb == NULL)
        return IR_ERR_NOMEM;
    return shrink_init(shrink);
}

static void read_rows(struct reader *reader)
{
    bool inks = reader->jpeg.out_color_space == JCS_CMYK;
    while (reader->jpeg.output_scanline < reader->jpeg.output_height) {
        JSAMPROW rows[1] = {reader->row};
        if (jpeg_read_scanlines(&reader->jpeg, rows, 1) != 1)
            continue;
        if (inks)
            rgb_from_inks(reader, reader->row, reader->rgb);
        shrink_push(&reader->shrink, inks ? reader->rgb : reader->row);
    }
}

static void reader_free(struct reader *reader)
{
    jpeg_destroy_decompress(&reader->jpeg);
    shrink_release(&reader->shrink);
    ir_free(reader->row);
    ir_free(reader->rgb);
    ir_free(reader);
}

int image_decode_jpeg(const unsigned char *data, size_t bytes, int max_side_px, struct image *out,
                      struct ir_error *err)
{
    struct reader *reader = ir_calloc(1, sizeof *reader);
    struct image *image = ir_calloc(1, sizeof *image); /* outlives the jump */
    int rc = 0;
    if (reader == NULL || image == NULL) {
        ir_free(reader);
        ir_free(image);
        return refuse_nomem(err);
    }
    reader->jpeg.err = jpeg_std_error(&reader->errors);
    reader->errors.error_exit = on_error;
    reader->errors.emit_message = on_message;
    reader->jpeg.client_data = reader;
    if (setjmp(reader->on_error) != 0) {
        char cause[JMSG_LENGTH_MAX];
        reader->errors.format_message((j_common_ptr)&reader->jpeg, cause);
        rc = refuse(err, &refuse_image_format,
                    "Request has invalid image format: the JPEG data is damaged or cut off (%s).",
                    cause);
        goto out;
    }
    jpeg_create_decompress(&reader->jpeg);
    reader->progress.progress_monitor = on_progress;
    reader->jpeg.progress = &reader->progress;
    jpeg_mem_src(&reader->jpeg, data, bytes);
    jpeg_read_header(&reader->jpeg, TRUE);
    if (!choose_output(&reader->jpeg, max_side_px)) {
        rc = refuse(err, &refuse_image_format,
                    "Request has invalid image format: the JPEG headers contradict each other.");
        goto out;
    }
    jpeg_start_decompress(&reader->jpeg);
    rc = prepare_rows(reader, max_side_px, image) != 0 ? refuse_nomem(err) : 0;
    if (rc != 0)
        goto out;
    read_rows(reader);
    jpeg_finish_decompress(&reader->jpeg);
    *out = *image;
    image->rgb = NULL;
out:
    image_release(image);
    ir_free(image);
    reader_free(reader);
    return rc;
}
