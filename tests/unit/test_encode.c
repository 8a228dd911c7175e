/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Encoding for a service: the sizes that the host is asked for, the limits that every JPEG keeps,
 * and what the decoder sees in it.
 */
#include "tests/unit/unit.h"

#include <stdbool.h>

#include <jpeglib.h>

#include "core/service/rekognition.h"
#include "plugins/common/encode.h"
#include "plugins/local/image.h"
#include "tests/unit/failing_malloc.h"

#define MAX_FETCHES 16

/* A host with a picture of one kind, which remembers what it was asked for. */
struct host {
    enum { FLAT_RED, GRADIENT, NOISE } kind;
    int fail_with; /* 0, or what fetch returns */
    int fetch_count;
    int width_px[MAX_FETCHES];
    int height_px[MAX_FETCHES];
};

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525U + 1013904223U;
    return *seed >> 16;
}

static void paint(const struct host *host, int width_px, int height_px, unsigned char *rgb)
{
    uint32_t seed = 7;

    for (int y = 0; y < height_px; y++) {
        for (int x = 0; x < width_px; x++, rgb += 3) {
            rgb[0] = host->kind == GRADIENT ? (unsigned char)(255 * x / width_px) : 255;
            rgb[1] = host->kind == GRADIENT ? (unsigned char)(255 * y / height_px) : 0;
            rgb[2] = 0;
            if (host->kind == NOISE)
                rgb[0] = rgb[1] = rgb[2] = (unsigned char)next_random(&seed);
        }
    }
}

static int fetch(void *context, int width_px, int height_px, unsigned char *rgb,
                 struct ir_error *err)
{
    struct host *host = context;

    assert_true(host->fetch_count < MAX_FETCHES);
    host->width_px[host->fetch_count] = width_px;
    host->height_px[host->fetch_count++] = height_px;
    if (host->fail_with != 0) {
        ir_error_clear(err);
        err->code = host->fail_with;
        strcpy(err->message, "the host's own words");
        return host->fail_with;
    }
    paint(host, width_px, height_px, rgb);
    return 0;
}

/* What a decoder finds. */
struct seen {
    int width_px, height_px;
    int sampling_x, sampling_y; /* of luma */
    int markers;                /* APP1 to APP15 and comments */
    unsigned char middle[3];
};

static void decode(const unsigned char *jpeg, size_t bytes, struct seen *out)
{
    struct jpeg_decompress_struct d;
    struct jpeg_error_mgr errors;
    unsigned char *row;

    d.err = jpeg_std_error(&errors);
    jpeg_create_decompress(&d);
    jpeg_mem_src(&d, jpeg, bytes);
    for (int app = 1; app < 16; app++)
        jpeg_save_markers(&d, JPEG_APP0 + app, 0xFFFF);
    jpeg_save_markers(&d, JPEG_COM, 0xFFFF);
    assert_int_equal(jpeg_read_header(&d, TRUE), JPEG_HEADER_OK);
    *out = (struct seen){.width_px = (int)d.image_width,
                         .height_px = (int)d.image_height,
                         .sampling_x = d.comp_info[0].h_samp_factor,
                         .sampling_y = d.comp_info[0].v_samp_factor};
    for (jpeg_saved_marker_ptr marker = d.marker_list; marker != NULL; marker = marker->next)
        out->markers++;
    jpeg_start_decompress(&d);
    row = malloc((size_t)d.output_width * 3);
    while (d.output_scanline < d.output_height) {
        jpeg_read_scanlines(&d, &row, 1);
        if ((int)d.output_scanline == out->height_px / 2)
            memcpy(out->middle, row + out->width_px / 2 * 3, 3);
    }
    assert_int_equal(errors.num_warnings, 0);
    jpeg_finish_decompress(&d);
    jpeg_destroy_decompress(&d);
    free(row);
}

