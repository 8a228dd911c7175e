/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * JPEG and PNG files as bytes fit to send. Walks the file's structure and keeps what a decoder
 * needs; nothing is decoded, nothing copied but a segment of 36 bytes.
 *
 * JPEG (ITU-T T.81 annex B): SOI, then segments FF xx length data; behind SOS comes entropy-coded
 * data, in which FF is followed by 00 or a restart marker, up to the next marker; EOI ends it.
 * What lies behind EOI (previews, a film) is not sent. PNG (W3C PNG, third edition): a signature,
 * then chunks: length, type, data, CRC.
 */
#include "core/task/picture.h"

#include <limits.h>
#include <stdint.h>
#include <string.h>

#include "core/base/alloc.h"
#include "core/base/error.h"

#define SERVICE "picture"
#define MAX_SPANS 4096
#define PNG_SIGNATURE_BYTES 8
#define PNG_CHUNK_OVERHEAD_BYTES 12

/* What a walk over the file collects. `picture` is NULL when only the header is wanted. */
struct walk {
    const unsigned char *data;
    size_t bytes;
    struct ir_picture_info info;
    struct ir_picture *picture;
    bool is_png;
    bool exif_seen;
    bool exif_written;
    char captured[IR_EXIF_DATE_CHARS + 1]; /* "" = not said */
};

static unsigned be16(const unsigned char *at)
{
    return (unsigned)at[0] << 8 | at[1];
}

