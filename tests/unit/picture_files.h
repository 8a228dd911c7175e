/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * JPEG and PNG files for the tests of ir_picture, built piece by piece, and a look at what of them
 * is sent. Whatever must not be sent has SECRET in it.
 */
#ifndef TESTS_UNIT_PICTURE_FILES_H
#define TESTS_UNIT_PICTURE_FILES_H

#include "tests/unit/unit.h"

#include "core/task/picture.h"

#define MAX_FILE_BYTES (1U << 20)
#define SECRET "SECRET-LATITUDE"
#define BYTES(text) text, sizeof(text) - 1

struct file {
    unsigned char *data; /* MAX_FILE_BYTES of room; freed by who made the file */
    size_t bytes;
};

struct file new_file(void);
void put(struct file *file, const void *data, size_t bytes);
void put_text(struct file *file, const char *text);
void put_be(struct file *file, uint32_t number, int bytes);
unsigned char *tight(const struct file *file, size_t bytes);

void put_segment(struct file *file, unsigned marker, const void *data, size_t bytes);
void put_exif(struct file *file, bool big_endian, int orientation);
void make_jpeg(struct file *out, bool is_progressive, unsigned restart_interval);
void decorate(const struct file *plain, int orientation, const char *trailing, struct file *out);
struct file small_jpeg(void);
unsigned char *decode_jpeg(const unsigned char *data, size_t bytes, size_t *out_bytes);

void begin_png(struct file *file);
void put_chunk(struct file *file, const char *type, const void *data, size_t bytes);
void put_png_exif(struct file *file, bool big_endian, int orientation);
struct file small_png(void);

struct ir_picture *make(const void *data, size_t bytes);
struct file sent_file(const struct ir_picture *picture);
size_t occurrences(const struct file *file, const char *text);
void assert_gone(const struct file *file, const char *text);

#endif