static const struct fitting_row {
    const char *name;
    int width_px, height_px;
    int kind;
    struct encode_limits limits;
    int first_width_px, first_height_px; /* asked for */
    bool shrinks;                        /* asked again, smaller */
} fitting_rows[] = {
    {"as it is", 640, 480, GRADIENT, {10000, 80, 5242880}, 640, 480, false},
    {"the least", 80, 80, GRADIENT, {10000, 80, 5242880}, 80, 80, false},
    {"odd sides", 97, 131, GRADIENT, {10000, 80, 5242880}, 97, 131, false},
    {"the longest side", 10000, 80, FLAT_RED, {10000, 80, 5242880}, 10000, 80, false},
    {"over the longest side", 12000, 120, FLAT_RED, {10000, 80, 5242880}, 10000, 100, false},
    {"over the longest side, upright", 96, 12000, FLAT_RED, {10000, 80, 5242880}, 80, 10000, false},
    {"small maximum side", 800, 600, GRADIENT, {400, 80, 5242880}, 400, 300, false},
    {"over the pixels", 10000, 10000, FLAT_RED, {10000, 80, 5242880}, 5000, 5000, false},
    {"noise that lower quality makes fit", 300, 300, NOISE, {10000, 80, 60000}, 300, 300, false},
    {"noise that must shrink", 800, 600, NOISE, {10000, 80, 60000}, 800, 600, true},
    {"noise that must shrink much", 1600, 1600, NOISE, {10000, 80, 10000}, 1600, 1600, true},
};

static void test_fitting(void **state)
{
    const struct fitting_row *row = *state;
    struct host host = {.kind = row->kind};
    struct ir_error err;
    struct seen seen;
    unsigned char *jpeg = NULL;
    size_t bytes = 0;
    int last;

    assert_int_equal(
        encode_jpeg(row->width_px, row->height_px, &row->limits, fetch, &host, &jpeg, &bytes, &err),
        0);
    last = host.fetch_count - 1;
    assert_int_equal(host.width_px[0], row->first_width_px);
    assert_int_equal(host.height_px[0], row->first_height_px);
    assert_int_equal(last > 0, row->shrinks);
    for (int i = 1; i <= last; i++) {
        assert_true(host.width_px[i] < host.width_px[i - 1]);
        assert_true(host.height_px[i] < host.height_px[i - 1]);
    }
    assert_true(bytes > 0 && bytes <= row->limits.max_bytes);
    decode(jpeg, bytes, &seen);
    assert_int_equal(seen.width_px, host.width_px[last]);
    assert_int_equal(seen.height_px, host.height_px[last]);
    assert_true(seen.width_px >= row->limits.min_side_px &&
                seen.height_px >= row->limits.min_side_px);
    assert_int_equal(seen.sampling_x, 2);
    assert_int_equal(seen.sampling_y, 2);
    assert_int_equal(seen.markers, 0);
    if (row->kind == FLAT_RED) {
        assert_in_range(seen.middle[0], 250, 255);
        assert_in_range(seen.middle[1], 0, 5);
        assert_in_range(seen.middle[2], 0, 5);
    }
    free(jpeg);
}

/* It uses the room that it has: not a picture far smaller than what would have fitted. */
static void test_is_not_timid(void **state)
{
    const struct encode_limits limits = {10000, 80, 200000};
    struct host host = {.kind = NOISE};
    unsigned char *jpeg = NULL;
    size_t bytes = 0;

    (void)state;
    assert_int_equal(encode_jpeg(1500, 1000, &limits, fetch, &host, &jpeg, &bytes, NULL), 0);
    assert_in_range(bytes, limits.max_bytes / 2, limits.max_bytes);
    assert_true(host.fetch_count <= 4);
    free(jpeg);
}

