/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The build itself: tests without assertions would prove nothing. */
#include "tests/unit/unit.h"

static void test_assertions_are_on(void **state)
{
    (void)state;
#ifdef NDEBUG
    fail_msg("NDEBUG is set: build the tests with -Db_ndebug=false");
#endif
}

int main(void)
{
    static struct unit_list list;
    unit_add(&list, "assertions are on", test_assertions_are_on);
    return unit_run(&list, "build");
}
