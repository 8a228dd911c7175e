/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The softened edge of a mask: inwards only, and a cancel reaches it. */
#include "tests/unit/unit.h"

#include <string.h>

#include "plugins/gimp/region.h"

#define SIDE 48
#define FIRST 12 /* of a square, 255 inside */
#define LAST 35
#define FEATHER_PX 8

static void draw_square(unsigned char *mask)
{
    memset(mask, 0, SIDE * SIDE);
    for (int y = FIRST; y <= LAST; y++)
        memset(mask + y * SIDE + FIRST, 255, LAST - FIRST + 1);
}

static void test_inwards(void **state)
{
    unsigned char before[SIDE * SIDE], mask[SIDE * SIDE];
    struct ir_error err;

    (void)state;
    draw_square(before);
    draw_square(mask);
    ir_error_clear(&err);
    assert_int_equal(region_feather(mask, SIDE, SIDE, FEATHER_PX, NULL, &err), 0);
    for (int i = 0; i < SIDE * SIDE; i++)
        assert_true(mask[i] <= before[i]);
    assert_int_equal(mask[SIDE / 2 * SIDE + SIDE / 2], 255);
    assert_true(mask[SIDE / 2 * SIDE + FIRST + 1] < 128);
}

static void test_cancelled(void **state)
{
    unsigned char before[SIDE * SIDE], mask[SIDE * SIDE];
    struct ir_cancel *cancel = ir_cancel_new();
    struct ir_error err;

    (void)state;
    assert_non_null(cancel);
    ir_cancel_set(cancel);
    draw_square(before);
    draw_square(mask);
    ir_error_clear(&err);
    assert_int_equal(region_feather(mask, SIDE, SIDE, FEATHER_PX, cancel, &err), IR_ERR_CANCELLED);
    assert_string_equal(err.message, "Cancelled before anything was sent.");
    assert_memory_equal(mask, before, sizeof mask);
    ir_cancel_free(cancel);
}

int main(void)
{
    static struct unit_list list;

    unit_add(&list, "the edge is softened inwards", test_inwards);
    unit_add(&list, "a cancelled one leaves the mask", test_cancelled);
    return unit_run(&list, "the mask of a selection");
}