static uint32_t be32(const unsigned char *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static int fail_damaged(const char *format, const char *what, struct ir_error *err)
{
    int rc = ir_fail(err, IR_ERR_ARG, "the %s file is damaged: %s", format, what);
    ir_error_set_service(err, SERVICE);
    ir_error_set_hint(err, "Open the picture in an editor and save it again.");
    return rc;
}

/* ---- EXIF -------------------------------------------------------------------------------- */

/* Writes an APP1 segment whose IFD0 holds the orientation and nothing else. */
static void write_exif(int orientation, unsigned char out[IR_PICTURE_EXIF_BYTES])
{
    static const unsigned char segment[IR_PICTURE_EXIF_BYTES] = {
        0xff, 0xe1, 0,   IR_PICTURE_EXIF_BYTES - 2,
        'E',  'x',  'i', 'f',
        0,    0, /* APP1 */
        'M',  'M',  0,   42,
        0,    0,    0,   8, /* TIFF header, IFD0 behind it */
        0,    1,    1,   18,
        0,    3,    0,   0,
        0,    1,    0,   0,
        0,    0,            /* one entry: 274, SHORT, 1 value */
        0,    0,    0,   0, /* no further IFD */
    };
    memcpy(out, segment, sizeof segment);
    out[29] = (unsigned char)orientation;
}

/* ---- what is kept ------------------------------------------------------------------------ */

static int keep(struct walk *walk, const unsigned char *data, size_t bytes, struct ir_error *err)
{
    struct ir_picture *picture = walk->picture;
    if (picture == NULL || bytes == 0)
        return 0;
    picture->sent_bytes += bytes;
    if (picture->span_count > 0) {
        struct ir_span *last = &picture->spans[picture->span_count - 1];
        if ((const unsigned char *)last->data + last->bytes == data) {
            last->bytes += bytes;
            return 0;
        }
    }
    if (picture->span_count == MAX_SPANS)
        return fail_damaged("picture", "it has more than 4,096 separate metadata segments", err);
    if (picture->span_count == picture->span_capacity) {
        size_t wanted = picture->span_capacity == 0 ? 8 : picture->span_capacity * 2;
        struct ir_span *moved = ir_realloc(picture->spans, wanted * sizeof *moved);
        if (moved == NULL)
            return ir_fail_nomem(err);
        picture->spans = moved;
        picture->span_capacity = wanted;
    }
    picture->spans[picture->span_count++] = (struct ir_span){data, bytes};
    return 0;
}

/* ---- JPEG -------------------------------------------------------------------------------- */

static bool is_frame_header(unsigned marker)
{
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

/* Application segments that say how the pixels are to be understood. */
static bool is_kept_segment(unsigned marker, const unsigned char *data, size_t bytes)
{
    static const char icc[] = "ICC_PROFILE"; /* with its NUL */
    if (marker == 0xfe)
        return false;
    if (marker < 0xe0 || marker > 0xef)
        return true;
    if (marker == 0xe0)
        return bytes >= 5 && memcmp(data, "JFIF", 5) == 0;
    if (marker == 0xe2)
        return bytes >= sizeof icc && memcmp(data, icc, sizeof icc) == 0;
    return marker == 0xee && bytes >= 5 && memcmp(data, "Adobe", 5) == 0;
}

/* Remembers what of the file's private metadata stays behind. */
static void note_privates(struct walk *walk, unsigned privates)
{
    if (walk->picture != NULL)
        walk->picture->privates |= privates;
}

static void read_exif_segment(struct walk *walk, const unsigned char *data, size_t bytes)
{
    bool is_exif = bytes >= 6 && memcmp(data, "Exif\0", 6) == 0;
    note_privates(walk,
                  is_exif ? ir_exif_privates(data + 6, bytes - 6) : ir_xmp_privates(data, bytes));
    if (walk->exif_seen || !is_exif)
        return;
    walk->exif_seen = true;
    walk->info.orientation = ir_exif_orientation(data + 6, bytes - 6);
    ir_exif_captured(data + 6, bytes - 6, walk->captured);
}

/* Our EXIF segment goes before the first segment that is neither APPn nor COM. */
static int keep_exif(struct walk *walk, struct ir_error *err)
{
    if (walk->picture == NULL || walk->exif_written || walk->info.orientation == 1)
        return 0;
    walk->exif_written = true;
    write_exif(walk->info.orientation, walk->picture->exif);
    return keep(walk, walk->picture->exif, IR_PICTURE_EXIF_BYTES, err);
}

/* The offset of the marker that ends the entropy-coded data at `at`. */
static size_t skip_entropy_coded(const struct walk *walk, size_t at)
{
    while (at + 1 < walk->bytes) {
        const unsigned char *found = memchr(walk->data + at, 0xff, walk->bytes - 1 - at);
        if (found == NULL)
            break;
        at = (size_t)(found - walk->data);
        unsigned next = found[1];
        if (next != 0 && next != 0xff && (next < 0xd0 || next > 0xd7))
            return at;
        at += next == 0xff ? 1 : 2;
    }
    return walk->bytes;
}

/* One segment at `at` (its FF); *out_next is where the next one starts. */
static int walk_segment(struct walk *walk, size_t at, size_t *out_next, struct ir_error *err)
{
    unsigned marker = walk->data[at + 1];
    if (at + 4 > walk->bytes)
        return fail_damaged("JPEG", "it ends within a segment", err);
    size_t length = be16(walk->data + at + 2);
    if (length < 2 || length > walk->bytes - at - 2)
        return fail_damaged("JPEG", "a segment reaches past its end", err);
    const unsigned char *data = walk->data + at + 4;
    size_t bytes = length - 2;
    if (is_frame_header(marker) && bytes >= 6 && walk->info.width_px == 0) {
        walk->info.height_px = (int)be16(data + 1);
        walk->info.width_px = (int)be16(data + 3);
        walk->info.channels = (int)data[5];
    }
    if (marker == 0xe1)
        read_exif_segment(walk, data, bytes);
    size_t end = at + 2 + length;
    int rc = 0;
    if ((marker < 0xe0 || marker > 0xef) && marker != 0xfe)
        rc = keep_exif(walk, err);
    if (marker == 0xda)
        end = skip_entropy_coded(walk, end);
    if (rc == 0 && is_kept_segment(marker, data, bytes))
        rc = keep(walk, walk->data + at, end - at, err);
    *out_next = end;
    return rc;
}

static int walk_jpeg(struct walk *walk, struct ir_error *err)
{
    walk->info.media_type = "image/jpeg";
    int rc = keep(walk, walk->data, 2, err);
    size_t at = 2;
    while (rc == 0 && at + 1 < walk->bytes) {
        if (walk->data[at] != 0xff)
            return fail_damaged("JPEG", "a marker is missing", err);
        unsigned marker = walk->data[at + 1];
        if (marker == 0xff) { /* fill byte */
            at++;
        } else if (marker == 0xd9) {
            rc = keep(walk, walk->data + at, 2, err);
            break;
        } else if (marker == 0x01 || (marker >= 0xd0 && marker <= 0xd7)) {
            at += 2;
        } else if (walk->picture == NULL && marker == 0xda) {
            break;
        } else {
            rc = walk_segment(walk, at, &at, err);
        }
    }
    if (rc == 0 && (walk->info.width_px < 1 || walk->info.height_px < 1))
        rc = fail_damaged("JPEG", "it does not say its size", err);
    return rc;
}

/* ---- PNG --------------------------------------------------------------------------------- */

/* Critical chunks, and those that say how the pixels are to be understood. */
static bool is_kept_chunk(const unsigned char *type)
{
    static const char kept[][5] = {"tRNS", "cHRM", "gAMA", "iCCP", "sBIT", "sRGB",
                                   "cICP", "mDCV", "cLLI", "bKGD", "pHYs"};
    if (type[0] >= 'A' && type[0] <= 'Z')
        return true;
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
        if (memcmp(type, kept[i], 4) == 0)
            return true;
    return false;
}

static bool is_text_chunk(const unsigned char *type)
{
    return memcmp(type, "tEXt", 4) == 0 || memcmp(type, "zTXt", 4) == 0 ||
           memcmp(type, "iTXt", 4) == 0;
}

static void read_png_header(struct walk *walk, const unsigned char *data, size_t bytes)
{
    static const int channels[] = {1, 0, 3, 3, 2, 0, 4}; /* by colour type */
    uint32_t width = be32(data);
    uint32_t height = be32(data + 4);
    walk->info.width_px = width <= INT_MAX ? (int)width : 0;
    walk->info.height_px = height <= INT_MAX ? (int)height : 0;
    if (bytes >= 10 && data[9] < sizeof channels / sizeof channels[0])
        walk->info.channels = channels[data[9]];
}

static int walk_png(struct walk *walk, struct ir_error *err)
{
    walk->info.media_type = "image/png";
    walk->is_png = true;
    int rc = keep(walk, walk->data, PNG_SIGNATURE_BYTES, err);
    size_t at = PNG_SIGNATURE_BYTES;
    bool ended = false;
    while (rc == 0 && !ended && walk->bytes - at >= PNG_CHUNK_OVERHEAD_BYTES) {
        size_t length = be32(walk->data + at);
        const unsigned char *type = walk->data + at + 4;
        if (length > walk->bytes - at - PNG_CHUNK_OVERHEAD_BYTES)
            break; /* cut off: what is there is sent, the service judges it */
        size_t total = length + PNG_CHUNK_OVERHEAD_BYTES;
        if (memcmp(type, "IHDR", 4) == 0 && length >= 8)
            read_png_header(walk, type + 4, length);
        if (memcmp(type, "tRNS", 4) == 0 && walk->info.channels % 2 == 1)
            walk->info.channels++;
        if (memcmp(type, "eXIf", 4) == 0) {
            walk->info.orientation = ir_exif_orientation(type + 4, length);
            ir_exif_captured(type + 4, length, walk->captured);
            note_privates(walk, ir_exif_privates(type + 4, length));
        }
        if (memcmp(type, "iTXt", 4) == 0)
            note_privates(walk, ir_xmp_privates(type + 4, length));
        if (is_text_chunk(type))
            note_privates(walk, ir_text_privates(type + 4, length));
        ended = memcmp(type, "IEND", 4) == 0;
        if (is_kept_chunk(type))
            rc = keep(walk, walk->data + at, total, err);
        at += total;
    }
    if (rc == 0 && (walk->info.width_px < 1 || walk->info.height_px < 1))
        rc = fail_damaged("PNG", "it does not say its size", err);
    /* Of a chunk that is cut off, too, only what a decoder needs. */
    if (rc == 0 && !ended && walk->bytes - at >= 8 && is_kept_chunk(walk->data + at + 4))
        rc = keep(walk, walk->data + at, walk->bytes - at, err);
    return rc;
}

/* ---- public ------------------------------------------------------------------------------ */

static int walk_file(struct walk *walk, struct ir_error *err)
{
    static const unsigned char png[PNG_SIGNATURE_BYTES] = {0x89, 'P',  'N',  'G',
                                                           '\r', '\n', 0x1a, '\n'};
    if (walk->bytes >= 4 && walk->data[0] == 0xff && walk->data[1] == 0xd8)
        return walk_jpeg(walk, err);
    if (walk->bytes >= PNG_SIGNATURE_BYTES && memcmp(walk->data, png, sizeof png) == 0)
        return walk_png(walk, err);
    int rc = ir_fail(err, IR_ERR_ARG, "it is neither a JPEG nor a PNG file");
    ir_error_set_service(err, SERVICE);
    ir_error_set_hint(err, "Convert it first, for example: magick picture jpg:-");
    return rc;
}

int ir_picture_probe(const void *data, size_t data_bytes, struct ir_picture_info *out,
                     struct ir_error *err)
{
    struct walk walk = {.data = data, .bytes = data_bytes, .info.orientation = 1};
    int rc = walk_file(&walk, err);
    if (rc == 0)
        *out = walk.info;
    return rc;
}

bool ir_picture_captured(const void *data, size_t data_bytes, char out[IR_EXIF_DATE_CHARS + 1])
{
    struct walk walk = {.data = data, .bytes = data_bytes, .info.orientation = 1};
    /* A beginning may end before the size is said, which does not matter here. */
    (void)!walk_file(&walk, NULL);
    if (walk.captured[0] == '\0')
        return false;
    memcpy(out, walk.captured, sizeof walk.captured);
    return true;
}

int ir_picture_new(const void *data, size_t data_bytes, const char *source, struct ir_picture **out,
                   struct ir_error *err)
{
    struct ir_picture *picture = ir_calloc(1, sizeof *picture);
    if (picture == NULL)
        return ir_fail_nomem(err);
    struct walk walk = {.data = data, .bytes = data_bytes, .info.orientation = 1};
    int rc = 0;
    if (source != NULL) {
        picture->source = ir_strdup(source);
        if (picture->source == NULL)
            rc = ir_fail_nomem(err);
    }
    /* First the header alone: our EXIF segment stands before a late one whose orientation it has,
     * and nothing behind the pixels' beginning changes what the probe says. */
    if (rc == 0)
        rc = walk_file(&walk, err);
    walk.picture = picture;
    walk.exif_seen = true;
    if (rc == 0)
        rc = walk_file(&walk, err);
    if (rc != 0) {
        ir_picture_free(picture);
        return rc;
    }
    bool swaps = ir_orientation_swaps_axes(walk.info.orientation);
    picture->data = data;
    picture->data_bytes = data_bytes;
    picture->info = walk.info;
    picture->upright_width_px = swaps ? walk.info.height_px : walk.info.width_px;
    picture->upright_height_px = swaps ? walk.info.width_px : walk.info.height_px;
    picture->orientation = walk.info.orientation;
    picture->box_orientation = walk.is_png ? walk.info.orientation : 1;
    *out = picture;
    return 0;
}

void ir_picture_set_original(struct ir_picture *picture, int upright_width_px,
                             int upright_height_px, int orientation)
{
    picture->upright_width_px = upright_width_px;
    picture->upright_height_px = upright_height_px;
    picture->orientation = orientation;
    picture->is_rendering = true;
    picture->is_encoded = true;
}

void ir_picture_set_original_file(struct ir_picture *picture, const void *data, size_t data_bytes)
{
    struct ir_picture *original = NULL;
    if (ir_picture_new(data, data_bytes, NULL, &original, NULL) != 0 || original == NULL)
        return;
    picture->privates |= original->privates;
    picture->is_rendering = false;
    ir_picture_free(original);
}

void ir_picture_forget_privates(struct ir_picture *picture)
{
    picture->privates = 0;
    picture->is_rendering = true;
}

void ir_picture_add_privates(struct ir_picture *picture, unsigned privates)
{
    picture->privates |= privates;
    picture->is_rendering = false;
}

size_t ir_picture_sent_bytes(const struct ir_picture *picture)
{
    return picture->sent_bytes;
}

void ir_picture_free(struct ir_picture *picture)
{
    if (picture == NULL)
        return;
    ir_free(picture->source);
    ir_free(picture->spans);
    ir_free(picture);
}

int ir_picture_check_upright(const struct ir_picture *picture, struct ir_error *err)
{
    if (picture->info.orientation == 1)
        return 0;
    return ir_fail_with(err, IR_ERR_ARG, "picture",
                        "the picture lies turned in its file, and models see it as it lies",
                        "Turn it upright first, for example: magick in.jpg -auto-orient out.jpg");
}
