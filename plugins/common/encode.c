/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Owns the choice of size and quality, and the writing of JPEG by libjpeg: baseline, 4:2:0, JFIF
 * header, no metadata and no colour profile, so a reader takes the samples for sRGB, which the host
 * promises that they are.
 *
 * libjpeg reports a fatal error by a callback that must not return: it jumps back into compress().
 * The output buffer is as large as the limit from the start; a picture that does not fit stops at
 * the row where the room ended, which also tells how much too large it is.
 */
#include "plugins/common/encode.h"

#include <math.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

#include "plugins/common/fail.h"

/*
 * Inline images: at most 5 MB, JPEG or PNG, 80 to 10,000 pixels a side.
 * Source: https://docs.aws.amazon.com/rekognition/latest/dg/limits.html
 */
const struct encode_limits encode_limits_rekognition = {
    .max_side_px = 10000,
    .min_side_px = 80,
    .max_bytes = 5242880,
};

/*
 * Converse takes 3.75 MB and 8,000 pixels a side; Claude makes what is over 1,568 pixels smaller
 * before it looks (2,576 from Claude Opus 4.7 on), so more would be sent for nothing.
 * Source: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ImageBlock.html
 */
const struct encode_limits encode_limits_converse = {
    .max_side_px = 2576,
    .min_side_px = 1,
    .max_bytes = 3932160,
    .upright = true,
};

const struct encode_limits encode_limits_check = {
    .max_side_px = 4000, /* small print stays legible; Bedrock takes 8,000 */
    .min_side_px = 80,
    .max_bytes = 3932160,
    .upright = true,
};

/*
 * InvokeEndpoint takes 6,291,456 bytes; classifiers look at a few hundred pixels a side. Source:
 * https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
 */
const struct encode_limits encode_limits_sagemaker = {
    .max_side_px = 4000,
    .min_side_px = 1,
    .max_bytes = 6291456,
    .upright = true,
};

/*
 * Invoke takes 6,291,456 bytes, of which base64 leaves three quarters, and Bedrock takes 3.75 MB
 * from the function. Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
const struct encode_limits encode_limits_lambda = {
    .max_side_px = 2576,
    .min_side_px = 1,
    .max_bytes = 3932160,
    .upright = true,
};

const struct encode_limits *encode_limits_labels(const char *from)
{
    static const struct {
        const char *from;
        const struct encode_limits *limits;
    } rows[] = {{"bedrock", &encode_limits_converse},
                {"sagemaker:", &encode_limits_sagemaker},
                {"lambda:", &encode_limits_lambda}};

    for (size_t i = 0; from != NULL && i < sizeof rows / sizeof rows[0]; i++)
        if (strncmp(from, rows[i].from, strlen(rows[i].from)) == 0)
            return rows[i].limits;
    return &encode_limits_rekognition;
}

/*
 * Stability's image services take 64 pixels a side and 9,437,184 in all; a request has at most
 * 25 MB, with base64. Source:
 * https://docs.aws.amazon.com/bedrock/latest/userguide/stable-image-services.html
 */
const struct encode_limits encode_limits_generate = {
    .max_side_px = 3072, /* whose square has that many */
    .min_side_px = 64,
    .max_bytes = 6U << 20, /* three of them fit into a request */
    .upright = true,
};

/*
 * No service answers better for more than this, and at the first quality a photograph of this size
 * just fits into Rekognition's limit; it bounds the sample buffer to 75 MB.
 */
#define ENCODE_MAX_PIXELS 25000000.0
#define ENCODE_MAX_SIZES 8     /* sizes tried before giving up */
#define ENCODE_SHRINK_MAX 0.9  /* each size is at most this much of the one before it... */
#define ENCODE_SHRINK_MIN 0.25 /* ...and at least this much, a single guess may be wrong */

/* Tried in turn on the same samples. Below the last, losing pixels harms less than artefacts do. */
static const int qualities[] = {90, 82, 75};
#define QUALITY_COUNT (sizeof qualities / sizeof qualities[0])

struct size_px {
    int width_px;
    int height_px;
};

/* What is to be encoded, for whom, and where its samples come from. */
struct source {
    struct size_px size; /* upright, whole */
    const struct encode_limits *limits;
    encode_fetch_fn fetch;
    void *host;
};

struct compressor {
    struct jpeg_compress_struct jpeg; /* first: libjpeg hands only this back */
    struct jpeg_error_mgr errors;
    struct jpeg_destination_mgr destination;
    jmp_buf escape;
    bool full; /* the buffer's room ended */
    unsigned char *out;
    size_t out_max_bytes;
    char message[JMSG_LENGTH_MAX];
};

