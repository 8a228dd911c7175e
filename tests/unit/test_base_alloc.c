/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory: sizes at their edges, and the gate. */
#include "tests/unit/unit.h"

#include "core/base/alloc.h"
#include "tests/unit/freed_memory.h"
#include <imgrecog/result.h>

static void test_sizes(void **state)
{
    (void)state;
    void *memory = ir_malloc(0);
    assert_non_null(memory);
    memory = ir_realloc(memory, 0);
    assert_non_null(memory);
    ir_free(memory);
    memory = ir_calloc(0, 8);
    assert_non_null(memory);
    ir_free(memory);
    memory = ir_calloc(8, 0);
    assert_non_null(memory);
    ir_free(memory);
    volatile size_t half = SIZE_MAX / 2 + 1;
    assert_null(ir_calloc(half, 2));
    unsigned char *zeros = ir_calloc(3, 5);
    for (size_t i = 0; i < 15; i++)
        assert_int_equal(zeros[i], 0);
    ir_free(zeros);
    ir_free(NULL);
}

static void test_texts(void **state)
{
    (void)state;
    char *copy = ir_strdup("");
    assert_string_equal(copy, "");
    ir_free(copy);
    copy = ir_strdup("한국어");
    assert_string_equal(copy, "한국어");
    ir_free(copy);
    const char unterminated[] = {'a', 'b', 'c'};
    copy = ir_strndup(unterminated, 3);
    assert_string_equal(copy, "abc");
    ir_free(copy);
    copy = ir_strndup("ab\0cd", 5);
    assert_string_equal(copy, "ab");
    ir_free_secret(copy);
    char secret[] = "secret";
    ir_wipe(secret, sizeof secret);
    assert_memory_equal(secret, "\0\0\0\0\0\0\0", sizeof secret);
    ir_wipe(NULL, 4);
    ir_free_secret(NULL);
}

static void test_wiped(void **state)
{
    (void)state;
    char block[128];
    freed_memory_watch("hush");
    char *piece = ir_wiped_malloc(0);
    assert_non_null(piece);
    piece = ir_wiped_realloc(piece, 5);
    memcpy(piece, "hush", 5);
    piece = ir_wiped_realloc(piece, 10000);
    assert_string_equal(piece, "hush");
    piece = ir_wiped_realloc(piece, 6);
    assert_string_equal(piece, "hush");
    ir_wiped_free(piece);
    piece = ir_wiped_realloc(NULL, 5);
    memcpy(piece, "hush", 5);
    volatile size_t largest = SIZE_MAX;
    assert_null(ir_wiped_realloc(piece, largest));
    assert_string_equal(piece, "hush");
    ir_wiped_free(piece);
    ir_wiped_free(NULL);
    assert_int_equal(freed_memory_found(block, sizeof block), 0);
}

struct gate {
    unsigned asked;
    unsigned deny_at;
};

static bool count(void *context)
{
    struct gate *gate = context;
    return ++gate->asked != gate->deny_at;
}

static void test_gate(void **state)
{
    (void)state;
    struct gate gate = {0, 3};
    ir_alloc_set_gate(count, &gate);
    void *first = ir_malloc(1);
    void *second = ir_calloc(1, 1);
    void *third = ir_realloc(first, 100);
    char *fourth = ir_strdup("x");
    char *fifth = ir_strndup("x", 1);
    ir_alloc_set_gate(NULL, NULL);
    void *sixth = ir_malloc(1);
    assert_non_null(first);
    assert_non_null(second);
    assert_null(third); /* and `first` is still there to be freed */
    assert_non_null(fourth);
    assert_non_null(fifth);
    assert_int_equal(gate.asked, 5);
    ir_free(first);
    ir_free(second);
    ir_free(fourth);
    ir_free(fifth);
    ir_free(sixth);
}

int main(void)
{
    static struct unit_list list;
    unit_add(&list, "sizes at the edges", test_sizes);
    unit_add(&list, "texts", test_texts);
    unit_add(&list, "pieces that are wiped", test_wiped);
    unit_add(&list, "the gate is asked every time", test_gate);
    return unit_run(&list, "alloc");
}
