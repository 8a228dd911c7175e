/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Buffers: the maximum from both sides, the sticky failure, taking. */
#include "tests/unit/unit.h"

#include "core/base/alloc.h"
#include "core/base/buf.h"
#include <imgrecog/result.h>

static bool deny(void *context)
{
    (void)context;
    return false;
}

static void test_append(void **state)
{
    (void)state;
    struct ir_buf buf;
    ir_buf_init(&buf, 1000);
    assert_string_equal(ir_buf_text(&buf), "");
    ir_buf_append_text(&buf, "ab");
    ir_buf_append_char(&buf, 'c');
    ir_buf_append(&buf, "\0d", 2);
    ir_buf_appendf(&buf, "%d-%s", 12, "x");
    ir_buf_append(&buf, NULL, 0);
    assert_int_equal(buf.bytes, 9);
    assert_memory_equal(buf.data, "abc\0d12-x", 10);
    assert_int_equal(ir_buf_check(&buf, "it", NULL), 0);
    ir_buf_clear(&buf);
    assert_string_equal(ir_buf_text(&buf), "");
    assert_int_equal(buf.bytes, 0);
    ir_buf_release(&buf);
    ir_buf_release(&buf); /* twice is harmless */
    ir_buf_release(NULL);
}

struct max_row {
    const char *name;
    size_t max_bytes;
};

static const struct max_row max_rows[] = {
    {"maximum 0", 0},     {"maximum 1", 1},       {"maximum 255", 255},
    {"maximum 256", 256}, {"maximum 257", 257},   {"maximum 511", 511},
    {"maximum 512", 512}, {"maximum 1023", 1023}, {"maximum 4097", 4097},
};

static void test_max(void **state)
{
    const struct max_row *row = *state;
    struct ir_error err;
    struct ir_buf buf;
    for (int secret = 0; secret < 2; secret++) {
        if (secret)
            ir_buf_init_secret(&buf, row->max_bytes);
        else
            ir_buf_init(&buf, row->max_bytes);
        for (size_t i = 0; i < row->max_bytes; i++) {
            ir_buf_append_char(&buf, (char)('a' + i % 26));
            assert_int_equal(buf.bytes, i + 1);
            assert_true(buf.capacity <= row->max_bytes + 1);
        }
        assert_int_equal(ir_buf_check(&buf, "it", &err), 0);
        ir_buf_append_char(&buf, 'z');
        assert_int_equal(buf.bytes, row->max_bytes);
        assert_int_equal(ir_buf_check(&buf, "the answer", &err), IR_ERR_TOO_LARGE);
        assert_non_null(strstr(err.message, "the answer is larger"));
        for (size_t i = 0; i < row->max_bytes; i++)
            assert_int_equal(buf.data[i], 'a' + i % 26);
        ir_buf_clear(&buf);
        assert_int_equal(ir_buf_check(&buf, "it", &err), 0);
        ir_buf_release(&buf);
    }
}

static void test_sticky(void **state)
{
    (void)state;
    struct ir_buf buf;
    ir_buf_init(&buf, 4);
    ir_buf_append_text(&buf, "12345");
    assert_int_equal(buf.failed, IR_ERR_TOO_LARGE);
    ir_buf_append_text(&buf, "1");
    ir_buf_appendf(&buf, "%d", 1);
    ir_buf_append_char(&buf, '1');
    assert_int_equal(buf.bytes, 0);
    assert_null(ir_buf_take(&buf));
    assert_int_equal(buf.failed, IR_ERR_TOO_LARGE); /* the cause can still be asked for */
    ir_buf_release(&buf);

    ir_buf_init(&buf, SIZE_MAX);
    ir_buf_append_text(&buf, "a");
    ir_buf_append(&buf, "", SIZE_MAX - 2); /* must be refused before it is read */
    assert_int_equal(buf.failed, IR_ERR_TOO_LARGE);
    ir_buf_release(&buf);
}

static void test_format_at_max(void **state)
{
    (void)state;
    struct ir_buf buf;
    ir_buf_init(&buf, 5);
    ir_buf_appendf(&buf, "%s", "12345");
    assert_string_equal(ir_buf_text(&buf), "12345");
    assert_int_equal(buf.failed, 0);
    ir_buf_release(&buf);
    ir_buf_init(&buf, 5);
    ir_buf_appendf(&buf, "%s", "123456");
    assert_int_equal(buf.failed, IR_ERR_TOO_LARGE);
    assert_string_equal(ir_buf_text(&buf), "");
    ir_buf_release(&buf);
}

static void test_take(void **state)
{
    (void)state;
    struct ir_buf buf;
    ir_buf_init(&buf, 100);
    char *text = ir_buf_take(&buf);
    assert_string_equal(text, "");
    ir_free(text);
    ir_buf_append_text(&buf, "abc");
    text = ir_buf_take(&buf);
    assert_string_equal(text, "abc");
    ir_free(text);
    assert_int_equal(buf.bytes, 0);
    assert_string_equal(ir_buf_text(&buf), "");
    ir_buf_append_text(&buf, "d"); /* usable again */
    assert_string_equal(ir_buf_text(&buf), "d");
    ir_buf_release(&buf);
}

static void test_no_memory(void **state)
{
    (void)state;
    struct ir_buf buf;
    struct ir_error err;
    ir_buf_init(&buf, 10000);
    ir_buf_append_text(&buf, "kept");
    char big[600];
    memset(big, 'x', sizeof big);
    ir_alloc_set_gate(deny, NULL);
    ir_buf_append(&buf, big, sizeof big);
    ir_alloc_set_gate(NULL, NULL);
    assert_int_equal(ir_buf_check(&buf, "it", &err), IR_ERR_NOMEM);
    assert_string_equal(err.message, "out of memory for it");
    assert_string_equal(ir_buf_text(&buf), "kept");
    ir_buf_append_text(&buf, "more");
    assert_string_equal(ir_buf_text(&buf), "kept");
    ir_buf_release(&buf);
}

static void test_secret_is_wiped(void **state)
{
    (void)state;
    struct ir_buf buf;
    ir_buf_init_secret(&buf, 100);
    ir_buf_append_text(&buf, "secret");
    ir_buf_clear(&buf);
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(buf.data[i], 0);
    ir_buf_append_text(&buf, "again");
    assert_string_equal(ir_buf_text(&buf), "again");
    ir_buf_release(&buf);
}

int main(void)
{
    static struct unit_list list;
    unit_add(&list, "append", test_append);
    UNIT_ADD_ROWS(&list, test_max, max_rows);
    unit_add(&list, "the failure is sticky", test_sticky);
    unit_add(&list, "format at the maximum", test_format_at_max);
    unit_add(&list, "take", test_take);
    unit_add(&list, "out of memory keeps the content", test_no_memory);
    unit_add(&list, "a cleared secret is wiped", test_secret_is_wiped);
    return unit_run(&list, "buf");
}