static struct compressor *compressor_of(j_common_ptr jpeg)
{
    return (struct compressor *)(void *)jpeg;
}

static void on_error_exit(j_common_ptr jpeg)
{
    struct compressor *c = compressor_of(jpeg);

    jpeg->err->format_message(jpeg, c->message);
    longjmp(c->escape, 1);
}

/* Libraries print nothing. */
static void on_output_message(j_common_ptr jpeg)
{
    (void)jpeg;
}

static void on_init_destination(j_compress_ptr jpeg)
{
    struct compressor *c = compressor_of((j_common_ptr)jpeg);

    c->destination.next_output_byte = c->out;
    c->destination.free_in_buffer = c->out_max_bytes;
}

static boolean on_empty_output_buffer(j_compress_ptr jpeg)
{
    struct compressor *c = compressor_of((j_common_ptr)jpeg);

    c->full = true;
    longjmp(c->escape, 1);
}

static void on_term_destination(j_compress_ptr jpeg)
{
    (void)jpeg;
}

static void write_rows(struct compressor *c, const unsigned char *rgb, struct size_px size,
                       int quality)
{
    jpeg_create_compress(&c->jpeg);
    c->jpeg.dest = &c->destination;
    c->jpeg.image_width = (JDIMENSION)size.width_px;
    c->jpeg.image_height = (JDIMENSION)size.height_px;
    c->jpeg.input_components = 3;
    c->jpeg.in_color_space = JCS_RGB;
    jpeg_set_defaults(&c->jpeg); /* 4:2:0 */
    jpeg_set_quality(&c->jpeg, quality, TRUE);
    jpeg_start_compress(&c->jpeg, TRUE);
    while (c->jpeg.next_scanline < c->jpeg.image_height) {
        size_t offset = (size_t)c->jpeg.next_scanline * (size_t)size.width_px * 3;
        JSAMPROW row = (JSAMPROW)(uintptr_t)(rgb + offset); /* libjpeg's type lacks const */

        jpeg_write_scanlines(&c->jpeg, &row, 1);
    }
    jpeg_finish_compress(&c->jpeg);
}

/*
 * Writes one JPEG into `c->out`. Returns 0 with `*out_bytes` its size; IR_ERR_TOO_LARGE, `err`
 * untouched, with `*out_bytes` a guess of the size that it would have had.
 */
static int compress(struct compressor *c, const unsigned char *rgb, struct size_px size,
                    int quality, size_t *out_bytes, struct ir_error *err)
{
    c->full = false;
    c->message[0] = '\0';
    c->jpeg.err = jpeg_std_error(&c->errors);
    c->errors.error_exit = on_error_exit;
    c->errors.output_message = on_output_message;
    c->destination.init_destination = on_init_destination;
    c->destination.empty_output_buffer = on_empty_output_buffer;
    c->destination.term_destination = on_term_destination;
    if (setjmp(c->escape) == 0) {
        write_rows(c, rgb, size, quality);
        *out_bytes = c->out_max_bytes - c->destination.free_in_buffer;
        jpeg_destroy_compress(&c->jpeg);
        return 0;
    }
    if (c->full) {
        double rows = c->jpeg.next_scanline > 0 ? (double)c->jpeg.next_scanline : 1.0;

        *out_bytes = (size_t)((double)c->out_max_bytes * (double)c->jpeg.image_height / rows) + 1;
    }
    jpeg_destroy_compress(&c->jpeg);
    if (c->full)
        return IR_ERR_TOO_LARGE;
    if (c->errors.msg_code == JERR_OUT_OF_MEMORY)
        return common_fail_nomem(err);
    return common_fail(err, IR_ERR_ARG, "Save the picture as JPEG or PNG and use that file.",
                       "The picture could not be encoded as JPEG: %s.", c->message);
}

static struct size_px scaled(struct size_px size, double scale)
{
    struct size_px out = {(int)lround(size.width_px * scale), (int)lround(size.height_px * scale)};

    if (out.width_px < 1)
        out.width_px = 1;
    if (out.height_px < 1)
        out.height_px = 1;
    return out;
}

/* The largest size within the sides and the pixel maximum. */
static struct size_px first_size(struct size_px size, const struct encode_limits *limits)
{
    int long_side_px = size.width_px > size.height_px ? size.width_px : size.height_px;
    double pixels = (double)size.width_px * (double)size.height_px;
    double scale = 1.0;

