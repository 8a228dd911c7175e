/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pictures that are cut off, changed or made to harm: none is read past its end. Every file lies in
 * memory of its own size, so that the address sanitizer sees a byte too many.
 */
#include "tests/unit/picture_files.h"

#include "core/base/alloc.h"

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
    unit_add(&list, "cut at every length", test_truncated);
    unit_add(&list, "changed at every byte", test_changed);
    unit_add(&list, "random bytes", test_random);
    UNIT_ADD_ROWS(&list, test_bad, bad_rows);
    unit_add(&list, "hostile TIFF", test_hostile_tiff);
    unit_add(&list, "out of memory", test_no_memory);
    return unit_run(&list, "picture: hostile");
}