static const struct refused_row {
    const char *name;
    int width_px, height_px;
    int kind;
    int fail_with;
    struct encode_limits limits;
    int code;
    const char *words;
    int fetch_count;
} refused_rows[] = {
    {"no pixels", 0, 100, FLAT_RED, 0, {10000, 80, 5242880}, IR_ERR_ARG, "no pixels", 0},
    {"negative", 100, -1, FLAT_RED, 0, {10000, 80, 5242880}, IR_ERR_ARG, "no pixels", 0},
    {"one side too small",
     79,
     500,
     FLAT_RED,
     0,
     {10000, 80, 5242880},
     IR_ERR_ARG,
     "The picture has 79 x 500 pixels; at least 80 a side are needed",
     0},
    {"other side too small", 500, 79, FLAT_RED, 0, {10000, 80, 5242880}, IR_ERR_ARG, "500 x 79", 0},
    {"too long a strip",
     30000,
     100,
     FLAT_RED,
     0,
     {10000, 80, 5242880},
     IR_ERR_TOO_LARGE,
     "30000 x 100",
     0},
    {"cannot shrink enough",
     200,
     200,
     NOISE,
     0,
     {10000, 150, 2000},
     IR_ERR_TOO_LARGE,
     "2000 bytes",
     -1},
    {"no room for a header",
     200,
     200,
     FLAT_RED,
     0,
     {10000, 1, 100},
     IR_ERR_TOO_LARGE,
     "100 bytes",
     -1},
    {"the host fails",
     200,
     200,
     FLAT_RED,
     IR_ERR_CANCELLED,
     {10000, 80, 5242880},
     IR_ERR_CANCELLED,
     "the host's own words",
     1},
    {"the host finds it too large",
     200,
     200,
     FLAT_RED,
     IR_ERR_TOO_LARGE,
     {10000, 80, 5242880},
     IR_ERR_TOO_LARGE,
     "the host's own words",
     1},
};

static void test_refused(void **state)
{
    const struct refused_row *row = *state;
    struct host host = {.kind = row->kind, .fail_with = row->fail_with};
    struct ir_error err;
    unsigned char untouched;
    unsigned char *jpeg = &untouched;
    size_t bytes = 77;

    assert_int_equal(
        encode_jpeg(row->width_px, row->height_px, &row->limits, fetch, &host, &jpeg, &bytes, &err),
        row->code);
    assert_int_equal(err.code, row->code);
    if (strstr(err.message, row->words) == NULL)
        fail_msg("message: %s", err.message);
    assert_ptr_equal(jpeg, &untouched);
    assert_int_equal(bytes, 77);
    if (row->fetch_count >= 0)
        assert_int_equal(host.fetch_count, row->fetch_count);
}

static void test_out_of_memory(void **state)
{
    (void)state;
    for (unsigned n = 0;; n++) {
        struct host host = {.kind = NOISE};
        struct ir_error err;
        unsigned char *jpeg = NULL;
        size_t bytes = 0;
        int rc;

        failing_malloc_arm(n, true);
        rc = encode_jpeg(200, 200, &encode_limits_rekognition, fetch, &host, &jpeg, &bytes, &err);
        if (!failing_malloc_disarm()) {
            assert_int_equal(rc, 0);
            assert_true(n >= 3);
            free(jpeg);
            return;
        }
        if (rc == 0) { /* the last request only gives memory back; it may fail */
            free(jpeg);
            continue;
        }
        assert_int_equal(rc, IR_ERR_NOMEM);
        assert_int_equal(err.code, IR_ERR_NOMEM);
        assert_null(jpeg);
    }
}

/* Front ends see the public headers only, so the limits stand in three places: they must agree. */
static void test_limits_agree(void **state)
{
    (void)state;
    assert_int_equal(encode_limits_rekognition.max_side_px, IR_REKOGNITION_MAX_SIDE_PX);
    assert_int_equal(encode_limits_rekognition.min_side_px, IR_REKOGNITION_MIN_SIDE_PX);
    assert_int_equal(encode_limits_rekognition.max_bytes, IR_REKOGNITION_MAX_INLINE_BYTES);
    assert_int_equal(encode_limits_rekognition.max_side_px, IMAGE_MAX_SIDE_PX);
    assert_int_equal(encode_limits_rekognition.min_side_px, IMAGE_MIN_SIDE_PX);
    assert_int_equal(encode_limits_rekognition.max_bytes, IMAGE_MAX_BYTES);
}

int main(void)
{
    static struct unit_list list;

    UNIT_ADD_ROWS(&list, test_fitting, fitting_rows);
    unit_add(&list, "uses the room there is", test_is_not_timid);
    UNIT_ADD_ROWS(&list, test_refused, refused_rows);
    unit_add(&list, "the n-th allocation fails", test_out_of_memory);
    unit_add(&list, "the limits are the core's and the embedded endpoint's", test_limits_agree);
    return unit_run(&list, "encode");
}