    if (long_side_px > limits->max_side_px)
        scale = (double)limits->max_side_px / long_side_px;
    if (pixels * scale * scale > ENCODE_MAX_PIXELS)
        scale = sqrt(ENCODE_MAX_PIXELS / pixels);
    return scale < 1.0 ? scaled(size, scale) : size;
}

static bool too_small(struct size_px size, const struct encode_limits *limits)
{
    return size.width_px < limits->min_side_px || size.height_px < limits->min_side_px;
}

/* As compress(), with each quality in turn; a guess beyond their reach saves trying them. */
static int compress_to_fit(struct compressor *c, const unsigned char *rgb, struct size_px size,
                           size_t *out_bytes, struct ir_error *err)
{
    int rc = IR_ERR_TOO_LARGE;

    for (size_t i = 0; i < QUALITY_COUNT && rc == IR_ERR_TOO_LARGE; i++) {
        rc = compress(c, rgb, size, qualities[i], out_bytes, err);
        if (rc == IR_ERR_TOO_LARGE && *out_bytes / 2 > c->out_max_bytes)
            break;
    }
    return rc;
}

static int check_arguments(struct size_px size, const struct encode_limits *limits,
                           struct ir_error *err)
{
    if (size.width_px < 1 || size.height_px < 1)
        return common_fail(err, IR_ERR_ARG, "", "The picture has no pixels.");
    if (too_small(size, limits))
        return common_fail(err, IR_ERR_ARG, "Enlarge the picture first.",
                           "The picture has %d x %d pixels; at least %d a side are needed.",
                           size.width_px, size.height_px, limits->min_side_px);
    return 0;
}

static int fail_too_large(struct size_px size, const struct encode_limits *limits,
                          struct ir_error *err)
{
    return common_fail(err, IR_ERR_TOO_LARGE, "Crop the picture and try again.",
                       "The picture of %d x %d pixels cannot be made to fit the service's limits: "
                       "%zu bytes and %d to %d pixels a side.",
                       size.width_px, size.height_px, limits->max_bytes, limits->min_side_px,
                       limits->max_side_px);
}

/* Fetches and encodes at falling sizes. `rgb` has room for the first of them. */
static int encode_sizes(struct compressor *c, const struct source *source, unsigned char *rgb,
                        size_t *out_bytes, struct ir_error *err)
{
    const struct encode_limits *limits = source->limits;
    struct size_px size = first_size(source->size, limits);

    for (int i = 0; i < ENCODE_MAX_SIZES && !too_small(size, limits); i++) {
        double shrink;
        int rc = source->fetch(source->host, size.width_px, size.height_px, rgb, err);

        if (rc != 0)
            return rc;
        rc = compress_to_fit(c, rgb, size, out_bytes, err);
        if (rc != IR_ERR_TOO_LARGE)
            return rc;
        shrink = 0.95 * sqrt((double)limits->max_bytes / (double)*out_bytes);
        size = scaled(size, fmin(fmax(shrink, ENCODE_SHRINK_MIN), ENCODE_SHRINK_MAX));
    }
    return fail_too_large(source->size, limits, err);
}

/* Eight parameters: a picture, a host and a buffer. NOLINTNEXTLINE(readability-function-size) */
int encode_jpeg(int width_px, int height_px, const struct encode_limits *limits,
                encode_fetch_fn fetch, void *host, unsigned char **out_jpeg, size_t *out_bytes,
                struct ir_error *err)
{
    struct source source = {{width_px, height_px}, limits, fetch, host};
    struct size_px first;
    struct compressor *c = NULL;
    unsigned char *rgb = NULL;
    unsigned char *trimmed;
    size_t bytes = 0;
    int rc = check_arguments(source.size, limits, err);

    if (rc != 0)
        return rc;
    first = first_size(source.size, limits);
    c = calloc(1, sizeof *c);
    rgb = malloc((size_t)first.width_px * (size_t)first.height_px * 3);
    if (c != NULL) {
        c->out_max_bytes = limits->max_bytes;
        c->out = malloc(c->out_max_bytes);
    }
    if (c == NULL || rgb == NULL || c->out == NULL) {
        rc = common_fail_nomem(err);
        goto out;
    }
    rc = encode_sizes(c, &source, rgb, &bytes, err);
    if (rc != 0)
        goto out;
    /* Smaller; where that fails the whole buffer serves. */
    trimmed = bytes > 0 ? realloc(c->out, bytes) : NULL;
    *out_jpeg = trimmed != NULL ? trimmed : c->out;
    *out_bytes = bytes;
    c->out = NULL;
out:
    if (c != NULL)
        free(c->out);
    free(c);
    free(rgb);
    return rc;
}
