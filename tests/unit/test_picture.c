/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What of a JPEG or PNG file is sent: pixels and orientation are, private things are not, and no
 * file, cut off or hostile as it may be, is read past its end. Every file lies in memory of its own
 * size, so that the address sanitizer sees a byte too many.
 */
#include "tests/unit/unit.h"

#include <jpeglib.h>

#include "core/base/alloc.h"
#include "core/task/picture.h"

#define MAX_FILE_BYTES (1U << 20)
#define SECRET "SECRET-LATITUDE"

/* ---- building files ---------------------------------------------------------------------- */

struct file {
    unsigned char *data;
    size_t bytes;
};

static void put(struct file *file, const void *data, size_t bytes)
{
    assert_true(file->bytes + bytes <= MAX_FILE_BYTES);
    memcpy(file->data + file->bytes, data, bytes);
    file->bytes += bytes;
}

static void put_text(struct file *file, const char *text)
{
    put(file, text, strlen(text));
}

static void put_be(struct file *file, uint32_t number, int bytes)
{
    while (bytes-- > 0) {
        unsigned char byte = (unsigned char)(number >> (8 * bytes));
        put(file, &byte, 1);
    }
}

static struct file new_file(void)
{
    struct file file = {malloc(MAX_FILE_BYTES), 0};
    assert_non_null(file.data);
    return file;
}

/* A copy in memory of its own size. */
static unsigned char *tight(const struct file *file, size_t bytes)
{
    unsigned char *copy = malloc(bytes > 0 ? bytes : 1);
    assert_non_null(copy);
    memcpy(copy, file->data, bytes);
    return copy;
}

/* FF marker, length, data. */
static void put_segment(struct file *file, unsigned marker, const void *data, size_t bytes)
{
    put_be(file, 0xff00 | marker, 2);
    put_be(file, (uint32_t)bytes + 2, 2);
    put(file, data, bytes);
}

/* A TIFF structure with GPS text behind IFD0, whose second entry is the orientation. */
static size_t make_tiff(bool big_endian, int orientation, unsigned char *out)
{
    static const unsigned char little[] = {
        'I',  'I', 42, 0, 8,  0, 0, 0, 2,  0,       /* two entries */
        0x0f, 1,   2,  0, 16, 0, 0, 0, 38, 0, 0, 0, /* Make, ASCII, 16 bytes at 38 */
        0x12, 1,   3,  0, 1,  0, 0, 0, 0,  0, 0, 0, /* Orientation, SHORT */
        0,    0,   0,  0,
    };
    static const unsigned char big[] = {
        'M', 'M', 0,  42, 0,    0, 0, 8, 0, 2, 1, 0x0f, 0, 2, 0, 0, 0, 16, 0,
        0,   0,   38, 1,  0x12, 0, 3, 0, 0, 0, 1, 0,    0, 0, 0, 0, 0, 0,  0,
    };
    memcpy(out, big_endian ? big : little, sizeof big);
    out[big_endian ? 31 : 30] = (unsigned char)orientation;
    memcpy(out + sizeof big, SECRET, sizeof SECRET);
    return sizeof big + sizeof SECRET;
}

static void put_exif(struct file *file, bool big_endian, int orientation)
{
    unsigned char segment[128] = "Exif\0";
    size_t bytes = make_tiff(big_endian, orientation, segment + 6);
    put_segment(file, 0xe1, segment, bytes + 6);
}

