/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JPEG and PNG files for the tests of ir_picture. */
#include "tests/unit/picture_files.h"

#include <jpeglib.h>

/* ---- building files ---------------------------------------------------------------------- */

void put(struct file *file, const void *data, size_t bytes)
{
    assert_true(file->bytes + bytes <= MAX_FILE_BYTES);
    memcpy(file->data + file->bytes, data, bytes);
    file->bytes += bytes;
}

void put_text(struct file *file, const char *text)
{
    put(file, text, strlen(text));
}

void put_be(struct file *file, uint32_t number, int bytes)
{
    while (bytes-- > 0) {
        unsigned char byte = (unsigned char)(number >> (8 * bytes));
        put(file, &byte, 1);
    }
}

struct file new_file(void)
{
    struct file file = {malloc(MAX_FILE_BYTES), 0};
    assert_non_null(file.data);
    return file;
}

/* A copy in memory of its own size. */
unsigned char *tight(const struct file *file, size_t bytes)
{
    unsigned char *copy = malloc(bytes > 0 ? bytes : 1);
    assert_non_null(copy);
    memcpy(copy, file->data, bytes);
    return copy;
}

/* FF marker, length, data. */
void put_segment(struct file *file, unsigned marker, const void *data, size_t bytes)
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

void put_exif(struct file *file, bool big_endian, int orientation)
{
    unsigned char segment[128] = "Exif\0";
    size_t bytes = make_tiff(big_endian, orientation, segment + 6);
    put_segment(file, 0xe1, segment, bytes + 6);
}

/* A real JPEG of 24 x 16 pixels by libjpeg, with restart markers where asked for. */
void make_jpeg(struct file *out, bool is_progressive, unsigned restart_interval)
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
unsigned char *decode_jpeg(const unsigned char *data, size_t bytes, size_t *out_bytes)
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

struct ir_picture *make(const void *data, size_t bytes)
{
    struct ir_picture *picture = NULL;
    struct ir_error err = {0};
    if (ir_picture_new(data, bytes, "a.jpg", &picture, &err) != 0)
        fail_msg("%s", err.message);
    return picture;
}

/* The spans put together; freed by the caller. */
struct file sent_file(const struct ir_picture *picture)
{
    struct file sent = new_file();
    for (size_t i = 0; i < picture->span_count; i++)
        put(&sent, picture->spans[i].data, picture->spans[i].bytes);
    assert_int_equal(sent.bytes, ir_picture_sent_bytes(picture));
    return sent;
}

size_t occurrences(const struct file *file, const char *text)
{
    size_t count = 0;
    for (const unsigned char *at = file->data;; at++, count++) {
        at = memmem(at, file->bytes - (size_t)(at - file->data), text, strlen(text));
        if (at == NULL)
            return count;
    }
}

void assert_gone(const struct file *file, const char *text)
{
    if (occurrences(file, text) != 0)
        fail_msg("\"%s\" is sent", text);
}

/* Every kind of segment that files carry, before the rest of the plain JPEG. */
void decorate(const struct file *plain, int orientation, const char *trailing, struct file *out)
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

void put_chunk(struct file *file, const char *type, const void *data, size_t bytes)
{
    put_be(file, (uint32_t)bytes, 4);
    put(file, type, 4);
    put(file, data, bytes);
    put_be(file, 0x06345678, 4); /* nothing here looks at the CRC */
}

void begin_png(struct file *file)
{
    unsigned char header[13] = {0, 0, 0, 24, 0, 0, 0, 16, 8, 2, 0, 0, 0};
    put(file, "\x89PNG\r\n\x1a\n", 8);
    put_chunk(file, "IHDR", header, sizeof header);
}

void put_png_exif(struct file *file, bool big_endian, int orientation)
{
    unsigned char tiff[128];
    size_t bytes = make_tiff(big_endian, orientation, tiff);
    put_chunk(file, "eXIf", tiff, bytes);
}

struct file small_jpeg(void)
{
    struct file plain = new_file();
    struct file file = new_file();
    make_jpeg(&plain, true, 1);
    decorate(&plain, 6, SECRET, &file);
    free(plain.data);
    return file;
}

struct file small_png(void)
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
