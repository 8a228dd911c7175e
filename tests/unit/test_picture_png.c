/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What of a PNG file is sent: pixels are, private chunks and the orientation are not. */
#include "tests/unit/picture_files.h"

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

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_png_chunk, chunk_rows);
    unit_add(&list, "png: orientations", test_png_orientations);
    unit_add(&list, "png: cut in a private chunk", test_png_cut_in_private);
    unit_add(&list, "png: cut in the pixels", test_png_cut_in_pixels);
    return unit_run(&list, "picture: PNG");
}
