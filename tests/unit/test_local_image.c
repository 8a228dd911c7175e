/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Decoding: small pictures made here, JPEG and PNG, whole, cut off at every byte, and with bits
 * turned over. Whatever comes in, the answer is a picture or a refusal with AWS's code.
 */
#include "tests/unit/unit.h"

#include <stdio.h>

#include <jpeglib.h>
#include <png.h>

#include <imgrecog/result.h>

#include "core/base/alloc.h"
#include "core/base/error.h"
#include "plugins/local/image.h"

#define WIDTH 96
#define HEIGHT 80
#define FLIPS 3000

static unsigned char *jpeg_file;
static unsigned long jpeg_bytes;
static unsigned char *progressive_file;
static unsigned long progressive_bytes;
static unsigned char png_file[64 * 1024];
static size_t png_bytes;
static unsigned char pixels[WIDTH * HEIGHT * 3];

static void write_jpeg(bool progressive, unsigned char **out, unsigned long *out_bytes)
{
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, out, out_bytes);
    jpeg.image_width = WIDTH;
    jpeg.image_height = HEIGHT;
    jpeg.input_components = 3;
    jpeg.in_color_space = JCS_RGB;
    jpeg_set_defaults(&jpeg);
    jpeg_set_quality(&jpeg, 90, TRUE);
    if (progressive)
        jpeg_simple_progression(&jpeg);
    jpeg_start_compress(&jpeg, TRUE);
    while (jpeg.next_scanline < jpeg.image_height) {
        JSAMPROW row = pixels + (size_t)jpeg.next_scanline * WIDTH * 3;
        jpeg_write_scanlines(&jpeg, &row, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
}

static int make_files(void **state)
{
    (void)state;
    for (int i = 0; i < WIDTH * HEIGHT * 3; i++)
        pixels[i] = (unsigned char)(i / 3 % WIDTH + i / 3 / WIDTH + i % 3 * 20);
    write_jpeg(false, &jpeg_file, &jpeg_bytes);
    write_jpeg(true, &progressive_file, &progressive_bytes);
    png_image png = {
        .version = PNG_IMAGE_VERSION, .width = WIDTH, .height = HEIGHT, .format = PNG_FORMAT_RGB};
    png_alloc_size_t bytes = sizeof png_file;
    int written = png_image_write_to_memory(&png, png_file, &bytes, 0, pixels, 0, NULL);
    png_bytes = bytes;
    return written != 0 ? 0 : -1;
}

static int free_files(void **state)
{
    (void)state;
    free(jpeg_file);
    free(progressive_file);
    return 0;
}

static void test_whole(void **state)
{
    const struct {
        const unsigned char *data;
        size_t bytes;
        int tolerance;
    } files[] = {{jpeg_file, jpeg_bytes, 24},
                 {progressive_file, progressive_bytes, 24},
                 {png_file, png_bytes, 0}};
    (void)state;
    for (size_t f = 0; f < 3; f++) {
        struct image image = {0};
        struct ir_error err;
        assert_int_equal(image_decode(files[f].data, files[f].bytes, &image, &err), 0);
        assert_int_equal(image.width_px, WIDTH);
        assert_int_equal(image.height_px, HEIGHT);
        for (int i = 0; i < WIDTH * HEIGHT * 3; i++)
            assert_true(abs(image.rgb[i] - pixels[i]) <= files[f].tolerance);
        image_release(&image);
    }
}

/* A copy in memory of its own size, so that a sanitizer sees reads behind its end. */
static int decode_copy(const unsigned char *data, size_t bytes, struct ir_error *err)
{
    struct image image = {0};
    unsigned char *copy = ir_malloc(bytes);
    memcpy(copy, data, bytes);
    ir_error_clear(err);
    int rc = image_decode(copy, bytes, &image, err);
    if (rc == 0) {
        assert_non_null(image.rgb);
        assert_in_range(image.width_px, 1, IMAGE_ANALYSIS_SIDE_PX);
        assert_in_range(image.height_px, 1, IMAGE_ANALYSIS_SIDE_PX);
    } else {
        assert_int_equal(rc, IR_ERR_SERVICE);
        assert_int_equal(err->http_status, 400);
        assert_null(image.rgb);
    }
    image_release(&image);
    ir_free(copy);
    return rc;
}

/* Nothing that is cut off passes, but for the last bytes, which hold no pixels. */
static void cut_off(const unsigned char *data, size_t bytes, size_t tail_bytes)
{
    struct ir_error err;
    for (size_t length = 0; length < bytes - tail_bytes; length++) {
        assert_int_not_equal(decode_copy(data, length, &err), 0);
        assert_string_equal(err.aws_code, "InvalidImageFormatException");
    }
}

static void test_jpeg_cut_off(void **state)
{
    (void)state;
    cut_off(jpeg_file, jpeg_bytes, 0);
}

static void test_progressive_cut_off(void **state)
{
    (void)state;
    cut_off(progressive_file, progressive_bytes, 0);
}

static void test_png_cut_off(void **state)
{
    (void)state;
    cut_off(png_file, png_bytes, 20); /* the check sum and IEND */
}

static void turn_bits(const unsigned char *data, size_t bytes)
{
    unsigned seed = 7;
    struct ir_error err;
    unsigned char *copy = ir_malloc(bytes);
    for (int i = 0; i < FLIPS; i++) {
        memcpy(copy, data, bytes);
        for (int flips = 1 + i % 4; flips > 0; flips--) {
            seed = seed * 1664525U + 1013904223U;
            copy[(seed >> 8) % bytes] ^= (unsigned char)(1U << (seed >> 5) % 8);
        }
        decode_copy(copy, bytes, &err);
    }
    ir_free(copy);
}

static void test_jpeg_bits(void **state)
{
    (void)state;
    turn_bits(jpeg_file, jpeg_bytes);
}

static void test_progressive_bits(void **state)
{
    (void)state;
    turn_bits(progressive_file, progressive_bytes);
}

static void test_png_bits(void **state)
{
    (void)state;
    turn_bits(png_file, png_bytes);
}

/* The frame header's height (JPEG) and IHDR's width (PNG), without and beyond the limits. */
static void test_claimed_sizes(void **state)
{
    struct ir_error err;
    unsigned char *copy = ir_malloc(jpeg_bytes);
    (void)state;
    memcpy(copy, jpeg_file, jpeg_bytes);
    size_t frame = 2;
    while (copy[frame + 1] != 0xC0)
        frame += 2 + ((size_t)copy[frame + 2] << 8 | copy[frame + 3]);
    copy[frame + 5] = 0xFF; /* 65,280 + lines */
    assert_int_not_equal(decode_copy(copy, jpeg_bytes, &err), 0);
    assert_string_equal(err.aws_code, "ImageTooLargeException");
    copy[frame + 5] = 0;
    copy[frame + 6] = 79;
    assert_int_not_equal(decode_copy(copy, jpeg_bytes, &err), 0);
    assert_string_equal(err.aws_code, "InvalidParameterException");
    ir_free(copy);
}

static void test_other_formats(void **state)
{
    struct ir_error err;
    (void)state;
    static const char *const texts[] = {"", "GIF89a", "RIFF....WEBPVP8 ", "<svg/>", "\xFF\xD8"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_int_not_equal(decode_copy((const unsigned char *)texts[i], strlen(texts[i]), &err),
                             0);
        assert_string_equal(err.aws_code, "InvalidImageFormatException");
    }
}

int main(void)
{
    static struct unit_list list;
    unit_add(&list, "whole files", test_whole);
    unit_add(&list, "JPEG cut off at every byte", test_jpeg_cut_off);
    unit_add(&list, "progressive JPEG cut off at every byte", test_progressive_cut_off);
    unit_add(&list, "PNG cut off at every byte", test_png_cut_off);
    unit_add(&list, "JPEG with bits turned over", test_jpeg_bits);
    unit_add(&list, "progressive JPEG with bits turned over", test_progressive_bits);
    unit_add(&list, "PNG with bits turned over", test_png_bits);
    unit_add(&list, "headers that claim wrong sizes", test_claimed_sizes);
    unit_add(&list, "other formats", test_other_formats);
    return unit_run_with(&list, "decoding", make_files, free_files);
}
