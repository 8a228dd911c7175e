/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What of a JPEG file is sent: pixels and orientation are, private things are not. Every file lies
 * in memory of its own size, so that the address sanitizer sees a byte too many.
 */
#include "tests/unit/picture_files.h"

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

int main(void)
{
    static struct unit_list list;
    UNIT_ADD_ROWS(&list, test_jpeg, jpeg_rows);
    unit_add(&list, "jpeg: nothing to hide", test_plain_jpeg);
    unit_add(&list, "jpeg: orientations", test_jpeg_orientations);
    unit_add(&list, "jpeg: late EXIF", test_jpeg_late_exif);
    unit_add(&list, "jpeg: two EXIF segments", test_jpeg_two_exif);
    unit_add(&list, "jpeg: 5,000 segments", test_jpeg_many_segments);
    unit_add(&list, "original", test_set_original);
    return unit_run(&list, "picture: JPEG");
}