/* A real JPEG of 24 x 16 pixels by libjpeg, with restart markers where asked for. */
static void make_jpeg(struct file *out, bool is_progressive, unsigned restart_interval)
{
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    unsigned char *data = NULL;
    unsigned long bytes = 0;
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, &data, &bytes);
    jpeg.image_width = 24;
    jpeg.image_height = 16;
    jpeg.input_components = 3;
    jpeg.in_color_space = JCS_RGB;
    jpeg_set_defaults(&jpeg);
    jpeg.restart_interval = restart_interval;
    if (is_progressive)
        jpeg_simple_progression(&jpeg);
    jpeg_start_compress(&jpeg, TRUE);
    for (int y = 0; y < 16; y++) {
        JSAMPLE row[24 * 3];
        for (int x = 0; x < 24 * 3; x++)
            row[x] = (JSAMPLE)(x * 37 + y * 53 + x * y);
        JSAMPROW rows[1] = {row};
        jpeg_write_scanlines(&jpeg, rows, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    put(out, data, bytes);
    free(data);
}

/* The pixels, by libjpeg; freed by the caller. A file that it cannot read ends the program. */
static unsigned char *decode_jpeg(const unsigned char *data, size_t bytes, size_t *out_bytes)
{
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_decompress(&jpeg);
    jpeg_mem_src(&jpeg, data, bytes);
    assert_int_equal(jpeg_read_header(&jpeg, TRUE), JPEG_HEADER_OK);
    jpeg_start_decompress(&jpeg);
    size_t row_bytes = (size_t)jpeg.output_width * (size_t)jpeg.output_components;
    unsigned char *pixels = malloc(row_bytes * jpeg.output_height);
    assert_non_null(pixels);
    while (jpeg.output_scanline < jpeg.output_height) {
        JSAMPROW rows[1] = {pixels + row_bytes * jpeg.output_scanline};
        jpeg_read_scanlines(&jpeg, rows, 1);
    }
    *out_bytes = row_bytes * jpeg.output_height;
    jpeg_finish_decompress(&jpeg);
    assert_int_equal(errors.num_warnings, 0);
    jpeg_destroy_decompress(&jpeg);
    return pixels;
}

/* ---- looking at what is sent ------------------------------------------------------------- */

static struct ir_picture *make(const void *data, size_t bytes)
{
    struct ir_picture *picture = NULL;
    struct ir_error err = {0};
    if (ir_picture_new(data, bytes, "a.jpg", &picture, &err) != 0)
        fail_msg("%s", err.message);
    return picture;
}

/* The spans put together; freed by the caller. */
static struct file sent_file(const struct ir_picture *picture)
{
    struct file sent = new_file();
    for (size_t i = 0; i < picture->span_count; i++)
        put(&sent, picture->spans[i].data, picture->spans[i].bytes);
    assert_int_equal(sent.bytes, ir_picture_sent_bytes(picture));
    return sent;
}

static size_t occurrences(const struct file *file, const char *text)
{
    size_t count = 0;
    for (const unsigned char *at = file->data;; at++, count++) {
        at = memmem(at, file->bytes - (size_t)(at - file->data), text, strlen(text));
        if (at == NULL)
            return count;
    }
}

static void assert_gone(const struct file *file, const char *text)
{
    if (occurrences(file, text) != 0)
        fail_msg("\"%s\" is sent", text);
}

/* ---- JPEG -------------------------------------------------------------------------------- */

struct jpeg_row {
    const char *name;
    bool is_progressive;
    unsigned restart_interval;
    const char *trailing;
};

static const struct jpeg_row jpeg_rows[] = {
    {"jpeg: baseline", false, 0, ""},
    {"jpeg: progressive", true, 0, ""},
    {"jpeg: restart markers", false, 1, ""},
    {"jpeg: trailing data", false, 0, SECRET " and a film \xff\xd8\xff\xd9"},
};

/* Every kind of segment that files carry, before the rest of the plain JPEG. */
static void decorate(const struct file *plain, int orientation, const char *trailing,
                     struct file *out)
{
    unsigned char preview[24] = "JFXX\0\x10" SECRET;
    unsigned char icc[32] = "ICC_PROFILE\0\1\1profile-bytes";
    static const unsigned char adobe[] = "Adobe\0\x64\0\0\0\0\1";
    static const char xmp[] = "http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>" SECRET;
    static const char iptc[] = "Photoshop 3.0\08BIM" SECRET;
    size_t jfif_end = 2 + 18;
    put(out, plain->data, jfif_end); /* SOI, APP0 JFIF */
    put_segment(out, 0xe0, preview, sizeof preview);
    put_exif(out, true, orientation);
    put_segment(out, 0xe1, xmp, sizeof xmp);
    put_segment(out, 0xe2, icc, 27);
    put_segment(out, 0xe2, "MPF\0" SECRET, 19);
    put_segment(out, 0xed, iptc, sizeof iptc);
    put_segment(out, 0xe5, SECRET, 15);
    put_segment(out, 0xef, SECRET, 15);
    put_be(out, 0xffff, 2); /* fill bytes */
    put_segment(out, 0xee, adobe, 12);
    put_segment(out, 0xfe, SECRET, 15);
    put(out, plain->data + jfif_end, plain->bytes - jfif_end);
    put_text(out, trailing);
}

static void test_jpeg(void **state)
{
    const struct jpeg_row *row = *state;
    struct file plain = new_file();
    struct file file = new_file();
    size_t plain_bytes, sent_bytes;
    make_jpeg(&plain, row->is_progressive, row->restart_interval);
    decorate(&plain, 6, row->trailing, &file);
    assert_true(occurrences(&file, SECRET) >= 7);
    unsigned char *data = tight(&file, file.bytes);
    struct ir_picture *picture = make(data, file.bytes);
    struct file sent = sent_file(picture);
    assert_gone(&sent, SECRET);
    assert_gone(&sent, "JFXX");
    assert_gone(&sent, "MPF");
    assert_gone(&sent, "xmp");
    assert_gone(&sent, "Photoshop");
    assert_int_equal(occurrences(&sent, "JFIF"), 1);
    assert_int_equal(occurrences(&sent, "profile-bytes"), 1);
    assert_int_equal(occurrences(&sent, "Adobe"), 1);
    assert_int_equal(occurrences(&sent, "Exif"), 1);
    assert_memory_equal(sent.data + sent.bytes - 2, "\xff\xd9", 2);
    /* The Adobe segment says YCbCr as the JFIF one does, so the pixels are those of the plain file.
     */
    unsigned char *a = decode_jpeg(plain.data, plain.bytes, &plain_bytes);
    unsigned char *b = decode_jpeg(sent.data, sent.bytes, &sent_bytes);
    assert_int_equal(plain_bytes, sent_bytes);
    assert_memory_equal(a, b, plain_bytes);
    assert_int_equal(picture->info.width_px, 24);
    assert_int_equal(picture->info.height_px, 16);
    assert_int_equal(picture->upright_width_px, 16);
    assert_int_equal(picture->upright_height_px, 24);
    assert_string_equal(picture->info.media_type, "image/jpeg");
    assert_string_equal(picture->source, "a.jpg");
    free(a);
    free(b);
    ir_picture_free(picture);
    free(data);
    free(sent.data);
    free(file.data);
    free(plain.data);
}

/* A file with nothing to hide is sent byte for byte, in one piece. */
static void test_plain_jpeg(void **state)
{
    (void)state;
    struct file plain = new_file();
    make_jpeg(&plain, true, 0);
    struct ir_picture *picture = make(plain.data, plain.bytes);
    assert_int_equal(picture->span_count, 1);
    assert_ptr_equal(picture->spans[0].data, plain.data);
    assert_int_equal(picture->spans[0].bytes, plain.bytes);
    ir_picture_free(picture);
    free(plain.data);
}

/* All eight orientations in both byte orders: read, and in the segment that is sent. */
static void test_jpeg_orientations(void **state)
{
    (void)state;
    for (int i = 0; i < 2 * 10; i++) {
        int orientation = i / 2; /* 0 and 9 are none */
        int expected = orientation >= 1 && orientation <= 8 ? orientation : 1;
        struct file plain = new_file();
        struct file file = new_file();
        struct ir_picture_info info;
        make_jpeg(&plain, false, 0);
        put(&file, plain.data, 2);
        put_exif(&file, i % 2 == 0, orientation);
        put(&file, plain.data + 2, plain.bytes - 2);
        assert_int_equal(ir_picture_probe(file.data, file.bytes, &info, NULL), 0);
        assert_int_equal(info.orientation, expected);
        struct ir_picture *picture = make(file.data, file.bytes);
        assert_int_equal(picture->orientation, expected);
        assert_int_equal(picture->box_orientation, 1); /* the service obeys it */
        assert_int_equal(picture->upright_width_px, expected >= 5 ? 16 : 24);
        struct file sent = sent_file(picture);
        assert_gone(&sent, SECRET);
        assert_int_equal(occurrences(&sent, "Exif"), expected == 1 ? 0 : 1);
        /* What another reader finds in what is sent. */
        assert_int_equal(ir_picture_probe(sent.data, sent.bytes, &info, NULL), 0);
        assert_int_equal(info.orientation, expected);
        assert_int_equal(info.width_px, 24);
        ir_picture_free(picture);
        free(sent.data);
        free(file.data);
        free(plain.data);
    }
}

/* Where the EXIF segment stands. Behind a table it counts as well; behind the scan it is too late,
 * for the probe and for the whole alike. */
static void test_jpeg_late_exif(void **state)
{
    (void)state;
    struct file plain = new_file();
    make_jpeg(&plain, true, 0);
    for (int late = 0; late < 3; late++) {
        struct file file = new_file();
        struct ir_picture_info info;
        static const char *const marks[] = {"\xff\xdb", "\xff\xc2", "\xff\xda"};
        const unsigned char *at = plain.data;
        for (int i = 0; i <= late; i++) {
            at = memmem(plain.data, plain.bytes, marks[i], 2);
            assert_non_null(at);
        }
        size_t before = (size_t)(at - plain.data);
        before += 2 + (size_t)at[2] * 256 + at[3]; /* behind that segment */
        if (late == 2) {                           /* behind the first scan */
            const unsigned char *next =
                memmem(plain.data + before, plain.bytes - before, "\xff\xc4", 2);
            assert_non_null(next);
            before = (size_t)(next - plain.data);
        }
        put(&file, plain.data, before);
        put_exif(&file, true, 6);
        put(&file, plain.data + before, plain.bytes - before);
        assert_int_equal(ir_picture_probe(file.data, file.bytes, &info, NULL), 0);
        struct ir_picture *picture = make(file.data, file.bytes);
        struct file sent = sent_file(picture);
        struct ir_picture_info sent_info;
        assert_int_equal(ir_picture_probe(sent.data, sent.bytes, &sent_info, NULL), 0);
        assert_int_equal(info.orientation, late == 2 ? 1 : 6);
        assert_int_equal(picture->orientation, info.orientation);
        assert_int_equal(picture->upright_width_px, late == 2 ? 24 : 16);
        assert_int_equal(sent_info.orientation, info.orientation);
        assert_gone(&sent, SECRET);
        ir_picture_free(picture);
        free(sent.data);
        free(file.data);
    }
    free(plain.data);
}

/* Only the first EXIF segment counts. */
static void test_jpeg_two_exif(void **state)
{
    (void)state;
    struct file plain = new_file();
    struct file file = new_file();
    struct ir_picture_info info;
    make_jpeg(&plain, false, 0);
    put(&file, plain.data, 2);
    put_exif(&file, true, 3);
    put_exif(&file, true, 8);
    put(&file, plain.data + 2, plain.bytes - 2);
    assert_int_equal(ir_picture_probe(file.data, file.bytes, &info, NULL), 0);
    assert_int_equal(info.orientation, 3);
    struct ir_picture *picture = make(file.data, file.bytes);
    struct file sent = sent_file(picture);
    assert_int_equal(occurrences(&sent, "Exif"), 1);
    assert_int_equal(picture->orientation, 3);
    ir_picture_free(picture);
    free(sent.data);
    free(file.data);
    free(plain.data);
}

static void test_jpeg_many_segments(void **state)
{
    (void)state;
    struct file plain = new_file();
    struct file file = new_file();
    make_jpeg(&plain, false, 0);
    put(&file, plain.data, 2);
    for (int i = 0; i < 5000; i++)
        put_segment(&file, 0xfe, SECRET, 15);
    put(&file, plain.data + 2, plain.bytes - 2);
    struct ir_picture *picture = make(file.data, file.bytes);
    assert_int_equal(picture->span_count, 2);
    assert_int_equal(ir_picture_sent_bytes(picture), plain.bytes);
    ir_picture_free(picture);
    /* Each between two that are kept: more pieces than a picture may have. */
    file.bytes = 2;
    for (int i = 0; i < 5000; i++) {
        put_segment(&file, 0xfe, SECRET, 15);
        put_segment(&file, 0xdd, "\0\0", 2);
    }
    put(&file, plain.data + 2, plain.bytes - 2);
    struct ir_error err = {0};
    picture = NULL;
    assert_int_equal(ir_picture_new(file.data, file.bytes, NULL, &picture, &err), IR_ERR_ARG);
    assert_null(picture);
    assert_non_null(strstr(err.message, "4,096"));
    free(file.data);
    free(plain.data);
}

/* ---- PNG --------------------------------------------------------------------------------- */

static void put_chunk(struct file *file, const char *type, const void *data, size_t bytes)
{
    put_be(file, (uint32_t)bytes, 4);
    put(file, type, 4);
    put(file, data, bytes);
    put_be(file, 0x06345678, 4); /* nothing here looks at the CRC */
}

static void begin_png(struct file *file)
{
    unsigned char header[13] = {0, 0, 0, 24, 0, 0, 0, 16, 8, 2, 0, 0, 0};
    put(file, "\x89PNG\r\n\x1a\n", 8);
    put_chunk(file, "IHDR", header, sizeof header);
}

static void put_png_exif(struct file *file, bool big_endian, int orientation)
{
    unsigned char tiff[128];
    size_t bytes = make_tiff(big_endian, orientation, tiff);
    put_chunk(file, "eXIf", tiff, bytes);
}

struct chunk_row {
    const char *name; /* the type, too */
    bool is_kept;
};

static const struct chunk_row chunk_rows[] = {
    {"PLTE", true},  {"tRNS", true},  {"cHRM", true},  {"gAMA", true},  {"iCCP", true},
    {"sBIT", true},  {"sRGB", true},  {"cICP", true},  {"bKGD", true},  {"pHYs", true},
    {"tEXt", false}, {"zTXt", false}, {"iTXt", false}, {"tIME", false}, {"eXIf", false},
    {"caBX", false}, {"prVt", false}, {"vpAg", false}, {"acTL", false}, {"dSIG", false},
};

static void test_png_chunk(void **state)
{
    const struct chunk_row *row = *state;
    struct file file = new_file();
    begin_png(&file);
    put_chunk(&file, row->name, SECRET, 15);
    put_chunk(&file, "IDAT", "pixels", 6);
    put_chunk(&file, row->name, SECRET, 15);
    put_chunk(&file, "IEND", "", 0);
    put_text(&file, SECRET);
    unsigned char *data = tight(&file, file.bytes);
    struct ir_picture *picture = make(data, file.bytes);
    struct file sent = sent_file(picture);
    assert_int_equal(occurrences(&sent, row->name), row->is_kept ? 2 : 0);
    assert_int_equal(occurrences(&sent, SECRET), row->is_kept ? 2 : 0);
    assert_int_equal(occurrences(&sent, "pixels"), 1);
    assert_memory_equal(sent.data + sent.bytes - 8, "IEND\x06\x34\x56\x78", 8);
    assert_string_equal(picture->info.media_type, "image/png");
    ir_picture_free(picture);
    free(sent.data);
    free(data);
    free(file.data);
}

static void test_png_orientations(void **state)
{
    (void)state;
    for (int i = 0; i < 2 * 10; i++) {
        int orientation = i / 2;
        int expected = orientation >= 1 && orientation <= 8 ? orientation : 1;
        struct file file = new_file();
        struct ir_picture_info info;
        begin_png(&file);
        put_png_exif(&file, i % 2 == 0, orientation);
        put_chunk(&file, "IDAT", "pixels", 6);
        put_chunk(&file, "IEND", "", 0);
        assert_int_equal(ir_picture_probe(file.data, file.bytes, &info, NULL), 0);
        assert_int_equal(info.orientation, expected);
        struct ir_picture *picture = make(file.data, file.bytes);
        assert_int_equal(picture->orientation, expected);
        assert_int_equal(picture->box_orientation, expected); /* the service does not obey it */
        assert_int_equal(picture->upright_width_px, expected >= 5 ? 16 : 24);
        assert_int_equal(picture->info.width_px, 24);
        struct file sent = sent_file(picture);
        assert_gone(&sent, SECRET);
        assert_gone(&sent, "eXIf");
        ir_picture_free(picture);
        free(sent.data);
        free(file.data);
    }
}

/* A private chunk whose end is missing is as private as a whole one. */
static void test_png_cut_in_private(void **state)
{
    (void)state;
    struct file file = new_file();
    begin_png(&file);
    put_chunk(&file, "IDAT", "pixels", 6);
    size_t start = file.bytes;
    put_chunk(&file, "tEXt", SECRET, 15);
    for (size_t bytes = start; bytes < file.bytes; bytes++) {
        unsigned char *data = tight(&file, bytes);
        struct ir_picture *picture = make(data, bytes);
        assert_int_equal(ir_picture_sent_bytes(picture), start);
        ir_picture_free(picture);
        free(data);
    }
    /* A length that reaches past the end. */
    memcpy(file.data + start, "\xff\xff\xff\xff", 4);
    struct ir_picture *picture = make(file.data, file.bytes);
    assert_int_equal(ir_picture_sent_bytes(picture), start);
    ir_picture_free(picture);
    free(file.data);
}

/* Pixels that are cut off are sent as far as they go: the service judges. */
static void test_png_cut_in_pixels(void **state)
{
    (void)state;
    struct file file = new_file();
    begin_png(&file);
    put_chunk(&file, "IDAT", "pixels", 6);
    size_t bytes = file.bytes - 6;
    struct ir_picture *picture = make(file.data, bytes);
    assert_int_equal(ir_picture_sent_bytes(picture), bytes);
    ir_picture_free(picture);
    free(file.data);
}

/* ---- cut off, changed, hostile ----------------------------------------------------------- */

static struct file small_jpeg(void)
{
    struct file plain = new_file();
    struct file file = new_file();
    make_jpeg(&plain, true, 1);
    decorate(&plain, 6, SECRET, &file);
    free(plain.data);
    return file;
}

static struct file small_png(void)
{
    struct file file = new_file();
    begin_png(&file);
    put_chunk(&file, "iCCP", "profile", 7);
    put_png_exif(&file, true, 6);
    put_chunk(&file, "tEXt", SECRET, 15);
    put_chunk(&file, "IDAT", "pixels", 6);
    put_png_exif(&file, false, 8);
    put_chunk(&file, "IEND", "", 0);
    return file;
}

/* Whatever the bytes are: an error with words, or a picture that is no larger than they allow. */
static void try_bytes(const unsigned char *data, size_t bytes)
{
    struct ir_picture_info info = {0};
    struct ir_picture *picture = NULL;
    struct ir_error err = {0};
    int probed = ir_picture_probe(data, bytes, &info, &err);
    assert_true(probed == 0 || (probed == IR_ERR_ARG && err.message[0] != '\0'));
    int rc = ir_picture_new(data, bytes, NULL, &picture, &err);
    if (rc != 0) {
        assert_int_equal(rc, IR_ERR_ARG);
        assert_string_equal(err.service, "picture");
        assert_null(picture);
        return;
    }
    assert_int_equal(probed, 0);
    assert_int_equal(picture->info.width_px, info.width_px);
    assert_int_equal(picture->info.height_px, info.height_px);
    assert_true(picture->orientation >= 1 && picture->orientation <= 8);
    assert_true(ir_picture_sent_bytes(picture) <= bytes + IR_PICTURE_EXIF_BYTES);
    struct file sent = sent_file(picture);
    free(sent.data);
    ir_picture_free(picture);
}

static void test_truncated(void **state)
{
    (void)state;
    for (int kind = 0; kind < 2; kind++) {
        struct file file = kind == 0 ? small_jpeg() : small_png();
        for (size_t bytes = 0; bytes <= file.bytes; bytes++) {
            unsigned char *data = tight(&file, bytes);
            try_bytes(data, bytes);
            free(data);
        }
        free(file.data);
    }
}

/* Each byte of the head by every interesting value: lengths, offsets and counts that lie. */
static void test_changed(void **state)
{
    (void)state;
    static const unsigned char values[] = {0x00, 0x01, 0x02, 0x7f, 0x80, 0xd8,
                                           0xd9, 0xda, 0xe1, 0xfe, 0xff};
    for (int kind = 0; kind < 2; kind++) {
        struct file file = kind == 0 ? small_jpeg() : small_png();
        for (size_t at = 0; at < file.bytes; at++) {
            unsigned char *data = tight(&file, file.bytes);
            for (size_t i = 0; i < sizeof values; i++) {
                data[at] = values[i];
                try_bytes(data, file.bytes);
            }
            free(data);
        }
        free(file.data);
    }
}

static void test_random(void **state)
{
    (void)state;
    unsigned seed = 20261120;
    for (int round = 0; round < 20000; round++) {
        unsigned char data[64];
        for (size_t i = 0; i < sizeof data; i++) {
            seed = seed * 1103515245U + 12345U;
            data[i] = (seed >> 16) % 4 == 0 ? 0xff : (unsigned char)(seed >> 20);
        }
        memcpy(data, round % 2 == 0 ? "\xff\xd8\xff\xe1" : "\x89PNG\r\n\x1a\n", round % 2 ? 8 : 4);
        try_bytes(data, sizeof data);
    }
}

struct bad_row {
    const char *name;
    const char *data;
    size_t bytes;
    const char *says;
};

#define BYTES(text) text, sizeof(text) - 1

static const struct bad_row bad_rows[] = {
    {"bad: nothing", BYTES(""), "neither"},
    {"bad: GIF", BYTES("GIF89a\1\0\1\0"), "neither"},
    {"bad: WebP", BYTES("RIFF\0\0\0\0WEBPVP8 "), "neither"},
    {"bad: text", BYTES("hello, world"), "neither"},
    {"bad: half a signature of PNG", BYTES("\x89PNG"), "neither"},
    {"bad: SOI alone", BYTES("\xff\xd8"), "neither"},
    {"bad: SOI and EOI", BYTES("\xff\xd8\xff\xd9"), "its size"},
    {"bad: a segment of length 0", BYTES("\xff\xd8\xff\xe1\0\0\xff\xd9"), "past its end"},
    {"bad: a segment of length 1", BYTES("\xff\xd8\xff\xe1\0\1\xff\xd9"), "past its end"},
    {"bad: a segment past the end", BYTES("\xff\xd8\xff\xe1\xff\xff\1"), "past its end"},
    {"bad: a segment without a length", BYTES("\xff\xd8\xff\xe1\0"), "within a segment"},
    {"bad: no marker", BYTES("\xff\xd8\0\0\0\0"), "marker is missing"},
    {"bad: a frame of no width", BYTES("\xff\xd8\xff\xc0\0\x0b\x8\0\x10\0\0\1\1\x11\0\xff\xd9"),
     "its size"},
    {"bad: a frame too short", BYTES("\xff\xd8\xff\xc0\0\4\x8\0\xff\xd9"), "its size"},
    {"bad: PNG without chunks", BYTES("\x89PNG\r\n\x1a\n"), "its size"},
    {"bad: PNG that begins with IEND", BYTES("\x89PNG\r\n\x1a\n\0\0\0\0IEND\0\0\0\0"), "its size"},
    {"bad: PNG of no width",
     BYTES("\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\0\0\0\0\1\x8\2\0\0\0\0\0\0\0"), "its size"},
    {"bad: PNG of 2^31 pixels",
     BYTES("\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\x80\0\0\0\0\0\0\1\x8\2\0\0\0\0\0\0\0"), "its size"},
};

static void test_bad(void **state)
{
    const struct bad_row *row = *state;
    const struct file file = {(unsigned char *)row->data, row->bytes};
    unsigned char *data = tight(&file, row->bytes);
    struct ir_picture *picture = NULL;
    struct ir_picture_info info;
    struct ir_error err = {0};
    memset(&info, 'x', sizeof info);
    struct ir_picture_info before = info;
    assert_int_equal(ir_picture_probe(data, row->bytes, &info, &err), IR_ERR_ARG);
    assert_memory_equal(&info, &before, sizeof info);
    assert_string_equal(err.service, "picture");
    assert_true(err.hint[0] != '\0');
    if (strstr(err.message, row->says) == NULL)
        fail_msg("the message does not say \"%s\": %s", row->says, err.message);
    assert_int_equal(ir_picture_new(data, row->bytes, "x", &picture, NULL), IR_ERR_ARG);
    assert_null(picture);
    free(data);
}

/* EXIF that lies about where it has its entries. */
static void test_hostile_tiff(void **state)
{
    (void)state;
    static const struct {
        const char *data;
        size_t bytes;
    } tiffs[] = {
        {BYTES("")},
        {BYTES("MM")},
        {BYTES("MM\0\x2a\0\0\0")},
        {BYTES("MM\0\x2a\0\0\0\x8")},
        {BYTES("MM\0\x2a\0\0\0\x8\0")},
        {BYTES("MM\0\x2a\0\0\0\x8\xff\xff")},
        {BYTES("MM\0\x2a\0\0\0\x8\0\1\1\x12\0\3\0\0\0\1\0")},
        {BYTES("MM\0\x2a\xff\xff\xff\xff\0\1")},
        {BYTES("MM\0\x2a\xff\xff\xff\xfe\0\1")},
        {BYTES("II\x2a\0\xff\xff\xff\xff\0\1")},
        {BYTES("II\x2a\0\x7\0\0\0\0\1")},
        {BYTES("XX\x2a\0\x8\0\0\0\0\1")},
    };
    for (size_t i = 0; i < sizeof tiffs / sizeof tiffs[0]; i++) {
        struct file plain = new_file();
        struct file file = new_file();
        unsigned char segment[64] = "Exif\0";
        struct ir_picture_info info;
        make_jpeg(&plain, false, 0);
        put(&file, plain.data, 2);
        memcpy(segment + 6, tiffs[i].data, tiffs[i].bytes);
        put_segment(&file, 0xe1, segment, 6 + tiffs[i].bytes);
        put(&file, plain.data + 2, plain.bytes - 2);
        assert_int_equal(ir_picture_probe(file.data, file.bytes, &info, NULL), 0);
        assert_int_equal(info.orientation, 1);
        free(file.data);
        /* The same as the last thing in memory. */
        file = new_file();
        begin_png(&file);
        put_chunk(&file, "eXIf", tiffs[i].data, tiffs[i].bytes);
        unsigned char *data = tight(&file, file.bytes);
        assert_int_equal(ir_picture_probe(data, file.bytes, &info, NULL), 0);
        assert_int_equal(info.orientation, 1);
        free(data);
        free(file.data);
        free(plain.data);
    }
}

/* ---- the rest ---------------------------------------------------------------------------- */

static void test_set_original(void **state)
{
    (void)state;
    struct file plain = new_file();
    make_jpeg(&plain, false, 0);
    struct ir_picture *picture = make(plain.data, plain.bytes);
    ir_picture_set_original(picture, 3000, 4000, 8);
    assert_int_equal(picture->upright_width_px, 3000);
    assert_int_equal(picture->upright_height_px, 4000);
    assert_int_equal(picture->orientation, 8);
    assert_int_equal(picture->box_orientation, 1);
    assert_int_equal(picture->info.width_px, 24);
    ir_picture_free(picture);
    ir_picture_free(NULL);
    free(plain.data);
}

struct gate {
    unsigned asked;
    unsigned fail_at;
};

static bool may_allocate(void *context)
{
    struct gate *gate = context;
    return gate->asked++ != gate->fail_at;
}

static void test_no_memory(void **state)
{
    (void)state;
    struct file file = small_jpeg();
    unsigned failures = 0;
    for (unsigned fail_at = 0;; fail_at++) {
        struct gate gate = {0, fail_at};
        struct ir_picture *picture = NULL;
        struct ir_error err = {0};
        ir_alloc_set_gate(may_allocate, &gate);
        int rc = ir_picture_new(file.data, file.bytes, "a.jpg", &picture, &err);
        ir_alloc_set_gate(NULL, NULL);
        ir_picture_free(picture);
        if (gate.asked <= fail_at) {
            assert_int_equal(rc, 0);
            break;
        }
        assert_int_equal(rc, IR_ERR_NOMEM);
        assert_int_equal(err.code, IR_ERR_NOMEM);
        assert_null(picture);
        failures++;
    }
    assert_true(failures >= 3);
    free(file.data);
}

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_jpeg, jpeg_rows);
    unit_add(&list, "jpeg: nothing to hide", test_plain_jpeg);
    unit_add(&list, "jpeg: orientations", test_jpeg_orientations);
    unit_add(&list, "jpeg: late EXIF", test_jpeg_late_exif);
    unit_add(&list, "jpeg: two EXIF segments", test_jpeg_two_exif);
    unit_add(&list, "jpeg: 5,000 segments", test_jpeg_many_segments);
    UNIT_ADD_ROWS(&list, test_png_chunk, chunk_rows);
    unit_add(&list, "png: orientations", test_png_orientations);
    unit_add(&list, "png: cut in a private chunk", test_png_cut_in_private);
    unit_add(&list, "png: cut in the pixels", test_png_cut_in_pixels);
    unit_add(&list, "cut at every length", test_truncated);
    unit_add(&list, "changed at every byte", test_changed);
    unit_add(&list, "random bytes", test_random);
    UNIT_ADD_ROWS(&list, test_bad, bad_rows);
    unit_add(&list, "hostile TIFF", test_hostile_tiff);
    unit_add(&list, "original", test_set_original);
    unit_add(&list, "out of memory", test_no_memory);
    return unit_run(&list, "picture");
}
